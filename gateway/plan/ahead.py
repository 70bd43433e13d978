"""What a plan reads ahead: the people it asks for, their stays and what hangs on these, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auth.categories import PARTNER
from gateway.plan.plan import Field, Selection
from hmis.spec import FILES
from resolvers import projects
from resolvers.ahead import Columns
from resolvers.records import HANGS_ON, Hanging

PEOPLE = ("Query.client", "Query.clients")
_PAGES = ("nodes", "edges", "node")
STAYS = "Client.enrollments"
_SCREENING = "Client.eligibility"


@dataclass(frozen=True, slots=True, eq=False)
class AheadOf:
    """What can be said of it before the values of variables are known: all but which page of stays."""

    client: Columns
    stays: Columns | None
    page: Field | None
    """The field whose arguments say which."""
    files: frozenset[tuple[str, Columns]]
    projects: bool


def ahead_of(root: Selection) -> AheadOf | None:
    """What of people is surely asked; None = no people."""
    people = list(_selections(root.fields, PEOPLE))
    if not people:
        return None
    pages = [field for one in _behind_pages(people) for field in one.fields if field.name == STAYS]
    stays = list(_behind_pages(one.selection for one in pages if one.selection is not None))
    files = {one.rows.file for stay in stays for one in stay.fields if _hangs_on_stay(one)}
    # Who is read is met again elsewhere, as a member of a household say, and asked for more there.
    every = list(_every(root))
    of_stays = [one for one in every if one.kind == "Enrollment"]
    hanging: dict[str, set[str]] = {file: set() for file in files}
    for field in (field for one in of_stays for field in one.fields):
        if _hangs_on_stay(field) and field.rows.file in files:
            hanging[field.rows.file].update(_read(field.selection, field.rows.file))
    clients = [one for one in every if one.kind == "Client"]
    # What a screening reads of all these rows is not said by the fields that are asked.
    fields = [field for one in every for field in one.fields]
    screened = any(field.name == _SCREENING for field in fields)
    wholly = screened or any(map(is_a_partners, fields))
    return AheadOf(
        client=_all("Client") if wholly else _columns(clients, "Client"),
        stays=None if not pages else _all("Enrollment") if screened else _columns(of_stays, "Enrollment"),
        page=pages[0] if pages else None,
        files=frozenset(
            (file, _all(file) if screened else frozenset(columns)) for file, columns in hanging.items()
        ),
        projects=any(field.rows is projects.of_stay for one in stays for field in one.fields),
    )


def _hangs_on_stay(field: Field) -> bool:
    return isinstance(field.rows, Hanging) and HANGS_ON[field.rows.file][0] == "enrollment_id"


def _every(selection: Selection) -> Iterator[Selection]:
    """A selection, and all below it."""
    yield selection
    for field in selection.fields:
        if field.selection is not None:
            yield from _every(field.selection)


def _all(file: str) -> Columns:
    return frozenset(column.attr for column in FILES[file].columns)


def is_a_partners(field: Field) -> bool:
    """Whether partners are asked for it: they look people up by name and birth date."""
    if field.selection is None or field.category is None:
        return False
    return bool(field.category & PARTNER) or field.selection.kind == "PeerEnrollment"


def _selections(fields: Iterable[Field], names: Iterable[str]) -> Iterator[Selection]:
    for field in fields:
        if field.name in names and field.selection is not None:
            yield field.selection


def _behind_pages(selections: Iterable[Selection]) -> Iterator[Selection]:
    """The rows themselves, where they stand on pages."""
    for selection in selections:
        inside = [
            field.selection
            for field in selection.fields
            if field.name.partition(".")[2] in _PAGES and field.selection is not None and not field.bit
        ]
        if inside:
            yield from _behind_pages(inside)
        elif not selection.kind.endswith("Connection"):
            yield selection


def _columns(selections: Iterable[Selection], file: str) -> Columns:
    return frozenset(column for one in selections for column in _read(one, file))


def _read(selection: Selection | None, file: str) -> Iterator[str]:
    """The columns of a file that fields read, on the row itself or on parts of it.

    A part that is another row, such as an exit below a stay, names other files; what it reads of this one
    again is none of this row's, and does no harm. A resolver that does not say what it reads may read it all.
    """
    for field in selection.fields if selection is not None else ():
        if field.columns is not None:
            yield from field.columns
            continue
        told = [place.partition(".") for place in field.hud]
        yield from (FILES[file].by_name[name].attr for of, _, name in told if of == file)
        if field.call is not None and not told and field.selection is None:
            yield from (column.attr for column in FILES[file].columns)
        yield from _read(field.selection, file)
