"""The two kinds of field: personal, which tells of somebody and asks consent first, and public.

`personal` names the consent category a fact needs. The check happens here and nowhere else: a field whose
category the row does not allow answers null, and the answer says so once, unless saying it would tell. A
schema in which a field about a person names no category does not start (`schema/check.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum, EnumMeta
from functools import cached_property
from inspect import signature
from typing import Any

import strawberry
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info as StrawberryInfo
from strawberry.utils.str_converters import to_camel_case

from auth.categories import Category
from hmis.spec import FILES
from resolvers.request import Request
from schema.costing import Cost, listed, paged

Info = StrawberryInfo[Request, None]
"""What every resolver is given beside its row and arguments."""

Said = Callable[..., Any]
"""The values of columns -> what the field says."""

Rows = Callable[[Request, Any], Awaitable[Any]]
"""A resolver that needs only the request and the row it stands on."""

AtOnce = Callable[..., Any]
"""(request, row, **arguments) -> rows that were read ahead, or `resolvers.ahead.NOT_READ`."""

# What many nouns have alike is said alike.
IDENTIFIER = "What its source system calls it"
OWN_IDENTIFIER = f"{IDENTIFIER}; told to the agency that entered it"
STAGE = "When during the stay it was asked"
RECORDED = "When it was first recorded, by the clock of its source system"
UPDATED = "When it was last changed, by the clock of its source system"

_CUT_BY = "first"
"""The argument that says how much of a list is asked for."""
_CATEGORY, _COLUMN, _HUD, _SUPPLIED = "category", "column", "hud", "supplied"
_ROWS, _AT_ONCE, _BY_GET = "rows", "at_once", "by_get"
_SAID, _COLUMNS = "said", "columns"


class HubField(StrawberryField):
    """A field that reads a row: by resolver or by column, with codes turned into their words."""

    @property
    def category(self) -> Category | None:
        """The consent category it needs; None where it tells nothing of a person."""
        return self.metadata.get(_CATEGORY)

    @property
    def hud(self) -> tuple[str, ...]:
        """The HUD columns it tells: `Client.DOB`. A test holds that every column is told somewhere."""
        return tuple(self.metadata.get(_HUD, ()))

    @property
    def is_supplied(self) -> bool:
        """Whether partners fill it."""
        return bool(self.metadata.get(_SUPPLIED))

    @property
    def is_by_get(self) -> bool:
        """Whether it may be asked by GET, which leaves what is asked in logs."""
        return bool(self.metadata.get(_BY_GET))

    @property
    def rows(self) -> Rows | None:
        """The resolver (request, row) -> rows that it was declared with, if with one."""
        return self.metadata.get(_ROWS)

    @property
    def at_once(self) -> AtOnce | None:
        """Its resolver without waiting, for where rows were read ahead; None = it has none."""
        return self.metadata.get(_AT_ONCE)

    @property
    def said(self) -> Said | None:
        """What makes its value of those of `columns`, where it is not simply a column."""
        return self.metadata.get(_SAID)

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The columns that `said` or the resolver reads. None = the resolver does not tell."""
        return self.metadata.get(_COLUMNS)

    @cached_property
    def supplied_as(self) -> str:
        """What manifests call it: its name in GraphQL."""
        return to_camel_case(self.python_name)

    @property
    def is_basic_field(self) -> bool:
        return False

    @cached_property
    def words(self) -> EnumMeta | None:
        """The enum a HUD code is to be said in, if the field's type is one."""
        kind = self.type
        while isinstance(kind, StrawberryOptional | StrawberryList):
            kind = kind.of_type
        return kind.wrapped_cls if isinstance(kind, StrawberryEnumDefinition) else None

    def say(self, value: Any) -> Any:
        """A stored code as its enum member. A code that HUD's list lacks has no word: null."""
        if self.words is None or value is None or isinstance(value, Enum):
            return value
        if isinstance(value, list | tuple):
            return [self.say(one) for one in value]
        return self.words._value2member_map_.get(value)

    @cached_property
    def own_column(self) -> str:
        """The column it reads where nothing resolves it."""
        column: str = self.supplied_as if self.is_supplied else self.metadata[_COLUMN] or self.python_name
        return column

    def read(self, source: Any) -> Any:
        """The value of the field's own column."""
        if self.said is not None:
            return self.said(*(source.fact(self.category, column) for column in self.columns or ()))
        column = self.own_column
        if self.category is not None:
            return self.say(source.fact(self.category, column))
        return self.say(source.values[column])

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        category = self.category
        if category is not None:
            field_name = f"{info._raw_info.parent_type.name}.{info.field_name}"
            if not info.context.sees(source, category, field_name):
                return None
        if self.base_resolver is None:
            return self.read(source)
        return super().get_result(source, info, args, kwargs)


