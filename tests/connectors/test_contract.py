"""Every source of the hub is proved by the kit, check by check; the in-memory one keeps the same contract.

A new partner is found by its folder. What it claims in `quality.toml` is held here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.kit.bench import Bench
from connectors.kit.checks import CHECKS, LEVELS
from connectors.kit.offered import ADA, BEN, Offered
from connectors.kit.running import Report, all_checks, run
from connectors.memory import MemorySource, Record
from connectors.registry import installed
from schema.build import schema
from schema.supplied import catalog

NOUNS = catalog(schema)
OURS = installed(NOUNS)
# What the source in memory has no wire and no manifest for.
_SPOKEN = ("C21", "C22", "C23", "C24", "C25", "C26", "C28", "C31", "C32", "C33", "C38", "C39", "C62", "C67")


async def _memory(_stack: AsyncExitStack, _home: Path, _engine: AsyncEngine) -> Offered:
    facts = {"lastVisit": date(2026, 1, 9), "visitCount": 2}
    source = MemorySource({"H-1": Record(ADA, facts), "H-2": Record(BEN, facts)})
    return Offered(source, ("H-1", "H-2"), people=(ADA, BEN))


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """Each connector is gone through once; the tests look at the parts."""
    return {}


async def _report(name: str, reports: dict[str, Report], database: AsyncEngine) -> Report:
    async def given() -> AsyncEngine:
        return database

    if name not in reports:
        memory = Bench(None, NOUNS, builder=_memory)
        make: Callable[[], Bench] = (
            (lambda: memory) if name == "memory" else partial(Bench, OURS[name].folder, NOUNS, database=given)
        )
        reports[name] = await run(make(), budget_s=None)
    return reports[name]


@pytest.mark.parametrize("check", [check.id for check in all_checks()])
@pytest.mark.parametrize("name", ["memory", *sorted(OURS)])
async def test_it_keeps_the_promise(
    name: str, check: str, reports: dict[str, Report], database: AsyncEngine
) -> None:
    report = await _report(name, reports, database)

    (result,) = [one for one in report.results if one.check.id == check]
    assert result.state != "FAIL", f"{result.check.title}: {result.reason}. {result.check.fix}"


@pytest.mark.parametrize("name", sorted(OURS))
async def test_each_of_ours_claims_a_level_and_has_earned_it(
    name: str, reports: dict[str, Report], database: AsyncEngine
) -> None:
    report = await _report(name, reports, database)

    assert report.green
    assert report.claimed in LEVELS[LEVELS.index("silver") :]
    assert report.claimed == report.earned


async def test_what_can_be_seen_of_the_source_in_memory_is_proved(
    reports: dict[str, Report], database: AsyncEngine
) -> None:
    report = await _report("memory", reports, database)

    proved = {one.check.id for one in report.results if one.state == "PASS"}
    assert set(_SPOKEN) <= proved <= CHECKS.keys() | {"C75"}
