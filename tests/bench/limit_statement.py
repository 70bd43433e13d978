"""The statement of the hand-written limit: a profile as JSON, with what consent leaves of it, in one go.

Who may see what is not written anew: the expressions are those of `auth/visibility.py`, `auth/speaking.py`
and `resolvers/hub_ids.py`, put into SQL that is otherwise written by hand for this one question. The grants
that speak are gathered once for a person, and every row asks those few.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Date, FromClause, Integer, Text, column, literal_column, select, table
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from auth import visibility
from auth.categories import Category
from auth.columns import category_of
from auth.parameters import VIEWER
from auth.speaking import is_own, speaking
from auth.visibility import broken_glass, granted, own_stay, row_labels, visible_record
from hmis import codes, labels
from hmis.codes.code import Code
from hmis.codes.race import COLUMNS, Race
from hmis.codes.service_type import ServiceType
from hmis.tables import HMIS, client_link, consent_grant
from resolvers.hub_ids import began_as

_DIALECT: Any = PGDialect_asyncpg(paramstyle="named")  # type: ignore[no-untyped-call]
_SPOKEN = table("spoken", *(column(one.name, one.type) for one in consent_grant.c))
_PERSON, _BORN = literal_column("p.person_id", PgUUID()), literal_column("b.born", Date())


class Limit:
    """SQL text with $1, $2 …, and the names of what stands for them."""

    def __init__(self, people: str) -> None:
        """people: SQL that gives `person_id` in the order of the answer."""
        self.names: list[str] = []
        self.sql = self._numbered(_statement(people))

    def _numbered(self, sql: str) -> str:
        for name in sorted(_names(sql), key=len, reverse=True):
            self.names.append(name)
            sql = sql.replace(f":{{{name}}}", f"${len(self.names)}")
        return sql


def _names(sql: str) -> set[str]:
    return {part.partition("}")[0] for part in sql.split(":{")[1:]}


def _sql(expression: Any, *around: FromClause) -> str:
    """An expression as text, with `:{name}` for what only a request knows.

    around: what it reads of the statement that it is put into.
    """
    whole = select(expression.label("it")).select_from(*around)
    compiled = whole.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    text = str(compiled).removeprefix("SELECT ").rpartition(" AS it")[0]
    for name, value in sorted(compiled.params.items(), key=lambda one: len(one[0]), reverse=True):
        said = f":{{{name}}}" if value is None else _literal(value)
        text = text.replace(f":{name}", said)
    return f"({text})"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    assert isinstance(value, int)
    return str(int(value))


def _word(kind: type[Code], name: str) -> str:
    """A code as its word; null where HUD's list lacks it."""
    whens = " ".join(f"when {member.value} then '{member.name}'" for member in kind)
    return f"case {name} {whens} end"


@contextmanager
def _asking_the_spoken() -> Iterator[None]:
    """`granted` asks the grants already gathered, which speak, and not the table."""
    whole: Any = visibility
    kept = whole.consent_grant, whole.speaking
    whole.consent_grant, whole.speaking = _SPOKEN, lambda *_: []
    try:
        yield
    finally:
        whole.consent_grant, whole.speaking = kept


def _opened(source: str, told: str, day: str | None = None) -> str:
    """The mask of what is open of one record of another agency."""
    with _asking_the_spoken():
        return _sql(
            granted(
                VIEWER,
                _PERSON,
                literal_column(source, Integer()),
                literal_column(told, BigInteger()),
                None if day is None else literal_column(day, Date()),
                _BORN,
            )
        )


def _is_open(category: Category, mask: str) -> str:
    return f"{mask} & {int(category)} <> 0"


