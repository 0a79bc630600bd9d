"""Holdings of a portfolio as CSV and Parquet."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from slotwise.errors import SlotwiseError
from slotwise.portfolio.data import SCHEMA, row_data, rows_table
from slotwise.portfolio.grouping import Portfolio
from workers.commands.row_files import csv_text


def write_csv(stream: TextIO, portfolio: Portfolio) -> None:
    """Write a line for each holding, below the names of the columns; unknown is empty."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(SCHEMA.names)
    for row in portfolio.total.rows:
        writer.writerow([csv_text(value) for value in row_data(row, portfolio.at).values()])


def write_parquet(file: Path, portfolio: Portfolio) -> None:
    """Write the holdings into a file; raises SlotwiseError where it cannot be written."""
    import pyarrow.parquet as pq

    try:
        pq.write_table(rows_table(portfolio.total.rows, portfolio.at), file)
    except OSError as error:
        raise SlotwiseError(f"{file} cannot be written: {error.strerror or error}") from error
