"""Compiled and interpreted, an operation is answered with the same bytes and leaves the same audit.

A case is one made-up operation with its variables, asked by one viewer in one made-up community. Its seed is
the community's: `HUB_EQUAL_FIRST=17 HUB_EQUAL_WORLDS=1` asks everything of community 17 again, and nothing
else; a failure says so. `make nightly` asks in more than ten thousand cases.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from random import Random
from uuid import UUID

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.viewer import Role, Viewer
from gateway.plan.plans import COMPILED, ERROR
from resolvers import pages
from tests.journeys.agreements import SUBJECTS
from tests.journeys.asking import About, below_query, every_question, places_of
from tests.journeys.both_ways import BothWays, Given, refused, somebody
from tests.journeys.communities import Community
from tests.journeys.cursors import Cursors
from tests.journeys.operations import Operation, written
from tests.journeys.oracle import Oracle
from tests.journeys.questions import known
from tests.journeys.told import told_in
from tests.journeys.whole_lives import WholeMaker

WORLDS = int(os.environ.get("HUB_EQUAL_WORLDS", "40"))
FIRST = int(os.environ.get("HUB_EQUAL_FIRST", "0"))
BLOCKS = max(4, WORLDS // 10)
"""A difference ends its block, and the others go on."""
VIEWERS = 4
OPERATIONS = 3
"""For each of them; each operation is asked three times."""
_REASONS = {COMPILED, ERROR, "condition", "introspection", "operation", "variables"}
"""Why an operation made up here is not answered by its plan. Anything else is a gap in what plans cover."""
_KINDS = {"errors", "about people", "partners told", "consent.withheld", "consent.obligations"}
"""What must be among the answers, or else they prove nothing."""
NEVER_ASKED: frozenset[str] = frozenset()
"""Fields and arguments below Query that no question asks."""


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
        self.seen["more pages"] += b'"hasNextPage":true' in given.body
        self.seen.update(error["extensions"]["code"] for error in said.get("errors", ()))
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
        role = Role.CASE_MANAGER if viewer is None else viewer.role
        for operation in written(choose, about, role, cursors, OPERATIONS):
            why = refused(both.compiled, operation)
            assert why == refused(both.interpreted, operation)
            # By two people, and by one of them with other variables: one plan serves them all.
            another = (choose.choice(viewers), operation), (viewer, operation.again(choose, about))
            for who, one in [] if why else [(viewer, operation), *another]:
                compiled, interpreted = await both.ask(who, one, compiled_first=choose.random() < 0.5)
                differs = compiled.differs(interpreted)
                assert not differs, _told(who, one, differs)
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


def _again(seed: int) -> str:
    return f"To ask this again: HUB_EQUAL_FIRST={seed} HUB_EQUAL_WORLDS=1"


def _told(viewer: Viewer | None, one: Operation, differs: str) -> str:
    return f"{viewer}\n{one.document}\n{one.variables} {one.name}\n{differs}"


def test_a_run_asks_in_more_than_a_thousand_cases() -> None:
    """Three documents in ten may be refused, and refused ones count for nothing."""
    assert WORLDS * VIEWERS * OPERATIONS * 3 * 0.7 >= 1_000 or "HUB_EQUAL_WORLDS" in os.environ


@pytest.mark.parametrize("block", range(BLOCKS))
async def test_compiled_and_interpreted_answers_are_the_same_to_the_byte(
    database: AsyncEngine, block: int, record_property: Callable[[str, object], None]
) -> None:
    asked = Asked()
    seeds = range(FIRST + block, FIRST + WORLDS, BLOCKS)
    for seed in seeds:
        try:
            await asked_in(database, seed, asked)
        except Exception as fault:
            fault.add_note(_again(seed))
            raise
    record_property("cases", asked.cases)
    record_property("answered", dict(asked.ways))
    assert not set(asked.ways) - _REASONS
    if len(seeds) >= 8:
        assert asked.ways[COMPILED] >= 0.6 * asked.cases
        assert not _KINDS - set(+asked.seen), asked.seen
        assert asked.cases >= 0.6 * len(seeds) * VIEWERS * OPERATIONS * 3
        assert len(asked.told) >= 200


async def test_whatever_there_is_to_ask_is_answered_alike(database: AsyncEngine) -> None:
    """Each field of the schema and each argument, by two viewers: chance comes by some of them rarely."""
    choose = Random(FIRST)
    both = BothWays(database, WholeMaker(choose).whole())
    await both.load()
    community = both.whole.community
    viewers = [_viewer(choose, community), _viewer(choose, community)]
    places: set[str] = set()
    for question in every_question():
        if question.document.startswith("query"):
            places |= places_of(question.document)
            one = Operation(question.document, dict(question.about(_about(community, viewers[0]))))
            for viewer in viewers:
                compiled, interpreted = await both.ask(viewer, one, compiled_first=False)
                differs = compiled.differs(interpreted)
                assert not differs, f"{_told(viewer, one, differs)}\n{_again(FIRST)}"
    assert below_query() - places == NEVER_ASKED
    assert both.answered[COMPILED] >= 0.8 * both.answered.total()


def _about(community: Community, viewer: Viewer | None) -> About:
    """Somebody whom the viewer sees, if there is anybody, and values of the community."""
    tables = community.tables
    client, stay = tables["Client"][0], tables["Enrollment"][0]
    whom = next(iter(sorted(_seen_by(viewer, community))), tables["person"][0]["id"])
    return About(
        client=str(whom),
        grant=str(tables["consent_grant"][0]["id"]),
        guardian=str(whom),
        form=str(whom),
        opening=str(whom),
        project=str(tables["Project"][0]["id"]),
        cursor=pages.encode(stay["entry_date"], stay["id"]),
        subject=SUBJECTS[0],
        source="source1",
        identifier=str(client["personal_id"]),
        first=str(client["first_name"]),
        last=str(client["last_name"]),
        born="1990-01-01",
        last_four="1234",
        organization=str(tables["Organization"][0]["organization_id"]),
    )
