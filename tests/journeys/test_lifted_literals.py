"""A document is answered alike whether or not others like it, with other literals, were asked before.

Documents are made up as for `test_equal_answers`, and each is asked again with other numbers and texts in the
place of some of its own: of a hub that knows the first by then, and of one that has seen nothing and has no
plans. So what is compared is the whole way with literals lifted and the whole way without.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import orjson
import pytest
from graphql import Lexer, Source, TokenKind
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.viewer import Role, Viewer
from gateway.documents import LIFTED, VALIDATED, Documents
from gateway.plan.plans import COMPILED
from schema.build import schema
from tests.journeys.both_ways import BothWays, refused, somebody
from tests.journeys.cursors import Cursors
from tests.journeys.operations import Operation, written
from tests.journeys.questions import Known, known
from tests.journeys.whole_lives import WholeMaker

WORLDS = int(os.environ.get("HUB_EQUAL_WORLDS", "14"))
FIRST = int(os.environ.get("HUB_EQUAL_FIRST", "0"))
VIEWERS = 3
OPERATIONS = 5
AGAIN = 5
"""Times that each is asked with other literals."""

_NUMBERS = ("0", "1", "2", "3", "25", "100", "101", "-1", "2147483647", "2147483648", "-0")
_FRACTIONS = ("0.0", "40.25", "-75.5", "1e3", "5.0E-1")
_TEXTS = ("", "nobody", "2001-02-30", "2001-02-28", "source1", "\\u00e9", '\\n\\"', "é", "1234", "a", "zq")
_OTHERS = {TokenKind.INT: _NUMBERS, TokenKind.FLOAT: _FRACTIONS}


def with_other_literals(choose: Random, about: Known, document: str) -> str:
    """The document with some of its numbers and texts changed; equal ones mostly stay equal."""
    people = list(map(str, about.people))
    texts = [*_TEXTS, *about.names, *about.birth_dates, *about.last_fours, *map(str, about.projects)]
    changed: dict[str, str] = {}
    share = choose.choice([0.2, 0.5, 1.0])
    parts, end = [], 0
    lexer = Lexer(Source(document))
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        if token.kind not in (TokenKind.INT, TokenKind.FLOAT, TokenKind.STRING):
            continue
        said = document[token.start : token.end]
        if document[: token.start].endswith("= ") and choose.random() < 0.9:
            continue  # a default value, which is none of those
        if said not in changed or choose.random() < 0.05:
            if choose.random() >= share:
                changed[said] = said
            elif token.kind is TokenKind.STRING:
                known_person = said.strip('"') in people
                changed[said] = f'"{choose.choice(people if known_person else texts)}"'
            else:
                changed[said] = choose.choice([*_OTHERS[token.kind][: choose.choice([6, None])]])
        parts += [document[end : token.start], changed[said]]
        end = token.end
    return "".join(parts) + document[end:]


async def asked_in(engine: AsyncEngine, seed: int, ways: Counter[str]) -> None:
    choose = Random(seed)
    both = BothWays(engine, WholeMaker(choose).whole())
    community = both.whole.community
    await both.load()
    cursors = Cursors()
    about = known([], community)
    for _ in range(VIEWERS):
        viewer = somebody(choose, community)
        for first in written(choose, about, Role.CASE_MANAGER, cursors, OPERATIONS):
            if refused(both.compiled, first) is None:
                for _ in range(AGAIN):
                    text = with_other_literals(choose, about, first.document)
                    if text != first.document:
                        await _alike(both, viewer, replace(first, document=text), seed, ways)
    ways.update(both.compiled.work)
    ways[COMPILED] = ways[COMPILED] + both.answered[COMPILED]


async def _alike(
    both: BothWays, viewer: Viewer | None, one: Operation, seed: int, ways: Counter[str]
) -> None:
    both.interpreted = Documents(schema, compiled=False)
    told = f"HUB_EQUAL_FIRST={seed}\n{viewer}\n{one.document}\n{one.variables} {one.name}"
    why = refused(both.compiled, one)
    assert why == refused(both.interpreted, one), told
    ways["refused"] += why is not None
    if why is None:
        lifted, alone = await both.ask(viewer, one, compiled_first=True)
        assert not lifted.differs(alone), f"{told}\n{lifted.differs(alone)}"
        ways["errors"] += "errors" in orjson.loads(alone.body)
        ways["data"] += "data" in orjson.loads(alone.body)


@pytest.mark.parametrize("block", range(2))
async def test_answers_and_refusals_are_the_same_to_the_byte_with_literals_lifted(
    database: AsyncEngine, block: int
) -> None:
    ways: Counter[str] = Counter()
    seeds: Sequence[int] = range(FIRST + block, FIRST + WORLDS, 2)
    for seed in seeds:
        await asked_in(database, seed, ways)
    if len(seeds) >= 7:
        assert ways[LIFTED] >= 100, ways
        # Most of what is validated was never asked before, or is refused.
        assert 2 * ways[LIFTED] > ways[VALIDATED]
        assert min(ways["refused"], ways["errors"], ways["data"]) >= 3, ways
