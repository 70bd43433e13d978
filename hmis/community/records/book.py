"""The book all rows are written in: numbers them, fills HUD's columns, says who wrote what and when."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from hmis.community.agencies import (
    ENTRY,
    GARDEN_HOUSE,
    NIGHTS,
    OUTREACH,
    PREVENTION,
    RAPID,
    SHELTER,
    SUPPORTIVE,
    WORKERS,
    Project,
)
from hmis.community.chance import chance, pick, stream
from hmis.community.days import AS_OF, birthday
from hmis.community.people import Person
from hmis.community.stays import Presence, Stay
from hmis.spec import FILES

Row = dict[str, object]

EXPORT_ID = "PE20260630"
_LATEST = datetime.combine(AS_OF, time(21, 0))

# HUD list 5.03.1
AT_ENTRY, UPDATE, AT_EXIT, ANNUAL = 1, 2, 3, 5


@dataclass(frozen=True, slots=True)
class Enrolled:
    """One enrollment with the number it got, and a stream of chance of its own."""

    id: str
    stay: Stay
    presence: Presence
    rng: random.Random
    disabling: int
    """The answer to 3.08; the disability rows of this enrollment agree with it."""

    @property
    def person(self) -> Person:
        return self.presence.person

    @property
    def project(self) -> Project:
        return self.stay.project

    @property
    def entry(self) -> date:
        return self.presence.entry

    @property
    def last_day(self) -> date:
        return self.presence.exit or AS_OF

    @property
    def adult_or_head(self) -> bool:
        return self.presence.is_adult_or_head

    @property
    def is_head(self) -> bool:
        return self.presence.relationship == 1

    @property
    def is_rhy(self) -> bool:
        """Runaway and homeless youth: young people on their own in the beds that grant pays."""
        return self.project is SHELTER and self.stay.household.is_youth and self.adult_or_head

    @property
    def is_path(self) -> bool:
        return self.project is OUTREACH and self.adult_or_head

    @property
    def is_ssvf(self) -> bool:
        return self.project in (RAPID, PREVENTION) and self.stay.household.has_veteran and self.adult_or_head

    @property
    def is_vash(self) -> bool:
        return self.project is SUPPORTIVE and self.person.service is not None

    @property
    def is_yhdp(self) -> bool:
        return self.project is RAPID and self.stay.household.is_youth and self.adult_or_head

    @property
    def is_hopwa(self) -> bool:
        return self.project is GARDEN_HOUSE

    @property
    def is_entry(self) -> bool:
        """Coordinated entry asks its own questions and few of the others."""
        return self.project is ENTRY

    @property
    def by_night(self) -> bool:
        return self.project is NIGHTS

    def moments(self) -> list[tuple[date, int]]:
        """When facts are asked, and at which stage (HUD 5.03): entry, every year around its day, exit."""
        found = [(self.entry, AT_ENTRY)]
        for years in range(1, 12):
            day = birthday(self.stay.entry, years) + timedelta(days=self.rng.randint(-25, 25))
            if day >= self.last_day:
                break
            # HUD's yearly review counts within 30 days of the day; some are forgotten.
            if day > self.entry and (self.person.told_by_hand or not chance(self.rng, 8)):
                found.append((day, ANNUAL))
        if self.presence.exit is not None:
            found.append((self.presence.exit, AT_EXIT))
        return found


class Book:
    """Rows by file. Every row holds every column, so that readers need not ask whether one is there."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rows: dict[str, list[Row]] = {name: [] for name in FILES}
        self._rng = stream(seed, "stamps")
        self._empty = {name: dict.fromkeys(file.by_name) for name, file in FILES.items()}

    def write(self, file: str, agency: str | None, day: date, facts: Row) -> str:
        """Add a row known on that day. Its key is the next number of the file, unless the facts have one."""
        rows = self.rows[file]
        row = dict(self._empty[file], ExportID=EXPORT_ID)
        key = FILES[file].key.name
        row[key] = str(len(rows) + 1)
        if agency is not None:
            self._stamp(row, agency, day)
        unknown = facts.keys() - row.keys()
        assert not unknown, f"{file} has no column {sorted(unknown)}"
        row.update(facts)
        rows.append(row)
        return str(row[key])

    def write_about(self, file: str, one: Enrolled, day: date, facts: Row) -> str:
        """Add a row that hangs on an enrollment."""
        row: Row = {"EnrollmentID": one.id, "PersonalID": one.presence.personal_id, **facts}
        return self.write(file, one.project.organization_id, day, row)

    def _stamp(self, row: Row, agency: str, day: date) -> None:
        """HUD 5.01, 5.02, 5.07. Half is typed in the same day; some of it waits for a quiet week."""
        rng = self._rng
        late = rng.randint(
            *pick(rng, (((0, 0), 50), ((1, 3), 30), ((4, 6), 12), ((7, 10), 5), ((11, 20), 3)))
        )
        minutes = rng.randint(8 * 60, 18 * 60)
        created = min(
            _LATEST, datetime.combine(day + timedelta(days=late), time(0)) + timedelta(minutes=minutes)
        )
        touched = (
            timedelta(days=rng.randint(1, 40), minutes=rng.randint(0, 90)) if chance(rng, 15) else timedelta()
        )
        row["DateCreated"] = created
        row["DateUpdated"] = min(_LATEST, created + touched)
        if "UserID" in row:
            row["UserID"] = rng.choice(WORKERS[agency]).id
