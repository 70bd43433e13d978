"""Writing an HMIS CSV archive (FY2026) from rows: HUD's 24 files, HUD's columns in HUD's order.

The specification in `hmis/spec` says everything; nothing here knows a column by name.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import IO, TextIO

from hmis.errors import InputRefused
from hmis.spec import FILES, Column, ColumnType, File

Row = Mapping[str, object]
Rows = Mapping[str, Iterable[Row]]

# A zip keeps the time of each file. Equal rows must give equal bytes, so it is the earliest one a zip knows.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_CENT = Decimal("0.01")


def write_archive(target: Path, rows: Rows, *, compress: bool = True) -> None:
    """Write all 24 files, as a zip when the name ends in .zip, otherwise as a folder.

    `rows` maps HUD file names to rows, and a row maps HUD column names to values; what a row leaves out is
    empty, a file without rows has its header only. The archive appears under its name when it is complete
    and on disk, or not at all. Equal rows give equal bytes; with `compress=False` also under another build
    of zlib. A zip replaces an older one of that name; a folder that holds something is refused.
    """
    _refuse_unknown(rows, FILES, "HUD's format has no file {}.csv; mend the name of the file")
    parent = target.absolute().parent
    if not parent.is_dir():
        raise InputRefused(f"no folder to write {target.name} into; create it first")
    if target.suffix.lower() == ".zip":
        _write_zip(target, rows, compress)
    else:
        _write_folder(target, rows)
    _flush_folder(parent)


def _write_zip(target: Path, rows: Rows, compress: bool) -> None:
    # mkstemp makes the file readable to its owner only, and it stays so: it is full of personal facts.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.absolute().parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            with zipfile.ZipFile(out, "w") as archive:
                for file in FILES.values():
                    with archive.open(_member(file, compress), "w", force_zip64=True) as member:
                        _write_text(member, file, rows)
            _flush(out)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _member(file: File, compress: bool) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(f"{file.name}.csv", date_time=_ZIP_TIME)
    member.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    member.create_system = 3  # otherwise the bytes would say which operating system wrote them
    member.external_attr = 0o600 << 16
    return member


def _write_folder(target: Path, rows: Rows) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InputRefused(f"{target.name} exists and is not an empty folder; choose another name")
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.absolute().parent))
    try:
        for file in FILES.values():
            with (part / f"{file.name}.csv").open("wb") as out:
                _write_text(out, file, rows)
                _flush(out)
        _flush_folder(part)
        part.replace(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _flush(out: IO[bytes]) -> None:
    out.flush()
    os.fsync(out.fileno())


def _flush_folder(folder: Path) -> None:
    """A rename is safe from a power cut only when the folder itself is on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_text(out: IO[bytes], file: File, rows: Rows) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    write_csv(text, file, rows.get(file.name, ()))
    text.flush()
    text.detach()


def write_csv(out: TextIO, file: File, rows: Iterable[Row]) -> None:
    """One file: its header and its rows, lines ended by CR LF (RFC 4180)."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in file.columns])
    writer.writerows(_lines(file, rows))


def _lines(file: File, rows: Iterable[Row]) -> Iterator[Sequence[str]]:
    columns = [(column, _FORMATS[column.type]) for column in file.columns]
    for number, row in enumerate(rows, start=1):
        if not row.keys() <= file.by_name.keys():
            _refuse_unknown(
                row, file.by_name, f"{file.name}.csv, row {number}: HUD's format has no column {{}}"
            )
        yield [_cell(row.get(column.name), column, form, file, number) for column, form in columns]


def _cell(
    value: object, column: Column, form: Callable[[object], str | None], file: File, number: int
) -> str:
    if value is None:
        return ""
    text = form(value)
    if text is None:
        # The value may be personal, so only its place and its kind are named.
        raise InputRefused(
            f"{file.name}.csv, row {number}, column {column.name}: "
            f"{_WANTED[column.type]} is wanted, not {type(value).__name__}"
        )
    return text


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else None


def _whole(value: object) -> str | None:
    return str(int(value)) if isinstance(value, int) else None


def _day(value: object) -> str | None:
    # A datetime is a date to Python. Writing it here would drop its hour without a word.
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None


def _moment(value: object) -> str | None:
    # HUD's timestamps are local time without an offset; one with an offset needs somebody to say which place.
    if not isinstance(value, datetime) or value.tzinfo is not None:
        return None
    return value.isoformat(sep=" ", timespec="seconds")


def _money(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    amount = Decimal(str(value))
    return f"{amount.quantize(_CENT, ROUND_HALF_UP):f}" if amount.is_finite() else None


_FORMATS: dict[ColumnType, Callable[[object], str | None]] = {
    "S": _text,
    "I": _whole,
    "D": _day,
    "T": _moment,
    "M": _money,
}
_WANTED: dict[ColumnType, str] = {
    "S": "text",
    "I": "a whole number",
    "D": "a date without a time",
    "T": "a date and time without an offset",
    "M": "an amount of money",
}


def _refuse_unknown(given: Mapping[str, object], known: Mapping[str, object], message: str) -> None:
    for name in given:
        if name not in known:
            raise InputRefused(message.format(name))
