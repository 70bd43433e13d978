"""Checks of `connector.toml` by itself and against the schema: C01 to C10."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from connectors.binding import unbound
from connectors.discovery import names_of
from connectors.kit.bench import Bench
from connectors.kit.checks import Broken, NotSetUp, cannot_be_seen, does_not_apply, expect, group
from connectors.query import PLACEHOLDER
from connectors.toml import Problem
from hmis.errors import InputRefused

check = group("manifest", "bronze")

_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https://\S+")
_LOOKS_SECRET = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9+/_=-]{20,}")


def _none(problems: Iterable[Problem]) -> None:
    told = "; ".join(str(problem) for problem in problems)
    if told:
        raise Broken(told)


def _at(bench: Bench, *pointers: str) -> list[Problem]:
    return [problem for problem in bench.problems if problem.pointer in pointers]


@check(
    "C01", "The manifest is there and is TOML", fix="Write connector.toml (docs/connectors.md explains it)."
)
async def is_toml(bench: Bench) -> None:
    """Nothing else can be looked at before this."""
    if bench.folder is None:
        does_not_apply("there is no manifest")
    _none(_at(bench, "file"))


@check("C02", "Every key is known and of the right form", fix="Mend each key named; all of them are.")
async def keys_are_right(bench: Bench) -> None:
    """A typo is not ignored: what was meant would silently not happen."""
    if bench.folder is None:
        does_not_apply("there is no manifest")
    others = (one for one in bench.problems if one.pointer not in ("file", "contract"))
    _none(problem for problem in others if not _may_be_a_secret(problem))


def _may_be_a_secret(problem: Problem) -> bool:
    """A text of [auth] where only the name of a secret may stand."""
    where, _, _ = problem.pointer.partition(".")
    return where == "auth" and problem.message.startswith(("must name a secret", "must name one secret"))


@check("C03", "It is written for a contract that this hub speaks", fix="Set contract as the refusal says.")
async def contract_is_spoken(bench: Bench) -> None:
    """This version and the one before are loaded; an older one would be misread."""
    if bench.folder is None:
        does_not_apply("there is no manifest")
    _none(_at(bench, "contract"))


@check("C04", "Its id is the name of its folder or entry point", fix="Give folder and id one name.")
async def one_name(bench: Bench) -> None:
    """The id stands in links, in settings and in answers; it is found by its folder."""
    manifest = bench.manifest
    assert bench.folder is not None
    names = names_of(bench.folder)
    expect(manifest.id in names, f"id is {manifest.id}, but its place says {' or '.join(sorted(names))}")


@check(
    "C05", "The schema has every noun and field it supplies, with this type", fix="Use the schema's names."
)
async def schema_has_them(bench: Bench) -> None:
    """What the schema has no place for would be fetched, which discloses, and then shown to nobody."""
    problems = unbound(bench.manifest.supplies.values(), bench.catalog)
    _none(problem for problem in problems if not problem.pointer.endswith(".category"))


@check("C06", "Each noun has the consent category of the schema", fix="Set category as the schema has it.")
async def category_is_the_schemas(bench: Bench) -> None:
    """The category decides whose consent opens the facts; two opinions about it would be a leak."""
    problems = unbound(bench.manifest.supplies.values(), bench.catalog)
    _none(problem for problem in problems if problem.pointer.endswith(".category"))


@check("C07", "No secret is written in it", fix='Declare it in [config] as { type = "secret" } and name it.')
async def no_secret_inside(bench: Bench) -> None:
    """Manifests are copied, mailed and committed; a secret's only place is the operator's environment."""
    _none(problem for problem in bench.problems if _may_be_a_secret(problem))
    assert bench.manifest
    assert bench.folder is not None
    auth = tomllib.loads((bench.folder / "connector.toml").read_text(encoding="utf-8")).get("auth", {})
    plain = ("scheme", "header", "algorithm", "token_url", "scope", "key_header", "signed_headers", "user")
    for name, value in auth.items():
        literal = PLACEHOLDER.sub("", value) if isinstance(value, str) else ""
        if name not in plain and (value == literal or _LOOKS_SECRET.search(literal)):
            raise Broken(f"auth.{name} holds a text where it should name a secret of [config]")
    for key in bench.manifest.config.values():
        if isinstance(key.default, str) and _LOOKS_SECRET.fullmatch(key.default):
            raise Broken(f"config.{key.name}.default looks like a secret")


@check(
    "C08",
    "It can be set up, with whatever code it needs",
    fix="Write source.py with build() and kit.py with offered().",
)
async def can_be_set_up(bench: Bench) -> None:
    """A connector with code that offers no partner to prove it against would be green unseen."""
    transforms = [one.transform for one in bench.manifest.operations.values()] if bench.folder else []
    try:
        for written in filter(None, transforms):
            assert bench.partner is not None
            bench.partner.function(written)
        async with bench.opened():
            pass
    except (NotSetUp, InputRefused) as fault:
        raise Broken(str(fault)) from None


@check(
    "C09",
    "Somebody can be written to about it",
    fix="Set owner to a mail or https address.",
    level="platinum",
)
async def owner_answers(bench: Bench) -> None:
    """When a partner changes something at night, somebody has to be told."""
    owner = bench.manifest.owner
    expect(_CONTACT.fullmatch(owner) is not None, "owner is neither a mail address nor an https address")
    if "example.org" in owner:
        cannot_be_seen("owner is an example, and nobody answers there")


@check("C10", "It says how fresh each noun is", fix="Set freshness, as in 24h.", level="platinum")
async def freshness_is_stated(bench: Bench) -> None:
    """Without it nobody can tell old facts from new ones."""
    without = [noun for noun, supply in bench.manifest.supplies.items() if supply.freshness is None]
    expect(not without, f"{', '.join(without)} has no freshness")
