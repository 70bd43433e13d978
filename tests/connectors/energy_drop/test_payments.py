"""Rent in Treasury's columns: an address tells whose it is, or the partner is told that it does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.base import Found, NotFound, Row, Subject, Synced
from connectors.energy_drop.addresses import one_address
from connectors.energy_drop.kit import DAY, Agency
from connectors.energy_drop.layout import PAYMENT_COLUMNS, Member
from tests.connectors.partners import ask

NOUN = "RentalAssistance"
FIELDS = frozenset({"paidOn", "amount", "kind", "coversFrom", "coversTo"})
AT_HOME = ("12 Example St.", "", "", "Springfield", "XX", "00000", "0000")
MEMBERS = (
    Member("E-1", "Ada", "Sample", date(1984, 2, 29), "12 Example Street", "Springfield", "XX", "00000"),
    Member("E-2", "Ben", "Muster", None, "9 Long Avenue Apartment 4", "Springfield", "XX", "00000"),
    Member("E-3", "Cleo", "Muster", None, "9 Long Ave #5", "Springfield", "XX", "00000"),
    Member("E-4", "Dan", "Muster", None, "9 Long Ave Apt 5", "Springfield", "XX", "00000"),
)


def _row(
    *home: str,
    payee: str = "Tenant",
    amount: str = "850.00",
    paid: str = "4/1/2026",
    kind: str = "Financial Assistance: Rent",
    begins: str = "04/01/2026",
    ends: str = "2026-04-30",
) -> dict[str, str]:
    cells = (*(home or AT_HOME), payee, amount, paid, kind, begins, ends)
    return dict(zip(PAYMENT_COLUMNS, cells, strict=True))


async def test_a_payment_is_of_the_household_at_its_address(
    energy_agency: Agency, database: AsyncEngine
) -> None:
    arrears = _row(
        paid="2026-05-02", amount="1200.5", kind="Financial Assistance: Rental Arrears", begins="1/1/2026"
    )
    elsewhere = _row("9 LONG AVE, APT 4", "", "", "", "", "00000-1234", "", kind="Something new")
    energy_agency.lay_out(members=MEMBERS, benefits=(), payments=[_row(), arrears, elsewhere])
    source = energy_agency.source(database)

    assert await source.sync() == Synced("TAKEN", "2026-03", DAY, 7)

    assert energy_agency.errors() == []
    outcomes = await source.fetch(
        ask(*(Subject(one, (one,)) for one in ("E-1", "E-2", "E-3")), noun=NOUN, fields=FIELDS)
    )
    first, last = date(2026, 4, 1), date(2026, 4, 30)
    assert outcomes == {
        "E-1": Found(
            (
                Row(
                    {
                        "paidOn": date(2026, 5, 2),
                        "amount": Decimal("1200.50"),
                        "kind": "RENTAL_ARREARS",
                        "coversFrom": date(2026, 1, 1),
                        "coversTo": last,
                    },
                    "E-1/3",
                    DAY,
                ),
                Row(
                    {
                        "paidOn": first,
                        "amount": Decimal("850.00"),
                        "kind": "RENT",
                        "coversFrom": first,
                        "coversTo": last,
                    },
                    "E-1/2",
                    DAY,
                ),
            ),
            "landing",
        ),
        "E-2": Found(
            (
                Row(
                    {
                        "paidOn": first,
                        "amount": Decimal("850.00"),
                        "kind": "OTHER",
                        "coversFrom": first,
                        "coversTo": last,
                    },
                    "E-2/4",
                    DAY,
                ),
            ),
            "landing",
        ),
        "E-3": NotFound(),
    }


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        (_row(payee="Landlord or Owner"), "payee type,payee"),
        (_row("9 Long Ave Apt 5", "", "", "", "", "00000", ""), "address line 1,address"),
        (_row("1 Other St", "", "", "", "", "00000", ""), "address line 1,address"),
        (_row("12 Example St", "", "", "", "", "11111", ""), "address line 1,address"),
        (_row(begins="2026-05-01"), "end date covered by the payment,period"),
        (_row(paid="2/30/2026"), "date of payment,date"),
        (_row(amount="$850"), "amount of payment,amount"),
    ],
    ids=["a landlord", "two households", "no household", "another town", "backwards", "no day", "no amount"],
)
async def test_what_cannot_be_given_to_anybody_is_reported_back(
    energy_agency: Agency, database: AsyncEngine, row: dict[str, str], finding: str
) -> None:
    energy_agency.lay_out(members=MEMBERS, benefits=(), payments=[row])
    source = energy_agency.source(database)
    await source.sync()

    assert energy_agency.errors() == [f"payments.csv,2,{finding}"]
    ids = tuple(member.household_id for member in MEMBERS)
    assert await source.fetch(ask(Subject("p", ids), noun=NOUN, fields=FIELDS)) == {"p": NotFound()}


async def test_the_next_drop_replaces_the_payments(energy_agency: Agency, database: AsyncEngine) -> None:
    energy_agency.lay_out(members=MEMBERS, benefits=(), payments=[_row()])
    source = energy_agency.source(database)
    await source.sync()
    energy_agency.lay_out("2026-04", date(2026, 4, 1), MEMBERS, (), [])
    await source.sync()

    assert await source.fetch(ask(Subject("p", ("E-1",)), noun=NOUN, fields=FIELDS)) == {"p": NotFound()}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Example Street", "12 EXAMPLE ST."),
        ("9 Long Avenue, Apartment 4", "9 long ave #4"),
        ("1 Peña Road", "1 PENA RD"),
        ("3 North  Elm Court", "3 N ELM CT"),
    ],
)
def test_an_address_is_the_same_however_it_was_typed(one: str, other: str) -> None:
    assert one_address(one, zip5="00000") == one_address(other, zip5="00000-1234") is not None


@pytest.mark.parametrize(
    ("lines", "zip5"),
    [
        (("Example Street",), "00000"),
        (("12",), "00000"),
        ((None,), "00000"),
        (("12 Elm St",), "0000"),
        (("12 Elm St",), None),
    ],
)
def test_too_little_is_no_address(lines: tuple[str | None, ...], zip5: str | None) -> None:
    assert one_address(*lines, zip5=zip5) is None


@given(st.text(max_size=40), st.text(alphabet="0123456789", min_size=5, max_size=5))
def test_any_text_is_read_and_an_address_reads_as_itself(text: str, zip5: str) -> None:
    first = one_address(text, zip5=zip5)
    if first is not None:
        assert one_address(first.removesuffix(f" {zip5}"), zip5=zip5) == first
