"""What a check of the kit is: a number that stays, what it proves, what mends it, and how it went."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn, get_args

if TYPE_CHECKING:
    from connectors.kit.bench import Bench

Group = Literal["manifest", "samples", "contract", "privacy", "faults", "care", "capabilities", "quality"]
Level = Literal["bronze", "silver", "gold", "platinum"]
LEVELS: tuple[Level, ...] = get_args(Level)
State = Literal["PASS", "FAIL", "SKIP"]

Run = Callable[["Bench"], Awaitable[None]]


class Broken(Exception):
    """A promise is not kept. The text says what was seen, and where; it never quotes a record."""


class Skipped(Exception):
    """proved: there is nothing to prove. Not proved: there is, and it could not be looked at."""

    def __init__(self, reason: str, *, proved: bool) -> None:
        super().__init__(reason)
        self.proved = proved


class NotSetUp(Skipped):
    """The connector cannot be set up at all, which one check says for all of them."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, proved=False)


def does_not_apply(reason: str) -> NoReturn:
    raise Skipped(reason, proved=True)


def cannot_be_seen(reason: str) -> NoReturn:
    raise Skipped(reason, proved=False)


def expect(kept: bool, otherwise: str) -> None:
    if not kept:
        raise Broken(otherwise)


@dataclass(frozen=True, slots=True)
class Check:
    """id: stable; a check that goes takes its number with it. title: the promise. docs: why it is asked."""

    id: str
    group: Group
    level: Level
    title: str
    docs: str
    fix: str
    run: Run


@dataclass(frozen=True, slots=True)
class Result:
    """reason: what was seen, or why nothing could be."""

    check: Check
    state: State
    reason: str = ""
    proved: bool = True


CHECKS: dict[str, Check] = {}
"""By id. Filled by `connectors.kit.running`, which knows every group."""


def group(name: Group, level: Level) -> Callable[..., Callable[[Run], Run]]:
    """The decorator of one file of checks: `@check("C20", "the promise", fix="what mends it")`."""

    def check(id: str, title: str, *, fix: str, level: Level = level) -> Callable[[Run], Run]:
        def add(run: Run) -> Run:
            if id in CHECKS:
                raise AssertionError(f"two checks are called {id}")
            docs = " ".join((inspect.getdoc(run) or "").split())
            CHECKS[id] = Check(id, name, level, title, docs, fix, run)
            return run

        return add

    return check
