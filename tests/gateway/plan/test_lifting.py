"""Lifting: what texts have in common, and where one that looks alike must be validated by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLError,
    Lexer,
    Source,
    TokenKind,
)
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.documents import LIFTED, MOST_REMEMBERED, REMEMBERED, VALIDATED, DocumentRefused, Documents
from gateway.errors import request_errors
from gateway.plan import lifting
from gateway.plan.plan import Plan, Selection, Uncovered
from gateway.plan.plans import PLANNED
from gateway.plan.scanning import LONGEST_LITERAL, scan
from schema.build import schema

_KINDS = {TokenKind.INT: '"i', TokenKind.FLOAT: '"f', TokenKind.STRING: '"s'}
_ID = '{ client(id: "one") { id } }'


def asked(documents: Documents, text: str, variables: dict[str, Any]) -> Any:
    """Why a text is refused, or what it may cost and what its resolvers are given."""
    try:
        prepared = documents.prepare(text)
    except DocumentRefused as refused:
        return request_errors(refused.errors, refused.code), refused.visited
    found = prepared.plans.plan_for(schema, None, variables, prepared.literals, 5)
    verdict = prepared.verdict.of(None)
    cost = verdict and verdict.cost(variables)
    if isinstance(found, Uncovered):
        return found.reason, cost
    plan, values = found
    assert isinstance(plan, Plan)
    return [call for one in _calls(plan.root, values) for call in one], cost


def _calls(selection: Selection, values: Any) -> Iterator[list[tuple[str, Any]]]:
    for field in selection.fields:
        if field.call is not None:
            try:
                given = field.call.arguments or field.call.arguments_of(values)
            except GraphQLError as fault:
                given = {"fault": fault.message}
            yield [(field.key, repr(given))]
        if field.selection is not None:
            yield from _calls(field.selection, values)


def both(first: str, second: str, **variables: Any) -> tuple[Any, Any, str]:
    """A text asked after another one, and of a hub that has seen nothing; and what the first way took."""
    documents = Documents(schema)
    documents.prepare(first)
    before = documents.work.copy()
    after = asked(documents, second, variables)
    took = next(iter((documents.work - before).keys() - {PLANNED}))
    return after, asked(Documents(schema), second, variables), took


LIKE = {
    "another id": (_ID, '{ client(id: "two") { id } }'),
    "an id that is a number": ("{ client(id: 1) { id } }", "{ client(id: 99999999999999999999) { id } }"),
    "an id that is empty": (_ID, '{ client(id: "") { id } }'),
    "an id with escapes": (_ID, r'{ client(id: "\u00e9\"\\\n\ud83d\ude00") { id } }'),
    "a whole number for a fraction": (
        "{ services(withinKm: 1, near: {latitude: 1.5, longitude: -2}) { nodes { id } } }",
        "{ services(withinKm: 7, near: {latitude: 2.5e1, longitude: -0}) { nodes { id } } }",
    ),
    "other lengths of pages": (
        "{ clients(first: 1, where: {}) { nodes { enrollments(first: 2) { nodes { id } } } } }",
        "{ clients(first: 100, where: {}) { nodes { enrollments(first: 50) { nodes { id } } } } }",
    ),
    "a page longer than there are": (
        "{ projects(first: 2) { nodes { id } } }",
        "{ projects(first: 101) { nodes { id } } }",
    ),
    "inside of input objects": (
        '{ clients(where: {lastName: {eq: "a"}, dateOfBirth: {gte: "2001-01-01"}}) { nodes { id } } }',
        '{ clients(where: {lastName: {eq: "b"}, dateOfBirth: {gte: "1999-12-31"}}) { nodes { id } } }',
    ),
    "in fragments": (
        "query { ...A } fragment A on Query { projects(first: 3) { nodes { ...B } } } "
        "fragment B on Project { id }",
        "query { ...A } fragment A on Query { projects(first: 4) { nodes { ...B } } } "
        "fragment B on Project { id }",
    ),
    "beside variables": (
        "query ($after: String, $first: Int = 7) { a: projects(first: 3, after: $after) { nodes { id } } "
        "b: projects(first: $first) { nodes { id } } }",
        "query ($after: String, $first: Int = 7) { a: projects(first: 5, after: $after) { nodes { id } } "
        "b: projects(first: $first) { nodes { id } } }",
    ),
    "below directives": (
        '{ client(id: "one") @include(if: true) { enrollments(first: 1) @skip(if: false) { __typename } } }',
        '{ client(id: "two") @include(if: true) { enrollments(first: 2) @skip(if: false) { __typename } } }',
    ),
    "asked twice for one answer": (
        '{ client(id: "one") { id } client(id: "one") { name { first } } }',
        '{ client(id: "two") { id } client(id: "two") { name { first } } }',
    ),
    "one of several operations": (
        'query A { client(id: "one") { id } } query B { client(id: "one") { name { first } } }',
        'query A { client(id: "two") { id } } query B { client(id: "two") { name { first } } }',
    ),
    "the schema": ('{ __type(name: "Client") { name } }', '{ __type(name: "Project") { name } }'),
    "a change": (
        'mutation { matchReject(id: "one") { problems { code } } }',
        'mutation { matchReject(id: "two") { problems { code } } }',
    ),
}


@pytest.mark.parametrize("case", LIKE)
def test_a_text_that_differs_in_its_literals_is_asked_as_if_it_were_the_first(case: str) -> None:
    first, second = LIKE[case]
    after, alone, took = both(first, second, after="x")
    assert after == alone
    assert took == LIFTED


UNLIKE = {
    "a text for a number": (
        "{ projects(first: 3) { nodes { id } } }",
        '{ projects(first: "3") { nodes { id } } }',
    ),
    "a fraction for a number": (
        "{ projects(first: 3) { nodes { id } } }",
        "{ projects(first: 3.0) { nodes { id } } }",
    ),
    "a number beyond Int": (
        "{ projects(first: 3) { nodes { id } } }",
        "{ projects(first: 2147483648) { nodes { id } } }",
    ),
    "a day that there is not": (
        '{ clients(where: {dateOfBirth: {gte: "2001-01-01"}}) { nodes { id } } }',
        '{ clients(where: {dateOfBirth: {gte: "2001-02-30"}}) { nodes { id } } }',
    ),
    "a text for an enum": (
        '{ clients(orderBy: NAME, where: {lastName: {eq: "a"}}) { nodes { id } } }',
        '{ clients(orderBy: "NAME", where: {lastName: {eq: "a"}}) { nodes { id } } }',
    ),
    "null where there must be something": (_ID, "{ client(id: null) { id } }"),
    "true": (_ID, "{ client(id: true) { id } }"),
    "a list": (_ID, '{ client(id: ["one"]) { id } }'),
    "two answers of one name": (
        '{ client(id: "one") { id } client(id: "one") { name { first } } }',
        '{ client(id: "one") { id } client(id: "two") { name { first } } }',
    ),
    "two answers of one name, in fragments": (
        "{ ...A ...B } fragment A on Query { projects(first: 1) { nodes { id } } } "
        "fragment B on Query { projects(first: 1) { nodes { id } } }",
        "{ ...A ...B } fragment A on Query { projects(first: 1) { nodes { id } } } "
        "fragment B on Query { projects(first: 2) { nodes { id } } }",
    ),
    "another default": (
        "query ($first: Int = 7) { projects(first: $first) { nodes { id } } }",
        "query ($first: Int = 8) { projects(first: $first) { nodes { id } } }",
    ),
    "a default that does not fit": (
        "query ($first: Int = 7) { projects(first: $first) { nodes { id } } }",
        "query ($first: Int = 99999999999) { projects(first: $first) { nodes { id } } }",
    ),
    "a number for the condition of a directive": (
        "{ projects(first: 1) @include(if: true) { nodes { id } } }",
        "{ projects(first: 1) @include(if: 1) { nodes { id } } }",
    ),
    "a text that is too long": (_ID, f'{{ client(id: "{"x" * LONGEST_LITERAL}") {{ id }} }}'),
    "a number that is too long": ("{ client(id: 1) { id } }", f"{{ client(id: {'1' * 200}) {{ id }} }}"),
    "a text over several lines": (_ID, '{ client(id: """one""") { id } }'),
    "a text that does not end": (_ID, '{ client(id: "one) { id } }'),
    "an escape that there is not": (_ID, r'{ client(id: "\x41") { id } }'),
    "half of a character": (_ID, r'{ client(id: "\ud83d") { id } }'),
    "a tab within": (_ID, '{ client(id: "o\tne") { id } }'),
    "a zero before": ("{ client(id: 1) { id } }", "{ client(id: 01) { id } }"),
    "another name": (_ID, '{ other: client(id: "one") { id } }'),
}


@pytest.mark.parametrize("case", UNLIKE)
def test_whatever_else_a_text_differs_in_it_is_validated_by_itself(case: str) -> None:
    first, second = UNLIKE[case]
    after, alone, took = both(first, second)
    assert after == alone
    assert took == VALIDATED


def test_a_text_may_cost_too_much_for_a_page_that_it_asks_for() -> None:
    """Said as for a text that nobody has asked the like of."""
    documents, alone = (Documents(schema, max_cost=500) for _ in range(2))
    text = (
        "{{ clients(first: {}, where: {{}}) {{ nodes {{ enrollments(first: 10) {{ nodes {{ id }} }} }} }} }}"
    )
    documents.prepare(text.format(2))
    dear = text.format(100)
    assert asked(documents, dear, {}) == asked(alone, dear, {})
    with pytest.raises(DocumentRefused) as refused:
        documents.prepare(dear)
    assert refused.value.code == "COST_TOO_HIGH"


def test_of_a_text_with_very_many_literals_no_more_is_read_than_is_lifted() -> None:
    most = "{ a(" + "x: 1 " * lifting.MOST_LITERALS
    assert lifting.written(most + ") }") is not None
    assert lifting.written(most + "x: 1) }") is None


def test_nobody_can_name_a_literal() -> None:
    """A variable that is sent under such a name is one that nothing asks for."""
    documents = Documents(schema)
    text = "{ projects(first: 3) { nodes { id } } }"
    assert asked(documents, text, {"0": 100}) == asked(documents, text, {})


def test_five_thousand_texts_that_differ_in_an_id_are_validated_and_compiled_once() -> None:
    documents = Documents(schema)
    for number in range(5_000):
        text = f'{{ client(id: "client {number}") {{ id enrollments(first: 10) {{ nodes {{ id }} }} }} }}'
        prepared = documents.prepare(text)
        found = prepared.plans.plan_for(schema, None, {}, prepared.literals, 5)
        assert not isinstance(found, Uncovered)
        assert found[1].coerced == {"0": f"client {number}", "1": 10}
    assert documents.work == {VALIDATED: 1, LIFTED: 4_999, PLANNED: 1}
    assert documents.remembered() == (MOST_REMEMBERED, 1)
    documents.prepare(text)
    assert documents.work[REMEMBERED] == 1


def test_what_is_remembered_is_bounded() -> None:
    documents = Documents(schema)
    for number in range(MOST_REMEMBERED + 44):
        documents.prepare(f"{{ n{number}: __typename }}")
    assert documents.remembered() == (MOST_REMEMBERED, MOST_REMEMBERED)


def test_texts_in_full_swing_do_not_push_out_documents_that_have_none() -> None:
    """Only their texts: what a document without literals took stays."""
    documents = Documents(schema)
    document = "query ($id: ID!) { client(id: $id) { id } }"
    documents.prepare(document)
    for number in range(2 * MOST_REMEMBERED):
        documents.prepare(f"{{ client(id: {number}) {{ id }} }}")
    documents.prepare(document)
    assert documents.work[VALIDATED] == 2


def test_what_only_literals_say_is_worked_out_once_for_a_text() -> None:
    documents = Documents(schema)
    prepared = documents.prepare("{ projects(first: 3) { nodes { id } } }")
    given = []
    for _ in range(2):
        found = prepared.plans.plan_for(schema, None, {}, prepared.literals, 5)
        assert not isinstance(found, Uncovered)
        call = found[0].root.fields[0].call
        assert call is not None
        given.append(call.arguments_of(found[1]))
    assert given[0] is given[1]
    assert given[0]["first"] == 3


# What the lexer takes apart, and what it may be mistaken for.
_PARTS = (
    *('"', '""', '"""', "\\", "#", "\n", "\r", " ", ",", "-", "+", ".", "...", "e", "E", "_", "a1", "0", "1"),
    *('"x"', '"\\""', "12", "-1.5", "1e9", "é", "\ufeff", "\t", "{", "}", ":", "$", "@", "\\u00e9", "\x00"),
)
_TEXTS = st.lists(st.sampled_from(_PARTS), max_size=14).map("".join)


