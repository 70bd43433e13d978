"""The figures of `bench_operations.py` on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def show(console: Console, row: Mapping[str, Any]) -> None:
    """One question at one number of connections: every peer a line."""
    table = Table(
        title=f"{row['clients']} clients an operation, {row['connections']} connections,"
        f" {row['workers']} workers on {row['server']}, {row['stays']:,} stays"
    )
    for name in ("peer", "requests/s", "p50 ms", "p99 ms", "bytes", "hub to it", "answers"):
        table.add_column(name, justify="left" if name in ("peer", "answers") else "right")
    for name, one in row["peers"].items():
        table.add_row(
            name, _spread(one["per_second"]), _spread(one["p50_ms"]), f"{one['p99_ms']['median']:.1f}",
            f"{one['bytes']:,}", _spread(one["hub_to_it"]) if one["hub_to_it"] else "",
            row["same"].get(name, "compared with"),
        )  # fmt: skip
    console.print(table)


def _spread(value: Mapping[str, float]) -> str:
    digits = 0 if value["median"] >= 100 else 2
    return f"{value['median']:.{digits}f} ({value['low']:.{digits}f}–{value['high']:.{digits}f})"
