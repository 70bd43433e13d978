"""What `measure` shows: how far it is, on a terminal; the figures with their definition; the measures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from gateway.measuring.files import Cell
from gateway.measuring.question import Answer, Tell
from hmis.measures.catalog import MEASURES


@contextmanager
def progress(*, quiet: bool) -> Iterator[Tell]:
    """Says on standard error what is being done, and for how long; silent where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield lambda step: None
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=None)
        yield lambda step: bar.update(task, description=step)


def print_answer(answer: Answer) -> None:
    """The figures, and what a reader has to know to use them."""
    console = Console(highlight=False)
    where = f", {answer.coc}" if answer.coc else ""
    console.print(f"[bold]{escape(answer.title)}[/], {answer.start} to {answer.end}{where}")
    console.print(Padding(escape(answer.definition), (0, 0, 1, 2)))
    table = Table(box=None, pad_edge=False)
    for place, name in enumerate(answer.columns):
        table.add_column(name, justify="right" if _is_number(answer, place) else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*map(_said, row))
    console.print(table)
    console.print(f"\nCounted from the snapshot of {answer.snapshot_at:%Y-%m-%d %H:%M %Z}")
    console.print(f"Sources: {escape(', '.join(answer.sources)) or 'none'}")
    if answer.is_empty:
        Console(stderr=True, highlight=False).print(
            "[yellow]Nobody was counted.[/] Is this the period, the continuum and the source that were meant?"
        )


def print_measures() -> None:
    """Every measure by name, with its title and what it may be counted by."""
    table = Table(box=None, pad_edge=False)
    for name in ("measure", "title", "by"):
        table.add_column(name)
    for measure in MEASURES.values():
        table.add_row(measure.name, escape(measure.title), ", ".join(measure.by))
    Console(highlight=False).print(table)


def _is_number(answer: Answer, place: int) -> bool:
    return any(isinstance(row[place], int | float) for row in answer.rows)


def _said(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:,}" if isinstance(cell, int | float) else escape(cell)
