"""Files of an answer: CSV and Excel, each with what a reader has to know to use the figures."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from gateway.measuring.question import Answer, Cell
from hmis.errors import InputRefused

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


def _about(answer: Answer) -> list[tuple[str, str]]:
    """What stands beside the figures."""
    return [
        ("Title", answer.title),
        ("Definition", answer.definition),
        ("From", answer.start.isoformat()),
        ("To", answer.end.isoformat()),
        ("CoC", answer.coc or "all"),
        ("Snapshot", answer.snapshot_at.isoformat(timespec="seconds")),
        ("Sources", ", ".join(answer.sources)),
    ]


def as_csv(answer: Answer) -> bytes:
    """RFC 4180 in UTF-8: the figures first, a row each below their names, so that programs read them; after
    an empty row what they are."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(answer.columns)
    writer.writerows([_safe(cell) for cell in row] for row in answer.rows)
    writer.writerow(())
    writer.writerows((name, _safe(value)) for name, value in _about(answer))
    return out.getvalue().encode()


def _safe(cell: Cell) -> Cell:
    """A text that no spreadsheet takes for a formula: sources, projects and records are named by others."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def as_xlsx(answer: Answer) -> bytes:
    """Two sheets: the figures, and what they are. Every text is a text, never a formula or a link."""
    import xlsxwriter

    out = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, plain) as book:
        bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        whole = book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet("Figures")
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(answer.columns):
            sheet.write_string(0, column, name, bold)
        for line, row in enumerate(answer.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(line, column, cell)
                elif cell is not None:
                    sheet.write_number(line, column, cell, whole if isinstance(cell, int) else None)
        sheet.autofit()
        about = book.add_worksheet("About")
        about.set_column(0, 0, 12)
        about.set_column(1, 1, 90)
        for line, (name, value) in enumerate(_about(answer)):
            about.write_string(line, 0, name, bold)
            about.write_string(line, 1, value, wrapped)
    return out.getvalue()
