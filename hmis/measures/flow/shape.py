"""How figures of flow are written as JSON."""

from __future__ import annotations

from typing import Any

from hmis.measures.answering import units
from hmis.measures.measure import Figures
from hmis.measures.months import months, period_of, said

_THERE = ("housed", "homeless")
_CAME = ("first_time", "returned_from_permanent", "re_engaged_from_non_permanent")
_WENT = ("exited_permanent", "exited_non_permanent", "inactive")


def shape(found: Figures) -> dict[str, Any]:
    def counted(block: str, names: tuple[str, ...]) -> dict[str, int]:
        return {name: units(found, f"{block}/{name}") for name in names}

    def of_month(name: str) -> dict[str, Any]:
        inflow = counted(f"monthly/{name}/inflow", (*_CAME, "from_housed"))
        outflow = counted(f"monthly/{name}/outflow", (*_WENT, "to_housed"))
        came, went = sum(inflow.values()), sum(outflow.values())
        return {
            "month": name,
            "inflow": came,
            "outflow": went,
            "change": came - went,
            "homeless_at_end": units(found, f"monthly/{name}/homeless_at_end"),
            "inflow_by": inflow,
            "outflow_by": outflow,
        }

    start, end = period_of(found)
    inflow, outflow = counted("inflow", (*_THERE, *_CAME)), counted("outflow", (*_THERE, *_WENT))
    came, went = sum(inflow[name] for name in _CAME), sum(outflow[name] for name in _WENT)
    return {
        "period": {
            **said(start, end),
            "people": units(found, "inflow/all"),
            "inflow": came,
            "outflow": went,
            "change": came - went,
        },
        "inflow": inflow,
        "outflow": outflow,
        "monthly": [of_month(month.name) for month in months(start, end)],
    }
