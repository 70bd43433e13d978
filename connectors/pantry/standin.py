"""A food bank on loopback: `python -m connectors.pantry.standin --port N --data households.json`.

It answers what `connector.toml` declares, out of a JSON file:

    {"households": [{"id", "members": [{"firstName", "lastName", "dateOfBirth"}], "address": {…},
                     "visits": [{"date"}], "registrations": [{"program"}], "updatedAt"}]}
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.standin import (
    Faulty,
    arguments,
    leave,
    parse_faults,
    serving,
)
from hmis.identity.names import normalised_name

_WORTH_NAMING = 60
_AT_MOST = 10


def application(households: Iterable[Mapping[str, Any]], key: str | None = None) -> Starlette:
    """The food bank. key: what X-API-Key must say; None = it asks for none."""
    by_id = {household["id"]: household for household in households}

    def guarded(answer: Callable[[Any], object]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("X-API-Key", "")
            if key is not None and not hmac.compare_digest(given.encode(), key.encode()):
                return JSONResponse({"error": {"code": "BAD_KEY"}}, status_code=401)
            try:
                return JSONResponse(answer(orjson.loads(await request.body())))
            except (ValueError, KeyError, TypeError):
                return JSONResponse({"error": {"code": "BAD_REQUEST"}}, status_code=400)

        return endpoint

    def find(asked: Any) -> object:
        told = (asked["firstName"], asked["lastName"], asked["dateOfBirth"])
        scores = {number: _household_score(household, told) for number, household in by_id.items()}
        best = sorted(scores, key=lambda number: (-scores[number], number))[:_AT_MOST]
        return {
            "matches": [
                {"householdId": number, "score": scores[number]}
                for number in best
                if scores[number] >= _WORTH_NAMING
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
            Route("/healthz", healthz),
        ]
    )


def _household_score(household: Mapping[str, Any], told: tuple[str, str, str]) -> int:
    members = household["members"]
    return max((score(told, (m["firstName"], m["lastName"], m["dateOfBirth"])) for m in members), default=0)


def score(told: tuple[str, str, str], held: tuple[str, str, str]) -> int:
    """How much two people agree, 0 to 100. 100 = names and birth date are the same.

    A slip in a name costs 6, swapped names 8, a slip in the birth date (one digit, or day and month swapped)
    12; another name or another birth date is another person.
    """
    first, last = normalised_name(told[0]), normalised_name(told[1])
    held_first, held_last = normalised_name(held[0]), normalised_name(held[1])
    straight = _slips(first, held_first) + _slips(last, held_last)
    crossed = _slips(first, held_last) + _slips(last, held_first)
    names = min(6 * straight, 8 + 6 * crossed)
    return max(0, 100 - names - _dob_cost(told[2], held[2]))


def _slips(one: str, other: str) -> int:
    """Letters missing, added, changed or swapped with a neighbour; 7 when there are more than three."""
    if abs(len(one) - len(other)) > 3:
        return 7
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, opposite in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1] if row[-1] <= 3 else 7


def _dob_cost(told: str, held: str) -> int:
    if told == held:
        return 0
    slip = len(told) == len(held) and sum(a != b for a, b in zip(told, held, strict=True)) == 1
    swapped = len(told) == 10 and held == f"{told[:5]}{told[8:]}-{told[5:7]}"
    return 12 if slip or swapped else 50


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = arguments("A food bank on loopback, for the demo and for tests.")
    parser.add_argument("--data", type=Path, required=True, help="households.json")
    parser.add_argument("--key", help="what X-API-Key must say")
    parser.add_argument("--fault", default="", help="slow=2s:0.1,error=503:0.05,html,errorbody,garbled,cut")
    parser.add_argument("--seed", type=int, default=0, help="of the faults' dice")
    options = parser.parse_args(given)
    try:
        households = orjson.loads(options.data.read_bytes())["households"]
        faults = parse_faults(options.fault)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        leave(f"the pantry stand-in cannot start: {fault}")
    app = Faulty(application(households, options.key), faults, options.seed)
    asyncio.run(serving("pantry stand-in", app, options.port, options.until_eof))


if __name__ == "__main__":
    main()
