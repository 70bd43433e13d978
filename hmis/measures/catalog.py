"""Every measure by its name."""

from __future__ import annotations

from collections.abc import Mapping

from hmis.errors import InputRefused
from hmis.measures.beds import BEDS
from hmis.measures.data_quality.report import DATA_QUALITY
from hmis.measures.flow.flow import FLOW
from hmis.measures.measure import Measure
from hmis.measures.need.need import UNMET_NEED
from hmis.measures.people import ACTIVE_PEOPLE, UNDUPLICATED_PEOPLE
from hmis.measures.performance.spm import EACH, SPM
from hmis.measures.system_counts.counts import SYSTEM_COUNTS
from hmis.measures.system_counts.detail import SYSTEM_COUNTS_DETAIL
from hmis.measures.utilization import UTILIZATION

MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        UNDUPLICATED_PEOPLE,
        ACTIVE_PEOPLE,
        DATA_QUALITY,
        SYSTEM_COUNTS,
        SYSTEM_COUNTS_DETAIL,
        FLOW,
        UTILIZATION,
        BEDS,
        UNMET_NEED,
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
