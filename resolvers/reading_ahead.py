"""Reading ahead: people, their stays and what hangs on these in one statement, where all of it is asked for.

Loaders read level by level, for only the level above says which keys come next. Where a plan knows beforehand
what will be asked of people, one statement reads it all, and loaders find it in `Ahead`. The statement is the
barrier before the decision and asks the same rules of every row in SQL, so that nothing leaves PostgreSQL
that nothing opens.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from auth import grants
from auth.categories import Category
from auth.columns import told, told_of
from auth.membership import STANDING
from auth.parameters import VIEWER
from auth.speaking import AS_IT_STANDS
from auth.visibility import (
    granted,
    is_below_emergency,
    named_labels,
    own_stay,
    row_labels,
)
from hmis.sentence import Sentence, sentence
from hmis.spec import FILES
from hmis.tables import HMIS, project_label
from resolvers import clients, projects
from resolvers.ahead import Ahead, Columns, Row, Wanted
from resolvers.enrollments import behind, place_of, stays_of_records
from resolvers.fixed import fixed
from resolvers.records import HANGS_ON
from resolvers.request import Request
from resolvers.rows import PlainRow

_WHOLE = literal(-1, BigInteger)
"""A mask in which everything is open."""
_ENROLLMENT = HMIS["Enrollment"]


async def read(request: Request, people: list[UUID], *, wanted: Wanted) -> tuple[list[Row], Ahead]:
    """The visible records of people, as `clients` reads them, and all else that is wanted of them."""
    day, identifier = wanted.after or (None, None)
    guess = request.guess
    shape = _Shape(
        *(wanted.client, wanted.stays, place_of(wanted.after), wanted.files, wanted.projects),
        standing=guess is not None,
    )
    statement = _statement(shape)
    values = {"people": people, "rows": wanted.first + 1, "after_day": day, "after_id": identifier}
    if guess is not None:
        values |= guess.asks
    (row,) = await request.fetch_sentence(statement.sentence, values)
    if guess is not None:
        guess.check(row["standing"])
    ahead = Ahead(wanted)
    parts = {part.name: part.rows(row) for part in statement.parts}
    if wanted.stays is not None:
        ahead.stays.update((record["person_id"], []) for record in parts["record"])
        for stay in parts["stay"]:
            ahead.add_stay(stay)
    for file, _ in wanted.files:
        rows: dict[tuple[int, str], list[Row]] = {}
        for one in parts[file]:
            rows.setdefault((one["source_id"], one["enrollment_id"]), []).append(one)
        ahead.hanging[file] = rows
    if wanted.projects:
        ahead.projects = {(one["source_id"], one["key"]): PlainRow(one) for one in parts["project"]}
    return parts["record"], ahead


def statement_of(
    client: Columns, stays: Columns | None, files: frozenset[tuple[str, Columns]], read_projects: bool
) -> str:
    """The text of the statement that reads people, for the first page of their stays and a viewer who is
    known as far as the tables still say so; values are $1, $2 …"""
    shape = _Shape(client, stays, place_of(None), files, read_projects, standing=True)
    return _statement(shape).sentence.text


class _Shape(NamedTuple):
    """What a statement looks like; everything else are its parameters."""

    client: Columns
    stays: Columns | None
    place: Any
    files: frozenset[tuple[str, Columns]]
    projects: bool
    standing: bool
    """Whether it says, too, what the tables say of who asks."""


class _Part(NamedTuple):
    """One kind of row of the statement: each of its columns comes as one array."""

    name: str
    begin: int
    names: tuple[str, ...]

    def rows(self, row: Any) -> list[Row]:
        arrays = row[self.begin : self.begin + len(self.names)]
        if arrays[0] is None:
            return []
        names = self.names
        return [dict(zip(names, cells, strict=True)) for cells in zip(*arrays, strict=True)]


class _Statement(NamedTuple):
    sentence: Sentence
    parts: tuple[_Part, ...]


@lru_cache(maxsize=64)
def _statement(shape: _Shape) -> _Statement:
    known = clients.records(shape.client).cte("known")
    born = func.max(known.c.oldest_birth).label("born")
    spoken = grants.spoken_to_viewer(
        select(known.c.person_id, born).group_by(known.c.person_id).subquery("asked_about")
    ).cte("spoken")
    opened = granted(VIEWER, known.c.person_id, known.c.source_id, known.c.labels, spoken=spoken)
    record = clients.visible(
        known, opened, lambda found: grants.as_text(spoken, found.c.person_id), shape.client, orders=False
    ).cte("record")
    kinds: dict[str, Select[Any]] = {"record": clients.best_first(select(record))}
    if shape.stays is not None:
        stay = _stays(shape, spoken, _people(record, spoken), known).cte("stay")
        kinds["stay"] = select(*_told_of_stays(stay, shape.stays)).order_by(stay.c.person_id, stay.c.rank)
        for file, read_of_it in sorted(shape.files, key=lambda one: one[0]):
            kinds[file] = _hanging(file, read_of_it, spoken, stay)
        if shape.projects:
            kinds["project"] = _projects(stay)
    parts: list[_Part] = []
    columns: list[ColumnElement[Any]] = []
    tables: list[FromClause] = []
    for name, rows in kinds.items():
        arrays = _arrays(name, rows)
        parts.append(_Part(name, len(columns), tuple(column.key for column in rows.subquery().c)))
        columns += list(arrays.c)
        tables.append(arrays)
    if shape.standing:
        columns.append(STANDING.scalar_subquery().label("standing"))
    together: FromClause = tables[0]
    for table in tables[1:]:
        together = together.join(table, true())
    return _Statement(sentence(fixed(select(*columns).select_from(together))), tuple(parts))


def _arrays(name: str, rows: Select[Any]) -> Subquery:
    """Each column of some rows as one array, in the order of the rows: cheaper to read than rows of rows."""
    inner = rows.subquery(f"{name.lower()}_rows")
    arrays = [func.array_agg(column).label(f"{name.lower()}__{column.key}") for column in inner.c]
    return select(*arrays).subquery(f"{name.lower()}_arrays")


def _people(record: CTE, spoken: CTE) -> CTE:
    """The people of the records, with what the rules ask of a person."""
    person = record.c.person_id
    of_each = (
        select(
            person,
            func.bool_or(record.c.break_glass.is_not(None)).label("whole"),
        )
        .group_by(person)
        .subquery("each")
    )
    return select(of_each, named_labels(spoken, of_each.c.person_id).label("named")).cte("people")


def _stays(shape: _Shape, spoken: CTE, people: CTE, known: CTE) -> Select[Any]:
    """The newest stays of each person that the viewer may see, `rows` at the most, with what is open."""
    own = func.coalesce(own_stay(VIEWER), False)
    stay = _ENROLLMENT
    # Their live records were found before. Two ids that were asked may have led to one of them.
    live = select(known.c.person_id, known.c.source_id, known.c.personal_id).distinct().subquery("live")
    labels = project_label.c.labels
    person, day = people.c.person_id, stay.c.entry_date
    opened = granted(VIEWER, person, stay.c.source_id, labels, day, spoken=spoken)
    met = (
        select(
            people.c.person_id,
            people.c.whole,
            people.c.named,
            *told_of("Enrollment", shape.stays),
            stay.c.enrollment_id.label("key"),
            own.label("own"),
            labels,
            project_label.c.shareable,
            case((own, _WHOLE), else_=opened).label("opened"),
        )
        .select_from(stays_of_records(people.join(live, live.c.person_id == people.c.person_id), live))
        .where(behind(shape.place))
        .offset(AS_IT_STANDS)
        .subquery("met")
    )
    emergency = and_(is_below_emergency(met.c.labels), met.c.whole)
    shared = or_(met.c.opened.bitwise_and(int(Category.ENROLLMENT)) != 0, emergency)
    rank = func.row_number().over(
        partition_by=met.c.person_id, order_by=(met.c.entry_date.desc().nulls_last(), met.c.id)
    )
    seen = select(met, rank.label("rank")).where(or_(met.c.own, and_(met.c.shareable, shared)))
    numbered = seen.subquery("numbered")
    return select(numbered).where(numbered.c.rank <= bindparam("rows", type_=Integer()))


def _told_of_stays(stay: CTE, columns: Columns) -> list[ColumnElement[Any]]:
    own = or_(stay.c.own, stay.c.whole)
    told_columns = told("Enrollment", own, stay.c.opened, stay.c.named, stay, columns)
    return [stay.c.person_id, *told_columns, stay.c.key, stay.c.own, stay.c.labels]


def _hanging(file: str, columns: Columns, spoken: CTE, stay: CTE) -> Select[Any]:
    """Rows of a file that hang on the stays, newest first, those alone that something opens."""
    table, (_, day, category) = HMIS[file], HANGS_ON[file]
    labels = stay.c.labels.bitwise_or(row_labels(file, table))
    whole = or_(stay.c.own, stay.c.whole)
    opened = granted(VIEWER, stay.c.person_id, table.c.source_id, labels, table.c[day], spoken=spoken)
    met = (
        select(
            *told_of(file, columns),
            whole.label("whole"),
            stay.c.named,
            case((whole, _WHOLE), else_=opened).label("opened"),
        )
        .select_from(stay)
        .join(table, and_(table.c.source_id == stay.c.source_id, table.c.enrollment_id == stay.c.key))
        .where(table.c.removed_at.is_(None))
        .offset(AS_IT_STANDS)
        .subquery("met")
    )
    return (
        select(
            *told(file, met.c.whole, met.c.opened, met.c.named, met, columns),
            met.c[FILES[file].key.attr].label("key"),
        )
        .where(met.c.opened.bitwise_and(int(category)) != 0)
        .order_by(met.c[day].desc().nulls_last(), met.c.id)
    )


def _projects(stay: CTE) -> Select[Any]:
    named = select(stay.c.source_id, stay.c.project_id.label("key")).distinct()
    return projects.of_keys(named.subquery("named"))
