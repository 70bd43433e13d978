"""A case manager says whether two people are one; whoever may not see all of both is told of nobody."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from auth.categories import Category
from auth.consent import Effect
from auth.viewer import Purpose, Role
from hmis.tables import client_distinct, client_link, match_review
from tests.telling import tell
from tests.worlds import World

QUEUE = """query($state: PersonMatchState! = OPEN, $first: Int! = 25, $after: String) {
  personMatches(state: $state, first: $first, after: $after) {
    nodes { id one { name { first } } other { name { first } } steps { fact says bits } doubt state
      decidedBy }
    pageInfo { hasNextPage endCursor } } }"""
DECIDE = """mutation($id: ID!, $same: Boolean!, $consentOf: ID) {
  personMatchDecide(id: $id, same: $same, consentOf: $consentOf) {
    match { state decidedBy } problems { code path } } }"""
REOPEN = """mutation($id: ID!) { personMatchReopen(id: $id) { match { state } problems { code path } } }"""
NOBODY = "00000000-0000-0000-0000-000000000000"
SEEN = Category.EXISTENCE | Category.NAME | Category.DOB
BORN = date(1980, 5, 1)
STEPS = (
    ("any two records", "", -15.6),
    ("first_name", "one slip", 7.4),
    ("last_name", "same", 9.0),
    ("birth_date", "same", 14.5),
    ("ssn", "other", -7.4),
    ("sex", "same", 0.9),
    ("veteran", "missing", 0.0),
)


async def question(world: World, one: str, other: str, steps: Any = STEPS, **more: Any) -> str:
    """A question as matching raises it."""
    first, second = sorted((world.people[one], world.people[other]))
    evidence = [dict(zip(("fact", "says", "bits"), step, strict=True)) for step in steps]
    weight = sum(step["bits"] for step in evidence)
    asked = {"reason": "SSN", "weight": weight, "evidence": evidence, **more}
    return str((await world._insert(match_review, one_id=first, other_id=second, **asked)).id)


async def two(world: World, categories: Category = SEEN) -> str:
    """Ada at agency A, and Adah at B, who shares so much with everybody; alike, says the model."""
    for name in "AB":
        await world.organization(name)
    await world.client("ada", first_name="Ada", last_name="Quill", dob=BORN, ssn="734123456")
    await world.client("adah", first_name="Adah", last_name="Quill", dob=BORN, ssn="799887766")
    await world.stay("s1", "ada", "A-p")
    await world.stay("s2", "adah", "B-p")
    await world.grant("adah", categories=categories)
    return await question(world, "ada", "adah")


async def ask(world: World, document: str, agency: str = "A", **variables: Any) -> Any:
    answer = await world.ask(world.viewer(agency), document, **variables)
    assert answer.errors == ()
    (payload,) = answer.data.values()  # type: ignore[union-attr]
    return payload


async def codes(world: World, document: str, agency: str = "A", **variables: Any) -> list[str]:
    payload = await ask(world, document, agency, **variables)
    assert payload["match"] is None
    return [one["code"] for one in payload["problems"]]


async def state(world: World) -> tuple[int, int, list[str]]:
    """People with records, pairs said to be two, and what became of the questions."""
    async with world.engine.connect() as connection:
        people = await connection.scalar(
            select(func.count(client_link.c.person_id.distinct())).where(client_link.c.undone_at.is_(None))
        )
        apart = await connection.scalar(select(func.count()).select_from(client_distinct))
        states = await connection.scalars(select(match_review.c.state).order_by(match_review.c.state))
        return people or 0, apart or 0, list(states)


async def test_the_two_stand_side_by_side_with_what_speaks_for_it(world: World) -> None:
    asked = await two(world)
    shown = await tell(world, world.viewer("A"), QUEUE)
    (found,) = shown.data["personMatches"]["nodes"]
    assert found["id"] == asked
    assert {found[one]["name"]["first"] for one in ("one", "other")} == {"Ada", "Adah"}
    # What is not open of both (SSN, sex, military service) is not compared before this viewer's eyes.
    assert [(step["fact"], step["says"]) for step in found["steps"]] == [
        *(("", ""), ("first_name", "one slip"), ("last_name", "same"), ("birth_date", "same")),
    ]
    assert (found["doubt"], found["state"], found["decidedBy"]) == ("FEW_FACTS", "OPEN", None)
    for person in ("ada", "adah"):
        assert shown.audit[world.people[person]].disclosed & SEEN == SEEN


@pytest.mark.parametrize(
    ("opened", "told", "doubt"),
    [
        (SEEN, set(), "FEW_FACTS"),
        (SEEN | Category.SSN_LAST4, {"ssn"}, "SSNS_DIFFER"),
        (SEEN | Category.DEMOGRAPHICS | Category.VETERAN, {"sex", "veteran"}, "FEW_FACTS"),
    ],
)
async def test_a_comparison_is_told_where_both_facts_may_be_seen(
    world: World, opened: Category, told: set[str], doubt: str
) -> None:
    await two(world, opened)
    (found,) = (await ask(world, QUEUE))["nodes"]
    assert {step["fact"] for step in found["steps"]} == {"", "first_name", "last_name", "birth_date"} | told
    assert found["doubt"] == doubt


@pytest.mark.parametrize(
    ("first", "born", "bits", "doubt"),
    [
        ("same", "other", 9.0, "BIRTH_DATES_DIFFER"),
        ("same", "same", 9.0, "NOT_SHOWN"),
        ("nickname", "one slip", -4.0, "UNSURE"),
        ("other", "same", 9.0, "FEW_FACTS"),
    ],
)
async def test_why_no_rule_decides_follows_from_what_is_shown(
    world: World, first: str, born: str, bits: float, doubt: str
) -> None:
    await two(world)
    steps = [
        *(("any two records", "", -15.6), ("first_name", first, bits), ("last_name", "same", 9.0)),
        *(("birth_date", born, 14.5), ("ssn", "missing", 0.0)),
    ]
    async with world.engine.begin() as connection:
        await connection.execute(match_review.delete())
    for reason in ("NEAR_EQUAL", "CONSENT"):
        await question(world, "ada", "adah", steps, reason=reason)
        (found,) = (await ask(world, QUEUE))["nodes"]
        assert found["doubt"] == doubt
        async with world.engine.begin() as connection:
            await connection.execute(match_review.delete())


async def test_the_same_makes_them_one_as_staff_said(world: World) -> None:
    asked = await two(world)
    done = await tell(world, world.viewer("A"), DECIDE, id=asked, same=True)
    assert done.data["personMatchDecide"] == {
        "match": {"state": "SAME", "decidedBy": "CASE_MANAGER@A"},
        "problems": [],
    }
    ada, adah = world.people["ada"], world.people["adah"]
    assert done.audit[ada].exception == f"PERSONS_SAME {adah}"
    assert done.audit[adah].exception == f"PERSONS_SAME {ada}"
    assert await state(world) == (1, 0, ["SAME"])
    async with world.engine.connect() as connection:
        left = await connection.scalars(
            select(client_link.c.person_id).distinct().where(client_link.c.undone_at.is_(None))
        )
        assert list(left) == [adah], "whoever agreed to something goes on"
    assert (await ask(world, QUEUE))["nodes"] == []
    assert [row["state"] for row in (await ask(world, QUEUE, state="SAME"))["nodes"]] == ["SAME"]


async def test_different_is_remembered_and_may_be_taken_back(world: World) -> None:
    asked = await two(world)
    said = await tell(world, world.viewer("A"), DECIDE, id=asked, same=False)
    assert said.data["personMatchDecide"]["match"]["state"] == "DIFFERENT"
    assert said.audit[world.people["ada"]].exception == f"PERSONS_DIFFERENT {world.people['adah']}"
    assert await state(world) == (2, 1, ["DIFFERENT"])
    assert await codes(world, DECIDE, id=asked, same=True) == ["ALREADY_DECIDED"]

    back = await tell(world, world.viewer("A"), REOPEN, id=asked)
    assert back.data["personMatchReopen"] == {"match": {"state": "OPEN"}, "problems": []}
    assert back.audit[world.people["adah"]].exception == f"PERSONS_ASKED_AGAIN {world.people['ada']}"
    assert await state(world) == (2, 0, ["OPEN"])
    assert await codes(world, REOPEN, id=asked) == ["INVALID"]
    assert (await ask(world, DECIDE, id=asked, same=True))["problems"] == []


async def test_what_was_said_at_another_time_holds_when_an_answer_is_taken_back(world: World) -> None:
    asked = await two(world)
    source = world.sources["demo"]
    told = {"source_id": source, "personal_id": "ada", "other_source_id": source, "other_personal_id": "adah"}
    await world._insert(client_distinct, **told, said_at=text("now() - interval '1 day'"))
    await ask(world, DECIDE, id=asked, same=False)
    await ask(world, REOPEN, id=asked)
    assert await state(world) == (2, 1, ["OPEN"])
    assert await codes(world, DECIDE, id=asked, same=True) == ["SAID_APART"]
    assert await state(world) == (2, 1, ["OPEN"])


async def test_where_both_said_something_the_client_is_asked_whose_choices_hold(world: World) -> None:
    asked = await two(world)
    await world.grant("ada", "A", categories=SEEN)
    ada = str(world.people["ada"])
    assert await codes(world, DECIDE, id=asked, same=True) == ["CONSENT_OF"]
    assert await codes(world, DECIDE, id=asked, same=True, consentOf=NOBODY) == ["INVALID"]
    assert await codes(world, DECIDE, id=asked, same=True, consentOf="x") == ["INVALID"]
    assert await state(world) == (2, 0, ["OPEN"])
    done = await ask(world, DECIDE, id=asked, same=True, consentOf=ada)
    assert done["problems"] == []
    async with world.engine.connect() as connection:
        left = await connection.scalars(
            select(client_link.c.person_id).distinct().where(client_link.c.undone_at.is_(None))
        )
        assert list(map(str, left)) == [ada]


async def test_while_records_are_imported_nothing_is_decided(world: World) -> None:
    asked = await two(world)
    async with world.engine.begin() as connection:
        await connection.execute(text("select pg_advisory_xact_lock(hashtextextended('linking', 0))"))
        assert await codes(world, DECIDE, id=asked, same=True) == ["BUSY"]
    assert await state(world) == (2, 0, ["OPEN"])


async def unlike_an_unknown_one(world: World, asked: str, agency: str = "A") -> bool:
    """Whether anything tells a question from one that was never asked, to the byte."""
    viewer = world.viewer(agency)
    queue = await tell(world, viewer, QUEUE)
    hidden = [
        (await tell(world, viewer, document, id=one, **more)).body
        for one in (asked, NOBODY, "x")
        for document, more in ((DECIDE, {"same": True}), (DECIDE, {"same": False}), (REOPEN, {}))
    ]
    first, second, third = hidden[:3], hidden[3:6], hidden[6:]
    assert json.loads(first[0])["data"]["personMatchDecide"]["problems"] == [
        {"code": "NOT_FOUND", "path": ["id"]}
    ]
    return queue.data["personMatches"]["nodes"] != [] or not first == second == third


@pytest.mark.parametrize("opened", [Category.EXISTENCE, SEEN & ~Category.DOB, SEEN & ~Category.NAME])
async def test_who_may_not_see_both_by_name_and_birth_date_is_asked_about_nobody(
    world: World, opened: Category
) -> None:
    asked = await two(world, opened)
    assert not await unlike_an_unknown_one(world, asked)
    assert await state(world) == (2, 0, ["OPEN"])


async def test_a_denial_of_one_hides_the_question(world: World) -> None:
    asked = await two(world)
    await world.grant("adah", "A", categories=Category.DOB, effect=Effect.DENY)
    assert not await unlike_an_unknown_one(world, asked)


async def test_a_record_that_may_not_be_seen_hides_the_question_about_its_person(world: World) -> None:
    """An answer would be about that record too; and it may be what made the two alike."""
    asked = await two(world)
    await world.client("secret", person_of="adah", first_name="Zelda", last_name="Quill", dob=BORN)
    await world.organization("V", victim_services=True)
    await world.stay("s3", "secret", "V-p")
    assert not await unlike_an_unknown_one(world, asked)
    assert await state(world) == (2, 0, ["OPEN"])


async def test_a_removed_record_of_ones_own_hides_nothing(world: World) -> None:
    await two(world)
    await world.client("gone", person_of="ada", first_name="Ada", last_name="Quill", dob=BORN)
    await world.stay("s3", "gone", "A-p")
    await world.change("Client", "gone", removed_at=text("now()"))
    assert len((await ask(world, QUEUE))["nodes"]) == 1


async def test_an_agency_that_entered_neither_is_asked_about_nobody(world: World) -> None:
    asked = await two(world)
    await world.organization("C")
    await world.grant("ada", categories=SEEN)
    assert not await unlike_an_unknown_one(world, asked, "C")


@pytest.mark.parametrize(
    ("role", "purpose"),
    [
        (Role.DASHBOARD, Purpose.CARE_COORDINATION),
        (Role.INTEGRATOR, Purpose.CARE_COORDINATION),
    ],
)
async def test_other_roles_decide_nothing(world: World, role: Role, purpose: Purpose) -> None:
    asked = await two(world)
    await world.grant("adah", categories=SEEN, purposes=tuple(Purpose))
    viewer = world.viewer("A", role, purpose)
    assert (await world.ask(viewer, QUEUE)).data["personMatches"]["nodes"] == []  # type: ignore[index]
    answer = await world.ask(viewer, DECIDE, id=asked, same=True)
    assert answer.data is not None
    assert [one["code"] for one in answer.data["personMatchDecide"]["problems"]] == ["FORBIDDEN"]
    assert await state(world) == (2, 0, ["OPEN"])


async def test_a_privacy_officer_decides_like_a_case_manager(world: World) -> None:
    asked = await two(world)
    await world.grant("adah", categories=SEEN, purposes=(Purpose.OPERATIONS,))
    officer = world.viewer("A", Role.PRIVACY_OFFICER, Purpose.OPERATIONS)
    answer = await world.ask(officer, DECIDE, id=asked, same=False)
    assert answer.data is not None
    assert answer.data["personMatchDecide"]["match"]["decidedBy"] == "PRIVACY_OFFICER@A"


async def test_pages_follow_one_another_and_leave_out_what_is_hidden(world: World) -> None:
    await two(world)
    for number in range(6):
        key = f"c{number}"
        await world.client(key, first_name="Adah", last_name="Quill", dob=BORN)
        await world.stay(f"t{number}", key, "B-p")
        if number % 2:
            await world.grant(key, categories=SEEN)
        await question(world, "ada", key)
    seen: list[UUID] = []
    after = None
    for size in (2, 2):
        page = await ask(world, QUEUE, first=2, after=after)
        assert len(page["nodes"]) == size
        seen += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert len(set(seen)) == 4