def _fact(file: str, attr: str, row: str, day: str, said: str = "{}") -> str:
    """A column of a stay `e`, or of a row that hangs on it, as far as it may be told, said in these words."""
    value, category = f"{row}.{attr}", category_of(file, attr)
    opened = "true" if row != "e" else _is_open(category, "e.opened")
    always, by_code = labels.of_column(file, attr)
    if always or by_code:
        whens = " ".join(f"when {code} then {int(label)}" for code, label in by_code.items())
        label = f"(case {value} {whens} else {int(always)} end)" if by_code else str(int(always))
        told = f"e.labels | {label}" + ("" if row == "e" else f" | {_row_labels(file, row)}")
        opened = f"{opened} and ({label} = 0 or {_is_open(category, _opened(f'{row}.source_id', told, day))})"
    shown = said.format(value)
    return shown if opened == "true" else f"case when e.whole or ({opened}) then {shown} end"


def _row_labels(file: str, row: str) -> str:
    if labels.of_rows(file) is None:
        return "0"
    return _sql(row_labels(file, HMIS[file].alias(row)))


def _hanging(file: str, attr_of_day: str, needed: Category, columns: str, most: str = "") -> str:
    """SELECT of rows `h` that hang on the stay `e`, newest first."""
    name, day, label = HMIS[file].name, f"h.{attr_of_day}", _row_labels(file, "h")
    opened = _opened("h.source_id", f"e.labels | {label}", day)
    # Without labels of its own, and where no grant speaks of a period, a row is as open as its stay.
    if label == "0":
        opened = f"case when e.dated then {opened} else e.opened end"
    else:
        opened = f"case when e.dated or {label} <> 0 then {opened} else e.opened end"
    return f"""
      select {columns} from "{name}" h
      where h.source_id = e.source_id and h.enrollment_id = e.enrollment_id and h.removed_at is null
        and (e.whole or {_is_open(needed, f"({opened})")})
      order by {day} desc nulls last, h.id {most}"""


def _list(key: str, file: str, day: str, needed: Category, columns: str) -> str:
    rows = _hanging(file, day, needed, columns)
    return (
        f"case when e.whole or {_is_open(needed, 'e.opened')}"
        f" then (select coalesce(json_agg(r), '[]') from ({rows}) r) end as \"{key}\""
    )


def _record(category: Category, columns: str) -> str:
    """The columns of the best record that shows a category."""
    return f"select {columns} from rec where {_is_open(category, 'allowed')} limit 1"


def _services() -> str:
    programs: dict[int, list[str]] = {}
    for kind in ServiceType:
        programs.setdefault(kind.record_type, []).append(f"when {kind.type_provided} then '{kind.name}'")
    whens = (
        f"when {program} then case h.type_provided {' '.join(kinds)} end"
        for program, kinds in programs.items()
    )
    return f"case h.record_type {' '.join(whens)} end"


def _response() -> str:
    yes_no = _word(codes.NoYesReasonsForMissingData, "h.disability_response")
    kinds = ", ".join(str(int(one)) for one in codes.DisabilityType)
    substances = _word(codes.SubstanceUseDisorder, "h.disability_response")
    return (
        f"case when h.disability_type = {int(codes.DisabilityType.SUBSTANCE_USE_DISORDER)} then {substances}"
        f" when h.disability_type in ({kinds}) then {yes_no} end"
    )


def _races() -> str:
    named = ", ".join(f"case when {attr} = 1 then '{race.name}' end" for attr, race in COLUMNS.items())
    reason = " ".join(f"when {code} then '{Race(code).name}'" for code in (8, 9, 99))
    none = f"array_remove(array[case race_none {reason} end], null)"
    return (
        f"(select case when cardinality(l) > 0 then l else {none} end"
        f" from (select array_remove(array[{named}], null) l) l)"
    )


