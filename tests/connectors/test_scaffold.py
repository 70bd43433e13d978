"""What `connector new` writes works as it is, for every noun that partners fill."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.discovery import at
from connectors.kit.bench import Bench
from connectors.kit.mock import KEY, mock, people
from connectors.kit.quality import LEVELS
from connectors.kit.recording import running
from connectors.kit.running import run
from connectors.kit.scaffold import LONGEST, new
from connectors.standin import parse_faults
from hmis.errors import InputRefused
from schema.build import schema
from schema.supplied import catalog
from tests.connectors.mocked import Asked

NOUNS = catalog(schema)


@pytest.mark.parametrize("noun", sorted(NOUNS))
async def test_a_new_connector_is_short_and_green_as_it_is(noun: str, tmp_path: Path) -> None:
    written = new(tmp_path / "my_partner", NOUNS, id="my-partner", noun=noun)

    report = await run(Bench(tmp_path / "my_partner", NOUNS), budget_s=None)

    assert [(one.check.id, one.reason) for one in report.failed] == []
    assert report.earned in LEVELS
    assert len(written[0].read_text().splitlines()) <= LONGEST
    assert "# EDIT" in written[0].read_text()


@pytest.mark.parametrize(
    ("folder", "asked", "said"),
    [
        ("my_partner", {"id": "My Partner"}, "lower-case"),
        ("elsewhere", {}, "must be called my_partner"),
        ("my_partner", {"noun": "FoodAsistance"}, "did you mean FoodAssistance"),
        ("my_partner", {"protocol": "fhir"}, "copy one like yours"),
    ],
)
def test_words_that_do_not_fit_are_refused_and_nothing_is_written(
    folder: str, asked: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputRefused, match=said):
        new(tmp_path / folder, NOUNS, **{"id": "my-partner", "noun": "FoodAssistance", **asked})

    assert not (tmp_path / folder).exists()


def test_a_connector_that_is_there_is_left_alone(tmp_path: Path) -> None:
    new(tmp_path / "larder", NOUNS, id="larder", noun="FoodAssistance")

    with pytest.raises(InputRefused, match="already"):
        new(tmp_path / "larder", NOUNS, id="larder", noun="UtilityAssistance")


def test_the_people_of_a_mock_are_the_same_for_the_same_seed() -> None:
    assert people(50, 7) == people(50, 7)
    assert people(50, 7) != people(50, 8)
    assert len(set(people(500, 1))) == 500


async def test_a_mock_knows_its_people_and_lets_in_who_has_the_key(tmp_path: Path) -> None:
    new(tmp_path / "larder", NOUNS, id="larder", noun="FoodAssistance")
    app, known = mock(at(tmp_path / "larder"), 30, 3, ())

    async with running(app) as address:
        ours, stranger = (
            Asked(tmp_path / "larder", address, KEY),
            Asked(tmp_path / "larder", address, "guess"),
        )
        found = [await ours.find(person) for person in known]
        assert all(len(ids) == 1 for ids in found)
        assert len({ids[0] for ids in found}) == 30
        assert await ours.fetch(found[29][0]) == "Found"
        assert await ours.fetch("nobody") == "NotFound"
        assert await stranger.fetch(found[0][0]) == "AUTH"
        await ours.close()
        await stranger.close()


async def test_a_mock_misbehaves_when_told_to(tmp_path: Path) -> None:
    new(tmp_path / "larder", NOUNS, id="larder", noun="FoodAssistance")
    app, _ = mock(at(tmp_path / "larder"), 2, 0, parse_faults("error=503"))

    async with running(app) as address:
        asked = Asked(tmp_path / "larder", address, KEY)
        assert await asked.fetch("R-1001") == "UNAVAILABLE"
        await asked.close()
