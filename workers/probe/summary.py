"""Make facts of what was observed. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.formatting import counted
from slotwise.wire.frame import Frame
from slotwise.wire.layouts import NAMES
from workers.probe.fact import Fact, spread, unknown
from workers.probe.timing import Quoted, notices

#: Codes that say that the account, or the API, lacks a permission.
NO_PERMISSION = frozenset({354, 10089, 10090, 10091, 10168, 10186, 420})
#: Another session of the user has the market data.
COMPETING = 10197
#: Messages of the greeting that are named in the report.
FIRST_MESSAGES = 12


def greeting_facts(frames: Sequence[Frame]) -> list[Fact]:
    """Return TWS's first notice."""
    version = next((f.fields[0] for f in frames if f.handshake and f.sender == "tws"), "")
    facts = [
        Fact("server_version", f"TWS speaks API version {version} with us, as text", int(version))
        if version.isdigit()
        else unknown("server_version", "TWS named no version")
    ]
    first: list[str] = []
    for frame in frames:
        if frame.sender != "tws" or frame.handshake or frame.kind is None:
            continue
        name = NAMES.get(("tws", frame.kind), f"message {frame.kind}")
        if frame.kind == 4 and len(frame.fields) > 3:
            name = f"notice {frame.fields[3]}"
        first.append(name)
        if len(first) == FIRST_MESSAGES:
            break
    facts.append(Fact("first_messages", f"first: {', '.join(first)}", tuple(first)))
    return facts


def account_fact(accounts: Sequence[str]) -> Fact:
    """Return how many accounts there are and of which form, without a number."""
    forms = Counter("".join(ch for ch in name if ch.isalpha()) or "?" for name in accounts)
    words = ", ".join(f"{count} of form {form}" for form, count in sorted(forms.items()))
    logged_in = f"logged in, {counted(len(accounts), 'account')}: {words}"
    return Fact("accounts", logged_in, len(accounts))


def position_fact(polls: Sequence[tuple[int, Mapping[str, str]]]) -> Fact:
    """Return how many holdings polls gave, with what TWS remarked on each.

    An answer without rows proves nothing: TWS gives it while it logs in, too.
    """
    counts = [count for count, _ in polls]
    remarks = sorted({words for _, remarks in polls for words in remarks.values()})
    listed = ", ".join(map(str, counts))
    if len(set(counts)) > 1:
        why = "; ".join(remarks) or "TWS may be logging in, or trades were made"
        return unknown("positions", f"polls gave {listed} positions: {why}")
    if remarks:
        came = f"{counted(counts[0], 'position')}, of other accounts " if counts[0] else ""
        text = f"{came}not available: {'; '.join(remarks)}"
        return Fact("positions", text, counts[0] or None, "seen")
    if not counts[0]:
        return Fact("positions", "0 positions: none is held, or TWS is still logging in", 0, "seen")
    text = counted(counts[0], "position")
    return Fact("positions", text, counts[0], "measured", len(polls))


def quote_facts(
    requests: Iterable[Quoted], kinds: Mapping[int, Contract], stream_s: float, snapshot_s: float
) -> list[Fact]:
    """Return settle times and permissions by kind and exchange, and how long was waited."""
    streams: dict[str, list[Quoted]] = defaultdict(list)
    once: dict[str, list[Quoted]] = defaultdict(list)
    places: dict[str, list[Quoted]] = defaultdict(list)
    for request in requests:
        contract = kinds.get(request.con_id)
        if contract is None:
            continue
        (once if request.once else streams)[contract.sec_type].append(request)
        places[f"{contract.sec_type} at {contract.exchange or '?'}"].append(request)
    facts = []
    for kind, asked in sorted(streams.items()):
        facts.append(_times(f"stream_{kind}_bid_ask", asked, "both_sides_s", stream_s))
        if any(request.model_s is not None for request in asked):
            facts.append(_times(f"stream_{kind}_model", asked, "model_s", stream_s))
    for kind, asked in sorted(once.items()):
        facts.append(_times(f"snapshot_{kind}_bid_ask", asked, "both_sides_s", snapshot_s))
        facts.append(_times(f"snapshot_{kind}_end", asked, "end_s", snapshot_s))
    facts += [_permission(place, asked) for place, asked in sorted(places.items())]
    return facts


