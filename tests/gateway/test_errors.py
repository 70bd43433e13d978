"""Faults of ours are masked: no word of an exception reaches the caller or the log."""

from __future__ import annotations

import logging
import re

import pytest
from graphql import GraphQLError
from sqlalchemy.exc import OperationalError

from gateway.errors import OURS, TABLE, fault_of, request_errors, stack
from hmis.errors import HubError
from tests.gateway.conftest import CANARY, Gateway


@pytest.mark.parametrize("field", ["broken", "unnamed"])
async def test_a_fault_of_ours_is_masked_in_the_answer_and_in_the_log(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, field: str
) -> None:
    caplog.set_level(logging.DEBUG)
    response = await gateway.ask(
        f"query Canary($word: String) {{ hello {field} echo(word: $word) }}", word=CANARY
    )
    answer = response.json()
    assert answer["data"] == {"hello": "world", field: None, "echo": CANARY}
    (error,) = answer["errors"]
    assert error["message"] == OURS
    assert error["path"] == [field]
    reference = error["extensions"]["reference"]
    assert error["extensions"] == {"code": "INTERNAL", "reference": reference}
    written = "\n".join(_whole(record) for record in caplog.records)
    assert reference in written
    assert "conftest.py" in written or "graphql" in written  # the place
    for secret in (CANARY, "query Canary", gateway.token()[:40]):
        assert secret not in written


def _whole(record: logging.LogRecord) -> str:
    return logging.Formatter().format(record)


def test_a_stack_tells_types_and_places_of_the_whole_chain_and_no_words() -> None:
    try:
        try:
            raise KeyError(CANARY)
        except KeyError as inner:
            raise ValueError(CANARY) from inner
    except ValueError as error:
        told = stack(error)
    assert "ValueError" in told
    assert "KeyError" in told
    assert "test_errors.py" in told
    assert CANARY not in told


def test_every_error_of_the_hub_has_its_row_or_is_one_of_ours() -> None:
    covered = tuple(row.kind for row in TABLE)
    known = {kind for kind in HubError.__subclasses__() if kind.__module__ == "hmis.errors"}
    assert {kind for kind in known if not issubclass(kind, covered)} == set()


def test_a_database_that_is_not_there_is_told_apart_from_a_fault_of_ours() -> None:
    assert fault_of(ConnectionRefusedError()).status == 503
    assert fault_of(OperationalError("select", {}, Exception(CANARY))).code == "NOT_READY"
    assert fault_of(RuntimeError(CANARY)).code == "INTERNAL"
    assert CANARY not in str(fault_of(RuntimeError(CANARY)))


@pytest.mark.parametrize(
    "message",
    [
        f"Variable '$where' has invalid value at .x: String cannot represent a non string value: '{CANARY}'",
        f"Variable '$where' has invalid value: Expected value of type 'W' to be an object, found: {CANARY}.",
        f"Variable '$day' has invalid value: Expected a Date, but encountered error 'x'; found: '{CANARY}'.",
        f"Expected value of type 'Date', found \"{CANARY}\".",
        f"Variable '$where' has invalid value at .x: Value '{CANARY}' does not exist in 'Order' enum.",
        f"Variable '$order' has invalid value: Value '{CANARY}' does not exist in 'Order' enum.",
    ],
)
def test_what_is_wrong_with_a_variable_is_said_without_its_value(message: str) -> None:
    (entry,) = request_errors([GraphQLError(message)], "BAD_USER_INPUT")
    assert CANARY not in entry["message"]
    assert re.fullmatch(r"(Variable '\$|Expected).*\.", entry["message"])


def test_what_is_wrong_with_a_variable_is_a_whole_sentence() -> None:
    found = f"Variable '$day' has invalid value: Expected value of type 'Date', found: {CANARY}."
    (entry,) = request_errors([GraphQLError(found)], "BAD_USER_INPUT")
    assert entry["message"] == "Variable '$day' has invalid value."


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize("value", [CANARY, {CANARY: CANARY}, [CANARY], 1.5])
async def test_no_value_of_a_variable_comes_back_in_an_error(
    gateway: Gateway, accept: str, value: object
) -> None:
    document = "query A($day: Date, $count: Int) { echo(day: $day, count: $count) }"
    for name in ("day", "count"):
        response = await gateway.ask(document, accept, **{name: value})
        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert CANARY not in response.text
