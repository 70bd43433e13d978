"""A case manager says whether a partner's record is about a client, and takes back what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Purpose, Role
from connectors.base import Match, Person, Subject
from connectors.memory import MemorySource, Record
from hmis.tables import client_distinct, client_link, match_candidate, partner_link
from tests.telling import tell
from tests.worlds import World

FOOD = "query($id: ID!) { client(id: $id) { foodAssistance { visitCount } } }"
QUEUE = """query($state: MatchState! = OPEN, $connector: String, $first: Int! = 25, $after: String) {
  matches(state: $state, connector: $connector, first: $first, after: $after) {
    nodes { id client { name { last } } connector partner reference method score margin agreed differed doubt
            state decidedBy }
    pageInfo { hasNextPage endCursor } } }"""
CONFIRM = "mutation($id: ID!) { matchConfirm(id: $id) { match { state decidedBy } problems { code path } } }"
REJECT = "mutation($id: ID!) { matchReject(id: $id) { match { state decidedBy } problems { code path } } }"
SPLIT = """mutation($input: MatchSplitInput!) { matchSplit(input: $input) {
  ended client problems { code path } } }"""
NOBODY = "00000000-0000-0000-0000-000000000000"
SHARED = Category.EXISTENCE | Category.FOOD
BORN = date(1980, 5, 1)


class Pantry(MemorySource):
    """A food bank that is never sure."""

    guesses: list[Match]

    async def find(self, subject: Subject, deadline: float) -> list[Match]:
        await super().find(subject, deadline)
        return self.guesses


def unsure(world: World, *guesses: Match) -> Pantry:
    records = {one.value: Record(Person("Ada", "Quill", BORN), {"visitCount": 3}) for one in guesses}
    source = Pantry(records, name="pantry", title="A food bank")
    source.guesses = list(guesses)
    world.partners["pantry"] = source
    return source


async def asked_about(world: World, *guesses: Match) -> str:
    """Ada at agency A, who shares what food banks know; the food bank was asked and is not sure."""
    for name in "AB":
        await world.organization(name)
    ada = str(await world.client("ada", first_name="Ada", last_name="Quill", dob=BORN))
    await world.stay("s1", "ada", "A-p")
    await world.grant("ada", categories=SHARED | Category.NAME | Category.DOB)
    unsure(world, *(guesses or (Match("h1", 80, BORN),)))
    answer = await world.ask(world.viewer("A"), FOOD, id=ada)
    assert answer.data == {"client": {"foodAssistance": []}}
    return ada


async def ask(world: World, document: str, agency: str = "A", **variables: Any) -> Any:
    answer = await world.ask(world.viewer(agency), document, **variables)
    assert answer.errors == ()
    (payload,) = answer.data.values()
    return payload


async def question(world: World) -> str:
    async with world.engine.connect() as connection:
        return str(await connection.scalar(select(match_candidate.c.id)))


async def words(world: World) -> list[tuple[object, ...]]:
    """What is in force about the food bank's records."""
    link = partner_link.c
    async with world.engine.connect() as connection:
        rows = await connection.execute(
            select(link.value, link.method, link.status).where(link.valid_to.is_(None)).order_by(link.value)
        )
        return [tuple(row) for row in rows]


async def test_the_queue_shows_what_there_is_to_decide_by(world: World) -> None:
    await asked_about(world, Match("h1", 95, date(1980, 5, 2)), Match("h2", 70))
    shown = await tell(world, world.viewer("A"), QUEUE)
    first, second = sorted(shown.data["matches"]["nodes"], key=lambda row: str(row["reference"]))
    assert first == {
        "id": first["id"],
        "client": {"name": {"last": "Quill"}},
        "connector": "pantry",
        "partner": "A food bank",
        "reference": "h1",
        "method": "FIND",
        "score": 95,
        "margin": 25,
        "agreed": [],
        "differed": ["dob"],
        "doubt": "BIRTH_DATES_DIFFER",
        "state": "OPEN",
        "decidedBy": None,
    }
    assert (second["reference"], second["margin"], second["differed"]) == ("h2", -25, [])
    assert shown.audit[world.people["ada"]].disclosed == SHARED | Category.NAME
    assert shown.data["matches"]["pageInfo"]["hasNextPage"] is False


