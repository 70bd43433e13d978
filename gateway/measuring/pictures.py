"""Pictures of an answer as SVG: readable on light and dark ground, by whoever cannot tell colours apart, and
by programs that read aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from gateway.measuring.question import Answer

if TYPE_CHECKING:
    import altair

    Chart = altair.LayerChart | altair.FacetChart | altair.VConcatChart

# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
BLUE, ORANGE = "#0072B2", "#E69F00"
_INK = "#757575"
"""Has a contrast of 4.5 to 1 with white and with black: one picture for light and dark ground."""
_WIDTH, _HEIGHT = 560, 220
_MOST = 60
"""Bars of a picture; more cannot be read."""


def drawn(name: str, answer: Answer) -> str:
    """The picture of a measure's answer, as SVG. What is counted in groups is drawn as bars."""
    draw = PICTURES.get(name) if isinstance(answer.data, Mapping) else None
    chart = draw(answer.data) if draw else bars(answer)
    where = f", {answer.coc}" if answer.coc else ""
    return _as_svg(chart, f"{answer.title}{where}, {answer.start} to {answer.end}", description(answer))


def description(answer: Answer) -> str:
    """What the picture says, for those who hear it."""
    said = "; ".join(f"{name} {value:,}" for name, value in _values(answer))
    return f"{answer.definition} {said}."


def bars(answer: Answer) -> Chart:
    """What every measure can be drawn as: a bar for each figure, with its number at the end."""
    import altair as alt

    rows = [{"figure": name, "value": value} for name, value in _values(answer)]
    base = _base(rows).encode(
        y=alt.Y("figure:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("value:Q", title=None, axis=alt.Axis(tickMinStep=1)),
    )
    numbers = base.mark_text(align="left", dx=4, color=_INK).encode(text=alt.Text("value:Q", format=","))
    return alt.layer(base.mark_bar(color=BLUE), numbers).properties(width=_WIDTH)


def _values(answer: Answer) -> list[tuple[str, float]]:
    place = answer.columns.index("count" if "count" in answer.columns else answer.columns[-1])
    found = ((" / ".join(map(str, row[:place])), row[place]) for row in answer.rows)
    return [(name, value) for name, value in found if isinstance(value, int | float)][:_MOST]


def _flow(data: Mapping[str, Any]) -> Chart:
    """Who came and who left, month by month; and how many were without a home at its end."""
    import altair as alt

    months = data["monthly"]
    moves = [
        {"month": one["month"], "who": who, "people": one[name] * sign}
        for one in months
        for who, name, sign in (("came", "inflow", 1), ("left", "outflow", -1))
    ]
    axis = alt.Axis(labelExpr="format(abs(datum.value), ',')", tickMinStep=1)
    moved: altair.Chart = (
        _base(moves)
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None),
            y=alt.Y("people:Q", title="People who came, above; left, below", axis=axis),
            color=_colour(("came", "left")),
        )
    )
    ground = _base([{"people": 0}]).mark_rule(color=_INK).encode(y="people:Q")
    there = _line(months, "month:O", "homeless_at_end", "Homeless at the end of the month")
    both = alt.layer(moved, ground).properties(width=_WIDTH, height=_HEIGHT)
    return alt.vconcat(both, alt.layer(there).properties(width=_WIDTH, height=_HEIGHT // 2))


def _utilization(data: Mapping[str, Any]) -> Chart:
    """Beds, and the people in them, on the last night of each month."""
    import altair as alt

    nights = data["nights"]
    slept = [
        {"night": one["night"], "what": what, "number": one[what]}
        for one in nights
        for what in ("beds", "people")
    ]
    lines: altair.Chart = (
        _base(slept)
        .mark_line(point={"filled": True, "size": 50}, strokeWidth=2)
        .encode(
            x=alt.X("night:O", title=None),
            y=alt.Y("number:Q", title="Beds, and people in them", axis=alt.Axis(tickMinStep=1)),
            color=_colour(("people", "beds")),
            strokeDash=alt.StrokeDash("what:N", sort=["people", "beds"], legend=None),
        )
        .transform_calculate(who="datum.what")
    )
    return alt.layer(lines).properties(width=_WIDTH, height=_HEIGHT)


_RETURNED = {
    "days_0_180": "within 180 days",
    "days_181_365": "in 181 to 365 days",
    "days_366_730": "in 366 to 730 days",
}


def _returns(data: Mapping[str, Any]) -> Chart:
    """Of those who left for a home of their own, how many came back, and when."""
    import altair as alt

    found = data["2"]
    exits = found["exits"]
    rows = [
        {
            "when": words,
            "people": found[name],
            "said": f"{found[name]:,} ({100 * found[name] / exits if exits else 0:.1f} %)",
        }
        for name, words in _RETURNED.items()
    ]
    base = _base(rows).encode(
        y=alt.Y("when:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X(
            "people:Q", title=f"People who returned, of {exits:,} who left", axis=alt.Axis(tickMinStep=1)
        ),
    )
    numbers = base.mark_text(align="left", dx=4, color=_INK).encode(text="said:N")
    return alt.layer(base.mark_bar(color=BLUE), numbers).properties(width=_WIDTH)


PICTURES: Mapping[str, Callable[[Mapping[str, Any]], Chart]] = {
    "flow": _flow,
    "utilization": _utilization,
    "spm": _returns,
    "spm-2": _returns,
}


def _base(rows: Sequence[Mapping[str, Any]]) -> altair.Chart:
    import altair as alt

    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _line(rows: Sequence[Mapping[str, Any]], over: str, name: str, title: str) -> altair.Chart:
    import altair as alt

    line = _base(rows).mark_line(color=BLUE, point={"filled": True, "color": BLUE, "size": 50})
    height = alt.Y(f"{name}:Q", title=title, axis=alt.Axis(tickMinStep=1))
    drawn: altair.Chart = line.encode(x=alt.X(over, title=None), y=height)
    return drawn


def _colour(names: tuple[str, str]) -> altair.Color:
    """Two kinds, told apart by place or dashes as well."""
    import altair as alt

    return alt.Color("who:N", title=None, scale=alt.Scale(domain=list(names), range=[BLUE, ORANGE]))


def _as_svg(chart: Chart, title: str, said: str) -> str:
    import vl_convert

    axis = dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor"), _INK)
    shown = chart.properties(background="transparent", title=title).configure(
        font="sans-serif",
        title={"color": _INK, "anchor": "start", "fontSize": 14},
        axis={**axis, "gridColor": _INK, "gridOpacity": 0.25, "labelFontSize": 11},
        legend={"labelColor": _INK, "orient": "top"},
        view={"stroke": None},
    )
    # Nothing is fetched: no address is allowed, and every number is in the picture itself.
    svg = str(vl_convert.vegalite_to_svg(shown.to_dict(), allowed_base_urls=[]))
    head, tail = svg.split(">", 1)
    told = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(said)}</desc>'
    return f'{head} role="img" aria-labelledby="title desc">{told}{tail}'
