"""Whole lives: made-up communities with all that the schema can tell, and values that are hard to say.

What decides about consent is in lives.py. Here come orders of courts, referrals, questions to staff, a
service directory and partners of every noun, some of them down; and texts, numbers and days that JSON, SQL
and GraphQL each write in a way of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from graphql import GraphQLList, get_named_type, get_nullable_type

from auth.categories import EVERYTHING, Category
from auth.legal_order import LONGEST, Authority
from auth.viewer import Purpose
from connectors.base import Labelled, Limits, Offer, Person
from connectors.memory import MemorySource, Record
from hmis.errors import FailureCode, SourceFailed
from hmis.labels import Label
from hmis.referral_states import Delivery, Status
from hmis.spec import LISTS, Column
from tests.journeys.agreements import SUBJECTS
from tests.journeys.communities import Community, Row
from tests.journeys.hard_values import AMOUNTS, CODES, DAYS, MOMENTS, NUMBERS, TEXTS
from tests.journeys.lives import Maker
from tests.schema.declared import CORE, declared, object_types
from tests.worlds import NOW, TODAY

NOT_OF_THE_TYPE: Mapping[str, tuple[Any, ...]] = {
    "Int": (2**31, -(2**31) - 1, 3.0, 3.5, True, "7", Decimal("3"), float("inf")),
    "String": (7, 7.5, True, ["a"], {"a": 1}),
    "Date": ("2026-01-01", datetime(2026, 1, 1, 5), 20_260_101),
    "DateTime": ("2026-01-01", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
    "Decimal": (1, 1.5, "1.50", Decimal("1E+5"), Decimal("sNaN"), Decimal("-0")),
}
"""What a connector might hand over in spite of its contract: said, or an error, but the same both ways."""
FAULTS = (
    SourceFailed("down", FailureCode.TIMEOUT, retryable=True),
    SourceFailed("down", FailureCode.BAD_DATA),
)


@dataclass
class Whole:
    """A community with its partners."""

    community: Community
    held: dict[str, dict[str, Record]] = field(default_factory=dict)
    """Noun -> the partner's id -> its record."""
    offers: dict[str, Offer] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Noun -> the partner's name. What food banks hold is in the community."""
    down: dict[str, SourceFailed] = field(default_factory=dict)
    lapsed: frozenset[str] = frozenset()

    def partners(self, *, kept: bool) -> dict[str, MemorySource]:
        """All of them, as if they had never been asked anything. kept: some let their answers be kept."""
        made = {"pantry": self.community.partner()}
        for noun, records in self.held.items():
            offer = self.offers[noun]
            source = MemorySource(
                records,
                name=self.names[noun],
                title=f"A partner for {noun}",
                noun=noun,
                category=offer.category,
                fields=offer.fields,
                limits=Limits(cache=timedelta(hours=1)) if kept and len(records) % 2 else Limits(),
            )
            source.offers = {noun: offer}
            made[source.name] = source
        for name, fault in self.down.items():
            made[name].fault = fault
        return made


