"""POST /graphql over the real application: what is taken, what is refused, and how it is said."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
import orjson
import pytest

from tests.gateway.conftest import Gateway

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HELLO = b'{"query": "{ hello }"}'
HASH = sha256(b"{ hello }").hexdigest().encode()
PERSISTED = b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "%s"}}}' % HASH


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def test_a_question_is_answered(gateway: Gateway) -> None:
    response = await gateway.post(HELLO)
    assert response.status_code == 200
    assert response.json() == {"data": {"hello": "world"}}
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", [RESPONSE, JSON])
async def test_the_answer_comes_in_the_form_asked_for(gateway: Gateway, accept: str) -> None:
    response = await gateway.post(HELLO, headers={"accept": accept})
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"


async def test_a_form_we_do_not_speak_is_not_acceptable(gateway: Gateway) -> None:
    response = await gateway.post(HELLO, headers={"accept": "text/html"})
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


FAILING = {
    "document that is not GraphQL": ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
    "field that is not there": ({"query": "{ helo }"}, "GRAPHQL_VALIDATION_FAILED"),
    "operation that is not there": ({"query": "query A { hello }", "operationName": "B"}, "BAD_USER_INPUT"),
    "operation that is not named": ({"query": "query A { hello } query B { hello }"}, "BAD_USER_INPUT"),
    "variable that does not fit": (
        {"query": "query A($day: Date) { echo(day: $day) }", "variables": {"day": "yesterday"}},
        "BAD_USER_INPUT",
    ),
}


@pytest.mark.parametrize("case", FAILING)
@pytest.mark.parametrize(("accept", "status"), [(RESPONSE, 400), (JSON, 200)])
async def test_a_request_that_cannot_run_has_no_data_and_the_status_of_its_form(
    gateway: Gateway, case: str, accept: str, status: int
) -> None:
    body, code = FAILING[case]
    response = await gateway.post(orjson.dumps(body), headers={"accept": accept})
    assert (response.status_code, codes(response)) == (status, [code])
    assert "data" not in response.json()


@pytest.mark.parametrize("accept", [RESPONSE, JSON])
async def test_a_field_that_fails_leaves_the_others(gateway: Gateway, accept: str) -> None:
    response = await gateway.ask("{ hello refused }", accept)
    assert response.status_code == 200
    assert response.json() == {
        "data": {"hello": "world", "refused": None},
        "errors": [
            {
                "message": "first takes 1 to 100",
                "locations": [{"line": 1, "column": 9}],
                "path": ["refused"],
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ],
    }


async def test_a_partner_that_fails_is_named_with_its_code_and_nothing_else(gateway: Gateway) -> None:
    error = (await gateway.ask("{ partner }")).json()["errors"][0]
    assert error["extensions"] == {
        "code": "SOURCE_FAILED",
        "source": "pantry",
        "reason": "TIMEOUT",
        "retryable": True,
    }


MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"NONSENSE",
    "half a JSON": b'{"query":',
    "not UTF-8": b'{"query": "{ \xff }"}',
    "UTF-16": '{"query": "{ hello }"}'.encode("utf-16"),
    "not a number": b'{"query": "{ hello }", "variables": {"a": NaN}}',
    "nested beyond reason": b"[" * 20_000 + b"]" * 20_000,
    "variables nested beyond reason": b'{"query":"{ hello }","variables":'
    + b'{"a":' * 5000
    + b"1"
    + b"}" * 5001,
    "a text": b'"{ hello }"',
    "null": b"null",
    "a batch": b'[{"query": "{ hello }"}]',
    "no query": b'{"qeury": "{ hello }"}',
    "an empty query": b'{"query": "  "}',
    "a query that is a number": b'{"query": 7}',
    "a query that is null": b'{"query": null}',
    "a query that is an object": b'{"query": {}}',
    "variables that are a list": b'{"query": "{ hello }", "variables": [7]}',
    "variables that are a text": b'{"query": "{ hello }", "variables": "{}"}',
    "an operation name that is a number": b'{"query": "{ hello }", "operationName": 7}',
    "extensions that are a list": b'{"query": "{ hello }", "extensions": []}',
    "a document id that is a number": b'{"documentId": 7}',
    "a document id without its prefix": b'{"documentId": "%s"}' % HASH,
    "a document id of another kind": b'{"documentId": "x-md5:%s"}' % HASH,
    "a document id in capitals": b'{"documentId": "sha256:%s"}' % HASH.upper(),
    "a document id that is cut off": b'{"documentId": "sha256:%s"}' % HASH[:63],
    "a document id and a text": b'{"documentId": "sha256:%s", "query": "{ hello }"}' % HASH,
    "a document id and a persisted query": b'{"documentId": "sha256:%s", %s' % (HASH, PERSISTED[1:]),
    "a persisted query that is a text": b'{"extensions": {"persistedQuery": "%s"}}' % HASH,
    "a persisted query of another version": PERSISTED.replace(b"1,", b"2,"),
    "a persisted query without its hash": b'{"extensions": {"persistedQuery": {"version": 1}}}',
    "a persisted query of an empty text": b'{"query": "", %s' % PERSISTED[1:],
}


@pytest.mark.parametrize("case", MALFORMED)
@pytest.mark.parametrize("accept", [RESPONSE, JSON])
async def test_a_malformed_request_is_refused_in_either_form(
    gateway: Gateway, case: str, accept: str
) -> None:
    response = await gateway.post(MALFORMED[case], headers={"accept": accept})
    assert (response.status_code, codes(response)) == (400, ["BAD_REQUEST"])
    assert "data" not in response.json()


async def test_optional_parameters_may_be_null_or_unknown(gateway: Gateway) -> None:
    body = {"query": "{ hello }", "operationName": None, "variables": None, "extensions": None, "id": 1}
    assert (await gateway.post(orjson.dumps(body))).status_code == 200


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
async def test_a_body_of_another_kind_is_not_read(gateway: Gateway, kind: str | None) -> None:
    response = await gateway.post(HELLO, headers={"content-type": kind})
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_a_compressed_body_is_not_read(gateway: Gateway) -> None:
    response = await gateway.post(HELLO, headers={"content-encoding": "gzip"})
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_only_post_and_get_are_taken(gateway: Gateway, method: str) -> None:
    response = await gateway.client.request(method, "/graphql", params={"query": "{ hello }"})
    assert response.status_code == 405
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("times", [1, 20])
async def test_a_declared_size_beyond_the_limit_is_refused(gateway: Gateway, times: int) -> None:
    response = await gateway.post(b" " * (gateway.settings.max_request_bytes * times + 1))
    assert (response.status_code, codes(response)) == (413, ["REQUEST_TOO_LARGE"])


async def test_a_size_that_was_not_declared_is_counted_while_it_arrives(gateway: Gateway) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 10_000_000:
            sent += 1_000
            yield b" " * 1_000

    response = await gateway.client.post(
        "/graphql",
        content=endless(),
        headers={"content-type": JSON, "authorization": f"Bearer {gateway.token()}"},
    )
    assert response.status_code == 413
    assert sent <= gateway.settings.max_request_bytes * 10 + 2_000


async def test_a_request_of_just_the_limit_is_read(gateway: Gateway) -> None:
    body = HELLO + b" " * (gateway.settings.max_request_bytes - len(HELLO))
    assert (await gateway.post(body)).status_code == 200


DEEP = "{ a" * 500 + "}" * 500
MONSTERS = {
    "too many tokens": ("{" + " hello" * 6_000 + "}", "DOCUMENT_TOO_LARGE"),
    "nested too deeply": (DEEP, "TOO_DEEP"),
}


@pytest.mark.parametrize("case", MONSTERS)
async def test_a_monster_is_refused_before_it_is_validated(gateway: Gateway, case: str) -> None:
    document, code = MONSTERS[case]
    response = await gateway.ask(document)
    assert (response.status_code, codes(response)) == (400, [code])


async def test_a_document_full_of_errors_gets_a_few_of_them(gateway: Gateway) -> None:
    response = await gateway.ask("{" + " ".join(f"wrong{number}" for number in range(500)) + "}")
    assert len(response.json()["errors"]) <= 6


@pytest.mark.parametrize(
    "document",
    ["{ helo }", "{ echo(wrod: 1) }", "query A($a: Strin) { hello }", "{ hello @inclde(if: true) }"],
)
async def test_nothing_is_suggested(gateway: Gateway, document: str) -> None:
    response = await gateway.ask(document)
    assert response.status_code == 400
    assert "did you mean" not in response.text.lower()


async def test_errors_stand_in_the_order_of_their_paths(gateway: Gateway) -> None:
    response = await gateway.ask("{ z: refused m: refused a: refused }")
    assert [error["path"] for error in response.json()["errors"]] == [["a"], ["m"], ["z"]]


async def test_the_same_document_is_parsed_once_and_its_variables_are_its_own(gateway: Gateway) -> None:
    document = "query A($word: String) { echo(word: $word) }"
    first, second = await gateway.ask(document, word="one"), await gateway.ask(document, word="two")
    assert (first.json()["data"], second.json()["data"]) == ({"echo": "one"}, {"echo": "two"})


async def test_what_was_withheld_is_counted_by_field_and_category(gateway: Gateway) -> None:
    response = await gateway.ask("{ withheld }")
    assert response.json()["extensions"] == {
        "consent": {
            "withheld": [
                {"field": "Client.birth", "category": "DOB", "code": "WITHHELD", "count": 2},
                {"field": "Client.ssn", "category": "SSN_LAST4", "code": "WITHHELD", "count": 1},
            ]
        }
    }


async def test_partners_that_gave_nothing_are_named_once_each(gateway: Gateway) -> None:
    response = await gateway.ask("{ silentPartner }")
    assert response.json()["extensions"] == {
        "sources": [
            {"source": "energy-drop", "code": "UNAVAILABLE", "retryable": False, "stale": False},
            {"source": "pantry", "code": "TIMEOUT", "retryable": True, "stale": False},
        ]
    }
