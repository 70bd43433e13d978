"""Assessment with its questions and results, and Event (HUD 4.19, 4.20): how scarce homes are given out."""

from __future__ import annotations

import random
from datetime import date, timedelta

from hmis.community.chance import chance, pick
from hmis.community.records.book import Book, Enrolled, Row
from hmis.community.stays import Referral

_CRISIS, _HOUSING = 1, 2  # HUD list 4.19.4

# An interview of our own making; no published instrument is copied. (group, question, answers with points)
Question = tuple[str, str, tuple[tuple[str, int], ...]]
_YES_NO = (("Yes", 1), ("No", 0))
_CRISIS_QUESTIONS: tuple[Question, ...] = (
    ("Tonight", "Do you have a safe place to sleep tonight?", (("Yes", 0), ("No", 2))),
    ("Tonight", "Does anybody who wants to hurt you know where you sleep?", _YES_NO),
    ("Household", "How many people need a bed with you?", (("0", 0), ("1", 0), ("2", 1), ("3 or more", 1))),
    ("Health", "Do you need a doctor today?", _YES_NO),
)
_HOUSING_QUESTIONS: tuple[Question, ...] = (
    (
        "History",
        "How long have you been without a home this time?",
        (("Under a month", 0), ("1 to 6 months", 1), ("6 to 12 months", 2), ("Over a year", 3)),
    ),
    (
        "History",
        "How often did you lose your home in three years?",
        (("Once", 0), ("2 or 3 times", 1), ("4 or more", 2)),
    ),
    ("Health", "Does an illness or injury make it hard to keep a home?", _YES_NO),
    (
        "Health",
        "How often were you in an emergency room in six months?",
        (("0", 0), ("1 or 2", 1), ("3 or more", 2)),
    ),
    ("Income", "Do you have money coming in each month?", (("Yes", 0), ("No", 1))),
    ("Household", "Are there children with you?", _YES_NO),
    ("Barriers", "Has a landlord taken you to court?", _YES_NO),
    ("Support", "Is there somebody you can call when things go wrong?", (("Yes", 0), ("No", 1), ("", 0))),
)


def write(book: Book, one: Enrolled) -> None:
    if not one.is_entry or not one.is_head:
        return
    _assessment(book, one, one.entry, _CRISIS, _CRISIS_QUESTIONS)
    later = one.entry + timedelta(days=one.rng.randint(5, 14))
    if later <= one.last_day:
        _assessment(book, one, later, _HOUSING, _HOUSING_QUESTIONS)
    for referral in one.stay.referrals:
        _event(book, one, referral)


def _assessment(book: Book, one: Enrolled, day: date, level: int, questions: tuple[Question, ...]) -> None:
    rng = one.rng
    listed = level == _HOUSING or chance(rng, 30)
    key = book.write_about(
        "Assessment",
        one,
        day,
        {
            "AssessmentDate": day,
            "AssessmentLocation": rng.choice(
                ("Keys Home office", "Harbor Light Shelter", "Mobile team", "By phone")
            ),
            "AssessmentType": pick(rng, ((3, 66), (1, 26), (2, 8))),
            "AssessmentLevel": level,
            "PrioritizationStatus": 1 if listed else 2,
        },
    )
    points = _questions(book, one, day, key, questions, rng)
    name = "Housing need" if level == _HOUSING else "Crisis need"
    results: list[tuple[str, str | None]] = [(f"{name}: points", str(points))]
    if level == _HOUSING:
        results.append(("Band", "High" if points >= 6 else "Middle" if points >= 3 else "Low"))
    for kind, result in results:
        facts: Row = {"AssessmentID": key, "AssessmentResultType": kind, "AssessmentResult": result}
        book.write_about("AssessmentResults", one, day, facts)


def _questions(
    book: Book, one: Enrolled, day: date, key: str, questions: tuple[Question, ...], rng: random.Random
) -> int:
    points = 0
    for order, (group, question, answers) in enumerate(questions, start=1):
        text, worth = rng.choice(answers)
        points += worth
        facts: Row = {
            "AssessmentID": key,
            "AssessmentQuestionGroup": group,
            "AssessmentQuestionOrder": order,
            "AssessmentQuestion": question,
            "AssessmentAnswer": text or None,
        }
        book.write_about("AssessmentQuestions", one, day, facts)
    return points


def _event(book: Book, one: Enrolled, referral: Referral) -> None:
    location = f"{referral.location.name} ({referral.location.id})" if referral.location else None
    book.write_about(
        "Event",
        one,
        referral.day,
        {
            "EventDate": referral.day,
            "Event": referral.event,
            "ProbSolDivRRResult": None if referral.rehoused is None else int(referral.rehoused),
            "ReferralCaseManageAfter": None if referral.case_managed is None else int(referral.case_managed),
            "LocationCrisisOrPHHousing": location,
            "ReferralResult": referral.result,
            "ResultDate": referral.result_day,
        },
    )
