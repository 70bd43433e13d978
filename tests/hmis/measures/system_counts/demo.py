"""HUD's FY2026 demo export as plain rows: dates as `date`, numbers as `int`, nothing as None. Of its columns
those that a snapshot holds."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from hmis.measures.columns import columns
from hmis.spec import FILES

_FILES = (
    "Organization", "Project", "ProjectCoC", "HMISParticipation", "Client", "Enrollment", "Exit", "Services",
)  # fmt: skip


def read(export: Path) -> dict[str, list[dict[str, Any]]]:
    with zipfile.ZipFile(export) as whole:
        return {name: _rows(name, whole.read(f"{name}.csv").decode("utf-8-sig")) for name in _FILES}


def _rows(name: str, text: str) -> list[dict[str, Any]]:
    kept = columns(name)
    kinds = {column.name: column.type for column in FILES[name].columns if column.attr in kept}
    return [
        {column: _value(kind, row[column]) for column, kind in kinds.items()}
        for row in csv.DictReader(io.StringIO(text))
        if not row.get("DateDeleted")
    ]


def _value(kind: str, text: str) -> Any:
    if text == "":
        return None
    if kind in "DT":
        return date.fromisoformat(text[:10])
    return int(text) if kind == "I" else text
