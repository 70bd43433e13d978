"""The manifest is checked whole: every fault at once, by its key, with the nearest right word."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.manifest import ManifestRefused, read_manifest
from schema.build import schema
from schema.supplied import catalog
from tests.connectors.partners import FOLDER, manifest_of

PANTRY = (FOLDER / "pantry" / "connector.toml").read_text()


def _refused(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "connector.toml"
    path.write_text(text)
    with pytest.raises(ManifestRefused) as refused:
        read_manifest(path)
    return {problem.pointer: problem.message for problem in refused.value.problems}


def test_the_pantry_reads_as_it_is_written() -> None:
    manifest = manifest_of("pantry")

    assert (manifest.id, manifest.protocol) == ("pantry", "rest")
    food = manifest.supplies["FoodAssistance"]
    assert (food.category, set(food.fields)) == ("food", {"lastVisit", "visitCount", "programs"})
    assert food.fields["programs"].many
    assert food.freshness == timedelta(hours=24)
    assert manifest.limits.rate == 50
    assert manifest.matching is not None
    assert manifest.matching.discloses == {"first_name", "last_name", "dob"}
    assert manifest.matching.acceptance.min_score == 90


def test_the_energy_drop_needs_no_look_up() -> None:
    manifest = manifest_of("energy_drop")

    assert manifest.matching is None
    utility = manifest.supplies["UtilityAssistance"]
    assert utility.freshness == timedelta(days=35)
    assert set(utility.fields) == {"lastBenefitDate", "totalBillAssistance", "heatingFuel"}


def test_the_version_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "connector.toml"
    path.write_text(PANTRY)
    before = read_manifest(path).version
    path.write_text(PANTRY.replace("min_score = 90", "min_score = 91"))

    assert read_manifest(path).version != before


def test_all_faults_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    faults = _refused(
        tmp_path,
        PANTRY.replace("batch_max", "batchmax")
        .replace('protocol = "rest"', 'protocol = "rset"')
        .replace('grain = "household"', 'grain = "house"')
        .replace('map = "program"', 'map = "programme"')
        .replace('owner = "interop@example.org"', ""),
    )

    assert faults["limits.batchmax"] == "is not a key of limits; did you mean batch_max?"
    assert faults["protocol"] == "'rset' is not known; did you mean rest?"
    assert faults["owner"] == "is missing"
    assert faults["supplies.FoodAssistance.grain"] == "'house' is not known; did you mean household?"
    assert (
        faults["supplies.FoodAssistance.fields.programs.map"]
        == "there is no [map.programme]; did you mean program?"
    )


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("contract = 1", "contract = 2", "contract"),
        ('id = "pantry"', 'id = "Pantry!"', "id"),
        ('rate = "50/s"', 'rate = "50 per second"', "limits.rate"),
        ("timeout_s = 4.0", "timeout_s = 400", "limits.timeout_s"),
        ("timeout_s = 4.0", 'timeout_s = "4"', "limits.timeout_s"),
        ("concurrency = 4", "concurrency = 1.5", "limits.concurrency"),
        ('freshness = "24h"', 'freshness = "a day"', "supplies.FoodAssistance.freshness"),
        ('"max(visits[].date)"', '"max(visits[.date"', "supplies.FoodAssistance.fields.lastVisit.from"),
        ('type = "Date"', 'type = "date"', "supplies.FoodAssistance.fields.lastVisit.type"),
        ('type = "Date"', 'type = "Dtae"', "supplies.FoodAssistance.fields.lastVisit.type"),
        ('"{config.api_key}"', '"{config.apikey}"', "auth.value"),
        ('"{config.api_key}"', '"{config.base_url}"', "auth.value"),
        ('scheme = "header"', 'scheme = "headr"', "auth.scheme"),
        ('type = "secret" }', 'type = "secret", default = "x" }', "config.api_key.default"),
        ('"POST /clients/find"', '"POST /clients/{person.last_name}"', "op.find.request"),
        ('"POST /clients/find"', '"GET /clients/find"', "op.find.request"),
        ('score = "score"', "", "op.find.score"),
        ('op = "find"', 'op = "fnd"', "identity.match.op"),
        ('"first_name", "last_name", "dob"]', '"first_name", "last_name"]', "identity.match.discloses"),
        ('"first_name", "last_name", "dob"]', '"ssn"]', "identity.match.discloses"),
        ('"{subject_ids}"', '"{person.last_name}"', "op.fetch.body"),
        ("[op.check]", "[op.chek]", "op.chek"),
        ('base_url = { type = "url" }', "", "config.base_url"),
    ],
)
def test_a_fault_is_named_by_its_key(tmp_path: Path, old: str, new: str, pointer: str) -> None:
    assert old in PANTRY

    assert pointer in _refused(tmp_path, PANTRY.replace(old, new, 1))


RENT = """
[supplies.RentalAssistance]
category = "rent"
grain = "person"
rows = "payments"
reference = "number"
labels = { from = "reason", map = "label" }
fields.amount = { type = "Decimal", from = "amount" }
fields.kind = { type = "RentalAssistanceKind", from = "kind", map = "kind" }
[map.kind]
R = "RENT"
"*" = "OTHER"
[map.label]
DVS = "DV"
"*" = "NONE"
"""


def test_one_connector_supplies_several_nouns_each_of_its_own_category(tmp_path: Path) -> None:
    (tmp_path / "connector.toml").write_text(PANTRY + RENT)
    manifest = read_manifest(tmp_path / "connector.toml", catalog(schema))

    assert {noun: offer.category for noun, offer in manifest.offers.items()} == {
        "FoodAssistance": "food",
        "RentalAssistance": "rent",
    }


@pytest.mark.parametrize(
    ("old", "new", "pointer", "message"),
    [
        (
            "[supplies.RentalAss",
            "[supplies.RentAss",
            "supplies.RentAssistance",
            "did you mean RentalAssistance?",
        ),
        ('"rent"', '"food"', "supplies.RentalAssistance.category", "must be rent, as the schema has it"),
        ("fields.amount", "fields.amout", "supplies.RentalAssistance.fields.amout", "did you mean amount?"),
        ('"Decimal"', '"Int"', "supplies.RentalAssistance.fields.amount.type", "must be Decimal"),
        ('"Decimal"', '"[Decimal!]"', "supplies.RentalAssistance.fields.amount.type", "must be Decimal"),
        ('R = "RENT"', 'R = "RETN"', "supplies.RentalAssistance.fields.kind.map", "did you mean RENT?"),
        ('DVS = "DV"', 'DVS = "DVV"', "supplies.RentalAssistance.labels.map", "did you mean DV?"),
    ],
)
def test_what_the_schema_has_no_place_for_is_refused_when_it_is_read(
    tmp_path: Path, old: str, new: str, pointer: str, message: str
) -> None:
    assert old in RENT
    (tmp_path / "connector.toml").write_text(PANTRY + RENT.replace(old, new, 1))

    with pytest.raises(ManifestRefused) as refused:
        read_manifest(tmp_path / "connector.toml", catalog(schema))

    (problem,) = refused.value.problems
    assert problem.pointer == pointer
    assert message in problem.message


def test_what_is_not_toml_is_refused_in_one_line(tmp_path: Path) -> None:
    assert "file" in _refused(tmp_path, "contract = = 1")
