"""Every rule an import may report: its id, how bad it is, what it says and what mends it.

The ids are stable: data teams filter by them. `docs/import.md` lists them; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from hmis.errors import ArchiveRefused
from hmis.findings import Finding, Severity
from hmis.spec import FILES

EXAMPLES = 20
"""So many lines are named for one rule in one column; the count says how many there are."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding of this id means."""

    id: str
    severity: Severity
    says: str
    """The message. `{words}` are facts of HUD's format, never of a row."""
    effect: str
    mend: str


def _rules(severity: Severity, effect: str, *rows: tuple[str, str, str]) -> dict[str, Rule]:
    return {rule_id: Rule(rule_id, severity, says, effect, mend) for rule_id, says, mend in rows}


RULES: dict[str, Rule] = {
    **_rules(
        Severity.ERROR,
        "archive refused",
        ("archive-unreadable", "The archive is damaged or is no zip.", "Export and copy it again."),
        ("archive-encrypted", "The zip is encrypted.", "Unpack it and import the folder."),
        (
            "archive-method",
            "The zip is packed by a method other than deflate.",
            "Unpack it and import the folder.",
        ),
        (
            "archive-too-large",
            "The archive unpacks to more than the limits allow.",
            "Check what it is; raise the limit if it is a real export.",
        ),
        ("file-twice", "The file stands in the archive more than once.", "Keep one."),
        ("export-missing", "Export.csv is missing or has no row.", "Export again, with Export.csv."),
        ("header-missing", "The file has no header line.", "Export again; HUD's files begin with a header."),
        (
            "key-column-missing",
            "A column that names the rows is missing.",
            "Export again with HUD's columns.",
        ),
        ("column-twice", "The column stands in the header more than once.", "Keep one."),
        (
            "version-unknown",
            "CSVVersion is neither 2024 nor 2026, and the headers do not tell.",
            "Export as HMIS CSV FY2026.",
        ),
        ("record-too-long", "A record does not end within a megabyte.", "Check that the file is CSV."),
        (
            "key-differs",
            "The same key stands on several lines with different content.",
            "Decide in the source which of the lines is right.",
        ),
    ),
    **_rules(
        Severity.ERROR,
        "row left out",
        ("row-unreadable", "Quotes or line ends of the row are broken.", "Export again with quotes doubled."),
        ("row-fields", "The row has too few or too many fields.", "Quote fields that contain commas."),
        ("key-missing", "The row has no key.", "Give it one in the source."),
        (
            "parent-missing",
            "The {parent} of the row is neither in the archive nor known.",
            "Export the {parent} with it.",
        ),
    ),
    **_rules(
        Severity.ERROR,
        "value set aside",
        ("integer-unreadable", "Not a whole number.", "Correct it in the source."),
        ("date-unreadable", "Not a date, or one that can be read in two ways.", "Write yyyy-mm-dd."),
        ("money-unreadable", "Not an amount.", "Write digits, a dot and cents."),
        ("text-oversized", "Far longer than any text of HUD's.", "Look for a broken quote; shorten it."),
    ),
    **_rules(
        Severity.WARNING,
        "kept",
        ("integer-form", "A whole number in an unusual form.", "Write digits only."),
        ("date-form", "A date or time in an unusual form.", "Write yyyy-mm-dd, or yyyy-mm-dd hh:mm:ss."),
        ("money-form", "An amount in an unusual form.", "Write digits, a dot and cents."),
        ("money-negative", "The amount is negative.", "Correct it in the source."),
        ("text-too-long", "Longer than the {length} characters HUD allows.", "Shorten it in the source."),
        ("code-not-in-list", "The code is not in HUD's list {list}.", "Choose a code of the list."),
        ("code-not-allowed", "HUD does not allow this code here.", "Choose another code of the list."),
        ("coc-not-in-list", "The CoC code is not in HUD's list.", "Correct it unless it is a test code."),
        ("value-missing", "HUD requires a value here.", "Complete it in the source."),
        ("value-expected", "HUD requires a value here where {condition}.", "Complete it in the source."),
        (
            "value-not-expected",
            "HUD expects a value here only where {condition}.",
            "Empty it, or correct the other.",
        ),
        ("format", "Not in the form HUD requires: {form}.", "Correct it in the source."),
        ("out-of-range", "Outside what HUD allows: {range}.", "Correct it in the source."),
        ("date-after-export", "Later than the day of the export.", "Correct it in the source."),
        ("exit-before-entry", "The exit is before the entry of the stay.", "Correct one of the two."),
        ("heads-several", "The household has more than one head.", "Keep one head of household."),
        ("person-differs", "PersonalID is not that of the enrollment.", "Correct it in the source."),
        (
            "project-coc-missing",
            "The project has no ProjectCoC row of this CoC.",
            "Add it, or correct the CoC.",
        ),
        (
            "project-type-differs",
            "HUD expects this only where {condition}.",
            "Empty it, or correct the project.",
        ),
        ("character-unreadable", "Bytes that no encoding explains; replaced.", "Export as UTF-8."),
        ("nul-character", "NUL characters, taken out.", "Export as UTF-8."),
        ("key-trimmed", "Blanks around the key, taken off.", "Take them off in the source."),
        ("key-twice", "The row stands more than once; one is kept.", "Export each row once."),
        ("column-missing", "The column is not in the file; stored as empty.", "Export with HUD's columns."),
        ("column-unknown", "Columns HUD does not know, not stored.", "None needed."),
        ("file-missing", "The file is not in the archive; what is stored stays.", "Export all 24 files."),
        ("export-rows", "Export.csv has several rows; the latest by ExportDate is taken.", "Export one."),
        ("version-disagrees", "CSVVersion and the headers, or two rows, disagree.", "Export one version."),
        (
            "absence-unclear",
            "Rows that could not be read may be missing ones, so nothing is removed for being absent.",
            "Mend the rows left out.",
        ),
        (
            "facts-shared",
            "Identifying facts shared by too many records link nobody.",
            "Check for a placeholder among names, birth dates or SSNs.",
        ),
        (
            "consents-apart",
            "Two people look like one, and each agreed to something; they were not linked.",
            "Ask the client which of their consents hold.",
        ),
    ),
    **_rules(
        Severity.INFO,
        "kept",
        ("file-unknown", "Files that are no part of the HMIS CSV, not read.", "None needed."),
        ("not-utf-8", "Not UTF-8; read as Windows-1252.", "Export as UTF-8."),
        ("utf-16", "UTF-16; HUD asks for UTF-8.", "Export as UTF-8."),
        ("user-unknown", "UserIDs that User.csv lacks.", "None needed."),
        ("export-unknown", "ExportIDs that Export.csv lacks.", "None needed."),
        (
            "absent-kept",
            "Known rows that the export lacks; not removed.",
            "End or delete them in the source.",
        ),
        (
            "absence-not-applied",
            "Absence says nothing here: not one full refresh of a reporting period.",
            "None needed.",
        ),
    ),
}

