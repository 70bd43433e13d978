"""Charts: a picture as SVG, by Altair and vl-convert: readable on light and dark ground, by whoever cannot
tell colours apart, and by programs that read aloud. The one place where anything is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

import altair as alt
import vl_convert

from gateway.measuring.picture import Ground, Kind, Mark, Panel, Picture, Size

Chart = alt.LayerChart | alt.FacetChart | alt.VConcatChart
HATCH = "hidden"
"""Names the pattern of what is not shown."""


@dataclass(frozen=True, slots=True)
class _Ink:
    """Colours of one ground. Text has a contrast of 4.5 to 1 with it, marks of 3 to 1 (WCAG 2.2, 1.4.3 and
    1.4.11); the two kinds are Okabe and Ito's blue and orange, which people with any colour vision tell
    apart."""

    text: str
    kinds: tuple[str, str]
    grid: str


_INKS: Mapping[Ground, _Ink] = {
    # One grey that is read on white and on black.
    "either": _Ink("#757575", ("#0072B2", "#E69F00"), "#757575"),
    "light": _Ink("#1b2427", ("#0072B2", "#C07000"), "#9aa5a3"),
    "dark": _Ink("#e6ebe9", ("#56B4E9", "#E69F00"), "#6d7a79"),
}


@dataclass(frozen=True, slots=True)
class _Room:
    """How much there is: pixels of what is drawn, of the names beside it, and of its letters."""

    width: int
    height: int
    names: int
    letters: int


_ROOMS: Mapping[Size, _Room] = {
    "wide": _Room(350, 170, 220, 12),
    "narrow": _Room(270, 150, 0, 12),
    "small": _Room(210, 56, 0, 11),
}
_BAR, _BAR_ABOVE, _STUB = 28, 40, 26
"""Pixels: from one bar to the next, with its name beside it and above it; and of the mark that stands for a
number that is not shown."""
_FEW = 4
"""Columns of a small picture that have room for their numbers."""
_LETTER = 7.2
"""Pixels of a letter of twelve, in the widest of the fonts that browsers take for `system-ui`."""


def as_svg(picture: Picture) -> str:
    """The picture, with a title and what it says for those who hear it."""
    ink, room = _INKS[picture.ground], _ROOMS[picture.size]
    marks = [mark for panel in picture.panels for mark in panel.marks]
    most = max((_size(mark) for mark in marks), default=0) or 1
    numbers = _LETTER * max((len(mark.said) for mark in marks), default=0) + 10
    drawn = [_CHARTS[panel.kind](panel, _Look(ink, room, most, numbers)) for panel in picture.panels]
    chart: Any = drawn[0] if len(drawn) == 1 else alt.vconcat(*drawn, spacing=14)
    return _told(picture, _with_hatch(_svg(chart, ink, room), ink))


@dataclass(frozen=True, slots=True)
class _Look:
    ink: _Ink
    room: _Room
    most: float
    """The largest number of the picture: all its bars have one scale."""
    numbers: float
    """Pixels of the longest number in words, which stands at the end of its bar."""


def _size(mark: Mark) -> float:
    return abs(mark.value) if mark.value is not None else 0


def _bars(panel: Panel, look: _Look) -> Chart:
    room = look.room
    left, beside = room.names, room.names > 0
    # A number stands at the end of its bar, so the scale ends before the picture does.
    scale = alt.Scale(domain=[0, look.most], range=[left, left + room.width - look.numbers], nice=False)
    x = alt.X("value:Q", title=None, scale=scale, axis=None)
    y = alt.Y("at:N", title=None, scale=alt.Scale(domain=[mark.at for mark in panel.marks]), axis=None)
    size: dict[str, Any] = {"height": {"band": 0.68}} if beside else {"height": 14, "yOffset": 8}
    down = 0 if beside else 8
    shown, hidden = _parted(panel.marks)
    layers: list[alt.Chart] = [_ground(room)]
    if shown:
        base = _chart(shown).encode(y=y)
        layers.append(base.mark_bar(color=look.ink.kinds[0], **size).encode(x=x))
        layers.append(_text(base, look, align="left", dx=5, dy=down).encode(x=x, text="said:N"))
    if hidden:
        base = _chart(hidden).encode(y=y)
        stub = base.mark_bar(fill=f"url(#{HATCH})", stroke=look.ink.text, **size)
        layers.append(stub.encode(x=alt.value(left), x2=alt.value(left + _STUB)))
        said = _text(base, look, align="left", dx=5, dy=down, fontStyle="italic")
        layers.append(said.encode(x=alt.value(left + _STUB), text="said:N"))
    lines = max((len(_lines_of(mark, room)) for mark in panel.marks), default=1)
    height = max(_BAR, (room.letters + 1) * lines + 6) if beside else _BAR_ABOVE
    height *= len(panel.marks)
    rule = _chart([{}]).mark_rule(color=look.ink.text)
    layers.append(rule.encode(x=alt.value(left), y=alt.value(0), y2=alt.value(height)))
    layers += _names(panel.marks, y, look)
    return _layered(layers, panel, width=left + room.width, height=height)


def _ground(room: _Room) -> alt.Chart:
    """Keeps the width of all pictures alike, whatever their numbers."""
    corner: alt.Chart = _chart([{}]).mark_point(opacity=0, size=0)
    drawn: alt.Chart = corner.encode(x=alt.value(room.names + room.width), y=alt.value(0))
    return drawn


def _names(marks: Sequence[Mark], y: alt.Y, look: _Look) -> list[alt.Chart]:
    """The names of bars: beside them in as many lines as it takes, or above them in one."""
    room = look.room
    lines: dict[int, list[dict[str, str]]] = {}
    for mark in marks:
        name = _lines_of(mark, room)
        lines.setdefault(len(name), []).append({"at": mark.at, "name": "\n".join(name)})
    layers = []
    for count, rows in lines.items():
        base = _chart(rows).encode(y=y, text="name:N")
        if room.names:
            up = -(count - 1) * (room.letters + 1) / 2
            base = _text(base, look, align="right", dx=-8, dy=up, lineBreak="\n", lineHeight=room.letters + 1)
        else:
            base = _text(base, look, align="left", dy=-8)
        layers.append(base.encode(x=alt.value(room.names)))
    return layers


def _lines_of(mark: Mark, room: _Room) -> list[str]:
    return wrap(mark.at, int(room.names / _LETTER)) if room.names else [mark.at]


def _columns(panel: Panel, look: _Look) -> Chart:
    room = look.room
    x = alt.X(
        "at:O",
        scale=alt.Scale(domain=[mark.at for mark in panel.marks]),
        title=None,
        axis=alt.Axis(labelAngle=0, ticks=False, labelOverlap=True),
    )
    scale = alt.Scale(domain=[0, look.most], range=[room.height, 16], nice=False, zero=True)
    y = alt.Y("value:Q", title=None, scale=scale, axis=None)
    shown, hidden = _parted(panel.marks, most_said=_FEW if room is _ROOMS["small"] else None)
    layers: list[alt.Chart] = []
    wide = {"band": 0.6}
    if shown:
        base = _chart(shown).encode(x=x)
        layers.append(base.mark_bar(color=look.ink.kinds[0], width=wide).encode(y=y))
        layers.append(_text(base, look, align="center", dy=-7).encode(y=y, text="said:N"))
    if hidden:
        base = _chart(hidden).encode(x=x)
        stub = base.mark_bar(fill=f"url(#{HATCH})", stroke=look.ink.text, width=wide)
        layers.append(stub.encode(y=alt.value(room.height - 12), y2=alt.value(room.height)))
        layers.append(
            _text(base, look, align="center", dy=-7, fontStyle="italic").encode(
                y=alt.value(room.height - 12), text="said:N"
            )
        )
    return _layered(layers, panel, width=room.names + room.width, height=room.height)


def _moves(panel: Panel, look: _Look) -> Chart:
    up = panel.kinds[0]
    rows = [
        {"at": mark.at, "of": mark.of, "number": (mark.value or 0) * (1 if mark.of == up else -1)}
        for mark in panel.marks
    ]
    axis = alt.Axis(labelExpr="format(abs(datum.value), ',')", tickMinStep=1)
    moved = (
        _chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("at:O", title=None),
            y=alt.Y("number:Q", title=None, axis=axis),
            color=_colour(panel.kinds, look.ink),
        )
    )
    ground = _chart([{"number": 0}]).mark_rule(color=look.ink.text).encode(y="number:Q")
    return _layered([moved, ground], panel, width=look.room.names + look.room.width, height=look.room.height)


def _lines(panel: Panel, look: _Look) -> Chart:
    rows = [{"at": mark.at, "of": mark.of, "number": mark.value} for mark in panel.marks]
    line = _chart(rows).mark_line(point={"filled": True, "size": 50}, strokeWidth=2)
    line = line.encode(
        x=alt.X("at:O", title=None), y=alt.Y("number:Q", title=None, axis=alt.Axis(tickMinStep=1))
    )
    if len(panel.kinds) > 1:
        dashes = alt.StrokeDash("of:N", sort=list(panel.kinds), legend=None)
        line = line.encode(color=_colour(panel.kinds, look.ink), strokeDash=dashes)
    else:
        line = line.encode(color=alt.value(look.ink.kinds[0]))
    return _layered([line], panel, width=look.room.names + look.room.width, height=look.room.height)


_CHARTS: Mapping[Kind, Callable[[Panel, _Look], Chart]] = {
    "bars": _bars,
    "columns": _columns,
    "moves": _moves,
    "lines": _lines,
}


def _parted(
    marks: Sequence[Mark], most_said: int | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those that are shown and those that are not. Of more than `most_said` the first and last say it."""
    quiet = range(1, len(marks) - 1) if most_said is not None and len(marks) > most_said else ()
    rows = [
        {"at": mark.at, "value": mark.value, "said": "" if place in quiet else mark.said}
        for place, mark in enumerate(marks)
    ]
    return [row for row in rows if row["value"] is not None], [row for row in rows if row["value"] is None]


