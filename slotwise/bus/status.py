"""Status of each process, for screens and people; no decision depends on it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias, TypeVar

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.bus.readable import readable
from slotwise.bus.witness_status import WitnessStatus
from slotwise.condition import Condition
from slotwise.errors import LakeTrouble as LakeTrouble
from slotwise.position import Unknown

#: A status not renewed for this long is gone, seconds: its process is.
STATUS_TTL_S = 60
#: Upper bounds of the ages that queue items are counted by, seconds: a beat, two, a lease, and
#: what is late by any measure. Older items are counted after the last.
AGE_BOUNDS_S = (5, 10, 20, 60, 300)

T = TypeVar("T", bound=msgspec.Struct)


class QuoteAges(msgspec.Struct, frozen=True, kw_only=True):
    """How old quotes may become by the plan, and how old the oldest one is, seconds."""

    contracts: int = 0
    planned_s: float | None = None
    worst_s: float | None = None
    never_quoted: int = 0


class SettleStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How long quotes of one kind of contract took, by one of the two ways.

    Seconds are of the last 200; `complete` is the share that had all that is wanted, `last` the
    field that mostly came last.
    """

    kind: str
    way: str
    quotes: int
    median_s: float
    p95_s: float
    complete: float = 1.0
    last: str = ""


class RotationStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the rotation promises and what it achieves; rates by the second."""

    contracts: int = 0
    resting: int = 0
    rate_planned: float = 0.0
    rate_achieved: float = 0.0
    quote_takes_s: float = 0.0
    #: Messages that a quote takes, on average: a short stream is cancelled too.
    quote_messages: float = 1.0
    settle: tuple[SettleStatus, ...] = ()
    #: Every contract that is to be quoted, also those that rest now.
    wanted: int = 0
    #: Of these: no quote ever came; TWS does not have them; their market is closed.
    unpriced: int = 0
    gone: int = 0
    closed: int = 0
    #: Of those whose market is open, TWS gave no price when it was asked last: of which none ever
    #: came, and of which one came before.
    unanswered: int = 0
    silent: int = 0
    #: When the last market closed, where TWS's hours give it.
    closed_since: datetime | None = None
    #: The watchlist has a bound of its own; the others share what is left.
    watched: QuoteAges = QuoteAges()
    others: QuoteAges = QuoteAges()


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one contract, in words."""

    con_id: int
    label: str
    #: streaming, waiting, refused, expired, unknown, rotated, resting or not streamed
    state: str
    strategies: list[str]
    priority: int | None
    details: list[str]


#: What is known of one active contract; the gateway's `leg_states` has the rules.
LegState: TypeAlias = Literal[
    "seen", "unseen", "waiting", "refused", "unknown", "expired", "closed", "starting"
]


class LegStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One active contract: its state, and since when it is not seen."""

    con_id: int
    label: str = ""
    #: Its active strategies, the most important first.
    strategies: tuple[str, ...] = ()
    #: How much of it is whose, by the strategies that say so.
    quantities: dict[str, Decimal] = {}
    state: LegState = "seen"
    since: datetime | None = None
    reason: str = ""


class VerdictStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on the whole system, as the monitor last published it."""

    at: datetime
    standing: str
    state: str
    sentence: str
    advice: str = ""
    unready: str = ""
    #: Why a receiver of the verdict's changes takes none; empty where all do.
    receiver_error: str = ""


class SessionChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the connection's state and when; `times` counts failures one after another."""

    at: datetime
    state: str
    reason: str = ""
    times: int = 1


class MarketDataStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps market data away from many contracts at once."""

    #: Contracts, among those whose data is wanted, that the account has no permission for.
    not_permitted: int = 0
    asked: int = 0
    #: Delayed data is taken where there is no live data.
    delayed: bool = False
    #: When another session of the user gave the data back; None where none had it.
    back_at: datetime | None = None
    #: Market data farm -> since when it is away; only while lines do not tick.
    farms_away: dict[str, datetime] = {}


class GatewayStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the gateway is connected, and which contracts hold its lines."""

    at: datetime
    session: str
    detail: str
    limit: int
    #: contract id -> (label, strategy)
    lines: dict[int, tuple[str, str]]
    waiting: list[int]
    quotes_in_flight: int
    positions: int
    polled_at: datetime | None
    #: Since when requests can be sent; None while they cannot.
    connected_at: datetime | None
    ticks: int
    handler_errors: dict[str, int]
    #: Handler -> for how long its call under way has lasted, seconds.
    handlers_busy_s: dict[str, float] = {}
    #: Updates dropped because Redis was away too long, since the gateway started.
    updates_lost: int = 0
    #: Requests that TWS refused because no line was free (101), since the gateway started.
    full_refusals: int = 0
    #: Entries in the spool that have not landed.
    spooled: int = 0
    #: How full the spool is, from 0 to 1, and why it does not use its disk.
    spool_share: float = 0.0
    spool_error: str = ""
    #: For how long the oldest entry in it has not landed, seconds.
    spool_oldest_s: float = 0.0
    #: contract id -> why TWS gives it no line
    refused: dict[int, str] = {}
    rotation: RotationStatus = RotationStatus()
    #: Lines the settings leave alone, and those they allow; TWS may grant less: `limit`.
    reserve: int = 0
    allowed: int | None = None
    #: Lines that strategies leave to quotes in turn.
    kept_for_quotes: int = 0
    #: contract id -> label, of those that wait first
    waiting_labels: dict[int, str] = {}
    #: Accounts whose positions are not known, since when and why; "" stands for all.
    unknown: dict[str, Unknown] = {}
    #: The last changes of the session, oldest first, since the gateway started.
    sessions: tuple[SessionChange, ...] = ()
    #: State of each active contract.
    legs: tuple[LegStatus, ...] = ()
    #: What keeps it from all or a part of its work, the oldest first.
    conditions: tuple[Condition, ...] = ()
    data: MarketDataStatus = MarketDataStatus()
    #: Held currencies without an exchange rate, and why none comes; empty until TWS was asked.
    currencies_without_rate: tuple[str, ...] = ()
    rates_trouble: str = ""
    #: Where the gateway looks for TWS, host and port.
    address: str = ""
    witness: WitnessStatus = WitnessStatus()


class LandingLine(msgspec.Struct, frozen=True, kw_only=True):
    """What one landing committed, and how long it took."""

    at: datetime
    rows: int
    ms: float


class QueueStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What waits, and what the lake worker did at its last landing."""

    at: datetime
    waiting: int
    leased: int
    batches: int
    oldest_s: float
    landed_rows: int
    landing_entries: int
    commit_ms: float
    #: Items that have not ended by their age: a count for each of AGE_BOUNDS_S, and of all older.
    ages: tuple[int, ...] = ()
    #: The last landings that had rows, oldest first.
    landings: tuple[LandingLine, ...] = ()


class LakeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Why the lake takes no rows, as the lake worker last met it; empty while it takes them."""

    at: datetime
    error: str = ""
    trouble: LakeTrouble = ""
    since: datetime | None = None


class BeatStatus(msgspec.Struct, frozen=True, kw_only=True):
    """When beat last looked for due tasks."""

    at: datetime


@cache
def _decoder(kind: type[T]) -> msgspec.msgpack.Decoder[T]:
    """Return the decoder of a kind of status; to make one takes longer than most decodings."""
    return msgspec.msgpack.Decoder(kind)


class StatusBoard:
    """Publish and read statuses, each under the name of its type."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def put(self, status: msgspec.Struct) -> None:
        """Publish a status."""
        with translated():
            self._bus.redis.set(
                self._bus.key("status", type(status).__name__),
                msgspec.msgpack.encode(status),
                ex=STATUS_TTL_S,
            )

    def get(self, kind: type[T]) -> T | None:
        """Read the newest status of a kind; None when its process has been silent.

        One that cannot be read is of another version, and as good as none.
        """
        key = self._bus.key("status", kind.__name__)
        with translated():
            data = self._bus.redis.get(key)
        return readable(_decoder(kind), data, key)

    def _age_s(self, key: str, left_ms: int) -> float | None:
        if left_ms > STATUS_TTL_S * 1000:
            with translated():
                self._bus.redis.expire(key, STATUS_TTL_S)
        return None if left_ms < 0 else max(0.0, STATUS_TTL_S - left_ms / 1000)

    def get_with_age(self, kind: type[T]) -> tuple[T | None, float | None]:
        """Read the newest status of a kind and how long ago it was put, both of one moment.

        The age is in seconds by the clock of Redis, None where nothing is there. A status that
        would live longer than any is of before a step of that clock: it lives as long as one that
        was put now.
        """
        key = self._bus.key("status", kind.__name__)
        with translated():
            pipe = self._bus.redis.pipeline(transaction=True)
            data, left_ms = pipe.get(key).pttl(key).execute()
        return readable(_decoder(kind), data, key), self._age_s(key, int(left_ms))

    def has(self, kind: type[msgspec.Struct]) -> bool:
        """Return whether a status of a kind is there, also one that cannot be read."""
        with translated():
            return bool(self._bus.redis.exists(self._bus.key("status", kind.__name__)))
