"""Chance: tokens, ids, days, values and rows made up at random. The same seed makes the same.

Texts are tokens (`zq17q`), each used once unless it is meant to be alike, so that a token seen in an answer
says exactly which value it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from auth.categories import EVERYTHING, Category
from hmis.spec import FILES, LISTS, Column
from tests.journeys.communities import Row
from tests.worlds import TODAY

_SITUATIONS = (101, 116, 204, 205, 207, 327, 422, 426, 435, 99)
_FUNDERS = (*[2] * 12, 13, 19, 21, 24, 48)
_COMES_OF_AGE = TODAY.replace(year=TODAY.year - 18)
_BIRTHS = (
    None,
    *(date(year, 1, 1) for year in (1970, 1980, 1990, 1991, 1992)),
    _COMES_OF_AGE,
    _COMES_OF_AGE + timedelta(days=1),
    date(2009, 7, 1),
    date(2015, 1, 1),
)
_TYPED: dict[tuple[str, str], tuple[Any, ...]] = {
    ("Client", "dob"): _BIRTHS,
    ("Enrollment", "living_situation"): _SITUATIONS,
    ("Exit", "destination"): _SITUATIONS,
    ("CurrentLivingSituation", "current_living_situation"): _SITUATIONS,
    ("Services", "record_type"): (141, 142, 143, 144, 151, 152, 161, 200, 210),
    ("Disabilities", "disability_type"): (5, 6, 7, 8, 9, 10),
    ("Funder", "funder"): _FUNDERS,
    ("Organization", "victim_service_provider"): (0,),
    ("Project", "target_population"): (*[None] * 8, 4, 1, 3),
    ("Project", "project_type"): (0, 1, 2, 3, 4, 13),
}


class Chance:
    """Makes things up."""

    def __init__(self, choose: Random) -> None:
        self.choose = choose
        self.said = 0

    def token(self) -> str:
        """A text nobody else has."""
        self.said += 1
        return f"zq{self.said}q"

    def uuid(self) -> UUID:
        return UUID(int=self.choose.getrandbits(128), version=4)

    def number(self) -> int:
        """An id far behind those that the database gives."""
        return self.choose.randint(10**12, 10**13)

    def chance(self, of: float) -> bool:
        return self.choose.random() < of

    def value(self, file: str, column: Column) -> Any:
        """Something that the column may hold, or nothing."""
        if (file, column.attr) in _TYPED:
            return self.choose.choice(_TYPED[file, column.attr])
        if column.attr == "date_deleted" or self.chance(0.2):
            return None
        if column.lists and column.lists[0] in LISTS and column.type == "I":
            return int(self.choose.choice([*LISTS[column.lists[0]].codes, "777"]))
        if column.lists and column.lists[0] in LISTS:
            return self.choose.choice(list(LISTS[column.lists[0]].codes))
        makers: dict[str, Callable[[], Any]] = {
            "I": lambda: self.choose.randint(0, 40),
            "S": self.token,
            "D": self.day,
            "T": lambda: datetime(2026, 1, 1) + timedelta(days=self.choose.randint(0, 60)),
            "M": lambda: Decimal(self.choose.randint(0, 90_000)) / 100,
        }
        return makers[column.type]()

    def day(self) -> date:
        """Few days, so that many things happen on the same one."""
        return date(2026, 1, 1) + timedelta(days=self.choose.randint(0, 9))

    def near_today(self, first: int, last: int) -> date:
        return TODAY + timedelta(days=self.choose.randint(first, last))

    def moment(self) -> datetime:
        """Few moments, so that some things were recorded at the same one."""
        return datetime(2026, 1, 1, self.choose.randint(0, 9), tzinfo=UTC)

    def row(self, file: str, source_id: int, **given: Any) -> Row:
        """A row of a file with every column filled at random but those given."""
        columns = FILES[file].columns
        made = {column.attr: self.value(file, column) for column in columns}
        made[FILES[file].key.attr] = self.token()
        removed = datetime(2026, 6, 1, tzinfo=UTC) if self.chance(0.06) else None
        hub = {"source_id": source_id, "id": self.uuid(), "import_id": self.choose.randint(0, 9)}
        return {**made, **hub, "removed_at": removed, "set_aside": {"x": self.token()}, **given}

    def ssn(self) -> str | None:
        digits = "".join(self.choose.choice("0123456789") for _ in range(9))
        ends = self.choose.choice(["1234", "5678", digits[5:]])
        hashed = f"{self.choose.getrandbits(240):060x}{ends}"
        return self.choose.choice([digits[:5] + ends, f"xxxxx{ends}", hashed, None])

    def categories(self) -> Category:
        if self.chance(0.5):
            return EVERYTHING
        named = Category(0) if self.chance(0.1) else Category.EXISTENCE
        for category in self.choose.sample(list(Category), self.choose.randint(1, 15)):
            named |= category
        return named