def _stays() -> str:
    yes_no = codes.NoYesReasonsForMissingData
    health, services, income = Category.HEALTH_DISABILITY, Category.SERVICES, Category.INCOME_BENEFITS

    def word(kind: type[Code], attr: str) -> str:
        return _fact("Enrollment", attr, "e", "e.entry_date", _word(kind, "{}"))

    exit_of_stay = _hanging(
        "Exit", "exit_date", Category.ENROLLMENT,
        "h.exit_date as date, "
        + _fact("Exit", "destination", "h", "h.exit_date", _word(codes.LivingSituation, "{}"))
        + " as destination", "limit 1",
    )  # fmt: skip
    violence = {
        key: _fact("HealthAndDV", attr, "h", "h.information_date", _word(yes_no, "{}"))
        for key, attr in (
            ("domesticViolenceSurvivor", "domestic_violence_survivor"),
            ("currentlyFleeing", "currently_fleeing"),
        )
    }
    said = ", ".join(f'{sql} as "{key}"' for key, sql in violence.items())
    day = 'h.information_date as "informationDate"'
    lists = (
        _list("services", "Services", "date_provided", services,
              f"h.date_provided as date, {_services()} as type"),
        _list("incomeBenefits", "IncomeBenefits", "information_date", income,
              f'{day}, h.total_monthly_income::text as "totalMonthlyIncome", '
              f'{_word(yes_no, "h.income_from_any_source")} as "incomeFromAnySource", '
              f"{_word(codes.NoYesMissing, 'h.snap')} as snap"),
        _list("disabilities", "Disabilities", "information_date", health,
              f'{day}, {_word(codes.DisabilityType, "h.disability_type")} as type, '
              f"{_response()} as response, "
              f'{_word(yes_no, "h.indefinite_and_impairs")} as "indefiniteAndImpairs"'),
        _list("healthAndDomesticViolence", "HealthAndDV", "information_date", health,
              f"{day}, {said}"),
    )  # fmt: skip
    emergency = f"b.glass is not null and pl.labels & {int(visibility.NEVER)} = 0"
    opened = _opened("e.source_id", "pl.labels", "e.entry_date")
    own = _sql(
        own_stay(VIEWER, table("pl", column("source_id", Integer()), column("organization_id", Text())))
    )
    return f"""
    select e.id, e.entry_date as "entryDate",
           {word(codes.RelationshipToHeadOfHousehold, "relationship_to_hoh")}
             as "relationshipToHeadOfHousehold",
           {word(codes.LivingSituation, "living_situation")} as "livingSituation",
           e.move_in_date as "moveInDate",
           {word(yes_no, "disabling_condition")} as "disablingCondition",
           (select row_to_json(r) from (
              select p.id, p.project_name as name, {_word(codes.ProjectType, "p.project_type")} as type,
                     (select row_to_json(o) from (
                        select o.id, o.organization_name as name from organization o
                        where o.source_id = p.source_id and o.organization_id = p.organization_id) o)
                       as organization
              from project p where p.source_id = e.source_id and p.project_id = e.project_id) r) as project,
           (select row_to_json(r) from ({exit_of_stay}) r) as exit,
           {", ".join(lists)}
    from (
      select s.*, s.own or s.emergency as whole,
             (select bool_or(data_from is not null or data_to is not null) from spoken) as dated from (
        select e.*, pl.labels, pl.shareable, coalesce({own}, false) as own, ({emergency}) as emergency,
               case when {own} then :{{viewer_own_record}}::bigint else {opened} end as opened
        from b, raw
        join enrollment e on e.source_id = raw.source_id and e.personal_id = raw.personal_id
                         and e.removed_at is null
        join project_label pl on pl.source_id = e.source_id and pl.project_id = e.project_id
        offset 0) s
      where s.own or (s.shareable and (s.emergency or {_is_open(Category.ENROLLMENT, "s.opened")}))
      order by s.entry_date desc nulls last, s.id limit 50) e"""


