"""Plain: what stands in one row and may all be told becomes an object of the answer in one step.

    {"date": …, "type": …} of the columns date_provided and type_provided

Such a step is written out as Python once and compiled: a loop over fields would take three times as long, and
most of an answer are such rows. Only names of the document (GraphQL names) and of columns stand in the text,
each as a Python literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.plan.plan import Field

Plain = Callable[[Mapping[Any, Any]], dict[str, Any]]
"""The values of a row -> the object, with null for every field that is not simply a column."""


def is_plain(field: Field) -> bool:
    """Whether a field is known once its row is: a column's value, or the name of the type."""
    return field.typename is not None or field.say is not None


def plain(fields: Iterable[Field]) -> Plain:
    """The step for these fields, in their order."""
    known: dict[str, Any] = {}
    entries = []
    for number, field in enumerate(fields):
        if field.typename is not None:
            said = repr(field.typename)
        elif field.say is not None:
            known[f"say{number}"] = field.say
            said = f"None if (value := row[{field.column!r}]) is None else say{number}(value)"
        else:
            said = "None"
        entries.append(f"{field.key!r}: ({said})")
    step: Plain = eval(f"lambda row: {{{', '.join(entries)}}}", known)  # noqa: S307 - see above
    return step
