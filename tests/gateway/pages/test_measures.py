"""Measures in a browser: published figures as pictures and tables, and nothing that is hidden anywhere."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import httpx
import psutil
import pyarrow as pa
import pytest
from playwright.async_api import Page, Response

from auth.viewer import Role
from gateway.pages.measure_topics import TOPICS
from hmis.measures.catalog import MEASURES
from hmis.measures.publishing.counted import Place, Scope, published_by
from hmis.measures.publishing.stored import About, Cube, Shown, new, replace_with
from resolvers.pages import encode_text
from tests.gateway.pages.conftest import Desk, barriers
from tests.gateway.pages.looking import HEAVIEST, by_keyboard, sideways

SNAPSHOT = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
COC = "XX-501"
YEAR = Scope(date(2024, 10, 1), date(2025, 9, 30), COC)
BEFORE = Scope(date(2023, 10, 1), date(2024, 9, 30), COC)
MONTH = Scope(date(2025, 10, 1), date(2025, 10, 31), COC)
EVIL = "=cmd|'/c calc'!A1"


def _whole(measure: str, scope: Scope, **cells: Any) -> Cube:
    shown = {
        (figure,): value if isinstance(value, Shown) else Shown(value) for figure, value in cells.items()
    }
    return new(measure, scope, (), shown)


def _cubes(stays: Any) -> list[Cube]:
    by_sex: dict[Place, Shown] = {
        ("people", "female"): Shown(170),
        ("people", "male"): Shown(None),
        ("people", "unknown"): Shown(None),
    }
    flow = {
        "inflow/all": 281, "inflow/housed": 92, "inflow/homeless": 30, "inflow/first_time": 134,
        "inflow/returned_from_permanent": None, "inflow/re_engaged_from_non_permanent": None,
        "outflow/all": 281, "outflow/housed": 96, "outflow/homeless": 65, "outflow/exited_permanent": 56,
        "outflow/exited_non_permanent": 64, "outflow/inactive": 0,
    }  # fmt: skip
    returns = {"2/exits": 57, "2/days_0_180": None, "2/days_181_365": 0, "2/days_0_730": None}
    spm = {"1a/line1": None, "1b/line1": Shown(186, 197.5, 132.0), **returns}
    nights = {"bed_nights/ES": 9640, "bed_nights/RRH": None, "people/ES": 174, "people/ES+SH+TH": 174}
    whole = new("unduplicated-people", YEAR, (), {("people",): Shown(295)}, stays)
    return [
        whole,
        new("unduplicated-people", YEAR, ("sex",), by_sex),
        _whole("unduplicated-people", BEFORE, people=226),
        _whole("unduplicated-people", MONTH, people=184),
        _whole("flow", YEAR, **flow),
        _whole("flow", BEFORE, **{**flow, "outflow/homeless": None}),
        _whole("spm", YEAR, **spm),
        _whole("system-counts", YEAR, **nights, **{"bed_nights/ES+SH+TH": 9640}),
        _whole("beds", YEAR, **{"available/ES": 19280, "available/RRH": 31390, "available/ES+SH+TH": 19280}),
        _whole("unmet-need", YEAR, **{"gaps/referred": 40, "gaps/never_housed": None}),
    ]


@pytest.fixture
async def community(desk: Desk) -> Desk:
    """A year of a community and the one before, and two stays of one agency behind a figure."""
    world = desk.world
    await world.organization("A")
    await world.organization("B")
    for number, agency in enumerate("AAB"):
        await world.client(f"c{number}", first_name=f"Name{number}", last_name="Vantreight")
        await world.stay(f"s{number}", f"c{number}", f"{agency}-p", date(2025, 3, 1))
        await world.grant(f"c{number}")
    stays = pa.table(
        {
            "figure": ["people"] * 3,
            "source_id": [world.sources["demo"]] * 3,
            "organization_id": ["A", "A", "B"],
            "enrollment_id": ["s0", "s1", "s2"],
        }
    )
    titles = {name: (one.title, one.definition) for name, one in MEASURES.items()}
    about = About(titles, SNAPSHOT, ("demo", EVIL), SNAPSHOT, "operator:ada")
    async with world.engine.begin() as connection:
        await replace_with(connection, (), _cubes(stays), about)
    return desk


async def _opened(desk: Desk, path: str, **options: Any) -> tuple[Page, int]:
    """A page of a dashboard of A, and the bytes of all that it loaded."""
    page = await desk.signed_in("A", Role.DASHBOARD, **options)
    loaded: list[Response] = []
    page.on("response", lambda one: loaded.append(one))
    await page.goto(path)
    await page.wait_for_load_state("networkidle")
    return page, sum([len(await one.body()) for one in loaded])


async def _drawn(page: Page) -> list[tuple[str, int]]:
    """Pictures of a page: what they say to those who do not see them, and how wide they came."""
    found: list[list[Any]] = await page.evaluate(
        "() => [...document.querySelectorAll('picture img')].map(one => [one.alt, one.naturalWidth])"
    )
    return [(alt, width) for alt, width in found]


async def test_the_overview_shows_what_a_board_looks_at_first(community: Desk, browser: Desk) -> None:
    page, weight = await _opened(browser, "/measures")
    assert weight < HEAVIEST
    text = await page.inner_text("main")
    for words in ("Fiscal year 2025", "People served\n295", "132 nights", "50 %", "hidden\nof 57"):
        assert words in text.replace("\N{NO-BREAK SPACE}", " ")
    drawn = await _drawn(page)
    assert ("Fiscal year 2024: 226; Fiscal year 2025: 295", True) in [
        (alt, width > 0) for alt, width in drawn
    ]
    assert not await barriers(page)
    await page.get_by_role("link", name="People served 295").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "People served"


async def test_a_measure_is_a_picture_with_its_table_and_what_it_is_made_of(
    community: Desk, browser: Desk
) -> None:
    page, weight = await _opened(browser, "/measures/flow")
    assert weight < HEAVIEST
    drawn = await _drawn(page)
    assert [width > 0 for _alt, width in drawn] == [True, True]
    assert all("Coming and going" in alt or "Still there" in alt for alt, _width in drawn)
    row = page.get_by_role("row", name="Back after a permanent home")
    assert await row.get_by_role("cell").inner_text() == "hidden"
    text = await page.inner_text("main")
    assert "another one from 1 to 10 could be worked out from it" in text
    assert "Rules after Eva (Abt)" in text
    assert "As the records stood at" in text
    there, reached, unmarked = await by_keyboard(page)
    assert (reached, unmarked) == (there, [])
    assert not await barriers(page)
    assert not await sideways(page)


async def test_in_the_dark_and_on_a_small_window_it_is_drawn_for_them(community: Desk, browser: Desk) -> None:
    page, weight = await _opened(
        browser, "/measures/flow", viewport={"width": 320, "height": 640}, color_scheme="dark"
    )
    assert weight < HEAVIEST
    drawn = await page.evaluate(
        "() => [...document.querySelectorAll('picture img')].map(one => one.currentSrc)"
    )
    assert all("size=narrow&ground=dark" in one for one in drawn)
    assert [width > 0 for _alt, width in await _drawn(page)] == [True, True]
    assert not await barriers(page)
    assert not await sideways(page)


async def test_periods_and_groups_are_chosen_without_a_script(community: Desk, browser: Desk) -> None:
    page, _weight = await _opened(browser, "/measures/unduplicated-people", java_script_enabled=False)
    periods = page.get_by_label("Period")
    assert await periods.locator("option").all_inner_texts() == [
        "October 2025",
        "Fiscal year 2025",
        "Fiscal year 2024",
    ]
    await page.get_by_label("Broken down by").select_option(label="Sex")
    await page.get_by_role("button", name="Show").click()
    cells = await page.get_by_role("table", name="People").get_by_role("cell").all_inner_texts()
    assert cells == ["170", "hidden", "hidden"]
    await page.get_by_role("link", name="← Fiscal year 2024").click()
    (cell,) = await page.get_by_role("table", name="People").first.get_by_role("cell").all_inner_texts()
    assert cell.startswith("226\n")


@pytest.fixture
async def dashboard(community: Desk) -> Any:
    """An HTTP client of a dashboard of A."""
    async with community.http(await community.session("A", Role.DASHBOARD)) as client:
        yield client


async def test_nothing_hidden_is_a_number_anywhere(dashboard: httpx.AsyncClient) -> None:
    query = "?period=FY2025&coc=XX-501&by=sex"
    name = "/measures/unduplicated-people"
    svg = (await dashboard.get(f"{name}.svg{query}")).text
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert sorted(drawn) == ["170", "Female", "Male", "Not known", "People", "hidden", "hidden"]
    rows = list(csv.reader(io.StringIO((await dashboard.get(f"{name}.csv{query}")).text)))
    assert rows[0] == ["figure", "name", "sex", "group", "count"]
    assert [row[-1] for row in rows[1:4]] == ["170", "hidden", "hidden"]
    book = await dashboard.get(f"{name}.xlsx{query}")
    assert 'filename="unduplicated-people-FY2025-XX-501-sex.xlsx"' in book.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(book.content)) as opened:
        figures = opened.read("xl/worksheets/sheet1.xml").decode()
    numbers = re.findall(r'<c r="\w+"(?: s="\d+")?><v>([^<]*)</v>', figures)
    assert numbers == ["170"]


async def test_a_file_says_what_its_figures_are_and_runs_nothing(dashboard: httpx.AsyncClient) -> None:
    rows = list(csv.reader(io.StringIO((await dashboard.get("/measures/flow.csv")).text)))
    about = {row[0]: row[1] for row in rows if len(row) == 2}
    assert about["Snapshot"] == "2026-03-01T04:00:00+00:00"
    assert about["Definition"] == MEASURES["flow"].definition
    assert about["Sources"] == f"demo, {EVIL}"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


async def test_use_of_beds_is_nights_of_beds_and_hidden_where_the_nights_are(
    dashboard: httpx.AsyncClient,
) -> None:
    rows = list(csv.reader(io.StringIO((await dashboard.get("/measures/utilization.csv")).text)))
    counts = {row[0]: row[2] for row in rows if len(row) == 3}
    assert (counts["use/ES"], counts["use/RRH"], counts["available/RRH"]) == ("50.0", "hidden", "31390")


async def test_what_is_not_published_is_told_kindly(dashboard: httpx.AsyncClient) -> None:
    for path in (
        "/measures/nothing",
        "/measures/data-quality",
        "/measures/flow?period=FY2023",
        "/measures/flow?coc=XX-502",
        "/measures/flow?by=sex",
        "/measures/flow?figure=nothing",
        "/measures?period=2019",
        "/measures/flow.csv?period=FY2023",
        "/measures/flow/records?figure=inflow/all",
    ):
        answer = await dashboard.get(path)
        assert answer.status_code == 404
        assert "This is not published" in answer.text
        assert 'href="/measures/flow"' in answer.text
    for query in ("?period=FY2023", "?ground=pink", "?size=huge", "?figure=nothing"):
        assert (await dashboard.get(f"/measures/flow.svg{query}")).status_code == 404


async def test_who_may_not_read_measures_is_told_so_and_no_number(community: Desk) -> None:
    for role in (Role.PRIVACY_OFFICER, Role.INTEGRATOR):
        async with community.http(await community.session("A", role)) as client:
            endings = ("", "/flow", "/flow.csv", "/flow.xlsx", "/flow/records?figure=inflow/all")
            for answer in [await client.get(f"/measures{ending}") for ending in endings]:
                assert answer.status_code == 403
                assert "not part of your role" in answer.text
                assert "281" not in answer.text
            assert (await client.get("/measures/flow.svg")).status_code == 404


async def test_before_anything_is_published_the_page_says_what_to_do(desk: Desk) -> None:
    await desk.world.organization("A")
    async with desk.http(await desk.session("A", Role.DASHBOARD)) as client:
        answer = await client.get("/measures")
    assert answer.status_code == 200
    assert "No measures are published yet" in answer.text


async def test_when_its_drawing_fails_a_page_has_its_table_and_the_next_one_is_drawn(
    community: Desk, browser: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.artist._MODULE", "gateway.no_such_module")
    page, _weight = await _opened(browser, "/measures/flow")
    assert await page.get_by_role("cell", name="134").count() == 1
    drawn = await page.request.get("/measures/flow.svg")
    assert drawn.status == 503
    assert "This picture could not be drawn" in await drawn.text()
    assert [width > 0 for _alt, width in await _drawn(page)] == [True, True]
    monkeypatch.undo()
    assert (await page.request.get("/measures/flow.svg")).ok
    mine = psutil.Process().children(recursive=True)
    (drawing,) = [one for one in mine if "gateway.measuring.drawing" in one.cmdline()]
    drawing.kill()
    drawing.wait()
    assert (await page.request.get("/measures/flow.svg?size=narrow")).ok
    browser.complaints.clear()  # of the pictures that were not drawn


async def test_an_agency_is_led_to_its_own_stays_behind_a_figure_alone(
    community: Desk, browser: Desk
) -> None:
    page = await browser.signed_in("A")
    await page.goto("/measures/unduplicated-people")
    await page.get_by_role("link", name="295 (stays of your agency)").click()
    people = await page.get_by_role("rowheader").all_inner_texts()
    assert people == ["Name0 Vantreight", "Name1 Vantreight"]
    assert not await barriers(page)
    other = await browser.signed_in("B")
    await other.goto(page.url.removeprefix(browser.address))
    assert await other.get_by_role("rowheader").all_inner_texts() == ["Name2 Vantreight"]


async def test_a_dashboard_is_told_no_name(dashboard: httpx.AsyncClient) -> None:
    answer = await dashboard.get("/measures/unduplicated-people/records?figure=people")
    assert answer.status_code == 200
    assert answer.text.count("Name not shown") == 2
    assert "Vantreight" not in answer.text


async def test_the_list_goes_on_by_a_form_and_only_by_ones_own(community: Desk) -> None:
    path = "/measures/unduplicated-people/records?figure=people"
    session = await community.session("A")
    after = encode_text("s0")
    async with community.http(session) as client:
        foreign = await client.post(path, data={"after": after})
        own = await client.post(path, data={"after": after, "csrf": session.csrf})
    assert foreign.status_code == 403
    assert re.findall(r"Name\d", own.text) == ["Name1"]


async def test_it_is_said_in_spanish_for_whoever_reads_it(community: Desk) -> None:
    async with community.http(await community.session("A", Role.DASHBOARD)) as client:
        answer = await client.get("/measures/flow", headers={"Accept-Language": "es"})
    assert 'lang="es"' in answer.text
    assert "134" in answer.text


def test_topics_are_of_what_may_be_published_and_list_what_may_be_listed() -> None:
    for topic in TOPICS.values():
        for name in filter(None, (topic.measure, topic.beside)):
            assert MEASURES[name].published
        assert set(topic.listed) <= set(MEASURES[topic.measure].listed)
        assert topic.block_of(topic.main).drawn
    assert published_by(MEASURES["beds"]) == ()
