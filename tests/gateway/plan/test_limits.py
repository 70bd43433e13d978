"""Limits: what a document may ask at most, however it is written."""

from __future__ import annotations

import pytest
from graphql import parse

from gateway.documents import DocumentRefused, Documents
from gateway.limits import MOST_ALIKE, MOST_FIELDS, too_much
from schema.build import schema
from tests.journeys.asking import every_question
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT


def aliases(count: int, of: str = 'client(id: "x") { id }') -> str:
    return " ".join(f"a{number}: {of}" for number in range(count))


def spreading(levels: int) -> str:
    """Each fragment spreads the next ten times: ten to the power of the levels."""
    last = f"fragment F{levels} on Client {{ id }}"
    each = [
        f"fragment F{one} on Client {{ {' '.join(f'...F{one + 1}' for _ in range(10))} }}"
        for one in range(levels)
    ]
    return " ".join(['{ client(id: "x") { ...F0 } }', *each, last])


TOO_MUCH = {
    "aliases": f"{{ {aliases(MOST_ALIKE + 1)} }}",
    "aliases further down": f'{{ client(id: "x") {{ {aliases(MOST_ALIKE + 1, "name { last }")} }} }}',
    "aliases in an inline fragment": f"{{ ... on Query {{ {aliases(MOST_ALIKE + 1)} }} }}",
    "aliases shared out over fragments": f"{{ ...F ...G }} fragment F on Query {{ {aliases(30)} }} "
    f"fragment G on Query {{ {aliases(30).replace('a', 'b')} }}".replace("clibnt", "client"),
    "fragments that multiply": spreading(12),
    "in the second operation": f"query A {{ viewer {{ __typename }} }} query B {{ {aliases(200)} }}",
}


@pytest.mark.parametrize("how", TOO_MUCH)
def test_too_much_is_refused(how: str) -> None:
    error = too_much(parse(TOO_MUCH[how]))
    assert error is not None
    assert str(MOST_ALIKE) in error.message or str(MOST_FIELDS) in error.message


def test_a_document_that_asks_for_everything_is_within_the_limits() -> None:
    for document in (EVERYTHING_OF_A_CLIENT, *(one.document for one in every_question())):
        assert too_much(parse(document)) is None
    assert too_much(parse(f"{{ {aliases(MOST_ALIKE)} }}")) is None


def test_the_gateway_counts_before_it_runs() -> None:
    with pytest.raises(DocumentRefused) as refused:
        Documents(schema).prepare(TOO_MUCH["aliases"])
    assert refused.value.code == "GRAPHQL_VALIDATION_FAILED"
