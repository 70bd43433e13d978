"""Checks of the samples and of what is read in them: C11 to C20."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from connectors.base import Failed, Found, Outcome, Row, Subject
from connectors.kit.bench import Bench, fetched, led, soon
from connectors.kit.checks import Broken, Skipped, cannot_be_seen, does_not_apply, expect, group
from connectors.kit.offered import ADA, Offered
from connectors.kit.samples import CASES, Sample, leaves, plain, records, written
from hmis.errors import FailureCode, SourceFailed

check = group("samples", "bronze")

_MAIL = re.compile(r"[\w.+-]+@([\w-]+\.)*([\w-]+\.[A-Za-z]{2,})")
_MADE_UP_MAIL = re.compile(r"example\.(org|com|net)|[\w-]+\.(example|test|invalid)")  # RFC 2606
_SSN = re.compile(r"\b(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}\b")
_PHONE = re.compile(r"(?:\(\d{3}\)\s?|\b\d{3}[-.])(?!555[-.]01)\d{3}[-.]\d{4}\b")


def _sample(bench: Bench, op: str, case: str) -> Sample:
    sample = bench.samples.get(op, case)
    if sample is None:
        if bench.of_nobody:
            does_not_apply("it holds records of nobody")
        cannot_be_seen(f"samples/{op}.json has no {case} answer")
    return sample


@check(
    "C11",
    "Fetch and look-up have a normal and an empty sample",
    fix="Put answers of the partner into samples/.",
)
async def samples_are_there(bench: Bench) -> None:
    """They are what mapping, mock and page are made of."""
    manifest = bench.manifest
    if bench.of_nobody:
        does_not_apply("it holds records of nobody")
    if not bench.declarative and not bench.samples.get("fetch", "normal"):
        cannot_be_seen("there is no samples/fetch.json")
    looked_up = [manifest.matching.op] if bench.declarative and manifest.matching else []
    wanted = ["fetch", *looked_up]
    missing = [f"{op}: {case}" for op in wanted for case in CASES[:2] if bench.samples.get(op, case) is None]
    expect(not missing, f"there is no sample of {', '.join(missing)}")


@check(
    "C12", "Every sample has status, body and expect", fix="Write them as connectors/kit/samples.py shows."
)
async def samples_are_well_formed(bench: Bench) -> None:
    """A sample that nothing is expected of proves nothing."""
    if bench.folder is None:
        does_not_apply("there is no manifest")
    expect(not bench.samples.problems, "; ".join(bench.samples.problems))


async def _read(bench: Bench, sample: Sample) -> dict[str, Outcome]:
    async with bench.opened() as offered:
        return await _reads(bench, offered, sample)


async def _reads(bench: Bench, offered: Offered, sample: Sample, body: Any = None) -> dict[str, Outcome]:
    """The outcomes when the partner says this, or another body in its place."""
    expected = bench.samples.get("fetch", "normal")
    ids = list(expected.expect) if expected and isinstance(expected.expect, dict) else ["H-1"]
    ids = list(sample.ids) or ids
    async with led(offered, *sample.said(body)) as (source, _):
        return await fetched(offered, *(Subject(one, (one,)) for one in ids), source=source)


@check("C13", "The normal sample of fetch reads as expected", fix="Mend the paths, or what is expected.")
async def normal_reads(bench: Bench) -> None:
    """The mapping is right when somebody has written down what should come out, and it does."""
    assert bench.manifest
    sample = _sample(bench, "fetch", "normal")
    expect(isinstance(sample.expect, dict) and bool(sample.expect), "expect names no id")
    outcomes = await _read(bench, sample)
    for value, expected in sample.expect.items():
        outcome = outcomes.get(value)
        if not isinstance(outcome, Found):
            what = outcome.code if isinstance(outcome, Failed) else type(outcome).__name__
            raise Broken(f"record {value} came back as {what}")
        read = written(outcome.rows, expected)
        if read != expected:
            raise Broken(f"record {value}: {', '.join(_differing(read, expected))} read otherwise")


def _differing(read: Any, expected: Any) -> list[str]:
    if isinstance(read, dict) and isinstance(expected, dict):
        return sorted(n for n in read.keys() | expected.keys() if read.get(n, ...) != expected.get(n, ...))
    return ["the rows"]


@check("C14", "The empty sample of fetch finds nobody", fix="Mend items, or the sample.")
async def empty_finds_nobody(bench: Bench) -> None:
    """ "We know nobody" is an answer, and no fault."""
    assert bench.manifest
    outcomes = await _read(bench, _sample(bench, "fetch", "empty"))
    others = {type(one).__name__ for one in outcomes.values()} - {"NotFound"}
    expect(not others, f"it read {', '.join(sorted(others))}")


@check("C15", "The samples of find read as expected", fix="Mend items, key and score of the look-up.")
async def find_reads(bench: Bench) -> None:
    """A score read wrongly links the wrong person."""
    matching = bench.manifest.matching
    if matching is None:
        does_not_apply("nobody is looked up")
    for case in CASES[:2]:
        sample = _sample(bench, matching.op, case)
        async with bench.facing(*sample.said()) as (source, _, _):
            matches = await source.find(Subject("p", person=ADA), soon())
        width = 3 if any(len(one) == 3 for one in sample.expect) else 2
        read = [[match.value, match.score, plain(match.dob)][:width] for match in matches]
        expect(read == sample.expect, f"{case}: the matches read otherwise")


@check("C16", "The error samples have the code they expect", fix="Set expect to the code.", level="platinum")
async def errors_have_their_code(bench: Bench) -> None:
    """Every partner says "no" in its own way; here is written down what this one's means."""
    manifest = bench.manifest
    matching = manifest.matching.op if manifest.matching else "find"
    for op in ("fetch", *([matching] if manifest.matching else [])):
        sample = _sample(bench, op, "error")
        async with bench.facing(*sample.said()) as (source, _, offered):
            try:
                if op == "fetch":
                    outcomes = await fetched(offered, Subject("p", ("H-1",)), source=source)
                    codes = {one.code for one in outcomes.values() if isinstance(one, Failed)}
                else:
                    await source.find(Subject("p", person=ADA), soon())
                    codes = set[FailureCode]()
            except SourceFailed as failed:
                codes = {failed.code}
        told = ", ".join(sorted(codes)) or "no fault"
        expect(codes == {sample.expect}, f"{op}: it is taken for {told}")


