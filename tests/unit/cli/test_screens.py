"""The screen as people see it, at two widths; the files in `screens/` are what is expected."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console, Group
from rich.text import Text

from tests.support.expected import assert_expected
from tests.support.verdict_screens import healthy
from tests.unit.cli.scenes import SCENES, normal_day
from workers.screen.contracts import Line, held_lines
from workers.screen.draw import draw, rows_of
from workers.screen.facts import Screen
from workers.screen.verdict import READING_OLD_S, checks_of, verdict_of

FOLDER = Path(__file__).parent / "screens"


def printed(screen: Screen, width: int) -> list[str]:
    """Print a screen as a terminal of this width gets it, without colours."""
    file = io.StringIO()
    console = Console(file=file, width=width, color_system=None, legacy_windows=False)
    console.print(Group(*rows_of(screen, width)))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", SCENES)
def test_a_scene_looks_as_expected(name: str, width: int) -> None:
    rows = printed(SCENES[name](), width)
    assert max(map(cell_len, rows)) <= width
    assert_expected(FOLDER / f"{name}-{width}.txt", "\n".join(rows) + "\n")


@pytest.mark.parametrize("name", SCENES)
def test_what_status_prints_lacks_the_verdict_alone(name: str) -> None:
    """It prints the whole sentence above, which the head of a screen may cut."""
    screen = SCENES[name]()
    shown = [row.plain for row in draw(screen, 120).renderables if isinstance(row, Text)]
    assert verdict_of(screen).sentence not in "\n".join(shown)
    cause = [row for row in shown if row.startswith(("wrong", "note", "            "))]
    rest = [row for row in shown[1:] if row not in cause]
    assert set(rest) <= {row.plain for row in rows_of(screen, 120)}


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("normal_day", "well"),
        ("full_lines", "wrong"),
        ("nothing_connected", "wrong"),
        ("redis_away", "unknown"),
        ("empty_system", "unknown"),
    ],
)
def test_a_scene_stands_as_it_should(name: str, standing: str) -> None:
    assert verdict_of(SCENES[name]()).standing == standing


def lines_of(screen: Screen) -> dict[str, Line]:
    """Return the lines of a screen by their labels."""
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    return {one.label: one for one in held_lines(screen.bus.gateway, screen.bus.quotes, screen.now)}


@pytest.mark.parametrize(("errors", "is_shown"), [({"alarm": 0}, False), ({"alarm": 2}, True)])
def test_errors_of_handlers_are_shown_where_there_are_any(
    errors: dict[str, int], is_shown: bool
) -> None:
    """Every handler is in the status, also one that has met none."""
    screen = normal_day()
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    status = msgspec.structs.replace(screen.bus.gateway, handler_errors=errors)
    bus = msgspec.structs.replace(screen.bus, gateway=status)
    drawn = "\n".join(printed(msgspec.structs.replace(screen, bus=bus), 120))
    assert ("errors of handlers: alarm 2" in drawn) == is_shown


def test_before_anything_was_read_nothing_is_shown_of_it() -> None:
    screen = Screen(now=normal_day().now)
    assert "looking ..." in printed(screen, 80)[0]
    assert verdict_of(screen).standing == "unknown"


def test_words_from_outside_cannot_move_the_cursor() -> None:
    screen = normal_day()
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    lines = {1: ("evil\x1b[2J\nlabel", "two\r\nlines\t")}
    gateway = msgspec.structs.replace(screen.bus.gateway, lines=lines, detail="\x1b]0;x\x07")
    bus = msgspec.structs.replace(screen.bus, gateway=gateway)
    shown = printed(msgspec.structs.replace(screen, bus=bus), 120)
    assert any("evil [2J label" in row for row in shown)
    assert not any(char in "".join(shown) for char in "\x1b\r\t\x07")


def _without_tws(screen: Screen) -> Screen:
    """Take the connection away: no line is held, and each leg is not seen."""
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    status = msgspec.structs.replace(
        screen.bus.gateway,
        session="waiting to reconnect",
        connected_at=None,
        lines={},
        legs=tuple(msgspec.structs.replace(leg, state="unseen") for leg in screen.bus.gateway.legs),
    )
    bus = msgspec.structs.replace(screen.bus, gateway=status)
    return msgspec.structs.replace(screen, bus=bus)


def _without_redis(screen: Screen) -> Screen:
    assert screen.bus is not None
    return msgspec.structs.replace(screen, bus=screen.bus.lost("refused", screen.now))


@pytest.mark.parametrize("lose", [_without_tws, _without_redis])
@pytest.mark.parametrize("name", ["normal_day", "full_lines"])
@pytest.mark.parametrize("later_s", [0, 45, 4000])
def test_an_outage_keeps_contracts_and_prices_on_screen_with_their_age(
    name: str, lose: Callable[[Screen], Screen], later_s: int
) -> None:
    """No active contract, strategy or price goes; each age grows."""
    before = SCENES[name]()
    after = lose(before)
    after = msgspec.structs.replace(after, now=after.now + timedelta(seconds=later_s))
    assert before.bus is not None
    assert before.bus.gateway is not None
    shown = "\n".join(printed(after, 400))
    for leg in before.bus.gateway.legs:
        assert leg.label in shown
    then, now = lines_of(before), lines_of(after)
    assert then.keys() == now.keys()
    for label, line in now.items():
        old = then[label]
        assert line.quote == old.quote
        if old.age_s is not None:
            assert line.age_s == old.age_s + later_s


def test_a_screen_without_tws_has_no_idle_lines_but_contracts_that_wait() -> None:
    rows = printed(_without_tws(normal_day()), 120)
    [row] = [row for row in rows if row.startswith("lines")]
    assert "none without a connection: 20 active contracts wait for it" in row
    assert not any(" idle" in row for row in rows)


NOT_ASKED = "the workers have not been asked yet", "the lake has not been asked yet"


@pytest.mark.parametrize("seconds", [0, 60, 61])
def test_what_was_not_asked_yet_is_neither_well_nor_wrong_until_it_is_overdue(seconds: int) -> None:
    """As behind the start of `slotwise top`: workers take seconds to answer."""
    screen = healthy()
    began = screen.now - timedelta(seconds=seconds)
    screen = msgspec.structs.replace(screen, began=began, workers=None, lake=None)
    verdict, rows = verdict_of(screen), [one.name for one in checks_of(screen)]
    assert verdict.standing == "unknown"
    if seconds <= READING_OLD_S:
        assert tuple(one.sentence for one in verdict.findings) == NOT_ASKED
        assert verdict.advice == "wait a few seconds"
        assert rows == []
    else:
        assert verdict.sentence == "the workers could not be asked"
        assert rows == ["workers unknown", "book unknown"]
