"""The drop's files: what they are called, what stands in them, and what a finding about them says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

HOUSEHOLDS = "households.csv"
BENEFITS = "benefits.csv"
PAYMENTS = "payments.csv"
TOKENS = "tokens.csv"
"""Only where the partner pays rent, too."""
MANIFEST = "manifest.json"
TRIGGER = "READY-"
ERRORS = "ERRORS-"

MEMBER_COLUMNS = ("household_id", "first_name", "last_name", "dob", "address", "city", "state", "zip")
BENEFIT_COLUMNS = (
    "household_id",
    "benefit_date",
    "kind",
    "amount",
    "heating_fuel",
    "vendor",
    "account",
    "restored",
    "prevented",
)

PAYMENT_COLUMNS = (
    "address line 1",
    "address line 2",
    "address line 3",
    "city name",
    "state code",
    "zip5",
    "zip4",
    "payee type",
    "amount of payment",
    "date of payment",
    "type of assistance covered by the payment",
    "start date covered by the payment",
    "end date covered by the payment",
)
"""As Treasury's template labels them (Emergency Rental Assistance, participant household payments, OMB
1505-0270): an address, and nobody's name or number."""
TENANT = "TENANT"
"""The payee whose address is the home. The other payees' addresses are those of landlords and companies."""

BILL_KINDS = ("HEATING", "COOLING", "CRISIS")
"""What pays a bill; LIHEAP's household report counts the other kinds apart."""
KINDS = (*BILL_KINDS, "WEATHERIZATION", "REPAIR")


@dataclass(frozen=True, slots=True)
class Member:
    """A row of households.csv: one person of a household."""

    household_id: str
    first_name: str | None = field(default=None, repr=False)
    last_name: str | None = field(default=None, repr=False)
    dob: date | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    city: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    zip: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Benefit:
    """A row of benefits.csv. heating_fuel: the partner's code until it is read, the hub's afterwards.

    restored: the service was off and came back. prevented: a shut-off was averted. None = not said.
    """

    household_id: str
    benefit_date: date
    kind: str
    amount: Decimal
    heating_fuel: str | None = None
    vendor: str | None = None
    account: str | None = field(default=None, repr=False)
    restored: bool | None = None
    prevented: bool | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of payments.csv, given to the household that lives at its address. number: its row in the file.

    kind: the partner's words until it is read, the hub's afterwards. covers_to: the last day paid for.
    """

    household_id: str
    number: int
    paid_on: date
    amount: Decimal
    kind: str
    covers_from: date
    covers_to: date


TOKEN_COLUMNS = ("household_id", "token")


@dataclass(frozen=True, slots=True)
class Token:
    """A row of tokens.csv: somebody of the household, as `connectors.tokens` names them."""

    household_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something the partner should mend. row: as a spreadsheet counts, the header being 1; None = the file.

    Never a value: the partner has its own file to look at.
    """

    file: str
    rule: str
    row: int | None = None
    column: str | None = None


RULES = {
    "manifest": "manifest.json is absent, is not JSON, or lacks batch, date or files",
    "missing": "the manifest names it, and it is not there (or is larger than 64 MB)",
    "sha256": "the file's SHA-256 is not the manifest's",
    "row_count": "the file has another number of rows than the manifest says",
    "encoding": "the file is not UTF-8",
    "csv": "the file breaks off, or its quotes do not match",
    "column": "the header lacks this column",
    "token": "must be 64 hexadecimal digits, HMAC-SHA-256 by the agreement's key",
    "cells": "the row has more or fewer cells than the header",
    "required": "must not be empty",
    "date": "must be YYYY-MM-DD",
    "amount": "must be an amount like 123.45, not negative",
    "code": "must be one of the agreed codes",
    "flag": "must be true, false or empty",
    "text": "is longer than 200 characters or holds a control character",
    "household": "households.csv has no such household_id",
    "payee": "the payee is not the tenant, so the address is not the home of anybody",
    "address": "no household of households.csv lives at this address, or several do",
    "period": "ends before it begins",
}
"""Every rule a finding may name, in words for the partner. docs and the errors file use the same names."""


def errors_file(findings: Iterable[Finding]) -> bytes:
    """What goes back to the partner. Only a header: everything was taken."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("file", "row", "column", "rule"))
    writer.writerows((one.file, one.row or "", one.column or "", one.rule) for one in findings)
    return out.getvalue().encode()
