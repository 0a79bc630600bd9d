"""`slotwise monitor`: the verdict each second, and a message when it changes."""

from __future__ import annotations

import threading
import time

from slotwise.bus.account_names import AccountLearner
from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard
from slotwise.health.server import Health, serve
from slotwise.logs import configure_logging
from slotwise.settings import Settings, settings
from workers.monitor.monitor import LOOK_S, Monitor
from workers.monitor.notifier import Notifier, command_sender, webhook_sender
from workers.monitor.publishing import Publishing
from workers.screen.collect import watching
from workers.stack.interrupt import until_interrupted

#: An interrupt is noticed within this, seconds.
NOTICE_S = 0.2


def monitor() -> None:
    """Watch the whole system, and send every change of the verdict, until Ctrl-C.

    Changes go to SLOTWISE_WEBHOOK_URL and to SLOTWISE_NOTIFY_COMMAND, each
    that is set. `up`, Docker and systemd run it; one is enough.

    Example: SLOTWISE_NOTIFY_COMMAND="notify-send slotwise" slotwise monitor
    """
    config = settings()
    configure_logging(json=config.log_json, whole_accounts=config.log_accounts)
    notifiers = _notifiers(config)
    bus, news = Bus(config.redis_url, config.key_prefix), threading.Event()
    board = StatusBoard(bus)
    accounts = AccountLearner(board)
    # Before the first line of the log: it masks them.
    accounts.look()
    publishing = Publishing(board, accounts)
    with until_interrupted() as interrupted, watching(config, news) as look:
        watch = Monitor(
            look,
            publishing.put,
            [one.put for one in notifiers],
            receiver_error=lambda: next((one.error for one in notifiers if one.error), ""),
        )
        server = serve(
            Health(lambda: "", watch.ready, watch.metrics), config.health_host, config.health_port
        )
        try:
            while not interrupted():
                news.clear()
                watch.step()
                due = time.monotonic() + LOOK_S
                while time.monotonic() < due and not interrupted() and not news.wait(NOTICE_S):
                    pass
        finally:
            if server is not None:
                server.close()
            for one in notifiers:
                one.close()
            publishing.close()
            bus.close()


def _notifiers(config: Settings) -> list[Notifier]:
    found = []
    if config.webhook_url:
        secret = config.webhook_secret.get_secret_value()
        found.append(Notifier("webhook", webhook_sender(config.webhook_url, secret)))
    if config.notify_command:
        found.append(Notifier("command", command_sender(config.notify_command)))
    return found
