"""Records behind a figure: the stays of one's own agency that it counts. They are about people, so what each
of them agreed to decides, each look is recorded, and where the list goes on stands in no address."""

from __future__ import annotations

from starlette.responses import Response

from gateway.pages import measure_words as words
from gateway.pages.measure_asked import chosen, listed
from gateway.pages.measures import absent, title_of
from gateway.pages.rendering import says
from gateway.pages.visit import Visit


async def records(visit: Visit) -> Response:
    """One page of them."""
    there = await listed(visit)
    choice = chosen(visit.http.path_params["name"], there, visit.http.query_params)
    if choice is None or not choice.figure.startswith(choice.topic.listed or "\0"):
        return absent(visit, there)
    scope = choice.scope
    answered = await visit.ask(
        "measure_records",
        measure=choice.topic.measure,
        period={"start": scope.start, "end": scope.end},
        coc=scope.coc or None,
        figure=choice.figure,
        after=visit.form.get("after") or None,
    )
    cube = answered.data.get("measure")
    return visit.show(
        "measure_records.html",
        choice=choice,
        figure=words.figure(choice.figure, says(visit.language)),
        title=title_of(visit, choice),
        stays=cube["records"]["nodes"] if cube else [],
        more=cube["records"]["pageInfo"] if cube else None,
        errors=answered.errors,
    )
