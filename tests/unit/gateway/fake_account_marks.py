"""A broker's account updates, as a test puts them in."""

from __future__ import annotations

from slotwise.errors import BrokerTimeoutError
from slotwise.rules.profit_witness import AccountProfit
from slotwise.rules.witnesses import AccountMark


class FakeAccountMarks:
    """Answer with what IB says of an account's holdings; of other accounts nothing comes."""

    def __init__(self) -> None:
        self.account_values: dict[str, tuple[AccountMark, ...]] = {}
        self.asked_marks: list[str] = []
        self.profits: dict[str, AccountProfit] = {}

    async def account_profit(self, account: str) -> AccountProfit:
        if account not in self.profits:
            raise BrokerTimeoutError("no profit of this account")
        return self.profits[account]

    async def account_marks(self, account: str) -> tuple[AccountMark, ...]:
        self.asked_marks.append(account)
        if account not in self.account_values:
            raise BrokerTimeoutError("no update of this account")
        return self.account_values[account]