def _chart(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _text(base: alt.Chart, look: _Look, **placed: Any) -> alt.Chart:
    chart: alt.Chart = base.mark_text(color=look.ink.text, fontSize=look.room.letters, **placed)
    return chart


def _colour(kinds: tuple[str, ...], ink: _Ink) -> alt.Color:
    return alt.Color("of:N", title=None, scale=alt.Scale(domain=list(kinds), range=list(ink.kinds)))


def _layered(layers: Sequence[alt.Chart], panel: Panel, *, width: int, height: int) -> Chart:
    chart: Chart = alt.layer(*layers).properties(width=width, height=height)
    return chart.properties(title=panel.title) if panel.title else chart


def _svg(chart: Any, ink: _Ink, room: _Room) -> str:
    axis = dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor"), ink.text)
    shown = chart.properties(background="transparent", padding=4).configure(
        font="system-ui, sans-serif",
        title={"color": ink.text, "anchor": "start", "fontSize": room.letters + 1, "offset": 6},
        axis={**axis, "gridColor": ink.grid, "gridOpacity": 0.35, "labelFontSize": room.letters},
        legend={"labelColor": ink.text, "orient": "top", "labelFontSize": room.letters},
        view={"stroke": None},
    )
    # Nothing is fetched: no address is allowed, and every number is in the picture itself.
    return str(vl_convert.vegalite_to_svg(shown.to_dict(), allowed_base_urls=[]))


def _with_hatch(svg: str, ink: _Ink) -> str:
    """With the pattern of what is not shown, where something is filled with it."""
    if f"url(#{HATCH})" not in svg:
        return svg
    head, tail = svg.split(">", 1)
    line = f'<path d="M0 6L6 0" stroke="{ink.text}" stroke-width="1"/>'
    pattern = f'<pattern id="{HATCH}" width="6" height="6" patternUnits="userSpaceOnUse">{line}</pattern>'
    return f"{head}><defs>{pattern}</defs>{tail}"


def _told(picture: Picture, svg: str) -> str:
    head, tail = svg.split(">", 1)
    told = f'<title id="title">{escape(picture.title)}</title><desc id="desc">{escape(picture.told)}</desc>'
    return f'{head} role="img" aria-labelledby="title desc">{told}{tail}'
