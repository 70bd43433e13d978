"""Load: as many questions as connections carry, by `wrk`, of which none in a row is about the same client."""

from __future__ import annotations

import asyncio
import json
import shutil
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

_FEWEST = 2
"""Answers for each connection: with fewer, chance decides how many came in time."""
_LONGEST_S = 60.0
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one run of load."""

    per_second: float
    p50_ms: float
    p99_ms: float
    bytes: float
    """Of one answer, headers included."""
    answers: int


def tool() -> str:
    """The program that makes the load."""
    if (found := shutil.which("wrk")) is None:
        raise SystemExit("The load is made by wrk, which is not installed: apt-get install wrk")
    return found


async def press(
    urls: Sequence[str],
    bodies: Path,
    connections: int,
    seconds: float,
    begin: int,
    token: str | None,
    *,
    reads: bool = False,
) -> Heard:
    """Ask every worker at once, each over its share of the connections; longer, where answers are slow.

    reads: whether answers are looked through for errors, for they come with status 200; while warming up,
        since that takes from what is measured.
    """
    share = max(1, connections // len(urls))
    runs = await asyncio.gather(
        *(
            _run(url, bodies, share, seconds, begin + number * 977, token, reads=reads)
            for number, url in enumerate(urls)
        )
    )
    if failed := sum(run["errors"] for run in runs):
        raise SystemExit(f"{failed} requests to {urls} failed")
    asked = sum(run["requests"] for run in runs)
    if asked < _FEWEST * connections:
        if seconds >= _LONGEST_S:
            raise SystemExit(f"{urls} gave {asked} answers in {seconds:g} seconds")
        longer = min(_LONGEST_S, seconds * 3)
        return await press(urls, bodies, connections, longer, begin, token, reads=reads)
    return Heard(
        per_second=sum(run["requests"] / run["seconds"] for run in runs),
        p50_ms=mean(run["p50_ms"] for run in runs),
        p99_ms=max(run["p99_ms"] for run in runs),
        bytes=sum(run["bytes"] for run in runs) / max(1, asked),
        answers=asked,
    )


async def _run(
    url: str, bodies: Path, connections: int, seconds: float, begin: int, token: str | None, *, reads: bool
) -> dict[str, Any]:
    given = [token or "-", "check"] if reads else [token] if token else []
    process = await asyncio.create_subprocess_exec(
        tool(), "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "60s", "-s", str(_SCRIPT), url,
        "--", str(bodies), str(begin), *given,
        stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, complaint = await process.communicate()
    for line in out.decode().splitlines():
        if line.startswith("RESULT "):
            found: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
            return found
    raise SystemExit(f"wrk said nothing: {out.decode()[-300:]}{complaint.decode()[-300:]}")
