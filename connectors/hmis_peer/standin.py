"""A neighbouring HMIS on loopback: `python -m connectors.hmis_peer.standin --port N --data peer.json`.

It serves all eight operations of HUD's draft API out of a JSON file of HUD's own files and columns, and lays
out the same as a CSV exchange (`--folder`, to be served by any SFTP server):

    {"Organization": [{"OrganizationID", "OrganizationName", "VictimServiceProvider"}], "Project": [{…}],
     "Funder": [], "ProjectCoC": [], "Client": [], "Enrollment": [], "Exit": []}
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
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
from hmis.csv.writing import write_archive
from hmis.spec import FILES

Rows = Mapping[str, list[dict[str, Any]]]
Answered = tuple[int, object]
_IN_EXPORT = {file: "Assessments.csv" if file == "Assessment" else f"{file}.csv" for file in FILES}
"""As the draft calls them; it has no Export.csv."""
_METADATA = ("DateCreated", "DateUpdated")


def lay_out(folder: Path, rows: Rows, day: date, name: str = "export.zip", **export: object) -> Path:
    """The same as an HMIS CSV exchange of `day`: a full refresh of the year before, or as `export` says."""
    said = {
        "ExportID": day.isoformat(),
        "SourceType": 1,
        "ExportDate": f"{day.isoformat()}T06:00:00",
        "ExportStartDate": day - timedelta(days=365),
        "ExportEndDate": day,
        "SoftwareName": "stand-in",
        "CSVVersion": "2026 v1.0",
        "ExportPeriodType": 3,
        "ExportDirective": 2,
        "HashStatus": 1,
        "ImplementationID": "peer",
        **export,
    }
    folder.mkdir(parents=True, exist_ok=True)
    # Under its name only when it is whole.
    part = folder / f".{name}.zip"
    said_and_rows = {"Export": [said], **rows}
    write_archive(part, {file: [_typed(file, row) for row in said_and_rows[file]] for file in said_and_rows})
    os.replace(part, folder / name)
    return folder / name


def _typed(file: str, row: Mapping[str, Any]) -> dict[str, object]:
    """A row of JSON with its days and moments as such."""
    read = {"D": date.fromisoformat, "T": datetime.fromisoformat}
    kinds = {column.name: column.type for column in FILES[file].columns}
    return {
        name: read[kinds[name]](value) if isinstance(value, str) and kinds.get(name) in read else value
        for name, value in row.items()
    }


class Peer:
    """The eight operations, each as (query, path, body) -> status and answer."""

    def __init__(self, rows: Rows) -> None:
        self.rows = {file: [dict(row) for row in rows.get(file, ())] for file in FILES}

    def search(self, _query: Mapping[str, str], _path: Mapping[str, str], body: Any) -> Answered:
        asked = {name: str(value) for name, value in body.items() if value}
        if not asked:
            return 400, {"message": "Invalid input provided for the search"}
        found = [client for client in self.rows["Client"] if _answers(client, asked)]
        if not found:
            return 404, {"message": "PersonalID Not found"}
        return 200, [{"matchedClients": [_client(one) for one in found]}]

    def create(self, _query: Mapping[str, str], _path: Mapping[str, str], body: Any) -> Answered:
        if not (body.get("FirstName") or body.get("LastName")):
            return 400, {"missingInformationIncorrectDatatype": "FirstName or LastName is required"}
        client = {**body, "PersonalID": f"P{len(self.rows['Client']) + 1}"}
        self.rows["Client"].append(client)
        return 200, _client(client, *_METADATA)

    def update(self, _query: Mapping[str, str], path: Mapping[str, str], body: Any) -> Answered:
        client = self._client_of(path)
        if client is None:
            return 404, {"error": "Client not found"}
        if "PersonalID" in body:
            return 400, {"error": "PersonalID cannot be changed"}
        client.update(body)
        return 200, _client(client, *_METADATA)

    def clients_of_project(self, query: Mapping[str, str], path: Mapping[str, str], _body: Any) -> Answered:
        if not any(one["ProjectID"] == path["ProjectID"] for one in self.rows["Project"]):
            return 404, {"error": "Project not found"}
        clients = {one["PersonalID"]: one for one in self.rows["Client"]}
        stays = self._stays(query.get("EntryDate"), query.get("ExitDate"))
        return 200, {
            "clients": [
                _told(
                    {
                        **_client(clients[stay["PersonalID"]]),
                        "entryDate": stay["EntryDate"],
                        "exitDate": self._exit(stay),
                    }
                )
                for stay in stays
                if stay["ProjectID"] == path["ProjectID"]
            ]
        }

    def stays_of_client(self, query: Mapping[str, str], path: Mapping[str, str], _body: Any) -> Answered:
        if self._client_of(path) is None:
            return 404, {"error": "Client not found"}
        names = ("PersonalID", "EnrollmentID", "ProjectID", "EntryDate", "HouseholdID", "RelationshipToHoH")
        return 200, {
            "enrollments": [
                _told(
                    {
                        **{name: stay.get(name) for name in (*names, "EnrollmentCoC", *_METADATA)},
                        "ProjectName": self._project(stay).get("ProjectName"),
                        "ExitDate": self._exit(stay),
                    }
                )
                for stay in self._stays(query.get("entryDate"), query.get("exitDate"))
                if stay["PersonalID"] == path["PersonalID"]
                and query.get("projectID") in (None, stay["ProjectID"])
            ]
        }

    def projects(self, query: Mapping[str, str], _path: Mapping[str, str], _body: Any) -> Answered:
        names = ("ProjectID", "ProjectName", "ProjectCommonName", "OrganizationID", "ProjectType")
        more = ("HousingType", "RRHSubType", "OperatingStartDate", "OperatingEndDate", "ContinuumProject")
        try:
            found = self._projects(query)
        except ValueError:
            return 400, {"error": "Funder and ProjectType are whole numbers"}
        return 200, {
            "projects": [
                _told({name: project.get(name) for name in (*names, *more, *_METADATA)}) for project in found
            ]
        }

    def clients(self, query: Mapping[str, str], _path: Mapping[str, str], _body: Any) -> Answered:
        try:
            at = {project["ProjectID"] for project in self._projects(query)}
        except ValueError:
            return 400, {"error": "Funder and ProjectType are whole numbers"}
        stays = [
            stay
            for stay in self._stays(query.get("EntryDate"), query.get("ExitDate"))
            if stay["ProjectID"] in at
        ]
        return 200, {
            "clients": [
                _told({name: client.get(name) for name in ("PersonalID", "FirstName", "LastName", "DOB")})
                | {"Enrollments": [self._summary(stay) for stay in mine]}
                for client in self.rows["Client"]
                if (mine := [stay for stay in stays if stay["PersonalID"] == client["PersonalID"]])
            ]
        }

    def export(self, query: Mapping[str, str], _path: Mapping[str, str], _body: Any) -> Answered:
        """Every file; of people those with a stay in the days asked for, of projects all."""
        stays = [
            stay
            for stay in self._stays(query.get("EntryDate"), query.get("ExitDate"))
            if query.get("PersonalID") in (None, stay["PersonalID"])
        ]
        ids, people = {one["EnrollmentID"] for one in stays}, {one["PersonalID"] for one in stays}
        told = {}
        for file, name in _IN_EXPORT.items():
            rows: Iterable[dict[str, Any]] = self.rows[file]
            if file == "Client":
                rows = [one for one in rows if one["PersonalID"] in people]
            elif "EnrollmentID" in FILES[file].by_name:
                rows = [one for one in rows if one["EnrollmentID"] in ids]
            if file == "Funder":  # the draft has a number there, where HUD's files have text
                rows = [{**one, "FunderID": number} for number, one in enumerate(rows, 1)]
            told[name] = [_told(one) for one in rows if _changed(one, query)]
        del told["Export.csv"]
        return 200, told

    def _client_of(self, path: Mapping[str, str]) -> dict[str, Any] | None:
        known = {one["PersonalID"]: one for one in self.rows["Client"]}
        return known.get(path["PersonalID"])

    def _project(self, stay: Mapping[str, Any]) -> Mapping[str, Any]:
        known = {one["ProjectID"]: one for one in self.rows["Project"]}
        return known.get(stay["ProjectID"], {})

    def _exit(self, stay: Mapping[str, Any]) -> str | None:
        left = {one["EnrollmentID"]: one["ExitDate"] for one in self.rows["Exit"]}
        return left.get(stay["EnrollmentID"])

    def _summary(self, stay: Mapping[str, Any]) -> dict[str, Any]:
        names = ("EnrollmentID", "ProjectID", "EntryDate")
        beside = {"ProjectName": self._project(stay).get("ProjectName"), "ExitDate": self._exit(stay)}
        return _told({name: stay[name] for name in names} | beside)

    def _stays(self, first: str | None, last: str | None) -> list[dict[str, Any]]:
        """Those that began in these days; ISO dates compare as text."""
        return [
            one
            for one in self.rows["Enrollment"]
            if (first is None or one["EntryDate"] >= first) and (last is None or one["EntryDate"] <= last)
        ]

    def _projects(self, query: Mapping[str, str]) -> list[dict[str, Any]]:
        funder, kind = (int(query[name]) if name in query else None for name in ("Funder", "ProjectType"))
        paid = {one["ProjectID"] for one in self.rows["Funder"] if one["Funder"] == funder}
        coc = query.get("CocCode")
        there = {one["ProjectID"] for one in self.rows["ProjectCoC"] if one["CoCCode"] == coc}
        first, last = query.get("OperatingStartDate", ""), query.get("OperatingEndDate", "9999")
        return [
            one
            for one in self.rows["Project"]
            if (funder is None or one["ProjectID"] in paid)
            and (coc is None or one["ProjectID"] in there)
            and kind in (None, one.get("ProjectType"))
            and first <= one.get("OperatingStartDate", "")
            and (one.get("OperatingEndDate") or "") <= last
        ]


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record as the API tells it: what is unknown is absent."""
    return {name: value for name, value in row.items() if value is not None}


