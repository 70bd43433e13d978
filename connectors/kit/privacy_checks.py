"""Checks of what leaves the hub about people, and of what is written down about them: C35 to C42."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from datetime import date

from connectors.base import Person, Subject
from connectors.faults import FAULTS, WORDS, WireFault
from connectors.kit.bench import Bench, fetched, led, soon
from connectors.kit.checks import Broken, does_not_apply, expect, group
from connectors.kit.contract_checks import heard_by
from connectors.kit.offered import ADA, BEN, CANARY, Offered
from connectors.kit.recording import Heard
from hmis.errors import SourceFailed

check = group("privacy", "silver")

KEY = "key-of-the-hub-that-is-never-sent"
_SHORT = 6
_LOUD = ("401", "503", "html", "200-with-error", "truncated-json")


def forms(fact: str | date | None) -> tuple[str, ...]:
    """A fact as partners write it."""
    if isinstance(fact, date):
        return tuple(fact.strftime(form) for form in ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%m%d%Y", "%d.%m.%Y"))
    return (fact,) if fact else ()


def facts(person: Person) -> dict[str, tuple[str, ...]]:
    return {name: forms(getattr(person, name)) for name in ("first_name", "last_name", "dob")}


def told(person: Person, text: str) -> set[str]:
    """Which facts about the person stand in the text, in whatever letters."""
    return {name for name, said in facts(person).items() if any(_stands_in(one, text) for one in said)}


def _stands_in(fact: str, text: str) -> bool:
    """A short name is looked for as a word: three letters are a part of many."""
    edge = "" if len(fact) > _SHORT else "(?![A-Za-z])"
    return re.search(f"{edge and '(?<![A-Za-z])'}{re.escape(fact)}{edge}", text, re.IGNORECASE) is not None


def _text(heard: Iterable[Heard]) -> str:
    return "\n".join(one.everything for one in heard)


def _looked_up(offered: Offered) -> None:
    if "find" not in offered.source.capabilities:
        does_not_apply("nobody is looked up")


@check(
    "C35", "A look-up tells the partner what `discloses` says, and nothing more", fix="Send what is declared."
)
async def discloses_is_the_wire(bench: Bench) -> None:
    """Looking a person up is itself a disclosure. What it discloses was agreed on, fact by fact."""
    async with bench.opened() as offered:
        _looked_up(offered)
        heard = heard_by(offered)
        heard.clear()
        await offered.source.find(Subject(KEY, offered.known, CANARY), soon())
        said = told(CANARY, _text(heard))
        more, less = said - offered.source.discloses, offered.source.discloses - said
        expect(not more, f"it also tells {', '.join(sorted(more))}")
        expect(not less, f"it does not tell {', '.join(sorted(less))}, which it says it does")
        expect(KEY not in _text(heard), "it tells what the hub calls the person")


@check(
    "C36",
    "A fetch tells the partner its own ids, and nothing of the person",
    fix="Send subject.partner_ids only.",
)
async def fetch_tells_ids_only(bench: Bench) -> None:
    """The partner has its record; whatever else is said of the person it may not have known."""
    async with bench.opened() as offered:
        heard = heard_by(offered)
        await fetched(offered, Subject(KEY, (offered.known[0],), CANARY))
        said = told(CANARY, _text(heard))
        expect(not said, f"it tells {', '.join(sorted(said))}")
        expect(KEY not in _text(heard), "it tells what the hub calls the person")


@check("C37", "Nobody is named in an address", fix="Send persons in the body of a POST.")
async def nobody_in_an_address(bench: Bench) -> None:
    """Addresses stand in every access log on the way."""
    async with bench.opened() as offered:
        heard = heard_by(offered)
        await _use(offered)
        targets = " ".join(one.target for one in heard)
        for person in (CANARY, ADA, BEN):
            said = told(person, targets)
            expect(not said, f"{', '.join(sorted(said))} stands in an address")


@check("C38", "Nobody is named in what it logs or prints", fix="Log ids and reasons, never a value.")
async def nobody_in_the_log(bench: Bench) -> None:
    """Logs are kept longer, and read by more people, than any consent allows."""
    mark = bench.tap.mark()
    async with bench.opened() as offered:
        await _use(offered)
    for person in (CANARY, ADA, BEN):
        said = told(person, bench.tap.since(mark))
        expect(not said, f"{', '.join(sorted(said))} stands in the log")


@check("C39", "No secret shows in how it prints itself", fix="Keep secrets in connectors.config.Secret.")
async def no_secret_in_repr(bench: Bench) -> None:
    """A source is printed by debuggers and tracebacks."""
    async with bench.opened() as offered:
        shown = f"{offered.source!r} {offered.source} {[repr(v) for v in _parts(offered.source)]}"
        expect(not any(secret in shown for secret in offered.secrets), "a secret shows in its repr")


def _parts(source: object) -> Iterable[object]:
    """What a source holds that prints itself in a way of its own; plain texts do not."""
    return [value for value in getattr(source, "__dict__", {}).values() if not isinstance(value, str)]


@check(
    "C40", "No secret stands in the log or in an address", fix="Send it in a header, and do not log headers."
)
async def no_secret_in_the_log(bench: Bench) -> None:
    """Whoever reads the log could speak in the hub's name."""
    mark = bench.tap.mark()
    async with bench.opened() as offered:
        await _use(offered)
        targets = " ".join(one.target for one in offered.heard or ())
        shown = bench.tap.since(mark)
        for secret in offered.secrets:
            expect(secret not in shown, "a secret stands in the log")
            expect(secret not in targets, "a secret stands in an address")


