"""The ledger's partner. `endless`: its pages never end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDS = {
    "R-1": {"id": "R-1", "lastVisit": "2026-02-13", "visitCount": 3, "programs": ["BOX"]},
    "R-2": {"id": "R-2", "lastVisit": "2026-01-02", "visitCount": 1, "programs": ["TEFAP"]},
}
PEOPLE = {("Ada", "Sample"): "R-1", ("Ben", "Muster"): "R-2"}


def application(secret: str, endless: bool = False) -> Starlette:
    taken: dict[str, str] = {}

    def records(asked: Any) -> object:
        wanted = {"id", *asked["fields"]}
        held = [RECORDS[one] for one in sorted(asked["ids"], reverse=True) if one in RECORDS]
        items = [{key: value for key, value in record.items() if key in wanted} for record in held]
        return {"items": items, "next": "again" if endless else None}

    def people(asked: Any) -> object:
        known = PEOPLE.get((asked["first"], asked["last"]))
        return {"matches": [{"id": known, "score": 100}] if known else []}

    def changes(asked: Any) -> object:
        return {"changed": ["R-1"] if asked["since"] is None else ["R-2"], "next": "second"}

    def referrals(asked: Any) -> object:
        return {"reference": taken.setdefault(asked["key"], f"F-{len(taken)}"), "status": "SENT"}

    def guarded(answer: Callable[[Any], object]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("X-API-Key") != secret:
                return JSONResponse({}, status_code=401)
            asked = dict(request.query_params) if request.method == "GET" else await request.json()
            return JSONResponse(answer(asked))

        return endpoint

    return Starlette(
        routes=[
            Route("/records", guarded(records), methods=["POST"]),
            Route("/people", guarded(people), methods=["GET", "POST"]),
            Route("/changes", guarded(changes), methods=["POST"]),
            Route("/referrals", guarded(referrals), methods=["POST"]),
            Route("/status", guarded(lambda _: {"status": "ok"})),
        ]
    )
