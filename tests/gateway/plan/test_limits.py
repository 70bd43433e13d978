"""Limits: what a document may ask at most, however it is written, and how little it takes to know."""

from __future__ import annotations

import pytest
from graphql import GraphQLError, Lexer, Source, TokenKind, get_introspection_query, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.charging import bill
from gateway.documents import DocumentRefused, Documents, Prepared
from gateway.errors import Limit
from gateway.plan.cost import Weights
from gateway.plan.limits import MOST_COST, MOST_ROOT_FIELDS, count
from gateway.plan.scanning import MOST_TOKENS, MOST_VALUES, Excess, scan
from schema.build import schema
from tests.gateway.abusive import ABUSIVE, BATCHES, many, of_client, spreading
from tests.journeys.asking import every_question
from tests.schema.test_whole_life import CLIENT as EVERYTHING_OF_A_CLIENT

CORE = schema._schema


def prepared(document: str) -> Prepared:
    return Documents(schema).prepare(document)


def refused(name: str) -> DocumentRefused:
    """How the gateway refuses a document before it asks who the viewer is."""
    abuse = ABUSIVE[name]
    with pytest.raises(DocumentRefused) as found:
        bill(prepared(abuse.document), None, abuse.variables, MOST_COST)
    return found.value


@pytest.mark.parametrize("name", ABUSIVE)
def test_what_nobody_should_send_is_refused_with_its_code(name: str) -> None:
    assert refused(name).code == ABUSIVE[name].code


@pytest.mark.parametrize("name", ABUSIVE)
def test_it_is_known_after_no_more_steps_than_a_document_may_have_tokens(name: str) -> None:
    """However much it asks for: each token, node and value is looked at once."""
    most = MOST_VALUES if ABUSIVE[name].code == Limit.VALUES else MOST_TOKENS + 1
    assert refused(name).visited <= most


@pytest.mark.parametrize("name", ABUSIVE)
def test_a_refusal_is_one_sentence_that_repeats_nothing_of_what_was_sent(name: str) -> None:
    errors = refused(name).errors
    assert len(errors) <= 6
    if ABUSIVE[name].code in set(Limit):
        assert all(len(error.message) < 120 and "xxx" not in error.message for error in errors)


def test_there_are_many_kinds_of_abuse() -> None:
    assert len(ABUSIVE) + len(BATCHES) >= 60
    codes = {abuse.code for abuse in ABUSIVE.values()}
    not_of_the_document = {Limit.RATE, Limit.INTROSPECTING}
    assert codes >= set(Limit) - not_of_the_document


def test_a_bomb_that_is_twice_as_long_takes_twice_as_long_and_not_ten_times() -> None:
    def visited(levels: int) -> int:
        with pytest.raises(Excess) as found:
            count(parse(spreading(levels, 5)), Weights(CORE), MOST_COST)
        return found.value.visited

    short, long = visited(8), visited(16)
    assert 5**8 > 300_000
    assert long <= 2 * short + 2


def test_a_document_that_asks_for_everything_is_within_the_limits() -> None:
    for document in (EVERYTHING_OF_A_CLIENT, *(one.document for one in every_question())):
        ready = prepared(document)
        assert bill(ready, None, {}, MOST_COST).estimated.total > 0
        assert ready.verdict.visited < MOST_TOKENS


def test_the_question_that_tools_ask_is_within_the_limits() -> None:
    for descriptions in (True, False):
        ready = prepared(get_introspection_query(descriptions=descriptions, input_value_deprecation=True))
        [operation] = ready.verdict.operations.values()
        assert operation.introspects


def test_fifty_clients_at_once_may_be_asked_and_one_more_may_not() -> None:
    one = 'a#: client(id: "x") { id }'
    assert prepared(f"{{ {many(MOST_ROOT_FIELDS, one)} }}").verdict.operations
    with pytest.raises(DocumentRefused):
        prepared(f"{{ {many(MOST_ROOT_FIELDS + 1, one)} }}")


def test_fragments_of_one_page_may_each_ask_for_the_name() -> None:
    """As clients do whose every component says what it needs."""
    components = many(20, "fragment F# on Client { id name { first last } }")
    assert prepared(f"{of_client(many(20, '...F#'))} {components}").verdict.operations


def test_what_is_repeated_counts_with_all_below_it() -> None:
    objects, leaves = "enrollments { nodes { id entryDate } } ", "id "
    assert prepared(of_client(objects * 20)).verdict.operations
    assert prepared(of_client(leaves * 60)).verdict.operations
    with pytest.raises(DocumentRefused) as found:
        prepared(of_client(objects * 60))
    assert found.value.code == Limit.REPEATS
    assert found.value.visited < 60 * 4


def test_every_operation_of_a_document_is_counted_for_itself() -> None:
    document = f"query Small {{ viewer {{ role }} }} query Large {{ {many(40, 'v#: viewer { role }')} }}"
    verdict = prepared(document).verdict
    small, large = verdict.of("Small"), verdict.of("Large")
    assert small is not None
    assert large is not None
    assert (small.root_fields, large.root_fields) == (1, 40)
    assert verdict.of(None) is None
    assert verdict.of("Other") is None


def test_a_question_asked_again_is_not_counted_again() -> None:
    documents = Documents(schema)
    document = 'query($n: Int!) { clients(first: $n, where: {lastName: {eq: "x"}}) { nodes { id } } }'
    assert documents.prepare(document).verdict is documents.prepare(document).verdict


MARKS = [*"{}()[]:!=|&,\n\ufeff", "...", "@a", "$b", "a", "_b1", "12", "-1.5e+3", "# x\n"]
TEXTS = ['"x"', '""', '"\\""', '"\\u00e9"', '"""a"""', '""""""', '"""a \\""" " b"""']


@given(st.lists(st.sampled_from(MARKS + TEXTS), max_size=40).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_the_text_is_never_taken_for_shorter_than_the_parser_finds_it(text: str) -> None:
    """Else something could be parsed that was never counted."""
    lexer, found = Lexer(Source(text)), 0
    try:
        while lexer.advance().kind is not TokenKind.EOF:
            found += 1
    except GraphQLError:
        return  # no document at all
    assert scan(text).tokens >= found
