"""`measure NAME --publish`: counts as everybody who may ask for measures is told them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.command import operator
from gateway.measuring.question import Question, Tell, known_coc
from hmis.errors import InputRefused
from hmis.measures.core import opened
from hmis.measures.publishing.counted import Counts, Scope, cubes, has_victim_services
from hmis.measures.publishing.deciding import Plan, decided, plan, same_people
from hmis.measures.publishing.stored import About, Cube, replace_with, stored
from hmis.measures.snapshot import Snapshot

if TYPE_CHECKING:
    from hmis.measures.core import Core


def scope_of(question: Question) -> Scope:
    """What is to be published.

    Raises:
        InputRefused: it is not a fixed cube of the whole hub.
    """
    if not question.measure.published:
        raise InputRefused(
            f"{question.measure.name} is for whoever runs the hub; it is not published, for its figures hang"
            " together in ways that nobody has written down."
        )
    if question.source or question.by or question.figure:
        raise InputRefused(
            "--publish takes all sources and the measure's own groups: leave out --source, --by, --records."
        )
    scope = Scope(question.asked.start, question.asked.end, question.asked.coc or "")
    scope.period  # noqa: B018  # refuses what is no fixed period
    return scope


async def published(engine: AsyncEngine, question: Question) -> list[Cube]:
    """What is published of the measure and of those that count the same people."""
    async with engine.connect() as connection:
        return await stored(connection, [one.name for one in same_people(question.measure)])


def prepared(
    question: Question, snapshot: Snapshot, known: Sequence[Cube], tell: Tell
) -> tuple[list[Cube], list[Cube]]:
    """The cubes to publish, and those whose place they take. Nothing is written.

    Raises:
        InputRefused: it cannot be published beside or after what is published, or there is no such continuum.
    """
    scope = scope_of(question)
    with opened(snapshot, question.backend) as core:
        known_coc(core, question.asked.coc)
        counts, before = _counts(question, core, plan(question.measure, scope, _of(known, False)), tell)
        if has_victim_services(core):
            apart = Scope(scope.start, scope.end, scope.coc, victim_services=True)
            more, of_them = _counts(question, core, plan(question.measure, apart, _of(known, True)), tell)
            counts, before = [*counts, *more], [*before, *of_them]
    tell("Looking at what could be worked out from it")
    return decided(counts, before), before


def _of(known: Sequence[Cube], victim_services: bool) -> list[Cube]:
    return [cube for cube in known if cube.scope.victim_services is victim_services]


def _counts(question: Question, core: Core, wanted: Plan, tell: Tell) -> tuple[list[Counts], list[Cube]]:
    counts: list[Counts] = []
    for measure in wanted.measures:
        for scope in wanted.scopes:
            tell(f"Counting {measure.name} of {scope.period}")
            counts += cubes(measure, core, scope)
    return counts, list(wanted.before)


async def write(
    engine: AsyncEngine, question: Question, snapshot: Snapshot, after: Sequence[Cube], before: Sequence[Cube]
) -> None:
    """Publish, in one transaction.

    Raises:
        InputRefused: somebody else published meanwhile.
    """
    titles = {one.name: (one.title, one.definition) for one in same_people(question.measure)}
    sources = tuple(sorted(snapshot.sources))
    about = About(titles, snapshot.taken_at, sources, datetime.now(UTC), operator())
    async with engine.begin() as connection:
        await replace_with(connection, before, after, about)


def in_words(after: Sequence[Cube], before: Sequence[Cube]) -> list[str]:
    """What was published, for whoever did."""
    cells = [shown for cube in after for shown in cube.cells.values()]
    hidden = sum(shown.value is None for shown in cells)
    lines = [
        f"{cube.measure}, {cube.scope.period}, {cube.scope.coc or 'every continuum'}"
        f"{', victim service providers' if cube.scope.victim_services else ''}"
        f"{f', by {cube.by[0]}' if cube.by else ''}: {len(cube.cells)} cells"
        for cube in after
    ]
    took = f" They take the place of {len(before)}." if before else ""
    return [*lines, f"{len(after)} cubes published, {hidden} of {len(cells)} cells suppressed.{took}"]