@given(_TEXTS)
@example('"a""b"')
@example('"a"""')
@example('# "1\n1')
@example('1"x"2')
@example("a...1")
def test_a_text_is_taken_apart_as_the_parser_does_it_or_not_at_all(text: str) -> None:
    taken = lifting.written(text)
    try:
        tokens = list(_tokens(text))
    except GraphQLError:
        return  # no document: never the first of a form, as that is parsed
    if taken is not None:
        literals = [token for token in tokens if token.kind in _KINDS]
        assert [(one.start, one.value) for one in literals] == [
            (start, one.value) for start, one in zip(taken.starts, taken.literals, strict=True)
        ]
        # Others of the form have the same tokens, whatever their literals are.
        other = _filled(taken.form)
        again = lifting.written(other)
        assert again is not None
        assert again.form == taken.form
        assert [token.kind for token in _tokens(other)] == [token.kind for token in tokens]
        assert scan(other).tokens == scan(text).tokens


def _tokens(text: str) -> Iterator[Any]:
    lexer = Lexer(Source(text))
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        yield token


def _filled(form: str) -> str:
    """Another text of a form."""
    parts, comment, ahead = [], False, iter(form)
    for one in ahead:
        comment = (comment or one == "#") and one not in "\r\n"
        if one == '"' and not comment:
            parts.append({"i": "-70", "f": "7.5e-3", "s": '"# \\" 1"'}[next(ahead)])
        else:
            parts.append(one)
    return "".join(parts)
