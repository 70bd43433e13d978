"""What a declarative partner can be asked: [op.*], and how people are looked up there: [identity]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from connectors.base import Acceptance
from connectors.query import Query, placeholders, read_query
from connectors.toml import Section, did_you_mean

PERSON_FACTS = ("first_name", "last_name", "dob")
OPERATIONS = ("find", "fetch", "check", "changes", "submit", "track")
FURTHER = {"changes": ("removed", "next"), "submit": ("status", "version"), "track": ("status", "version")}
ENTITIES = "entities."
_REQUEST = re.compile(r"(GET|POST) (/[A-Za-z0-9._~/-]*)")
_TRANSFORM = re.compile(r"\.?[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of a declarative partner, and where in the answer things stand.

    transform: `package:function`, called with the answer's JSON before anything is looked for; "" = none.
    """

    method: Literal["GET", "POST"]
    path: str
    body: Mapping[str, object]
    items: Query | None
    key: Query | None
    score: Query | None
    dob: Query | None
    """Of a look-up: the birth date in the record that was found; None = the partner does not say."""
    as_of: Query | None
    transform: str = ""
    document: str = ""
    """GraphQL, with `{fields}` where the fields asked for go; the body is its variables."""
    further: Mapping[str, Query | None] = field(default_factory=dict)
    """What the answers of `changes`, `submit` and `track` have beside (FURTHER)."""
    idempotency: str = ""
    """The header that carries the key of a submission; "" = the partner does not honour keys."""


@dataclass(frozen=True, slots=True)
class Matching:
    """How people are looked up: the operation, what it tells the partner, when to believe the answer."""

    op: str
    discloses: frozenset[str]
    acceptance: Acceptance


def read_operations(top: Section) -> dict[str, Operation]:
    return {name: _operation(name, at) for name, at in top.sections("op").items()}


def _operation(name: str, at: Section) -> Operation:
    request = at.text("request", required=True)
    # No braces: a person in an address would stand in every access log on the way.
    parts = _REQUEST.fullmatch(request)
    if request and parts is None:
        at.refuse("request", "must read like POST /clients/find, with nothing about persons in it")
    if parts and parts[1] == "GET" and name != "check":
        at.refuse("request", "must be a POST: what is asked about persons travels in the body")
    body = at.raw("body")
    if body is not None and not isinstance(body, dict):
        at.refuse("body", "must be a table")
    transform = at.text("transform")
    if transform and _TRANSFORM.fullmatch(transform) is None:
        at.refuse("transform", "must read like package.module:function")
    operation = Operation(
        method=cast(Literal["GET", "POST"], parts[1]) if parts else "POST",
        path=parts[2] if parts else "/",
        body=body if isinstance(body, dict) else {},
        items=read_query(at, "items", required=name not in ("check", "submit")),
        key=read_query(at, "key", default="id"),
        score=read_query(at, "score"),
        dob=read_query(at, "dob"),
        as_of=read_query(at, "as_of"),
        transform=transform,
        document=at.text("document"),
        further={key: read_query(at, key) for key in FURTHER.get(name, ())},
        idempotency=at.text("idempotency") if name == "submit" else "",
    )
    at.done()
    return operation


def _asks_by_ids(names: set[str], graphql: bool) -> bool:
    """`{subject_ids}`, or of a subgraph `{entities.Household}`: references to its entities."""
    (name, *more) = names or {""}
    return not more and (name == "subject_ids" or (graphql and name.startswith(ENTITIES)))


def read_matching(at: Section) -> Matching | None:
    if "match" not in at:
        at.done()
        return None
    match = at.section("match")
    matching = Matching(
        op=match.text("op", required=True),
        discloses=frozenset(match.texts("discloses")),
        acceptance=Acceptance(
            min_score=match.whole("min_score", 90, low=1, high=100),
            margin=match.whole("margin", 10, low=0, high=100),
        ),
    )
    for fact in matching.discloses - set(PERSON_FACTS):
        match.refuse("discloses", f"{fact} cannot be disclosed{did_you_mean(fact, PERSON_FACTS)}")
    match.done()
    at.done()
    return matching


_SAID = {"changes": {"cursor"}, "track": {"references"}}
_SUBMISSION = ("key", "status", "reference", "version", "partner_id", "values.service")
_TOLD = {*(f"submission.{name}" for name in _SUBMISSION), *(f"person.{fact}" for fact in PERSON_FACTS)}


def exchange_faults(name: str, operation: Operation) -> list[tuple[str, str]]:
    """What is wrong with `changes`, `submit` or `track`: (key, why)."""
    said = placeholders(operation.body)
    if name in _SAID:
        wanted = _SAID[name]
        return [] if said == wanted else [("body", f"must hold {{{min(wanted)}}}, and nothing about persons")]
    faults = [("body", f"{{{one}}} is not told{did_you_mean(one, _TOLD)}") for one in sorted(said - _TOLD)]
    if operation.further["status"] is None:
        faults.append(("status", "is missing: where the answer says how the referral stands"))
    return faults


def check_operations(
    top: Section, operations: Mapping[str, Operation], matching: Matching | None, *, graphql: bool
) -> None:
    """What a declarative partner needs: a fetch by ids, and a look-up that says exactly what it discloses."""
    for name, operation in operations.items():
        if graphql and not operation.document:
            top.refuse(f"op.{name}.document", "is missing: what is asked, in GraphQL")
        if operation.document and not graphql:
            top.refuse(f"op.{name}.document", 'is for protocol = "graphql"')
    for name in operations.keys() - set(OPERATIONS):
        top.refuse(f"op.{name}", f"is not an operation{did_you_mean(name, OPERATIONS)}")
    for name in operations.keys() & set(FURTHER):
        for key, why in exchange_faults(name, operations[name]):
            top.refuse(f"op.{name}.{key}", why)
    if "fetch" not in operations:
        top.refuse("op.fetch", "is missing")
    elif not _asks_by_ids(placeholders(operations["fetch"].body), graphql):
        top.refuse("op.fetch.body", "must hold {subject_ids}, and nothing else about persons")
    if matching is None:
        if "find" in operations:
            top.refuse("op.find", "is not named by identity.match, which says what it discloses")
        return
    if matching.op not in operations:
        top.refuse(
            "identity.match.op", f"there is no [op.{matching.op}]{did_you_mean(matching.op, operations)}"
        )
        return
    operation = operations[matching.op]
    if operation.score is None:
        top.refuse(f"op.{matching.op}.score", "is missing: a look-up without a score cannot be judged")
    told = {name.removeprefix("person.") for name in placeholders(operation.body)}
    if told != matching.discloses:
        top.refuse(
            "identity.match.discloses",
            f"op.{matching.op} tells the partner {', '.join(sorted(told)) or 'nothing'}",
        )
