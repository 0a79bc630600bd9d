"""Sheet: the rows of one tab, with columns whose cells are made when they are drawn. Pure.

A portfolio has thousands of rows and a screen shows twenty: cells are made of those alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from rich.text import Text

from workers.screen.portfolio_cells import Cell

#: What rows are sorted by; None, which is not known, comes last in either direction.
SortKey: TypeAlias = float | str | None
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of a column; of two that do not both fit the one with the lower rank is shown."""

    text: str
    rank: int = 0
    is_text: bool = False


class Sheet(Protocol):
    """Rows and columns of a tab, by their places; the first column is the row's name."""

    @property
    def headings(self) -> Sequence[Heading]:
        """Return the headings of the columns, from left to right."""

    @property
    def above(self) -> Sequence[Text]:
        """Return lines that stand above the headings."""

    @property
    def empty(self) -> str:
        """Return the sentence that is shown where there is no row."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def key(self, row: int) -> str:
        """Return a name of a row that stays while its numbers change."""

    def words(self, row: int) -> str:
        """Return the words that a filter looks for in a row."""

    def con_id(self, row: int) -> int | None:
        """Return the contract that a row is about."""

    def cell(self, row: int, column: int) -> Cell:
        """Return what stands in a column of a row."""

    def sort_key(self, row: int, column: int) -> SortKey:
        """Return what a row is sorted by in a column."""


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A heading, the cell of a row below it, and what rows are sorted by."""

    heading: Heading
    cell: Callable[[T], Cell]
    sort_key: Callable[[T], SortKey]


@dataclass(frozen=True, slots=True)
class SheetOf(Generic[T]):
    """A sheet of values of one kind."""

    columns: tuple[Column[T], ...]
    rows: Sequence[T]
    key_of: Callable[[T], str]
    words_of: Callable[[T], str]
    con_id_of: Callable[[T], int | None] = lambda _: None
    above: tuple[Text, ...] = ()
    empty: str = ""

    @property
    def headings(self) -> Sequence[Heading]:
        """Return the headings of the columns."""
        return tuple(column.heading for column in self.columns)

    def __len__(self) -> int:
        return len(self.rows)

    def key(self, row: int) -> str:
        """Return a name of a row that stays while its numbers change."""
        return self.key_of(self.rows[row])

    def words(self, row: int) -> str:
        """Return the words that a filter looks for."""
        return self.words_of(self.rows[row])

    def con_id(self, row: int) -> int | None:
        """Return the contract that a row is about."""
        return self.con_id_of(self.rows[row])

    def cell(self, row: int, column: int) -> Cell:
        """Return what stands in a column of a row."""
        return self.columns[column].cell(self.rows[row])

    def sort_key(self, row: int, column: int) -> SortKey:
        """Return what a row is sorted by in a column."""
        return self.columns[column].sort_key(self.rows[row])
