"""Views: published cells as tables and pictures. What is not shown stays not shown in both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from babel import Locale
from babel.numbers import format_decimal

from gateway.measuring.files import Cell
from gateway.measuring.picture import Ground, Mark, Panel, Picture, Size
from gateway.pages import measure_words as words
from gateway.pages.measure_topics import Block, Topic, matches
from gateway.pages.places import _

Place = tuple[str, str]
"""A figure, and the group; empty = the whole."""
Counts = Mapping[Place, Mapping[str, Any]]

_SPENT, _THERE, _USE = "bed_nights/", "available/", "use/"
_MANY = 8
"""Bars of which those that are 0 are left out of a drawing; the table has them."""


def counts_of(*cubes: Mapping[str, Any] | None) -> Counts:
    """The cells of cubes that stand beside each other, by figure and group."""
    found: dict[Place, Mapping[str, Any]] = {}
    for cube in cubes:
        for cell in cube["cells"] if cube else ():
            found[cell["figure"], cell["by"][0]["value"] if cell["by"] else ""] = cell
    return found | _use(found)


def _use(counts: Counts) -> dict[Place, Mapping[str, Any]]:
    """Of a hundred nights with a bed so many were used; not shown where one of the two is not."""
    found: dict[Place, Mapping[str, Any]] = {}
    for (figure, group), there in counts.items():
        kind = figure.removeprefix(_THERE)
        spent = counts.get((f"{_SPENT}{kind}", group)) if figure.startswith(_THERE) else None
        if spent is None:
            continue
        beds, nights = there["value"], spent["value"]
        if beds != 0 or nights is None:
            shown = None if beds is None or nights is None else round(100 * nights / beds, 1)
            found[f"{_USE}{kind}", group] = {"value": shown, "mean": None, "median": None}
    return found


def asked_for(figure: str) -> list[str]:
    """The figures that one is made of."""
    if not figure.startswith(_USE):
        return [figure]
    kind = figure.removeprefix(_USE)
    return [f"{_SPENT}{kind}", f"{_THERE}{kind}"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a table. value None = it is not shown, and `text` says so."""

    value: int | float | None
    text: str
    is_hidden: bool = False
    figure: str = ""
    """Which figure it is of."""


NONE = Number(None, "–")
"""There is no such number."""


@dataclass(frozen=True, slots=True)
class Row:
    figure: str
    """Or the group."""
    words: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    """Of the numbers."""
    rows: tuple[Row, ...]
    is_short: bool = False
    """Rows or columns in which everything is 0 are left out; files have them."""


@dataclass(frozen=True, slots=True)
class Period:
    name: str
    end: date


