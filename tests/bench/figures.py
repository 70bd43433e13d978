"""What benches share: rounds in turn, medians with their spread, the machine, one file of figures.

Machines differ and are never quiet, so what counts is the ratio of two things measured in the same round.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any, TypeVar

Name = TypeVar("Name", bound=Hashable)
Work = Callable[[int], Awaitable[object]]
"""One operation; the number tells it which of its keys to take, so that no two in a row ask the same."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median with its quarters: half of all rounds lie between `low` and `high`."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, _, high = quantiles(values, n=4, method="inclusive")
        return cls(median(values), low, high)

    def as_json(self) -> dict[str, float]:
        return {"median": round(self.median, 3), "low": round(self.low, 3), "high": round(self.high, 3)}

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


async def in_turn(
    works: Mapping[Name, Work], *, rounds: int, each: int, warm_up: int
) -> dict[Name, list[float]]:
    """Seconds for one operation of each work, by round: A B A B, so that noise meets all of them alike.

    each: operations of one work in one round. warm_up: operations before the first round, not counted.
    """
    for work in works.values():
        for number in range(warm_up):
            await work(number)
    seconds: dict[Name, list[float]] = {name: [] for name in works}
    for turn in range(rounds):
        for name, work in works.items():
            began = time.perf_counter()
            for number in range(turn * each, (turn + 1) * each):
                await work(number)
            seconds[name].append((time.perf_counter() - began) / each)
    return seconds


def ratio(values: Sequence[float], to: Sequence[float]) -> Spread:
    """How many times as long, round by round."""
    return Spread.of([value / base for value, base in zip(values, to, strict=True)])


def computed_s(process: int) -> float:
    """Seconds of a processor that a process took so far, with those of the system for it: steadier than the
    clock where others compute as well. Linux: fields 14 and 15 of proc(5), in ticks."""
    # The name of the program, which may hold anything, is field 2 and ends at the last bracket.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def machine(postgresql: str) -> dict[str, Any]:
    """What the figures were measured on. postgresql: what `show server_version` says."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": postgresql.split()[0],
    }


def _processor() -> str:
    """Its name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def write_json(path: Path, bench: str, results: object) -> None:
    """Put the results of one bench into a file that others write to as well."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**known, bench: results}, indent=2) + "\n", encoding="utf-8")
