"""A finding: what an import noticed, where, and how bad it is. Never a value, so it may be shown and kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """ERROR: data were refused, left out or set aside. WARNING: kept, and wrong. INFO: worth knowing."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken in one column of one file, however often."""

    file: str
    """`Client.csv`; empty where the finding is about the archive itself."""
    line: int | None
    """The first line, counted as an editor counts; None where the finding is about the whole file."""
    column: str | None
    """HUD's name of the column, never a header we do not know."""
    rule: str
    severity: Severity
    message: str
    count: int = 1
    lines: tuple[int, ...] = ()
    """The first lines, at most `hmis.csv.rules.EXAMPLES` of them."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "rule": self.rule,
            "severity": self.severity.value,
            "message": self.message,
            "count": self.count,
            "lines": list(self.lines),
        }
