"""The Celery application; `tasks/process.py` runs its worker, beat and Flower.

Two queues. `poll` is scaled by adding workers; `lake` wants one worker with the solo pool, the
single writer of the Delta tables. Retries of batches are the queue's business (leases
and attempts, audited in the lake), so a batch is acknowledged early and expires with its lease.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.exceptions import CPendingDeprecationWarning
from celery.signals import setup_logging
from kombu.entity import Queue

from slotwise.bus.connection import HEALTH_CHECK_S
from slotwise.logs import configure_logging
from slotwise.settings import settings
from tasks.celery_setup.loader import InstalledLoader
from tasks.celery_setup.signatures import sign
from tasks.celery_setup.transport import ADDRESS, celery_url
from tasks.celery_setup.watchdog import Watchdog
from tasks.redis_outage import RedisOutageFilter
from tasks.schedule import LAKE, POLL, beat_schedule

_settings = settings()
#: What Celery shows of Redis's address. Its connections are made from the settings.
_url = celery_url(ADDRESS)

#: A message taken by a worker that died is given to another after this, seconds. Only tasks
#: that acknowledge late (reconcile) are concerned; none runs half as long.
VISIBILITY_S = 120
#: Celery sweeps for such messages rarely by default (88 s measured); these make it seconds.
RESTORE_INTERVAL_S = 5
RESTORE_THROTTLE = 1
#: A task that hangs is warned, then killed, seconds. A batch takes some 20 ms, a reconciliation
#: waits up to 40 s for a snapshot and for landings under way.
SOFT_LIMIT_S, HARD_LIMIT_S = 60, 75
#: Results of on-demand tasks are kept this long, seconds.
RESULT_EXPIRES_S = 3600

#: Kombu's class has no types.
_queue: Any = Queue
_keys = {"global_keyprefix": f"{_settings.key_prefix}celery:"}

app = Celery(
    "slotwise",
    loader=InstalledLoader,
    events="tasks.accounts:MaskingEvents",
    # Celery's only one is Django's, which puts the working folder on the module path.
    fixups=set(),
    broker=_url,
    backend=_url,
    include=[
        "tasks.alerts",
        "tasks.batches",
        "tasks.celery_setup.ending",
        "tasks.health",
        "tasks.keys_version",
        "tasks.lake_admin",
        "tasks.landing",
        "tasks.maintenance",
        "tasks.reconcile_triggers",
        "tasks.celery_setup.periodic",
        "tasks.reconciliation",
        "tasks.celery_setup.rejected_messages",
        "tasks.strategies",
    ],
)
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    timezone="UTC",
    enable_utc=True,
    task_default_queue=POLL,
    task_create_missing_queues=False,
    # As objects: Flower reads their names.
    task_queues=[_queue(name, routing_key=name) for name in (POLL, LAKE)],
    task_routes={
        "tasks.batches.dispatch": {"queue": LAKE},
        "tasks.landing.*": {"queue": LAKE},
        "tasks.lake_admin.*": {"queue": LAKE},
    },
    beat_schedule=beat_schedule(
        _settings.beat_s, _settings.reconcile_interval_s, _settings.maintenance_interval_s
    ),
    # The schedule is a constant: a file would only keep when each entry ran last.
    beat_scheduler="tasks.schedule:MemoryScheduler",
    beat_max_loop_interval=1,
    worker_consumer="tasks.celery_setup.consumer:GatheringConsumer",
    worker_prefetch_multiplier=1,
    worker_send_task_events=True,
    # The worker that takes a batch names it to Flower; by the sender too would be a quarter more.
    task_send_sent_event=False,
    task_track_started=True,
    task_soft_time_limit=SOFT_LIMIT_S,
    task_time_limit=HARD_LIMIT_S,
    result_expires=RESULT_EXPIRES_S,
    broker_transport="tasks.celery_setup.transport:Transport",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        **_keys,
        # Kombu looks after its subscriptions this often, seconds.
        "health_check_interval": HEALTH_CHECK_S,
        "visibility_timeout": VISIBILITY_S,
        "unacked_restore_interval": RESTORE_INTERVAL_S,
        "unacked_restore_throttle": RESTORE_THROTTLE,
    },
    result_backend_transport_options=_keys,
)
app.steps["consumer"].add(Watchdog)
sign(app, _settings)


def task(name: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a function a task of this name; Celery ships no types, so this gives it some."""
    decorator: Callable[[Callable[..., Any]], Any] = app.task(name=name, **options)
    return decorator


@setup_logging.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _log_like_the_rest(**_: object) -> None:
    configure_logging(json=_settings.log_json, whole_accounts=_settings.log_accounts)
    outage = RedisOutageFilter()
    for handler in logging.getLogger().handlers:
        handler.addFilter(outage)
    # Celery recommends to cancel running tasks on a lost connection: that lost both, twice.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
