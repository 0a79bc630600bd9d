"""`slotwise handle`: a handler as a process of its own, which may be changed and started again."""

from __future__ import annotations

from typing import Annotated

import structlog
import typer

from slotwise.account import know_accounts
from slotwise.bus.account_names import AccountLearner
from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard
from slotwise.client.client import connect
from slotwise.client.events import Event
from slotwise.client.subscription import Subscription
from slotwise.errors import BusError
from slotwise.handlers import HandlerHub
from slotwise.portfolio.selection import names_in
from slotwise.settings import settings
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate
from workers.gateway.user_handlers import load_handlers
from workers.stack.interrupt import Flag, until_interrupted

log = structlog.get_logger(__name__)

#: Time between two tries while Redis is away, seconds.
RETRY_S = 2.0


def handle(
    name: Annotated[str, typer.Argument(metavar="MODULE:CLASS", help="Your handler.")],
    strategy: Annotated[
        str | None, typer.Option(help="Its strategies, comma between; all active ones if none.")
    ] = None,
) -> None:
    """Run a handler in a process of its own, until Ctrl-C.

    It receives the same calls as one that the gateway runs, up to a quarter
    of a second later, and the gateway goes on when it ends. Modules of the
    working folder are found.

    Example: slotwise handle my_desk:Alarm --strategy condor-spy
    """
    [handler] = load_handlers([name])
    hub = HandlerHub()
    hub.register(handler)
    config = settings()
    bus = Bus(config.redis_url, config.key_prefix)
    try:
        with connect() as client, until_interrupted() as interrupted:
            subscription = client.subscribe(strategies=names_in(strategy))
            log.info("handler runs", handler=handler.name)
            _run(subscription, hub, interrupted, AccountLearner(StatusBoard(bus)))
    finally:
        hub.close()
        bus.close()


def _run(
    subscription: Subscription, hub: HandlerHub, interrupted: Flag, accounts: AccountLearner
) -> None:
    trouble = ""
    while not interrupted():
        # What the handler raises may name accounts; they are masked in the log.
        accounts.look()
        try:
            publish(hub, subscription.poll())
            pause_s, found = subscription.pause_s, subscription.trouble
        except BusError as error:
            pause_s, found = RETRY_S, str(error)
        if found and not trouble:
            log.warning("redis is away", reason=found)
        trouble = found
        subscription.wait(pause_s)


def publish(hub: HandlerHub, events: list[Event]) -> None:
    """Put events into a hub's mailboxes."""
    updates = [event for event in events if isinstance(event, PositionUpdate)]
    know_accounts({update.position.account for update in updates})
    hub.publish(updates)
    for event in events:
        if isinstance(event, ContractSeen | ContractUnseen):
            hub.publish_sighting(event)
        elif isinstance(event, ConnectionState):
            hub.publish_connection(event)
