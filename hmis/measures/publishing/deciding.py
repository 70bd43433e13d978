"""Deciding: what of a measure's true counts becomes a published cube, beside what is published already.

Nothing is published that could be subtracted from something else that is: what meets is counted anew from
one snapshot and hidden or shown as one, and takes the place of what was there only as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hmis.errors import InputRefused
from hmis.measures import answering
from hmis.measures.catalog import MEASURES
from hmis.measures.measure import Measure, Numbers
from hmis.measures.publishing.attack import audit
from hmis.measures.publishing.cells import SUPPRESSED, Key, NotATable, Published
from hmis.measures.publishing.counted import Counts, Scope
from hmis.measures.publishing.rates import summary
from hmis.measures.publishing.replacement import tells_of_few
from hmis.measures.publishing.stored import Cube, Shown, new
from hmis.measures.publishing.suppress import suppress
from hmis.measures.publishing.tied import key_in, tied

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be counted to publish one measure for one scope."""

    measures: tuple[Measure, ...]
    scopes: tuple[Scope, ...]
    before: tuple[Cube, ...]
    """What this takes the place of."""


def plan(measure: Measure, scope: Scope, published: Collection[Cube]) -> Plan:
    """Whatever meets the scope, directly or through something else that is published.

    Raises:
        InputRefused: a period or continuum that meets it is published, and the measure does not nest.
    """
    together = same_people(measure)
    scopes = {scope}
    while met := {cube.scope for cube in published if any(cube.scope.meets(one) for one in scopes)} - scopes:
        scopes |= met
    if len(scopes) > 1 and not all(one.nests for one in together):
        other = min(scopes - {scope})
        raise InputRefused(
            f"{measure.name} is published for {other.period}, {other.coc or 'every continuum'}, which this"
            " meets: from the two together somebody could work out what neither shows."
        )
    before = tuple(cube for cube in published if cube.scope in scopes)
    return Plan(together, tuple(sorted(scopes)), before)


def same_people(measure: Measure) -> tuple[Measure, ...]:
    """The measure, and those that count the same people under another name."""
    found = {measure.name}
    while more := {
        name
        for one in MEASURES.values()
        for name in _named_by(one)
        if found & _named_by(one) and name not in found
    }:
        found |= more
    return tuple(MEASURES.get(name, measure) for name in sorted(found))


def _named_by(measure: Measure) -> set[str]:
    parts = (part for parts in measure.parts.values() for part in parts)
    figures = [*measure.parts, *(part for part in parts if isinstance(part, str))]
    return {measure.name, *(figure.partition(":")[0] for figure in figures if ":" in figure)}


def decided(counts: Sequence[Counts], before: Collection[Cube]) -> list[Cube]:
    """The cubes that may be published of these counts.

    Raises:
        InputRefused: the difference to what is published would tell of a few people.
    """
    shown_before: dict[Key, Published] = {
        key_in(cube.measure, cube.scope, cube.by, place): SUPPRESSED if shown.value is None else shown.value
        for cube in before
        for place, shown in cube.cells.items()
    }
    table = tied(counts, shown_before)
    try:
        hidden = [key for key, value in shown_before.items() if value is SUPPRESSED]
        protected = suppress(table.cells.values(), table.relations, hidden)
    except NotATable as fault:
        raise InputRefused(f"Nothing was published: {fault}.") from fault
    if audit(protected, table.relations):
        raise InputRefused("Nothing was published: some count could be worked out from those beside it.")
    after = protected.published
    known = set(shown_before)
    same = [one for one in table.relations if {one.total, *one.parts} <= known]
    if known and tells_of_few(shown_before, {key: after[key] for key in known}, same):
        raise InputRefused(
            "What is published stays as it is: by now some counts differ from it by 1 to 10, and whoever"
            " compares the two would learn of those few. Publish again when more has changed."
        )
    return [*_as_cubes(counts, after)]


def _as_cubes(counts: Iterable[Counts], after: Mapping[Key, Published]) -> Iterable[Cube]:
    for one in counts:
        measure, scope = one.measure, one.scope
        cells = {
            place: _shown(measure, after, key_in(measure.name, scope, one.by, place), found)
            for place, found in one.numbers.items()
        }
        yield new(measure.name, scope, one.by, cells, one.records)


def _shown(measure: Measure, after: Mapping[Key, Published], key: Key, found: Numbers) -> Shown:
    value = after[key]
    if value is SUPPRESSED:
        return Shown(None)
    if not measure.medians or measure.counts_alone or not found.amount:
        return Shown(value)
    mean = summary(after, key, answering.mean(found))
    median = summary(after, key, answering.median(found))
    if mean is SUPPRESSED or median is SUPPRESSED:
        return Shown(value)
    return Shown(value, mean, median)
