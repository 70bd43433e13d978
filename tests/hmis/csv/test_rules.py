"""Every rule has an archive that breaks it, is described in the docs, and never says a value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hmis.csv.archive import Limits
from hmis.csv.rules import EXAMPLES, RULES, Findings
from hmis.errors import ArchiveRefused

Spoil = Callable[[Any], Path | None]
"""Makes a good archive break one rule; returns its path where it is more than rows."""


def _with(file: str, **values: str) -> Spoil:
    """A stay with one row of `file` that has these values."""

    def spoil(craft: Any) -> None:
        craft.stay("1")
        if file in ("Client", "Enrollment", "Export", "Project", "ProjectCoC", "Organization", "User"):
            craft.files[file][0].update(values)
        else:
            craft.add(file, **values)

    return spoil


def _bytes(file: str, change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(craft: Any) -> None:
        craft.stay("1")
        craft.bytes[file] = change(craft.text(file))

    return spoil


def _zip(change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(craft: Any) -> Path:
        path: Path = craft.zip()
        path.write_bytes(change(path.read_bytes()))
        return path

    return spoil


def _encrypted(data: bytes) -> bytes:
    """The same zip, saying of its first member that it is encrypted."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


def _packed_otherwise(craft: Any) -> Path:
    path: Path = craft.zip()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in craft.contents().items():
            archive.writestr(name, content)
    return path


def _twice_in_the_zip(craft: Any) -> Path:
    path: Path = craft.zip(**{"more/Client.csv": craft.text("Client")})
    return path


def _with_a_stray_file(craft: Any) -> Path:
    path: Path = craft.zip(**{"Jane Placeholder.xlsx": b"x"})
    return path


def _second(file: str, **values: str) -> Spoil:
    """A second row with the same key."""

    def spoil(craft: Any) -> None:
        craft.stay("1")
        craft.files[file].append(craft.files[file][0] | values)

    return spoil


def _without_file(craft: Any) -> None:
    del craft.files["Event"]


def _two_heads(craft: Any) -> None:
    craft.stay("1")
    craft.stay("2")
    craft.files["Enrollment"][1]["HouseholdID"] = "h1"


def _foreign_services(craft: Any) -> None:
    craft.stay("1")
    craft.stay("2")
    craft.add("Services", "s1", EnrollmentID="e1", PersonalID="c2")


def _absent_project(craft: Any) -> None:
    craft.add("Project", "p2")


def _many_alike(craft: Any) -> None:
    for number in range(22):
        craft.stay(str(number))
        craft.files["Client"][-1] |= {
            "FirstName": "Ada", "LastName": "Placeholder", "NameDataQuality": "1", "DOB": "1990-05-05",
            "DOBDataQuality": "1",
        }  # fmt: skip


_ADA = {
    "FirstName": "Ada", "LastName": "Lovelace", "NameDataQuality": "1", "DOB": "1990-05-05",
    "DOBDataQuality": "1",
}  # fmt: skip


def _two_people(craft: Any) -> None:
    for number, first_name in (("1", "Ada"), ("2", "Grace")):
        craft.stay(number)
        craft.files["Client"][-1] |= {**_ADA, "FirstName": first_name}