_FILE_ORDER = {f"{name}.csv": position for position, name in enumerate(FILES)}
_SEVERITY_ORDER = {severity: position for position, severity in enumerate(Severity)}


def _order(finding: Finding) -> tuple[int, int, str, str]:
    place = _FILE_ORDER.get(finding.file, -1)
    return _SEVERITY_ORDER[finding.severity], place, finding.rule, finding.column or ""


@dataclass(slots=True)
class _Tally:
    message: str
    count: int
    lines: list[int]


class Findings:
    """Collects findings: one entry a rule, file and column, with the first lines and the count."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, str | None], _Tally] = {}

    def add(
        self,
        rule: str,
        file: str = "",
        column: str | None = None,
        *,
        lines: Iterable[int] = (),
        count: int = 1,
        **facts: object,
    ) -> None:
        """Note `count` breaches of `rule`; `lines` names some of them. `file` as HUD calls it: `Client`."""
        name = f"{file}.csv" if file else ""
        tally = self._tallies.setdefault(
            (rule, name, column), _Tally(RULES[rule].says.format(**facts), 0, [])
        )
        tally.count += count
        room = EXAMPLES - len(tally.lines)
        if room > 0:
            tally.lines.extend(sorted(lines)[:room])

    @property
    def all(self) -> tuple[Finding, ...]:
        """Worst first, then in HUD's order of files."""
        found = [
            Finding(
                file, min(tally.lines, default=None), column, rule, RULES[rule].severity,
                tally.message, tally.count, tuple(tally.lines),
            )
            for (rule, file, column), tally in self._tallies.items()
        ]  # fmt: skip
        return tuple(sorted(found, key=_order))

    def has(self, rule: str, file: str) -> bool:
        """Whether `rule` was broken anywhere in `file`."""
        name = f"{file}.csv"
        # A list: the reading thread and the loading one both add.
        return any(key[0] == rule and key[1] == name for key in list(self._tallies))

    def faults(self) -> tuple[Finding, ...]:
        """The findings for which an archive is refused."""
        return tuple(finding for finding in self.all if RULES[finding.rule].effect == "archive refused")

    def refuse_if_faulty(self) -> None:
        """Raise ArchiveRefused with every structural fault found so far, if there is one."""
        if self.faults():
            self.refuse()

    def refuse(self) -> NoReturn:
        faults = self.faults()
        first = faults[0]
        place = ", ".join(filter(None, (first.file, first.column)))
        more = f" There are {len(faults) - 1} more faults." if len(faults) > 1 else ""
        raise ArchiveRefused(
            f"The archive was refused and nothing was changed. {place}{': ' if place else ''}{first.message} "
            f"{RULES[first.rule].mend}{more}",
            faults,
        )
