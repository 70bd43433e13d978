"""Files of figures, an operator's or published ones: CSV and Excel, each with what a reader has to know to
use them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hmis.errors import InputRefused

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Figures below the names of their columns, and what stands beside them."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    about: Sequence[tuple[str, str]]
    """Title, definition, period, snapshot and whatever else a reader has to know."""


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(path: Path, content: bytes) -> None:
    """Write a file whole.

    Raises:
        InputRefused: it cannot be written there.
    """
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise InputRefused(f"{path} cannot be written ({fault.strerror}).") from fault


def as_csv(sheet: Sheet) -> bytes:
    """RFC 4180 in UTF-8: the figures first, a row each below their names, so that programs read them; after
    an empty row what they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.columns)
    writer.writerows([_safe(cell) for cell in row] for row in sheet.rows)
    writer.writerow(())
    writer.writerows((name, _safe(value)) for name, value in sheet.about)
    return out.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula: sources, projects and records are named by others."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_xlsx(sheet: Sheet) -> bytes:
    """Two sheets: the figures, and what they are. Every text is a text, never a formula or a link."""
    import xlsxwriter

    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, plain) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        whole = book.add_format({"num_format": "#,##0"})
        figures = book.add_worksheet("Figures")
        figures.freeze_panes(1, 0)
        for column, name in enumerate(sheet.columns):
            figures.write_string(0, column, name, bold)
        for line, row in enumerate(sheet.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    figures.write_string(line, column, cell)
                elif cell is not None:
                    figures.write_number(line, column, cell, whole if isinstance(cell, int) else None)
        figures.autofit()
        about = book.add_worksheet("About")
        about.set_column(0, 0, 12)
        about.set_column(1, 1, 90)
        for line, (name, value) in enumerate(sheet.about):
            about.write_string(line, 0, name, bold)
            about.write_string(line, 1, value, wrapped)
    return out.getvalue()
