"""Null in a variable where a value must be: the caller's mistake, said alike compiled and interpreted."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.settings import Settings
from schema.build import schema
from tests.gateway.conftest import Gate, running

NULL = {
    "a place with a default value": (
        "query ($v: Int) { projects(first: $v) { nodes { id } } }",
        ["projects"],
    ),
    "a variable with a default value": (
        "query ($v: Int = 3) { projects(first: $v) { nodes { id } } }",
        ["projects"],
    ),
    "one of several variables": (
        "query ($v: Int = 3, $w: Int = 3) "
        "{ a: projects(first: $w) { nodes { id } } b: projects(first: $v) { nodes { id } } }",
        ["b"],
    ),
    "an argument that must be given": (
        'query ($v: ID = "1") { project(id: $v) { id } }',
        ["project"],
    ),
    "an enum": (
        "query ($v: ClientOrder = NAME) { clients(where: {}, orderBy: $v) { nodes { id } } }",
        ["clients"],
    ),
    "inside of an input object": (
        "query ($v: Float = 40) { services(near: {latitude: $v, longitude: 3}) { nodes { id } } }",
        ["services"],
    ),
    "below a field that is answered": (
        "query ($v: Boolean = true) { projects { nodes @include(if: $v) { id } } }",
        ["projects"],
    ),
    "in what the schema is asked": (
        'query ($v: Boolean = true) { __type(name: "Client") '
        "{ name fields(includeDeprecated: $v) { name } } }",
        ["__type", "fields"],
    ),
    "where something is changed": (
        'mutation ($v: ID = "1") { matchReject(id: $v) { problems { code } } }',
        ["matchReject"],
    ),
    "before anything is answered": (
        "query ($v: Boolean = true) { projects @include(if: $v) { nodes { id } } }",
        None,
    ),
}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("case", NULL)
async def test_null_where_a_value_must_be_is_the_callers_mistake(
    settings: Settings, membership: None, case: str, compiled: bool, caplog: pytest.LogCaptureFixture
) -> None:
    document, path = NULL[case]
    chosen = settings.model_copy(update={"compiled": compiled})
    async with running(chosen, Gate(), schema) as hub:
        (error,) = (await hub.ask(document, v=None)).json()["errors"]
        without = await hub.ask(document)
    assert error.pop("locations") == [_place(document)]
    expected: dict[str, Any] = {
        "message": "Variable '$v' must not be null where it stands here.",
        "extensions": {"code": "BAD_USER_INPUT"},
    }
    assert error == expected | ({"path": path} if path else {})
    assert "must not be null" not in without.text
    assert "reference=" not in caplog.text


def _place(document: str) -> dict[str, int]:
    """Of the variable where it is used; documents stand on one line."""
    return {"line": 1, "column": document.rindex("$v") + 1}
