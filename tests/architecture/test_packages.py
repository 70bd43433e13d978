"""Our package names are plain words (`schema`, `auth`): somebody else's distribution could own one."""

from __future__ import annotations

from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("gateway", "schema", "resolvers", "connectors", "auth", "hmis")


@pytest.mark.parametrize("name", OURS)
def test_no_installed_distribution_owns_our_package_names(name: str) -> None:
    # Whichever was installed last would win, silently.
    assert set(packages_distributions().get(name, ())) <= {"hmis-hub"}


@pytest.mark.parametrize("name", OURS)
def test_what_is_imported_is_what_lies_here(name: str) -> None:
    assert Path(str(__import__(name).__file__)).parent == ROOT / name


def test_there_is_no_package_below_tests() -> None:
    # With --import-mode=importlib each test file stands for itself.
    assert list((ROOT / "tests").rglob("__init__.py")) == []
