"""Checks of the contract in `connectors/base.py`: C21 to C33."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast, get_args

from connectors.base import Capability, Found, Labelled, Limits, NotFound, Offer, Outcome, Row, Subject
from connectors.binding import NounField
from connectors.kit.bench import Bench, asking, fetched, found, soon
from connectors.kit.checks import Broken, cannot_be_seen, expect, group
from connectors.kit.offered import Offered
from connectors.kit.recording import Heard
from connectors.operation import PERSON_FACTS
from hmis.errors import SourceFailed

check = group("contract", "silver")


def holds_people(offered: Offered) -> None:
    """Ends a check that is about people where a connector holds nobody: asking for its ids does."""
    assert offered.known


def heard_by(offered: Offered) -> list[Heard]:
    if offered.heard is None:
        cannot_be_seen("kit.py does not hand over what the partner `heard`")
    return offered.heard


@check(
    "C21", "It is what its manifest says", fix="Take name, offers, limits and discloses from the manifest."
)
async def is_what_it_says(bench: Bench) -> None:
    """Operators and the schema go by the manifest; a source that offers something else was not agreed on."""
    async with bench.opened() as offered:
        source = offered.source
        expect(bool(source.name and source.title and source.version), "name, title or version is empty")
        expect(source.capabilities <= set(get_args(Capability)), "it declares a capability that there is not")
        expect(source.discloses <= set(PERSON_FACTS), "it discloses what cannot be disclosed")
        expect(bool(source.discloses) is ("find" in source.capabilities), "find and discloses do not agree")
        if bench.partner is None:
            return
        manifest = bench.manifest
        expect(source.name == manifest.id, "its name is not the manifest's id")
        expect(source.version == manifest.version, "its version is not the manifest's")
        less = all(_no_more(offer, manifest.offers.get(noun)) for noun, offer in source.offers.items())
        expect(less and bool(source.offers), "it offers other nouns, fields or categories")
        expect(_as_careful(source.limits, manifest.limits), "its limits are not the manifest's")
        looks_up = manifest.matching is not None and "find" in source.capabilities
        told = manifest.matching.discloses if manifest.matching and looks_up else frozenset[str]()
        expect(source.discloses == told, "what find discloses is not what the manifest says")


def _no_more(offer: Offer, agreed: Offer | None) -> bool:
    """Not every way into a partner gives everything; more than the manifest says is given by none."""
    return (
        agreed is not None
        and replace(offer, fields=agreed.fields) == agreed
        and offer.fields <= agreed.fields
    )


def _as_careful(limits: Limits, agreed: Limits) -> bool:
    return replace(limits, batch_max=agreed.batch_max) == agreed and limits.batch_max <= agreed.batch_max


@check(
    "C22",
    "A known record is found, every value of its declared type",
    fix="Convert as the field's type says.",
)
async def known_is_found(bench: Bench) -> None:
    """The schema shows values as they are; a date given as a text fails in somebody's answer."""
    async with bench.opened() as offered:
        for value in offered.known:
            outcome = found(await fetched(offered, Subject("p", (value,))), "p")
            for row in outcome.rows:
                expect(isinstance(row.values, Mapping), "values of a row are no mapping")
                expect(bool(row.reference), "a row has no reference")
                expect(row.as_of is None or isinstance(row.as_of, date), "as_of of a row is no date")
                for name in row.values.keys() & offered.fields:
                    _of_its_type(bench, offered.noun, name, row)


_TYPES: dict[str, tuple[type, ...]] = {
    "Boolean": (bool,),
    "Date": (date,),
    "DateTime": (datetime,),
    "Decimal": (Decimal,),
    "Float": (float, int),
    "ID": (str,),
    "Int": (int,),
    "String": (str,),
}


def _of_its_type(bench: Bench, noun: str, name: str, row: Row) -> None:
    wanted = bench.catalog[noun].fields.get(name) if noun in bench.catalog else None
    value: Any = row.values[name]
    if isinstance(value, Labelled):
        value = cast(Any, value.value)
    if wanted is None or value is None:
        return
    if wanted.many and not isinstance(value, list | tuple):
        raise Broken(f"{name} is no list")
    for one in value if wanted.many else (value,):
        if not _fits(wanted, one):
            raise Broken(f"{name} is a {type(one).__name__} and not {wanted}")


