"""The figures of docs/speed.md, as docs/speed.json has them.

    python -m tests.bench.speed_page bench.json    takes the newest figures over and writes the page
    python -m tests.bench.speed_page               writes the page from those it has

What `bench.json` does not hold stays as it was measured last, each part with its own machine.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FIGURES = DOCS / "speed.md", DOCS / "speed.json"
PARTS = ("operations", "audit", "late_partners", "worker")
"""The benches that the page tells of, as they name themselves in the file of figures."""
_HUB, _LIMIT, _OPEN, _PLAIN, _POSTGRAPHILE = "hub", "limit", "limit, open", "plain", "postgraphile"
_PEERS = {
    _HUB: "hub",
    "interpreted": "hub, interpreted",
    _LIMIT: "limit L",
    _OPEN: "L without row security",
    _POSTGRAPHILE: "PostGraphile",
    _PLAIN: "plain Strawberry",
}

Figures = Mapping[str, Any]


def placed(page: str, figures: Figures) -> str:
    """The page with its tables as these figures have them."""
    for name, table in (("promises", _promises(figures)), ("operations", _operations(figures))):
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = marks.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)
        assert count == 1, f"docs/speed.md has no place for {name}"
    return page


def _promises(figures: Figures) -> str:
    lines = ["| what | promised | measured |", "|---|---|---|"]
    for what, promised, measured in (*_of_operations(figures), *_of_the_rest(figures)):
        lines.append(f"| {what} | {promised} | {measured} |")
    return "\n".join(lines)


def _of_operations(figures: Figures) -> Iterator[tuple[str, str, str]]:
    rows = figures.get("operations", {}).get("measured", [])
    promised: dict[tuple[int, int], dict[str, str]] = {
        (1, 8): {_LIMIT: "0.7", _POSTGRAPHILE: "2", _PLAIN: "8"},
        (1, 32): {_LIMIT: "0.7", _POSTGRAPHILE: "2.5", _PLAIN: "8"},
        (100, 8): {_LIMIT: "0.8", _PLAIN: "15"},
    }
    smallest = min((row["stays"] for row in rows), default=0)
    for (clients, connections), peers in promised.items():
        row = next(
            (
                row for row in rows
                if (row["clients"], row["connections"], row["workers"]) == (clients, connections, 1)
                and row["server"] == "uvicorn" and row["stays"] == smallest
            ), None,
        )  # fmt: skip
        for peer, least in peers.items() if row else ():
            assert row is not None
            if peer in row["peers"]:
                what = f"{_many(clients)}, {connections} connections: hub to {_PEERS[peer]}"
                yield what, f"at least {least}", _spread(row["peers"][peer]["hub_to_it"])
    by_size = {
        row["stays"]: row["peers"][_HUB]["p50_ms"]["median"]
        for row in rows
        if (row["clients"], row["connections"], row["workers"], row["server"]) == (1, 8, 1, "uvicorn")
    }
    for stays, p50 in sorted(by_size.items())[1:]:
        what = f"median at {stays:,} stays to that at {smallest:,}"
        yield what, "at most 1.5", f"{p50 / by_size[smallest]:.2f} ({p50:.1f} ms)"


def _of_the_rest(figures: Figures) -> Iterator[tuple[str, str, str]]:
    for row in figures.get("audit", {}).get("rows", []):
        if row["in flight"] == 32:
            kept = row["committed together, of no audit"]
            yield (
                "rate with the audit committed together, to none, 32 in flight",
                "at least 0.85",
                _spread(kept),
            )
            yield "the same with a commit each", "", _spread(row["a commit each, of no audit"])
    if late := figures.get("late_partners"):
        what = f"median with two partners that take {late['late_ms']} ms"
        said = f"{late['with_ms']['median']:.1f} ms (without them {late['without_ms']['median']:.1f} ms)"
        yield what, "at most 30 ms", said
    if worker := figures.get("worker"):
        yield "start to first answer", "at most 2 s", f"{worker['first_answer_s']['median']:.2f} s"
        last, warm = worker["memory"][-1], worker["memory"][1]
        what = f"memory of a worker after {last['requests']:,} requests"
        yield (
            what,
            "at most 250 MB, flat",
            f"{last['mb']:.0f} MB ({warm['mb']:.0f} after {warm['requests']:,})",
        )


def _operations(figures: Figures) -> str:
    measured = figures.get("operations")
    if not measured:
        return "Not measured yet."
    there = [peer for peer in _PEERS if any(peer in row["peers"] for row in measured["measured"])]
    lines = [
        _machine(measured), "",
        "| stays | clients | connections | workers | rounds | "
        + " | ".join(_PEERS[peer] for peer in there) + " |",
        "|---" * (5 + len(there)) + "|",
    ]  # fmt: skip
    for row in measured["measured"]:
        server = "" if row["server"] == "uvicorn" else f", {row['server']}"
        cells = [
            f"{row['stays']:,}", str(row["clients"]), str(row["connections"]), f"{row['workers']}{server}",
            str(row["rounds"]),
        ]  # fmt: skip
        for peer in there:
            one = row["peers"].get(peer)
            cells.append(f"{_rate(one['per_second'])}; {one['p50_ms']['median']:.1f} ms" if one else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _machine(measured: Mapping[str, Any]) -> str:
    on = measured["machine"]
    about = "; ".join(
        f"{city['stays']:,} stays of {city['people']:,} people"
        f" ({city['rows']:,} rows, made in {city['made_in_s']} s)"
        for city in measured["cities"]
    )
    return (
        f"Measured on {measured['when']}: {on['processor']}, {on['cores']} cores, {on['memory_gb']} GB,"
        f" {on['system']}, Python {on['python']}, PostgreSQL {on['postgresql']}; server, database and load"
        f" on the same cores. Rounds of {measured['seconds']} s each, in turn."
        f" Cities: {about}. {measured['note']}".rstrip()
    )


def _many(clients: int) -> str:
    return "profile of 1 client" if clients == 1 else f"{clients} clients in one operation"


def _rate(value: Mapping[str, float]) -> str:
    return f"{value['median']:,.0f}" if value["median"] >= 20 else f"{value['median']:.1f}"


def _spread(value: Mapping[str, float]) -> str:
    return f"{value['median']:.2f} ({value['low']:.2f}–{value['high']:.2f})"


def taken_over(known: Figures, newest: Figures) -> dict[str, Any]:
    """The figures of the page with the newest of each bench."""
    return {
        part: (newest if part in newest else known)[part] for part in PARTS if part in {**known, **newest}
    }


def main(given: list[str]) -> None:
    figures: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for path in given:
        figures = taken_over(figures, json.loads(Path(path).read_text(encoding="utf-8")))
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
