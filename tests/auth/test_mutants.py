"""Every rule of the decision is held by a test: taken away or weakened, one of the unit tests fails.

Each mutant is the source of `auth/consent.py` or of `auth/legal_order.py` with one small change, compiled
into a module of its own; the unit tests of both run against it in this process. A text that is no longer in
the source is a mutant to be renewed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import auth
from tests.auth.mutants import MUTANTS

FOLDER = Path(str(auth.__file__)).parent
# In this order: the second is compiled against the first.
SOURCES = {f"auth.{name}": (FOLDER / f"{name}.py").read_text() for name in ("legal_order", "consent")}
CHECKS = [(Path(__file__).parent / name).read_text() for name in ("test_consent.py", "test_legal_order.py")]


def _compiled(name: str, source: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)  # noqa: S102  # our own source
    return module


def _cases(function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The arguments that the parametrize marks of a test give it."""
    axes = []
    for mark in getattr(function, "pytestmark", []):
        names, values = mark.args[:2]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        axes.append([dict(zip(names, value if len(names) > 1 else [value], strict=True)) for value in values])
    for chosen in product(*axes):
        yield {name: value for part in chosen for name, value in part.items()}


def _tests(module: ModuleType) -> Iterator[Callable[[], None]]:
    for name, found in vars(module).items():
        if name.startswith("test_"):
            yield from (lambda case=case, test=found: test(**case) for case in _cases(found))
        elif name.startswith("Test"):
            methods = [getattr(found(), method) for method in vars(found) if method.startswith("test_")]
            for method in methods:
                yield from (lambda case=case, test=method: test(**case) for case in _cases(method))


def _survives(monkeypatch: pytest.MonkeyPatch, old: str = "", new: str = "") -> bool:
    """Whether every unit test passes where the old text is the new one."""
    with monkeypatch.context() as patched:
        for name, source in SOURCES.items():
            mutant = ModuleType(name)
            patched.setitem(sys.modules, name, mutant)  # where dataclasses and the tests look it up
            code = compile(source.replace(old, new) if old else source, f"<{name}>", "exec")
            exec(code, mutant.__dict__)  # noqa: S102  # our own source
        for checks in CHECKS:
            for test in _tests(_compiled("checks", checks)):
                try:
                    test()
                except Exception:  # whatever a test says of it, or stumbles over
                    return False
    return True


def test_the_source_as_it_is_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _survives(monkeypatch)


def test_every_mutant_is_of_the_source_as_it_is() -> None:
    whole = "".join(SOURCES.values())
    stale = [name for name, (old, _) in MUTANTS.items() if whole.count(old) != 1]
    assert stale == []


def test_no_mutant_survives_the_unit_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    survivors = [name for name, (old, new) in MUTANTS.items() if _survives(monkeypatch, old, new)]
    assert not survivors, "\n".join(survivors)