@check("C17", "Every supplied field has a value in some sample", fix="Add a record that has it.")
async def fields_are_shown(bench: Bench) -> None:
    """A field that no sample has could be mapped to anything."""
    manifest = bench.manifest
    sample = _sample(bench, "fetch", "normal")
    shown = {str(path[-1]) for path, value in leaves(sample.expect) if value is not None}
    shown |= {str(step) for path, _ in leaves(sample.expect) for step in path[1:] if isinstance(step, str)}
    # Code may ask something else for each noun; its sample is of the first one.
    first, *others = manifest.supplies.values()
    looked_at = [first, *others] if bench.declarative else [first]
    without = {f"{s.noun}.{name}" for s in looked_at for name in s.fields if name not in shown}
    expect(not without, f"no sample has {', '.join(sorted(without))}")
    if others and not bench.declarative:
        cannot_be_seen(f"samples/fetch.json is of {first.noun} alone")


@check(
    "C18", "The samples name nobody", fix="Use example.org, 555-01.. and numbers that are never given out."
)
async def samples_are_made_up(bench: Bench) -> None:
    """Samples are committed. A mail address, telephone or Social Security number that could be somebody's
    has no place in them; `connector record` writes none."""
    if bench.folder is None:
        does_not_apply("there is no manifest")
    for sample in bench.samples:
        for path, value in leaves(sample.body):
            text = str(value)
            mail = _MAIL.search(text)
            where = ".".join(str(step) for step in path)
            if mail and not _MADE_UP_MAIL.fullmatch(mail[2]) and not _MADE_UP_MAIL.search(mail[0]):
                raise Broken(
                    f"{sample.op}, {sample.case}: {where} holds a mail address that could be somebody's"
                )
            if _SSN.search(text) or _PHONE.search(text):
                raise Broken(f"{sample.op}, {sample.case}: {where} holds a number that could be somebody's")


