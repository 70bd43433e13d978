"""Dimensions: what figures may be counted by. Each is a column that members get from their stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hmis.errors import InputRefused

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

    from hmis.measures.asked import Asked
    from hmis.measures.core import Core

UNKNOWN = "unknown"


def with_dimensions(core: Core, asked: Asked, rows: Table, by: tuple[str, ...]) -> Table:
    """Members with a column for each dimension; `unknown` where their stay does not say.

    Raises:
        InputRefused: there is no such dimension.
    """
    wrong = [name for name in by if name not in DIMENSIONS]
    if wrong:
        raise InputRefused(f"Nothing can be counted by {wrong[0]!r}. There are: {', '.join(DIMENSIONS)}.")
    of_stays = core.stay.select("enrollment", **{name: DIMENSIONS[name](core.stay, asked) for name in by})
    joined = rows.join(of_stays, "enrollment", how="left")
    return joined.mutate(**{name: joined[name].cast("string").fill_null(UNKNOWN) for name in by})


def _project_type(stay: Table, asked: Asked) -> Value:
    return stay.project_type


DIMENSIONS: Mapping[str, Callable[[Table, Asked], Value]] = {
    "project_type": _project_type,
}
