"""A finding: one thing that is not right; and the verdict: the first of them, or all well."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

#: `wrong` is known to be wrong, `unknown` cannot be known, `note` gets a line and is well.
Level: TypeAlias = Literal["wrong", "unknown", "note"]
Standing: TypeAlias = Literal["well", "wrong", "unknown"]

#: Exit status of `status` and `doctor`.
EXIT_STATUS: dict[Standing, int] = {"well": 0, "wrong": 1, "unknown": 2}


class Finding(msgspec.Struct, frozen=True):
    """What was found, in the user's words, and the one thing to do about it."""

    sentence: str
    advice: str = ""


class Named(msgspec.Struct, frozen=True):
    """A finding with the name and the level of the state that it belongs to."""

    state: str
    level: Level
    sentence: str
    advice: str
    #: Whether a readiness probe fails: a restart or a hold-back may help.
    unready: bool
    #: Whether a change to or from this state is sent.
    alert: bool


class Verdict(msgspec.Struct, frozen=True):
    """The answer: the state of the whole, the first cause, and all other findings."""

    standing: Standing
    #: Name of the state of the first cause; `well` or `closed` where nothing is wrong.
    state: str
    sentence: str
    advice: str = ""
    findings: tuple[Named, ...] = ()

    @property
    def exit_status(self) -> int:
        """Return 0 when well, 1 when something is wrong, 2 when it cannot be known."""
        return EXIT_STATUS[self.standing]

    @property
    def unready(self) -> str:
        """Return why a readiness probe fails; empty where it does not."""
        return next((one.sentence for one in self.findings if one.unready), "")
