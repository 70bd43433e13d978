"""What `record` writes speaks of nobody, and still reads like the partner's answer."""

from __future__ import annotations

import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Person
from connectors.discovery import Installed, at
from connectors.kit.bench import Bench, specimen
from connectors.kit.pseudonyms import Pseudonyms
from connectors.kit.record import pseudonym_key, record
from connectors.kit.running import run
from connectors.kit.scaffold import new
from connectors.wire import Wire, answer
from hmis.errors import InputRefused, SourceFailed
from schema.build import schema
from schema.supplied import catalog

NOUNS = catalog(schema)
KEY = b"a key of the tests"
CANARY = Person("Zyxwvutsrq", "Qrstuvwxyz", date(1971, 3, 17))
REAL: dict[str, Any] = {
    "records": [
        {
            "id": "Zyxwvutsrq-1971",
            "lastVisit": "2026-02-13",
            "visitCount": 3,
            "programs": ["CSFP", "QRSTUVWXYZ"],
            "updatedAt": "2026-02-13T16:20:00Z",
            "firstName": "Zyxwvutsrq",
            "born": "03/17/1971",
            "ssn": 123456789,
            "phone": "312-867-5309",
            "mail": "zyxwvutsrq@partner.org",
            "home": {"lat": 41.878113, "Qrstuvwxyz": "a key may be a name"},
            "note": "Zyxwvutsrq came with her sister, born 1971-03-17",
        },
        {"id": "another", "lastVisit": "2026-02-06", "visitCount": 1, "programs": [], "updatedAt": None},
    ]
}
WORDS = ("zyxwvutsrq", "qrstuvwxyz", "1971", "123456789", "867-5309", "878113", "sister", "2026-02-13")


@pytest.fixture
def connector(tmp_path: Path) -> Installed:
    new(tmp_path / "larder", NOUNS, id="larder", noun="FoodAssistance")
    return at(tmp_path / "larder", NOUNS)


async def _recorded(partner: Installed, body: Any, op: str = "fetch", **asked: Any) -> tuple[Path, Wire]:
    wire = Wire(answer(json.dumps(body)))
    async with wire.serving() as address:
        config = specimen(partner.manifest, address, partner.folder)
        path = await record(partner, config, op, key=KEY, **asked)
    return path, wire


async def test_nobody_of_the_partners_answer_is_written_or_logged(
    connector: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    path, wire = await _recorded(connector, REAL, ids=("Zyxwvutsrq-1971", "another"), force=True)

    assert len(wire.requests) == 1
    every = "".join(file.read_text() for file in connector.folder.rglob("*") if file.is_file())
    shown = f"{every} {caplog.text} {path}".lower()
    # The page shows the samples of before, which speak of the day that stands for one here.
    assert [word for word in WORDS[:-1] if word in shown] == []
    assert "2026-02-13" not in json.dumps(json.loads(path.read_text())["normal"])


async def test_what_belonged_together_still_does(connector: Installed) -> None:
    path, _ = await _recorded(connector, REAL, ids=("a",), force=True)

    sample = json.loads(path.read_text())["normal"]
    one, other = sample["body"]["records"]
    week = date.fromisoformat(one["lastVisit"]) - date.fromisoformat(other["lastVisit"])
    assert (week.days, one["visitCount"], one["programs"][0]) == (7, 3, "CSFP")
    assert list(sample["expect"]) == [one["id"], other["id"]]
    assert sample["expect"][one["id"]]["programs"] == ["CSFP", "OTHER"]
    assert len(one) == len(REAL["records"][0])


async def test_a_recorded_sample_passes_the_checks_it_is_for(connector: Installed) -> None:
    await _recorded(connector, REAL, ids=("a",), force=True)

    report = await run(Bench(connector.folder, NOUNS), only=["C12", "C13", "C17", "C18", "C19", "C20"])

    assert [(one.check.id, one.reason) for one in report.failed] == []


async def test_a_look_up_is_recorded_with_the_same_pseudonyms(connector: Installed) -> None:
    fetched, _ = await _recorded(connector, REAL, ids=("a",), force=True)
    matches = {"matches": [{"id": "Zyxwvutsrq-1971", "score": 94, "who": "Zyxwvutsrq"}]}

    found, wire = await _recorded(connector, matches, "find", person=CANARY, force=True)

    (match,) = json.loads(found.read_text())["normal"]["body"]["matches"]
    assert match["id"] == json.loads(fetched.read_text())["normal"]["body"]["records"][0]["id"]
    assert match["score"] == 94
    assert b"Qrstuvwxyz" in wire.requests[0]
    assert "zyxwvutsrq" not in found.read_text().lower()


async def test_a_sample_is_not_replaced_unless_told_to_and_the_partner_hears_nothing(
    connector: Installed,
) -> None:
    before = (connector.folder / "samples" / "fetch.json").read_text()
    wire = Wire(answer(json.dumps(REAL)))
    async with wire.serving() as address:
        config = specimen(connector.manifest, address, connector.folder)
        with pytest.raises(InputRefused, match="--force"):
            await record(connector, config, "fetch", ids=("a",), key=KEY)

    assert wire.requests == []
    assert (connector.folder / "samples" / "fetch.json").read_text() == before


async def test_half_a_person_is_not_asked_about(connector: Installed) -> None:
    with pytest.raises(InputRefused, match="dob"):
        await _recorded(connector, REAL, "find", person=Person("Ada", "Sample"), force=True)
    with pytest.raises(InputRefused, match="--id"):
        await _recorded(connector, REAL, force=True)


@pytest.mark.parametrize("body", [{"records": "many"}, {"error": {"code": "NO"}}, []])
async def test_an_answer_of_another_shape_leaves_the_sample_alone(connector: Installed, body: Any) -> None:
    before = (connector.folder / "samples" / "fetch.json").read_text()

    with pytest.raises((InputRefused, SourceFailed)):
        await _recorded(connector, body, ids=("a",), force=True)

    assert (connector.folder / "samples" / "fetch.json").read_text() == before


@pytest.mark.parametrize(
    ("value", "under"),
    [
        ("Ada", "firstName"),
        ("DOE", "code"),
        ("x" * 50, "anything"),
        ("1984-02-29", "born"),
        ("02/29/1984", "born"),
        ("1984-02-29T10:15:00+01:00", "at"),
        (19840229, "born"),
        (41.87811, "lat"),
    ],
)
def test_every_text_date_and_long_number_becomes_another(
    connector: Installed, value: Any, under: str
) -> None:
    hidden = Pseudonyms(connector.manifest, KEY)

    assert hidden.of(value, under) != value
    assert type(hidden.of(value, under)) is type(value)
    assert hidden.of(value, under) == Pseudonyms(connector.manifest, KEY).of(value, under)


def test_the_key_of_the_pseudonyms_stays_and_is_the_operators_alone(tmp_path: Path) -> None:
    key = pseudonym_key(tmp_path / "home")

    assert pseudonym_key(tmp_path / "home") == key
    assert (tmp_path / "home" / "connector-samples.key").stat().st_mode & 0o077 == 0
