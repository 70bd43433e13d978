"""Imports: which export came when, what it changed, what was found in it and what mends that."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.pages.page import refused
from gateway.pages.places import _
from gateway.pages.visit import Answered, Visit

STATES: Mapping[str, tuple[str, str, str]] = {
    "RUNNING": ("", _("Running"), _("It is being read. Nothing of it is seen before it is done.")),
    "DONE": ("good", _("Done"), _("The hub holds what the export says.")),
    "REFUSED": (
        "bad",
        _("Refused"),
        _(
            "The export is broken in a way that would spoil the data. Nothing was changed. Mend what is"
            " listed below and import it again."
        ),
    ),
    "FAILED": (
        "bad",
        _("Stopped"),
        _(
            "The database gave up, or somebody stopped it. Nothing was changed. Import it again; if it stops"
            " again, look into the hub's log."
        ),
    ),
    "BROKEN_OFF": (
        "warn",
        _("Broken off"),
        _(
            "It ended without a word: the machine went down, or the import was killed. Nothing was changed."
            " Import it again."
        ),
    ),
}
"""State -> kind of its mark, the word, what it means and what to do."""
SEVERITIES: Mapping[str, tuple[str, str, str]] = {
    "ERROR": ("bad", _("Error"), _("refused, left out or set aside")),
    "WARNING": ("warn", _("Warning"), _("kept, and wrong")),
    "INFO": ("", _("Note"), _("worth knowing")),
}
_COLUMNS = ("severity", "file", "line", "column", "count", "rule", "message", "effect", "mend", "lines")


async def imports(visit: Visit) -> Response:
    """All of them, newest first."""
    asked = visit.http.query_params
    source = asked.get("source") or None
    answered = await visit.ask("imports", source=source, after=asked.get("after") or None)
    page = answered.data.get("imports") or {"nodes": [], "pageInfo": {"hasNextPage": False}}
    return visit.show(
        "imports.html",
        runs=page["nodes"],
        page=page["pageInfo"],
        source=source,
        states=STATES,
        errors=answered.errors,
    )


async def import_run(visit: Visit) -> Response:
    """One of them, with what was found."""
    run = await _run(visit)
    if run is None:
        return refused(visit.http, 404, "absent")
    return visit.show(
        "import_run.html",
        run=run,
        states=STATES,
        severities=SEVERITIES,
        chosen=_chosen(visit),
        now=visit.hub.now(),
    )


async def findings_csv(visit: Visit) -> Response:
    """What was found, as a table for other programs: all of it, or what is chosen."""
    run = await _run(visit)
    if run is None:
        return refused(visit.http, 404, "absent")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for finding in run["findings"]:
        told = {**finding, "lines": " ".join(map(str, finding["lines"]))}
        writer.writerow(["" if told[name] is None else told[name] for name in _COLUMNS])
    headers = {"Content-Disposition": f'attachment; filename="findings-{run["id"]}.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _run(visit: Visit) -> Mapping[str, Any] | None:
    answered: Answered = await visit.ask("import_run", id=visit.http.path_params["id"], **_chosen(visit))
    run: Mapping[str, Any] | None = answered.data.get("importRun")
    return run


def _chosen(visit: Visit) -> dict[str, str | None]:
    """What the findings are narrowed to. They are words of the format: nothing of anybody."""
    asked = visit.http.query_params
    severity = asked.get("severity")
    return {
        "severity": severity if severity in SEVERITIES else None,
        "file": asked.get("file") or None,
        "rule": asked.get("rule") or None,
    }
