"""Finding people: in order, page by page, whichever way PostgreSQL goes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from auth import reach
from auth.categories import Category
from auth.consent import Effect
from hmis.errors import InputRefused
from resolvers import finding
from tests.worlds import World

LIST = """query($where: ClientWhere!, $order: ClientOrder! = NAME, $first: Int! = 100, $after: String) {
  clients(where: $where, orderBy: $order, first: $first, after: $after) {
    nodes { id name { first last } } pageInfo { hasNextPage endCursor } } }"""
NAMES = ["Abel", "abela", "Ärmel", "De La Cruz", "Delacruz", "Miller", "Mills", "Zorn", None]
NAMED = Category.EXISTENCE | Category.NAME


@pytest.fixture
async def world(database: AsyncEngine) -> World:
    """An empty community."""
    return World(database)


@pytest.fixture(params=["few", "many"])
def way(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both ways through a list: by those within reach, and by everybody in order."""
    if request.param == "many":
        monkeypatch.setattr(reach, "SHORT", 0)
    finding._walk.cache_clear()
    yield
    finding._walk.cache_clear()


async def town(world: World, seed: int) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """Forty people at B. By hub id: those whose name A may see, as sorted by; and those without one for A."""
    choose = random.Random(seed)
    await world.organization("A")
    await world.organization("B")
    named, rest = {}, []
    for number in range(40):
        key = f"c{number}"
        last, first = choose.choice(NAMES), choose.choice(["Ann", "Bo", None])
        person = str(await world.client(key, last_name=last, first_name=first))
        await world.stay(f"s{number}", key, "B-p")
        shown = choose.choice([NAMED, NAMED, Category.EXISTENCE, None])
        if shown is not None:
            await world.grant(key, "A", categories=shown)
            if shown & Category.NAME and choose.random() < 0.2:
                await world.grant(key, "A", categories=Category.NAME, effect=Effect.DENY)
                shown = Category.EXISTENCE
            if shown & Category.NAME and last is not None:
                named[person] = (last.lower(), (first or "").lower())
            else:
                rest.append(person)
    return named, sorted(rest)


async def all_pages(world: World, size: int, **variables: Any) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        answer = await world.ask(world.viewer("A"), LIST, first=size, after=after, **variables)
        assert answer.errors == ()
        page = answer.data["clients"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.usefixtures("way")
async def test_people_stand_by_name_and_those_without_one_behind_them(world: World, seed: int) -> None:
    named, rest = await town(world, seed)
    expected = sorted(named, key=lambda person: (named[person], person)) + rest
    for size in (1, 3, 100):
        assert await all_pages(world, size, where={}) == expected
    everybody = await all_pages(world, 7, where={}, order="ID")
    assert everybody == sorted(expected)


@pytest.mark.usefixtures("way")
async def test_a_search_by_name_in_the_order_of_names_finds_those_alone_whose_name_is_shown(
    world: World,
) -> None:
    named, _ = await town(world, 3)
    for beginning in ("de", "mill", "Ä", "zorn"):
        where = {"lastName": {"startsWith": beginning}}
        met = [person for person in named if named[person][0].startswith(beginning.lower())]
        expected = sorted(met, key=lambda person: (named[person], person))
        assert await all_pages(world, 2, where=where) == expected
        assert sorted(await all_pages(world, 2, where=where, order="ID")) == sorted(met)
    whole = [person for person in named if named[person][0] == "mills"]
    assert sorted(await all_pages(world, 5, where={"lastName": {"eq": " MILLS "}})) == sorted(whole)


@pytest.mark.usefixtures("way")
async def test_a_person_of_two_records_stands_once_by_the_first_name_that_is_shown(world: World) -> None:
    await world.organization("A")
    await world.organization("B")
    await world.source("other")
    await world.organization("C", source="other")
    await world.client("b", last_name="Young")
    await world.stay("s1", "b", "B-p")
    await world.client("c", source="other", person_of="b", last_name="Adams")
    await world.row(
        "Enrollment",
        "s2",
        "other",
        personal_id="c",
        project_id="C-p",
        household_id="h",
        relationship_to_hoh=1,
    )
    middle = str(await world.client("m", last_name="Moor"))
    await world.stay("s3", "m", "B-p")
    await world.grant("m", "A")
    both = str(world.people["b"])
    await world.grant("b", "A", sources=(world.sources["demo"],))
    assert await all_pages(world, 1, where={}) == [middle, both], "the name at C is not A's to see"
    await world.grant("b", "A")
    assert await all_pages(world, 1, where={}) == [both, middle]


async def test_a_cursor_whose_person_lost_its_place_is_refused_and_not_guessed(world: World) -> None:
    await world.organization("A")
    await world.organization("B")
    for key in ("x", "y"):
        await world.client(key, last_name=f"Name {key}")
        await world.stay(f"s-{key}", key, "B-p")
    granted = await world.grant("x", "A")
    await world.grant("y", "A")
    page = (await world.ask(world.viewer("A"), LIST, where={}, first=1)).data["clients"]
    cursor = page["pageInfo"]["endCursor"]
    await world.revoke(granted)
    answer = await world.ask(world.viewer("A"), LIST, where={}, after=cursor)
    assert "begin at the first page again" in answer.errors[0].message
    by_id = await world.ask(world.viewer("A"), LIST, where={}, order="ID", after=cursor)
    assert "not a cursor of this list" in by_id.errors[0].message


async def test_a_name_is_found_by_its_sound_and_a_first_name_by_what_it_is_short_for(world: World) -> None:
    await world.organization("A")
    people = {}
    for key, first, last in (
        ("w", "William", "García"), ("b", "Billy", "Garsia"), ("x", "Walter", "Garcia"), ("y", "Will", "Lee")
    ):  # fmt: skip
        people[str(await world.client(key, first_name=first, last_name=last))] = key
        await world.stay(f"s-{key}", key, "A-p")

    async def found(**where: Any) -> str:
        return "".join(sorted(people[one] for one in await all_pages(world, 2, where=where)))

    assert await found(lastName={"soundsLike": "garcia"}) == "bwx"
    assert await found(firstName={"soundsLike": "bill"}) == "bwy"
    assert await found(firstName={"soundsLike": "bill"}, lastName={"soundsLike": "GARCIA"}) == "bw"


async def test_what_has_no_sound_or_two_ways_at_once_is_refused(world: World) -> None:
    await world.organization("A")
    for told in ({"soundsLike": "李"}, {"soundsLike": "Lee", "eq": "Lee"}, {}):
        answer = await world.ask(world.viewer("A"), LIST, where={"lastName": told})
        assert [isinstance(error.original_error, InputRefused) for error in answer.errors] == [True]


async def test_an_identifier_may_be_looked_for_in_every_source(world: World) -> None:
    await world.organization("A")
    person = str(await world.client("k-17", last_name="Lee"))
    await world.stay("s", "k-17", "A-p")
    for told in ({"value": "k-17"}, {"value": "k-17", "source": "demo"}):
        assert await all_pages(world, 2, where={"identifier": told}) == [person]
    assert await all_pages(world, 2, where={"identifier": {"value": "k-17", "source": "other"}}) == []