def _statement(people: str) -> str:
    grant: FromClause = consent_grant.alias("g")
    speaks = " and ".join(_sql(condition, grant) for condition in speaking(VIEWER, _PERSON, grant, _BORN))
    name = ", ".join(
        ("first_name as first", "middle_name as middle", "last_name as last", "name_suffix as suffix",
         f"{_word(codes.NameDataQuality, 'name_data_quality')} as quality")
    )  # fmt: skip
    last_four = "case when length(ssn) = 9 and right(ssn, 4) ~ '^[0-9]{4}$' then right(ssn, 4) end"
    shared = (
        "case when c.labels is null then 0"
        f" when b.glass is not null and c.labels & {int(visibility.NEVER)} = 0"
        f" then :{{viewer_may_see}}::bigint else {_opened('c.source_id', 'c.labels')} end"
    )
    demographics = Category.DEMOGRAPHICS
    return f"""
with p as materialized ({people})
select p.person_id, d.body, d.shown, d.shared, d.grants
from p
cross join lateral (
  with raw as materialized (
    select c.*, s.name as source_name, cl.labels, {_sql(is_own(VIEWER, client_link), client_link)} as own,
           {_sql(began_as(), client_link)} as began_as
    from client_link
    join client c on c.source_id = client_link.source_id and c.personal_id = client_link.personal_id
    join client_label cl on cl.source_id = client_link.source_id and cl.personal_id = client_link.personal_id
    join source s on s.id = client_link.source_id
    where client_link.person_id = p.person_id and client_link.undone_at is null and c.removed_at is null
    order by c.date_updated desc nulls last, c.source_id, c.personal_id),
  b as materialized (
    select (select min(dob) from raw where labels = 0 or own) as born,
           {_sql(broken_glass(VIEWER, _PERSON))} as glass),
  spoken as materialized (select g.* from b, consent_grant g where {speaks}),
  rec as materialized (
    select r.*, (case when own then :{{viewer_own_record}}::bigint else 0 end) | open as allowed
    from (select c.*, {shared} as open from raw c, b offset 0) r
    where own or open & {int(Category.EXISTENCE)} <> 0)
  select
    (select bit_or(allowed) from rec) as shown,
    (select bit_or(open) from rec where not own) as shared,
    (select array_agg(id) from spoken where effect = 'PERMIT') as grants,
    (select row_to_json(r) from (
       select (select coalesce(began_as, p.person_id) from rec order by 1 limit 1) as id,
         (select json_agg(i) from (
            select source_name as source, personal_id as value from rec) i) as identifiers,
         (select row_to_json(n) from ({_record(Category.NAME, name)}) n) as name,
         (select row_to_json(n) from ({
        _record(
            Category.DOB,
            "dob as date, " + _word(codes.DateOfBirthDataQuality, "dob_data_quality") + " as quality",
        )
    }) n) as birth,
         (select row_to_json(n) from ({
        _record(
            Category.SSN_LAST4,
            last_four + ' as "lastFour", ' + _word(codes.SsnDataQuality, "ssn_data_quality") + " as quality",
        )
    }) n) as ssn,
         ({_record(demographics, _word(codes.Sex, "sex"))}) as sex,
         ({_record(demographics, _races())}) as races,
         ({_record(Category.VETERAN, _word(codes.NoYesReasonsForMissingData, "veteran_status"))})
           as "veteranStatus",
         (select row_to_json(n) from (select (
            select coalesce(json_agg(e), '[]') from ({_stays()}) e) as nodes
            where (select bit_or(allowed) from rec) & {int(Category.ENROLLMENT)} <> 0) n) as enrollments
       ) r) as body
  where exists (select from rec)
  offset 0) d"""


def profile() -> Limit:
    """One person, by an id that is known now."""
    return Limit("select :{person}::uuid as person_id")


def page() -> Limit:
    """People whom the viewer may see, in the order of their ids, so many behind one."""
    met = table(
        "met", column("person_id", PgUUID()), column("source_id", Integer()), column("personal_id", Text()),
        column("labels", BigInteger()),
    )  # fmt: skip
    seen = _sql(
        visible_record(VIEWER, met.c.person_id, met, met.c.labels, Category.EXISTENCE),
        met,
    )
    return Limit(f"""
      select distinct met.person_id from (
        select l.person_id, l.source_id, l.personal_id, cl.labels from client_link l
        join client c on c.source_id = l.source_id and c.personal_id = l.personal_id and c.removed_at is null
        join client_label cl on cl.source_id = l.source_id and cl.personal_id = l.personal_id
        where l.undone_at is null and l.person_id > :{{after}}::uuid
        order by l.person_id offset 0) met
      where {seen} order by met.person_id limit :{{first}}::integer""")
