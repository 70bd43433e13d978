"""What an import did, told in counts and findings. Kept with the import; never holds a value of a row."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from hmis.findings import Finding, Severity


@dataclass(slots=True)
class Counts:
    """The rows of one file. `read` is the sum of the others, but for rows removed because they are absent."""

    read: int = 0
    added: int = 0
    changed: int = 0
    deleted: int = 0
    """Removed, by DateDeleted or by absence from a full refresh."""
    restored: int = 0
    """Removed before, and live again."""
    left_out: int = 0
    unchanged: int = 0

    @property
    def touched(self) -> int:
        return self.added + self.changed + self.deleted + self.restored


@dataclass(frozen=True)
class Report:
    """The outcome of one import."""

    source: str
    import_id: int
    version: int
    """Of HUD's format: 2024 or 2026."""
    archive_sha256: str
    """Of the contents: the same for a zip and for the folder it was made of."""
    files: dict[str, Counts]
    """By HUD's file name; only files that are in the archive."""
    findings: tuple[Finding, ...]
    people: int = 0
    """Persons who began with this import."""
    links_made: int = 0
    """Records found to be those of a person the hub knew by another record."""
    totals: Counts = field(default_factory=Counts)

    @property
    def changed_anything(self) -> bool:
        """False where the archive holds nothing new: the second import of the same one."""
        return any(counts.touched for counts in self.files.values()) or bool(self.people or self.links_made)

    def count(self, severity: Severity) -> int:
        """How many times rules of this severity were broken."""
        return sum(finding.count for finding in self.findings if finding.severity is severity)

    def to_dict(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "import_id": self.import_id,
            "version": self.version,
            "archive_sha256": self.archive_sha256,
            "files": {name: asdict(counts) for name, counts in self.files.items()},
            "totals": asdict(self.totals),
            "people": self.people,
            "links_made": self.links_made,
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2)


def total(files: dict[str, Counts]) -> Counts:
    """All files together."""
    whole = Counts()
    for counts in files.values():
        for name, number in asdict(counts).items():
            setattr(whole, name, getattr(whole, name) + number)
    return whole