@check("C41", "Half a person is not looked up", fix="Return no match unless all that is declared is known.")
async def half_a_person(bench: Bench) -> None:
    """Half a person finds the wrong one, and what is withheld must not be guessed from the rest."""
    async with bench.opened() as offered:
        _looked_up(offered)
        (offered.heard or []).clear()
        halves = [replace(CANARY, **{name: None}) for name in sorted(offered.source.discloses)]
        for person in (*halves, None):
            matches = await offered.source.find(Subject("p", (), person), soon())
            expect(matches == [], "it found somebody")
        expect(not offered.heard, "the partner was asked all the same")


@check(
    "C42",
    "The partner's own words reach neither log nor caller",
    fix="Raise SourceFailed with a code, from None.",
)
async def not_the_partners_words(bench: Bench) -> None:
    """An error text of a partner may name somebody."""
    async with bench.opened() as offered:
        for fault in FAULTS:
            if fault.name in _LOUD:
                await _quotes_nothing(bench, offered, fault)


async def _quotes_nothing(bench: Bench, offered: Offered, fault: WireFault) -> None:
    mark, shown = bench.tap.mark(), ""
    subject = Subject("p", (offered.known[0],), ADA)
    async with led(offered, fault.says) as (source, _):
        asking: list[Awaitable[object]] = [fetched(offered, subject, source=source)]
        if "find" in source.capabilities:
            asking.append(source.find(subject, soon()))
        for outcome in await asyncio.gather(*asking, return_exceptions=True):
            # Of what it raises beside SourceFailed the runtime says the type and the place only.
            other = isinstance(outcome, BaseException) and not isinstance(outcome, SourceFailed)
            shown += type(outcome).__name__ if other else f"{outcome} {outcome!r}"
    if WORDS in shown or WORDS in bench.tap.since(mark):
        raise Broken(f"after {fault.name} the partner's words came out")


async def _use(offered: Offered) -> None:
    """Everything that is asked of a partner on a usual day."""
    source = offered.source
    with contextlib.suppress(SourceFailed):
        await fetched(offered, Subject("p", offered.records, CANARY))
    if "find" in source.capabilities:
        for person in (CANARY, ADA):
            with contextlib.suppress(SourceFailed):
                await source.find(Subject("p", (), person), soon())
    await offered.runtime.check(source, soon())
    await offered.runtime.sync(source)