class WholeMaker(Maker):
    """Makes whole communities. `hard`: how many of the values are hard to say."""

    def __init__(self, choose: Random, hard: float = 0.04) -> None:
        super().__init__(choose)
        self.hard = hard

    def value(self, file: str, column: Column) -> Any:
        if column.attr == "date_deleted" or not self.chance(self.hard):
            return super().value(file, column)
        if column.type == "I" and column.lists and column.lists[0] in LISTS:
            return self.choose.choice(CODES)
        hard: dict[str, tuple[Any, ...]] = {"I": NUMBERS, "D": DAYS, "T": MOMENTS, "M": AMOUNTS}
        if column.type != "S":
            return self.choose.choice(hard[column.type])
        return f"{self.token()}{self.choose.choice(TEXTS)}"

    def whole(self) -> Whole:
        """A community, and around it what the others of the hub's tables hold."""
        made = self.community()
        for person in made.tables["person"]:
            for _ in range(self.choose.choice([0, 0, 1, 2])):
                self.legal_order(made, person)
            for _ in range(self.choose.choice([0, 1, 2])):
                self.referral(made, person)
                self.question(made, person)
        for _ in range(self.choose.randint(2, 9)):
            self.listing(made)
        whole = Whole(made)
        for noun in nouns():
            self.partner(whole, noun)
        names = ["pantry", *whole.names.values()]
        for name in names:
            made.tables["sync_state"].append({"connector": name, "last_started": NOW, "last_success": NOW})
        for name in self.choose.sample(names, self.choose.choice([0, 0, 1, 2])):
            whole.down[name] = self.choose.choice(FAULTS)
        whole.lapsed = frozenset(self.choose.sample(names, self.choose.choice([0, 0, 0, 1])))
        return whole

    def agreed(self, made: Community, person: UUID) -> None:
        """As others agree, and many share nearly everything beside: from nothing shown nothing is learnt."""
        super().agreed(made, person)
        if self.chance(0.3):
            return
        self.grant(made, person)
        row, closed = made.tables["consent_grant"][-1], self.choose.choice(list(Category)[1:])
        row |= {
            "effect": "PERMIT",
            "categories": int(EVERYTHING if self.chance(0.6) else EVERYTHING & ~closed),
            "purposes": sorted(purpose.value for purpose in Purpose),
            "start_on": TODAY - timedelta(days=9),
            "end_on": TODAY + timedelta(days=9),
            "provisional_until": None,
            "regime": self.choose.choice(["HUD", "PART2"]),
            "method": "WRITTEN",
            "evidence": self.token(),
            "community_wide": False,
            "group_id": None,
            "subject": None,
        }
        named = made.tables["consent_recipient"]
        for agency in made.tables["agency"]:
            recipient = {"grant_id": row["id"], "agency_id": agency["id"]}
            if recipient not in named:
                named.append(recipient)

    def legal_order(self, made: Community, person: Row) -> None:
        """An order for one of those who act for agencies; mostly approved, and in force today."""
        start = TODAY - timedelta(days=self.choose.choice([0, 0, 1, 40]))
        labels = self.choose.sample(list(Label), self.choose.choice([0, 0, 2]))
        order = {
            "id": self.uuid(),
            "person_id": person["id"],
            "agency_id": self.choose.choice(made.tables["agency"])["id"],
            "subject": SUBJECTS[0] if self.chance(0.7) else self.choose.choice(SUBJECTS),
            "categories": int(self.choose.choice([EVERYTHING, self.categories()]) | Category.EXISTENCE),
            "labels": sum(int(label) for label in labels),
            "authority": self.choose.choice(list(Authority)).value,
            "reference": f"{self.token()}{self.choose.choice(TEXTS)}",
            "valid_from": start,
            "valid_to": start + self.choose.choice([timedelta(days=1), LONGEST]),
            "recorded_at": self.moment(),
            "recorded_by": "clerk",
            "recorded_at_agency": self.choose.choice(made.tables["agency"])["id"],
        }
        made.tables["legal_order"].append(order)
        for approver in self.choose.sample(["one", "two", *SUBJECTS], self.choose.choice([0, 1, 2, 2, 3])):
            approval = {"order_id": order["id"], "approver": approver, "approved_at": self.moment()}
            made.tables["legal_order_approval"].append(approval)
        if self.chance(0.1):
            end = {
                "order_id": order["id"],
                "reason": "quashed",
                "ended_at": self.moment(),
                "ended_by": "clerk",
            }
            made.tables["legal_order_end"].append(end)

    def referral(self, made: Community, person: Row) -> None:
        """Somebody sent on to a partner, the steps of it, and what had to be sent."""
        row = {
            "id": self.uuid(),
            "person_id": person["id"],
            "agency_id": self.choose.choice(made.tables["agency"])["id"],
            "connector": self.choose.choice(["pantry", "pantry", "gone"]),
            "category": int(Category.FOOD),
            "service": f"{self.token()}{self.choose.choice(TEXTS)}",
            "tell": int(self.categories()),
            "status": self.choose.choice(list(Status)).value,
            "reference": self.choose.choice([None, self.token()]),
            "created_at": self.moment(),
            "created_by": self.token(),
            "updated_at": self.moment(),
        }
        made.tables["referral"].append(row)
        for _ in range(self.choose.randint(0, 3)):
            step = {
                "id": self.number(),
                "referral_id": row["id"],
                "status": self.choose.choice(list(Status)).value,
                "at": self.moment(),
                "by": self.choose.choice(["HUB", "PARTNER", self.token()]),
                "reason": self.choose.choice([None, self.token()]),
            }
            made.tables["referral_event"].append(step)
        if self.chance(0.6):
            sent = {
                "id": self.uuid(),
                "connector": row["connector"],
                "referral_id": row["id"],
                "status": "SENT",
                "state": self.choose.choice(list(Delivery)).value,
                "created_at": self.moment(),
                "next_at": self.moment(),
            }
            made.tables["outbox"].append(sent)

    def question(self, made: Community, person: Row) -> None:
        """A record of a partner that may be about somebody; staff decides, or has decided."""
        state = self.choose.choice(["OPEN", "OPEN", "CONFIRMED", "REJECTED", "WITHDRAWN"])
        decided = state in ("CONFIRMED", "REJECTED")
        made.tables["match_candidate"].append(
            {
                "id": self.uuid(),
                "person_id": person["id"],
                "connector": "pantry",
                "namespace": "RECORD",
                "value": self.token(),
                "method": self.choose.choice(["NAME_DOB", "FIND", "TOKEN"]),
                "reason": self.choose.choice(["BIRTH_DATES_DIFFER", "SCORE", "MARGIN"]),
                "score": self.choose.choice([None, 0, 80, 100]),
                "margin": self.choose.choice([None, -5, 20]),
                "evidence": self.choose.choice([{}, {"agreed": ["last_name", "dob"]}, {"differed": ["dob"]}]),
                "raised_at": self.moment(),
                "state": state,
                "decided_by": self.token() if decided else None,
                "decided_at": self.moment() if decided else None,
            }
        )

    def listing(self, made: Community) -> None:
        """A service of the directory, at a place or at none."""
        connector = "directory"
        if not made.tables["directory_pull"]:
            pull = {"connector": connector, "pulled_at": NOW, "full_at": NOW, "services": 9, "unreadable": 0}
            made.tables["directory_pull"].append(pull)
        text = lambda: self.choose.choice([None, self.token(), *TEXTS])  # noqa: E731  # one word for many lines
        phone = {
            "number": f"555{self.choose.choice(TEXTS)}",
            "extension": text(),
            "kind": "voice",
            "note": text(),
        }
        service = {
            "id": self.uuid(),
            "connector": connector,
            "service_id": self.token(),
            "content_sha256": self.token(),
            "modified_at": self.choose.choice([None, self.moment()]),
            "status": "active" if self.chance(0.9) else "inactive",
            "name": f"Service {self.choose.choice(['food', 'home'])}{self.choose.choice(TEXTS)}",
            **{
                name: text()
                for name in ("organization", "description", "url", "email", "eligibility", "fees")
            },
            "application": text(),
            "minimum_age": self.choose.choice([None, 0, 18, 2**15 - 1]),
            "maximum_age": self.choose.choice([None, -1, 99]),
            "languages": self.choose.choice([[], ["Spanish", self.choose.choice(TEXTS)]]),
            "documents": self.choose.choice([[], [self.token()]]),
            "categories": self.choose.choice([["FOOD"], ["FOOD", "HOUSING"], ["OTHER"], []]),
            "terms": "Food Pantries",
            "phones": self.choose.choice([[], [phone], [phone, phone]]),
            "assured_on": self.choose.choice([None, *DAYS, self.day()]),
        }
        made.tables["directory_service"].append(service)
        withheld, there = self.chance(0.2), self.chance(0.7)
        place: Row = dict.fromkeys(
            (
                "name",
                "address_1",
                "address_2",
                "city",
                "state",
                "postal_code",
                "directions",
                "latitude",
                "longitude",
            )
        )
        if not withheld and there:
            place |= {"city": "Springfield", "state": "IL", "postal_code": "62701", "address_1": text()}
            place |= {
                "latitude": 40 + self.choose.randint(0, 9) / 7,
                "longitude": -75.0,
                "directions": text(),
            }
        place |= {
            "id": self.uuid(),
            "service": service["id"],
            "connector": connector,
            "location_id": self.token(),
            "withheld": withheld,
            "phones": self.choose.choice([[], [phone]]),
            "schedules": [] if withheld else self.choose.choice([[], [_WEEKLY], [_WEEKLY, {"note": text()}]]),
        }
        made.tables["directory_location"].append(place)
        if place["schedules"]:
            hours = datetime(2026, 1, 1, 9), datetime(2026, 1, 1, 17)
            schedule = {"id": self.number(), "location": place["id"], "days": 127, "zone": "America/New_York"}
            opens, closes = (moment.time() for moment in hours)
            made.tables["directory_schedule"].append({**schedule, "opens": opens, "closes": closes})

    def partner(self, whole: Whole, noun: str) -> None:
        """Who holds one noun, and what is held of some; a noun of nobody is offered from the tables."""
        made, fields = whole.community, nouns()[noun]
        whole.names[noun] = "directory" if noun == "ServiceListing" else f"p-{noun.lower()}"
        category = category_of(noun)
        whole.offers[noun] = Offer(category, frozenset(fields), self.choose.choice([None, timedelta(days=1)]))
        whole.held[noun] = {}
        if category == "public":
            return
        for number in range(self.choose.randint(0, 4)):
            key = f"r{number}"
            whole.held[noun][key] = self.record(made, fields)
            for person in self.choose.sample(made.tables["person"], self.choose.choice([0, 1, 2])):
                link = {"person_id": person["id"], "connector": whole.names[noun], "value": key}
                made.tables["partner_link"].append({**link, "method": "STAFF", "status": "CONFIRMED"})

    def record(self, made: Community, fields: Mapping[str, Callable[[Random], Any]]) -> Record:
        """What a partner holds of somebody: fields unsaid, null, labelled, or hard to say."""
        client = self.choose.choice(made.tables["Client"])
        person = Person(client["first_name"], client["last_name"], client["dob"])
        values = {name: say(self.choose) for name, say in fields.items() if self.chance(0.9)}
        for name in values:
            if self.chance(0.05):
                values[name] = Labelled(values[name], frozenset({self.choose.choice(["HIV", "DV"])}))
        as_of = self.choose.choice([NOW, datetime(2026, 6, 1, 3, tzinfo=UTC), date(2026, 1, 1)])
        labels = frozenset({"MENTAL_HEALTH"}) if self.chance(0.1) else frozenset()
        return Record(person, values, as_of, labels)


