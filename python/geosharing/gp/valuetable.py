"""Lists and tables of values as one text, and `arcpy.ValueTable`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["ValueTable", "join_values", "split_row", "split_values"]

_CELL = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|(\S+)")


def split_values(text: str) -> list[str]:
    """Return the entries of `a;'b;c';d`, with their quotes taken off."""
    parts, quote, part = [], "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and not part.strip():
            quote = letter
        elif letter == ";":
            parts.append(part)
            part = ""
            continue
        part += letter
    parts.append(part)
    return [entry for entry in (_bare(part.strip()) for part in parts) if entry not in ("", "#")]


def _bare(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        inner = text[1:-1]
        # Of two quoted cells the outer quotes are not a pair.
        if text[0] not in inner.replace(text[0] * 2, ""):
            return inner.replace(text[0] * 2, text[0])
    return text


def split_row(text: str) -> list[str]:
    """Return the cells of one row of a value table, `a 'b c' #`."""
    cells = []
    for single, double, plain in _CELL.findall(text):
        cell = single.replace("''", "'") or double.replace('""', '"') or plain
        cells.append("" if cell == "#" else cell)
    return cells


def _rows(text: str) -> list[str]:
    rows, quote, row = [], "", ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and (not row or row[-1].isspace()):
            quote = letter
        elif letter == ";":
            rows.append(row)
            row = ""
            continue
        row += letter
    return [entry for entry in (part.strip() for part in [*rows, row]) if entry]


def _quoted(value: Any, special: str) -> str:
    text = "" if value is None else str(value)
    if not text:
        return "#"
    if any(letter in text for letter in special):
        return "'" + text.replace("'", "''") + "'"
    return text


def join_values(values: Iterable[Any]) -> str:
    """Return a multivalue as one text; entries with blanks or semicolons are quoted."""
    return ";".join(_quoted(value, " ;") for value in values if value not in (None, ""))


class ValueTable:
    """Rows and columns of values, as tools with tables take them.

    https://pro.arcgis.com/en/pro-app/latest/arcpy/classes/valuetable.htm
    """

    def __init__(self, columns: int = 1) -> None:
        self._columns = int(columns)
        self._cells: list[list[Any]] = []

    @classmethod
    def of(cls, rows: Any, columns: int = 1) -> ValueTable:
        """Return a table of a text, a list of rows, or a table."""
        if isinstance(rows, cls):
            return rows
        table = cls(columns)
        if isinstance(rows, str):
            table.loadFromString(rows)
        else:
            for row in rows or ():
                table.addRow(row)
        return table

    @property
    def rowCount(self) -> int:
        """How many rows there are."""
        return len(self._cells)

    @property
    def columnCount(self) -> int:
        """How many columns there are."""
        return self._columns

    @property
    def rows(self) -> list[list[Any]]:
        """The cells, row by row."""
        return [list(row) for row in self._cells]

    def addRow(self, value: Any) -> None:
        """Add a row: a text, a list of cells, or a single value."""
        self._cells.append(self._row(value))

    def _row(self, value: Any) -> list[Any]:
        if isinstance(value, str):
            cells: list[Any] = [_bare(value)] if self._columns == 1 else list(split_row(value))
        elif isinstance(value, Sequence):
            cells = list(value)
        else:
            cells = [value]
        return (cells + [""] * self._columns)[: max(self._columns, len(cells))]

    def loadFromString(self, string: str) -> None:
        """Take the rows of `a b;c d`."""
        self._cells = [self._row(row) for row in _rows(string)]

    def exportToString(self) -> str:
        """Return the rows as `a b;c d`."""
        return ";".join(" ".join(_quoted(cell, " ;") for cell in row) for row in self._cells)

    def getRow(self, row: int) -> str:
        """Return one row as text."""
        return " ".join(_quoted(cell, " ;") for cell in self._cells[row])

    def getValue(self, row: int, column: int) -> Any:
        """Return one cell."""
        return self._cells[row][column]

    def getTrueValue(self, row: int, column: int) -> Any:
        """Return one cell."""
        return self._cells[row][column]

    def removeRow(self, row: int) -> None:
        """Take a row out."""
        del self._cells[row]

    def setColumns(self, number_columns: int) -> None:
        """Change how many columns there are; rows are cut or filled with empty cells."""
        self._columns = int(number_columns)
        self._cells = [(row + [""] * self._columns)[: self._columns] for row in self._cells]

    def setRow(self, row: int, value: Any) -> None:
        """Replace a row."""
        self._cells[row] = self._row(value)

    def setValue(self, row: int, column: int, value: Any) -> None:
        """Replace a cell."""
        self._cells[row][column] = value

    def __len__(self) -> int:
        return len(self._cells)

    def __str__(self) -> str:
        return self.exportToString()

    def __repr__(self) -> str:
        return f"<ValueTable {self.rowCount} rows, {self._columns} columns>"
