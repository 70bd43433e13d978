"""IncomeBenefits: money, food and health insurance, asked at entry, every year, and at exit."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from hmis.community.chance import chance, pick, stream, unknown
from hmis.community.people import FEMALE
from hmis.community.records.book import Book, Enrolled, Row
from hmis.community.records.purse import Luck, Purse
from hmis.community.stays import DECEASED

SOURCES = (
    "Earned",
    "Unemployment",
    "SSI",
    "SSDI",
    "VADisabilityService",
    "VADisabilityNonService",
    "PrivateDisability",
    "WorkersComp",
    "TANF",
    "GA",
    "SocSecRetirement",
    "Pension",
    "ChildSupport",
    "Alimony",
    "OtherIncomeSource",
)
_BENEFITS = ("SNAP", "WIC", "TANFChildCare", "TANFTransportation", "OtherTANF", "OtherBenefitsSource")
_INSURANCES = (
    ("Medicaid", "NoMedicaidReason"),
    ("Medicare", "NoMedicareReason"),
    ("SCHIP", "NoSCHIPReason"),
    ("VHAServices", "NoVHAReason"),
    ("EmployerProvided", "NoEmployerProvidedReason"),
    ("COBRA", "NoCOBRAReason"),
    ("PrivatePay", "NoPrivatePayReason"),
    ("StateHealthIns", "NoStateHealthInsReason"),
    ("IndianHealthServices", "NoIndianHealthServicesReason"),
    ("OtherInsurance", None),
)


def amount_column(source: str) -> str:
    return "OtherIncomeAmount" if source == "OtherIncomeSource" else f"{source}Amount"


def write(book: Book, enrolled: Iterable[Enrolled]) -> None:
    """Person by person and day by day, so that income grows or shrinks along the whole story."""
    by_person: dict[str, list[Enrolled]] = {}
    for one in enrolled:
        if not one.is_entry:
            by_person.setdefault(one.person.personal_id, []).append(one)
    for personal_id, mine in by_person.items():
        _write_person(book, stream(book.seed, f"income/{personal_id}"), mine)


def _write_person(book: Book, rng: random.Random, mine: list[Enrolled]) -> None:
    asked = [(day, int(one.id), stage, one) for one in mine for day, stage in one.moments()]
    asked.sort(key=lambda each: each[:3])
    purse: Purse | None = None
    luck = Luck(rng, mine[0].person.told_by_hand)
    seen: date | None = None
    for day, _, stage, one in asked:
        children = any(presence.relationship == 2 for presence in one.stay.presences)
        if purse is None:
            purse = Purse(rng, one.person, day, one.is_head and children)
        elif seen is not None and (day - seen).days >= 20:
            purse.move_on(day)
        seen = day
        if one.presence.destination[0] == DECEASED and day == one.presence.exit:
            continue  # nobody is left to ask
        facts: Row = {"InformationDate": day, "DataCollectionStage": stage}
        facts |= _insurance(rng, luck, one, purse, day)
        if one.adult_or_head:
            facts |= _income(rng, one, purse) | _benefits(rng, luck, one, purse, day)
        if one.is_path:
            facts["ConnectionWithSOAR"] = pick(rng, ((0, 60), (1, 34), (99, 6)))
        if one.is_hopwa:
            facts |= _hiv_programs(rng)
        book.write_about("IncomeBenefits", one, day, facts)


def _income(rng: random.Random, one: Enrolled, purse: Purse) -> Row:
    """HUD 4.02. Sources that do not pay have no amount, and the amounts add up to the total."""
    if not one.person.told_by_hand and chance(rng, 4):
        return {"IncomeFromAnySource": unknown(rng), **dict.fromkeys(SOURCES, 99)}
    row: Row = {
        "IncomeFromAnySource": int(bool(purse.sources)),
        "TotalMonthlyIncome": sum(purse.sources.values(), Decimal("0.00")),
    }
    for source in SOURCES:
        row[source] = int(source in purse.sources)
        row[amount_column(source)] = purse.sources.get(source)
    if "OtherIncomeSource" in purse.sources:
        row["OtherIncomeSourceIdentify"] = rng.choice(
            ("Odd jobs", "Collecting cans", "Street music", "Braiding hair")
        )
    return row


def _benefits(rng: random.Random, luck: Luck, one: Enrolled, purse: Purse, day: date) -> Row:
    """HUD 4.03."""
    if not one.person.told_by_hand and chance(rng, 4):
        return {"BenefitsFromAnySource": unknown(rng), **dict.fromkeys(_BENEFITS, 99)}
    young = [p for p in one.stay.presences if p.relationship == 2 and p.person.age(day) < 5]
    got = dict.fromkeys(_BENEFITS, 0)
    got["SNAP"] = int(luck.has("SNAP", 62))
    got["WIC"] = int(bool(young) and one.person.sex == FEMALE and luck.has("WIC", 60))
    if "TANF" in purse.sources:
        got["TANFChildCare"] = int(luck.has("TANFChildCare", 30))
        got["TANFTransportation"] = int(luck.has("TANFTransportation", 20))
        got["OtherTANF"] = int(luck.has("OtherTANF", 8))
    got["OtherBenefitsSource"] = int(luck.has("OtherBenefitsSource", 3))
    row: Row = {"BenefitsFromAnySource": int(any(got.values())), **got}
    if got["OtherBenefitsSource"]:
        row["OtherBenefitsSourceIdentify"] = rng.choice(("Bus pass", "School meals", "Senior box"))
    return row


def _insurance(rng: random.Random, luck: Luck, one: Enrolled, purse: Purse, day: date) -> Row:
    """HUD 4.04, asked of everybody. Why somebody has none is asked in HOPWA projects only."""
    if chance(rng, 4) and not one.person.told_by_hand:
        missing = unknown(rng)
        return {"InsuranceFromAnySource": missing, **dict.fromkeys((name for name, _ in _INSURANCES), 99)}
    had = _insured(luck, one, purse, day)
    row: Row = {"InsuranceFromAnySource": int(bool(had))}
    for name, reason in _INSURANCES:
        row[name] = int(name in had)
        if one.is_hopwa and reason and name not in had:
            row[reason] = pick(rng, ((4, 70), (3, 14), (2, 10), (1, 6)))
    if "OtherInsurance" in had:
        row["OtherInsuranceIdentify"] = "County indigent care"
    return row


def _insured(luck: Luck, one: Enrolled, purse: Purse, day: date) -> set[str]:
    person, age = one.person, one.person.age(day)
    likely = {"Medicaid": 64, "PrivatePay": 2, "StateHealthIns": 4, "OtherInsurance": 1, "COBRA": 1}
    if age < 18:
        likely = {"Medicaid": 66, "SCHIP": 24}
    if age >= 65 or "SSDI" in purse.sources:
        likely["Medicare"] = 84
    if person.service:
        likely["VHAServices"] = 62
    if "Earned" in purse.sources:
        likely["EmployerProvided"] = 14
    if "AmIndAKNative" in person.races:
        likely["IndianHealthServices"] = 40
    return {name for name, percent in likely.items() if luck.has(name, percent)}


def _hiv_programs(rng: random.Random) -> Row:
    """HUD W3."""
    row: Row = {}
    for name, reason in (("ADAP", "NoADAPReason"), ("RyanWhiteMedDent", "NoRyanWhiteReason")):
        row[name] = has = int(chance(rng, 66))
        if not has:
            row[reason] = pick(rng, ((1, 30), (2, 20), (3, 30), (4, 20)))
    return row
