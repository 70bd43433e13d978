"""What of measures somebody asked for: topic, period, continuum, groups; as it stands in the address.

Everything here is published and tells of nobody, so it may stand there, be kept and be sent to others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from gateway.pages.measure_topics import TOPICS, Topic, topic_of
from gateway.pages.visit import Visit

Listed = Mapping[str, Mapping[str, Any]]
"""What is published, by the name of its measure."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A period of a continuum."""

    period: str
    start: str
    end: str
    coc: str
    """Empty = every one."""
    by: tuple[str, ...] = ()

    @property
    def last_day(self) -> date:
        return date.fromisoformat(self.end)

    @property
    def length(self) -> int:
        """Equal for periods that are equally long: months, calendar years, fiscal years."""
        return len(self.period)

    @property
    def is_year(self) -> bool:
        return "-" not in self.period


@dataclass(frozen=True, slots=True)
class Choice:
    """One page of measures."""

    topic: Topic
    scope: Scope
    scopes: tuple[Scope, ...]
    """All that are published of it, oldest first."""
    by: str = ""
    figure: str = ""

    def address(self, ending: str = "", **more: str) -> str:
        """Where this is: the page, or with an ending its picture or file."""
        said = {"period": self.scope.period, "coc": self.scope.coc, "by": self.by, "figure": self.figure}
        said |= more
        query = urlencode({name: value for name, value in said.items() if value or name == "coc"})
        return f"/measures/{self.topic.name}{ending}?{query}"

    def beside(self, step: int) -> Choice | None:
        """The same of the period before (-1) or after (1); None = it is not published."""
        alike = [one for one in self.scopes if one.length == self.scope.length and one.coc == self.scope.coc]
        at = alike.index(self.scope) + step
        if not 0 <= at < len(alike):
            return None
        by = self.by if self.by in alike[at].by else ""
        return replace(self, scope=alike[at], by=by)

    @property
    def periods(self) -> list[Scope]:
        """Every period once, newest first."""
        return list({one.period: one for one in reversed(self.scopes)}.values())

    @property
    def cocs(self) -> list[str]:
        return sorted({one.coc for one in self.scopes})


async def listed(visit: Visit) -> Listed:
    """What is published, to whoever may read it."""
    answered = await visit.ask("measures")
    return {one["name"]: one for one in answered.data.get("measures", ())}


def chosen(name: str, there: Listed, asked: Mapping[str, str]) -> Choice | None:
    """The topic of that name as an address asks for it; None = there is no such thing."""
    topic = topic_of(name, there)
    if topic is None:
        return None
    scopes = _scopes(topic, there)
    by = asked.get("by", "")
    scope = among([one for one in scopes if not by or by in one.by], asked)
    return Choice(topic, scope, tuple(scopes), by, asked.get("figure", "")) if scope is not None else None


def among(scopes: Sequence[Scope], asked: Mapping[str, str]) -> Scope | None:
    """The period and continuum that an address asks for; what it leaves open is the newest year, or the
    newest month where there is no year. None = there is no such thing."""
    period, coc = asked.get("period", ""), asked.get("coc")
    fitting = [one for one in scopes if period in ("", one.period) and coc in (None, one.coc)]
    return max(fitting, key=lambda one: (one.is_year, one.end, one.length, not one.coc), default=None)


def every_topic(there: Listed) -> list[Topic]:
    """All of which something is published, in our order; measures without a topic last."""
    ours = [topic for topic in TOPICS.values() if topic_of(topic.name, there) and _scopes(topic, there)]
    shown = {name for topic in TOPICS.values() for name in (topic.measure, topic.beside)}
    others = [topic for name in sorted(set(there) - shown) if (topic := topic_of(name, there))]
    return [*ours, *others]


def _scopes(topic: Topic, there: Listed) -> list[Scope]:
    """Periods and continua of a topic, oldest first; of two measures those that both have."""
    found = _of_measure(there[topic.measure]) if topic.measure in there else []
    if not topic.beside:
        return found
    others = (
        {(one.period, one.coc) for one in _of_measure(there[topic.beside])}
        if topic.beside in there
        else set()
    )
    return [replace(one, by=()) for one in found if (one.period, one.coc) in others]


def _of_measure(measure: Mapping[str, Any]) -> list[Scope]:
    return sorted(
        (
            Scope(
                one["period"]["name"],
                one["period"]["start"],
                one["period"]["end"],
                one["coc"] or "",
                tuple(one["by"]),
            )
            for one in measure["scopes"]
            if not one["victimServices"]
        ),
        key=lambda one: (one.end, one.start, one.coc),
    )
