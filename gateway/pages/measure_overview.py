"""The overview of measures: what a community board looks at first, and how it went over the years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from gateway.pages import measure_words as words
from gateway.pages.measure_asked import Choice, Scope, among, chosen, every_topic, listed
from gateway.pages.measure_topics import TOPICS
from gateway.pages.measure_view import Number, View, counts_of
from gateway.pages.measures import HIDDEN, READERS, earlier
from gateway.pages.places import _
from gateway.pages.rendering import locale_of, says
from gateway.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Key:
    """One number of the overview: what it is called there, and where more of it is."""

    title: str
    topic: str
    figure: str
    cube: str
    """Its name in the document."""
    beside: str = ""
    of: str = ""
    """A figure that it is a part of."""


KEYS = (
    Key(_("People served"), "unduplicated-people", "people", "people"),
    Key(_("People in shelter"), "system-counts", "people/ES+SH+TH", "system"),
    Key(_("New in the system"), "flow", "inflow/first_time", "flow"),
    Key(_("Left to a permanent home"), "flow", "outflow/exited_permanent", "flow"),
    Key(_("Without a home at the end"), "flow", "outflow/homeless", "flow"),
    Key(_("Typical time without a home"), "length-of-time", "1b/line1", "performance"),
    Key(_("Came back within 2 years"), "returns", "2/days_0_730", "performance", of="2/exits"),
    Key(_("Shelter beds in use"), "utilization", "use/ES+SH+TH", "system", "beds"),
    Key(_("Referred, and not housed"), "unmet-need", "gaps/never_housed", "need", of="gaps/referred"),
)


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    number: Number
    of: Number | None
    """What it is a part of, where that is shown."""
    choice: Choice
    told: str
    """The periods with their numbers, for those who do not see them drawn; empty = there is
    nothing to draw."""


async def overview(visit: Visit) -> Response:
    """Key figures of the newest year, or of the period that was chosen."""
    there = await listed(visit)
    may_read = (visit.viewer or {}).get("role") in READERS
    topics = every_topic(there)
    if not topics:
        return visit.show("measure_absent.html", 200 if may_read else 403, may_read=may_read, topics=topics)
    choices = [choice for topic in topics if (choice := chosen(topic.name, there, {}))]
    scopes = list(dict.fromkeys(one for choice in choices for one in choice.scopes))
    scope = among(scopes, visit.http.query_params)
    if scope is None:
        return visit.show("measure_absent.html", 404, may_read=may_read, topics=topics)
    answered = await visit.ask(
        "measure_overview", period={"start": scope.start, "end": scope.end}, coc=scope.coc or None
    )
    cards = [card for key in KEYS if (card := _card(visit, key, answered.data, choices, scope))]
    every = {one.period: one for one in scopes}
    about = next((cube for cube in answered.data.values() if cube and "snapshotAt" in cube), None)
    return visit.show(
        "measures.html",
        cards=cards,
        scope=scope,
        periods=sorted(every.values(), key=lambda one: (one.is_year, one.end), reverse=True),
        cocs=sorted({one.coc for one in scopes}),
        topics=[replace(choice, scope=_nearest(choice, scope)) for choice in choices],
        about=about,
        words=words,
        hidden_means=HIDDEN,
        say=says(visit.language),
        locale=locale_of(visit.language),
    )


def _nearest(choice: Choice, scope: Scope) -> Scope:
    """The period that is shown, where a topic has it, else its own newest."""
    same = (one for one in choice.scopes if (one.period, one.coc) == (scope.period, scope.coc))
    return next(same, choice.scope)


def _card(
    visit: Visit, key: Key, data: Mapping[str, Any], choices: list[Choice], scope: Scope
) -> Card | None:
    cube, beside = data.get(key.cube), data.get(key.beside) if key.beside else None
    choice = next((one for one in choices if one.topic.name == key.topic), None)
    if cube is None or choice is None or (key.beside and beside is None):
        return None
    over = earlier(cube, beside, scope)
    say, locale = says(visit.language), locale_of(visit.language)
    view = View(TOPICS[key.topic], counts_of(cube, beside), "", key.figure, say, locale, over)
    if (key.figure, "") not in view.counts:
        return None
    of = view.number(view.counts, (key.of, ""), view.block) if key.of else None
    trend = view.trend()
    return Card(
        say(key.title),
        view.number(view.counts, (key.figure, ""), view.block),
        of,
        replace(choice, scope=_nearest(choice, scope), figure=key.figure),
        "; ".join(f"{row.words}: {row.numbers[0].text}" for row in trend.rows)
        if trend and view.is_drawn_over
        else "",
    )
