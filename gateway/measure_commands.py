"""`hmis-hub measure`: what is counted, for those who run the hub."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from gateway import command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gateway.measuring.question import Answer, Question, Tell
    from gateway.settings import Settings
    from hmis.measures.publishing.stored import Cube
    from hmis.measures.snapshot import Snapshot

Found = TypeVar("Found")


class Backend(StrEnum):
    """Where a measure is computed."""

    DUCKDB = "duckdb"
    SPARK = "spark"


Day = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        help="First day; with --to left out, too: a year to the last full month",
    ),
]
LastDay = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of the period, inclusive")
]


def measure(
    name: Annotated[
        str | None, typer.Argument(help="Which measure, such as spm; without one, all are listed")
    ] = None,
    start: Day = None,
    end: LastDay = None,
    coc: Annotated[str | None, typer.Option(help="HUD 2.03 CoCCode; every continuum if left out")] = None,
    source: Annotated[str | None, typer.Option(help="Name of one source; all of them if left out")] = None,
    backend: Annotated[Backend, typer.Option(help="duckdb, or spark where one machine is not enough")] = (
        Backend.DUCKDB
    ),
    by: Annotated[
        list[str] | None,
        typer.Option(
            help="Count by this: project_type, project, household_type, age_group ...; may be repeated"
        ),
    ] = None,
    records: Annotated[
        str | None, typer.Option(metavar="FIGURE", help="List whom a figure counts, by ids; each is audited")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the figures to this CSV file as well")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write them to this Excel file as well")] = None,
    svg: Annotated[Path | None, typer.Option(help="Draw them as a picture")] = None,
    publish: Annotated[
        bool,
        typer.Option(
            "--publish", help="Publish it, small numbers hidden, in place of what was published before"
        ),
    ] = False,
) -> None:
    """Count, from a snapshot of the database: people once, whatever the number of records that know them.

    Prints true counts, for whoever runs the hub: they are not to be passed on as they are. What may be passed
    on is published, with small numbers hidden. Who counted what is audited.

    Examples:

        hmis-hub measure

        hmis-hub measure system-counts --from 2024-10-01 --to 2025-09-30 --coc MA-500 --json

        hmis-hub measure unduplicated-people --from 2024-10-01 --to 2025-09-30 --by age_group

        hmis-hub measure spm --from 2024-10-01 --to 2025-09-30 --records 2/days_0_180

        hmis-hub measure unduplicated-people --from 2024-10-01 --to 2025-09-30 --coc MA-500 --publish
    """
    from gateway.measuring import printed
    from gateway.measuring.question import Question
    from hmis.measures.asked import Asked
    from hmis.measures.catalog import named

    if name is None:
        printed.print_measures()
        return
    found = named(name)
    if (start is None) != (end is None):
        raise typer.BadParameter("a period has two ends: give --from and --to, or neither")
    settings = command.settings()
    first, last = _last_year(settings) if start is None or end is None else (start.date(), end.date())
    question = Question(found, Asked(first, last, coc), source, backend.value, tuple(by or ()), records)
    if publish:
        for line in publish_measure(settings, question, quiet=False):
            typer.echo(line)
        return
    answer = _answered(settings, question, quiet=as_json)
    _written(answer, csv, xlsx, svg, found.name)
    if as_json:
        _print_json(answer.data)
    else:
        printed.print_answer(answer)


def _last_year(settings: Settings) -> tuple[date, date]:
    """The year that ends with the last full month of what was imported."""
    from sqlalchemy import text

    from hmis.errors import InputRefused
    from hmis.measures.months import last_full_year

    url = command.database(settings)
    found: list[date] = []

    async def read() -> None:
        async with command.ready(url) as engine, engine.connect() as connection:
            until = await connection.scalar(text("select max(export_end_date) from export"))
            found.extend([until] if until else [])

    command.run(read())
    if not found:
        raise InputRefused("Nothing was imported that says until when it tells: give --from and --to.")
    return last_full_year(found[0])


def _answered(settings: Settings, question: Question, *, quiet: bool) -> Answer:
    """The answer, audited when this returns."""
    from gateway.measuring.question import answered

    def compute(snapshot: Snapshot, tell: Tell) -> Answer:
        return answered(question, snapshot, tell)

    return _audited(settings, question, question.command, compute, lambda answer: answer.people, quiet=quiet)


def is_published(settings: Settings, question: Question) -> bool:
    """Whether something stands published for just this measure, period and continuum."""
    from gateway.measuring import publishing

    url = command.database(settings)
    found: list[bool] = []

    async def read() -> None:
        async with command.ready(url) as engine:
            cubes = await publishing.published(engine, question)
            scope = publishing.scope_of(question)
            found.append(any((one.measure, one.scope) == (question.measure.name, scope) for one in cubes))

    command.run(read())
    return found[0]


def publish_measure(settings: Settings, question: Question, *, quiet: bool) -> list[str]:
    """Publish, audited before it is written. Gives what was published, in words.

    Raises:
        InputRefused: it cannot be published, or not beside what is.
    """
    from gateway.measuring import publishing

    url = command.database(settings)
    publishing.scope_of(question)
    known: list[Cube] = []

    async def read() -> None:
        async with command.ready(url) as engine:
            known.extend(await publishing.published(engine, question))

    def compute(snapshot: Snapshot, tell: Tell) -> tuple[Snapshot, list[Cube], list[Cube]]:
        command.run(read())
        return (snapshot, *publishing.prepared(question, snapshot, known, tell))

    said = f"{question.command} --publish"
    snapshot, after, before = _audited(settings, question, said, compute, lambda _: (), quiet=quiet)

    async def write() -> None:
        async with command.ready(url) as engine:
            await publishing.write(engine, question, snapshot, after, before)

    command.run(write())
    return publishing.in_words(after, before)


def _audited(
    settings: Settings,
    question: Question,
    said: str,
    compute: Callable[[Snapshot, Tell], Found],
    people: Callable[[Found], Iterable[str]],
    *,
    quiet: bool,
) -> Found:
    """What is computed from a fresh snapshot, in the audit when this returns, also where it was refused.

    Computed outside of any event loop, so that Ctrl-C stops it. said: the command. people: who is listed.
    """
    from datetime import UTC

    from gateway.measuring import auditing, printed
    from hmis.errors import HubError
    from hmis.measures.snapshot import taken

    url = command.database(settings)
    snapshots: list[Snapshot] = []

    async def take() -> None:
        async with command.ready(url) as engine:
            snapshots.append(await taken(engine, settings.home, datetime.now(UTC), tell))

    async def audited(outcome: str, listed: Iterable[str] = ()) -> None:
        async with command.ready(url) as engine:
            name, now = question.measure.name, datetime.now(UTC)
            await auditing.audited(engine, settings, name, said, now, outcome, listed)

    with printed.progress(quiet=quiet) as tell:
        command.run(take())
        try:
            found = compute(snapshots[0], tell)
        except HubError:
            command.run(audited(auditing.REFUSED))
            raise
        command.run(audited(auditing.ANSWERED, people(found)))
    return found


def _written(answer: Answer, csv: Path | None, xlsx: Path | None, svg: Path | None, name: str) -> None:
    """The files that were asked for."""
    from gateway.measuring import files, pictures

    if csv is not None:
        files.write(csv, files.as_csv(answer.sheet))
    if xlsx is not None:
        files.write(xlsx, files.as_xlsx(answer.sheet))
    if svg is not None:
        files.write(svg, pictures.drawn(name, answer).encode())


def _print_json(data: object) -> None:
    import json

    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
