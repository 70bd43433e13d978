"""Requests that nobody should send, and the code that each is refused with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from gateway.errors import Limit

PARSING, VALIDATION = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"


@dataclass(frozen=True)
class Abuse:
    """One request and its refusal."""

    document: str
    code: str
    variables: dict[str, Any] = field(default_factory=dict)


def many(count: int, of: str) -> str:
    """`of` so many times, each with its number in place of a #."""
    return " ".join(of.replace("#", str(number)) for number in range(count))


def within(count: int, opening: str, inside: str, closing: str = "}") -> str:
    return opening * count + inside + closing * count


def of_client(inside: str) -> str:
    return f'{{ client(id: "x") {{ {inside} }} }}'


def spreading(levels: int, times: int, last: str = "id") -> str:
    """Each fragment spreads the next so many times: that to the power of the levels."""
    each = [f"fragment F{one} on Client {{ {f'...F{one + 1} ' * times}}}" for one in range(levels)]
    return " ".join([of_client("...F0"), *each, f"fragment F{levels} on Client {{ {last} }}"])


def chain(names: Iterable[str], inside: str = "id") -> str:
    """Each fragment spreads the one after it."""
    listed = list(names)
    each = [f"fragment {name} on Client {{ ...{after} }}" for name, after in pairwise(listed)]
    return " ".join([of_client(f"...{listed[0]}"), *each, f"fragment {listed[-1]} on Client {{ {inside} }}"])


_ONE, _ESCAPE, _FACE = 'a#: client(id: "x") { id }', r"\u00e9", "\U0001f600"
_SAME = "name { first last } birth { date } enrollments { nodes { id entryDate project { id name } } }"
_AROUND = "enrollments { nodes { household { members { client { "
_PAGES = "enrollments(first: 100) { nodes { household { members { client { "
_MEMBERS = "fields { type { "

