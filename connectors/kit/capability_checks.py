"""Checks of what a connector declares beside fetch, proved both ways: C67 to C72."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from connectors.base import Failed, Source, Subject, Submission
from connectors.kit.bench import Bench, soon
from connectors.kit.checks import Broken, cannot_be_seen, does_not_apply, expect, group
from connectors.kit.offered import ADA, CANARY
from connectors.kit.privacy_checks import told
from hmis.errors import FailureCode, SourceFailed
from hmis.referral_states import Status

check = group("capabilities", "silver")

_MOST_PAGES = 50


def _submission(partner_id: str | None = None) -> Submission:
    return Submission("REFERRAL", "key-of-one-submission", "SENT", partner_id, ADA)


CALLS: dict[str, Callable[[Source], Awaitable[object]]] = {
    "find": lambda source: source.find(Subject("p", (), ADA), soon()),
    "check": lambda source: source.check(soon()),
    "sync": lambda source: source.sync(),
    "changes": lambda source: source.changes(None, soon()),
    "submit": lambda source: source.submit(_submission(), soon()),
    "track": lambda source: source.track(("no-such-referral",), soon()),
}
"""How each capability is used."""


@check(
    "C67",
    "A declared look-up finds the person, and nobody else",
    fix="Return the partner's own ids and scores.",
)
async def find_finds(bench: Bench) -> None:
    """A look-up that finds everybody links people to strangers."""
    async with bench.opened() as offered:
        source = offered.source
        if "find" not in source.capabilities:
            does_not_apply("find is not declared")
        if offered.people is None:
            cannot_be_seen("kit.py does not say which `people` are found under the known ids")
        for value, person in zip(offered.known, offered.people, strict=True):
            matches = await source.find(Subject("p", (), person), soon())
            good = [match.value for match in matches if match.score >= source.acceptance.min_score]
            expect(good == [value], f"of one person {len(good)} records were found that would be believed")
            expect(all(0 <= match.score <= 100 for match in matches), "a score is not 0 to 100")
        expect(await source.find(Subject("p", (), CANARY), soon()) == [], "somebody unknown was found")


@check(
    "C68", "A declared check answers, and names nobody", fix="Ask the partner something that is about nobody."
)
async def check_answers(bench: Bench) -> None:
    """Operators ask it all day long."""
    async with bench.opened() as offered:
        if "check" not in offered.source.capabilities:
            does_not_apply("check is not declared")
        (offered.heard or []).clear()
        failed = await offered.runtime.check(offered.source, soon())
        expect(failed is None, f"it says {failed.code if failed else ''}")
        heard = "".join(one.everything for one in offered.heard or ())
        expect(not told(ADA, heard) and not any(v in heard for v in offered.records), "it names somebody")


@check("C69", "A declared sync may be repeated", fix="Remember what was taken; take it once.")
async def sync_repeats(bench: Bench) -> None:
    """It runs every few minutes, and may be killed at any point."""
    async with bench.opened() as offered:
        if "sync" not in offered.source.capabilities:
            does_not_apply("sync is not declared")
        await offered.runtime.sync(offered.source)
        again = await offered.runtime.sync(offered.source)
        if isinstance(again, Failed):
            raise Broken(f"the second time it says {again.code}")
        expect(again.state in ("UNCHANGED", "NOTHING"), f"the second time it is {again.state}")


@check(
    "C70", "Declared changes come to an end, and a cursor may be used again", fix="Page until more is false."
)
async def changes_end(bench: Bench) -> None:
    """A hub that stopped half-way begins again at its cursor."""
    async with bench.opened() as offered:
        source = offered.source
        if "changes" not in source.capabilities:
            does_not_apply("changes is not declared")
        cursor: str | None = None
        seen: set[str | None] = set()
        for _ in range(_MOST_PAGES):
            page = await source.changes(cursor, soon())
            again = await source.changes(cursor, soon())
            expect(again.changed == page.changed, "the same cursor gave another page")
            if not page.more:
                return
            expect(page.cursor not in seen, "a cursor came back, and more is said to follow")
            seen.add(cursor := page.cursor)
        raise Broken(f"there were more than {_MOST_PAGES} pages")


@check(
    "C71",
    "A declared submission is taken once, and can be asked after where that is declared",
    fix="Send the submission's key; let the partner tell by it.",
)
async def submission_once(bench: Bench) -> None:
    """Whatever dies in between, a referral is one referral."""
    async with bench.opened() as offered:
        source = offered.source
        if "submit" not in source.capabilities:
            does_not_apply("submit is not declared")
        first = await source.submit(_submission(offered.known[0]), soon())
        expect(bool(first.reference), "its receipt has no reference")
        expect(first.status in set(Status), "its receipt has a status that is no word of ours")
        if source.honours_keys:
            second = await source.submit(_submission(offered.known[0]), soon())
            expect(second.reference == first.reference, "the same key was taken twice")
        if "track" in source.capabilities:
            asked = (first.reference, f"{first.reference}-not-there")
            expect((await source.track(asked, soon())).keys() == {first.reference}, "it is tracked otherwise")


@check(
    "C72",
    "What is not declared is not supported",
    fix="Declare the capability, or inherit Source's own method.",
)
async def undeclared_is_not_supported(bench: Bench) -> None:
    """A capability that works undeclared was agreed on with nobody."""
    async with bench.opened() as offered:
        for name, call in CALLS.items():
            if name in offered.source.capabilities:
                continue
            try:
                await call(offered.source)
            except SourceFailed as failed:
                if failed.code is FailureCode.NOT_SUPPORTED:
                    continue
                raise Broken(f"{name} is not declared, and says {failed.code}") from None
            except Exception as failed:
                raise Broken(f"{name} is not declared, and raises {type(failed).__name__}") from None
            raise Broken(f"{name} is not declared, and works")
