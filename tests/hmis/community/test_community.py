"""The community as a whole: the same every time, the right size, and full of the stories it promises."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from hmis.community import AS_OF, Community, build
from hmis.community.agencies import PROJECTS
from hmis.errors import InputRefused

ROOT = Path(__file__).parents[3]
# Writes the archive and prints its hash, with the partners' files, which are in no archive.
PRINT_HASH = """
import hashlib, sys
from pathlib import Path
from hmis.community import build
community = build()
community.write_archive(Path(sys.argv[1]))
partners = repr((community.pantry, community.energy, community.duplicates, community.showcase))
print(hashlib.sha256(Path(sys.argv[1]).read_bytes() + partners.encode()).hexdigest())
"""


def digest(community: Community, target: Path) -> str:
    community.write_archive(target)
    partners = repr((community.pantry, community.energy, community.duplicates, community.showcase))
    return hashlib.sha256(target.read_bytes() + partners.encode()).hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_another_process_with_another_hash_seed_makes_the_same_bytes(
    community: Community, tmp_path: Path, hash_seed: str
) -> None:
    there = subprocess.run(
        [sys.executable, "-c", PRINT_HASH, str(tmp_path / "there.zip")],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == digest(community, tmp_path / "here.zip")


def test_building_twice_gives_equal_communities(community: Community) -> None:
    assert build() == community


def test_another_seed_gives_other_people(community: Community) -> None:
    assert build(seed=7).people != community.people


def test_the_archive_holds_24_files_and_each_has_rows(community: Community, tmp_path: Path) -> None:
    community.write_archive(tmp_path / "community.zip")
    with zipfile.ZipFile(tmp_path / "community.zip") as archive:
        assert len(archive.namelist()) == 24
        assert all(archive.read(name).count(b"\r\n") >= 2 for name in archive.namelist())


def test_500_people_live_there_and_hmis_has_a_record_of_everybody(community: Community) -> None:
    clients = {row["PersonalID"] for row in community.rows["Client"]}
    assert len(community.people) == 500
    assert clients == {person.personal_id for person in community.people} | {
        one.again for one in community.duplicates
    }
    assert len(community.rows["Client"]) == len(clients) == 500 + len(community.duplicates)


@pytest.mark.parametrize(("size", "seed"), [(50, 1), (51, 2), (137, 3), (200, 4), (200, 5), (900, 6)])
def test_a_community_has_the_size_that_was_asked_for_whatever_the_seed(size: int, seed: int) -> None:
    community = build(size, seed)
    assert len(community.people) == size
    assert {row["PersonalID"] for row in community.rows["Client"]} >= {
        p.personal_id for p in community.people
    }
    assert all(community.rows[name] for name in ("Enrollment", "Exit", "Services", "Event"))


def test_a_community_too_small_for_its_stories_is_refused() -> None:
    with pytest.raises(InputRefused, match="at least 50"):
        build(size=3)


def test_four_agencies_serve_it_and_none_is_a_victim_service_provider(community: Community) -> None:
    organizations = community.rows["Organization"]
    assert [row["OrganizationName"] for row in organizations] == [
        "Harbor Light Shelter",
        "Keys Home Rapid Re-Housing",
        "Cedar Court Supportive Housing",
        "Neighbors First Prevention",
    ]
    assert {row["VictimServiceProvider"] for row in organizations} == {0}
    assert {project.type for project in PROJECTS} == {0, 1, 3, 4, 12, 13, 14}


def agencies_of(community: Community) -> dict[object, set[object]]:
    organization = {row["ProjectID"]: row["OrganizationID"] for row in community.rows["Project"]}
    found: dict[object, set[object]] = {}
    for row in community.rows["Enrollment"]:
        found.setdefault(row["PersonalID"], set()).add(organization[row["ProjectID"]])
    return found


def test_the_showcase_has_stays_at_all_four_agencies_and_a_growing_income(community: Community) -> None:
    assert agencies_of(community)[community.showcase] == {"1", "2", "3", "4"}
    incomes = sorted(
        (row["InformationDate"], row["TotalMonthlyIncome"])
        for row in community.rows["IncomeBenefits"]
        if row["PersonalID"] == community.showcase
    )
    amounts = [float(str(amount)) for _, amount in incomes]
    assert amounts[-1] == max(amounts) > 2 * amounts[0]
    assert None not in [amount for _, amount in incomes]


def test_many_people_move_through_several_agencies(community: Community) -> None:
    agencies = Counter(len(found) for found in agencies_of(community).values())
    assert agencies[2] >= 100
    assert agencies[3] + agencies[4] >= 20


def test_some_return_within_six_twelve_and_twenty_four_months(community: Community) -> None:
    returns: Counter[str] = Counter()
    by_household: dict[int, list[tuple[object, ...]]] = {}
    for stay in community.stays:
        if stay.project.type != 14:
            by_household.setdefault(stay.household.key, []).append((stay.entry, stay))
    for stay in community.stays:
        left, where = stay.exit, stay.presences[0].destination[0]
        if left is None or not 400 <= where < 500 or stay.project.type == 14:
            continue
        homeless = [
            other.entry
            for other in community.stays
            if other.household is stay.household and other.project.type in (0, 1, 4) and other.entry > left
        ]
        if homeless:
            days = (min(homeless) - left).days
            returns["6" if days <= 180 else "12" if days <= 365 else "24" if days <= 730 else "later"] += 1
    assert min(returns["6"], returns["12"], returns["24"]) >= 3


def test_entries_and_exits_are_spread_over_the_four_years(community: Community) -> None:
    entries = Counter(str(row["EntryDate"])[:4] for row in community.rows["Enrollment"])
    exits = Counter(str(row["ExitDate"])[:4] for row in community.rows["Exit"])
    for year in ("2023", "2024", "2025"):
        assert entries[year] >= 150
        assert exits[year] >= 100
    assert entries["2026"] >= 50
    still_there = len(community.rows["Enrollment"]) - len(community.rows["Exit"])
    assert still_there >= 80


def test_some_die_and_nobody_is_served_afterwards(community: Community) -> None:
    died = {row["PersonalID"]: row["ExitDate"] for row in community.rows["Exit"] if row["Destination"] == 24}
    assert len(died) >= 4
    for row in community.rows["Enrollment"]:
        if row["PersonalID"] in died:
            assert str(row["EntryDate"]) <= str(died[row["PersonalID"]])


def test_there_are_twins_namesakes_and_a_father_and_son_of_one_name(community: Community) -> None:
    twins = namesakes = 0
    for one, other in combinations(community.people, 2):
        if one.last == other.last and one.born == other.born:
            twins += 1
            assert (one.first, one.ssn) != (other.first, other.ssn)
        if (one.first, one.last) == (other.first, other.last):
            namesakes += 1
            assert one.born != other.born
    assert twins >= 3
    assert namesakes >= 2
    assert {person.suffix for person in community.people} == {None, "Jr", "Sr"}


def test_veterans_served_after_they_were_grown_and_before_the_archive(community: Community) -> None:
    veterans = [person for person in community.people if person.service]
    assert len(veterans) >= 15
    for person in veterans:
        assert person.service is not None
        assert person.born.year + 18 <= person.service.entered < person.service.separated < AS_OF.year


def test_people_of_every_age_and_household_live_there(community: Community) -> None:
    kinds = Counter(household.kind for household in community.households)
    assert set(kinds) == {"ADULT", "COUPLE", "FAMILY", "YOUTH", "YOUNG_PARENT", "MINOR"}
    ages = [person.age(AS_OF) for person in community.people]
    assert sum(age < 18 for age in ages) >= 80
    assert sum(age >= 62 for age in ages) >= 20