def _fits(wanted: NounField, value: object) -> bool:
    if wanted.values:
        return str(value) in wanted.values
    types = _TYPES.get(wanted.type, (object,))
    if isinstance(value, bool) is not (bool in types) and object not in types:
        return False
    if wanted.type == "Date" and isinstance(value, datetime):
        return False
    return isinstance(value, types)


def _crowd(offered: Offered) -> list[Subject]:
    one, other = offered.known
    return [
        Subject("a", (one,)),
        Subject("b", (offered.unknown,)),
        Subject("c", (other,)),
        Subject("d"),
        Subject("f", (offered.unknown, other)),
    ]


@check("C23", "Everybody asked about has an outcome", fix="Begin with NotFound for every subject.")
async def everybody_has_an_outcome(bench: Bench) -> None:
    """Somebody left out reads like somebody nobody knows."""
    async with bench.opened() as offered:
        asked = _crowd(offered)
        missing = {subject.key for subject in asked} - (await fetched(offered, *asked)).keys()
        expect(not missing, f"{len(missing)} of {len(asked)} have none")


@check("C24", "Nobody else has an outcome", fix="Answer by the keys of the request only.")
async def nobody_else(bench: Bench) -> None:
    """What was not asked about is nobody's, and was disclosed by the partner for nothing."""
    async with bench.opened() as offered:
        asked = _crowd(offered)
        extra = (await fetched(offered, *asked)).keys() - {subject.key for subject in asked}
        expect(not extra, f"{len(extra)} outcomes for nobody who was asked about")


@check(
    "C25",
    "Everybody has their own outcome, in whatever order they come",
    fix="Join answers by id, not by place.",
)
async def each_their_own(bench: Bench) -> None:
    """Partners answer in their own order. A swapped record shows one person's facts as another's."""
    async with bench.opened() as offered:
        asked = _crowd(offered)
        alone = {one.key: (await fetched(offered, one)).get(one.key) for one in asked}
        for crowd in (asked, asked[::-1]):
            together = await fetched(offered, *crowd)
            wrong = [key for key, outcome in alone.items() if key in together and together[key] != outcome]
            expect(not wrong, f"{len(wrong)} of {len(asked)} came back otherwise than alone")


@check(
    "C26",
    "The same record under two keys is answered twice",
    fix="Do not key what you keep by the partner's id.",
)
async def twice_is_twice(bench: Bench) -> None:
    """Two people of one household share the partner's record."""
    async with bench.opened() as offered:
        two = await fetched(offered, Subject("a", (offered.known[0],)), Subject("b", (offered.known[0],)))
        expect(found(two, "a") == found(two, "b"), "the two outcomes differ")


@check("C27", "Nobody asked about is no call", fix="Return an empty mapping at once.")
async def nobody_is_no_call(bench: Bench) -> None:
    """A call about nobody spends the partner's patience."""
    async with bench.opened() as offered:
        holds_people(offered)
        expect(await fetched(offered) == {}, "there is an outcome for nobody")
        expect(not offered.heard, "the partner was asked about nobody")


@check("C28", "One, batch_max and one more are all answered", fix="Answer for every subject of the batch.")
async def any_number(bench: Bench) -> None:
    """The edges of a batch are where people get lost."""
    async with bench.opened() as offered:
        offered.source.limits = replace(offered.source.limits, batch_max=3)
        for count in (1, 3, 4, 7):
            subjects = [Subject(f"p{number}", (offered.known[0],)) for number in range(count)]
            outcomes = await offered.runtime.fetch(
                offered.source, asking(offered, *subjects, deadline=soon())
            )
            good = sum(isinstance(outcome, Found) for outcome in outcomes.values())
            expect(good == count, f"of {count} people {good} were found")


