"""What marks need to know of holdings, from contracts and details."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.position import Position
from slotwise.rules.marks.instrument import STOCK_VOLATILITY, Instrument
from slotwise.rules.trading_hours import TradingHours
from tests.support.values import NOON, at, contract, details, option, position
from workers.gateway.marks.instruments import ENDS_AGAIN, Instruments

FAR_END = datetime.fromisoformat("2026-12-18T22:00:00+00:00").timestamp()


class Known:
    """Details by contract, and hours of all."""

    def __init__(self) -> None:
        self.details: dict[int, ContractDetails] = {}
        self.hours: TradingHours | None = None
        self.looked_up = 0
        self.instruments = Instruments(self.details.get, self._hours)

    def _hours(self, contract: Contract, now: datetime) -> TradingHours | None:
        self.looked_up += 1
        return self.hours

    def of(self, *held: Contract, ahead_s: float = 0.0, now: datetime = NOON) -> list[Instrument]:
        return self.instruments.of([holding(one) for one in held], now, ahead_s)


def holding(one: Contract) -> Position:
    return position(one.con_id, contract=one)


def test_an_option_follows_the_underlying_that_its_details_name() -> None:
    known = Known()
    known.details[1] = details(option(1), under_con_id=756733, min_tick=Decimal("0.01"))
    [made] = known.of(option(1))
    assert made == Instrument(
        con_id=1, underlying=756733, strike=560.0, call=False, expires_at_s=FAR_END, tick=0.01
    )
    assert known.instruments.underlyings() == {756733}


def test_a_step_of_price_that_no_details_give_is_unknown() -> None:
    known = Known()
    known.details[2] = details(option(2), min_tick=Decimal(0))
    assert [made.tick for made in known.of(option(1), option(2), contract(3))] == [None] * 3


def test_options_without_details_follow_one_of_their_symbol_without_a_name() -> None:
    """Options on futures follow the future of their expiry; warrants follow nothing."""
    known = Known()
    made = known.of(
        option(1),
        option(2, strike=Decimal(570)),
        option(3, symbol="QQQ"),
        option(4, sec_type="FOP", symbol="ES"),
        option(5, sec_type="FOP", symbol="ES", expiry="20270319"),
        option(6, sec_type="WAR"),
    )
    under = [one.underlying for one in made]
    assert under[0] == under[1]
    assert len(set(under[:5])) == 4
    assert under[5] is None
    assert known.instruments.underlyings() == set()


def test_a_share_moves_more_than_a_future_until_its_quotes_say_otherwise() -> None:
    stock, future = Known().of(contract(1), contract(2, sec_type="FUT", expiry="20261218"))
    assert stock.volatility == STOCK_VOLATILITY > future.volatility
    assert (future.is_option, future.expires_at_s) == (False, None)


def test_an_option_ends_with_its_own_last_session_once_hours_name_it() -> None:
    known = Known()
    soon = option(1, expiry="20260603")
    end = datetime.fromisoformat("2026-06-03T20:00:00+00:00")
    assert known.of(soon)[0].expires_at_s == (end + timedelta(hours=1)).timestamp()
    known.hours = TradingHours(((end - timedelta(hours=6), end),), end)
    assert known.of(soon, now=NOON + ENDS_AGAIN)[0].expires_at_s == end.timestamp()


def test_what_has_not_changed_is_not_made_again() -> None:
    """Details of a few contracts come each second while thousands are held."""
    known = Known()
    held = [option(con_id, expiry="20260603") for con_id in range(1, 6)]
    before = known.of(*held)
    asked = known.looked_up
    after = known.of(*held)
    assert all(one is other for one, other in zip(before, after, strict=True))
    assert known.looked_up == asked
    known.details[2] = details(option(2, expiry="20260603"), under_con_id=756733)
    changed = known.of(*held)
    assert [one is other for one, other in zip(before, changed, strict=True)].count(False) == 1
    assert changed[1].underlying == 756733
    count = known.looked_up
    known.of(option(1), now=at(60))
    assert known.looked_up == count, "hours do not reach so far"


def test_ends_move_with_the_machines_clock_and_not_with_its_drift() -> None:
    known = Known()
    [before] = known.of(option(1))
    assert known.of(option(1), ahead_s=0.5)[0] is before
    assert known.of(option(1), ahead_s=3600.0)[0].expires_at_s == FAR_END - 3600


def test_what_has_not_changed_is_the_same_value() -> None:
    known = Known()
    held = [contract(1), option(2)]
    first, again = known.of(*held), known.of(contract(1), option(2))
    assert all(one is other for one, other in zip(first, again, strict=True))
    known.details[2] = details(option(2), under_con_id=5)
    assert known.of(*held)[1].underlying == 5


def test_what_is_held_twice_is_one_instrument_and_what_is_closed_is_none() -> None:
    held = [holding(contract(1)), position(1, account="DU2"), position(3, 0)]
    assert [one.con_id for one in Known().instruments.of(held, NOON, 0.0)] == [1]
