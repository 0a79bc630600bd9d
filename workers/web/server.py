"""The server: paths, limits on what is taken from a browser, and the reader behind all pages."""

from __future__ import annotations

import asyncio
import re
import signal
from functools import partial

import structlog
import tornado.web

from slotwise.account import masked_in
from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.client.live import LiveHoldings
from slotwise.errors import InputError
from slotwise.lake.store import Lake
from slotwise.settings import Settings
from workers.screen.readers import read_lake
from workers.web.access_log import log_request, quiet_tornado
from workers.web.ending import end_within
from workers.web.feed import Changes, Feed
from workers.web.frame import Frame
from workers.web.handlers import (
    Asset,
    Health,
    Login,
    Logout,
    NotFound,
    Page,
    Session,
    Stream,
    ToPage,
    Web,
)
from workers.web.lake_reader import LakeReader
from workers.web.past import PastReader
from workers.web.questions import Batches, ContractHistory, Day, PastPortfolio, Reconcile, Workers
from workers.web.reader import FrameReader, Reader
from workers.web.reconciling import Reconciler
from workers.web.requests import read_address, read_prefix
from workers.web.sessions import Sessions
from workers.web.strict_server import Limits, strict_server
from workers.web.worker_shares import WorkersReader

log = structlog.get_logger(__name__)


def application(web: Web) -> tornado.web.Application:
    """Return what answers; every path begins with the prefix."""
    shared = {"web": web}
    routes = [
        ("/", Page), ("/login", Login), ("/logout", Logout), ("/session", Session),
        ("/stream", Stream),
        ("/past", PastPortfolio),
        ("/history", ContractHistory),
        ("/day", Day),
        ("/workers", Workers),
        ("/batches", Batches),
        ("/reconcile", Reconcile),
        (r"/assets/([a-z0-9.-]+)", Asset),
    ]  # fmt: skip
    if web.prefix:
        routes.append(("", ToPage))
    return tornado.web.Application(
        # The check of a container names no prefix.
        [("/healthz", Health, shared)]
        + [(f"{re.escape(web.prefix)}{path}", handler, shared) for path, handler in routes],
        default_handler_class=NotFound,
        default_handler_args=shared,
        log_function=log_request,
    )


async def serve(config: Settings, login: str, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; raises InputError where the port is taken."""
    quiet_tornado()
    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ending.set)
    bus = Bus(config.redis_url, config.key_prefix, COMMAND_TIMEOUT_S)
    lake = Lake(config.lake_path)
    beside = LakeReader(partial(read_lake, lake))
    frames = FrameReader(
        bus, LiveHoldings(bus, lake), beside.get, whole_accounts=config.show_accounts
    )
    mask = (lambda text: text) if config.show_accounts else masked_in
    past = PastReader(lake, whole_accounts=config.show_accounts, mask=mask)
    reconciler = Reconciler(bus, mask)
    feed = Feed(lambda wanted: reader.want(wanted=wanted))
    changes = Changes()

    def publish(frame: Frame) -> None:
        changed = changes.to(frame)
        loop.call_soon_threadsafe(partial(feed.publish, frame, changed))

    reader = Reader(frames.next, publish)
    prefix = read_prefix(config.web_prefix)
    workers = WorkersReader(read_address(config.flower_url))
    web = Web(Sessions(login), feed, past, reconciler, workers, prefix)
    server = strict_server(application(web), Limits())
    try:
        try:
            server.listen(port, host)
        except OSError as error:
            raise InputError(f"cannot listen on {host}:{port} ({error.strerror})") from error
        log.info("pages are served", host=host, port=port, prefix=prefix or "/")
        await ending.wait()
        end_within()
    finally:
        server.stop()
        reader.close()
        beside.close()
        past.close()
        reconciler.close()
        workers.close()
        bus.close()
