"""What a probe found: one fact a line, each with how sure it is. Pure."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from slotwise.errors import InputError

#: Version of the JSON file's form.
FORMAT = 1
#: What the text of a fact that is not known begins with.
NOT_KNOWN = "not known: "
Value: TypeAlias = bool | int | float | str | tuple[str, ...] | dict[str, float]
#: `measured`: from several observations; `seen`: once; `not known`: none, `text` gives the reason.
Certainty: TypeAlias = Literal["measured", "seen", "not known"]


class Fact(msgspec.Struct, frozen=True):
    """One thing that a probe found out, or could not."""

    name: str
    #: Plain words for people.
    text: str
    value: Value | None = None
    certainty: Certainty = "seen"
    #: Number of observations behind it.
    count: int = 1


class ProbeReport(msgspec.Struct, frozen=True):
    """All facts of one probe. It holds no account number."""

    format: int
    #: UTC.
    began: str
    seconds: float
    facts: tuple[Fact, ...]
    #: Settings that are suggested, by name.
    suggestions: dict[str, str]

    def value(self, name: str) -> Value | None:
        """Return a fact's value; None where it is not known."""
        return next((fact.value for fact in self.facts if fact.name == name), None)

    @property
    def logged_in(self) -> bool:
        """Return whether TWS named its accounts: without them nothing was measured."""
        return self.value("accounts") is not None

    @property
    def trouble(self) -> str:
        """Return why the first thing that is not known is not; empty where all is known."""
        texts = (fact.text for fact in self.facts if fact.certainty == "not known")
        return next(texts, "").removeprefix(NOT_KNOWN)


def unknown(name: str, why: str) -> Fact:
    """Return a fact that could not be found out."""
    return Fact(name, f"{NOT_KNOWN}{why}", None, "not known", 0)


def spread(values: list[float]) -> dict[str, float]:
    """Return median and 95 % of durations in seconds; raises ValueError for none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return {
        "median_s": round(ordered[len(ordered) // 2], 3),
        "p95_s": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
    }


def read_report(text: bytes, name: str) -> ProbeReport:
    """Read a report from its file; raises InputError."""
    try:
        report = msgspec.json.decode(text, type=ProbeReport)
    except msgspec.DecodeError as error:
        raise InputError(f"{name} is no report of a probe ({error})") from error
    if report.format > FORMAT:
        raise InputError(f"{name} was written by a newer Slotwise: upgrade this one")
    return report
