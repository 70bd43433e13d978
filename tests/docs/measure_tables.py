"""The tables of docs/measures.md, from the code: `python -m tests.docs.measure_tables` writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from hmis.measures.catalog import MEASURES
from hmis.measures.dimensions import DIMENSIONS, MONTH

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"


def _measures() -> Iterator[str]:
    yield "| measure | what it counts | by | published |"
    yield "|---|---|---|---|"
    for one in MEASURES.values():
        by = ", ".join(f"`{name}`" for name in one.by) or "-"
        published = "yes" if one.published else "no"
        yield f"| `{one.name}` | **{one.title}.** {one.definition} | {by} | {published} |"


def _dimensions() -> Iterator[str]:
    yield "| group | what it is | values |"
    yield "|---|---|---|"
    for name, one in DIMENSIONS.items():
        values = ", ".join(f"`{value}`" for value in one.known) or "as entered"
        yield f"| `{name}` | {one.title} | {values} |"
    yield f"| `{MONTH}` | Month, where the measure says one | `2026-03` |"


TABLES = {"measures": _measures, "dimensions": _dimensions}


def placed(page: str) -> str:
    """The page with its tables as the code has them."""
    for name, rows in TABLES.items():
        table = "\n".join(rows())
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        page, count = marks.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)
        assert count == 1, f"docs/measures.md has no place for the table of {name}"
    return page


if __name__ == "__main__":
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