_WEEKLY = {"freq": "WEEKLY", "byday": ["MO", "TU"], "opens": "09:00:00", "closes": "17:00:00", "zone": "UTC"}


@cache
def nouns() -> dict[str, dict[str, Callable[[Random], Any]]]:
    """Nouns that partners fill but food: field -> what makes a value up."""
    found: dict[str, dict[str, Callable[[Random], Any]]] = {}
    for kind in object_types():
        fields = declared(kind).items()
        supplied = {field.supplied_as: _say(kind.name, name) for name, field in fields if field.is_supplied}
        if supplied and kind.name != "FoodAssistance":
            found[kind.name] = supplied
    return found


def category_of(noun: str) -> str:
    """The consent category of a noun, as manifests have it."""
    fields = declared(CORE.type_map[noun]).values()  # type: ignore[arg-type]  # nouns are objects
    category = next(field.category for field in fields if field.is_supplied)
    return "public" if category is None else str(category.name).lower()


def _say(noun: str, name: str) -> Callable[[Random], Any]:
    kind = CORE.type_map[noun].fields[name].type  # type: ignore[attr-defined]  # nouns are objects
    many, named = isinstance(get_nullable_type(kind), GraphQLList), get_named_type(kind).name
    words = declared(CORE.type_map[noun])[name].words  # type: ignore[arg-type]

    def one(choose: Random) -> Any:
        if words is not None:
            return choose.choice([*(word.value for word in words), "NO SUCH WORD", 777])
        ways: dict[str, tuple[Any, ...]] = {
            "Int": NUMBERS,
            "Date": DAYS,
            "DateTime": tuple(moment.replace(tzinfo=UTC) for moment in MOMENTS),
            "Decimal": AMOUNTS,
            "Boolean": (True, False),
        }
        if named in NOT_OF_THE_TYPE and choose.random() < 0.02:
            return choose.choice(NOT_OF_THE_TYPE[named])
        return choose.choice(ways.get(named, TEXTS))

    def say(choose: Random) -> Any:
        if choose.random() < 0.1:
            return None
        if not many:
            return one(choose)
        listed = [one(choose) for _ in range(choose.randint(0, 3))]
        return choose.choice([listed, listed, tuple(listed), [*listed, None]])

    return say
