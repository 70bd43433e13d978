"""Whose facts changed at a clinic: everybody is named, at least once, and nobody is told about."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Changes
from connectors.gravity_fhir.kit import (
    Clinic,
    clinic,
    concept,
    condition,
    goal,
    observation,
    patient,
    request,
    task,
    unproven,
)
from connectors.wire import Wire
from hmis.errors import FailureCode, SourceFailed
from tests.connectors.gravity_fhir.said import asked, batch, said, searchset
from tests.connectors.partners import soon

IN_ERROR = concept(("http://terminology.hl7.org/CodeSystem/condition-ver-status", "entered-in-error"))
KINDS = ("Condition", "Goal", "ServiceRequest", "Task", "Observation", "Patient")


async def _since(there: Clinic, cursor: str | None) -> Changes:
    return await there.source.changes(cursor, soon())


async def test_from_the_beginning_everybody_with_something_social_is_named_once() -> None:
    held = [
        *(patient(f"p{number}") for number in range(1, 8)),
        condition("c1", "p1"),
        condition("c2", "p1"),
        goal("g", "p2"),
        request("r", "p3"),
        task("t", "r", "p4"),
        observation("o", "p5"),
        {**condition("clinical", "p6"), "category": [concept(("s", "encounter-diagnosis"))]},
    ]
    async with clinic(*held) as there:
        changes = await _since(there, None)

    assert set(changes.changed) == {"p1", "p2", "p3", "p4", "p5"}
    assert (changes.removed, changes.more) == ((), False)
    assert len(changes.changed) == 5


async def test_nothing_new_leaves_the_cursor_where_it_is() -> None:
    async with clinic(condition("c1", "p1")) as there:
        first = await _since(there, None)
        again = await _since(there, first.cursor)

    assert again == Changes((), (), first.cursor, more=False)


async def test_of_an_empty_clinic_nobody_is_named_and_there_is_a_cursor() -> None:
    async with clinic() as there:
        empty = await _since(there, None)
        there.store.put(condition("c1", "p1"))
        after = await _since(there, empty.cursor)

    assert (empty.changed, after.changed) == ((), ("p1",))


async def test_only_who_changed_since_is_named() -> None:
    async with clinic(condition("c1", "p1"), condition("c2", "p2"), condition("c3", "p3")) as there:
        first = await _since(there, None)
        there.store.put(condition("c2", "p2", verificationStatus=IN_ERROR))
        there.store.put(task("t", "r", "p3", status="completed"))

        changes = await _since(there, first.cursor)

    assert set(changes.changed) == {"p2", "p3"}


async def test_a_chart_out_of_use_is_removed() -> None:
    async with clinic(patient("p1"), condition("c1", "p1")) as there:
        first = await _since(there, None)
        there.store.put(condition("c1", "p1"))
        there.store.put(patient("p1", active=False))

        changes = await _since(there, first.cursor)

    assert (changes.changed, changes.removed) == ((), ("p1",))


def _answer(kinds: dict[str, tuple[list[Any], str | None]]) -> bytes:
    pages = [kinds.get(kind, ([], None)) for kind in KINDS]
    return said(batch(*(searchset(*resources, following=following) for resources, following in pages)))


def _more(resources: list[Any], page: int) -> bytes:
    return said(batch(searchset(*resources, following=f"Condition?_page={page}")))


def _at(number: str, patient: str, second: int) -> dict[str, Any]:
    return condition(
        number, patient, meta={"lastUpdated": f"2026-03-01T09:{second // 60:02}:{second % 60:02}Z"}
    )


async def _read(*answers: bytes) -> Changes:
    async with Wire(*answers).serving() as address:
        source = unproven(address)
        try:
            return await source.changes(None, soon())
        finally:
            await source.aclose()


async def test_what_does_not_fit_is_left_for_the_next_time_and_the_cursor_waits_for_it() -> None:
    """Two were updated in the last second seen; the second of them may be on the page not read."""
    pages = [_more([_at(f"c{n}", f"p{n}", n)], n) for n in range(2, 20)]
    last = _more([_at("c20", "p20", 20), _at("c21", "p21", 21), _at("c22", "p22", 21)], 20)
    begun = _answer({"Condition": ([_at("c1", "p1", 1)], "Condition?_page=1"), "Goal": ([_goal(90)], None)})

    changes = await _read(begun, *pages, last)

    assert changes.more
    assert changes.cursor == "2026-03-01T09:00:20+00:00"
    assert {"p1", "p20", "p22", "p99"} <= set(changes.changed)


def _goal(second: int) -> dict[str, Any]:
    return {**goal("g", "p99"), "meta": {"lastUpdated": f"2026-03-01T10:00:{second % 60:02}Z"}}


@pytest.mark.parametrize(
    "resources",
    [
        [_at("c1", "p1", 5), _at("c2", "p2", 4)],
        [_at("c1", "p1", 5), _at("c2", "p2", 5)],
    ],
    ids=["the newest first", "all of one moment"],
)
async def test_pages_that_give_no_hold_are_bad_data(resources: list[Any]) -> None:
    begun = _answer({"Condition": (resources, "Condition?_page=1")})
    pages = [_more([], number) for number in range(2, 21)]

    with pytest.raises(SourceFailed) as failed:
        await _read(begun, *pages)

    assert failed.value.code is FailureCode.BAD_DATA


@pytest.mark.parametrize("meta", [{}, {"lastUpdated": "yesterday"}, None])
async def test_a_resource_without_a_moment_is_bad_data(meta: Any) -> None:
    with pytest.raises(SourceFailed) as failed:
        await _read(_answer({"Condition": ([condition("c", meta=meta)], None)}))

    assert failed.value.code is FailureCode.BAD_DATA


async def test_only_whose_it_is_is_asked_for() -> None:
    wire = Wire(_answer({}))
    async with wire.serving() as address:
        source = unproven(address)
        await source.changes("2026-03-01T09:00:00+00:00", soon())
        await source.aclose()

    searches = asked(wire)
    assert [url.partition("?")[0] for url in searches] == list(KINDS)
    assert all(
        "_elements=" in url and "_lastUpdated=gt2026-03-01T09%3A00%3A00%2B00%3A00" in url for url in searches
    )
