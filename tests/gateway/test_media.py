"""Accept and Content-Type, as RFC 9110 and the GraphQL over HTTP draft read them."""

from __future__ import annotations

import pytest

from gateway.media import JSON, RESPONSE, is_json, wanted


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ([], JSON),
        ([""], JSON),
        (["*/*"], JSON),
        (["application/*"], JSON),
        (["application/json"], JSON),
        (["APPLICATION/JSON"], JSON),
        (["application/json; charset=utf-8"], JSON),
        (["application/graphql-response+json"], RESPONSE),
        (["application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"], RESPONSE),
        (["application/json, application/graphql-response+json"], JSON),
        (["application/json;q=0.5, application/graphql-response+json"], RESPONSE),
        (["application/json", "application/graphql-response+json;q=0.9"], JSON),
        (["application/json, text/plain, */*"], JSON),
        (["*/*;q=0.1, application/json;q=0.2"], JSON),
        (["application/json;q=0, */*"], RESPONSE),
        (["text/html, application/*;q=0.3"], JSON),
    ],
)
def test_the_form_the_caller_likes_best_is_taken(accept: list[str], form: str) -> None:
    assert wanted(accept) == form


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/xml, text/*",
        "application/json;q=0",
        "*/*;q=0",
        "application/json; charset=iso-8859-1",
        "application/json;q=much",
        "nonsense",
    ],
)
def test_no_form_is_taken_that_the_caller_would_not_understand(accept: str) -> None:
    assert wanted([accept]) is None


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_a_body_in_json_and_utf8_is_read(kind: str) -> None:
    assert is_json(kind)


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/graphql",
    ],
)
def test_any_other_body_is_not_read(kind: str | None) -> None:
    assert not is_json(kind)
