"""Strategies change by a task: what `slotwise.client.strategies` does, from Celery or Flower."""

from __future__ import annotations

from slotwise.client.strategies import activate_strategy, close_strategy
from slotwise.strategy import DEFAULT_PRIORITY
from tasks.app import task
from tasks.context import context

# Scripts of users import the two functions from here too.
__all__ = ["activate", "activate_strategy", "close", "close_strategy"]


@task("tasks.strategies.activate")
def activate(
    name: str, con_ids: list[int], priority: int = DEFAULT_PRIORITY, force: bool = False
) -> str:
    """Activate a strategy from Celery or Flower."""
    return activate_strategy(context().settings, name, con_ids, priority, force=force).name


@task("tasks.strategies.close")
def close(name: str) -> str:
    """Close a strategy from Celery or Flower."""
    return close_strategy(context().settings, name).name
