"""What single programs ask on arrival: PATH, runaway and homeless youth, veterans' families, prevention."""

from __future__ import annotations

import random
from datetime import timedelta

from hmis.community.agencies import PREVENTION
from hmis.community.chance import answer, chance, pick
from hmis.community.records.book import Enrolled, Row
from hmis.community.stays import Stay

# A real station number of list V6.1; "none nearby" is no answer there.
_VA_STATION = "541"


def program_questions(one: Enrolled) -> Row:
    row: Row = {}
    if one.is_path:
        row |= _path(one)
    if one.is_rhy:
        row |= _youth(one)
    if one.is_ssvf:
        row |= _veterans_family(one)
    if one.project is PREVENTION and one.is_head:
        row |= _prevention_screening(one)
    return row


def _path(one: Enrolled) -> Row:
    """P3. PATH serves people with a serious mental illness."""
    day = one.entry + timedelta(days=one.rng.randint(1, 60))
    if day > one.last_day:
        return {}
    enrolled = chance(one.rng, 62)
    reason = None if enrolled else pick(one.rng, ((1, 50), (2, 25), (3, 25)))
    return {"DateOfPATHStatus": day, "ClientEnrolledInPATH": int(enrolled), "ReasonNotEnrolled": reason}


def _youth(one: Enrolled) -> Row:
    """R1, R2, R11 to R13."""
    rng = one.rng
    source = pick(rng, ((1, 34), (2, 16), (7, 18), (30, 8), (34, 4), (35, 8), (38, 8), (28, 4), (99, 2)))
    eligible = chance(rng, 90)
    ward, justice = answer(rng, int(chance(rng, 30))), answer(rng, int(chance(rng, 18)))
    row: Row = {
        "ReferralSource": source,
        "CountOutreachReferralApproaches": rng.randint(1, 6) if source == 7 else None,
        "DateOfBCPStatus": one.entry,
        "EligibleForRHY": int(eligible),
        "ReasonNoServices": None if eligible else pick(rng, ((1, 40), (2, 20), (3, 10), (4, 30))),
        "RunawayYouth": answer(rng, int(chance(rng, 40))) if eligible else None,
        "FormerWardChildWelfare": ward,
        "FormerWardJuvenileJustice": justice,
    }
    if ward == 1:
        row["ChildWelfareYears"] = years = pick(rng, ((1, 30), (2, 40), (3, 30)))
        row["ChildWelfareMonths"] = rng.randint(1, 11) if years == 1 else None
    if justice == 1:
        row["JuvenileJusticeYears"] = years = pick(rng, ((1, 60), (2, 30), (3, 10)))
        row["JuvenileJusticeMonths"] = rng.randint(1, 11) if years == 1 else None
    for question, percent in _FAMILY:
        row[question] = answer(rng, int(chance(rng, percent)))
    return row


# R13, family critical issues
_FAMILY = (
    ("UnemploymentFam", 40),
    ("MentalHealthDisorderFam", 32),
    ("PhysicalDisabilityFam", 18),
    ("AlcoholDrugUseDisorderFam", 30),
    ("InsufficientIncome", 48),
    ("IncarceratedParent", 16),
)


def _veterans_family(one: Enrolled) -> Row:
    """V4, V6, V10."""
    row: Row = {}
    if one.is_head:
        row["PercentAMI"] = pick(one.rng, ((1, 70), (2, 26), (99, 4)))
    if one.person.service:
        row["VAMCStation"] = _VA_STATION
        row["MentalHealthConsultation"] = pick(one.rng, ((1, 30), (2, 25), (3, 10), (4, 35)))
    return row


def _prevention_screening(one: Enrolled) -> Row:
    """V7, homelessness prevention targeting criteria: points for what makes losing the home likely."""
    rng, stay = one.rng, one.stay
    if chance(rng, 8) and not one.person.told_by_hand:
        return {"TargetScreenReqd": 0}
    members = [presence.person for presence in stay.presences]
    women = [person for person in members if person.sex == 0 and 18 <= person.age(stay.entry) <= 42]
    score = rng.randint(6, 24)
    past = _told_past() if one.person.told_by_hand else _past(rng)
    return {
        "TargetScreenReqd": 1,
        "TimeToHousingLoss": pick(rng, ((0, 16), (1, 28), (2, 32), (3, 24))),
        "AnnualPercentAMI": pick(rng, ((0, 12), (1, 34), (2, 44), (3, 10))),
        "LiteralHomelessHistory": pick(rng, ((0, 14), (1, 24), (2, 60), (99, 2))),
        "ClientLeaseholder": int(stay.prior in (410, 435)),
        "HOHLeaseholder": int(stay.prior in (410, 435)),
        "SubsidyAtRisk": int(stay.prior == 435),
        **past,
        "DisabledHoH": int(one.person.is_disabled),
        "CurrentPregnant": int(bool(women) and chance(rng, 8)),
        "SingleParent": int(_is_single_parent(stay)),
        "DependentUnder6": _youngest(stay),
        "HH5Plus": int(len(members) >= 5),
        "CoCPrioritized": int(chance(rng, 20)),
        "HPScreeningScore": score,
        "ThresholdScore": 10,
    }


def _past(rng: random.Random) -> Row:
    return {
        "EvictionHistory": pick(rng, ((0, 62), (1, 26), (2, 12))),
        "CriminalRecord": int(chance(rng, 14)),
        "IncarceratedAdult": pick(rng, ((0, 84), (1, 10), (2, 6))),
        "PrisonDischarge": int(chance(rng, 4)),
        "SexOffender": int(chance(rng, 1)),
    }


def _told_past() -> Row:
    return {
        "EvictionHistory": 1,
        "CriminalRecord": 0,
        "IncarceratedAdult": 0,
        "PrisonDischarge": 0,
        "SexOffender": 0,
    }


def _is_single_parent(stay: Stay) -> bool:
    relations = [presence.relationship for presence in stay.presences]
    return 2 in relations and 3 not in relations


def _youngest(stay: Stay) -> int:
    """List V7.O: 1 a child under one year, 2 one of one to six years (or a child beside others), 0 none."""
    ages = [one.person.age(stay.entry) for one in stay.presences if one.relationship == 2]
    if not ages or min(ages) > 6:
        return 0
    return 1 if min(ages) < 1 else 2
