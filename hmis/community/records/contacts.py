"""CurrentLivingSituation: where outreach and coordinated entry found somebody (HUD 4.12)."""

from __future__ import annotations

from datetime import date, timedelta

from hmis.community.agencies import OUTREACH
from hmis.community.chance import answer, chance, pick
from hmis.community.days import PERIOD_START
from hmis.community.records.book import Book, Enrolled, Row

# Asked on: will this place have to be left within 14 days? (conditions.csv)
_MAY_HAVE_TO_LEAVE = (215, 206, 207, 225, 204, 205, 302, 329, 314, 332, 336, 335, 410, 435, 421, 411)
_PLACES = (
    "Under the Ferryman St bridge",
    "Behind the old cannery",
    "Parked near the slipway",
    "Bus shelter at Beacon Ave",
    "Tent by the towpath, north end",
    "Library steps",
)
_ON_THE_STREET = ((116, 76), (101, 8), (336, 5), (335, 3), (314, 3), (206, 1), (207, 1), (37, 2), (17, 1))
_IN_ENTRY = ((101, 46), (116, 32), (335, 6), (336, 6), (314, 4), (302, 2), (410, 2), (435, 1), (99, 1))


def write(book: Book, one: Enrolled) -> None:
    if not one.adult_or_head or not (one.project is OUTREACH or one.is_entry):
        return
    day = one.entry
    while day <= one.last_day:
        if day >= PERIOD_START:
            _contact(book, one, day)
        day += timedelta(days=one.rng.randint(6, 34))


def _contact(book: Book, one: Enrolled, day: date) -> None:
    rng = one.rng
    first = day == one.entry
    found = one.stay.prior if first else pick(rng, _IN_ENTRY if one.is_entry else _ON_THE_STREET)
    row: Row = {"InformationDate": day, "CurrentLivingSituation": found}
    if found == 435:
        row["CLSSubsidyType"] = 433
    if one.is_entry:
        row["VerifiedBy"] = rng.choice(
            ("Harbor Light Shelter", "Harbor Light Street Outreach", "Self-report")
        )
    if found == 116 and one.project is OUTREACH:
        row["LocationDetails"] = rng.choice(_PLACES)
    if found in _MAY_HAVE_TO_LEAVE:
        row["LeaveSituation14Days"] = leaving = answer(rng, int(chance(rng, 55)))
        if leaving == 1:
            row["SubsequentResidence"] = answer(rng, int(chance(rng, 20)))
            row["ResourcesToObtain"] = answer(rng, int(chance(rng, 24)))
            row["LeaseOwn60Day"] = answer(rng, int(chance(rng, 28)))
            row["MovedTwoOrMore"] = answer(rng, int(chance(rng, 46)))
    book.write_about("CurrentLivingSituation", one, day, row)
