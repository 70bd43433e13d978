"""Services: bed nights, and what single programs did for somebody."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hmis.community.agencies import SUPPORTIVE
from hmis.community.chance import chance, day_between, pick
from hmis.community.days import PERIOD_START
from hmis.community.records.book import Book, Enrolled, Row

# HUD list 1.3 RecordType
PATH, RHY, HOPWA, SSVF, HOPWA_MONEY, SSVF_MONEY = 141, 142, 143, 144, 151, 152
PATH_REFERRAL, BED_NIGHT, VASH_VOUCHER, MOVING_ON = 161, 200, 210, 300


def write(book: Book, one: Enrolled) -> None:
    if one.by_night:
        _bed_nights(book, one)
    if one.is_path:
        _path(book, one)
    if one.is_rhy:
        _several(book, one, RHY, (2, 5, 6, 7, 8, 14, 17, 18, 26, 28), 4)
    if one.is_ssvf and one.is_head:
        _veterans_family(book, one)
    if one.is_hopwa:
        _hopwa(book, one)
    if one.is_vash:
        _voucher(book, one)
    if (
        one.project is SUPPORTIVE
        and one.is_head
        and one.presence.exit
        and one.presence.destination[0] in (410, 435)
    ):
        _moving_on(book, one)


def _service(book: Book, one: Enrolled, day: date, record: int, kind: int, **more: object) -> None:
    facts: Row = {"DateProvided": day, "RecordType": record, "TypeProvided": kind, **more}
    book.write_about("Services", one, day, facts)


def _some_day(one: Enrolled) -> date:
    """A day of the stay that this archive covers."""
    first = max(one.entry, PERIOD_START)
    return day_between(one.rng, min(first, one.last_day), one.last_day)


def _bed_nights(book: Book, one: Enrolled) -> None:
    """HUD 4.14. The exit day is not a night; whoever has left slept there the night before."""
    rng = one.rng
    faithful = pick(rng, ((96, 40), (78, 35), (52, 25)))
    left = one.presence.exit
    night, last = one.entry, one.last_day - timedelta(days=1 if left else 0)
    while night <= last:
        if night in (one.entry, last if left else one.entry) or chance(rng, faithful):
            _service(book, one, night, BED_NIGHT, BED_NIGHT)
        night += timedelta(days=1)


def _path(book: Book, one: Enrolled) -> None:
    _several(book, one, PATH, (1, 2, 3, 4, 5, 6, 9, 10, 14), 3)
    for _ in range(one.rng.randint(0, 2)):
        kind = one.rng.randint(1, 11)
        outcome = pick(one.rng, ((1, 50), (2, 20), (3, 30)))
        _service(book, one, _some_day(one), PATH_REFERRAL, kind, ReferralOutcome=outcome)


def _several(book: Book, one: Enrolled, record: int, kinds: tuple[int, ...], most: int) -> None:
    days = sorted(_some_day(one) for _ in range(one.rng.randint(1, most)))
    for day in days:
        _service(book, one, day, record, one.rng.choice(kinds))


def _veterans_family(book: Book, one: Enrolled) -> None:
    """V2 and V3. Three kinds of help have kinds of their own."""
    rng = one.rng
    for day in sorted(_some_day(one) for _ in range(rng.randint(2, 5))):
        kind = pick(rng, ((2, 34), (1, 8), (3, 14), (4, 22), (5, 10), (6, 8), (10, 4)))
        sub = {3: (1, 2, 3, 4), 4: tuple(range(1, 14)), 5: tuple(range(1, 12))}.get(kind)
        other = "Help with a driver's license" if kind == 6 else None
        chosen = rng.choice(sub) if sub else None
        _service(book, one, day, SSVF, kind, SubTypeProvided=chosen, OtherTypeProvided=other)
    for day in sorted(_some_day(one) for _ in range(rng.randint(1, 3))):
        kind = pick(rng, ((1, 50), (2, 20), (4, 16), (5, 8), (16, 6)))
        end = min(one.last_day, day + timedelta(days=30)) if kind == 1 else day
        amount = Decimal(rng.randint(60, 1400))
        _service(book, one, day, SSVF_MONEY, kind, FAAmount=amount, FAStartDate=day, FAEndDate=end)


def _hopwa(book: Book, one: Enrolled) -> None:
    rng = one.rng
    _several(book, one, HOPWA, (2, 4, 6, 7, 8, 9, 10, 12, 13, 14), 5)
    for day in sorted(_some_day(one) for _ in range(rng.randint(1, 4))):
        kind = pick(rng, ((1, 70), (2, 10), (3, 5), (4, 15)))
        _service(book, one, day, HOPWA_MONEY, kind, FAAmount=Decimal(rng.randint(80, 920)))


def _voucher(book: Book, one: Enrolled) -> None:
    """V8: the way of a voucher, in its order."""
    day = max(one.entry, PERIOD_START)
    for kind in (1, 3, 5):
        if day <= one.last_day:
            _service(book, one, day, VASH_VOUCHER, kind)
        day += timedelta(days=one.rng.randint(7, 30))
    if chance(one.rng, 25) and day <= one.last_day:
        _service(
            book, one, day, VASH_VOUCHER, 12, OtherTypeProvided="Extension asked of the housing authority"
        )
    if one.presence.exit:
        _service(book, one, one.presence.exit, VASH_VOUCHER, pick(one.rng, ((9, 50), (10, 30), (8, 20))))


def _moving_on(book: Book, one: Enrolled) -> None:
    """C2: help for those who no longer need support at home."""
    for kind in sorted({pick(one.rng, ((1, 34), (2, 22), (3, 14), (4, 18), (5, 12))) for _ in range(2)}):
        other = "Letter to the landlord" if kind == 5 else None
        _service(book, one, _some_day(one), MOVING_ON, kind, MovingOnOtherType=other)
