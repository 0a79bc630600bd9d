"""Rows of table `contracts`, collected and landed as one entry."""

from __future__ import annotations

from slotwise.contract_details import KeptContract
from slotwise.lake.contract_rows import ContractRow, contract_row
from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import CONTRACTS
from slotwise.position_writer import Append
from slotwise.rules.landing import Rows


class ContractRows:
    """Collect what was learnt of contracts until it is sent."""

    def __init__(self, append: Append) -> None:
        self._append = append
        self._misfits = MisfitLog(CONTRACTS.name)
        self._rows: list[ContractRow] = []

    def keep(self, kept: KeptContract) -> None:
        """Take what is to be kept of a contract."""
        self._rows.append(contract_row(kept))

    def flush(self) -> None:
        """Send what was collected; a row that does not fit its table is logged and left out."""
        if self._rows:
            rows, self._rows = self._rows, []
            batch = self._misfits.batch(rows, CONTRACTS.sent, ("con_id", "symbol"))
            if batch is not None:
                self._append(Rows(CONTRACTS.name), batch)
