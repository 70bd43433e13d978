"""A life as it was answered, made ready to be drawn and listed: rows of the document in, plain values out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.pages.living import PROJECTS, WHERE, Where, place, where
from gateway.pages.places import _
from gateway.pages.rendering import Speech, in_words
from gateway.pages.shapes import Item, Track
from gateway.pages.whereabouts import HOUSING, SHELTERS, TRANSITIONAL, Spell, Stay
from gateway.pages.whereabouts import nights as nights_of

_WORTH_SAYING = 30
"""Nights of hearsay; fewer are within what anybody remembers exactly."""

Row = Mapping[str, Any]


def day_of(value: str | None) -> date | None:
    """A Date or the day of a DateTime, as the schema writes them."""
    return None if value is None else date.fromisoformat(value[:10])


def stays_of(client: Row) -> list[Stay]:
    """The stays of a client, newest first, as far as they may be seen."""
    connection = client["enrollments"]
    return [_stay(row) for row in connection["nodes"]] if connection else []


def _stay(row: Row) -> Stay:
    project, left = row["project"] or {}, row["exit"]
    organization = project.get("organization") or {}
    return Stay(
        id=row["id"],
        project=project.get("name"),
        agency=organization.get("name"),
        type=project.get("type"),
        entry=day_of(row["entryDate"]),
        exit=day_of(left["date"]) if left else None,
        left=left is not None,
        destination=left["destination"] if left else None,
        move_in=day_of(row["moveInDate"]),
        before=row["livingSituation"],
        homeless_since=day_of(row["homelessSince"]),
    )


def peers_of(client: Row) -> list[Stay]:
    """Stays that other communities recorded."""
    return [
        Stay(
            id="",
            project=row["projectName"],
            agency=row["organizationName"],
            type=row["projectType"],
            entry=day_of(row["entryDate"]),
            exit=day_of(row["exitDate"]),
            left=row["exitDate"] is not None,
            destination=row["destination"],
            elsewhere=True,
        )
        for row in client["peerEnrollments"] or ()
    ]


def incomes_of(client: Row) -> list[tuple[date, Decimal]]:
    """Monthly amounts from the day they were told, oldest first; of one day what the newest stay says."""
    told: dict[date, Decimal] = {}
    for stay in (client["enrollments"] or {}).get("nodes", ()):
        for row in stay["incomeBenefits"] or ():
            day, amount = day_of(row["informationDate"]), row["totalMonthlyIncome"]
            if amount is None and row["incomeFromAnySource"] == "NO":
                amount = "0"
            if day is not None and amount is not None:
                told.setdefault(day, Decimal(amount))
    return sorted(told.items())


def tracks(client: Row, stays: Sequence[Stay], peers: Sequence[Stay], speech: Speech) -> list[Track]:
    """The lanes of the timeline, in the order one reads a life: where they lived, what helped, who paid."""
    say = speech.say
    lanes: dict[str, list[Item]] = {"shelter": [], "transitional": [], "housing": [], "support": []}
    for stay in stays:
        if stay.entry is not None and not (stay.left and stay.exit is None):
            lanes[_lane(stay)].append(_bar(stay, _lane(stay), speech))
    elsewhere = [_bar(stay, "elsewhere", speech) for stay in peers if stay.entry is not None]
    return [
        Track(say("Street and shelter"), lanes["shelter"]),
        Track(say("Transitional housing"), lanes["transitional"]),
        Track(say("Housing projects"), lanes["housing"]),
        Track(say("Coordinated entry, other help"), lanes["support"]),
        Track(say("Other communities"), elsewhere),
        Track(say("Services"), ticks=list(_services(client, speech))),
        Track(say("Income a month"), amounts=incomes_of(client)),
        Track(say("Food bank"), list(_food(client, speech))),
        Track(say("Energy bills"), list(_energy(client, speech))),
        Track(say("Help with rent"), list(_rent(client, speech))),
        Track(say("Clinic"), list(_clinic(client, speech))),
    ]


def _lane(stay: Stay) -> str:
    if stay.type in SHELTERS:
        return "shelter"
    if stay.type in HOUSING:
        return "housing"
    return "transitional" if stay.type == TRANSITIONAL else "support"


def _bar(stay: Stay, kind: str, speech: Speech) -> Item:
    assert stay.entry is not None
    return Item(
        start=stay.entry,
        end=stay.exit or date.max,
        label=stay.project or kind_of(stay, speech),
        words=in_a_sentence(stay, speech),
        kind=kind,
        moved=(stay.move_in or stay.exit or date.max)
        if stay.type in HOUSING and not stay.elsewhere
        else None,
        leads=where(stay.destination) if stay.left else None,
    )


def summed_up(found: Iterable[Spell], speech: Speech) -> list[tuple[Where, str]]:
    """The years in a few phrases: how long in which kind of place."""
    phrases = []
    for kind, (nights, heard, times) in nights_of(found).items():
        words = f"{speech.say(WHERE[kind])}: {lasted(nights, speech)}"
        if kind is Where.HOMELESS and times > 1:
            words += ", " + speech.count("%(num)d time", "%(num)d times", times)
        if kind is not Where.UNKNOWN and heard >= _WORTH_SAYING:
            how = speech.say("all of it as last heard") if heard == nights else None
            words += f" ({how or speech.say('{time} as last heard').format(time=lasted(heard, speech))})"
        phrases.append((kind, words))
    return phrases


def kind_of(stay: Stay, speech: Speech) -> str:
    """The kind of its project, in the viewer's language."""
    return speech.say(PROJECTS[stay.type]) if stay.type else speech.say("A project that is not shown")