async def test_a_confirmed_match_is_asked_about_from_now_on(world: World) -> None:
    ada = await asked_about(world)
    done = await tell(world, world.viewer("A"), CONFIRM, id=await question(world))
    assert done.data["matchConfirm"] == {
        "match": {"state": "CONFIRMED", "decidedBy": "CASE_MANAGER@A"},
        "problems": [],
    }
    assert done.audit[world.people["ada"]].exception == f"MATCH_CONFIRMED {await question(world)}"
    assert await ask(world, FOOD, id=ada) == {"foodAssistance": [{"visitCount": 3}]}
    assert await words(world) == [("h1", "STAFF", "CONFIRMED")]
    assert (await ask(world, QUEUE))["nodes"] == []
    assert [row["state"] for row in (await ask(world, QUEUE, state="CONFIRMED"))["nodes"]] == ["CONFIRMED"]


async def test_a_rejected_match_is_not_asked_about_again_whatever_the_score(world: World) -> None:
    ada = await asked_about(world)
    done = await tell(world, world.viewer("A"), REJECT, id=await question(world))
    assert done.data["matchReject"]["match"] == {"state": "REJECTED", "decidedBy": "CASE_MANAGER@A"}
    assert done.audit[world.people["ada"]].exception == f"MATCH_REJECTED {await question(world)}"
    unsure(world, Match("h1", 100, BORN))
    assert await ask(world, FOOD, id=ada) == {"foodAssistance": []}
    assert (await ask(world, QUEUE))["nodes"] == []
    assert await words(world) == [("h1", "STAFF", "REJECTED")]


async def test_the_first_answer_stands(world: World) -> None:
    await asked_about(world)
    asked = await question(world)
    first = await ask(world, CONFIRM, id=asked)
    assert await ask(world, CONFIRM, id=asked) == first
    refused = await ask(world, REJECT, id=asked)
    assert refused == {"match": None, "problems": [{"code": "ALREADY_DECIDED", "path": ["id"]}]}
    assert await words(world) == [("h1", "STAFF", "CONFIRMED")]


async def test_to_an_agency_without_a_record_a_match_is_as_an_unknown_one(world: World) -> None:
    """B may see Ada, her name, her birth date and what food banks know; it entered no record of her."""
    ada = await asked_about(world)
    assert (await ask(world, FOOD, "B", id=ada)) == {"foodAssistance": []}
    assert (await ask(world, QUEUE, "B"))["nodes"] == []
    asked = await question(world)
    for document in (CONFIRM, REJECT):
        hidden, unknown, nonsense = [await ask(world, document, "B", id=one) for one in (asked, NOBODY, "x")]
        assert hidden == unknown == nonsense
        assert hidden == {"match": None, "problems": [{"code": "NOT_FOUND", "path": ["id"]}]}
    parts = [{"client": one, "connector": "pantry"} for one in (ada, NOBODY, "x")]
    hidden, unknown, nonsense = [await ask(world, SPLIT, "B", input=part) for part in parts]
    assert hidden == unknown == nonsense
    assert await words(world) == []


async def test_what_may_not_be_seen_of_the_client_hides_the_match(world: World) -> None:
    """The client refused that A sees what food banks know: that one may know her is such a thing."""
    await asked_about(world)
    await world.grant("ada", "A", categories=Category.FOOD, effect=Effect.DENY)
    assert (await ask(world, QUEUE))["nodes"] == []
    refused = await ask(world, CONFIRM, id=await question(world))
    assert refused == await ask(world, CONFIRM, id=NOBODY)
    assert await words(world) == []


@pytest.mark.parametrize(
    ("role", "purpose"),
    [
        (Role.DASHBOARD, Purpose.CARE_COORDINATION),
        (Role.INTEGRATOR, Purpose.CARE_COORDINATION),
        (Role.CASE_MANAGER, Purpose.REPORTING),
    ],
)
async def test_who_need_not_know_names_decides_nothing(world: World, role: Role, purpose: Purpose) -> None:
    await asked_about(world)
    await world.grant("ada", categories=SHARED | Category.NAME | Category.DOB, purposes=tuple(Purpose))
    viewer = world.viewer("A", role, purpose)
    shown = await world.ask(viewer, QUEUE)
    assert shown.data["matches"]["nodes"] == []
    answer = await world.ask(viewer, CONFIRM, id=await question(world))
    code = "NOT_FOUND" if role is Role.CASE_MANAGER else "FORBIDDEN"
    assert [one["code"] for one in answer.data["matchConfirm"]["problems"]] == [code]
    assert await words(world) == []


async def test_a_privacy_officer_decides_like_a_case_manager(world: World) -> None:
    await asked_about(world)
    officer = world.viewer("A", Role.PRIVACY_OFFICER)
    answer = await world.ask(officer, CONFIRM, id=await question(world))
    assert answer.data["matchConfirm"]["match"]["decidedBy"] == "PRIVACY_OFFICER@A"


