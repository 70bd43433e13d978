"""A clinic's FHIR server on loopback: `python -m connectors.gravity_fhir.standin --port N --data FOLDER`.

FHIR R4 as far as the Gravity guide needs it: capability statement, read, search, batch, transaction,
conditional create, versioned update, Patient/$match. `--data` is a folder of resources, one to a file, or one
Bundle. Searches are taken in bodies only: an address with a question in it stands in every log on the way.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlencode

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.base import Person
from connectors.gravity_fhir.store import Refused, Resource, Store, etag
from connectors.standin import (
    Faulty,
    http_arguments,
    leave,
    parse_faults,
    serve,
)
from hmis.identity.names import normalised_name

MEDIA = "application/fhir+json"
KINDS = ("Condition", "Goal", "Observation", "Patient", "ServiceRequest", "Task")
_WORTH_NAMING = 0.6


class Server:
    """A FHIR server over a store. client: id and secret that get a token; None = none is asked for."""

    def __init__(self, store: Store, client: tuple[str, str] | None = None, *, matches: bool = True) -> None:
        self.store = store
        self._client = client
        self._tokens: set[str] = set()
        self._matches = matches

    def application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/metadata", self._answering(self._metadata, open_to_all=True)),
                Route("/token", self._token, methods=["POST"]),
                Route("/", self._answering(self._bundle), methods=["POST"]),
                Route("/Patient/$match", self._answering(self._match), methods=["POST"]),
                Route("/{kind}/_search", self._answering(self._search), methods=["POST"]),
                Route("/{kind}/{id}", self._answering(self._read), methods=["GET"]),
                Route("/{kind}/{id}", self._answering(self._update), methods=["PUT"]),
                Route("/{kind}", self._answering(self._create), methods=["POST"]),
            ]
        )

    async def _healthz(self, _request: Request) -> Response:
        return _json({"status": "ok"})

    async def _token(self, request: Request) -> Response:
        """RFC 6749 4.4. A token is good for as long as the stand-in runs."""
        given = request.headers.get("Authorization", "").encode()
        pair = base64.b64encode(":".join(map(quote_plus, self._client or ("", ""))).encode())
        asked = parse_qs((await request.body()).decode())
        if self._client is None or not hmac.compare_digest(given, b"Basic " + pair):
            return JSONResponse({"error": "invalid_client"}, 401)
        if asked.get("grant_type") != ["client_credentials"]:
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        token = secrets.token_urlsafe(16)
        self._tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    def _answering(
        self, answer: Callable[[Request, bytes], Response], *, open_to_all: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                if request.url.query:
                    raise Refused(400, "not-supported")
                given = request.headers.get("Authorization", "").removeprefix("Bearer ")
                if self._client is not None and not open_to_all and given not in self._tokens:
                    raise Refused(401, "login")
                return answer(request, await request.body())
            except Refused as no:
                return _json(_outcome(no.code), no.status)
            except (ValueError, KeyError, TypeError, AttributeError):
                return _json(_outcome("structure"), 400)

        return endpoint

    def _metadata(self, _request: Request, _body: bytes) -> Response:
        operations = {"Patient": [{"name": "match", "definition": _MATCH}]} if self._matches else {}
        kinds = [
            {
                "type": kind,
                "interaction": [
                    {"code": "read"},
                    {"code": "update"},
                    {"code": "create"},
                    {"code": "search-type"},
                ],
                "versioning": "versioned-update",
                "conditionalCreate": True,
                "operation": operations.get(kind, []),
            }
            for kind in KINDS
        ]
        rest = {
            "mode": "server",
            "resource": kinds,
            "interaction": [{"code": "batch"}, {"code": "transaction"}],
        }
        return _json(
            {
                "resourceType": "CapabilityStatement",
                "status": "active",
                "date": "2026-03-01",
                "kind": "instance",
                "fhirVersion": "4.0.1",
                "format": [MEDIA],
                "rest": [rest],
            }
        )

    def _bundle(self, request: Request, body: bytes) -> Response:
        bundle = orjson.loads(body)
        base = str(request.base_url)
        if bundle["type"] == "batch":
            return _json(_response("batch-response", [self._each(entry, base) for entry in bundle["entry"]]))
        if bundle["type"] != "transaction":
            raise Refused(400, "invalid")
        before = self.store.snapshot()
        try:
            return _json(_response("transaction-response", self._transaction(bundle["entry"])))
        except (Refused, ValueError, KeyError, TypeError, AttributeError):
            self.store.restore(before)
            raise

    def _each(self, entry: Resource, base: str) -> Resource:
        """One entry of a batch, which fails by itself. Only searches come in batches here."""
        try:
            kind, mark, query = entry["request"]["url"].partition("?")
            if entry["request"]["method"] != "GET" or not mark:
                raise Refused(405, "not-supported")
            return {"resource": self._found(kind, query, base), "response": {"status": "200 OK"}}
        except Refused as no:
            return {"response": {"status": str(no.status), "outcome": _outcome(no.code)}}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {"response": {"status": "400", "outcome": _outcome("structure")}}

    def _transaction(self, entries: list[Resource]) -> list[Resource]:
        made: list[tuple[Resource, bool]] = []
        known: dict[str, str] = {}
        for entry in entries:
            if entry["request"]["method"] != "POST" or entry["request"]["url"] not in KINDS:
                raise Refused(405, "not-supported")
            resource = _resolved(entry["resource"], known)
            one, new = self.store.create(resource, entry["request"].get("ifNoneExist"))
            known[entry["fullUrl"]] = f"{one['resourceType']}/{one['id']}"
            made.append((one, new))
        return [
            {
                "response": {
                    "status": "201 Created" if new else "200 OK",
                    "location": _place(one),
                    "etag": etag(one),
                }
            }
            for one, new in made
        ]

    def _search(self, request: Request, body: bytes) -> Response:
        return _json(self._found(request.path_params["kind"], body.decode(), str(request.base_url)))

    def _found(self, kind: str, query: str, base: str) -> Resource:
        if kind not in KINDS:
            raise Refused(404, "not-supported")
        page = self.store.search(kind, query)
        links = [{"relation": "self", "url": f"{base}{kind}?{query}"}]
        if page.following is not None:
            asked = dict(parse_qsl(query)) | {"_page": str(page.following)}
            links.append({"relation": "next", "url": f"{base}{kind}?{urlencode(asked)}"})
        entries = [
            {
                "fullUrl": f"{base}{one['resourceType']}/{one['id']}",
                "resource": one,
                "search": {"mode": "match"},
            }
            for one in page.resources
        ]
        return {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": page.total,
            "link": links,
            "entry": entries,
        }

    def _read(self, request: Request, _body: bytes) -> Response:
        return _versioned(self.store.get(_name(request)), 200)

    def _update(self, request: Request, body: bytes) -> Response:
        resource = orjson.loads(body)
        if f"{resource['resourceType']}/{resource['id']}" != _name(request):
            raise Refused(400, "invalid")
        self.store.get(_name(request))
        return _versioned(self.store.put(resource, request.headers.get("If-Match")), 200)

    def _create(self, request: Request, body: bytes) -> Response:
        resource = orjson.loads(body)
        if resource["resourceType"] != request.path_params["kind"] or resource["resourceType"] not in KINDS:
            raise Refused(400, "invalid")
        one, new = self.store.create(resource, request.headers.get("If-None-Exist"))
        return _versioned(one, 201 if new else 200)

    def _match(self, _request: Request, body: bytes) -> Response:
        if not self._matches:
            raise Refused(404, "not-supported")
        parts = {part["name"]: part for part in orjson.loads(body)["parameter"]}
        asked = parts["resource"]["resource"]
        scores = [
            (score(asked, one), one) for one in self.store.search("Patient", {"_count": "100000"}).resources
        ]
        best = sorted((pair for pair in scores if pair[0] >= _WORTH_NAMING), key=lambda pair: -pair[0])
        entries = [
            {"resource": one, "search": {"mode": "match", "score": points}}
            for points, one in best[: parts.get("count", {}).get("valueInteger", 10)]
        ]
        return _json({"resourceType": "Bundle", "type": "searchset", "total": len(entries), "entry": entries})


_MATCH = "http://hl7.org/fhir/OperationDefinition/Patient-match"


def score(asked: Mapping[str, Any], held: Mapping[str, Any]) -> float:
    """How well two patients agree, 0 to 1: names and birth date weigh a third each; swapped names less."""
    told, kept = _names(asked), _names(held)
    straight = sum(one == other for one, other in zip(told, kept, strict=True))
    crossed = sum(one == other for one, other in zip(told, reversed(kept), strict=True)) - 0.3
    return round(max(0.0, max(straight, crossed) + (asked.get("birthDate") == held.get("birthDate"))) / 3, 3)


def _names(patient: Mapping[str, Any]) -> tuple[str, str]:
    name = (patient.get("name") or [{}])[0]
    return normalised_name((name.get("given") or [""])[0]), normalised_name(name.get("family") or "")


def as_resource(identifier: str, person: Person) -> Resource:
    """A Patient of the stand-in."""
    return {
        "resourceType": "Patient",
        "id": identifier,
        "active": True,
        "name": [{"family": person.last_name, "given": [person.first_name]}],
        "birthDate": person.dob.isoformat() if person.dob else None,
    }


def _resolved(value: Any, known: Mapping[str, str]) -> Any:
    """References to what the same transaction made, by where it is now."""
    if isinstance(value, dict):
        return {key: _resolved(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolved(each, known) for each in value]
    return known.get(value, value) if isinstance(value, str) else value


def _response(kind: str, entries: list[Resource]) -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def _outcome(code: str) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


def _place(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}/_history/{resource['meta']['versionId']}"


def _name(request: Request) -> str:
    return f"{request.path_params['kind']}/{request.path_params['id']}"


def _json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, MEDIA)


def _versioned(resource: Resource, status: int) -> Response:
    return _json(resource, status, {"ETag": etag(resource) or "", "Location": _place(resource)})


def load(data: Path) -> Iterable[Resource]:
    """The resources of a folder, one to a file, or of one file with a Bundle.

    Raises:
        OSError, ValueError, KeyError, TypeError: it cannot be read as that.
    """
    if data.is_dir():
        return [orjson.loads(path.read_bytes()) for path in sorted(data.glob("*.json"))]
    return [entry["resource"] for entry in orjson.loads(data.read_bytes())["entry"]]


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = http_arguments(
        "A clinic's FHIR server on loopback, for the demo and for tests.",
        "a folder of resources, or a Bundle",
    )
    parser.add_argument("--client", help="id:secret of who may ask; without it anybody may")
    options = parser.parse_args(given)
    try:
        store = Store(load(options.data))
        identifier, _, secret = (options.client or "").partition(":")
        faults = parse_faults(options.fault)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        leave(f"the gravity-fhir stand-in cannot start: {fault}")
    server = Server(store, (identifier, secret) if options.client else None)
    app = Faulty(server.application(), faults, options.seed)
    asyncio.run(serve(app, "gravity-fhir stand-in", options.port, options.until_eof))


if __name__ == "__main__":
    main()
