"""The figures of docs/speed.md, as docs/speed.json has them.

    python -m tests.bench.speed_page bench.json        takes the newest figures over and writes the page
    python -m tests.bench.speed_page one.json two.json the same from a bench that was run in parts
    python -m tests.bench.speed_page                   writes the page from those it has

What the files do not hold stays as it was measured last, each part with its own machine. Operations of
several files, say of one size of city each, stand in one table.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.measures_table import measures_table

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FIGURES = DOCS / "speed.md", DOCS / "speed.json"
PARTS = ("operations", "audit", "audit_over_http", "late_partners", "start", "memory", "measures")
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

# The ways of `bench_audit.py`. What writes the page imports no bench: those need a database and a load.
_NONE, _GROUPED, _EACH = "no audit", "committed together", "a commit each"
_MANY_IN_FLIGHT = 32
_NOT_YET = "Not measured yet."

Figures = Mapping[str, Any]


def placed(page: str, figures: Figures) -> str:
    """The page with its tables as these figures have them."""
    tables = {
        "promises": _promises(figures),
        "operations": _operations(figures),
        "audit": _audit(figures),
        "memory": _memory(figures),
        "measures": measures_table(figures["measures"]) if "measures" in figures else _NOT_YET,
    }
    for name, table in tables.items():
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
    yield from _of_audit(figures)
    if late := figures.get("late_partners"):
        what = f"median with two partners that take {late['late_ms']} ms"
        said = f"{late['with_ms']['median']:.1f} ms (without them {late['without_ms']['median']:.1f} ms)"
        yield what, "at most 30 ms", said
    if start := figures.get("start"):
        said = f"{start['first_answer_s']['median']:.2f} s"
        if computed := start.get("processor_s"):
            said += f" ({computed['median']:.2f} s of a processor)"
        yield "start to first answer", "at most 2 s", said
    if marks := figures.get("memory", {}).get("marks"):
        last = marks[-1]
        warm = next(mark for mark in marks if mark["requests"] * 10 >= last["requests"])
        what = f"memory of a worker after {last['requests']:,} requests"
        said = f"{last['mb']:.0f} MB ({warm['mb']:.0f} after {warm['requests']:,})"
        yield what, "at most 250 MB, flat", said


def _of_audit(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """Promised is what whoever asks by HTTP sees; by itself the audit weighs more."""
    promised = "at least 0.85"
    for row in figures.get("audit_over_http", {}).get("rows", []):
        if row["connections"] == _MANY_IN_FLIGHT:
            what = f"rate by HTTP with the audit committed together, to none, {_MANY_IN_FLIGHT} connections"
            yield what, promised, _spread(row[_GROUPED]["to_none"])
            yield "the same with a commit each", "", _spread(row[_EACH]["to_none"])
            promised = ""
    for row in figures.get("audit", {}).get("rows", []):
        if row["in flight"] == _MANY_IN_FLIGHT:
            of = "" if promised else " of a statement by itself"
            what = f"rate{of} with the audit committed together, to none, {_MANY_IN_FLIGHT} in flight"
            yield what, promised, _spread(row[f"{_GROUPED}, of no audit"])
            yield "the same with a commit each", "", _spread(row[f"{_EACH}, of no audit"])


def _operations(figures: Figures) -> str:
    measured = figures.get("operations")
    if not measured:
        return _NOT_YET
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


def _audit(figures: Figures) -> str:
    """Operations a second by HTTP and by themselves; in brackets, to those without an audit."""
    lines = [f"| what | under way | no audit | {_GROUPED} | {_EACH} |", "|---" * 5 + "|"]
    for row in figures.get("audit_over_http", {}).get("rows", []):
        rates = {way: row[way]["per_second"] for way in (_NONE, _GROUPED, _EACH)}
        kept = {way: row[way]["to_none"] for way in (_GROUPED, _EACH)}
        lines.append(_audited("profile by HTTP", row["connections"], rates, kept))
    for row in figures.get("audit", {}).get("rows", []):
        rates = {way: row[way] for way in (_NONE, _GROUPED, _EACH)}
        kept = {way: row[f"{way}, of no audit"] for way in (_GROUPED, _EACH)}
        lines.append(_audited("a statement by itself", row["in flight"], rates, kept))
    return "\n".join(lines) if len(lines) > 2 else _NOT_YET


def _audited(what: str, under_way: int, rates: Figures, kept: Figures) -> str:
    told = [f"{_rate(rates[way])} ({kept[way]['median']:.2f})" for way in (_GROUPED, _EACH)]
    return f"| {what} | {under_way} | {_rate(rates[_NONE])} | {' | '.join(told)} |"


def _memory(figures: Figures) -> str:
    measured = figures.get("memory")
    if not measured:
        return _NOT_YET
    requests = [f"{mark['requests']:,}" for mark in measured["marks"]]
    taken = [f"{mark['mb']:.0f}" for mark in measured["marks"]]
    lines = [
        f"| requests | {' | '.join(requests)} |",
        "|---" * (len(requests) + 1) + "|",
        f"| MB | {' | '.join(taken)} |",
    ]
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


def joined(parts: Sequence[Figures]) -> dict[str, Any]:
    """What was measured in parts as one: all operations of all; of the rest what comes last."""
    whole: dict[str, Any] = {}
    for part in parts:
        so_far = whole.get("operations")
        whole |= part
        if so_far and "operations" in part:
            more = part["operations"]
            known = {city["stays"] for city in so_far["cities"]}
            whole["operations"] = {
                **so_far,
                "cities": [*so_far["cities"], *(one for one in more["cities"] if one["stays"] not in known)],
                "note": " ".join(filter(None, (so_far["note"], more["note"]))),
                "measured": [*so_far["measured"], *more["measured"]],
            }
    return whole


def main(given: list[str]) -> None:
    figures: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    figures = taken_over(
        figures, joined([json.loads(Path(path).read_text(encoding="utf-8")) for path in given])
    )
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(placed(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
