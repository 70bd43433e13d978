"""Every source of the hub is proved by the kit, check by check; the in-memory one keeps the same contract.

A new partner is found by its folder. What it claims in `quality.toml` is held here.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Failed, Subject
from connectors.hmis_peer.kit import neighbour
from connectors.hsds import kit as directories
from connectors.kit.bench import Bench
from connectors.kit.checks import CHECKS, LEVELS
from connectors.kit.offered import ADA, BEN, Offered
from connectors.kit.running import Report, all_checks, run
from connectors.memory import MemorySource, Record
from connectors.registry import installed
from connectors.runtime import Runtime
from hmis.errors import FailureCode
from schema.build import schema
from schema.supplied import catalog
from tests.connectors.partners import ask

NOUNS = catalog(schema)
OURS = installed(NOUNS)
# What the source in memory has no wire and no manifest for.
_SPOKEN = ("C21", "C22", "C23", "C24", "C25", "C26", "C28", "C31", "C32", "C33", "C38", "C39", "C62", "C67")


async def _memory(_stack: AsyncExitStack, _home: Path, _engine: AsyncEngine) -> Offered:
    facts = {"lastVisit": date(2026, 1, 9), "visitCount": 2}
    source = MemorySource({"H-1": Record(ADA, facts), "H-2": Record(BEN, facts)})
    return Offered(source, ("H-1", "H-2"), people=(ADA, BEN))


async def _peer_by_files(stack: AsyncExitStack, home: Path, engine: AsyncEngine) -> Offered:
    """The other way into a neighbouring HMIS than the one that its kit.py offers."""
    partner = await stack.enter_async_context(neighbour(home))
    partner.lay_out()
    source = partner.source(engine)
    await source.sync()
    return Offered(source, ("H-1", "H-2"))


_BESIDE = {"memory": _memory, "peer-by-files": _peer_by_files}


@pytest.fixture(scope="module")
def reports() -> dict[str, Report]:
    """Each connector is gone through once; the tests look at the parts."""
    return {}


async def _report(name: str, reports: dict[str, Report], database: AsyncEngine) -> Report:
    async def given() -> AsyncEngine:
        return database

    if name not in reports:
        folder = None if name in _BESIDE else OURS[name].folder
        database_of = None if name == "memory" else given
        bench = Bench(folder, NOUNS, database=database_of, builder=_BESIDE.get(name))
        reports[name] = await run(bench, budget_s=None)
    return reports[name]


@pytest.mark.parametrize("check", [check.id for check in all_checks()])
@pytest.mark.parametrize("name", [*_BESIDE, *sorted(OURS)])
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


async def test_whoever_knows_nobody_says_so_for_everybody(tmp_path: Path, database: AsyncEngine) -> None:
    async with AsyncExitStack() as stack:
        offered = await directories.offered(stack, tmp_path, database)
        stack.push_async_callback(offered.source.aclose)
        subjects = [Subject("a", ("1",), ADA), Subject("b", ("no-such-record",))]

        outcomes = await Runtime().fetch(
            offered.source, ask(*subjects, noun=offered.noun, fields=offered.fields)
        )

    assert outcomes == dict.fromkeys(("a", "b"), Failed(FailureCode.NOT_SUPPORTED))
    assert not offered.source.discloses
