"""One line of the log for each request that is refused or fails; none for those that succeed."""

from __future__ import annotations

import logging
from http import HTTPStatus

import structlog
import tornado.web

from slotwise.printable import escaped

log = structlog.get_logger(__name__)

#: Characters of a path in the log; a longer one says nothing more.
PATH_SHOWN = 120


def log_request(handler: tornado.web.RequestHandler) -> None:
    """Log a request that was not answered as asked."""
    status, request = int(handler.get_status()), handler.request
    if status >= HTTPStatus.BAD_REQUEST:
        log_refusal(status, request.method or "", request.path, request.remote_ip or "")


def log_refusal(status: int, method: str, path: str, peer: str) -> None:
    """Log one refusal; method and path are empty where the head has not come."""
    # The path alone: a query from outside may have anything in it.
    shown = escaped(path.partition("?")[0])[:PATH_SHOWN]
    level = log.error if status >= HTTPStatus.INTERNAL_SERVER_ERROR else log.warning
    level("request refused", status=status, method=escaped(method), path=shown, peer=peer)


def quiet_tornado() -> None:
    """Drop tornado's own lines about requests: `log_request` writes one for each.

    What it says of bytes that are no request, and of what failed, stays.
    """
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)
    logging.getLogger("tornado.general").addFilter(
        lambda record: not record.getMessage().startswith("Unsatisfiable read")
    )
