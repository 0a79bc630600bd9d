"""What strategies have of a holding adds up to the holding, and each has what it claims."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from slotwise.rules.strategy_shares import Share, ShareClaim, shares_of

quantities = st.integers(-20, 20).map(Decimal)
claims_of = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.none() | quantities),
    max_size=3,
    unique_by=lambda claim: claim[0],
).map(lambda pairs: [ShareClaim(*pair) for pair in pairs])


def shares(held: int, *claims: tuple[str, int | None]) -> dict[str, int]:
    """Return the shares of a holding of one account, as plain numbers."""
    made = [ShareClaim(name, None if q is None else Decimal(q)) for name, q in claims]
    found = shares_of({"DU1": Decimal(held)}, made)
    return {share.strategy: int(share.quantity) for share in found.get("DU1", ())}


@given(
    st.dictionaries(st.sampled_from(["DU1", "DU2", "DU3"]), quantities, max_size=3),
    claims_of,
)
def test_shares_of_each_account_add_up_to_what_it_holds(
    held: dict[str, Decimal], claims: list[ShareClaim]
) -> None:
    found = shares_of(held, claims)
    for account, of in found.items():
        assert sum(share.quantity for share in of) == held[account]
        assert len({share.strategy for share in of}) == len(of)
    if any(claim.quantity is not None for claim in claims):
        assert found.keys() == {account for account, quantity in held.items() if quantity}
    else:
        assert found == {}


@given(st.dictionaries(st.sampled_from(["DU1", "DU2"]), quantities, max_size=2), claims_of)
def test_no_strategy_gets_more_than_it_claims(
    held: dict[str, Decimal], claims: list[ShareClaim]
) -> None:
    found = shares_of(held, claims)
    for strategy, claimed in claims:
        if claimed is None:
            continue
        got = sum(
            (one.quantity for of in found.values() for one in of if one.strategy == strategy),
            Decimal(0),
        )
        assert abs(got) <= abs(claimed)
        assert got == 0 or (got > 0) == (claimed > 0)


def test_strategies_of_one_side_get_theirs_in_order_as_far_as_it_is_held() -> None:
    assert shares(-5, ("a", -2), ("b", -2)) == {"a": -2, "b": -2, "": -1}
    assert shares(-3, ("a", -2), ("b", -2)) == {"a": -2, "b": -1}
    assert shares(4, ("a", -2)) == {"": 4}, "the other side is held"


def test_strategies_of_both_sides_get_what_they_claim_of_the_net() -> None:
    assert shares(1, ("a", 3), ("b", -2)) == {"a": 3, "b": -2}
    assert shares(5, ("a", 3), ("b", -2)) == {"a": 3, "b": -2, "": 4}
    assert shares(-1, ("a", 3), ("b", -2)) == {"a": 3, "b": -2, "": -2}


def test_what_is_left_goes_to_who_names_no_quantity_else_to_none() -> None:
    assert shares(5, ("a", 2), ("b", None), ("c", None)) == {"a": 2, "b": 3}
    assert shares(5, ("b", None)) == {}, "nothing to share"


def test_accounts_fill_a_claim_one_after_another() -> None:
    held = {"DU2": Decimal(3), "DU1": Decimal(2)}
    found = shares_of(held, [ShareClaim("a", Decimal(4))])
    assert found == {
        "DU1": (Share("a", Decimal(2)),),
        "DU2": (Share("a", Decimal(2)), Share("", Decimal(1))),
    }
