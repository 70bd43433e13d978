"""From a measure's true counts to what is published: what meets is one table, and what few people changed
stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.errors import InputRefused
from hmis.measures.core import Core
from hmis.measures.measure import Measure, members, union
from hmis.measures.people import ACTIVE_PEOPLE, UNDUPLICATED_PEOPLE
from hmis.measures.publishing.cells import SUPPRESSED, Kind
from hmis.measures.publishing.counted import Counts, Scope, cubes, figures_of
from hmis.measures.publishing.deciding import decided, plan
from hmis.measures.publishing.stored import Cube
from hmis.measures.publishing.tied import key_in, tied
from tests.hmis.measures import tables
from tests.hmis.measures.publishing.attackers import subtract

YEAR = Scope(date(2022, 10, 1), date(2023, 9, 30))
MARCH = Scope(date(2023, 3, 1), date(2023, 3, 31))
APART = replace(YEAR, victim_services=True)
BOTH = (ACTIVE_PEOPLE, UNDUPLICATED_PEOPLE)


def people(groups: dict[str, int], entry: str = "2022-11-01", left: str | None = None) -> dict[str, Any]:
    """So many people at each project, of whom every fifth is a man."""
    names = [
        (f"{project}-{number}", project, number) for project, size in groups.items() for number in range(size)
    ]
    stays = [
        {"EnrollmentID": name, "PersonalID": name, "EntryDate": entry, "ProjectID": project}
        for name, project, _ in names
    ]
    clients = [{"PersonalID": name, "Sex": int(number % 5 == 0)} for name, _, number in names]
    kinds = {"shelter": 0, "rapid": 13, "street": 4, "refuge": 0}
    projects = [
        {
            "ProjectID": name,
            "ProjectType": kinds[name],
            "OrganizationID": "safe" if name == "refuge" else "o1",
        }
        for name in groups
    ]
    organizations = [
        {"OrganizationID": "safe", "VictimServiceProvider": 1},
        {"OrganizationID": "o1", "VictimServiceProvider": 0},
    ]
    exits = [{"EnrollmentID": name, "ExitDate": left} for name, _, _ in names] if left else []
    kept = {"Client": clients, "Enrollment": stays, "Project": projects, "Organization": organizations}
    return {**kept, "Exit": exits}


def counted(core: Core, *scopes: Scope, measures: tuple[Measure, ...] = BOTH) -> list[Counts]:
    return [one for measure in measures for scope in scopes for one in cubes(measure, core, scope)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deciding")


@pytest.fixture(scope="module")
def community(folder: Path) -> Iterator[Core]:
    with tables.opened(
        folder / "a", **people({"shelter": 60, "rapid": 8, "street": 40, "refuge": 30})
    ) as core:
        yield core


@pytest.fixture(scope="module")
def year(community: Core) -> list[Counts]:
    return counted(community, YEAR)


def value(
    found: list[Cube], measure: Measure, *place: str, by: tuple[str, ...] = (), scope: Scope = YEAR
) -> Any:
    [cube] = [one for one in found if (one.measure, one.scope, one.by) == (measure.name, scope, by)]
    return cube.cells[place].value


def test_a_cube_has_the_cells_that_count_nobody_too(year: list[Counts]) -> None:
    [by_age] = [one for one in year if one.measure is UNDUPLICATED_PEOPLE and one.by == ("age_group",)]
    assert len(by_age.numbers) == 12
    assert by_age.numbers["people", "unknown"].units == 108
    assert by_age.numbers["people", "65+"].units == 0
    assert figures_of(ACTIVE_PEOPLE) == ("method_1", "method_2", "method_5")


def test_the_same_people_under_another_name_are_hidden_or_shown_together(year: list[Counts]) -> None:
    found = decided(year, ())
    assert value(found, UNDUPLICATED_PEOPLE, "people") == 108
    for kind in ("0", "4", "13"):
        shown = value(found, UNDUPLICATED_PEOPLE, "people", kind, by=("project_type",))
        assert shown == value(found, ACTIVE_PEOPLE, "method_1", kind, by=("project_type",))
    assert value(found, UNDUPLICATED_PEOPLE, "people", "13", by=("project_type",)) is None


def test_what_is_published_cannot_be_worked_out_with_a_pencil(year: list[Counts]) -> None:
    table = tied(year)
    found = decided(year, ())
    by_key = {
        key: shown.value
        for cube in found
        for key, shown in zip(_keys(cube), cube.cells.values(), strict=True)
    }
    published = {key: SUPPRESSED if shown is None else shown for key, shown in by_key.items()}
    bounds = subtract(published, list(table.relations), {})
    assert bounds
    assert all(high - low >= 9 for low, high in bounds.values())


def _keys(cube: Cube) -> list[Any]:
    return [key_in(cube.measure, cube.scope, cube.by, place) for place in cube.cells]


def test_victim_service_providers_are_in_no_cube_but_their_own(community: Core) -> None:
    apart = counted(community, APART, measures=(UNDUPLICATED_PEOPLE,))
    assert [(one.by, one.numbers["people",].units) for one in apart] == [((), 30)]
    found = decided([*counted(community, YEAR), *counted(community, APART)], ())
    assert value(found, UNDUPLICATED_PEOPLE, "people", scope=APART) == 30
    assert value(found, UNDUPLICATED_PEOPLE, "people") == 108


def test_a_month_and_its_year_are_one_table(community: Core) -> None:
    table = tied(counted(community, YEAR, MARCH, measures=(UNDUPLICATED_PEOPLE,)))
    whole, month = (
        ("unduplicated-people:people", "period=FY2023"),
        ("unduplicated-people:people", "period=2023-03"),
    )
    # Everybody of the year was there in March, so the two are equal, and that is what is taken to be known.
    assert [one.kind for one in table.relations if (one.total, one.parts) == (whole, (month,))] == [Kind.SUM]


def test_a_group_named_by_what_it_is_made_of_is_tied_to_them(community: Core) -> None:
    def made(core: Core, asked: Any) -> Any:
        stay = core.stay
        return union(
            members(stay.filter(stay.project_type == 0), "people/ES"),
            members(stay.filter(stay.project_type == 13), "people/RRH"),
            members(stay, "people/ES+RRH"),
        )

    named = Measure("made", "Made", "Made.", made, lambda found: {}, published=True)
    kinds = {one.total[0]: one.kind for one in tied(counted(community, YEAR, measures=(named,))).relations}
    assert kinds == {"made:people/ES+RRH": Kind.WITHIN}  # those on the street are in it and in no part


def test_what_the_measures_say_of_their_figures_is_taken_for_known(community: Core) -> None:
    def made(core: Core, asked: Any) -> Any:
        stay = core.stay
        return union(
            members(stay, "all"),
            members(stay.filter(stay.project_type == 0), "in"),
            members(stay.filter(stay.project_type != 0), "out"),
            members(stay, "hidden/all"),
        )

    parts = {"all": ("in", ("in", "out")), "in": ("all",)}
    named = Measure("made", "M", "M.", made, lambda _: {}, parts=parts, published=True, withheld=("hidden/",))
    table = tied(counted(community, YEAR, measures=(named,)))
    ties = {(one.total[0], tuple(part[0] for part in one.parts), one.kind) for one in table.relations}
    # That all are some of those in shelter is said and not true: nobody can know it.
    assert ties == {
        ("made:all", ("made:in",), Kind.WITHIN),
        ("made:all", ("made:in", "made:out"), Kind.SUM),
    }


def test_what_meets_is_counted_anew_together_and_what_does_not_nest_is_refused(year: list[Counts]) -> None:
    before = decided(year, ())
    asked = plan(UNDUPLICATED_PEOPLE, MARCH, before)
    assert asked.scopes == (YEAR, MARCH)
    assert [one.name for one in asked.measures] == ["active-people", "unduplicated-people"]
    assert len(asked.before) == len(before)
    later = Scope(date(2023, 10, 1), date(2024, 9, 30))
    assert plan(UNDUPLICATED_PEOPLE, later, before).scopes == (later,)
    alone = replace(UNDUPLICATED_PEOPLE, name="alone", nests=False)
    of_year = [Cube(one.id, "alone", one.scope, one.by, one.cells) for one in before]
    with pytest.raises(InputRefused, match="published for FY2023, every continuum, which this meets"):
        plan(alone, MARCH, of_year)
    with pytest.raises(InputRefused, match="which this meets"):
        plan(alone, replace(YEAR, coc="MA-500"), of_year)


def test_a_later_count_that_differs_by_a_few_takes_no_place_and_one_that_differs_by_many_does(
    folder: Path, year: list[Counts]
) -> None:
    before = decided(year, ())
    with (
        tables.opened(folder / "b", **people({"shelter": 63, "rapid": 8, "street": 40})) as core,
        pytest.raises(InputRefused, match="stays as it is"),
    ):
        decided(counted(core, YEAR), before)
    with tables.opened(folder / "c", **people({"shelter": 160, "rapid": 30, "street": 140})) as core:
        after = decided(counted(core, YEAR), before)
    assert value(after, UNDUPLICATED_PEOPLE, "people") == 330
    hidden = value(after, UNDUPLICATED_PEOPLE, "people", "13", by=("project_type",))
    assert hidden is None  # 30 by now; its old neighbours would tell what it was


def test_only_months_and_years_are_periods() -> None:
    with pytest.raises(InputRefused, match="whole months"):
        assert Scope(date(2023, 3, 1), date(2023, 3, 30)).period
