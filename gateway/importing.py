"""What `import` shows: a bar while it runs, a summary when it is done, a list when it is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hmis.csv.report import Report
from hmis.findings import Finding, Severity

_SHOWN = 25
_STYLE = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar on a terminal; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("opening", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        yield show


def print_summary(report: Report) -> None:
    """What was read, added, changed, deleted and left out, file by file."""
    console = Console(highlight=False)
    table = Table(title=f"HMIS CSV FY{report.version} into source {report.source}", title_justify="left")
    table.add_column("file")
    for name in ("read", "added", "changed", "deleted", "left out"):
        table.add_column(name, justify="right")
    for file, counts in [*report.files.items(), ("all", report.totals)]:
        numbers = (counts.read, counts.added, counts.changed, counts.deleted, counts.left_out)
        if any(numbers):
            table.add_row(file, *(f"{number:,}" if number else "" for number in numbers))
    console.print(table)
    if not report.changed_anything:
        console.print("Nothing new: the hub already held all of it.")
    elif report.people or report.links_made:
        console.print(f"{report.people:,} new people, {report.links_made:,} records linked to known people.")
    print_findings(report.findings, console)


def print_findings(findings: Sequence[Finding], console: Console | None = None) -> None:
    """What was noticed, the worst first, without any value."""
    console = console or Console(stderr=True, highlight=False)
    order = list(Severity)
    worst = sorted(findings, key=lambda one: (order.index(one.severity), one.file, one.line or 0))
    for finding in worst[:_SHOWN]:
        place = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part)
        times = f" ({finding.count:,} times)" if finding.count > 1 else ""
        style = _STYLE[finding.severity]
        console.print(
            f"[{style}]{finding.severity.value.lower():8}[/] {place or 'archive'}  "
            f"{finding.message}{times}  [dim]{finding.rule}[/]",
            soft_wrap=True,
        )
    if len(worst) > _SHOWN:
        console.print(f"and {len(worst) - _SHOWN} more; --json lists them all.")