def _client(row: Mapping[str, Any], *beside: str) -> dict[str, Any]:
    """A client without what only the database knows, unless it is asked for."""
    left_out = {"UserID", "ExportID", "DateDeleted", *_METADATA} - set(beside)
    return _told({name: value for name, value in row.items() if name not in left_out})


def _answers(client: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    """As the draft searches: the beginning of a name, an exact birth date and id, a part of an SSN."""
    held = {name: str(client.get(name) or "") for name in asked}
    return all(
        held[name].lower().startswith(value.lower())
        if name in ("FirstName", "LastName")
        else value in held[name]
        if name == "SSN"
        else value == held[name]
        for name, value in asked.items()
    )


def _changed(row: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    moment = str(row.get("DateUpdated") or "")
    return query.get("changedSince", "") <= moment <= query.get("changedUntil", "9999")


def application(rows: Rows, credentials: str | None = None) -> Starlette:
    """The peer's API. credentials: `user:password` of HTTP Basic; None = it asks for none."""
    peer = Peer(rows)
    expected = None if credentials is None else f"Basic {basic(credentials)}".encode()

    def guarded(
        answer: Callable[[Mapping[str, str], Mapping[str, str], Any], Answered],
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("Authorization", "").encode()
            if expected is not None and not hmac.compare_digest(given, expected):
                return JSONResponse({"error": "Not allowed in"}, 401, {"WWW-Authenticate": "Basic"})
            try:
                body = orjson.loads(await request.body()) if request.method in ("POST", "PATCH") else None
                status, told = answer(request.query_params, request.path_params, body)
            except (ValueError, KeyError, TypeError, AttributeError):
                status, told = 400, {"error": "Invalid input provided"}
            return JSONResponse(told, status)

        return endpoint

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    operations: tuple[
        tuple[str, str, Callable[[Mapping[str, str], Mapping[str, str], Any], Answered]], ...
    ] = (
        ("POST", "/client/search", peer.search),
        ("POST", "/client", peer.create),
        ("PATCH", "/client/{PersonalID}", peer.update),
        ("GET", "/project/{ProjectID}/clients", peer.clients_of_project),
        ("GET", "/client/{PersonalID}/enrollments", peer.stays_of_client),
        ("GET", "/projects", peer.projects),
        ("GET", "/clients", peer.clients),
        ("GET", "/csvexport", peer.export),
    )
    routes = [Route(path, guarded(answer), methods=[method]) for method, path, answer in operations]
    return Starlette(routes=[*routes, Route("/healthz", healthz)])


def basic(credentials: str) -> str:
    """`user:password` as HTTP Basic has it (RFC 7617)."""
    return base64.b64encode(credentials.encode()).decode()


def main(given: list[str] | None = None) -> None:
    """given: the command line; None = this process's own."""
    parser = http_arguments("A neighbouring HMIS on loopback, for the demo and for tests.", "peer.json")
    parser.add_argument("--credentials", help="user:password that must be given")
    parser.add_argument("--folder", type=Path, help="also lay out a CSV exchange of today there")
    options = parser.parse_args(given)
    try:
        rows = orjson.loads(options.data.read_bytes())
        faults = parse_faults(options.fault)
        app = Faulty(application(rows, options.credentials), faults, options.seed)
        if options.folder is not None:
            lay_out(options.folder, rows, date.today())
    except (OSError, ValueError, KeyError, TypeError) as fault:
        leave(f"the hmis-peer stand-in cannot start: {fault}")
    asyncio.run(serve(app, "hmis-peer stand-in", options.port, options.until_eof))


if __name__ == "__main__":
    main()