def length(stay: Stay, today: date, speech: Speech) -> str:
    """How long it lasted, as one would say it; the day of the exit is no night stayed (HUD 3.11)."""
    if stay.entry is None or (stay.left and stay.exit is None):
        return ""
    return lasted(max(0, ((stay.exit or today) - stay.entry).days), speech)


def lasted(nights: int, speech: Speech) -> str:
    """A time in nights, or in months when it is long."""
    if nights < 60:
        return speech.count("%(num)d night", "%(num)d nights", nights)
    return speech.count("%(num)d month", "%(num)d months", round(nights / 30.44))


def in_a_sentence(stay: Stay, speech: Speech) -> str:
    """All of a stay that the picture shows."""
    say, day = speech.say, speech.day
    kind = kind_of(stay, speech)
    what = f"{stay.project} ({kind})" if stay.project else kind
    if stay.agency and stay.agency != stay.project:
        what += f", {stay.agency}"
    parts = [
        say("{start} to {end}: {what}").format(
            start=day(stay.entry), end=day(stay.exit) if stay.exit else say("today"), what=what
        )
    ]
    if stay.move_in is not None:
        parts.append(say("moved in {day}").format(day=day(stay.move_in)))
    if stay.left:
        parts.append(say("left for: {place}").format(place=say(place(stay.destination) or _("Not known"))))
    return "; ".join(parts)


def _services(client: Row, speech: Speech) -> Iterator[tuple[date, str]]:
    for stay in (client["enrollments"] or {}).get("nodes", ()):
        for row in stay["services"] or ():
            day = day_of(row["date"])
            if day is not None:
                yield day, in_words(row["type"]) or speech.say("A service")


def _moment(on: date | None, label: str, words: str, kind: str) -> Iterator[Item]:
    if on is not None:
        yield Item(on, None, label, words, kind)


def _food(client: Row, speech: Speech) -> Iterator[Item]:
    for row in client["foodAssistance"] or ():
        last, visits = day_of(row["lastVisit"]), row["visitCount"]
        label = speech.say("last of {count} visits").format(count=visits) if visits else speech.say("visit")
        yield from _moment(last, label, f"{speech.day(last)}: {_by(row)}, {label}", "food")


