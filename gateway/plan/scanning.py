"""Scanning: what a document has too much of, counted in its text before anything is parsed.

The parser takes about 5 us for a token and validation 20: what must not be answered is to be known before.
One regular expression reads the tokens, each once and none of it again, and stops at the first that is too
many. It need not be right about GraphQL's grammar, only never count less than there is: what it lets through
is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import Limit

MOST_CHARACTERS = 40_000
"""A document that asks for every HUD element has about 15,000."""
MOST_TOKENS = 2_000
"""Comments count. The contract's profile has about 250, a document that asks for every HUD element 1,400."""
MOST_NESTED = 40
"""Brackets within brackets, of selections and of values."""
MOST_DEFINITIONS = 100
"""Operations and fragments."""
MOST_VARIABLES = 200
"""Places where a variable stands, its declaration included."""
MOST_DIRECTIVES = 50
MOST_SPREADS = 300
"""Fragments spread, and those written in place."""
LONGEST_LITERAL = 4_096
"""Characters of one text. Longer ones belong into variables."""
LONGEST_NAME = 128
"""Characters of one name or number. The longest name of the schema has 61."""
MOST_VALUES = 1_000
"""Values in the variables of one request, those within lists and objects included."""
MOST_VALUE_LEVELS = 12
"""Lists and objects within each other. The deepest input of the schema takes 5."""
LONGEST_VALUE = MOST_CHARACTERS
"""Characters of one text: integrators register documents. Evidence and reasons have some hundred."""

_TOKEN = re.compile(
    r"""[ \t\r\n,\ufeff]*+ (?:
      (?P<mark> \.\.\. | [!$&()\[\]{}:=|@] )
    | (?P<word> [A-Za-z0-9_.+-]++ )
    | (?P<text> \"""(?: [^"\\]++ | \\\""" | \\ | "(?!"") )*+\""" | "(?: [^"\\\r\n]++ | \\. )*+" )
    | (?P<comment> \#[^\r\n]*+ )
    | (?P<other> . )
    )""",
    re.VERBOSE | re.DOTALL,
)
_MOST = {
    "@": (MOST_DIRECTIVES, Limit.DIRECTIVES, "directives"),
    "...": (MOST_SPREADS, Limit.FRAGMENTS, "fragments spread"),
    "$": (MOST_VARIABLES, Limit.VARIABLES, "places with a variable"),
}


class Excess(Exception):
    """A document has too much of something.

    Attributes:
        limit: its code.
        visited: how much was looked at before it was known: tokens here, nodes in `limits.py`.
    """

    def __init__(self, limit: Limit, told: str, visited: int = 0) -> None:
        super().__init__(told)
        self.limit = limit
        self.visited = visited


@dataclass(frozen=True, slots=True)
class Scanned:
    """A text that may be parsed."""

    tokens: int


def scan(text: str) -> Scanned:
    """Count what the text has, comments included.

    Raises:
        Excess: of characters, tokens, levels, definitions, spreads, variables or directives, or one token is
            too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise Excess(Limit.DOCUMENT, f"A document may have {MOST_CHARACTERS} characters.")
    tokens = nested = definitions = 0
    seen = dict.fromkeys(_MOST, 0)
    for token in _TOKEN.finditer(text):
        tokens += 1
        if tokens > MOST_TOKENS:
            raise Excess(Limit.DOCUMENT, f"A document may have {MOST_TOKENS} tokens.", tokens)
        if token.lastgroup != "mark":
            _check_length(token, tokens)
            continue
        mark = token["mark"]
        if mark in "}])":
            nested = max(nested - 1, 0)
        elif mark in "{[(":
            definitions += mark == "{" and not nested
            nested += 1
            if nested > MOST_NESTED:
                raise Excess(Limit.DEPTH, f"A document may nest {MOST_NESTED} levels.", tokens)
            if definitions > MOST_DEFINITIONS:
                told = f"A document may have {MOST_DEFINITIONS} operations and fragments."
                raise Excess(Limit.DEFINITIONS, told, tokens)
        elif mark in seen:
            seen[mark] += 1
            most, limit, what = _MOST[mark]
            if seen[mark] > most:
                raise Excess(limit, f"A document may have {most} {what}.", tokens)
    return Scanned(tokens)


def _check_length(token: re.Match[str], tokens: int) -> None:
    match token.lastgroup:
        case "word" if token.end() - token.start("word") > LONGEST_NAME:
            raise Excess(Limit.NAME, f"A name may have {LONGEST_NAME} characters.", tokens)
        case "text" if token.end() - token.start("text") > LONGEST_LITERAL:
            told = f"A text in a document may have {LONGEST_LITERAL} characters; longer ones are variables."
            raise Excess(Limit.LITERAL, told, tokens)


def scan_values(variables: Mapping[str, Any]) -> int:
    """How many values variables have: coercion looks at each, and repeats what it finds wrong.

    Raises:
        Excess: of values, levels or characters.
    """
    count, ahead = 0, [(0, value) for value in variables.values()]
    if len(variables) > MOST_VALUES:
        raise Excess(Limit.VALUES, f"Variables may hold {MOST_VALUES} values.", MOST_VALUES)
    while ahead:
        level, value = ahead.pop()
        count += 1
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if count + len(ahead) + len(inside) > MOST_VALUES:
            raise Excess(Limit.VALUES, f"Variables may hold {MOST_VALUES} values.", count)
        if level >= MOST_VALUE_LEVELS and inside:
            raise Excess(Limit.VALUES, f"Variables may nest {MOST_VALUE_LEVELS} levels.", count)
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise Excess(Limit.VALUES, f"A text in variables may have {LONGEST_VALUE} characters.", count)
        ahead += [(level + 1, one) for one in inside]
    return count
