"""The profile: everything the viewer may know of one person, on one page and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from auth.categories import Category
from gateway.pages import changes, life, profile_words, referral_words, timeline, whereabouts
from gateway.pages.living import WHERE, place
from gateway.pages.page import refused
from gateway.pages.rendering import Speech, speech
from gateway.pages.visit import Answered, Visit

_YEARS = (1, 3, 10)
_USUAL = 3
_PARTNERS = (Category.FOOD, Category.UTILITY, Category.RENT, Category.HEALTH_PARTNER)


async def profile(visit: Visit) -> Response:
    """One person, in one look."""
    return await _shown(visit, timeline.WIDE)


async def printed(visit: Visit) -> Response:
    """The same for letter paper."""
    return await _shown(visit, timeline.PRINTED, paper=True)


async def _shown(visit: Visit, width: int, *, paper: bool = False) -> Response:
    asked = visit.http.query_params
    person, after = visit.http.path_params["id"], asked.get("after")
    standing = await _standing(visit, person)
    answered = await visit.ask("profile", id=person, after=after)
    client = answered.data.get("client")
    if client is None:
        return refused(visit.http, 404, "absent")
    years = next((one for one in _YEARS if str(one) == asked.get("years")), _USUAL)
    now = visit.hub.now()
    key = changes.key_of(visit.hub, visit.session, person)
    listens = {"seen": changes.proof(key, answered, standing).said(key)} | ({"after": after} if after else {})
    told = seen(client, visit.hub.settings.day_of(now), years, width, speech(visit.language))
    return visit.show(
        "profile.html",
        paper=paper,
        answered=answered,
        client=client,
        now=now,
        years=years,
        all_years=_YEARS,
        missing=_missing(answered),
        words=profile_words,
        referring=referral_words,
        listens=urlencode(listens),
        **told,
    )


async def _standing(visit: Visit, person: str) -> str:
    """How consent stood before the page was read; nothing for what is no id."""
    try:
        return await visit.hub.watch.standing(UUID(person))
    except ValueError:
        return ""


def seen(client: life.Row, today: date, years: int, width: int, spoken: Speech) -> dict[str, Any]:
    """What the template shows beside the answer itself: the picture, and what follows from the rows."""
    stays = life.stays_of(client)
    peers = life.peers_of(client)
    start = timeline.start_of(today, years)
    spells = whereabouts.spells([*stays, *peers], start, today)
    household, together = life.household_of(client)
    incomes = life.newest(client, "incomeBenefits")
    return {
        "today": today,
        "start": start,
        "age": life.age_on(life.day_of((client["birth"] or {}).get("date")), today),
        "name": life.full_name(client["name"]),
        "stays": stays,
        "length": lambda stay: life.length(stay, today, spoken),
        "kind_of": lambda stay: life.kind_of(stay, spoken),
        "place": lambda code: spoken.say(place(code) or ""),
        "summed_up": life.summed_up(spells, spoken),
        "at": whereabouts.now(spells),
        "at_words": WHERE,
        "current": _current(stays),
        "picture": timeline.drawn(
            life.tracks(client, stays, peers, spoken), spells, start, today, spoken, width
        ),
        "peers": peers,
        "household": [(one, life.age_on(one.born, today)) for one in household],
        "together": together,
        "income": incomes[0] if incomes else None,
        "incomes": list(reversed(life.incomes_of(client))),
        "disabilities": _newest_of_each(life.newest(client, "disabilities")),
        "health": _told(life.newest(client, "healthAndDomesticViolence")),
        "work": _told(life.newest(client, "employmentAndEducation")),
        "entry_steps": life.steps_of(client),
        **_access(client["access"] or ()),
    }


def _current(stays: Sequence[whereabouts.Stay]) -> list[whereabouts.Stay]:
    """Stays that are open: housing first, then what is newest."""
    still = [stay for stay in stays if not stay.left]
    return sorted(still, key=lambda stay: (stay.type not in whereabouts.HOUSING, -stays.index(stay)))


def _newest_of_each(rows: Sequence[life.Row]) -> list[life.Row]:
    """Of each kind of disability the newest answer, where it says yes."""
    newest: dict[str | None, life.Row] = {}
    for row in rows:
        newest.setdefault(row["type"], row)
    return [row for kind, row in newest.items() if kind and row["response"] in profile_words.HAS]


def _told(rows: Sequence[life.Row]) -> list[tuple[str, Any, Any]]:
    """The newest answer to every question that was answered: question, answer, day."""
    found: dict[str, tuple[str, Any, Any]] = {}
    for row in rows:
        for question, answer in row.items():
            if question != "informationDate" and answer is not None:
                found.setdefault(question, (question, answer, row["informationDate"]))
    return list(found.values())


def _access(rows: Sequence[life.Row]) -> dict[str, Any]:
    """What is shared, what is not and why, by category."""
    basis = {Category[row["category"]]: (row["granted"], row["basis"]) for row in rows if row["category"]}
    closed = {one: why for one, (granted, why) in basis.items() if not granted}
    return {
        "closed": closed,
        "own_alone": basis.get(Category.EXISTENCE) == (True, "OWN_RECORD"),
        "own_only": [one for one, (granted, why) in basis.items() if granted and why == "OWN_RECORD"],
        "opened": any(why == "BREAK_GLASS" for _, why in basis.values()),
        "ordered": any(why == "LEGAL_ORDER" for _, why in basis.values()),
        "refused": [one for one, why in closed.items() if why == "DENIED_BY_CLIENT"],
        "unshared": [one for one, why in closed.items() if why == "NO_GRANT"],
        "beyond_role": [one for one, why in closed.items() if why == "ROLE"],
        "hardly_anything": Category.NAME in closed or Category.ENROLLMENT in closed,
        "partners_closed": {one.name: one in closed for one in _PARTNERS},
        "all_partners_closed": all(one in closed for one in _PARTNERS),
    }


def _missing(answered: Answered) -> list[Mapping[str, Any]]:
    """Partners that gave nothing this time."""
    return [one for one in answered.sources if not one["stale"]]
