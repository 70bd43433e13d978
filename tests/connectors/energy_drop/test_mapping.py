"""From a drop's bytes to rows: what is refused whole, and what is left out and reported."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.energy_drop.layout import BENEFITS, HOUSEHOLDS, RULES, Benefit, Finding, Member, errors_file
from connectors.energy_drop.mapping import Batch, Declared, DropManifest, read_batch, read_drop_manifest
from tests.connectors.partners import FOLDER, manifest_of

SUPPLIES = manifest_of("energy_drop").supplies
FUEL = SUPPLIES["UtilityAssistance"].fields["heatingFuel"]
KIND = SUPPLIES["RentalAssistance"].fields["kind"]
SAMPLES = FOLDER / "energy_drop" / "samples"
MEMBER = "household_id,first_name,last_name,dob,address,city,state,zip\n"
BENEFIT = "household_id,benefit_date,kind,amount,heating_fuel,vendor,account,restored,prevented\n"
ONE_MEMBER = MEMBER + "E-1,Ada,Sample,1984-02-29,,,,\n"
ONE_BENEFIT = BENEFIT + "E-1,2026-01-15,CRISIS,150.50,PROPANE,,,true,\n"
CANARY = "Zyxwvutsrq"


def _read(
    households: str | bytes = ONE_MEMBER, benefits: str | bytes = ONE_BENEFIT, rows: tuple[int, int] = (1, 1)
) -> Batch:
    contents = {
        name: text.encode() if isinstance(text, str) else text
        for name, text in ((HOUSEHOLDS, households), (BENEFITS, benefits))
    }
    declared = {
        name: Declared(count, hashlib.sha256(contents[name]).hexdigest())
        for name, count in zip((HOUSEHOLDS, BENEFITS), rows, strict=True)
    }
    return read_batch(DropManifest("b", date(2026, 3, 1), declared), contents, FUEL, KIND)


def test_the_samples_are_read_whole() -> None:
    batch = _read((SAMPLES / HOUSEHOLDS).read_bytes(), (SAMPLES / BENEFITS).read_bytes(), (3, 4))

    assert (len(batch.members), len(batch.benefits)) == (3, 4)
    assert batch.findings == ()
    assert batch.members[2].address == "7 Model Road, Apt 4"
    assert batch.benefits[3].heating_fuel == "OTHER"


def test_rows_come_in_our_types() -> None:
    batch = _read()

    assert batch.members == (Member("E-1", "Ada", "Sample", date(1984, 2, 29)),)
    assert batch.benefits == (
        Benefit("E-1", date(2026, 1, 15), "CRISIS", Decimal("150.50"), "PROPANE", restored=True),
    )


def test_headers_may_come_in_any_order_and_case_with_a_mark_and_other_line_ends() -> None:
    header = "\ufeffLast_Name, FIRST_NAME,household_id,dob,zip,state,city,address,more"
    text = f"{header}\r\nSample,Ada,E-1,,,,,,x\r\n"

    batch = _read(text)

    assert batch.members == (Member("E-1", "Ada", "Sample"),)
    assert not batch.findings


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("E-1,2026-02-30,CRISIS,1,,,,,", "benefit_date", "date"),
        ("E-1,20260115,CRISIS,1,,,,,", "benefit_date", "date"),
        ("E-1,,CRISIS,1,,,,,", "benefit_date", "required"),
        ("E-1,2026-01-15,LOTTERY,1,,,,,", "kind", "code"),
        ("E-1,2026-01-15,CRISIS,,,,,,", "amount", "required"),
        ("E-1,2026-01-15,CRISIS,-5,,,,,", "amount", "amount"),
        ("E-1,2026-01-15,CRISIS,1e3,,,,,", "amount", "amount"),
        ("E-1,2026-01-15,CRISIS,$5,,,,,", "amount", "amount"),
        ("E-1,2026-01-15,CRISIS,1.005,,,,,", "amount", "amount"),
        ("E-1,2026-01-15,CRISIS,1,,,,maybe,", "restored", "flag"),
        (f"E-1,2026-01-15,CRISIS,1,,{'x' * 201},,,", "vendor", "text"),
        ("E-1,2026-01-15,CRISIS,1,,a\x00b,,,", "vendor", "text"),
        ("E-9,2026-01-15,CRISIS,1,,,,,", "household_id", "household"),
        (",2026-01-15,CRISIS,1,,,,,", "household_id", "required"),
        ("E-1,2026-01-15,CRISIS,1,,,,,,", None, "cells"),
        ("E-1,2026-01-15", None, "cells"),
    ],
)
def test_a_bad_row_is_left_out_and_reported_by_row_column_and_rule(
    row: str, column: str | None, rule: str
) -> None:
    batch = _read(benefits=f"{ONE_BENEFIT}\n{row}\n{ONE_BENEFIT.splitlines()[1]}\n", rows=(1, 3))

    assert not batch.refused
    assert len(batch.benefits) == 2
    assert batch.findings == (Finding(BENEFITS, rule, 4, column),)
    assert rule in RULES


@pytest.mark.parametrize(
    ("households", "rule", "column"),
    [
        (b"household_id,first_name\nE-1,\xe9\n", "encoding", None),
        (ONE_MEMBER + 'E-2,"Ben', "csv", None),
        (ONE_MEMBER + 'E-2,"Ben"x,,,,,,\n', "csv", None),
        (MEMBER.replace("dob,", "") + "E-1,Ada,Sample,,,,\n", "column", "dob"),
        ("", "column", "household_id"),
        (ONE_MEMBER + "E-2,Ben,Muster,,,,,\n", "row_count", None),
        (MEMBER, "row_count", None),
    ],
)
def test_a_file_that_is_not_what_was_promised_refuses_the_drop(
    households: str | bytes, rule: str, column: str | None
) -> None:
    batch = _read(households)

    assert batch.refused
    assert (batch.members, batch.benefits) == ((), ())
    assert (rule, column) in {(finding.rule, finding.column) for finding in batch.findings}
    assert rule in RULES


def test_the_errors_file_says_where_and_what_and_no_value() -> None:
    batch = _read(benefits=f"{BENEFIT}{CANARY},{CANARY},{CANARY},{CANARY},,,,,\n")

    text = errors_file(batch.findings).decode()

    assert text.splitlines() == ["file,row,column,rule", "benefits.csv,2,household_id,household"]
    assert CANARY not in text


def test_the_same_rows_under_another_name_are_the_same_drop() -> None:
    files = {HOUSEHOLDS: Declared(1, "a"), BENEFITS: Declared(1, "b")}
    drop = DropManifest("march", date(2026, 3, 1), files)

    assert DropManifest("again", drop.day, files).content_sha256 == drop.content_sha256
    assert DropManifest("march", date(2026, 4, 1), files).content_sha256 != drop.content_sha256


GOOD: dict[str, Any] = {
    "batch": "2026-03",
    "date": "2026-03-01",
    "files": [
        {"name": HOUSEHOLDS, "rows": 1, "sha256": "A"},
        {"name": BENEFITS, "rows": 2, "sha256": "b"},
    ],
}


def test_a_manifest_reads() -> None:
    manifest = read_drop_manifest(json.dumps(GOOD).encode())

    assert manifest == DropManifest(
        "2026-03", date(2026, 3, 1), {HOUSEHOLDS: Declared(1, "a"), BENEFITS: Declared(2, "b")}
    )


@pytest.mark.parametrize(
    "change",
    [
        {"batch": "../../etc"},
        {"batch": ""},
        {"batch": "a" * 65},
        {"date": "1 March"},
        {"date": None},
        {"files": []},
        {"files": GOOD["files"][:1]},
        {"files": [*GOOD["files"], {"name": "extra.csv", "rows": 1, "sha256": "c"}]},
        {"files": [{"name": "../secrets", "rows": 1, "sha256": "c"}]},
        {"files": 7},
        {"files": [7]},
    ],
)
def test_what_is_no_manifest_is_none(change: dict[str, Any]) -> None:
    assert read_drop_manifest(json.dumps(GOOD | change).encode()) is None
    assert read_drop_manifest(b"[]") is None
    assert read_drop_manifest(b"{") is None
