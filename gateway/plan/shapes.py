"""Shapes: how values become what stands in the answer: leaf, list, object, what is never null."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gateway.plan.leaves import Say, Unsaid
from gateway.plan.plan import Complete, Selection

if TYPE_CHECKING:
    from gateway.plan.running import Run


def as_it_is(_run: Run, value: Any) -> Any:
    return value


def leaf(say: Say) -> Complete:
    def complete(_run: Run, value: Any) -> Any:
        return None if value is None else say(value)

    return complete


def object_of(selection: Selection) -> Complete:
    def complete(run: Run, value: Any) -> Any:
        return None if value is None else run.object_of(selection, value)

    return complete


def list_of(one: Complete) -> Complete:
    def complete(run: Run, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, str) or not isinstance(value, Iterable):
            raise Unsaid
        return [one(run, each) for each in value]

    return complete


def never_null(inner: Complete) -> Complete:
    def complete(run: Run, value: Any) -> Any:
        said = inner(run, value)
        if said is None:
            raise Unsaid
        return said

    return complete
