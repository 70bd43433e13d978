"""How much CPU it takes to refuse what nobody should send (tests/gateway/abusive.py).

    python tests/bench/bench_abuse.py                 prints a table
    python tests/bench/bench_abuse.py --json FILE     and writes the figures

Each request is read from its JSON, counted, and parsed and validated as far as that goes, by documents that
remember nothing; no database is needed, for none is asked. What is measured is the CPU time of this process,
so that a busy machine matters less. Every refusal takes less than 10 ms, or the bench fails.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

import orjson
from graphql import get_introspection_query
from rich.console import Console
from rich.table import Table

from gateway.charging import bill
from gateway.documents import DocumentRefused, Documents
from gateway.plan.limits import MOST_COST
from schema.build import schema
from tests.bench.figures import machine, write_json
from tests.gateway.abusive import ABUSIVE
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT

MOST_MS = 10.0
ROUNDS = 9
LET_THROUGH = {
    "a small question": '{ client(id: "x") { id name { first last } } }',
    "everything of a client": EVERYTHING_OF_A_CLIENT,
    "the question that tools ask": get_introspection_query(),
}
"""What is not refused, to compare: parsed and validated once, then remembered."""


def asked(body: bytes) -> str:
    """The code of the refusal, empty for none."""
    try:
        given = orjson.loads(body)
        bill(Documents(schema).prepare(given["query"]), None, given["variables"], MOST_COST)
    except DocumentRefused as refused:
        return str(refused.code)
    return ""


def cpu_ms(work: Callable[[], object]) -> float:
    """The median CPU time of one of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1_000)
    return median(taken)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args()
    requests = {name: (abuse.document, abuse.variables) for name, abuse in ABUSIVE.items()}
    requests |= {name: (document, {}) for name, document in LET_THROUGH.items()}
    table = Table("request", "bytes", "refused with", "CPU ms", title="Refusals")
    results, failed = {}, []
    for name, (document, variables) in requests.items():
        body = orjson.dumps({"query": document, "variables": variables})
        code, took = asked(body), cpu_ms(lambda body=body: asked(body))  # type: ignore[misc]  # bound at once
        table.add_row(name, f"{len(body):,}", code or "let through", f"{took:.2f}")
        results[name] = {"bytes": len(body), "code": code, "cpu_ms": round(took, 3)}
        if name in ABUSIVE and (code != ABUSIVE[name].code or took >= MOST_MS):
            failed.append(name)
    slowest = max((results[name]["cpu_ms"], name) for name in ABUSIVE)
    console = Console()
    console.print(table)
    console.print(f"{len(ABUSIVE) - len(failed)} of {len(ABUSIVE)} refused in under {MOST_MS:g} ms of CPU")
    console.print(f"the slowest: {slowest[1]}, {slowest[0]:.2f} ms")
    if failed:
        console.print(f"not: {', '.join(failed)}")
    if given.json is not None:
        write_json(given.json, "abuse", {"machine": machine("none"), "refusals": results})
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
