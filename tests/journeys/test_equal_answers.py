"""Compiled and interpreted, an operation is answered with the same bytes and leaves the same audit.

A case is one made-up operation with its variables, asked by one viewer in one made-up community. Its seed is
the community's: `HUB_EQUAL_FIRST=17 HUB_EQUAL_WORLDS=1` asks everything of community 17 again, and nothing
else. `make nightly` asks in more than ten thousand cases.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from uuid import UUID

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.viewer import Role, Viewer
from tests.journeys.both_ways import BothWays, Given, refused, somebody
from tests.journeys.communities import Community
from tests.journeys.operations import Cursors, Operation, written
from tests.journeys.oracle import Oracle
from tests.journeys.questions import known
from tests.journeys.told import told_in
from tests.journeys.whole_lives import WholeMaker

WORLDS = int(os.environ.get("HUB_EQUAL_WORLDS", "32"))
FIRST = int(os.environ.get("HUB_EQUAL_FIRST", "0"))
BLOCKS = 4
VIEWERS = 4
OPERATIONS = 3
"""For each of them; each operation is asked three times."""
NEVER_ASKED: frozenset[str] = frozenset()


class Asked:
    """The cases of one block, counted."""

    def __init__(self) -> None:
        self.cases = 0
        self.ways: Counter[str] = Counter()
        """By a plan, or why not."""
        self.seen: Counter[str] = Counter()
        """Of what kind the answers were."""
        self.told: Counter[str] = Counter()
        """Fields that told something, and how often."""

    def count(self, one: Operation, given: Given) -> None:
        self.cases += 1
        said = orjson.loads(given.body)
        self.told += told_in(one.document, one.name, said.get("data"))
        self.seen["refused"] += given.status != 200
        self.seen["errors"] += "errors" in said
        self.seen.update(error["extensions"]["code"] for error in said.get("errors", ()))
        if os.environ.get("DBG"):
            self.seen.update((error["message"] + str(error.get("path"))) for error in said.get("errors", ()))
        self.seen["about people"] += bool(given.lines)
        self.seen["partners told"] += bool(given.told_to_partners)
        self.seen["written"] += bool(given.written)
        for name, parts in said.get("extensions", {}).items():
            self.seen.update(
                [name, *(f"{name}.{part}" for part in (parts if isinstance(parts, dict) else ()))]
            )


async def asked_in(engine: AsyncEngine, seed: int, asked: Asked) -> None:
    """Everything that is asked in one community."""
    choose = Random(seed)
    both = BothWays(engine, WholeMaker(choose).whole())
    community = both.whole.community
    await both.load()
    viewers = [_viewer(choose, community) for _ in range(VIEWERS)]
    cursors = Cursors()
    for viewer in viewers:
        about = known(_seen_by(viewer, community), community)
        for operation in written(choose, about, Role.CASE_MANAGER, cursors, OPERATIONS):
            why = refused(both.compiled, operation)
            assert why == refused(both.interpreted, operation)
            # By two people, and by one of them with other variables: one plan serves them all.
            another = (choose.choice(viewers), operation), (viewer, operation.again(choose, about))
            for who, one in [] if why else [(viewer, operation), *another]:
                compiled, interpreted = await both.ask(who, one, compiled_first=choose.random() < 0.5)
                differs = compiled.differs(interpreted)
                assert not differs, _told(seed, who, one, differs)
                asked.count(one, interpreted)
                cursors.harvest(orjson.loads(interpreted.body))
    asked.ways.update(both.answered)


def _viewer(choose: Random, community: Community) -> Viewer | None:
    """Mostly somebody who may see many; now and then it is anybody."""
    viewers = [somebody(choose, community) for _ in range(choose.choice([1, 5, 5, 5]))]
    return max(viewers, key=lambda one: len(_seen_by(one, community)))


def _seen_by(viewer: Viewer | None, community: Community) -> list[UUID]:
    if viewer is None:
        return []
    return [one for kind, one in Oracle(viewer, community).sight() if kind == "person"]


def _told(seed: int, viewer: Viewer | None, one: Operation, differs: str) -> str:
    return f"HUB_EQUAL_FIRST={seed}\n{viewer}\n{one.document}\n{one.variables} {one.name}\n{differs}"


def test_a_run_asks_in_more_than_a_thousand_cases() -> None:
    """Fewer than one document in ten is refused, and refused ones count for nothing."""
    assert WORLDS * VIEWERS * OPERATIONS * 3 * 0.9 >= 1_000 or "HUB_EQUAL_WORLDS" in os.environ


@pytest.mark.parametrize("block", range(BLOCKS))
async def test_compiled_and_interpreted_answers_are_the_same_to_the_byte(
    database: AsyncEngine, block: int
) -> None:
    asked = Asked()
    for seed in range(FIRST + block, FIRST + WORLDS, BLOCKS):
        await asked_in(database, seed, asked)
    print(asked.cases, asked.ways, asked.seen, len(asked.told), asked.told.total())
