"""Tied: the cells of a measure's cubes as one table of cells and relations, which is hidden or shown as one.

Everything that anybody could put together is one table: the cubes of a measure by all its dimensions, of all
periods and continua that meet, and those of measures that count the same people under another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from hmis.measures.measure import Measure, Numbers
from hmis.measures.publishing.cells import VICTIM_SERVICES, Cell, Key, Kind, Relation
from hmis.measures.publishing.counted import Counts, Place, Scope
from hmis.measures.publishing.cubes import key_of, relations_among
from hmis.measures.publishing.periods import months_of

_COC, _PERIOD = "coc", "period"


@dataclass(frozen=True, slots=True)
class Tied:
    """What is protected together."""

    cells: Mapping[Key, Cell]
    relations: tuple[Relation, ...]
    numbers: Mapping[Key, Numbers]


def key_in(measure: str, scope: Scope, by: tuple[str, ...], place: Place) -> Key:
    """What a cell of a cube is called among all others."""
    named = dict(zip(by, place[1:], strict=True)) | {_PERIOD: scope.period}
    if scope.coc:
        named[_COC] = scope.coc
    if scope.victim_services:
        providers, _, whose = VICTIM_SERVICES.partition("=")
        named[providers] = whose
    return key_of(f"{measure}:{place[0]}", **named)


def tied(all_counts: Iterable[Counts], shown_before: Iterable[Key] = ()) -> Tied:
    """shown_before: cells that were published; what they counted and nobody is counted by now is 0."""
    cells: dict[Key, Cell] = {}
    numbers: dict[Key, Numbers] = {}
    measures: dict[str, Measure] = {}
    for counts in all_counts:
        measures[counts.measure.name] = counts.measure
        days = (counts.scope.end - counts.scope.start).days + 1
        for place, found in counts.numbers.items():
            key = key_in(counts.measure.name, counts.scope, counts.by, place)
            cells[key] = _cell(key, counts.measure, place[0], found, days)
            numbers[key] = found
    for key in shown_before:
        cells.setdefault(key, Cell(key, 0))
    figures = {key[0] for key in cells}
    kinds: dict[tuple[str, str], Kind | None] = {}
    for figure in figures:
        nests = measures[figure.partition(":")[0]].nests
        kinds |= {(figure, name): Kind.UNION for key in cells for name in _dimensions(key)}
        kinds |= {(figure, name): Kind.WITHIN if nests else None for name in (_COC, _PERIOD)}
    periods = {facet.partition("=")[2] for key in cells for facet in key if facet.startswith(f"{_PERIOD}=")}
    groups = {_PERIOD: {period: months for period in periods if (months := months_of(period))}}
    among = [*relations_among(cells, kinds, groups), *_between_figures(cells, measures.values())]
    held = tuple(_as_it_holds(relation, cells) for relation in among)
    return Tied(cells, held, numbers)


def said(measure: Measure, figure: str, found: Numbers) -> int:
    """What a figure says: how many, or how much they come to."""
    return found.amount if figure.startswith(measure.totals) and measure.totals else found.units


def _cell(key: Key, measure: Measure, figure: str, found: Numbers, days: int) -> Cell:
    count = said(measure, figure, found)
    if count == found.units == found.people or _is_of_nobody(measure, figure):
        return Cell(key, count)
    is_total = bool(measure.totals) and figure.startswith(measure.totals)
    return Cell(key, count, found.people, days if is_total else 1)


def _is_of_nobody(measure: Measure, figure: str) -> bool:
    return bool(measure.of_nobody) and figure.startswith(measure.of_nobody)


def _dimensions(key: Key) -> Iterator[str]:
    return (facet.partition("=")[0] for facet in key[1:])


def _between_figures(cells: Mapping[Key, Cell], measures: Iterable[Measure]) -> Iterator[Relation]:
    """How figures hang together by what they are called, and by what their measures say."""
    some_of: dict[str, list[tuple[str, ...]]] = {}
    for measure in measures:
        for figure, parts in measure.parts.items():
            named = ((part,) if isinstance(part, str) else part for part in parts)
            full = (tuple(_full(measure, name) for name in names) for names in named)
            some_of.setdefault(_full(measure, figure), []).extend(full)
    for key in cells:
        front, _, names = key[0].rpartition("/")
        made_of = [tuple(f"{front}/{name}" for name in names.split("+"))] if "+" in names else []
        for figures in (*made_of, *some_of.get(key[0], ())):
            there = tuple(part for figure in figures if (part := (figure, *key[1:])) in cells)
            if not there:
                continue
            if len(figures) > 1:
                # One stay may put somebody into a part, another into the whole: of a group it may not hold.
                if max(cells[part].count for part in there) <= cells[key].count:
                    yield Relation(key, there, Kind.UNION)
                continue
            # Nights of one person are as many as the period has. What does not hold tells nobody anything.
            times = max(1, cells[there[0]].most // cells[key].most)
            if cells[there[0]].count <= times * cells[key].count:
                yield Relation(key, there, Kind.WITHIN, times)


def _full(measure: Measure, figure: str) -> str:
    return figure if ":" in figure else f"{measure.name}:{figure}"


def _as_it_holds(relation: Relation, cells: Mapping[Key, Cell]) -> Relation:
    """In the strongest way that is true of these counts: then whoever knows that it is so learns no more.

    Parts that add up to their total are taken as a sum, whatever it is that makes them.
    """
    total, parts = cells[relation.total].count, [cells[part].count for part in relation.parts]
    if relation.times == 1 and sum(parts) == total:
        return replace(relation, kind=Kind.SUM)
    if relation.kind is Kind.UNION and max(parts) <= total < sum(parts):
        return relation
    return replace(relation, kind=Kind.WITHIN)
