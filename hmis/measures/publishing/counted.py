"""Counted: a measure's tables as true counts, with every cell that a reader would expect to find in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from hmis.errors import InputRefused
from hmis.measures.answering import counted
from hmis.measures.asked import Asked
from hmis.measures.dimensions import DIMENSIONS, PROJECT, UNKNOWN, with_dimensions
from hmis.measures.measure import NOTHING, Measure, Numbers
from hmis.measures.publishing.periods import fixed_period

if TYPE_CHECKING:
    from ibis.expr.types import Table

    from hmis.measures.core import Core

Place = tuple[str, ...]
"""A figure, and a value for each dimension of its cube."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """When and about whom a cube is."""

    start: date
    end: date
    coc: str = ""
    """Empty = every continuum."""
    victim_services: bool = False
    """Of victim service providers and nobody else; they are in no other cube."""

    @property
    def period(self) -> str:
        """Its name: 2026-03, 2026 or FY2026.

        Raises:
            InputRefused: these days are no period that is published.
        """
        name = fixed_period(self.start, self.end)
        if name is None:
            raise InputRefused(
                f"Nothing is published for {self.start} to {self.end}. It is for whole months, years from"
                " January to December, and federal fiscal years from October to September."
            )
        return name

    @property
    def asked(self) -> Asked:
        return Asked(self.start, self.end, self.coc or None)

    def meets(self, other: Scope) -> bool:
        """Whether the two could be about the same people on the same days."""
        same_place = self.coc == other.coc or not (self.coc and other.coc)
        apart = self.victim_services != other.victim_services
        return same_place and not apart and self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class Counts:
    """One cube before it is published. True counts: it must not leave the process."""

    measure: Measure
    scope: Scope
    by: tuple[str, ...]
    numbers: Mapping[Place, Numbers]
    records: Any = None
    """Of the whole: an Arrow table of `figure`, `source_id`, `organization_id` and `enrollment_id`, the stays
    that may be listed to who entered them."""


def cubes(measure: Measure, core: Core, scope: Scope) -> Iterator[Counts]:
    """The whole, and the measure by each of its dimensions; of victim service providers the whole alone."""
    if scope.victim_services:
        core = of_victim_services(core)
    rows = core.kept(measure.members(core, scope.asked))
    for by in ((), *((name,) for name in published_by(measure) if not scope.victim_services)):
        grouped = with_dimensions(core, scope.asked, rows, by)
        found = dict(counted(measure, grouped, ("figure", *by), people=True))
        records = None if by or scope.victim_services else _records(measure, core, rows)
        yield Counts(measure, scope, by, _completed(measure, by, found), records)


def _records(measure: Measure, core: Core, rows: Table) -> Any:
    if not measure.listed:
        return None
    begins = reduce(or_, (rows.figure.startswith(beginning) for beginning in measure.listed))
    organizations = core.project.select("project", "organization_id")
    stays = core.stay.select("enrollment", "project", "source_id", "enrollment_id")
    listed = rows.filter(begins).select("figure", "enrollment").distinct().join(stays, "enrollment")
    columns = ("figure", "source_id", "organization_id", "enrollment_id")
    return listed.join(organizations, "project").select(*columns).to_pyarrow()


def published_by(measure: Measure) -> tuple[str, ...]:
    """The dimensions of a measure that are published. Not projects: everybody knows of which type each is, so
    that the counts of a type's projects would have to be hidden together with those of the types."""
    return tuple(name for name in measure.by if name != PROJECT)


def of_victim_services(core: Core) -> Core:
    """The tables of victim service providers alone, seen as measures see everybody else's."""
    stay = core.stay.filter(core.stay.is_victim_service_provider).mutate(is_victim_service_provider=False)
    project = core.project.filter(core.project.is_victim_service_provider)
    return replace(core, stay=stay, project=project.mutate(is_victim_service_provider=False))


def has_victim_services(core: Core) -> bool:
    """Whether victim service providers have anything to count."""
    return bool(core.stay.filter(core.stay.is_victim_service_provider).count().to_pyarrow().as_py())


def _completed(measure: Measure, by: tuple[str, ...], found: Mapping[Place, Numbers]) -> dict[Place, Numbers]:
    """With the cells that count nobody: to leave them out would be to show that they are 0."""
    figures = sorted({*figures_of(measure), *(place[0] for place in found)})
    whole: list[Place] = [(figure,) for figure in figures]
    for at, name in enumerate(by, 1):
        known = DIMENSIONS[name].known if name in DIMENSIONS else ()
        others = {place[at] for place in found} - {*known, UNKNOWN}
        whole = [(*place, value) for place in whole for value in (*known, *sorted(others), UNKNOWN)]
    return {place: found.get(place, NOTHING) for place in whole}


def figures_of(measure: Measure) -> tuple[str, ...]:
    """The figures that a measure's JSON asks for, whether or not anybody is counted by them."""
    asked = _Asking()
    measure.shape(asked)
    return tuple(asked.names)


class _Asking(dict[str, Numbers]):
    """Figures that count nobody, and remember by which names they were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self.names[name] = None
        return NOTHING

    def __getitem__(self, name: str) -> Numbers:
        self.names[name] = None
        return NOTHING

    def __contains__(self, name: object) -> bool:
        return True
