"""Telling: how an operation will be answered, for people who write documents.

By the document and its variables alone: the same whoever asks, so it tells nothing of what is there. What
rows in between hold, how long it takes and which of it consent opens shows when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import iscoroutinefunction

from connectors.base import Source
from gateway.plan.ahead import PEOPLE, STAYS, is_a_partners
from gateway.plan.plan import Field, Plan, Selection
from resolvers import projects
from resolvers.reading_ahead import statement_of
from resolvers.records import Hanging

AHEAD, DATABASE, PARTNERS = "ahead", "database", "partners"
"""Ways of a step: in the one statement that reads people with all that hangs on them; by statements of its
own; by asking partners."""


@dataclass(frozen=True, slots=True)
class Step:
    """What fetches the value of one field; fields that are told from a row fetched before are no steps."""

    name: str
    """`Client.enrollments`"""
    key: str
    """Where it stands in the answer, `client.enrollments`; what is a list has no numbers in it."""
    way: str
    needs: str | None
    """The consent category without which it is not shown; None = it is of nobody."""
    partners: tuple[str, ...] = ()
    """Who is asked."""
    first: bool = False
    """It begins the one statement."""


@dataclass(frozen=True, slots=True)
class Told:
    """The steps of a plan, each after the one it stands below."""

    steps: tuple[Step, ...]
    fields: int
    """How many there are in all."""
    statement: str | None
    """The one that reads people, with $1 for values, as it is for the first page of stays and a viewer who
    asked before; None = there is none."""


def told(plan: Plan, sources: Mapping[str, Source]) -> Told:
    """A plan in steps."""
    steps = tuple(_steps(plan, plan.root, "", True, sources))
    ahead = plan.ahead
    statement = None
    if ahead is not None:
        statement = statement_of(ahead.client, ahead.stays, ahead.files, ahead.projects)
    return Told(steps, _count(plan.root), statement)


def _steps(
    plan: Plan, selection: Selection, above: str, near: bool, sources: Mapping[str, Source]
) -> Iterator[Step]:
    """near: all above was read with the people, so what is below may have been, too."""
    for field in selection.fields:
        key = f"{above}.{field.key}" if above else field.key
        begins = plan.ahead is not None and field.name in PEOPLE
        ahead = begins or (near and plan.ahead is not None and _is_read_ahead(plan, field))
        if field.call is not None and (ahead or iscoroutinefunction(field.call.function)):
            needs = None if field.category is None else field.category.name
            asked = _partners(field, sources)
            way = AHEAD if ahead else DATABASE if asked is None else PARTNERS
            yield Step(field.name, key, way, needs, asked or (), begins)
        if field.selection is not None:
            waits = field.call is not None and not ahead and iscoroutinefunction(field.call.function)
            yield from _steps(plan, field.selection, key, near and not waits, sources)


def _is_read_ahead(plan: Plan, field: Field) -> bool:
    assert plan.ahead is not None
    if field.name == STAYS:
        return plan.ahead.page is field
    if isinstance(field.rows, Hanging):
        return field.rows.file in {file for file, _ in plan.ahead.files}
    return plan.ahead.projects and field.rows is projects.of_stay


def _partners(field: Field, sources: Mapping[str, Source]) -> tuple[str, ...] | None:
    """Who is asked for it; None = it is nothing of partners."""
    if field.selection is None or not is_a_partners(field):
        return None
    noun = field.selection.kind
    return tuple(sorted(source.name for source in sources.values() if noun in source.offers))


def _count(selection: Selection) -> int:
    return sum(1 + (_count(one.selection) if one.selection else 0) for one in selection.fields)
