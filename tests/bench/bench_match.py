"""How well and how fast the people of a seeded population are found.

    python tests/bench/bench_match.py                       figures on 100,000 records, time on a million
    python tests/bench/bench_match.py --timed 100000        time on fewer

Figures are counted by pairs of records against the truth table, as if no exact rule had linked anything: of
what is linked without anybody, what is right (precision); of what is one person's, what is linked (recall).
The population is not the one that the model was learned from.

Timed is the whole command `match --dry-run` in a process of its own, from the first row read from PostgreSQL
to the last decision; the seconds of a processor that it took, which another's work does not lengthen as much;
and its memory.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from hmis.community.population import Population
from hmis.database import embedded, engine
from hmis.identity.matching.scoring import Backend
from tests.bench.community_database import empty_database
from tests.bench.figures import machine, write_json
from tests.populations import compared_by, figures, fill

ROOT = Path(__file__).parents[2]
SEED, SOURCES = 77, ("north", "south", "west")


def quality(records: int) -> dict[str, Any]:
    """How many of the people are found, and how many that are found are right."""
    found = compared_by(Backend.DUCKDB, list(Population(SEED).records(records)))
    decision, truth = found.decided(), found.truth
    counted = figures(decision.people, truth)
    same = Counter(
        (question.reason.value, truth[question.pair.one] == truth[question.pair.other])
        for question in decision.questions
    )
    return {
        "records": records,
        "people": len(set(truth)),
        "precision": counted.precision,
        "recall": counted.recall,
        "linked": counted.linked,
        "wrong": counted.wrong,
        "questions": len(decision.questions),
        "questions_about_one_person": sum(count for (_, one), count in same.items() if one),
        "reasons": {
            f"{reason}{'' if one else ', two people'}": count for (reason, one), count in same.items()
        },
    }


async def speed(server: str, records: int) -> dict[str, Any]:
    """The time and the memory of the command on so many records, each a person of its own."""
    url = await empty_database(server, f"bench_match_{records}")
    database = engine(url)
    await fill(database, list(Population(SEED + 1).records(records)), SOURCES)
    async with database.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("analyze"))
        version = str(await connection.scalar(text("show server_version")))
    await database.dispose()
    began, computed = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "match", "--dry-run", "--json"),
        cwd=ROOT,
        env={**os.environ, "HUB_DATABASE_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    peak, said = await asyncio.gather(_peak_mb(command), command.communicate())
    if command.returncode != 0:
        raise SystemExit("match --dry-run failed")
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "records": records,
        "seconds": round(seconds, 1),
        "computed_s": round(after.ru_utime + after.ru_stime - computed.ru_utime - computed.ru_stime, 1),
        "peak_mb": peak,
        "said": said[0].decode(),
        "machine": machine(version),
    }


async def _peak_mb(command: asyncio.subprocess.Process) -> int:
    peak = 0
    while command.returncode is None:
        peak = max(peak, _held_kb(command.pid))
        await asyncio.sleep(0.2)
    return peak // 1024


def _held_kb(process: int) -> int:
    """The most memory that a process held so far. Linux: VmHWM of proc(5)."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


async def main() -> None:
    """Measure, print, and keep."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--records", type=int, default=100_000, help="for precision and recall [%(default)s]")
    asked.add_argument("--timed", type=int, default=1_000_000, help="for time and memory [%(default)s]")
    asked.add_argument("--json", type=Path, default=Path("bench.json"))
    given = asked.parse_args()
    found: dict[str, Any] = {"quality": quality(given.records)}
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        found["speed"] = await speed(embedded(Path(folder)), given.timed)
    table = Table("", "", title="Matching")
    told = found["quality"]
    for name in ("records", "people", "precision", "recall", "linked", "wrong", "questions"):
        value = told[name]
        table.add_row(name, f"{value:.5f}" if isinstance(value, float) else f"{value:,}")
    table.add_row("of them about one person", f"{told['questions_about_one_person']:,}")
    told = found["speed"]
    table.add_row(f"seconds for {told['records']:,} records", str(told["seconds"]))
    table.add_row("of a processor, seconds", str(told["computed_s"]))
    table.add_row("memory, MB", f"{told['peak_mb']:,}")
    Console().print(table)
    write_json(given.json, "match", found)
    if found["quality"]["precision"] < 0.999 or found["quality"]["recall"] < 0.9:
        raise SystemExit("fewer are right, or found, than docs/matching.md says")


if __name__ == "__main__":
    asyncio.run(main())
