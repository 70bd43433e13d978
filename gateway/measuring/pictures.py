"""Pictures of an answer as SVG: readable on light and dark ground, by whoever cannot tell colours apart, and
by programs that read aloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from gateway.measuring.question import Answer

if TYPE_CHECKING:
    import altair

# Okabe and Ito's colours, which people with any kind of colour vision tell apart.
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
_INK = "#757575"
"""Has a contrast of 4.5 to 1 with white and with black: one picture for light and dark ground."""
_WIDTH = 560
_MOST_BARS = 60

Drawing = Callable[[Answer], "altair.TopLevelMixin"]


def drawn(name: str, answer: Answer) -> str:
    """The picture of a measure's answer, as SVG."""
    chart = PICTURES.get(name, bars)(answer)
    return _as_svg(chart, f"{answer.title}, {answer.start} to {answer.end}", description(answer))


def bars(answer: Answer) -> altair.TopLevelMixin:
    """What every measure can be drawn as: a bar for each figure, with its number at the end."""
    import altair as alt

    value = answer.columns.index("count" if "count" in answer.columns else "value")
    rows = [
        {"figure": " / ".join(str(cell) for cell in row[:value]), "count": row[value]}
        for row in answer.rows
        if isinstance(row[value], int | float)
    ]
    base = alt.Chart(alt.InlineData(values=rows[:_MOST_BARS])).encode(
        y=alt.Y("figure:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1)),
    )
    numbers = base.mark_text(align="left", dx=4, color=_INK).encode(text="count:Q")
    return alt.layer(base.mark_bar(color=BLUE), numbers)


def description(answer: Answer) -> str:
    """What the picture says, for those who hear it."""
    shown = [row for row in answer.rows if isinstance(row[-1], int | float)][:_MOST_BARS]
    said = "; ".join(f"{' '.join(map(str, row[:-1]))}: {row[-1]:,}" for row in shown)
    return f"{answer.definition} {said}."


PICTURES: Mapping[str, Drawing] = {}


def _as_svg(chart: Any, title: str, said: str) -> str:
    import vl_convert

    shown = chart.properties(width=_WIDTH, background="transparent", title=title).configure(
        font="sans-serif",
        title={"color": _INK, "anchor": "start", "fontSize": 14},
        axis={
            "labelColor": _INK, "titleColor": _INK, "domainColor": _INK, "tickColor": _INK,
            "gridOpacity": 0.2,
        },
        legend={"labelColor": _INK, "titleColor": _INK, "orient": "top"},
        view={"stroke": None},
    )  # fmt: skip
    # Nothing is fetched: no address is allowed, and every number is in the picture itself.
    svg = str(vl_convert.vegalite_to_svg(shown.to_dict(), allowed_base_urls=[]))
    head, tail = svg.split(">", 1)
    told = f'<title id="title">{escape(title)}</title><desc id="desc">{escape(said)}</desc>'
    return f'{head} role="img" aria-labelledby="title desc">{told}{tail}'