@dataclass(frozen=True, slots=True)
class View:
    """One topic of one period and continuum, whole or by something, in somebody's language."""

    topic: Topic
    counts: Counts
    by: str
    figure: str
    """The one that is shown over time and by groups."""
    say: words.Say
    locale: Locale
    over: tuple[tuple[Period, Counts], ...] = ()
    """The same in this and earlier periods, oldest first."""

    def number(self, counts: Counts, place: Place, block: Block) -> Number:
        """What stands in a table, and beside a bar."""
        cell = counts.get(place)
        value = None if cell is None or cell["value"] is None else cell[block.reads]
        if value is None:
            if cell is None or cell["value"] == 0:
                return NONE
            return Number(None, self.say(_("hidden")), True, place[0])
        text = format_decimal(value, format="#,##0.#", locale=self.locale)
        said = f"{text}\N{NO-BREAK SPACE}{self.say(block.unit)}" if block.unit else text
        return Number(value, said, False, place[0])

    def figures_in(self, block: Block) -> list[str]:
        """The figures of a block that were published, in its order."""
        there = dict.fromkeys(figure for figure, _group in self.counts)
        return [figure for pattern in block.figures for figure in there if matches(pattern, figure)]

    def choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Figures that may be looked at over time and by groups, with their names, below their headings."""
        blocks = ((block, self.figures_in(block)) for block in self.topic.blocks if block.drawn)
        return [
            (self._say(block.title), [(figure, words.figure(figure, self.say)) for figure in figures])
            for block, figures in blocks
            if figures
        ]

    def groups(self) -> list[str]:
        return list(dict.fromkeys(group for _figure, group in self.counts if group))

    @property
    def block(self) -> Block:
        return self.topic.block_of(self.figure)

    def tables(self) -> list[Table]:
        """All that is shown: by groups, the figures that belong with the one that was chosen."""
        return [self._by_groups()] if self.by else [*self._whole()]

    def _whole(self) -> Iterable[Table]:
        blocks = [block for block in self.topic.blocks if self.figures_in(block)]
        for _heading, together in groupby(blocks, lambda block: block.table or block.title):
            yield self._beside(list(together))

    def _beside(self, blocks: Sequence[Block]) -> Table:
        """Blocks as the columns of one table: what is called alike is one row."""
        found = [{row.words: row for row in self._rows(block)} for block in blocks]
        first = {name: row.figure for rows in reversed(found) for name, row in rows.items()}
        rows = tuple(
            Row(figure, name, tuple(rows[name].numbers[0] if name in rows else NONE for rows in found))
            for name, figure in first.items()
        )
        columns = tuple(self._say(block.counts) for block in blocks)
        return _shortened(Table(self._say(blocks[0].table or blocks[0].title), columns, rows))

    def _rows(self, block: Block) -> list[Row]:
        return [
            Row(figure, words.figure(figure, self.say), (self.number(self.counts, (figure, ""), block),))
            for figure in self.figures_in(block)
        ]

    def _by_groups(self) -> Table:
        figures = self.figures_in(self.block)
        some = [one for one in figures if one == self.figure or self._is_any(one)]
        columns = tuple(words.figure(figure, self.say) for figure in some)
        table = Table(self._say(self.block.title), columns, self._group_rows(some), len(some) < len(figures))
        return _shortened(table)

    def _group_rows(self, figures: Sequence[str]) -> tuple[Row, ...]:
        return tuple(
            Row(
                group,
                words.group(self.by, group, self.say),
                tuple(self.number(self.counts, (figure, group), self.block) for figure in figures),
            )
            for group in self.groups()
        )

    def _is_any(self, figure: str) -> bool:
        """Whether it is not 0 in every group."""
        return any(cell["value"] != 0 for (name, _group), cell in self.counts.items() if name == figure)

    def _say(self, text: str) -> str:
        return self.say(text) if text else ""

    @property
    def is_drawn_over(self) -> bool:
        """Whether there is something to draw over the periods: it is shown in one of them at least."""
        trend = self.trend()
        return trend is not None and any(row.numbers[0].value is not None for row in trend.rows)

    def trend(self) -> Table | None:
        """The chosen figure over the periods; None = there is one period alone."""
        if len(self.over) < 2 or self.by:
            return None
        rows = tuple(
            Row(
                period.name,
                words.period(period.name, period.end, self.say, self.locale),
                (self.number(counts, (self.figure, ""), self.block),),
            )
            for period, counts in self.over
        )
        return Table(self._figure_in_words(), (self._say(self.block.counts),), rows)

    def _figure_in_words(self) -> str:
        """The chosen figure, with the heading that it stands below where there are several."""
        said, title = words.figure(self.figure, self.say), self._say(self.block.title)
        return f"{title}: {said}" if title and len(self.choices()) > 1 else said

    @property
    def has_hidden(self) -> bool:
        tables = [*self.tables(), *([trend] if (trend := self.trend()) else [])]
        return any(one.is_hidden for table in tables for row in table.rows for one in row.numbers)

    def picture(self, title: str, over: bool, ground: Ground, size: Size) -> Picture:
        """What is drawn: the chosen figure over time, or all that there is now."""
        panels = tuple(self._trend_panel() if over else self._panels())
        told = "; ".join(f"{mark.at}: {mark.said}" for panel in panels for mark in panel.marks)
        return Picture(title, told, panels, ground, size)

    def _trend_panel(self) -> Iterable[Panel]:
        marks = []
        for period, counts in self.over:
            number = self.number(counts, (self.figure, ""), self.block)
            marks.append(
                Mark(words.short_period(period.name, period.end, self.locale), number.value, number.text)
            )
        yield Panel("columns", tuple(marks))

    def _panels(self) -> Iterable[Panel]:
        if self.by:
            yield _panel(self._figure_in_words(), self._group_rows([self.figure]))
            return
        for block in self.topic.blocks:
            if block.drawn and (rows := self._rows(block)):
                yield _panel(self._say(block.title), rows)

    def rows_of_file(self) -> tuple[list[str], list[list[Cell]]]:
        """Every cell of the topic, for a file: its name in the measure, and in words."""
        middle = any(cell["mean"] is not None for cell in self.counts.values())
        columns = ["figure", "name", *([self.by, "group"] if self.by else []), "count"]
        columns += ["mean", "median"] if middle else []
        hidden = self.say(_("hidden"))
        rows: list[list[Cell]] = []
        for (figure, group), cell in self.counts.items():
            row: list[Cell] = [figure, words.figure(figure, self.say)]
            row += [group, words.group(self.by, group, self.say)] if self.by else []
            row.append(hidden if cell["value"] is None else cell["value"])
            row += [cell["mean"], cell["median"]] if middle else []
            rows.append(row)
        return columns, rows


def _shortened(table: Table) -> Table:
    """A long table without the rows in which everything is 0."""
    some = tuple(row for row in table.rows if any(one.value or one.is_hidden for one in row.numbers))
    if len(table.rows) <= _MANY or len(some) == len(table.rows):
        return table
    return replace(table, rows=some, is_short=True)


def _panel(title: str, rows: Sequence[Row]) -> Panel:
    shown = [(row.words, row.numbers[0]) for row in rows if row.numbers[0] is not NONE]
    if len(shown) > _MANY:
        shown = [(name, number) for name, number in shown if number.value != 0] or shown
    return Panel("bars", tuple(Mark(name, number.value, number.text) for name, number in shown), title)
