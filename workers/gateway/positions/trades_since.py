"""TradesSince: whether the day's executions say that a holding is gone.

Rules:
* Each time executions are listed, what was held then is kept together with them: the base. Later a
  holding is gone when those that are new since, the oldest first, lead from the base through each
  quantity that was seen, in its order, to zero. So no clock decides what came before what, and a
  change that no execution explains (a transfer) explains nothing else.
* Of a holding that was not seen since the gateway started executions count by their time, which
  TWS gives, against that of the last observation, which is ours; the two clocks may differ. Where
  one lies within that difference nothing is known.
* A correction replaces the execution it corrects: they share the stem of their id.
* What is kept is bounded: after `MANY` quantities the executions are listed again, which gives a
  new base. After `MOST` without that the holding has no base, so executions do not close it.

Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal

from slotwise.contract import PositionKey
from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution

#: The clock of TWS, which dates executions, and ours may differ by this much.
CLOCKS_DIFFER = timedelta(seconds=60)
#: Quantities of one holding since its base: from this many on a new base is wanted, and at most so
#: many are kept. A day trader's holding takes thousands a day.
MANY, MOST = 8, 32
_NOTHING = Decimal(0)


class TradesSince:
    """Compare executions with those listed when a holding was seen last."""

    def __init__(self) -> None:
        #: Quantities seen since executions were listed, from that of the base on, and those listed.
        self._base: dict[PositionKey, tuple[list[Decimal], Mapping[str, Decimal]]] = {}
        #: Whether a holding has changed so often that executions are to be listed again.
        self.is_list_wanted = False

    def saw(self, position: Position) -> None:
        """Take a quantity that was seen."""
        base = self._base.get(position.key)
        if base is None or base[0][-1] == position.quantity:
            return
        base[0].append(position.quantity)
        self.is_list_wanted = self.is_list_wanted or len(base[0]) >= MANY
        if len(base[0]) > MOST:
            del self._base[position.key]

    def gone(
        self,
        missing: Iterable[Position],
        executions: Iterable[Execution],
        seen: Collection[PositionKey],
    ) -> dict[PositionKey, str]:
        """Return which of the missing holdings executions have closed, and by which of them.

        `seen` has those that were seen since the gateway started.
        """
        listed = _by_holding(executions)
        found = {}
        for position in missing:
            new = listed.get(position.key, [])
            if position.key in self._base:
                closing = self._since_base(position, new)
            else:
                closing = [] if position.key in seen else _by_time(position, new)
            if closing:
                found[position.key] = "closed by " + ", ".join(
                    f"execution {one.exec_id}" for one in closing
                )
        return found

    def keep(self, seen: Iterable[Position], executions: Iterable[Execution]) -> None:
        """Keep what is held now as the base, with the executions listed now."""
        self.is_list_wanted = False
        listed = _by_holding(executions)
        for position in seen:
            traded = {_stem(one): one.quantity for one in listed.get(position.key, [])}
            self._base[position.key] = ([position.quantity], traded)

    def forget(self, keys: Iterable[PositionKey]) -> None:
        """Drop holdings that are gone."""
        for key in keys:
            self._base.pop(key, None)

    def _since_base(self, position: Position, executions: list[Execution]) -> list[Execution]:
        seen, known = self._base[position.key]
        new = sorted(
            (one for one in executions if known.get(_stem(one)) != one.quantity),
            key=lambda one: one.at,
        )
        quantity, left = seen[0], list(seen[1:])
        closing: list[Execution] = list(new)
        for place, one in enumerate(new, 1):
            quantity += one.quantity - known.get(_stem(one), _NOTHING)
            if left and quantity == left[0]:
                del left[0]
                closing = list(new[place:])
        return closing if quantity == 0 and not left and seen[-1] == position.quantity else []


def _by_time(position: Position, executions: list[Execution]) -> list[Execution]:
    new = [one for one in executions if one.at > position.observed_at - CLOCKS_DIFFER]
    clear = all(one.at > position.observed_at + CLOCKS_DIFFER for one in new)
    total = position.quantity + sum((one.quantity for one in new), _NOTHING)
    return new if clear and total == 0 else []


def _by_holding(executions: Iterable[Execution]) -> dict[PositionKey, list[Execution]]:
    sorted_: dict[PositionKey, list[Execution]] = defaultdict(list)
    for one in executions:
        sorted_[one.account, one.con_id].append(one)
    return sorted_


def _stem(execution: Execution) -> str:
    return execution.exec_id.rpartition(".")[0] or execution.exec_id
