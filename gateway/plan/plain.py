"""Plain: what stands in one row and may be told becomes an object of the answer in one step.

    {"date": …, "type": …} of the columns date_provided and type_provided

Such a step is written out as Python once and compiled: a loop over fields would take three times as long, and
most of an answer are such rows. Only names of the document (GraphQL names) and of columns stand in the text,
each as a Python literal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from auth.categories import Category
from auth.consent import Opened
from gateway.plan.leaves import Unsaid
from hmis import labels
from hmis.spec import FILES

if TYPE_CHECKING:
    from gateway.plan.plan import Field

Plain = Callable[[Mapping[Any, Any]], dict[str, Any]]
"""The values of a row -> the object, with null for every field that is not simply of columns."""
Shared = Callable[[Mapping[Any, Any], Opened], dict[str, Any]]
"""The same, of a row that another agency entered: what its labels close is null."""


def is_plain(field: Field) -> bool:
    """Whether a field is known once its row is: of columns' values, or the name of the type."""
    return field.typename is not None or field.say is not None


def plain(fields: Iterable[Field]) -> Plain:
    """The step for these fields, in their order."""
    step: Plain = _step(fields, "row", lambda _, column: f"row[{column!r}]", {})
    return step


def shared(fields: Iterable[Field], file: str) -> Shared:
    """The step for these fields of a file, each value as `resolvers.rows.Record.fact` tells it."""
    known: dict[str, Any] = {}

    def told(field: Field, column: str) -> str:
        if field.category is None:
            return f"row[{column!r}]"
        if file != "Client" and column == FILES[file].key.attr:
            return "None"
        if not any(labels.of_column(file, column)):
            return f"row[{column!r}]"
        place = len(known)
        known[f"told{place}"] = partial(_unless_labelled, file, column, field.category)
        return f"told{place}(row, opened)"

    step: Shared = _step(fields, "row, opened", told, known)
    return step


def _unless_labelled(
    file: str, column: str, category: Category, row: Mapping[Any, Any], opened: Opened
) -> Any:
    value = row[column]
    return value if opened.shows(category, labels.of_value(file, column, value)) else None


def _never_null() -> None:
    raise Unsaid


def _step(
    fields: Iterable[Field], parameters: str, told: Callable[[Field, str], str], known: dict[str, Any]
) -> Callable[..., dict[str, Any]]:
    known["never_null"] = _never_null
    entries = []
    for number, field in enumerate(fields):
        if field.typename is not None:
            entries.append(f"{field.key!r}: {field.typename!r}")
            continue
        if field.say is None:
            entries.append(f"{field.key!r}: None")
            continue
        columns = field.columns or () if field.said is not None else (field.column or "",)
        value = ", ".join(told(field, column) for column in columns)
        if field.said is not None:
            known[f"said{number}"] = field.said
            value = f"said{number}({value})"
        known[f"say{number}"] = field.say
        otherwise = "never_null()" if field.never_null else "None"
        entries.append(f"{field.key!r}: ({otherwise} if (value := {value}) is None else say{number}(value))")
    text = f"lambda {parameters}: {{{', '.join(entries)}}}"
    step: Callable[..., dict[str, Any]] = eval(text, known)  # noqa: S307 - see above
    return step
