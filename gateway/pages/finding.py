"""Finding a person. What is asked for travels in bodies alone: URLs end in logs and histories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.responses import Response

from gateway.pages.fitting import Fit, fit
from gateway.pages.typed import Sought, of_fields, read, read_date
from gateway.pages.visit import Visit, document
from hmis.identity.names import normalised_name
from hmis.sounds import sound

PART = "x-part"
"""A header that asks for the list alone, as `find.js` does while somebody types."""
EXACT = ("first", "last", "birth", "four", "identifier", "source")
_PAGE, _MOST_WAYS = 25, 8
_SHOWN, _CLOSE_BESIDE_FULL = 25, 8
_NEARLY = 0.6
"""How much of the best fit's points somebody needs to be shown beside it."""

_Where = Mapping[str, Any]
_NOTHING: _Where = {}


async def find(visit: Visit) -> Response:
    """The form, and whom it found: those who fit, then those who nearly do, best first."""
    today = visit.hub.settings.day_of(visit.hub.now())
    sought, problem = _asked(visit.form, today)
    found: list[Fit] | None = None
    more = False
    errors: tuple[Mapping[str, Any], ...] = ()
    ways = [] if problem else _ways(sought)
    if ways:
        text, variables = _document(ways)
        answered = await visit.ask_text(text, variables, "find")
        errors = answered.errors
        found = _ranked(answered.data, ways, sought)
        more = any((answered.data.get(f"way{n}") or _NOBODY)["pageInfo"]["hasNextPage"] for n in _full(ways))
    elif not visit.http.headers.get(PART):
        await visit.ask("start")
    full = [one for one in found or () if one.is_full][:_SHOWN]
    enough = _NEARLY * full[0].points if full else 0
    close = [one for one in found or () if not one.is_full and one.points >= enough]
    given: dict[str, Any] = {
        "asked": visit.http.method == "POST"
        and any(visit.form.get(name, "").strip() for name in ("q", *EXACT)),
        "problem": problem,
        "searched": found is not None,
        "errors": errors,
        "full": full,
        "close": close[: _CLOSE_BESIDE_FULL if full else _SHOWN],
        "more": more,
        "age": lambda born: _age(born, today),
        "is_exact": any(visit.form.get(name, "").strip() for name in EXACT),
    }
    return visit.show("found.html" if visit.http.headers.get(PART) else "find.html", **given)


def _asked(form: Mapping[str, str], today: date) -> tuple[Sought, str | None]:
    """What the form asks for, and the field in which something cannot be read; None = all can."""
    q, first, last, birth, four, value, source = (form.get(name, "").strip() for name in ("q", *EXACT))
    sought = of_fields(read(q, today), first, last, four, value, source)
    if four and not (len(four) == 4 and four.isascii() and four.isdigit()):
        return sought, "four"
    if birth:
        births = read_date(birth, today)
        if not births:
            return sought, "birth"
        sought = Sought(sought.names, births, None, sought.last_four, sought.identifier)
    return sought, None


class _Way(dict[str, Any]):
    """A condition under which people are looked for."""

    is_full = False
    """It is all that was asked."""


def _ways(sought: Sought) -> list[_Way]:
    """The conditions that bring together whoever may be meant: all that was asked, and less of it."""
    names = sought.names or (("", ""),)
    days: list[_Where] = [{"dateOfBirth": {"eq": day.isoformat()}} for day in sought.births]
    four: list[_Where] = [{"ssnLastFour": sought.last_four}] if sought.last_four else []
    record: list[_Where] = []
    if sought.identifier:
        source, value = sought.identifier
        record.append({"identifier": {"source": source, "value": value}})
    ways = [
        _way(_begins(*name), day, *four, *record, full=True) for name in names for day in days or [_NOTHING]
    ]
    if sought.year is not None and not days:
        years = {"dateOfBirth": {"gte": f"{sought.year}-01-01", "lte": f"{sought.year}-12-31"}}
        ways.append(_way(_begins(*names[0]), years, *record, full=True))
    is_one_word = all("" in name for name in names)
    ways += [_way(_sounds(*name)) for name in (names if is_one_word else names[:1])]
    # Less than all: somebody's name changed, or a digit was misheard.
    ways += [_way(one) for one in (*days, *four, *record)]
    kept: list[_Way] = []
    for way in ways:
        if way and way not in kept:
            kept.append(way)
    return kept[:_MOST_WAYS]


def _way(*conditions: _Where, full: bool = False) -> _Way:
    way = _Way()
    for one in conditions:
        way.update(one)
    way.is_full = full
    return way


def _begins(first: str, last: str) -> _Where:
    said = {"firstName": first, "lastName": last}
    return {name: {"startsWith": text} for name, text in said.items() if text}


def _sounds(first: str, last: str) -> _Where:
    """Nothing where it would bring everybody together: of a letter or two, and where a name has no sound."""
    said = {name: text for name, text in (("firstName", first), ("lastName", last)) if text}
    if any(len(normalised_name(text)) < 3 or sound(text) is None for text in said.values()):
        return {}
    return {name: {"soundsLike": text} for name, text in said.items()}


def _full(ways: list[_Way]) -> list[int]:
    return [n for n, way in enumerate(ways) if way.is_full]


_NOBODY: Mapping[str, Any] = {"nodes": (), "pageInfo": {"hasNextPage": False}}


def _document(ways: list[_Way]) -> tuple[str, dict[str, Any]]:
    """The page's document with a list for each way, and its variables."""
    declared = ", ".join(f"$way{n}: ClientWhere!" for n in range(len(ways)))
    lists = "\n".join(
        f"  way{n}: clients(where: $way{n}, orderBy: NAME, first: {_PAGE}) {{ ...Found }}"
        for n in range(len(ways))
    )
    text = document("find").replace("query Find {", f"query Find({declared}) {{").replace("  # ways", lists)
    return text, {f"way{n}": way for n, way in enumerate(ways)}


def _ranked(data: Mapping[str, Any], ways: list[_Way], sought: Sought) -> list[Fit]:
    """Everybody who was found, once, best first; equals by name, as they were found."""
    people: dict[str, Mapping[str, Any]] = {}
    met_all: set[str] = set()
    for n, way in enumerate(ways):
        for person in (data.get(f"way{n}") or _NOBODY)["nodes"]:
            people.setdefault(person["id"], person)
            if way.is_full:
                met_all.add(person["id"])
    fits = [fit(person, sought, key in met_all) for key, person in people.items()]
    return sorted(
        (one for one in fits if one.is_full or one.points > 0), key=lambda one: (-one.is_full, -one.points)
    )


def _age(born: str, today: date) -> int:
    birth = date.fromisoformat(born)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
