"""ErrorReplies: errors and notices of TWS, and what they do to requests; `errors` has the table."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from math import inf

import structlog

from slotwise.errors import BrokerError, RequestRefusedError
from workers.gateway.broker import BrokerListener, Cause, Refusal, Upstream
from workers.gateway.ib.errors import (
    CLIENT_ID_IN_USE,
    CONTESTED_S,
    Effect,
    meaning_of,
    port_in,
    wait_s,
)
from workers.gateway.ib.requests import (
    LineRequest,
    QuoteRequest,
    Request,
    SnapshotRequest,
)

log = structlog.get_logger(__name__)

#: A timer of the loop may be early by the resolution of its clock, seconds.
TIMER_S = 0.01
#: A code that comes this long after a line was asked for belongs to its opening, seconds: there
#: the order of codes and ticks varies, and ticks prove that the line lives.
OPENING_S = 10.0
#: TWS hangs up within this after it has said why, seconds.
LAST_WORDS_S = 2.0


class ErrorReplies:
    """Take errors, and end the requests that they end."""

    def __init__(
        self,
        listener: BrokerListener,
        requests: dict[int, Request],
        cancel: Callable[[int], None],
        before_notice: Callable[[], None],
    ) -> None:
        #: Why TWS refuses the client id, where it said so.
        self.close_reason = ""
        #: Takes the port that TWS listens at from now on; None where notice 1300 named none.
        self.on_moved: Callable[[int | None], None] = lambda port: None
        #: Makes a line's request again, under a new id.
        self.ask_again: Callable[[LineRequest], None] = lambda request: None
        self._listener = listener
        self._requests = requests
        self._cancel = cancel
        #: Passes on what came before in the same packet.
        self._before_notice = before_notice
        #: The newest error that named no request and may speak of this client, and when it came.
        self._last_error, self._last_error_at = "", -inf
        #: Ids of lines and quotes that TWS had answered when it lost IB last.
        self._open_at_loss: frozenset[int] = frozenset()

    @property
    def last_words(self) -> str:
        """Return what TWS said right before now, against this client; empty for nothing."""
        recent = time.monotonic() - self._last_error_at <= LAST_WORDS_S
        return self._last_error if recent else ""

    def note_unaddressed(self, code: int, text: str) -> None:
        """Note an error without a request: where TWS hangs up next, it is why."""
        meaning = meaning_of(code)
        if meaning.cause is Cause.OTHER and meaning.effect in (Effect.ENDED, Effect.CONTESTED):
            self._last_error, self._last_error_at = f"error {code}: {text}", time.monotonic()

    def take(self, req_id: int, code: int, text: str) -> None:
        """Take an error or a notice."""
        request = self._requests.get(req_id)
        meaning = meaning_of(code, quoted=isinstance(request, QuoteRequest))
        effect = meaning.effect
        if isinstance(effect, Upstream):
            self._upstream(effect, code, text)
            return
        if code == CLIENT_ID_IN_USE:
            self.close_reason = text
        if req_id < 0 and meaning.cause is Cause.COMPETING:
            self._upstream(Upstream.COMPETING, code, text)
            return
        if request is None or effect is Effect.NOTICE:
            log.debug("tws notice", code=code, text=text, req_id=req_id)
            return
        refusal = Refusal(code, text, effect is Effect.FULL, meaning.words, meaning.cause)
        seconds = wait_s(effect, line=isinstance(request, LineRequest))
        if seconds is not None and isinstance(request, QuoteRequest):
            self._contest(req_id, request, refusal, seconds)
        elif effect is not Effect.PARTIAL:
            self._end(req_id, request, refusal, cancel=effect in (Effect.FULL, Effect.MUTE))

    def _upstream(self, upstream: Upstream, code: int, text: str) -> None:
        self._before_notice()
        reason = f"TWS notice {code}: {text}"
        if upstream is Upstream.LOST:
            self._forget_doubts()
            self._open_at_loss = frozenset(
                req_id
                for req_id, request in self._requests.items()
                if isinstance(request, QuoteRequest) and request.answered
            )
        if upstream is Upstream.BACK_EMPTY:
            self._drop_market_data(BrokerError(reason))
        if upstream is Upstream.PORT_MOVED:
            self.on_moved(port_in(text))
        self._call(self._listener.on_upstream, upstream, reason)

    def _contest(
        self, req_id: int, request: LineRequest | SnapshotRequest, refusal: Refusal, seconds: float
    ) -> None:
        """Decide by what arrives whether a code ends a request."""
        log.debug("tws notice", code=refusal.code, text=refusal.text, req_id=req_id)
        if request.has_data:
            if not (isinstance(request, LineRequest) and _may_have_ended(request, refusal)):
                return
            # The next tick proves the contrary.
            request.has_data, request.doubted, request.contested = False, True, None
        self._judge_in(seconds, req_id, request, refusal)
        if not request.answered:
            request.answered = True
            self._call(self._listener.on_line_answered, request.con_id)

    def _judge_in(
        self, seconds: float, req_id: int, request: LineRequest | SnapshotRequest, refusal: Refusal
    ) -> None:
        if request.contested is not None and request.contested.code == refusal.code:
            # Else a code that TWS repeats would put the decision off without end.
            return
        request.contested = refusal
        request.judge_at = max(request.judge_at, time.monotonic() + seconds)
        asyncio.get_running_loop().call_later(seconds, self._judge, req_id, request)

    def _judge(self, req_id: int, request: LineRequest | SnapshotRequest) -> None:
        """Refuse a contested request that nothing came of; a line that ticked is tried once."""
        is_open = self._requests.get(req_id) is request
        is_due = time.monotonic() >= request.judge_at - TIMER_S
        if not (is_open and is_due) or (refusal := request.refusal) is None:
            return
        if isinstance(request, LineRequest) and request.doubted:
            self._try_again(req_id, request, refusal)
        else:
            self._end(req_id, request, refusal, cancel=True)

    def _try_again(self, req_id: int, request: LineRequest, refusal: Refusal) -> None:
        """Ask again for a line that may have ended or have nothing to say: prices come at once."""
        log.info("line asked for again", con_id=request.con_id, reason=refusal.reason)
        del self._requests[req_id]
        self._cancel(req_id)
        request.answered = request.doubted = False
        request.contested = None
        self.ask_again(request)
        self._judge_in(CONTESTED_S, request.req_id, request, refusal)

    def _forget_doubts(self) -> None:
        """Leave the lines that TWS spoke against as they are: without IB nothing ticks."""
        for request in self._requests.values():
            if isinstance(request, LineRequest):
                request.has_data, request.doubted = request.has_data or request.doubted, False
                request.contested = None

    def _end(self, req_id: int, request: Request, refusal: Refusal, *, cancel: bool) -> None:
        """End a request with an error."""
        del self._requests[req_id]
        if cancel:
            self._cancel(req_id)
        if isinstance(request, LineRequest):
            self._call(self._listener.on_line_refused, request.con_id, refusal)
        elif not request.done.done():
            request.done.set_exception(refused(refusal, request))

    def _drop_market_data(self, error: Exception) -> None:
        """Drop every line and snapshot quote, as TWS has.

        It has forgotten for sure what was open when it lost IB. What it had not answered it may
        take up after its notice, and what was asked for since the loss it may have kept, as where
        the notice comes twice: those are cancelled, since their lines would never be given back.
        """
        lost, self._open_at_loss = self._open_at_loss, frozenset()
        for req_id, request in list(self._requests.items()):
            if isinstance(request, QuoteRequest):
                del self._requests[req_id]
                if req_id not in lost:
                    self._cancel(req_id)
                if isinstance(request, SnapshotRequest) and not request.done.done():
                    request.done.set_exception(error)

    def _call(self, method: Callable[..., None], *values: object) -> None:
        """Call the listener; ib_async would swallow what it raises."""
        try:
            method(*values)
        except Exception:
            log.exception("listener of the broker failed")


def _may_have_ended(line: LineRequest, refusal: Refusal) -> bool:
    """Return True where a code on a line that has data is no part of its opening."""
    is_contested = meaning_of(refusal.code, quoted=True).effect is Effect.CONTESTED
    return is_contested and time.monotonic() - line.asked_at > OPENING_S


def refused(refusal: Refusal, request: Request) -> RequestRefusedError:
    """Return the error that a refused request ends with."""
    con_id = request.con_id if isinstance(request, SnapshotRequest) else None
    return RequestRefusedError(refusal.code, refusal.text, con_id)
