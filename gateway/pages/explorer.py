"""The explorer, for integrators: write a document, check it, run it, and register it for an application."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from starlette.responses import Response

from auth.sessions import CLIENT_ID
from gateway.body import Asked
from gateway.pages.api import closed, known, may_read, role_of
from gateway.pages.examples import TITLES, Example, beginning_at, written
from gateway.pages.exploring import Draft, Outcome, Problem, asked_of, changes, check, claims_of, run
from gateway.pages.places import _
from gateway.pages.proof import EMERGENCY, EXPORT, Needed
from gateway.pages.visit import Visit
from hmis.documents import PREFIX

MOST_SHOWN = 30_000
"""Characters of an answer on the page: it stays light, and the rest is for a program anyway."""
MOST_LISTED = 100
_WORD = re.compile(r"\w+|.")
_AROUND = 80
"""Characters of a line before and after an error in it."""
_BEGIN = "projects"


REASONS: Mapping[str, str] = {
    "mutation": _("It changes something: its fields are run one after another, and never twice."),
    "subscription": _("Subscriptions are not answered."),
    "introspection": _("It asks for the schema, which no plan tells."),
    "setting": _("Compiled plans are switched off on this hub."),
    "condition": _("Null was sent for a condition of @skip or @include."),
    "variants": _("Its conditions make more variants of it than plans are kept for."),
}
_OTHERWISE = _("A field or type of it is of a kind that no plan covers.")


async def explorer(visit: Visit) -> Response:
    """The form, and what became of what was sent."""
    await visit.ask("explorer")
    if not may_read(visit):
        return closed(visit)
    form = visit.form
    draft, do = Draft.of(form), form.get("do", "")
    if not do:
        return _shown(visit, _begun(visit))
    if do == "open":
        return _shown(visit, await _opened(visit, form))
    asked = asked_of(draft if do != "register" else replace(draft, variables=""))
    if isinstance(asked, Problem):
        return _shown(visit, draft, Outcome(problem=asked))
    if do == "register":
        return await _registered(visit, draft)
    if (needed := _needed(visit, asked, do)) is not None and not needed.is_met(visit):
        return needed.ask(visit)
    claims = claims_of(visit, role_of(visit))
    outcome = await (run if do in ("run", "download") else check)(visit, claims, asked)
    if do == "download" and outcome.body:
        return _file(outcome.body, "answer.json", "application/json")
    if do == "statement" and outcome.planned and outcome.planned.told and outcome.planned.told.statement:
        return _file(outcome.planned.told.statement.encode(), "statement.sql", "text/plain")
    return _shown(visit, draft, outcome)


async def documents(visit: Visit) -> Response:
    """What is registered for one of the visitor's applications; and removing of it."""
    application = visit.form.get("application") or visit.http.query_params.get("application")
    problems: tuple[Mapping[str, Any], ...] = ()
    if visit.http.method == "POST":
        given = {"ids": [visit.form.get("id", "")], "application": application}
        problems = (await visit.ask("unregister", **given)).problems("documentRemove")
    answered = await visit.ask("registered", application=application)
    if not may_read(visit):
        return closed(visit)
    found = answered.data["documents"]
    return visit.show(
        "explorer_documents.html",
        application=application or next(iter(_applications(visit)), None),
        applications=_applications(visit),
        found=found[:MOST_LISTED],
        count=len(found),
        problems=problems,
        is_removed=visit.http.method == "POST" and not problems,
        pages=CLIENT_ID,
    )


def _needed(visit: Visit, asked: Asked, do: str) -> Needed | None:
    """What else asks for a fresh proof asks for it here, too: what carries an answer away, and what changes
    something, whichever change it is."""
    if do == "download":
        return Needed(EXPORT, has_form=False)
    if do == "run" and changes(visit, asked):
        return Needed(EMERGENCY, has_form=False)
    return None


