"""Settings that follow from facts, and how a .env file changes by them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotwise.settings import Settings
from workers.probe.fact import Fact, unknown
from workers.probe.suggestions import changed, suggestions


def test_nothing_is_suggested_of_what_is_not_known() -> None:
    assert suggestions([unknown("lines_usable", "too few contracts")], Settings()) == {}


def test_a_limit_that_is_set_already_is_not_suggested() -> None:
    facts = [Fact("lines_usable", "", 60)]
    assert suggestions(facts, Settings(lines=60)) == {}
    assert suggestions(facts, Settings(lines=100)) == {"SLOTWISE_LINES": "60"}


def test_one_kind_without_permission_leaves_live_data_on() -> None:
    facts = [Fact("data_STK_SMART", "", "live"), Fact("data_OPT_SMART", "", "none")]
    assert suggestions(facts, Settings()) == {}


def test_a_setting_is_changed_where_it_stands() -> None:
    before = "# mine\nexport SLOTWISE_LINES = 100\nREDIS_URL=redis://x\n"
    after = changed(before, {"SLOTWISE_LINES": "60", "SLOTWISE_DELAYED_DATA": "true"})
    assert after == ("# mine\nSLOTWISE_LINES=60\nREDIS_URL=redis://x\nSLOTWISE_DELAYED_DATA=true\n")


names = st.from_regex(r"[A-Z]{3,8}", fullmatch=True)


@given(st.dictionaries(names, st.integers()), st.dictionaries(names, st.integers(0, 99)))
def test_settings_of_others_stay_and_each_name_stands_once(
    old: dict[str, int], new: dict[str, int]
) -> None:
    text = "".join(f"{name}={value}\n" for name, value in old.items())
    after = changed(text, {name: str(value) for name, value in new.items()})
    read = dict(line.split("=") for line in after.splitlines())
    assert read == {name: str(value) for name, value in (old | new).items()}
    assert len(after.splitlines()) == len(read)