def _energy(client: Row, speech: Speech) -> Iterator[Item]:
    for row in client["utilityAssistance"] or ():
        last, paid = day_of(row["lastBenefitDate"]), row["totalBillAssistance"]
        label = speech.say("last benefit")
        if paid is not None:
            label = speech.say("last benefit; {amount} in all").format(amount=speech.dollars(paid))
        yield from _moment(last, label, f"{speech.day(last)}: {_by(row)}, {label}", "utility")


def _rent(client: Row, speech: Speech) -> Iterator[Item]:
    for row in client["rentalAssistance"] or ():
        first, last, paid = day_of(row["coversFrom"]), day_of(row["coversTo"]), day_of(row["paidOn"])
        begins = first or paid
        if begins is None:
            continue
        amount = speech.dollars(row["amount"]) or speech.say("a payment")
        kind = in_words(row["kind"])
        words = f"{speech.day(paid)}: {_by(row)}, {amount} {kind.lower()}"
        if first and last:
            span = speech.say("for {start} to {end}").format(start=speech.day(first), end=speech.day(last))
            words += f", {span}"
        yield Item(begins, last if first else None, f"{amount} {kind.lower()}", words, "rent")


def _clinic(client: Row, speech: Speech) -> Iterator[Item]:
    for row in client["sdohConditions"] or ():
        since = day_of(row["onset"] or row["recordedOn"])
        label = row["display"] or speech.say("a need")
        if since is not None:
            lasts = row["clinicalStatus"] in (None, "ACTIVE", "RECURRENCE", "RELAPSE")
            words = f"{speech.day(since)}: {_by(row)}, {label}, {in_words(row['clinicalStatus']).lower()}"
            yield Item(since, date.max if lasts else None, label, words, "clinic")
    for row in client["sdohReferrals"] or ():
        on = day_of(row["requestedAt"])
        label = row["service"] or speech.say("a referral")
        yield from _moment(on, label, f"{speech.day(on)}: {_by(row)}, {label}", "clinic")


def _by(row: Row) -> str:
    source = row["source"] if "source" in row else row["provenance"]["source"]
    return str(source["name"])


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the household."""

    id: str
    name: str | None
    born: date | None
    relationship: str | None


def household_of(client: Row) -> tuple[list[Member], Row | None]:
    """Who lived with them at the newest stay that tells of anybody else, and that stay."""
    for stay in (client["recent"] or {}).get("nodes", ()):
        members = [
            Member(
                id=person["id"],
                name=full_name(person["name"]),
                born=day_of((person["birth"] or {}).get("date")),
                relationship=one["relationshipToHeadOfHousehold"],
            )
            for one in (stay["household"] or {}).get("members") or ()
            if (person := one["client"]) is not None and person["id"] != client["id"]
        ]
        if members:
            return members, stay
    return [], None


def full_name(name: Row | None) -> str | None:
    """None = not known, or not to be seen."""
    parts = [name.get(part) for part in ("first", "middle", "last", "suffix")] if name else []
    return " ".join(part for part in parts if part) or None


def age_on(born: date | None, today: date) -> int | None:
    """In whole years."""
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def newest(client: Row, field_name: str) -> list[Row]:
    """Rows of the newest stays, newest first, each once a day for what it is about."""
    rows: list[Row] = [
        row for stay in (client["recent"] or {}).get("nodes", ()) for row in stay[field_name] or ()
    ]
    return sorted(rows, key=lambda row: row["informationDate"] or "", reverse=True)


def steps_of(client: Row) -> list[Row]:
    """Assessments and events of coordinated entry, newest first; an assessment has a `level`."""
    rows = [
        row
        for stay in (client["enrollments"] or {}).get("nodes", ())
        for row in (*(stay["assessments"] or ()), *(stay["events"] or ()))
    ]
    return sorted(rows, key=lambda row: row["date"] or "", reverse=True)
