"""Without a valid token there is one answer and nothing else; with one, the membership decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.gateway.conftest import CANARY, Gateway

HELLO = b'{"query": "{ hello person }"}'


async def test_every_cause_of_a_refusal_has_the_same_body(gateway: Gateway) -> None:
    good = gateway.token()
    causes = {
        "none": None,
        "empty": "",
        "basic": "Basic bWlhOm1pYQ==",
        "no token": "Bearer ",
        "two tokens": f"Bearer {good}, Bearer {good}",
        "nonsense": "Bearer nonsense",
        "cut": f"Bearer {good[:-4]}",
        "expired": f"Bearer {gateway.token(lifetime=timedelta(minutes=-10))}",
        "for somebody else": f"Bearer {gateway.token(audience='another')}",
        "too long": f"Bearer {'a' * 9000}",
    }
    bodies = set()
    for header in causes.values():
        response = await gateway.post(HELLO, headers={"authorization": header})
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith('Bearer realm="hmis-hub"')
        assert response.headers["cache-control"] == "no-store"
        bodies.add(response.content)
    assert len(bodies) == 1


async def test_only_a_token_that_was_tried_is_called_invalid(gateway: Gateway) -> None:
    without = await gateway.post(HELLO, headers={"authorization": None})
    wrong = await gateway.post(HELLO, token="nonsense")
    assert without.headers["www-authenticate"] == 'Bearer realm="hmis-hub"'
    assert wrong.headers["www-authenticate"] == 'Bearer realm="hmis-hub", error="invalid_token"'


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"NONSENSE", {}),
        (b" " * 200_000, {}),
        (HELLO, {"accept": "text/html"}),
        (HELLO, {"content-type": "text/plain"}),
    ],
)
async def test_without_a_token_nothing_else_is_looked_at(
    gateway: Gateway, content: bytes, headers: dict[str, str]
) -> None:
    response = await gateway.post(content, headers={"authorization": None, **headers})
    assert response.status_code == 401


async def test_a_token_in_the_address_is_not_looked_at(gateway: Gateway) -> None:
    response = await gateway.post(
        HELLO, headers={"authorization": None}, params={"access_token": gateway.token()}
    )
    assert response.status_code == 401


async def _audited(database: AsyncEngine) -> list[tuple[str, str, bool]]:
    async with database.connect() as connection:
        rows = await connection.execute(
            text("select subject, outcome, agency_id is not null from audit_event order by id")
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]  # three columns, as selected


async def test_a_member_gets_an_answer_and_the_audit_says_so(gateway: Gateway, database: AsyncEngine) -> None:
    response = await gateway.ask("query Profile { person }")
    assert response.json()["data"] == {"person": CANARY}
    assert await _audited(database) == [("mia", "ANSWERED", True)]


async def test_somebody_who_may_act_for_nobody_finds_the_hub_empty_and_is_audited(
    gateway: Gateway, database: AsyncEngine
) -> None:
    response = await gateway.post(HELLO, token=gateway.token(subject="nobody"))
    assert (response.status_code, response.json()) == (200, {"data": {"hello": "world", "person": None}})
    assert await _audited(database) == [("nobody", "NO_ACCESS", False)]


async def test_a_question_about_no_person_is_not_audited(gateway: Gateway, database: AsyncEngine) -> None:
    await gateway.ask("{ hello }")
    assert await _audited(database) == []


async def test_an_audit_names_the_operation_by_its_name_and_hash_and_never_by_its_text(
    gateway: Gateway, database: AsyncEngine
) -> None:
    await gateway.ask("query Profile($word: String) { person echo(word: $word) }", word=CANARY)
    async with database.connect() as connection:
        row = (await connection.execute(text("select * from audit_event"))).mappings().one()
    assert row["operation_name"] == "Profile"
    assert len(row["operation_sha256"]) == 64
    assert (row["application"], row["role"], row["purpose"]) == ("tests", "CASE_MANAGER", "CARE_COORDINATION")
    assert not any(CANARY in str(value) for value in row.values())


async def test_without_an_audit_there_is_no_answer_and_it_recovers_alone(
    gateway: Gateway, database: AsyncEngine
) -> None:
    async with database.begin() as connection:
        await connection.execute(text("alter table audit_subject rename to audit_subject_away"))
    try:
        refused = await gateway.ask("{ hello person }", "application/json")
        harmless = await gateway.ask("{ hello }")
    finally:
        async with database.begin() as connection:
            await connection.execute(text("alter table audit_subject_away rename to audit_subject"))
    assert refused.status_code == 503
    assert refused.json() == {
        "errors": [
            {
                "message": "The audit could not be written, so no answer was given.",
                "extensions": {"code": "AUDIT_UNAVAILABLE"},
            }
        ]
    }
    assert harmless.json() == {"data": {"hello": "world"}}
    assert (await gateway.ask("{ person }")).json() == {"data": {"person": CANARY}}
