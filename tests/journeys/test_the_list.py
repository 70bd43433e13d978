"""The list of what must hold: each of its 45 numbers has a test that carries the number in its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
NUMBERS = range(1, 46)
_NUMBERED = re.compile(r"test_(\d\d)_[a-z]")


def numbered() -> dict[int, list[str]]:
    """The tests of each number."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.name if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ""
            if match := _NUMBERED.match(name):
                found.setdefault(int(match[1]), []).append(f"{path.relative_to(TESTS)}:{name}")
    return found


def test_every_number_of_the_list_has_a_test() -> None:
    assert sorted(numbered()) == list(NUMBERS)


def test_none_of_them_is_skipped() -> None:
    for path in {TESTS / name.partition(":")[0] for names in numbered().values() for name in names}:
        assert not re.search(r"pytest\.(mark\.)?(skip|xfail)", path.read_text(encoding="utf-8")), path.name
