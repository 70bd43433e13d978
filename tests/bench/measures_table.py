"""What `bench_measures.py` measured, as the tables of docs/speed.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def measures_table(measured: Mapping[str, Any]) -> str:
    """Seconds of each measure by the size of the state, and beside SQL by hand."""
    sizes = measured["sizes"]
    on = measured["machine"]
    lines = [
        f"{on['processor']}, {on['cores']} cores, {on['memory_gb']} GB, {on['system']}, Python {on['python']}."
        " Seconds; every measure once over the last year of seven.",
        "",
        "| stays | " + " | ".join(f"{size['stays']:,}" for size in sizes) + " |",
        "|---" * (len(sizes) + 1) + "|",
        *(
            f"| {name} | " + " | ".join(f"{size['seconds'].get(name, 0):.1f}" for size in sizes) + " |"
            for name in sizes[-1]["seconds"]
        ),
        "| all of them | " + " | ".join(f"{size['all_seconds']:.1f}" for size in sizes) + " |",
        "| of a processor | " + " | ".join(f"{size['processor_s']:.1f}" for size in sizes) + " |",
        "| memory at most, MB | " + " | ".join(f"{size['peak_mb']:,}" for size in sizes) + " |",
        "",
        f"| {sizes[-1]['stays']:,} stays | measure | of that planning | by hand | ratio | ratio of the counting |",
        "|---" * 6 + "|",
    ]
    lines += [
        f"| {name} | {by['measure_s']:.2f} | {by['planning_s']:.2f} | {by['by_hand_s']:.2f}"
        f" | {by['median']:.2f} | {by['counting']:.2f} |"
        for name, by in sizes[-1]["beside"].items()
    ]
    if taken := measured.get("taken"):
        lines += [
            "",
            f"A snapshot of {taken['stays']:,} stays ({taken['rows']:,} rows) is taken from PostgreSQL in"
            f" {taken['seconds']:.0f} s and {taken['peak_mb']:,} MB.",
        ]
    return "\n".join(lines)