def personal(
    category: Category,
    description: str,
    resolver: Callable[..., Any] | None = None,
    *,
    rows: Rows | None = None,
    at_once: AtOnce | None = None,
    said: Said | None = None,
    columns: str | None = None,
    hud: str = "",
    column: str = "",
    deprecated: str | None = None,
    size: int = 0,
    weight: int = 0,
) -> Any:
    """A fact about a person, or an edge to such facts; null where consent does not reach.

    Args:
        category: the one consent category it needs.
        description: what a case worker would call it; the HUD element number is added from `hud`.
        resolver: a function with GraphQL arguments, where the value is not simply a column.
        rows: instead of `resolver`, a function (request, row) -> rows.
        at_once: the same as `resolver` without waiting, where rows were read ahead.
        said: instead of `resolver`, a function that makes the value of those of `columns`.
        columns: what `said` or `resolver` reads of the row, with spaces between. A resolver that leaves it
            out may read any column, unless `hud` tells which.
        hud: the column it tells, `IncomeBenefits.SNAP`; several with spaces between.
        column: the row's column, where it is neither HUD's nor called like the field.
        size: of a list of objects: how long it is taken to be when the cost of an operation is added up.
        weight: what it costs to resolve, where that is not 1 for objects and nothing for leaves.
    """
    return _field(
        category,
        description,
        resolver,
        rows,
        hud,
        column,
        deprecated,
        size,
        weight,
        at_once=at_once,
        said=said,
        reads=columns,
    )


def supplied(category: Category | None, description: str) -> Any:
    """A fact that partners supply, named in manifests as in GraphQL. category None = it is of nobody."""
    return _field(category, description, None, None, "", "", None, 0, 0, supplied=True)


def public(
    description: str,
    resolver: Callable[..., Any] | None = None,
    *,
    rows: Rows | None = None,
    hud: str = "",
    column: str = "",
    deprecated: str | None = None,
    size: int = 0,
    weight: int = 0,
    by_get: bool = False,
) -> Any:
    """A fact about no person: of a project, an organization, a source, or the viewer themselves.

    size, weight: as for `personal`.
    by_get: a question may begin here by GET, since neither answer nor arguments tell of anybody.
    """
    return _field(None, description, resolver, rows, hud, column, deprecated, size, weight, by_get=by_get)


def _field(
    category: Category | None,
    description: str,
    resolver: Callable[..., Any] | None,
    rows: Rows | None,
    hud: str,
    column: str,
    deprecated: str | None,
    size: int,
    weight: int,
    *,
    supplied: bool = False,
    at_once: AtOnce | None = None,
    by_get: bool = False,
    said: Said | None = None,
    reads: str | None = None,
) -> HubField:
    columns = [FILES[file].by_name[name] for file, _, name in (place.partition(".") for place in hud.split())]
    told = [element for column in columns for element in column.element.split(",") if element]
    elements = list(dict.fromkeys(told))
    if rows is not None:
        resolver = _edge(rows)
    return HubField(
        description=f"{description}. HUD {', '.join(elements)}" if elements else description,
        base_resolver=StrawberryResolver(resolver) if resolver else None,
        deprecation_reason=deprecated,
        directives=_costs(resolver, size, weight),
        metadata={
            _CATEGORY: category,
            _COLUMN: columns[0].attr if len(columns) == 1 else column,
            _HUD: tuple(hud.split()),
            _SUPPLIED: supplied,
            _ROWS: rows,
            _AT_ONCE: at_once or getattr(rows, "at_once", None),
            _BY_GET: by_get,
            _SAID: said,
            _COLUMNS: None if reads is None else tuple(reads.split()),
        },
    )


def _costs(resolver: Callable[..., Any] | None, size: int, weight: int) -> list[object]:
    """What the schema says of its cost. What is cut into pages says so by its argument."""
    told: list[object] = [Cost(weight=str(weight))] if weight else []
    if resolver is not None and _CUT_BY in signature(resolver).parameters:
        told.append(paged(_CUT_BY))
    elif size:
        told.append(listed(size))
    return told


def _edge(rows: Rows) -> Callable[..., Any]:
    async def edge(root: strawberry.Parent[Any], info: Info) -> Any:
        return await rows(info.context, root)

    return edge


def argument(description: str, reads: Category | None = None) -> Any:
    """The description of an argument: `first: Annotated[int, argument("…")] = 25`.

    `reads`: the consent category of the field it filters, orders or looks up people by.
    """
    return strawberry.argument(description=description, metadata={_CATEGORY: reads})


def filtering(category: Category, description: str, hud: str = "") -> Any:
    """One condition of a filter on people: it names the category of the field it reads, and needs it.

    Args:
        category: the one consent category of what it reads.
        description: what a case worker would call it; the category and the HUD element are added.
        hud: the number of the HUD element.
    """
    told = f"{description}; needs {category.name}"
    return strawberry.field(
        default=None,
        description=f"{told}. HUD {hud}" if hud else told,
        metadata={_CATEGORY: category},
    )
