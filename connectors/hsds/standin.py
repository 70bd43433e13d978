"""A service directory on loopback: `python -m connectors.hsds.standin --port N --data services.json`.

It answers as HSDS 3.0 says, out of a JSON file `{"services": [a full service, …]}`: pages of services, plain,
`full` or `minimal`, those changed at a moment or later, and single services with all that is nested in them.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.standin import (
    Faulty,
    http_arguments,
    leave,
    parse_faults,
    serve,
)

Service = Mapping[str, Any]
_NESTED = (list, dict)
_ONE_TO_ONE = ("organization", "program")
_MOST = 1_000


class Services:
    """What the directory holds, in its order. `after_page` is called behind every page that was answered."""

    def __init__(self, services: Iterable[Service] = ()) -> None:
        self.all: list[Service] = list(services)
        self.after_page: Callable[[], None] = lambda: None

    def by_id(self, number: str) -> Service | None:
        return next((one for one in self.all if one.get("id") == number), None)

    def changed_after(self, moment: datetime | None) -> list[Service]:
        """On it or later. A service that does not say when it changed may have."""
        if moment is None:
            return list(self.all)
        return [
            one for one in self.all if "last_modified" not in one or _moment(one["last_modified"]) >= moment
        ]


def _moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _plain(service: Service) -> Service:
    """A service as lists show it: what it has one of, and of that what it has one of."""
    shown = {name: value for name, value in service.items() if not isinstance(value, _NESTED)}
    for name in _ONE_TO_ONE:
        if isinstance(service.get(name), dict):
            shown[name] = {
                key: value for key, value in service[name].items() if not isinstance(value, _NESTED)
            }
    return shown


def _minimal(service: Service) -> Service:
    return {"id": service.get("id"), "modified_date": service.get("last_modified")}


def application(services: Services, key: str | None = None) -> Starlette:
    """The directory. key: what X-API-Key must say; None = it asks for none."""

    def refused(request: Request) -> Response | None:
        given = request.headers.get("X-API-Key", "")
        if key is None or hmac.compare_digest(given.encode(), key.encode()):
            return None
        return JSONResponse({"error": "wrong key"}, status_code=401)

    async def about(_request: Request) -> Response:
        return JSONResponse(
            {
                "version": "3.0",
                "profile": "https://docs.openreferral.org/",
                "openapi_url": "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/openapi.json",
            }
        )

    async def page(request: Request) -> Response:
        asked = request.query_params
        try:
            number, size = int(asked.get("page", 1)), min(int(asked.get("per_page", 25)), _MOST)
            since = _moment(asked["modified_after"]) if "modified_after" in asked else None
        except ValueError:
            return JSONResponse({"error": "not a number or a moment"}, status_code=400)
        if no := refused(request):
            return no
        if number < 1 or size < 1:
            return JSONResponse({"error": "pages begin with 1"}, status_code=400)
        found = services.changed_after(since)
        shown = found[(number - 1) * size : number * size]
        pages = -(-len(found) // size)
        form = _minimal if asked.get("minimal") == "true" else _plain
        answer = {
            "total_items": len(found),
            "total_pages": pages,
            "page_number": number,
            "size": len(shown),
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": not shown,
            "contents": shown if asked.get("full") == "true" else [form(one) for one in shown],
        }
        response = JSONResponse(answer)
        services.after_page()
        return response

    async def single(request: Request) -> Response:
        if no := refused(request):
            return no
        service = services.by_id(request.path_params["id"])
        if service is None:
            return JSONResponse({"error": "there is none"}, status_code=404)
        return JSONResponse(service)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/", about),
            Route("/services", page),
            Route("/services/{id}", single),
            Route("/healthz", healthz),
        ]
    )


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = http_arguments("A service directory on loopback, for the demo and for tests.", "services.json")
    parser.add_argument("--key", help="what X-API-Key must say")
    options = parser.parse_args(given)
    try:
        services = Services(orjson.loads(options.data.read_bytes())["services"])
        faults = parse_faults(options.fault)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        leave(f"the hsds stand-in cannot start: {fault}")
    app = Faulty(application(services, options.key), faults, options.seed)
    asyncio.run(serve(app, "hsds stand-in", options.port, options.until_eof))


if __name__ == "__main__":
    main()
