"""A rent fund on loopback: `python -m connectors.subgraph.standin --port N --data tenancies.json --token T`.

A subgraph of a federation (Apollo Federation 2), out of a JSON file:

    {"tenancies": [{"id", "tenants": [{"firstName", "lastName", "dateOfBirth"}], "updatedAt",
                    "payments": [{"number", "paidOn", "amount", "purpose", "begins", "ends", "fund"}]}]}
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from strawberry.extensions import ParserCache, ValidationCache

from connectors.likeness import score
from connectors.standin import Faulty, http_arguments, leave, parse_faults, serve

_WORTH_NAMING = 60
_AT_MOST = 10


@strawberry.type
class Period:
    begins: date
    ends: date


@strawberry.type
class Payment:
    number: str
    paid_on: date
    amount: Decimal
    purpose: str
    period: Period | None
    fund: str | None


@strawberry.federation.type(keys=["id"])
class Tenancy:
    id: strawberry.ID
    updated_at: datetime
    payments: list[Payment]

    @classmethod
    def resolve_reference(cls, info: strawberry.Info, id: strawberry.ID) -> Tenancy | None:
        held: Mapping[str, Any] | None = info.context["tenancies"].get(id)
        return _tenancy(held) if held is not None else None


@strawberry.type
class Match:
    score: int
    tenancy: Tenancy


@strawberry.type
class Query:
    @strawberry.field
    def tenancies(
        self, info: strawberry.Info, first_name: str, last_name: str, date_of_birth: str
    ) -> list[Match]:
        told = (first_name, last_name, date_of_birth)
        scored = [(_likeness(held, told), held) for held in info.context["tenancies"].values()]
        best = sorted(scored, key=lambda one: (-one[0], one[1]["id"]))[:_AT_MOST]
        return [
            Match(score=points, tenancy=_tenancy(held)) for points, held in best if points >= _WORTH_NAMING
        ]


# As a server that is asked the same all day: a document is read and checked when it first comes.
SCHEMA = strawberry.federation.Schema(query=Query, types=[Tenancy], extensions=[ParserCache, ValidationCache])


def _likeness(held: Mapping[str, Any], told: tuple[str, str, str]) -> int:
    return max(
        (score(told, (one["firstName"], one["lastName"], one["dateOfBirth"])) for one in held["tenants"]),
        default=0,
    )


def _tenancy(held: Mapping[str, Any]) -> Tenancy:
    return Tenancy(
        id=strawberry.ID(held["id"]),
        updated_at=datetime.fromisoformat(held["updatedAt"]),
        payments=[_payment(one) for one in held["payments"]],
    )


def _payment(held: Mapping[str, Any]) -> Payment:
    begins, ends = held.get("begins"), held.get("ends")
    return Payment(
        number=held["number"],
        paid_on=date.fromisoformat(held["paidOn"]),
        amount=Decimal(held["amount"]),
        purpose=held["purpose"],
        period=Period(begins=date.fromisoformat(begins), ends=date.fromisoformat(ends))
        if begins and ends
        else None,
        fund=held.get("fund"),
    )


def application(tenancies: Iterable[Mapping[str, Any]], token: str | None = None) -> Starlette:
    """The rent fund. token: the bearer token it takes; None = it asks for none."""
    context = {"tenancies": {held["id"]: held for held in tenancies}}

    async def endpoint(request: Request) -> Response:
        given = request.headers.get("Authorization", "")
        if token is not None and not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"errors": [{"message": "Who are you?"}]}, status_code=401)
        try:
            asked = orjson.loads(await request.body())
            document, variables = str(asked["query"]), asked.get("variables")
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"errors": [{"message": "That is no request"}]}, status_code=400)
        result = await SCHEMA.execute(document, variable_values=variables, context_value=context)
        content: dict[str, Any] = {"data": result.data}
        if result.errors:
            content["errors"] = [error.formatted for error in result.errors]
        return JSONResponse(content)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(routes=[Route("/graphql", endpoint, methods=["POST"]), Route("/healthz", healthz)])


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = http_arguments("A rent fund on loopback, for the demo and for tests.", "tenancies.json")
    parser.add_argument("--token", help="the bearer token it takes")
    options = parser.parse_args(given)
    try:
        tenancies = orjson.loads(options.data.read_bytes())["tenancies"]
        faults = parse_faults(options.fault)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        leave(f"the rent fund stand-in cannot start: {fault}")
    app = Faulty(application(tenancies, options.token), faults, options.seed)
    asyncio.run(serve(app, "rent fund stand-in", options.port, options.until_eof))


if __name__ == "__main__":
    main()
