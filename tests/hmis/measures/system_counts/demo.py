"""HUD's FY2026 demo export as plain rows: dates as `date`, numbers as `int`, nothing as None."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from hmis.spec import FILES

_FILES = (
    "Organization", "Project", "ProjectCoC", "HMISParticipation", "Client", "Enrollment", "Exit", "Services",
)  # fmt: skip


def read(export: Path) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(export) as whole:
        return {name: _rows(name, whole.read(f"{name}.csv").decode("utf-8-sig")) for name in _FILES}


def _rows(name: str, text: str) -> list[dict[str, Any]]:
    kinds = {column.name: column.type for column in FILES[name].columns}
    return [
        {column: _value(kinds.get(column, "S"), value) for column, value in row.items()}
        for row in csv.DictReader(io.StringIO(text))
        if not row.get("DateDeleted")
    ]


def _value(kind: str, text: str) -> Any:
    if text == "":
        return None
    if kind == "D":
        return date.fromisoformat(text)
    return int(text) if kind == "I" else text
