"""Plan: what answers one operation, with everything worked out that does not depend on the caller.

    query Q($id: ID!) { client(id: $id) { name { first } } }

becomes a tree of selections: which fields stand in an object, in their order, under which response keys,
which consent categories they need together, how each reads its row, and how what it read is said. What a
variable changes is worked out once for each request; what only a row changes, once for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from auth.categories import Category
from gateway.plan.leaves import Say
from gateway.plan.plain import Plain, Shared, is_plain, plain, shared

if TYPE_CHECKING:
    from gateway.plan.ahead import AheadOf
    from gateway.plan.running import Run

Complete = Callable[["Run", Any], Any]
"""A value as a resolver or a column gave it -> the same as it stands in the answer."""
Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A resolver, and how it likes to be called."""

    function: Callable[..., Any]
    row: str | None
    """Name of the parameter that takes the row."""
    info: str | None
    """Name of the parameter that takes `Info`."""
    arguments: Arguments | None
    """By the names of its parameters. None = they depend on variables and are worked out for each request."""
    arguments_of: Callable[[Any], Arguments]
    """The values of an operation's variables -> arguments."""
    only_row: bool = False
    """It takes the row and nothing else, in whatever way it is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a selection."""

    key: str
    """Its name in the answer."""
    name: str
    """`Client.birth`, as `extensions.consent` names it."""
    category: Category | None
    complete: Complete
    column: str | None = None
    """The column it reads; None where it is resolved."""
    said: Callable[..., Any] | None = None
    """What makes its value of those of `columns` (`HubField.said`)."""
    columns: tuple[str, ...] | None = None
    """What `said` or the resolver reads; None = the resolver does not tell."""
    say: Say | None = None
    """How a leaf is said that needs no more than columns of the row; None where it is anything else."""
    never_null: bool = False
    """Whether null in its place is an error."""
    call: Call | None = None
    place: Any = None
    """Where it stands in the document, for resolvers that ask (`gateway.plan.place.Place`)."""
    rows: Any = None
    """The resolver it was declared with, where that needs only the row (`HubField.rows`)."""
    at_once: Callable[..., Any] | None = None
    """The same without waiting (`HubField.at_once`)."""
    hud: tuple[str, ...] = ()
    """The HUD columns it tells."""
    selection: Selection | None = None
    """What is asked of its objects; None for leaves."""
    typename: str | None = None
    """Of `__typename`: the answer."""
    bit: int = field(init=False)
    """Its category as a number; 0 = none."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bit", 0 if self.category is None else int(self.category))


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The fields of one object."""

    kind: str
    """The GraphQL type they stand in."""
    fields: tuple[Field, ...]
    asked: tuple[tuple[Category, tuple[str, ...]], ...] = field(init=False)
    """The categories that its fields need, each with the names of these fields."""
    mask: int = field(init=False)
    """These categories together."""
    plain: Plain = field(init=False)
    """What is simply columns of a row of which all may be told (`gateway.plan.plain`)."""
    others: tuple[Field, ...] = field(init=False)
    """The fields that are more."""
    _shared: dict[str, Shared] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        asked: dict[Category, dict[str, None]] = {}
        for one in self.fields:
            if one.category is not None:
                asked.setdefault(one.category, {})[one.name] = None
        object.__setattr__(self, "asked", tuple((needed, tuple(names)) for needed, names in asked.items()))
        object.__setattr__(self, "mask", sum(int(needed) for needed in asked))
        object.__setattr__(self, "plain", plain(self.fields))
        object.__setattr__(self, "others", tuple(one for one in self.fields if not is_plain(one)))

    def shared(self, file: str) -> Shared:
        """As `plain`, of a row of a file that another agency entered, for categories that are all open."""
        step = self._shared.get(file)
        if step is None:
            step = self._shared[file] = shared(self.fields, file)
        return step


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One operation, for one choice of what `@skip` and `@include` leave of it."""

    root: Selection
    ahead: AheadOf | None
    """What it reads of people in one statement."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Why an operation is not compiled. The words are those of the metrics."""

    reason: str
