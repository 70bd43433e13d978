"""The page of all checks, docs/connectors/checks.md: what each number proves and what mends it."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.kit.pages import OURS
from connectors.kit.running import LAST, all_checks

PAGE = OURS / "checks.md"


def check_page() -> str:
    return "\n".join([*_lines(), ""])


def _lines() -> Iterator[str]:
    yield "# What `hmis-hub connector check` proves"
    yield ""
    yield "Written by `hmis-hub connector docs`. A number never changes its meaning; scripts may go by it."
    group = ""
    for check in (*all_checks(), LAST):
        if check.group != group:
            group = check.group
            yield f"\n## {group.capitalize()}\n"
            yield "| | promise | level | why | what mends it |\n|---|---|---|---|---|"
        yield f"| {check.id} | {check.title} | {check.level} | {check.docs} | {check.fix} |"
