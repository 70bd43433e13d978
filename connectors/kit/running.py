"""Going through all checks of a connector, and saying how it went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import stamina

# Each of these files adds its checks to CHECKS.
from connectors.kit import (  # noqa: F401
    capability_checks,
    care_checks,
    contract_checks,
    fault_checks,
    manifest_checks,
    page_checks,
    privacy_checks,
    sample_checks,
)
from connectors.kit.bench import Bench
from connectors.kit.checks import CHECKS, Broken, Check, Level, Result, Skipped
from connectors.kit.quality import Claim, earned, held, read_claim
from hmis.errors import SourceFailed

BUDGET_S = 10.0
"""For a whole run: who waits longer does not run it before every commit."""
_ONE_S = 5.0


@dataclass(frozen=True, slots=True)
class Report:
    """claimed, exempt: by quality.toml. earned: the level that the results are good for."""

    connector: str
    results: tuple[Result, ...]
    claimed: Level | None
    exempt: Mapping[str, str]
    earned: Level | None
    seconds: float

    @property
    def green(self) -> bool:
        """Nothing failed, and enough could be looked at for a level."""
        return not self.failed and self.earned is not None

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.state == "FAIL")

    def to_dict(self) -> Mapping[str, object]:
        return {
            "connector": self.connector,
            "green": self.green,
            "level": {"claimed": self.claimed, "earned": self.earned},
            "seconds": round(self.seconds, 2),
            "checks": [
                {
                    "id": result.check.id,
                    "group": result.check.group,
                    "level": result.check.level,
                    "title": result.check.title,
                    "result": result.state,
                    "proved": result.proved,
                    "exempt": self.exempt.get(result.check.id),
                    "reason": result.reason,
                    "docs": result.check.docs,
                    "fix": result.check.fix,
                }
                for result in self.results
            ],
        }


async def run(bench: Bench, only: Collection[str] = (), budget_s: float | None = BUDGET_S) -> Report:
    """All checks, or those named, one after the other: each has the connector and its partner for itself.

    budget_s: seconds for all of them; what does not fit fails, for an unfinished run proves nothing.
    """
    await bench.prepare()
    began = time.monotonic()
    results: list[Result] = []
    # Retries happen as in earnest, at most as many, and at once.
    with stamina.set_testing(True, attempts=99, cap=True), bench.tap.listening():
        for check in all_checks():
            if only and check.id not in only:
                continue
            left = None if budget_s is None else began + budget_s - time.monotonic()
            results.append(await _went(check, bench, left))
    claim, last = _quality(bench, results, complete=not only)
    results += last
    return Report(
        bench.name,
        tuple(results),
        claim.level,
        claim.exempt,
        earned(results, claim.exempt),
        time.monotonic() - began,
    )


def all_checks() -> list[Check]:
    """In the order of their numbers; the last one is about the others."""
    return [CHECKS[id] for id in sorted(CHECKS)]


async def _went(check: Check, bench: Bench, left: float | None) -> Result:
    if left is not None and left <= 0:
        return Result(check, "FAIL", f"no time was left: a run has {BUDGET_S:g} s")
    task = asyncio.ensure_future(check.run(bench))
    done, _ = await asyncio.wait({task}, timeout=_ONE_S if left is None else min(_ONE_S, left))
    if not done:
        task.cancel()  # what does not let itself be called off is left behind
        return Result(check, "FAIL", "it did not come to an end")
    return _judged(check, task)


def _judged(check: Check, task: asyncio.Task[None]) -> Result:
    if task.cancelled():
        return Result(check, "FAIL", "something in it was called off")
    fault = task.exception()
    if fault is None:
        return Result(check, "PASS")
    if isinstance(fault, Skipped):
        return Result(check, "SKIP", str(fault), fault.proved)
    if isinstance(fault, Broken):
        return Result(check, "FAIL", str(fault))
    if isinstance(fault, SourceFailed):
        return Result(check, "FAIL", f"it said {fault.code}")
    # Its text may quote what it stumbled over.
    return Result(check, "FAIL", f"it raised {type(fault).__name__} at {_place(fault)}")


def _place(fault: BaseException) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace is not None else "unknown"


async def _is_held(_: Bench) -> None:
    """A level is worth what stands behind it today: it is lost when the checks no longer hold."""


LAST = Check(
    "C75",
    "quality",
    "bronze",
    "The quality level claimed is earned",
    " ".join((_is_held.__doc__ or "").split()),
    "Mend what is named, or claim the level that is earned in quality.toml.",
    _is_held,
)


def _quality(bench: Bench, results: list[Result], *, complete: bool) -> tuple[Claim, list[Result]]:
    try:
        claim = read_claim(bench.folder)
        if complete:
            held(claim, results)
    except Broken as broken:
        return Claim(), [Result(LAST, "FAIL", str(broken))]
    return claim, [Result(LAST, "PASS")] if complete else []
