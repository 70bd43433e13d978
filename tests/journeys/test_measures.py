"""A dashboard asks for measures: published counts, the same for everybody who may ask, and nobody's name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import update

from auth.categories import Category
from auth.viewer import Purpose, Role, Scope
from hmis.measures.publishing.counted import Scope as Of
from hmis.measures.publishing.stored import About, Shown, new, replace_with
from hmis.tables import HMIS
from tests.conftest import Statements
from tests.journeys.conftest import Hub
from tests.worlds import World

LISTED = "{ measures { name title definition by periods { name start end } cocs victimServices } }"
CUBE = """query(
  $name: String!, $start: Date!, $end: Date!, $coc: String, $by: [String!], $vsp: Boolean! = false
) {
  measure(name: $name, period: {start: $start, end: $end}, coc: $coc, by: $by, victimServices: $vsp) {
    name title definition period { name start end } coc by victimServices snapshotAt sources
    cells { figure by { dimension value } value suppressed mean median }
  } }"""
SNAPSHOT = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
YEAR = Of(date(2024, 10, 1), date(2025, 9, 30))
ASKED = {"name": "people", "start": "2024-10-01", "end": "2025-09-30"}


@pytest.fixture
async def published(world: World) -> World:
    """A community with two agencies and a measure: the whole, by sex, and of victim service providers."""
    await world.organization("A")
    await world.organization("B")
    apart = Of(YEAR.start, YEAR.end, victim_services=True)
    month = Of(date(2025, 3, 1), date(2025, 3, 31), "MA-500")
    cubes = [
        new("people", YEAR, (), {("people",): Shown(120, 30.5, 21.0), ("first/time",): Shown(0)}),
        new("people", YEAR, ("sex",), {
            ("people", "female"): Shown(70),
            ("people", "male"): Shown(None),
            ("people", "unknown"): Shown(None),
        }),
        new("people", apart, (), {("people",): Shown(None)}),
        new("people", month, (), {("people",): Shown(40)}),
    ]  # fmt: skip
    about = About({"people": ("People", "Each once.")}, SNAPSHOT, ("demo",), SNAPSHOT, "operator:ada")
    async with world.engine.begin() as connection:
        await replace_with(connection, (), cubes, about)
    return world


async def cube(world: World, **asked: Any) -> Any:
    answer = await world.ask(world.viewer("A", Role.DASHBOARD), CUBE, **{**ASKED, **asked})
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["measure"]


async def test_a_dashboard_finds_what_is_published(published: World) -> None:
    answer = await published.ask(published.viewer("A", Role.DASHBOARD), LISTED)
    assert answer.errors == ()
    assert answer.data == {
        "measures": [
            {
                "name": "people",
                "title": "People",
                "definition": "Each once.",
                "by": ["sex"],
                "periods": [
                    {"name": "FY2025", "start": "2024-10-01", "end": "2025-09-30"},
                    {"name": "2025-03", "start": "2025-03-01", "end": "2025-03-31"},
                ],
                "cocs": ["MA-500"],
                "victimServices": True,
            }
        ]
    }


async def test_what_was_published_together_is_told_together(published: World) -> None:
    document = "{ measures { scopes { period { name } coc victimServices by } } }"
    answer = await published.ask(published.viewer("A", Role.DASHBOARD), document)
    assert answer.data is not None
    assert [tuple(one.values()) for one in answer.data["measures"][0]["scopes"]] == [
        ({"name": "FY2025"}, None, False, ["sex"]),
        ({"name": "FY2025"}, None, True, []),
        ({"name": "2025-03"}, "MA-500", False, []),
    ]


async def test_a_cube_leads_to_the_same_of_periods_before_that_are_as_long(published: World) -> None:
    def of(start: date, end: date, coc: str, value: int | None) -> Any:
        return new("months", Of(start, end, coc), (), {("people",): Shown(value)})

    cubes = [
        of(date(2025, 3, 1), date(2025, 3, 31), "MA-500", 40),
        of(date(2025, 2, 1), date(2025, 2, 28), "MA-500", None),
        of(date(2025, 1, 1), date(2025, 1, 31), "MA-500", 33),
        of(date(2025, 1, 1), date(2025, 1, 31), "MA-501", 12),
        of(date(2024, 1, 1), date(2024, 12, 31), "MA-500", 99),
    ]
    about = About({"months": ("Months", "Each once.")}, SNAPSHOT, ("demo",), SNAPSHOT, "operator:ada")
    async with published.engine.begin() as connection:
        await replace_with(connection, (), cubes, about)
    document = """{
      measure(name: "months", period: {start: "2025-03-01", end: "2025-03-31"}, coc: "MA-500") {
        earlier { period { name } cells(figures: ["peop"]) { value } }
        none: earlier { cells(figures: ["first"]) { value } }
    } }"""
    answer = await published.ask(published.viewer("A", Role.DASHBOARD), document)
    assert answer.errors == ()
    assert answer.data == {
        "measure": {
            "earlier": [
                {"period": {"name": "2025-02"}, "cells": [{"value": None}]},
                {"period": {"name": "2025-01"}, "cells": [{"value": 33}]},
            ],
            "none": [{"cells": []}, {"cells": []}],
        }
    }


async def test_a_cube_says_what_it_is_and_a_suppressed_count_is_not_zero(published: World) -> None:
    assert await cube(published, by=["sex"]) == {
        "name": "people",
        "title": "People",
        "definition": "Each once.",
        "period": {"name": "FY2025", "start": "2024-10-01", "end": "2025-09-30"},
        "coc": None,
        "by": ["sex"],
        "victimServices": False,
        "snapshotAt": "2026-06-01T04:00:00+00:00",
        "sources": ["demo"],
        "cells": [
            _cell("people", 70, sex="female"),
            _cell("people", None, sex="male"),
            _cell("people", None, sex="unknown"),
        ],
    }
    whole = await cube(published)
    assert whole["cells"] == [
        {**_cell("people", 120), "mean": 30.5, "median": 21.0},
        _cell("first/time", 0),
    ]


def _cell(figure: str, value: int | None, **by: str) -> dict[str, Any]:
    groups = [{"dimension": name, "value": group} for name, group in by.items()]
    none = {"mean": None, "median": None}
    return {"figure": figure, "by": groups, "value": value, "suppressed": value is None, **none}


async def test_victim_service_providers_are_counted_apart_and_a_continuum_by_its_code(
    published: World,
) -> None:
    assert (await cube(published, vsp=True))["cells"] == [_cell("people", None)]
    march = {"start": "2025-03-01", "end": "2025-03-31"}
    assert (await cube(published, **march, coc="MA-500"))["cells"] == [_cell("people", 40)]


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "nothing"},
        {"coc": "MA-501"},
        {"by": ["age_group"]},
        {"by": ["sex", "sex"]},
        {"start": "2025-03-01", "end": "2025-03-31"},
        {"end": "2025-09-29"},
    ],
)
async def test_what_is_not_published_is_null(published: World, asked: dict[str, Any]) -> None:
    assert await cube(published, **asked) is None


async def test_who_may_not_read_measures_is_told_nothing(published: World) -> None:
    for role in Role:
        viewer = published.viewer("A", role)
        may = Scope.MEASURES_READ in viewer.scopes
        listed = await published.ask(viewer, LISTED)
        told = await published.ask(viewer, CUBE, **ASKED)
        assert listed.data is not None
        assert told.data is not None
        assert bool(listed.data["measures"]) is may
        assert (told.data["measure"] is not None) is may
    nobody = await published.ask(None, LISTED)
    assert nobody.data == {"measures": []}


async def test_a_token_without_the_scope_is_told_nothing(published: World, hub: Hub) -> None:
    await hub.joins("mia", "A", Role.DASHBOARD)
    narrow = hub.token("mia", scopes=frozenset({Scope.PROJECTS_READ}))
    wide = hub.token("mia", scopes=frozenset({Scope.MEASURES_READ}))
    assert (await hub.ask(narrow, CUBE, **ASKED)).json()["data"] == {"measure": None}
    answer = await hub.ask(wide, CUBE, **ASKED)
    assert answer.json()["data"]["measure"]["cells"][0]["value"] == 120


async def test_a_cube_is_the_same_whatever_a_viewer_sees_of_people(published: World) -> None:
    await published.client("ada")
    await published.stay("s", "ada", "A-p")
    own, other = [
        await published.ask(published.viewer(agency, role), CUBE, **ASKED, by=["sex"])
        for agency, role in (("A", Role.CASE_MANAGER), ("B", Role.DASHBOARD))
    ]
    assert own.data == other.data
    assert own.request.trail.subjects == {}


async def test_cubes_asked_for_at_once_cost_two_statements(published: World, statements: Statements) -> None:
    document = """query($period: MeasurePeriodInput!) {
      a: measure(name: "people", period: $period) { cells { value } }
      b: measure(name: "people", period: $period, by: ["sex"]) { cells { value } }
    }"""
    year = {"start": "2024-10-01", "end": "2025-09-30"}
    statements.forget()
    answer = await published.ask(published.viewer("A", Role.DASHBOARD), document, period=year)
    assert answer.errors == ()
    assert statements.count == 2


RECORDS = """query($figure: String!, $first: Int! = 25, $after: String, $by: [String!]) {
  measure(name: "people", period: {start: "2024-10-01", end: "2025-09-30"}, by: $by) {
    records(figure: $figure, first: $first, after: $after) {
      nodes { client { name { first } } enrollment enrollmentIdentifier entryDate }
      pageInfo { hasNextPage endCursor }
    }
  } }"""


@pytest.fixture
async def behind(world: World) -> World:
    """A figure that counts two stays of A and one of B, and everybody agreed to everything."""
    await world.organization("A")
    await world.organization("B")
    for number, agency in enumerate("AAB"):
        await world.client(f"c{number}", first_name=f"Name{number}")
        await world.stay(f"s|{number}", f"c{number}", f"{agency}-p", date(2025, 3, 1))
        await world.grant(f"c{number}")
    stays = pa.table(
        {
            "figure": ["people"] * 3,
            "source_id": [world.sources["demo"]] * 3,
            "organization_id": ["A", "A", "B"],
            "enrollment_id": [f"s|{number}" for number in range(3)],
        }
    )
    whole = new("people", YEAR, (), {("people",): Shown(120), ("others",): Shown(0)}, stays)
    about = About({"people": ("People", "Each once.")}, SNAPSHOT, ("demo",), SNAPSHOT, "operator:ada")
    async with world.engine.begin() as connection:
        await replace_with(connection, (), [whole], about)
    return world


def _listed(answer: Any) -> list[str]:
    assert answer.errors == ()
    return [one["enrollmentIdentifier"] for one in answer.data["measure"]["records"]["nodes"]]


async def test_an_agency_is_listed_its_own_stays_behind_a_figure_and_nobody_elses(behind: World) -> None:
    own = await behind.ask(behind.viewer("A"), RECORDS, figure="people")
    assert _listed(own) == ["s|0", "s|1"]
    assert own.data is not None
    first = own.data["measure"]["records"]["nodes"][0]
    assert (first["client"], first["entryDate"]) == ({"name": {"first": "Name0"}}, "2025-03-01")
    shown = own.request.trail.subjects
    assert set(shown) == {behind.people["c0"], behind.people["c1"]}
    assert shown[behind.people["c0"]].disclosed & Category.ENROLLMENT
    assert _listed(await behind.ask(behind.viewer("B"), RECORDS, figure="people")) == ["s|2"]
    assert _listed(await behind.ask(behind.viewer("A"), RECORDS, figure="others")) == []


async def test_the_list_goes_on_behind_its_cursor(behind: World) -> None:
    found, after = [], None
    for _ in range(2):
        answer = await behind.ask(behind.viewer("A"), RECORDS, figure="people", first=1, after=after)
        found += _listed(answer)
        page = answer.data["measure"]["records"]["pageInfo"]  # type: ignore[index]
        after = page["endCursor"]
    assert found == ["s|0", "s|1"]
    assert page["hasNextPage"] is False


async def test_whoever_may_not_see_what_a_figure_is_made_of_is_listed_nobody(behind: World) -> None:
    narrow = behind.viewer("A", scopes=frozenset({Scope.MEASURES_READ}))
    assert _listed(await behind.ask(narrow, RECORDS, figure="people")) == []
    system = behind.viewer("A", Role.SYSTEM, Purpose.REPORTING)
    assert _listed(await behind.ask(system, RECORDS, figure="people")) == []


async def test_a_stay_that_went_to_another_agency_is_no_longer_listed(behind: World) -> None:
    async with behind.engine.begin() as connection:
        stay = HMIS["Enrollment"]
        moved = update(stay).where(stay.c.enrollment_id == "s|1").values(project_id="B-p")
        await connection.execute(moved)
    await behind.renew_labels()
    assert _listed(await behind.ask(behind.viewer("A"), RECORDS, figure="people")) == ["s|0"]
    assert _listed(await behind.ask(behind.viewer("B"), RECORDS, figure="people")) == ["s|2"]