CASES: dict[str, Spoil] = {
    "archive-unreadable": _zip(lambda data: data[: len(data) // 2]),
    "archive-encrypted": _zip(_encrypted),
    "archive-method": _packed_otherwise,
    "archive-too-large": _bytes("Client", lambda data: data + b"\n" * 300_000),
    "file-twice": _twice_in_the_zip,
    "export-missing": _bytes("Export", lambda data: data.split(b"\n")[0] + b"\n"),
    "header-missing": _bytes("Event", lambda data: b"EventID\rEnrollmentID," + data),
    "key-column-missing": _bytes("Exit", lambda data: data.replace(b"EnrollmentID", b"EnrolmentID")),
    "column-twice": _bytes("Exit", lambda data: data.replace(b"ExitDate", b" exitid ")),
    "version-unknown": _with("Export", CSVVersion="2022"),
    "record-too-long": _bytes("Event", lambda data: data + b"x" * (12 << 20)),
    "key-differs": _second("Client", VeteranStatus="9"),
    "row-unreadable": _bytes("Client", lambda data: data + b'"c9"9,A\n'),
    "row-fields": _bytes("Client", lambda data: data + b"c9,A\n"),
    "key-missing": _with("Client", PersonalID="  "),
    "parent-missing": _with("Services", EnrollmentID="nobody"),
    "integer-unreadable": _with("Client", VeteranStatus="yes"),
    "date-unreadable": _with("Client", DOB="03-11-21"),
    "money-unreadable": _with("IncomeBenefits", TotalMonthlyIncome="plenty"),
    "text-oversized": _with("Client", LastName="Ñandú " * 400),
    "integer-form": _with("Client", VeteranStatus="1.0"),
    "date-form": _with("Client", DOB="1990/5/23"),
    "money-form": _with("IncomeBenefits", TotalMonthlyIncome="$1,200"),
    "money-negative": _with("IncomeBenefits", TotalMonthlyIncome="-1"),
    "text-too-long": _with("Client", FirstName="x" * 51),
    "code-not-in-list": _with("Client", VeteranStatus="7"),
    "code-not-allowed": _with("Exit", Destination="335"),
    "coc-not-in-list": _with("Enrollment", EnrollmentCoC="XX-501"),
    "value-missing": _with("Enrollment", EnrollmentCoC=""),
    "value-expected": _with("Project", ProjectType="6", ResidentialAffiliation=""),
    "value-not-expected": _with("Exit", OtherDestination="a boat"),
    "format": _with("User", UserPhone="(617) 555-0100"),
    "out-of-range": _with("Client", YearEnteredService="1919"),
    "date-after-export": _with("Exit", ExitDate="2026-02-02"),
    "exit-before-entry": _with("Exit", ExitDate="2025-10-09"),
    "heads-several": _two_heads,
    "person-differs": _foreign_services,
    "project-coc-missing": _with("Enrollment", EnrollmentCoC="MA-501"),
    "project-type-differs": _with("CurrentLivingSituation", VerifiedBy="a neighbour"),
    "character-unreadable": _bytes("Client", lambda data: data.replace(b"c1", b"c1\x81", 1)),
    "nul-character": _bytes("Client", lambda data: data.replace(b"c1", b"c1\0", 1)),
    "key-trimmed": _with("Client", PersonalID=" c1"),
    "key-twice": _second("Client"),
    "column-missing": _bytes("Client", lambda data: data.replace(b"FirstName", b"GivenName")),
    "column-unknown": _bytes("Client", lambda data: data.replace(b"FirstName", b"GivenName")),
    "file-missing": _without_file,
    "export-rows": _second("Export", ExportID="x2"),
    "version-disagrees": _with("Export", CSVVersion="2024 v1.3"),
    "absence-unclear": _bytes("Client", lambda data: data + b"c9,A\n"),
    "facts-shared": _many_alike,
    "consents-apart": _two_people,
    "file-unknown": _with_a_stray_file,
    "not-utf-8": _bytes("Client", lambda data: data.replace(b"c1", b"c\xe9", 1)),
    "utf-16": _bytes("Client", lambda data: data.decode().encode("utf-16")),
    "user-unknown": _with("Client", UserID="u9"),
    "export-unknown": _with("Client", ExportID="x9"),
    "absent-kept": _absent_project,
    "absence-not-applied": _with("Export", ExportDirective="1"),
}


def test_every_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
async def test_an_archive_that_breaks_the_rule_is_reported(
    load: Any, craft: Any, agree: Any, rule: str
) -> None:
    more: dict[str, Any] = {}
    if rule == "archive-too-large":
        more = {"limits": Limits(total_bytes=200_000)}
    path = CASES[rule](craft)
    try:
        found = (await load(path or craft, **more)).findings
        if rule == "absent-kept":
            craft.files["Project"].pop()
            found = (await load(craft)).findings
        if rule == "consents-apart":
            await agree("c1", "c2")
            craft.files["Client"][-1] |= _ADA
            found = (await load(craft)).findings
        assert RULES[rule].effect != "archive refused"
    except ArchiveRefused as refused:
        found = refused.findings
        assert RULES[rule].effect == "archive refused"
    broken = [finding for finding in found if finding.rule == rule]
    assert broken, found
    assert all(finding.severity is RULES[rule].severity for finding in broken)
    assert "{" not in broken[0].message


async def test_a_good_archive_has_no_findings(load: Any, craft: Any) -> None:
    craft.stay("1")
    for file in ("Services", "Disabilities", "IncomeBenefits", "HealthAndDV", "Exit", "Assessment", "Event"):
        craft.add(file)
    assert (await load(craft)).findings == ()


def test_the_docs_list_every_rule_with_its_severity_effect_and_mend() -> None:
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| `([a-z0-9-]+)` \| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE
    )
    written = {rule.id: (rule.severity.value, rule.effect, rule.says, rule.mend) for rule in RULES.values()}
    assert {rule: (severity, *map(str.strip, rest)) for rule, severity, *rest in listed} == written


def test_a_finding_names_the_first_lines_and_counts_them_all() -> None:
    findings = Findings()
    for start in (100, 0):
        findings.add("key-missing", "Client", "PersonalID", lines=range(start, start + 15), count=15)
    [finding] = findings.all
    assert finding.count == 30
    assert len(finding.lines) == EXAMPLES
    assert finding.line == min(finding.lines)
