"""Measures: counts of a community as they were published. They tell of nobody."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from resolvers import measure_records, measures
from resolvers.rows import PlainRow
from schema.client import Client
from schema.fields import OWN_IDENTIFIER, Info, argument, personal, public
from schema.paging import Connection

_COC = "The continuum; null = every one. HUD 2.03.1"
_VICTIM_SERVICES = "It is of victim service providers, and of nobody else"


@strawberry.type(description="A period for which something is published")
class MeasurePeriod:
    name: str = public(
        "`2026-03`, `2026`, or `FY2026` for October 2025 to September 2026", lambda root: root[2]
    )
    start: datetime.date = public("First day", lambda root: root[0])
    end: datetime.date = public("Last day, inclusive", lambda root: root[1])


@strawberry.type(description="A period of a continuum for which a measure is published")
class MeasureScope:
    period: MeasurePeriod = public("When", lambda root: _days(*root.values["period"]))
    coc: str | None = public(_COC, lambda root: root.values["coc"] or None)
    victim_services: bool = public(_VICTIM_SERVICES)
    by: list[str] = public("What it may be asked for by, one at a time; without any it is the whole")


@strawberry.type(description="A measure of which something is published")
class Measure:
    name: str = public("What it is asked for by", column="measure")
    title: str = public("What people call it")
    definition: str = public("What is counted, and by whose rules")
    by: list[str] = public(
        "What it may be asked for by, one at a time; without any it is the whole",
        lambda root: sorted(name for names in root.values["by"] for name in names),
    )
    periods: list[MeasurePeriod] = public(
        "Periods for which it is published, oldest first",
        lambda root: [_days(*period) for period in sorted(root.values["periods"])],
        size=50,
    )
    cocs: list[str] = public(
        "Continua for which it is published. HUD 2.03.1",
        lambda root: sorted(filter(None, root.values["cocs"])),
    )
    victim_services: bool = public("Whether victim service providers' own counts are published")
    scopes: list[MeasureScope] = public(
        "What was published at one time: a period of a continuum, and what it may be asked for by; oldest"
        " period first. Of victim service providers there is the whole alone",
        lambda root: [PlainRow(one) for one in sorted(root.values["scopes"], key=_place)],
        size=50,
    )


def _place(scope: dict[str, Any]) -> tuple[list[str], str, bool]:
    return scope["period"], scope["coc"], scope["victim_services"]


def _days(start: str, end: str, name: str) -> tuple[datetime.date, datetime.date, str]:
    return datetime.date.fromisoformat(start), datetime.date.fromisoformat(end), name


@strawberry.type(description="What a count is restricted to")
class MeasureGroup:
    dimension: str = public("What it is counted by, such as `age_group`", lambda root: root[0])
    value: str = public("The group; `unknown` where nobody said", lambda root: root[1])


@strawberry.type(description="One count of a cube")
class MeasureCell:
    figure: str = public("What is counted, such as `people/ES`")
    by: list[MeasureGroup] = public(
        "Whom it is restricted to; empty = nobody in particular",
        lambda root: list(zip(root.values["by"], root.values["key"], strict=True)),
        size=1,
    )
    suppressed: bool = public(
        "The count is not shown: it is small, or another could be computed from it",
        lambda root: root.values["value"] is None,
    )
    value: int | None = public("The count; null = suppressed, which is not 0")
    mean: float | None = public("Mean of what was measured; null = there is none, or too few are behind it")
    median: float | None = public("Median, as `mean`")


@strawberry.type(description="A stay that a figure counts, told to the agency that entered it")
class MeasureRecord:
    client: Client | None = personal(Category.EXISTENCE, "Whose stay it is", lambda root: root.client)
    enrollment: strawberry.ID | None = personal(Category.ENROLLMENT, "Hub id of the stay", column="id")
    enrollment_identifier: str | None = personal(Category.ENROLLMENT, OWN_IDENTIFIER, column="enrollment_id")
    entry_date: datetime.date | None = personal(Category.ENROLLMENT, "First day of the stay")


async def _records(
    root: strawberry.Parent[Any],
    info: Info,
    figure: Annotated[str, argument("The figure, as `cells` names it", reads=Category.ENROLLMENT)],
    first: Annotated[int, argument("How many, 1 to 100")] = 25,
    after: Annotated[str | None, argument("`endCursor` of the page before")] = None,
) -> Any:
    return await measure_records.records(info.context, root, figure, first, after)


async def _cells(
    root: strawberry.Parent[Any],
    info: Info,
    figures: Annotated[
        list[str] | None, argument("How the figures begin that are wanted; null = all of them")
    ] = None,
) -> Any:
    return await measures.cells(info.context, root, figures)


@strawberry.type(description="A table of counts as it was published, small numbers suppressed")
class MeasureCube:
    id: strawberry.ID = public("Hub id of this publication")
    name: str = public("The measure", column="measure")
    title: str = public("What people call it")
    definition: str = public("What is counted, and by whose rules")
    period: MeasurePeriod = public(
        "When", lambda root: (root.values["start_on"], root.values["end_on"], root.values["period"])
    )
    coc: str | None = public(_COC, lambda root: root.values["coc"] or None)
    by: list[str] = public("What it is counted by; empty = the whole")
    victim_services: bool = public(_VICTIM_SERVICES)
    snapshot_at: datetime.datetime = public("The moment of the records it was counted from")
    sources: list[str] = public("The source systems it was counted from")
    published_at: datetime.datetime = public("When it was published")
    cells: list[MeasureCell] = public("The counts", _cells, size=100)
    earlier: list[Annotated[MeasureCube, strawberry.lazy("schema.measure")]] = public(
        "The same of up to twelve periods before that are as long, newest first",
        rows=measures.earlier,
        size=12,
    )
    records: Connection[MeasureRecord] = public(
        "Stays behind a figure of the whole that the viewer's own agency entered, by EnrollmentID. None "
        "where what other agencies entered plays a part in the figure",
        _records,
    )


@strawberry.input(
    description="Days for which a measure is published: a month, a year or a federal fiscal year"
)
class MeasurePeriodInput:
    start: datetime.date = strawberry.field(description="First day")
    end: datetime.date = strawberry.field(description="Last day, inclusive")


async def all_published(info: Info) -> Any:
    return await measures.measures(info.context)


async def published(
    info: Info,
    name: Annotated[str, argument("Name of the measure, as `measures` lists it")],
    period: Annotated[MeasurePeriodInput, argument("When")],
    coc: Annotated[str | None, argument("The continuum; null = every one. HUD 2.03.1")] = None,
    by: Annotated[
        list[str] | None, argument("What to count by, as `measures` lists it; null = the whole")
    ] = None,
    victim_services: Annotated[
        bool, argument("Of victim service providers, who are in no other cube, instead of all others")
    ] = False,
) -> Any:
    return await measures.measure(
        info.context, name, period.start, period.end, coc, by or (), victim_services
    )