def _shown(visit: Visit, draft: Draft, outcome: Outcome | None = None, **given: Any) -> Response:
    answer = "" if outcome is None or outcome.content is None else _indented(outcome.content)
    return visit.show(
        "explorer.html",
        draft=draft,
        outcome=outcome,
        answer=answer[:MOST_SHOWN],
        left_out=max(0, len(answer) - MOST_SHOWN),
        placed=[] if outcome is None else [_placed(draft, one) for one in outcome.errors],
        examples=TITLES,
        reasons=REASONS,
        otherwise=_OTHERWISE,
        applications=_applications(visit),
        pages=CLIENT_ID,
        is_free=visit.hub.trusted.free_text.allowed(claims_of(visit, role_of(visit))),
        **{"registered": None, "problems": (), **given},
    )


def _applications(visit: Visit) -> list[str]:
    return list((visit.viewer or {}).get("applications", ()))


def _begun(visit: Visit) -> Draft:
    """An example, as a link names it."""
    asked = visit.http.query_params
    field, name = asked.get("field", ""), asked.get("example", _BEGIN)
    entry = known(visit).entries.get(field)
    if entry is not None and entry.root is not None:
        return _draft(beginning_at(entry, known(visit)))
    return _draft(written(name if name in TITLES else next(iter(TITLES))))


def _draft(example: Example) -> Draft:
    return Draft(example.document, example.variables)


async def _opened(visit: Visit, form: Mapping[str, str]) -> Draft:
    """A registered document, to go on with it."""
    answered = await visit.ask("registered", application=form.get("application") or None)
    texts = {one["id"]: one["text"] for one in answered.data["documents"]}
    return Draft(texts.get(form.get("id", ""), ""))


async def _registered(visit: Visit, draft: Draft) -> Response:
    application = visit.form.get("application") or None
    answered = await visit.ask("register", documents=[draft.document], application=application)
    refused = answered.problems("documentRegister")
    if refused:
        return _shown(visit, draft, problems=refused)
    identifier = f"{PREFIX}{draft.sha256}"
    registered = {
        "id": identifier,
        "application": application or CLIENT_ID,
        "line": _line(visit, identifier, draft),
    }
    return _shown(visit, draft, registered=registered)


def _line(visit: Visit, identifier: str, draft: Draft) -> str:
    """A line for a shell that asks it. Values of variables are left out: shells remember what was typed."""
    asked = asked_of(draft)
    given = () if isinstance(asked, Problem) else asked.variables
    body: dict[str, Any] = {"documentId": identifier, "variables": dict.fromkeys(given)}
    if draft.operation:
        body["operationName"] = draft.operation
    told = orjson.dumps(body).decode()
    return (
        f"curl {str(visit.http.base_url).rstrip('/')}/graphql"
        ' -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json"'
        f" -d {shlex.quote(told)}"
    )


def _indented(content: Mapping[str, Any]) -> str:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _placed(draft: Draft, error: Mapping[str, Any]) -> dict[str, Any]:
    """An error with the lines that it stands in."""
    lines = draft.document.split("\n")
    places = [
        _place(lines[at["line"] - 1], at["line"], at["column"])
        for at in error.get("locations", ())
        if at["line"] <= len(lines)
    ]
    return {
        "message": error["message"],
        "code": error["extensions"]["code"],
        "reference": error["extensions"].get("reference"),
        "path": ".".join(str(step) for step in error.get("path", ())),
        "places": places,
    }


def _place(text: str, line: int, column: int) -> dict[str, Any]:
    """A place of a document with what stands around it: the word there, and a part of its line."""
    before, rest = text[: column - 1], text[column - 1 :]
    found = _WORD.match(rest)
    word = found[0] if found else " "
    around = {"before": before[-_AROUND:], "word": word, "after": rest[len(word) : len(word) + _AROUND]}
    return {"line": line, "column": column, **around}


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, headers=headers, media_type=kind)
