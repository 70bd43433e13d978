"""The tables of docs/eligibility.md, from the data. `python -m tests.docs.eligibility_tables` writes them."""

from __future__ import annotations

import re
from pathlib import Path

from hmis.eligibility.pack import WHOLE_DOLLARS, Edition, Region, pack

PAGE = Path(__file__).parents[2] / "docs" / "eligibility.md"


def tables() -> dict[str, str]:
    """Each table by the name that the page gives it."""
    return {"editions": _editions(), "states": _states()}


def _editions() -> str:
    lines = ["| edition | from | to | limits for one and for four | source |", "|---|---|---|---|---|"]
    for edition in pack().editions:
        end = edition.end or ""
        lines.append(f"| {edition.name} | {edition.start} | {end} | {_limits(edition)} | {edition.source} |")
    return "\n".join(lines)


def _limits(edition: Edition) -> str:
    if edition.guidelines is None:
        return "per area"
    whole = edition.program in WHOLE_DOLLARS
    told = []
    for name, percent in edition.percent.items():
        one, four = (
            edition.guidelines.limit(Region.CONTIGUOUS, size, percent, whole_dollars=whole) for size in (1, 4)
        )
        told.append(f"{name} {percent} %: ${one:,} and ${four:,}")
    return "; ".join(told)


def _states() -> str:
    lines = ["| program | state | limit | from | to | source |", "|---|---|---|---|---|---|"]
    for one in pack().states:
        limit = f"{one.percent} %" if one.percent is not None else f"${one.four_person:,} a year for four"
        lines.append(
            f"| {one.program} | {one.state} | {limit} | {one.start} | {one.end or ''} | {one.source} |"
        )
    return "\n".join(lines)


def placed(page: str) -> str:
    """The page with each table between its marks as the data has it."""
    for name, table in tables().items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = marks.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)
        assert count == 1, f"docs/eligibility.md has no place for the table of {name}"
    return page


if __name__ == "__main__":
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
