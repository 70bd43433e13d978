"""docs/threats.md names every channel we know of, and tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "threats.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| channel")
]

CHANNELS = """
existence by id; counts, totals, hasNextPage; filter, sort or group by a hidden field; cursors that hold
hidden sort keys; sequential or cross-agency ids; the duplicate check on create; autocomplete; error text and
connector names in time-outs; errors only when a hidden row exists; latency; query cost charged for hidden
rows; loader, plan or response caches across viewers; ETag; `updatedAt`; merge and link counts; nested walks;
names and addresses of DV or HOPWA sites; `__typename`; suggestions in validation errors; aliases;
subscriptions; `_entities`; logs, traces, metrics labels, exception reports; the audit viewer itself; small
cells and differencing; exports; free text; age from DOB; probing last four and DOB through filters
"""
NOTHING_YET = "nothing to hold yet"


def every_test() -> set[str]:
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
    return found


def test_every_channel_has_its_line() -> None:
    wanted = {" ".join(channel.split()) for channel in CHANNELS.split(";")}
    assert wanted - {row[0] for row in ROWS} == set()


def test_every_line_names_what_holds_it() -> None:
    assert [row[0] for row in ROWS if len(row) != 3 or not all(row)] == []
    held_by_nothing = [row[0] for row in ROWS if "`test_" not in row[2]]
    assert held_by_nothing == ["small cells and differencing"]
    assert NOTHING_YET in TEXT


def test_every_test_it_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > len(ROWS) / 2
    assert named - every_test() == set()


def test_every_file_it_names_is_there() -> None:
    links = re.findall(r"\]\(([\w./-]+)\)", TEXT)
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
    files = re.findall(r"`((?:tests|auth|gateway|resolvers)/[\w./]+)`", TEXT)
    assert [file for file in files if not (ROOT / file).exists()] == []
