"""Finding a person. What is asked for travels in bodies alone: URLs end in logs and histories."""

from __future__ import annotations

from starlette.responses import Response

from gateway.pages.visit import Visit


async def find(visit: Visit) -> Response:
    """The form, and what it found."""
    last = visit.form.get("last", "").strip()
    if visit.http.method == "GET" or not last:
        await visit.ask("start")
        return visit.show("find.html", found=None)
    answered = await visit.ask("find", where={"lastName": {"startsWith": last}})
    return visit.show("find.html", found=answered.data["clients"]["nodes"])
