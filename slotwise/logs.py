"""Logs of every process: one event a line, as text for people or as JSON for machines.

Rules:
* An event is one line whatever is in its text and fields: a line's end in an event becomes a space,
  other controls and those of fields are escaped. So no text of others looks like a line of its own.
* Lines of a traceback are set in, since its last one has the error's text.
"""

from __future__ import annotations

import logging
import sys

import structlog

from slotwise.account import masked_in
from slotwise.passwords import without_passwords
from slotwise.printable import escaped, joined

#: Fields whose lines are their meaning.
_LINES = ("exception", "stack")
#: Before each line of these.
INDENT = "  "
#: A field with one of these is quoted by structlog's renderer, which escapes all controls in it.
QUOTED = frozenset(" \t=\r\n\"'")


#: What every event goes through, also those of other libraries.
_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
#: One list for all calls: a logger keeps the list with which it was used first.
_PROCESSORS = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def _on_one_line(
    logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Take out of an event what would begin a line, or move a terminal's cursor."""
    for key, value in event.items():
        if key == "event":
            event[key] = escaped(joined(str(value)))
        elif key in _LINES:
            event[key] = "\n".join(INDENT + escaped(line) for line in str(value).split("\n"))
        elif isinstance(value, str) and not QUOTED.intersection(value):
            event[key] = escaped(value)
    return event


class _Masking:
    """Render an event, and mask accounts and passwords in what came of it."""

    def __init__(self, renderer: structlog.typing.Processor, whole_accounts: bool) -> None:
        self._renderer = renderer
        self._whole_accounts = whole_accounts

    def __call__(
        self,
        logger: structlog.typing.WrappedLogger,
        name: str,
        event: structlog.typing.EventDict,
    ) -> str:
        text = without_passwords(str(self._renderer(logger, name, event)))
        return text if self._whole_accounts else masked_in(text)


def configure_logging(
    *, json: bool = False, level: int = logging.INFO, whole_accounts: bool = False
) -> None:
    """Send structlog and the standard library's logging to standard error in one form.

    Accounts are masked, wherever in a line they are, unless they may be named.
    """
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    # JSON escapes what is in its texts by itself.
    last = [] if json else [_on_one_line]
    renderer = _Masking(renderer, whole_accounts)
    structlog.configure(
        processors=_PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *last,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A line per task and per request is noise at 40 batches a second.
    for name in ("celery.worker.strategy", "celery.app.trace", "tornado.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
