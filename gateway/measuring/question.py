"""Question: one measure as an operator asks for it, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from gateway.measuring.files import Cell, Sheet
from hmis.errors import InputRefused
from hmis.measures import answering
from hmis.measures.core import Backend, Core, opened
from hmis.measures.measure import NOTHING, Measure

if TYPE_CHECKING:
    from hmis.measures.asked import Asked
    from hmis.measures.snapshot import Snapshot

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: one measure, and how it is to be told."""

    measure: Measure
    asked: Asked
    source: str | None = None
    """None = every source."""
    backend: Backend = "duckdb"
    by: tuple[str, ...] = ()
    figure: str | None = None
    """List whom this figure counts. None = the figures themselves."""

    @property
    def command(self) -> str:
        """As it was given; it names nobody, so it may stand in the audit."""
        words = [f"measure {self.measure.name} --from {self.asked.start} --to {self.asked.end}"]
        words += [f"--coc {self.asked.coc}"] if self.asked.coc else []
        words += [f"--source {self.source}"] if self.source else []
        words += [f"--by {name}" for name in self.by]
        words += [f"--records {self.figure}"] if self.figure else []
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Answer:
    """What it comes to, with what a reader has to know to use it."""

    title: str
    definition: str
    start: date
    end: date
    coc: str | None
    snapshot_at: datetime
    sources: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    data: Any
    """What is printed as JSON."""
    people: Mapping[str, None] = field(default_factory=dict, repr=False)
    """Hub ids of those who are listed."""

    @property
    def sheet(self) -> Sheet:
        """As it is written to a file."""
        about = [
            ("Title", self.title),
            ("Definition", self.definition),
            ("From", self.start.isoformat()),
            ("To", self.end.isoformat()),
            ("CoC", self.coc or "all"),
            ("Snapshot", self.snapshot_at.isoformat(timespec="seconds")),
            ("Sources", ", ".join(self.sources)),
        ]
        return Sheet(self.columns, self.rows, about)

    @property
    def is_empty(self) -> bool:
        """Whether nobody and nothing was counted. How long a period is counts nobody."""
        rows = (row[1:] for row in self.rows if not str(row[0]).startswith("period/"))
        counted = (value for row in rows for value in row)
        return not any(isinstance(value, int | float) and value for value in counted) and not self.people


def answered(question: Question, snapshot: Snapshot, tell: Tell) -> Answer:
    """Compute it from a snapshot.

    Raises:
        InputRefused: there is no such source, continuum, dimension or figure.
    """
    tell(f"Opening the snapshot of {snapshot.taken_at:%Y-%m-%d %H:%M}")
    with opened(snapshot, question.backend, source=question.source) as core:
        known_coc(core, question.asked.coc)
        tell(f"Counting {question.measure.name}")
        if question.figure is not None:
            columns, rows, data, people = _records(question, core, snapshot)
        elif question.by:
            columns, rows, data = _groups(question, core)
            people = {}
        else:
            data = answering.answer(question.measure, core, question.asked)
            columns, rows, people = ("figure", "value"), list(flat(data)), {}
    measure, asked = question.measure, question.asked
    sources = (question.source,) if question.source else tuple(sorted(snapshot.sources))
    return Answer(
        measure.title,
        measure.definition,
        asked.start,
        asked.end,
        asked.coc,
        snapshot.taken_at,
        sources,
        columns,
        rows,
        data,
        people,
    )


def flat(data: Any, place: str = "") -> Iterator[tuple[str, Cell]]:
    """`{"people": {"ES": 3}}` -> ("people/ES", 3). What is listed is called by the first text that it says of
    itself, such as its month, else by its number."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from flat(value, f"{place}/{name}" if place else str(name))
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data, 1):
            texts = value.values() if isinstance(value, Mapping) else ()
            called = next((text for text in texts if isinstance(text, str)), number)
            yield from flat(value, f"{place}/{called}")
    else:
        yield place, data


def known_coc(core: Core, coc: str | None) -> None:
    """See to it that the continuum is one of the snapshot's; None = every one.

    Raises:
        InputRefused: it is not.
    """
    if coc is None:
        return
    codes = core.stay.select(code="enrollment_coc").union(core.project_coc.select(code="coc_code"))
    codes = codes.filter(codes.code.notnull()).distinct().order_by("code")
    known = [str(row["code"]) for row in codes.to_pyarrow().to_pylist()]
    if coc not in known:
        raise InputRefused(
            f"--coc: nothing in the snapshot is of the continuum {coc!r}."
            f" There are: {', '.join(known) or 'none at all'}."
        )


def _groups(question: Question, core: Core) -> tuple[tuple[str, ...], list[tuple[Cell, ...]], Any]:
    measure, by = question.measure, question.by
    found = answering.figures_by(measure, core, question.asked, by)
    columns = ("figure", *by, "count", "amount", *(("mean", "median") if measure.medians else ()))
    rows: list[tuple[Cell, ...]] = []
    for key, numbers in sorted(found.items()):
        means = (answering.mean(numbers), answering.median(numbers)) if measure.medians else ()
        rows.append((*key, numbers.units, numbers.amount, *means))
    return columns, rows, [dict(zip(columns, row, strict=True)) for row in rows]


def _records(
    question: Question, core: Core, snapshot: Snapshot
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]], Any, Mapping[str, None]]:
    figure = question.figure
    assert figure is not None
    listed = answering.records(question.measure, core, question.asked, figure)
    if not listed:
        there = answering.figures(question.measure, core, question.asked)
        if there.get(figure, NOTHING) is NOTHING:
            known = ", ".join(sorted(there)) or "none"
            raise InputRefused(f"--records: the figure {figure!r} counts nobody. Those that do: {known}.")
    names = {number: name for name, number in snapshot.sources.items()}
    columns = ("source", "personal_id", "enrollment_id", "client")
    rows: list[tuple[Cell, ...]] = [
        (names[one.source_id], one.personal_id, one.enrollment_id, one.person_id) for one in listed
    ]
    people = dict.fromkeys(one.person_id for one in listed if one.person_id is not None)
    return columns, rows, [dict(zip(columns, row, strict=True)) for row in rows], people