def _times(name: str, asked: Sequence[Quoted], what: str, waited_s: float) -> Fact:
    values = [value for request in asked if (value := getattr(request, what)) is not None]
    if not values:
        return unknown(name, f"none of {len(asked)} came within {waited_s:g} s")
    found = spread(values)
    text = f"median {found['median_s']:g} s, 95 % within {found['p95_s']:g} s"
    missing = len(asked) - len(values)
    if missing:
        text += f"; {missing} of {len(asked)} did not come within {waited_s:g} s"
    return Fact(name, text, found, "measured" if len(values) > 1 else "seen", len(values))


def _permission(place: str, asked: Sequence[Quoted]) -> Fact:
    """Return which data a place gives."""
    name = f"data_{place.replace(' at ', '_')}"
    codes = Counter(code for request in asked for code in set(request.codes))
    listed = f" (notices {', '.join(map(str, sorted(codes)))})" if codes else ""
    types = {request.data_type for request in asked if request.has_data} - {""}
    # It comes also for a line that gave prices before.
    if COMPETING in codes:
        return Fact(name, f"{place}: another session has the market data{listed}", "competing")
    if types:
        value = "delayed" if any("delayed" in each for each in types) else sorted(types)[0]
        return Fact(name, f"{place}: {value} data{listed}", value, "measured", len(asked))
    if NO_PERMISSION & codes.keys():
        return Fact(name, f"{place}: no market data permission{listed}", "none", count=len(asked))
    if any(request.has_data for request in asked):
        return Fact(name, f"{place}: data, of a type that TWS did not name{listed}", "data")
    return unknown(name, f"{place}: no price came and no refusal that explains it{listed}")


def is_denied(request: Quoted) -> bool:
    """Return True where TWS refused the contract's data to the account, and no price came."""
    return not request.has_data and not NO_PERMISSION.isdisjoint(request.codes)


def notice_fact(frames: Sequence[Frame]) -> Fact:
    """Return the codes of notices that belong to no request."""
    if not any(frame.sender == "tws" for frame in frames):
        return unknown("notices", "nothing came from TWS")
    codes = Counter(str(code) for _, code in notices(frames))
    if not codes:
        return Fact("notices", "TWS sent no notice of its own", {}, "measured", 0)
    words = ", ".join(f"{code} x {count}" for code, count in sorted(codes.items()))
    counts = {code: float(n) for code, n in codes.items()}
    return Fact("notices", f"notices: {words}", counts, "measured", codes.total())


def contract_facts(details: Sequence[ContractDetails], refused: int) -> list[Fact]:
    """Return magnifiers, routing and zones of what is held."""
    if not details:
        return [unknown("magnifiers", "no details came")]
    magnifiers = {
        f"{one.contract.symbol or one.contract.con_id} {one.contract.sec_type}": float(
            one.contract.price_magnifier
        )
        for one in details
        if one.contract.price_magnifier not in (None, 1)
    }
    elsewhere = sum("SMART" not in one.valid_exchanges for one in details)
    zones = tuple(sorted({one.time_zone or "none" for one in details}))
    count = len(details)
    words = ", ".join(f"{name} {value:g}" for name, value in sorted(magnifiers.items())) or "none"
    return [
        Fact("magnifiers", f"other than 1 of {count}: {words}", magnifiers, "measured", count),
        Fact(
            "routing",
            f"{elsewhere} of {count} contracts are not listed at SMART, {refused} were refused",
            elsewhere,
            "measured",
            count,
        ),
        Fact("time_zones", f"zones of hours: {', '.join(zones)}", zones, "measured", count),
    ]
