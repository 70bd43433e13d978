"""Measures: what is published of the community, as pictures with their tables beside them.

Published figures tell of nobody. So they may be kept by browsers, stand in addresses, and be carried away as
files without asking again who is there. Only the list of one's own stays behind a figure is about people.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from starlette.responses import Response

from auth.viewer import SCOPES, Role
from auth.viewer import Scope as MayDo
from gateway.artist import NotDrawn
from gateway.measuring import files
from gateway.measuring.picture import Ground, Picture, Size
from gateway.pages import measure_words as words
from gateway.pages.measure_asked import Choice, Listed, Scope, chosen, every_topic, listed
from gateway.pages.measure_view import Counts, Period, View, asked_for, counts_of
from gateway.pages.places import _
from gateway.pages.rendering import locale_of, rendered, says
from gateway.pages.visit import Visit

READERS = tuple(role for role in Role if MayDo.MEASURES_READ in SCOPES[role])
_KEPT = "private, max-age=600"
_GROUNDS, _SIZES = ("light", "dark"), ("wide", "narrow", "small")
_SVG = "image/svg+xml"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def measure(visit: Visit) -> Response:
    """One topic: pictures, tables, what they are made of, and ways to others."""
    there = await listed(visit)
    choice = chosen(visit.http.path_params["name"], there, visit.http.query_params)
    if choice is None:
        return absent(visit, there)
    view, cube = await _viewed(visit, choice)
    if view is None or cube is None:
        return absent(visit, there)
    return visit.show(
        "measure.html", choice=choice, view=view, cube=cube, words=words, **_more(visit, choice, view)
    )


async def picture(visit: Visit) -> Response:
    """The picture of what a page shows, drawn for its ground and width."""
    asked = visit.http.query_params
    choice = chosen(visit.http.path_params["name"], await listed(visit), asked)
    view = (await _viewed(visit, choice))[0] if choice is not None else None
    if choice is None or view is None:
        return Response(status_code=404)
    ground, size = asked.get("ground", "light"), asked.get("size", "wide")
    if ground not in _GROUNDS or size not in _SIZES:
        return Response(status_code=404)
    drawing = view.picture(
        title_of(visit, choice), asked.get("over") == "1", cast(Ground, ground), cast(Size, size)
    )
    return await _drawn(visit, drawing)


async def _drawn(visit: Visit, drawing: Picture) -> Response:
    try:
        svg = await visit.hub.artist.drawn(drawing)
    except NotDrawn:
        # A picture all the same, for a page shows nothing else where it stands.
        said = rendered("not_drawn.svg", visit.language, visit=visit, ground=drawing.ground)
        return Response(said, 503, media_type=_SVG)
    return Response(svg, media_type=_SVG, headers={"Cache-Control": _KEPT})


async def as_csv(visit: Visit) -> Response:
    return await _file(visit, "csv")


async def as_xlsx(visit: Visit) -> Response:
    return await _file(visit, "xlsx")


async def _file(visit: Visit, ending: str) -> Response:
    """What a page shows, to be carried away: with its definition, and nothing that is hidden."""
    there = await listed(visit)
    choice = chosen(visit.http.path_params["name"], there, visit.http.query_params)
    view, cube = await _viewed(visit, choice) if choice is not None else (None, None)
    if choice is None or view is None or cube is None:
        return absent(visit, there)
    sheet = _sheet(visit, choice, view, cube)
    name = re.sub(r"[^\w.-]", "-", "-".join(filter(None, (choice.topic.name, *_file_of(choice)))))
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    if ending == "csv":
        return Response(files.as_csv(sheet), media_type="text/csv", headers=headers)
    return Response(await asyncio.to_thread(files.as_xlsx, sheet), media_type=_XLSX, headers=headers)


def _file_of(choice: Choice) -> tuple[str, ...]:
    return choice.scope.period, choice.scope.coc, choice.by


def _sheet(visit: Visit, choice: Choice, view: View, cube: Mapping[str, Any]) -> files.Sheet:
    columns, rows = view.rows_of_file()
    say = view.say
    about = [
        (say(_("Title")), title_of(visit, choice)),
        (say(_("Definition")), cube["definition"]),
        (say(_("From")), choice.scope.start),
        (say(_("To")), choice.scope.end),
        (say(_("Continuum")), choice.scope.coc or say(_("every one"))),
        (say(_("Snapshot")), cube["snapshotAt"]),
        (say(_("Published")), cube["publishedAt"]),
        (say(_("Sources")), ", ".join(cube["sources"])),
        (say(_("hidden")), say(HIDDEN)),
    ]
    return files.Sheet(columns, rows, about)


HIDDEN = _(
    "A number that is hidden is from 1 to 10, or another one from 1 to 10 could be worked out from it. So"
    " nobody can be told from what is published."
)


def title_of(visit: Visit, choice: Choice) -> str:
    say, scope = says(visit.language), choice.scope
    period = words.period(scope.period, scope.last_day, say, locale_of(visit.language))
    by = words.dimension(choice.by, say) if choice.by else ""
    return ", ".join(filter(None, (say(choice.topic.title), by, period, scope.coc)))


async def _viewed(visit: Visit, choice: Choice) -> tuple[View | None, Mapping[str, Any] | None]:
    """What is published of a choice, and what is said of it. None = it is not there."""
    topic, scope = choice.topic, choice.scope
    figure = choice.figure or topic.main
    answered = await visit.ask(
        "measure",
        measure=topic.measure,
        beside=topic.beside,
        isBeside=bool(topic.beside),
        period={"start": scope.start, "end": scope.end},
        coc=scope.coc or None,
        by=[choice.by] if choice.by else None,
        figures=topic.begins,
        over=asked_for(figure),
        isOver=not choice.by,
    )
    cube, beside = answered.data.get("measure"), answered.data.get("beside")
    if cube is None or (topic.beside and beside is None):
        return None, None
    counts = counts_of(cube, beside)
    there = {name for name, _group in counts}
    if figure not in there:
        if choice.figure or not there:
            return None, None
        figure = next(iter(there))
    say, locale = says(visit.language), locale_of(visit.language)
    return View(topic, counts, choice.by, figure, say, locale, earlier(cube, beside, scope)), cube


def earlier(
    cube: Mapping[str, Any], beside: Mapping[str, Any] | None, scope: Scope
) -> tuple[tuple[Period, Counts], ...]:
    """The periods before and this one, oldest first; of two measures those that both have."""
    others = {one["period"]["name"]: one for one in (beside or {}).get("earlier", ())}
    found = [(Period(scope.period, scope.last_day), counts_of(cube, beside))]
    for one in cube.get("earlier", ()):
        name, end = one["period"]["name"], date.fromisoformat(one["period"]["end"])
        if beside is None or name in others:
            found.append((Period(name, end), counts_of(one, others.get(name))))
    return tuple(reversed(found))


def _more(visit: Visit, choice: Choice, view: View) -> dict[str, Any]:
    """What the page of a topic says besides: whose stays are behind which figure, for those who may ask."""
    role = (visit.viewer or {}).get("role")
    may_list = role in READERS and MayDo.CLIENTS_READ in SCOPES[Role(role)] and not choice.by
    figures = {figure for figure, _group in view.counts if figure.startswith(choice.topic.listed or "\0")}
    links = {figure: choice.address("/records", figure=figure) for figure in figures} if may_list else {}
    return {"links": links, "hidden_means": HIDDEN, "title": title_of}


def absent(visit: Visit, there: Listed) -> Response:
    """What is not there, and what is; or why there is nothing for this visitor."""
    may_read = (visit.viewer or {}).get("role") in READERS
    topics = every_topic(there)
    return visit.show("measure_absent.html", 404 if may_read else 403, may_read=may_read, topics=topics)