FRAGMENTS = {
    "a fragment bomb of ten to the twelfth": Abuse(spreading(12, 10), Limit.FIELDS),
    "a fragment bomb of two to the thirtieth": Abuse(spreading(30, 2), Limit.FIELDS),
    "a fragment bomb of objects": Abuse(spreading(10, 8, "name { first last }"), Limit.REPEATS),
    "fragments that nest fields": Abuse(
        " ".join(
            [
                of_client("...F0"),
                *(f"fragment F{n} on Client {{ {_AROUND}...F{n + 1} }} }} }} }} }} }}" for n in range(8)),
                "fragment F8 on Client { id }",
            ]
        ),
        Limit.DEPTH,
    ),
    "a chain of 90 fragments": Abuse(chain(f"F{n}" for n in range(90)), Limit.DEPTH),
    "a fragment in itself": Abuse(f"{of_client('...F')} fragment F on Client {{ ...F }}", VALIDATION),
    "a circle of 40 fragments": Abuse(chain((f"F{n}" for n in range(40)), "...F0"), VALIDATION),
    "200 fragments": Abuse(
        f"{of_client('id')} {many(200, 'fragment F# on Client { id }')}", Limit.DEFINITIONS
    ),
    "one fragment 400 times": Abuse(
        f"{of_client('...F ' * 400)} fragment F on Client {{ id }}", Limit.FRAGMENTS
    ),
    "400 fragments in place": Abuse(of_client("... { id } " * 400), Limit.FRAGMENTS),
    "fragments in place in each other": Abuse(of_client(within(100, "... { ", "id")), Limit.DEPTH),
}
REPEATING = {
    "60 clients at once": Abuse(f"{{ {many(60, _ONE)} }}", Limit.ROOT_FIELDS),
    "150 other names of one field": Abuse(of_client(many(150, "a#: id")), Limit.ALIASES),
    "other names shared out over fragments": Abuse(
        f"{of_client('...F ' * 10)} fragment F on Client {{ {many(20, 'a#: id')} }}", Limit.ALIASES
    ),
    "one field a thousand times": Abuse(of_client("id " * 1_000), Limit.REPEATS),
    "one object 200 times": Abuse(of_client("name { first last } " * 200), Limit.REPEATS),
    "one object within fragments in place": Abuse(of_client("... { name { first } } " * 150), Limit.REPEATS),
    "40 fragments that ask for the same": Abuse(
        f"{of_client(many(40, '...F#'))} {many(40, f'fragment F# on Client {{ {_SAME} }}')}", Limit.REPEATS
    ),
    "fragments that ask for the same further down": Abuse(
        f"{of_client(many(45, 'enrollments { ...F# }'))} "
        f"{many(45, 'fragment F# on EnrollmentConnection { nodes { id client { id } project { id } } }')}",
        Limit.REPEATS,
    ),
    "200 directives on one field": Abuse(of_client("id " + "@include(if: true) " * 200), Limit.DIRECTIVES),
    "500 directives that there are not": Abuse(of_client("id " + many(500, "@d#")), Limit.DIRECTIVES),
    "directives on the operation": Abuse(f"query {'@x ' * 100}{{ __typename }}", Limit.DIRECTIVES),
    "directives multiplied by fragments": Abuse(
        f"{of_client('...F ' * 30)} fragment F on Client {{ id {'@skip(if: false) ' * 8} }}", Limit.DIRECTIVES
    ),
}
LITERALS = {
    "a text of 20,000": Abuse(f'{{ client(id: "{"x" * 20_000}") {{ id }} }}', Limit.LITERAL),
    "a block text of 20,000": Abuse(f'{{ client(id: """{"x " * 10_000}""") {{ id }} }}', Limit.LITERAL),
    "a text of 2,000 escapes": Abuse(f'{{ client(id: "{_ESCAPE * 2_000}") {{ id }} }}', Limit.LITERAL),
    "10,000 faces": Abuse(f'{{ client(id: "{_FACE * 10_000}") {{ id }} }}', Limit.LITERAL),
    "a number of 10,000 digits": Abuse(
        f"{{ projects(first: {'9' * 10_000}) {{ nodes {{ id }} }} }}", Limit.NAME
    ),
    "a name of 10,000": Abuse(f"{{ {'x' * 10_000} }}", Limit.NAME),
    "another name of 1,000": Abuse(f"{{ {'x' * 1_000}: viewer {{ role }} }}", Limit.NAME),
    "an operation named with 1,000": Abuse(f"query {'x' * 1_000} {{ __typename }}", Limit.NAME),
    "lists in lists": Abuse(f"{{ client(id: {within(200, '[', '1', ']')}) {{ id }} }}", Limit.DEPTH),
    "objects in objects": Abuse(
        f"{{ clients(where: {within(200, '{a: ', '1')}) {{ nodes {{ id }} }} }}", Limit.DEPTH
    ),
    "a list of 5,000": Abuse(f"{{ client(id: [{'1 ' * 5_000}]) {{ id }} }}", Limit.DOCUMENT),
    "selections in selections": Abuse("{ a" * 500 + "}" * 500, Limit.DEPTH),
    "nothing but openings": Abuse("{" * 1_000, Limit.DEPTH),
    "nothing but closings": Abuse("}" * 3_000, Limit.DOCUMENT),
    "6,000 fields": Abuse("{" + " hello" * 6_000 + "}", Limit.DOCUMENT),
    "60,000 spaces": Abuse("{ __typename" + " " * 60_000 + "}", Limit.DOCUMENT),
    "60,000 commas": Abuse("{ __typename" + "," * 60_000 + "}", Limit.DOCUMENT),
    "50,000 marks of byte order": Abuse("\ufeff" * 50_000 + "{ __typename }", Limit.DOCUMENT),
    "5,000 comments": Abuse("{ __typename }" + "\n#" * 5_000, Limit.DOCUMENT),
    "a comment of 60,000": Abuse("{ __typename } #" + "x" * 60_000, Limit.DOCUMENT),
    "names of no alphabet of ours": Abuse("{ ñandú }", PARSING),
    "characters of no width": Abuse("{ __typename\u200b }", PARSING),
    "a text without an end": Abuse('{ client(id: "x) { id } }', PARSING),
    "characters that control": Abuse("{ __typename\u0007 }", PARSING),
}
OPERATIONS = {
    "200 operations": Abuse(many(200, "query Q# { __typename }"), Limit.DEFINITIONS),
    "20 operations": Abuse(many(20, "query Q# { viewer { role } }"), Limit.DEFINITIONS),
    "300 variables": Abuse(f"query({many(300, '$v#: Int')}) {{ __typename }}", Limit.VARIABLES),
    "a subscription": Abuse("subscription { client }", VALIDATION),
    "200 fields that there are not": Abuse(f"{{ {many(200, 'wrong#')} }}", Limit.ROOT_FIELDS),
    "around and around in a household": Abuse(of_client(within(5, _AROUND, "id", "} } } } } ")), Limit.DEPTH),
    "pages in pages": Abuse(
        f'{{ clients(first: 100, where: {{lastName: {{eq: "x"}}}}) {{ nodes {{ '
        f"{within(2, _PAGES, 'id', '} } } } } ')} }} }} }}",
        Limit.COST,
    ),
    "pages in pages by variables": Abuse(
        "query($n: Int!) { clients(first: $n, where: {}) { nodes { "
        + within(2, _PAGES.replace("100", "$n"), "id", "} } } } } ")
        + "} } }",
        Limit.COST,
        {"n": 100},
    ),
    "pages of unsaid length": Abuse(
        "{ clients(where: {}) { nodes { " + within(3, _AROUND, "id", "} } } } } ") + "} } }", Limit.COST
    ),
    "pages in pages of much": Abuse(
        "{ clients(where: {}) { nodes { " + within(2, _PAGES, _SAME * 6, "} } } } } ") + "} } }", Limit.COST
    ),
    "pages in fragments": Abuse(
        "{ clients(first: 100, where: {}) { ...A } } "
        "fragment A on ClientConnection { nodes { enrollments(first: 100) { ...B } } } "
        "fragment B on EnrollmentConnection { nodes { household { members { client { enrollments(first: 100) "
        "{ nodes { services { id } } } } } } } }",
        Limit.COST,
    ),
}
INTROSPECTION = {
    "members of members of types": Abuse(
        f"{{ __schema {{ types {{ {within(2, _MEMBERS, 'name', '} } ')} }} }} }}", Limit.INTROSPECTION
    ),
    "members of members of one type": Abuse(
        f'{{ __type(name: "Client") {{ {within(3, _MEMBERS, "name", "} } ")} }} }}', Limit.INTROSPECTION
    ),
    "members of members by fragments": Abuse(
        "{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } } "
        "fragment B on __Type { possibleTypes { inputFields { name } } }",
        Limit.INTROSPECTION,
    ),
    "the schema 20 times": Abuse(
        f"{{ {many(20, 's#: __schema { types { name fields { name } } }')} }}", Limit.INTROSPECTION
    ),
    "types of types": Abuse(
        f'{{ __type(name: "Client") {{ {within(30, "ofType { ", "name", "} ")} }} }}', Limit.DEPTH
    ),
    "the schema three times by fragments": Abuse(
        f"{{ {many(3, '...F#')} }} {many(3, 'fragment F# on Query { s#: __schema { types { name } } }')}",
        Limit.INTROSPECTION,
    ),
}
VARIABLES = {
    "a list of 20,000": Abuse(
        "query($id: ID!) { client(id: $id) { id } }", Limit.VALUES, {"id": ["x"] * 20_000}
    ),
    "lists in lists in variables": Abuse(
        "query($id: ID!) { client(id: $id) { id } }", Limit.VALUES, {"id": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}
    ),
    "a text of 50,000 in variables": Abuse(
        "query($id: ID!) { client(id: $id) { id } }", Limit.VALUES, {"id": "x" * 50_000}
    ),
    "5,000 variables that nobody asked for": Abuse(
        "{ __typename }", Limit.VALUES, {f"v{number}": 1 for number in range(5_000)}
    ),
    "an input with 3,000 unknown fields": Abuse(
        "query($where: ClientWhere!) { clients(where: $where) { nodes { id } } }",
        Limit.VALUES,
        {"where": {f"f{number}": {"eq": "x"} for number in range(3_000)}},
    ),
}

ABUSIVE: dict[str, Abuse] = {
    **FRAGMENTS,
    **REPEATING,
    **LITERALS,
    **OPERATIONS,
    **INTROSPECTION,
    **VARIABLES,
}
BATCHES: dict[str, Any] = {
    "a batch of 200": [{"query": "{ __typename }"}] * 200,
    "a batch of one": [{"query": "{ __typename }"}],
    "a batch in a batch": [[{"query": "{ __typename }"}]],
}
"""Refused with BAD_REQUEST before any document is looked at."""
