"""Laying out a drop, as the partner does: files first, then the manifest, the trigger last of all."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

import orjson

from connectors.energy_drop.layout import (
    BENEFIT_COLUMNS,
    BENEFITS,
    HOUSEHOLDS,
    MANIFEST,
    MEMBER_COLUMNS,
    PAYMENT_COLUMNS,
    PAYMENTS,
    TOKEN_COLUMNS,
    TOKENS,
    TRIGGER,
    Benefit,
    Member,
    Token,
)


def write_drop(
    folder: Path,
    batch: str,
    day: date,
    members: Sequence[Member],
    benefits: Sequence[Benefit],
    payments: Sequence[Mapping[str, str]] | None = None,
    tokens: Sequence[Token] | None = None,
) -> None:
    """Replace what lies in `folder` by this drop. The same rows give the same bytes.

    batch: its name, in letters, digits, dots and dashes. day: what the files speak of, its freshness.
    payments: rows of Treasury's template, by its columns; None = the partner pays no rent.
    tokens: what names people in place of names; None = the partner makes none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Whoever looks in between must not take half of one drop and half of another.
    for trigger in folder.glob(f"{TRIGGER}*"):
        trigger.unlink()
    contents = {
        HOUSEHOLDS: _csv(MEMBER_COLUMNS, members),
        BENEFITS: _csv(BENEFIT_COLUMNS, benefits),
    }
    counts = {HOUSEHOLDS: len(members), BENEFITS: len(benefits)}
    if payments is not None:
        contents[PAYMENTS] = _table(
            PAYMENT_COLUMNS, ([row.get(column, "") for column in PAYMENT_COLUMNS] for row in payments)
        )
        counts[PAYMENTS] = len(payments)
    if tokens is not None:
        contents[TOKENS] = _csv(TOKEN_COLUMNS, tokens)
        counts[TOKENS] = len(tokens)
    files = [
        {"name": name, "rows": counts[name], "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    ]
    contents[MANIFEST] = orjson.dumps({"batch": batch, "date": day.isoformat(), "files": files})
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / f"{TRIGGER}{batch}").touch()


def _csv(columns: tuple[str, ...], rows: Iterable[object]) -> bytes:
    return _table(columns, ([_cell(getattr(row, column)) for column in columns] for row in rows))


def _table(columns: tuple[str, ...], rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
