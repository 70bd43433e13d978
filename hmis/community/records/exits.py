"""Exit: when somebody left, where to, and what the programs ask on leaving."""

from __future__ import annotations

from datetime import date, timedelta

from hmis.community.agencies import PREVENTION
from hmis.community.chance import answer, chance, pick
from hmis.community.days import AS_OF
from hmis.community.records.book import Book, Enrolled, Row
from hmis.community.stays import DECEASED


def write(book: Book, one: Enrolled) -> None:
    left = one.presence.exit
    if left is None:
        return
    destination, subsidy = one.presence.destination
    row: Row = {
        "ExitDate": left,
        "Destination": destination,
        "DestinationSubsidyType": subsidy if destination != 435 else subsidy or 433,
        "OtherDestination": "Boat of a cousin" if destination == 17 else None,
    }
    if one.is_hopwa or one.project is PREVENTION:
        row |= _housing_assessment(one, destination)
    if one.is_rhy and destination != DECEASED:
        row |= _youth(one, left)
    if one.is_vash:
        row["CMExitReason"] = (
            12 if destination == DECEASED else pick(one.rng, ((1, 50), (3, 30), (9, 12), (5, 8)))
        )
    book.write_about("Exit", one, left, row)


def _housing_assessment(one: Enrolled, destination: int) -> Row:
    """W5. The subsidy is asked only of those who kept their home or moved to another."""
    if destination == DECEASED:
        return {"HousingAssessment": 10}
    if destination in (410, 411, 421, 435):
        subsidized = destination in (421, 435)
        if chance(one.rng, 70):
            kind = pick(one.rng, ((2, 60), (3, 40))) if subsidized else pick(one.rng, ((1, 80), (4, 20)))
            return {"HousingAssessment": 1, "SubsidyInformation": kind}
        return {"HousingAssessment": 2, "SubsidyInformation": 11 if subsidized else 12}
    known = {312: 3, 313: 3, 422: 4, 423: 4, 302: 5, 101: 6, 116: 6, 207: 7, 8: 8, 9: 9}
    return {"HousingAssessment": known.get(destination, 99)}


def _youth(one: Enrolled, left: date) -> Row:
    """R15 to R20."""
    rng = one.rng
    completion = pick(rng, ((1, 52), (2, 34), (3, 14)))
    row: Row = {
        "ProjectCompletionStatus": completion,
        "EarlyExitReason": pick(rng, ((1, 20), (2, 40), (4, 20), (6, 20))) if completion == 3 else None,
        **_exploitation(one),
        **_counseling(one),
        "DestinationSafeClient": answer(rng, int(chance(rng, 84)), 8),
        "DestinationSafeWorker": pick(rng, ((0, 10), (1, 74), (2, 16))),
        "PosAdultConnections": pick(rng, ((0, 16), (1, 68), (2, 16))),
        "PosPeerConnections": pick(rng, ((0, 20), (1, 62), (2, 18))),
        "PosCommunityConnections": pick(rng, ((0, 26), (1, 54), (2, 20))),
    }
    later = left + timedelta(days=rng.randint(14, 170))
    if chance(rng, 60) and later <= AS_OF:
        row |= _aftercare(one, later)
    return row


def _exploitation(one: Enrolled) -> Row:
    rng = one.rng
    row: Row = {"ExchangeForSex": (exchanged := answer(rng, int(chance(rng, 20)), 8))}
    if exchanged == 1:
        row["ExchangeForSexPastThreeMonths"] = answer(rng, int(chance(rng, 50)))
        row["CountOfExchangeForSex"] = pick(rng, ((1, 50), (2, 25), (3, 10), (4, 10), (9, 5)))
        row["AskedOrForcedToExchangeForSex"] = forced = answer(rng, int(chance(rng, 60)))
        if forced == 1:
            row["AskedOrForcedToExchangeForSexPastThreeMonths"] = answer(rng, int(chance(rng, 50)))
    threats, broken = answer(rng, int(chance(rng, 10))), answer(rng, int(chance(rng, 14)))
    row |= {"WorkplaceViolenceThreats": threats, "WorkplacePromiseDifference": broken}
    if 1 in (threats, broken):
        row["CoercedToContinueWork"] = answer(rng, int(chance(rng, 40)))
        row["LaborExploitPastThreeMonths"] = answer(rng, int(chance(rng, 40)))
    return row


def _counseling(one: Enrolled) -> Row:
    rng = one.rng
    planned = chance(rng, 40)
    row: Row = {
        "CounselingReceived": int(received := chance(rng, 66)),
        "PostExitCounselingPlan": int(planned),
        "SessionsInPlan": rng.randint(2, 12) if planned else None,
    }
    if received:
        row |= {
            "IndividualCounseling": 1,
            "FamilyCounseling": int(chance(rng, 30)),
            "GroupCounseling": int(chance(rng, 40)),
            "SessionCountAtExit": rng.randint(1, 20),
        }
    return row


def _aftercare(one: Enrolled, day: date) -> Row:
    rng = one.rng
    provided = pick(rng, ((0, 20), (1, 74), (9, 6)))
    row: Row = {"AftercareDate": day, "AftercareProvided": provided}
    if provided == 1:
        row |= {
            "EmailSocialMedia": int(chance(rng, 50)),
            "Telephone": int(chance(rng, 60)),
            "InPersonIndividual": int(chance(rng, 40)),
            "InPersonGroup": int(chance(rng, 20)),
        }
    return row
