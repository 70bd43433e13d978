"""The accounting: what each rule lists of the same history, and what it leaves out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from auth.accounting import OWN_RECORD, PROFILES, Line, account, find_client
from auth.categories import Category
from auth.viewer import Purpose
from hmis.errors import InputRefused
from hmis.tables import client_link, consent_grant
from tests.audits import Log, Told
from tests.worlds import TODAY, World

ZONE = ZoneInfo("America/New_York")
NAME, DOB, INCOME = Category.NAME, Category.DOB, Category.INCOME_BENEFITS


class History:
    """One client known to agency A, and what others were told of them."""

    def __init__(self, engine: AsyncEngine, home: Path) -> None:
        self.world = World(engine)
        self.log = Log(engine, home)

    async def begin(self) -> History:
        for name in ("A", "B", "C"):
            await self.world.organization(name)
        await self.world.client("c1")
        return self

    @property
    def person(self) -> UUID:
        return self.world.people["c1"]

    async def told(
        self,
        to: str,
        when: datetime,
        shared: Category = NAME,
        purpose: Purpose = Purpose.CARE_COORDINATION,
        *grants: UUID,
        own: Category = Category(0),
        person: UUID | None = None,
        subject: str = "mia",
        notice: str | None = None,
        exception: str | None = None,
    ) -> None:
        line = Told(
            person or self.person,
            shared | own,
            shared,
            grants=grants,
            notice=notice,
            exception=exception,
        )
        await self.log.events(
            1,
            line,
            at=when,
            agency_id=self.world.agencies[to].id,
            purpose=purpose.value,
            subject=subject,
        )

    async def grant(self, method: str = "VERBAL", *, end: date | None = None) -> UUID:
        """A grant to the community; on file when it is signed."""
        identifier = await self.world.grant("c1", end=end)
        evidence = "sha256:00" if method in ("WRITTEN", "ELECTRONIC") else None
        async with self.world.engine.begin() as connection:
            await connection.execute(
                update(consent_grant)
                .where(consent_grant.c.id == identifier)
                .values(method=method, evidence=evidence)
            )
        return identifier

    async def account(self, profile: str, *, uses: bool = False) -> list[Line]:
        async with self.world.engine.connect() as connection:
            return await account(connection, self.person, PROFILES[profile], ZONE, TODAY, uses=uses)


@pytest.fixture
async def history(database: AsyncEngine, tmp_path: Path) -> History:
    return await History(database, tmp_path).begin()


def at(day: str, clock: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=ZONE)


async def test_nothing_was_disclosed_is_an_answer(history: History) -> None:
    for profile in PROFILES:
        assert await history.account(profile) == []


async def test_a_look_at_own_records_is_a_use_and_told_on_request_only(history: History) -> None:
    await history.told("A", at("2026-05-01"), Category(0), own=NAME | DOB)
    assert await history.account("hud") == []
    (line,) = await history.account("hud", uses=True)
    assert (line.recipient, line.basis, line.categories) == ("Agency A", OWN_RECORD, NAME | DOB)
    (line,) = await history.account("rhy", uses=True)
    assert line.individual == "mia"
    for profile in ("hipaa", "part2"):
        with pytest.raises(InputRefused, match="rhy and hud only"):
            await history.account(profile, uses=True)


async def test_one_look_at_own_and_shared_records_is_a_disclosure_of_the_shared_part(
    history: History,
) -> None:
    grant = await history.grant()
    await history.told("B", at("2026-05-01"), INCOME, Purpose.CARE_COORDINATION, grant, own=NAME)
    (line,) = await history.account("hud")
    assert (line.categories, line.basis) == (INCOME, f"grant {grant}")
    both = await history.account("hud", uses=True)
    assert [(line.categories, line.basis) for line in both] == [
        (INCOME, f"grant {grant}"),
        (NAME, OWN_RECORD),
    ]


async def test_looks_of_one_day_are_one_line_unless_something_differs(history: History) -> None:
    one, other = await history.grant(), await history.grant()
    care = Purpose.CARE_COORDINATION
    await history.told("B", at("2026-05-01", "00:00"), NAME, care, one)
    await history.told("B", at("2026-05-01", "23:59"), DOB, care, one, subject="noah")
    await history.told("B", at("2026-05-02", "00:00"), NAME, care, one)
    await history.told("C", at("2026-05-02"), NAME, care, one)
    await history.told("B", at("2026-05-02"), NAME, Purpose.ELIGIBILITY, one)
    await history.told("B", at("2026-05-02"), NAME, care, one, other)
    told = [
        (line.day.day, line.recipient, line.times, line.categories) for line in await history.account("hud")
    ]
    assert told == [
        (1, "Agency B", 2, NAME | DOB),
        (2, "Agency B", 1, NAME),
        (2, "Agency C", 1, NAME),
        (2, "Agency B", 1, NAME),
        (2, "Agency B", 1, NAME),
    ]
    named = [(line.day.day, line.individual) for line in await history.account("rhy")]
    assert named[:2] == [(1, "mia"), (1, "noah")]


async def test_days_are_those_of_the_community(history: History) -> None:
    # 03:59 and 04:00 UTC are 23:59 and 00:00 in New York while it has summer time.
    await history.told("B", datetime(2026, 5, 2, 3, 59, tzinfo=UTC))
    await history.told("B", datetime(2026, 5, 2, 4, 0, tzinfo=UTC))
    assert [line.day.day for line in await history.account("hud")] == [1, 2]


async def test_what_was_withheld_or_not_found_is_no_disclosure(history: History) -> None:
    await history.log.events(1, Told(history.person, withheld=NAME), agency_id=history.world.agencies["B"].id)
    await history.told("B", at("2026-05-01"), person=uuid4())
    assert await history.account("hud", uses=True) == []


async def test_the_grounds_are_told(history: History) -> None:
    one, other = sorted([await history.grant(), await history.grant()])
    care = Purpose.CARE_COORDINATION
    await history.told("B", at("2026-05-01"), NAME, care, one, other)
    await history.told("B", at("2026-05-02"), NAME, care, notice="2026-01")
    await history.told("B", at("2026-05-03"), NAME, care, one, exception="BREAK_GLASS")
    await history.told("B", at("2026-05-04"), NAME, care)
    assert [line.basis for line in await history.account("hud")] == [
        f"grant {one}, grant {other}",
        "notice 2026-01",
        f"grant {one}, exception BREAK_GLASS",
        "not recorded",
    ]


async def test_an_agency_that_is_gone_is_still_a_recipient(history: History) -> None:
    await history.log.events(1, Told(history.person, NAME, NAME), at=at("2026-05-01"), agency_id=uuid4())
    (line,) = await history.account("hud")
    assert line.recipient == "An agency the hub no longer knows"


# --- what each rule lists


async def test_hipaa_lists_six_years_to_the_day(history: History) -> None:
    for when in (at("2020-06-29", "23:59"), at("2020-06-30", "00:00"), at("2026-06-30")):
        await history.told("B", when, NAME, Purpose.RESEARCH)
    assert [line.day for line in await history.account("hipaa")] == [date(2020, 6, 30), TODAY]


async def test_part_2_lists_three_years_to_the_day(history: History) -> None:
    grant = await history.grant()
    for when in (at("2023-06-29", "23:59"), at("2023-06-30", "00:00")):
        await history.told("B", when, NAME, Purpose.CARE_COORDINATION, grant)
    assert [line.day for line in await history.account("part2")] == [date(2023, 6, 30)]


async def test_rhy_and_hud_list_all_there_is(history: History) -> None:
    await history.told("B", at("1999-01-01"))
    for profile in ("rhy", "hud"):
        assert len(await history.account(profile)) == 1


def test_a_year_ago_on_the_29th_of_february_is_the_28th() -> None:
    assert PROFILES["hipaa"].since(date(2024, 2, 29)) == date(2018, 2, 28)
    assert PROFILES["hud"].since(date(2024, 2, 29)) is None


async def test_hipaa_leaves_out_treatment_payment_and_operations_and_nothing_else(history: History) -> None:
    for number, purpose in enumerate(Purpose, 1):
        await history.told("B", at(f"2026-05-{number:02}"), NAME, purpose)
    listed = {list(Purpose)[line.day.day - 1] for line in await history.account("hipaa")}
    assert set(Purpose) - listed == {Purpose.CARE_COORDINATION, Purpose.PAYMENT, Purpose.OPERATIONS}


@pytest.mark.parametrize(
    ("method", "end", "listed"),
    [
        ("WRITTEN", date(2027, 1, 1), False),
        ("ELECTRONIC", date(2027, 1, 1), False),
        ("WRITTEN", None, True),
        ("VERBAL", date(2027, 1, 1), True),
        ("TELEPHONIC", date(2027, 1, 1), True),
        ("NOTICE", date(2027, 1, 1), True),
    ],
)
async def test_hipaa_leaves_out_what_a_signed_authorization_with_an_end_allowed(
    history: History, method: str, end: date | None, listed: bool
) -> None:
    grant = await history.grant(method, end=end)
    await history.told("B", at("2026-05-01"), NAME, Purpose.RESEARCH, grant)
    assert bool(await history.account("hipaa")) is listed


async def test_hipaa_lists_what_rests_on_an_authorization_only_in_part(history: History) -> None:
    signed, spoken = await history.grant("WRITTEN", end=date(2027, 1, 1)), await history.grant()
    await history.told("B", at("2026-05-01"), NAME, Purpose.RESEARCH, signed, spoken)
    assert len(await history.account("hipaa")) == 1


async def test_part_2_lists_what_rests_on_a_grant(history: History) -> None:
    grant = await history.grant()
    await history.told("B", at("2026-05-01"), NAME, Purpose.PAYMENT, grant)
    await history.told("B", at("2026-05-02"), NAME, Purpose.PAYMENT, notice="2026-01")
    await history.told("B", at("2026-05-03"), NAME, Purpose.PAYMENT)
    assert [line.day.day for line in await history.account("part2")] == [1]


async def test_an_exception_stands_in_every_accounting(history: History) -> None:
    signed = await history.grant("WRITTEN", end=date(2027, 1, 1))
    await history.told("B", at("2026-05-01"), NAME, Purpose.CARE_COORDINATION, exception="BREAK_GLASS")
    await history.told(
        "B", at("2026-05-02"), NAME, Purpose.CARE_COORDINATION, signed, exception="BREAK_GLASS"
    )
    for profile in PROFILES:
        assert len(await history.account(profile)) == 2


# --- whose history it is


async def test_a_client_is_found_by_hub_id_and_by_what_its_source_calls_it(history: History) -> None:
    wanted = {
        str(history.person): history.person,
        "demo:c1": history.person,
        "demo:c2": None,
        "other:c1": None,
        "c1": None,
        "": None,
        str(uuid4()): None,
    }
    async with history.world.engine.connect() as connection:
        for words, person in wanted.items():
            assert await find_client(connection, words) == person


async def test_an_identifier_may_have_colons(history: History) -> None:
    person = await history.world.client("c:2:3")
    async with history.world.engine.connect() as connection:
        assert await find_client(connection, "demo:c:2:3") == person


async def test_what_was_told_while_the_record_was_linked_to_another_is_told_too(history: History) -> None:
    other = await history.world.client("c2")
    moved, back = at("2026-03-01"), at("2026-04-01")
    async with history.world.engine.begin() as connection:
        await connection.execute(
            insert(client_link).values(
                person_id=other,
                source_id=history.world.sources["demo"],
                personal_id="c1",
                method="NAME_DOB",
                linked_at=moved,
                undone_at=back,
            )
        )
    for when in (moved - timedelta(seconds=1), moved, back - timedelta(seconds=1), back):
        await history.told("B", when, person=other)
    await history.told("B", at("2026-05-01"))
    told = [(line.day, line.times) for line in await history.account("hud")]
    assert told == [(moved.date(), 1), (back.date(), 1), (date(2026, 5, 1), 1)]