@check(
    "C29",
    "It takes no more calls than people divided by batch_max",
    fix="Ask for a whole batch in one request.",
)
async def few_calls(bench: Bench) -> None:
    """A call for each person is what brings partners down, and tells them who is asked about together."""
    async with bench.opened() as offered:
        heard = heard_by(offered)
        offered.source.limits = replace(offered.source.limits, batch_max=3)
        ids = (*offered.known, "stranger-1", "stranger-2", "stranger-3", "stranger-4", "stranger-5")
        subjects = [Subject(f"p{number}", (value,)) for number, value in enumerate(ids)]
        before = len(heard)
        await offered.runtime.fetch(offered.source, asking(offered, *subjects, deadline=soon()))
        calls = len(heard) - before
        most = -(-len(subjects) // 3) * offered.calls
        expect(calls <= most, f"{len(subjects)} people in batches of 3 took {calls} calls, not {most}")


@check("C30", "Of somebody without an id the partner hears nothing", fix="Answer NotFound without asking.")
async def unlinked_is_not_asked(bench: Bench) -> None:
    """Being asked about tells the partner that somebody is known here."""
    async with bench.opened() as offered:
        holds_people(offered)
        outcomes = await fetched(offered, Subject("p"))
        expect(outcomes.get("p", NotFound()) == NotFound(), "it is not NotFound")
        expect(not offered.heard, "the partner was asked all the same")


@check("C31", "A record the partner does not have is not found", fix="Answer NotFound, not Failed.")
async def unknown_is_not_found(bench: Bench) -> None:
    """ "Nobody here" is an answer; as a failure it would be tried again for ever."""
    async with bench.opened() as offered:
        holds_people(offered)
        outcome: Outcome | None = (await fetched(offered, Subject("p", (offered.unknown,)))).get(
            "p", NotFound()
        )
        expect(outcome == NotFound(), f"it is {type(outcome).__name__}")


@check(
    "C32", "Only the fields asked for are given, and asked of the partner", fix="Cut to request.fields first."
)
async def only_what_is_permitted(bench: Bench) -> None:
    """The fields are what consent permits. Anything more is a breach, even when nobody is shown it."""
    async with bench.opened() as offered:
        subject = Subject("p", (offered.known[0],))
        spoken = await _spoken(offered, subject, offered.fields)
        for name in sorted(offered.fields):
            request = asking(offered, subject, fields=frozenset({name}), deadline=soon())
            outcome = dict(await offered.source.fetch(request)).get("p")
            for row in outcome.rows if isinstance(outcome, Found) else ():
                extra = row.values.keys() - {name}
                expect(not extra, f"{', '.join(sorted(extra))} came though only {name} was asked for")
            if name in spoken and len(offered.fields) > 1:
                without = await _spoken(offered, subject, offered.fields - {name})
                expect(name not in without, f"the partner was asked for {name} without permission")


async def _spoken(offered: Offered, subject: Subject, fields: frozenset[str]) -> set[str]:
    """The fields named in what the partner hears when these are asked for."""
    before = len(offered.heard or ())
    await offered.source.fetch(asking(offered, subject, fields=fields, deadline=soon()))
    heard = "".join(f"{one.target}\n{one.body.decode()}\n" for one in (offered.heard or ())[before:])
    return {name for name in offered.fields if name in heard}


@check("C33", "Requests at one time do not mix", fix="Keep nothing of a request on the source.")
async def requests_do_not_mix(bench: Bench) -> None:
    """One source serves everybody. What one caller may see must not turn up in another's answer."""
    async with bench.opened() as offered:
        one, other = (Subject(key, (value,)) for key, value in zip("ab", offered.known, strict=True))
        name = min(offered.fields)
        narrow = asking(offered, one, fields=frozenset({name}), deadline=soon())
        wide = asking(offered, other, deadline=soon())
        for pair in ((narrow, wide), (wide, narrow)):
            alone = [dict(await offered.source.fetch(request)) for request in pair]
            for number, outcomes in enumerate(await asyncio.gather(*map(offered.source.fetch, pair * 2))):
                if dict(outcomes) != alone[number % 2]:
                    raise Broken("side by side a request was answered otherwise than alone")


@check("C34", "After the deadline nobody is asked", fix="Hand request.deadline to whatever asks.")
async def too_late_is_not_asked(bench: Bench) -> None:
    """The caller has gone; what comes now is disclosed for nothing."""
    async with bench.opened() as offered:
        heard = heard_by(offered)
        with contextlib.suppress(SourceFailed):
            await fetched(offered, Subject("p", (offered.known[0],)), seconds=-1)
        expect(not heard, "the partner was asked all the same")