async def test_pages_of_the_queue_follow_one_another_and_leave_out_what_is_hidden(world: World) -> None:
    await asked_about(world, *(Match(f"h{number}", 80) for number in range(5)))
    hidden = await world.client("hid", first_name="Hidden", last_name="Quill", dob=BORN)
    await world.stay("s2", "hid", "A-p")
    for number in range(3):
        told = {"value": f"x{number}", "method": "FIND", "reason": "LOW_SCORE", "score": 70}
        await world._insert(match_candidate, person_id=hidden, connector="pantry", **told)
    seen: list[str] = []
    after = None
    for size in (2, 2, 1):
        page = await ask(world, QUEUE, first=2, after=after)
        assert len(page["nodes"]) == size
        seen += [row["reference"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert sorted(seen) == ["h0", "h1", "h2", "h3", "h4"]
    assert (await ask(world, QUEUE, connector="energy-drop"))["nodes"] == []


async def linked(world: World, *guesses: Match) -> str:
    ada = await asked_about(world, *guesses)
    for row in (await ask(world, QUEUE))["nodes"]:
        await ask(world, CONFIRM, id=row["id"])
    return ada


async def test_a_split_link_is_remembered_as_rejected(world: World) -> None:
    ada = await linked(world)
    done = await tell(world, world.viewer("A"), SPLIT, input={"client": ada, "connector": "pantry"})
    assert done.data["matchSplit"] == {"ended": 1, "client": None, "problems": []}
    assert done.audit[UUID(ada)].exception == "MATCH_SPLIT"
    assert await words(world) == [("h1", "STAFF", "REJECTED")]
    unsure(world, Match("h1", 100, BORN))
    assert await ask(world, FOOD, id=ada) == {"foodAssistance": []}
    again = await ask(world, SPLIT, input={"client": ada, "connector": "pantry"})
    assert again["problems"] == [{"code": "NOT_FOUND", "path": ["input"]}]


async def test_one_of_two_links_is_split_and_the_other_stays(world: World) -> None:
    ada = await linked(world, Match("h1", 80), Match("h2", 80))
    part = {"client": ada, "connector": "pantry", "reference": "h2"}
    assert (await ask(world, SPLIT, input=part))["ended"] == 1
    assert await words(world) == [("h1", "STAFF", "CONFIRMED"), ("h2", "STAFF", "REJECTED")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "INVALID"),
        ({"connector": "pantry", "record": {"source": "demo", "value": "ada"}}, "INVALID"),
        ({"connector": "nobody"}, "NOT_FOUND"),
        ({"connector": "pantry", "reference": "h9"}, "NOT_FOUND"),
        ({"record": {"source": "demo", "value": "nobody"}}, "NOT_FOUND"),
        ({"record": {"source": "demo", "value": "ada"}}, "INVALID"),
    ],
)
async def test_what_cannot_be_split_comes_back_as_a_problem(
    world: World, changes: Mapping[str, Any], code: str
) -> None:
    ada = await linked(world)
    refused = await ask(world, SPLIT, input={"client": ada, **changes})
    assert [one["code"] for one in refused["problems"]] == [code]
    assert await words(world) == [("h1", "STAFF", "CONFIRMED")]


async def test_a_record_is_parted_by_the_agency_that_entered_it_and_by_no_other(world: World) -> None:
    ada = await linked(world)
    await world.client("double", person_of="ada", first_name="Ada", last_name="Quill", dob=BORN)
    await world.stay("s2", "double", "B-p")
    part = {"client": ada, "record": {"source": "demo", "value": "double"}}
    assert (await ask(world, SPLIT, "A", input=part))["problems"] == [
        {"code": "NOT_FOUND", "path": ["input"]}
    ]

    done = await tell(world, world.viewer("B"), SPLIT, input=part)
    begun = UUID(done.data["matchSplit"]["client"])
    assert done.data["matchSplit"] == {"ended": 0, "client": str(begun), "problems": []}
    assert done.audit[UUID(ada)].exception == f"MATCH_SPLIT {begun}"
    assert done.audit[begun].exception == f"MATCH_SPLIT {ada}"
    async with world.engine.connect() as connection:
        now = client_link.c.undone_at.is_(None)
        rows = await connection.execute(select(client_link.c.personal_id, client_link.c.person_id).where(now))
        assert {row.personal_id: row.person_id for row in rows} == {"ada": UUID(ada), "double": begun}
        assert await connection.scalar(select(func.count()).select_from(client_distinct)) == 1
    assert await words(world) == [], "what the partner holds may be of the other"
