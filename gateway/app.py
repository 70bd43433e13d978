"""The application: routes, what is around them, and what is opened before and closed after them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.demo_issuer import JWKS_PATH
from gateway.frame import Frame
from gateway.graphql import graphql
from gateway.health import healthz, readyz
from gateway.hub import Clock, Hub, opened
from gateway.metrics import metrics
from gateway.pages.page import refused, wants_page, with_policy
from gateway.pages.routes import DEMO
from gateway.pages.routes import ROUTES as PAGES
from gateway.settings import Settings
from schema.build import schema as hub_schema

_CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    *,
    schema: strawberry.Schema = hub_schema,
    now: Clock = _now,
    environ: Mapping[str, str] = os.environ,
) -> Starlette:
    """The hub as an ASGI application. Nothing is opened before its lifespan begins.

    environ: where partners' variables are looked up, secrets among them.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(settings, schema, now, environ) as hub:
            app.state.hub = hub
            yield

    routes = [
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        *(PAGES if settings.has_pages else []),
    ]
    if settings.demo_issuer:
        routes += [*DEMO, Route("/.well-known/openid-configuration", discovery), Route(JWKS_PATH, keys)]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Frame)],
        exception_handlers={HTTPException: _not_a_route},
        lifespan=lifespan,
    )


async def discovery(http: Request) -> JSONResponse:
    """What the demo issuer says of itself (RFC 8414)."""
    hub: Hub = http.app.state.hub
    assert hub.demo_issuer is not None
    return JSONResponse(hub.demo_issuer.metadata(str(http.base_url)))


async def keys(http: Request) -> JSONResponse:
    """The public keys of the demo issuer (RFC 7517)."""
    hub: Hub = http.app.state.hub
    assert hub.demo_issuer is not None
    return JSONResponse(hub.demo_issuer.jwks())


async def _not_a_route(http: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    if wants_page(http):
        return with_policy(http, refused(http, fault.status_code, "absent"))
    code = _CODES.get(fault.status_code, "BAD_REQUEST")
    error = {"message": f"{fault.detail}.", "extensions": {"code": code}}
    return JSONResponse({"errors": [error]}, fault.status_code, fault.headers)
