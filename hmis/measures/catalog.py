"""Every measure by its name."""

from __future__ import annotations

from collections.abc import Mapping

from hmis.errors import InputRefused
from hmis.measures.measure import Measure
from hmis.measures.people import ACTIVE_PEOPLE, UNDUPLICATED_PEOPLE
from hmis.measures.performance.spm import EACH, SPM

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        UNDUPLICATED_PEOPLE,
        ACTIVE_PEOPLE,
        SPM,
        *EACH,
    )
}


def named(name: str) -> Measure:
    """The measure of that name.

    Raises:
        InputRefused: there is none; the message says which there are.
    """
    if name not in MEASURES:
        raise InputRefused(f"There is no measure {name!r}. There are: {', '.join(MEASURES)}.")
    return MEASURES[name]