def _known_records(bench: Bench, body: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each record of the sample that is expected to be read, in the document itself."""
    expected = _sample(bench, "fetch", "normal").expect
    for value in expected if isinstance(expected, dict) else ():
        for record in records(body, {value}):
            yield value, record


def _keys(row: Row) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.values.items()}


@check(
    "C19",
    "What the partner did not speak of is absent, and null is null",
    fix="Leave the field out of the row.",
)
async def absent_is_not_null(bench: Bench) -> None:
    """ "No visits" and "we were not told" are two facts; whoever reads the profile must not take one for the
    other. A record that lacks something may also be BAD_DATA, but nothing may be made up in its place."""
    assert bench.manifest
    sample = _sample(bench, "fetch", "normal")
    ids = list(sample.expect) if isinstance(sample.expect, dict) else []
    keys = {
        (v, key) for v, record in _known_records(bench, sample.body) for key in record if record[key] != v
    }
    if not keys:
        cannot_be_seen("no record of the sample could be told by its id")
    async with bench.opened() as offered:
        before = await _reads(bench, offered, sample)
        for value, key in sorted(keys):
            if value not in ids or not isinstance(before.get(value), Found):
                continue
            for put in (..., None):
                body = copy.deepcopy(sample.body)
                for other, record in _known_records(bench, body):
                    if other == value and key in record:
                        _take(record, key, put)
                after = (await _reads(bench, offered, sample, body)).get(value)
                _not_made_up(before[value], after, key, put is ...)


def _take(record: dict[str, Any], key: str, put: object) -> None:
    if put is ...:
        del record[key]
    else:
        record[key] = put


def _not_made_up(before: Outcome, after: Outcome | None, key: str, removed: bool) -> None:
    if isinstance(after, Failed) and after.code is FailureCode.BAD_DATA:
        return
    if not isinstance(after, Found) or not isinstance(before, Found):
        what = after.code if isinstance(after, Failed) else type(after).__name__
        raise Broken(f"a record without {key} came back as {what}")
    for was, row in zip(before.rows, after.rows, strict=False):
        had, has = _keys(was), _keys(row)
        for name, value in has.items():
            if value == had.get(name, ...):
                continue
            if removed:
                raise Broken(f"the partner did not say {key}, and {name} is there all the same")
            if value not in (None, []):
                raise Broken(f"{key} is null, and {name} was made up")


@check("C20", 'A code nobody told us of becomes the word of "*"', fix='Give the map a "*" line, or catch it.')
async def unknown_codes_are_taken(bench: Bench) -> None:
    """Partners add codes without telling. One may cost its own record (BAD_DATA), never the others."""
    manifest = bench.manifest
    maps = [
        field.map for supply in manifest.supplies.values() for field in supply.fields.values() if field.map
    ]
    if not maps:
        does_not_apply("no field has a map")
    sample = _sample(bench, "fetch", "normal")
    codes = {code for one in maps for code in one}
    stars = {one["*"] for one in maps if "*" in one}
    body = copy.deepcopy(sample.body)
    changed = sum(_rename(record, codes) for _, record in list(_known_records(bench, body))[:1])
    if not changed:
        cannot_be_seen("the first record of the sample has no code of a map")
    first, *others = list(sample.expect)
    async with bench.opened() as offered:
        try:
            outcomes = await _reads(bench, offered, sample, body)
        except Skipped:
            raise
        except Exception as fault:
            name = fault.code if isinstance(fault, SourceFailed) else type(fault).__name__
            raise Broken(f"one unknown code cost the whole answer ({name})") from None
    for other in others:
        expect(isinstance(outcomes.get(other), Found), "a code in one record cost another record")
    outcome = outcomes.get(first)
    if isinstance(outcome, Failed):
        expect(outcome.code is FailureCode.BAD_DATA, f"the record is {outcome.code}, not BAD_DATA")
        expect(len(stars) < len(maps), 'there is a "*", and the record is lost all the same')
        return
    said = {v for row in outcome.rows for _, v in leaves(_keys(row))} if isinstance(outcome, Found) else set()
    expect(_STRANGE not in said, "the partner's own code came through")
    expect(bool(stars & said) or not stars, 'no field has the word of "*"')


_STRANGE = "CODE-NOBODY-TOLD-US-OF"


def _rename(tree: Any, codes: set[str]) -> int:
    count = 0
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        if isinstance(value, dict | list):
            count += _rename(value, codes)
        elif isinstance(value, str) and value in codes:
            tree[key] = _STRANGE
            count += 1
    return count
