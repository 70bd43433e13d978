"""A food bank on loopback: `python -m connectors.pantry.standin --port N --data households.json`.

It answers what `connector.toml` declares, out of a JSON file:

    {"households": [{"id", "members": [{"firstName", "lastName", "dateOfBirth"}], "address": {…},
                     "visits": [{"date"}], "registrations": [{"program"}], "updatedAt"}]}

It takes referrals too (`connectors/pantry/intake.py`) and tells which households changed, three on a page.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.likeness import score
from connectors.pantry.intake import Intake, Stale
from connectors.standin import Faulty, http_arguments, leave, parse_faults, serve

Endpoint = Callable[[Request], Awaitable[Response]]

_WORTH_NAMING = 60
_AT_MOST = 10


def application(
    households: Iterable[Mapping[str, Any]], key: str | None = None, intake: Intake | None = None
) -> Starlette:
    """The food bank. key: what X-API-Key must say; None = it asks for none. intake: its book of referrals."""
    by_id = {household["id"]: household for household in households}
    book = intake or Intake()
    book.log(by_id)

    def guarded(
        answer: Callable[..., object], *, headers: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("X-API-Key", "")
            if key is not None and not hmac.compare_digest(given.encode(), key.encode()):
                return JSONResponse({"error": {"code": "BAD_KEY"}}, status_code=401)
            try:
                said = orjson.loads(await request.body())
                return JSONResponse(answer(said, request.headers) if headers else answer(said))
            except Stale:
                return JSONResponse({"error": {"code": "STALE"}}, status_code=412)
            except (ValueError, KeyError, TypeError):
                return JSONResponse({"error": {"code": "BAD_REQUEST"}}, status_code=400)

        return endpoint

    def find(asked: Any) -> object:
        told = (asked["firstName"], asked["lastName"], asked["dateOfBirth"])
        likeness = {number: _closest(household, told) for number, household in by_id.items()}
        best = sorted(likeness, key=lambda number: (-likeness[number][0], number))[:_AT_MOST]
        return {
            "matches": [
                {"householdId": number, "score": likeness[number][0], "dateOfBirth": likeness[number][1]}
                for number in best
                if likeness[number][0] >= _WORTH_NAMING
            ]
        }

    def batch(asked: Any) -> object:
        return {"items": [by_id[number] for number in dict.fromkeys(asked["ids"]) if number in by_id]}

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/clients/find", guarded(find), methods=["POST"]),
            Route("/households/batch", guarded(batch), methods=["POST"]),
            Route("/households/changes", guarded(book.changes), methods=["POST"]),
            Route("/referrals", guarded(book.take, headers=True), methods=["POST"]),
            Route("/referrals/batch", guarded(book.batch), methods=["POST"]),
            Route("/healthz", healthz),
        ]
    )


def _closest(household: Mapping[str, Any], told: tuple[str, str, str]) -> tuple[int, str | None]:
    """How much the member who agrees most does, and when they were born."""
    members = ((m["firstName"], m["lastName"], m["dateOfBirth"]) for m in household["members"])
    return max(((score(told, held), held[2]) for held in members), default=(0, None), key=lambda one: one[0])


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = http_arguments("A food bank on loopback, for the demo and for tests.", "households.json")
    parser.add_argument("--key", help="what X-API-Key must say")
    options = parser.parse_args(given)
    try:
        households = orjson.loads(options.data.read_bytes())["households"]
        faults = parse_faults(options.fault)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        leave(f"the pantry stand-in cannot start: {fault}")
    app = Faulty(application(households, options.key), faults, options.seed)
    asyncio.run(serve(app, "pantry stand-in", options.port, options.until_eof))


if __name__ == "__main__":
    main()
