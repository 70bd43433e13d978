"""Row-level security: who reads for a viewer gets no row about a person whom that viewer could never see

The role `hub_app` owns nothing and reads under policies. They are the net below the rules of consent, not the
rules: coarser, never narrower (docs/decisions/0007-row-level-security.md). The role `hub_writer` writes what
nobody is shown by it: audit, consent, partners' records; what is only ever added to it cannot change. Owners
are bound by neither.
"""

# ruff: noqa: S608  # the only text put into this SQL is written below

import sqlalchemy as sa
from alembic import op

revision = "0003_row_security"
down_revision = "0002_consent"
branch_labels = None
depends_on = None

# Roles belong to the whole cluster: another database of it, migrated at this moment, may be making the same.
_ROLES = """
do $$
declare
  wanted text;
begin
  foreach wanted in array array['hub_app', 'hub_writer'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin nosuperuser nobypassrls nocreatedb nocreaterole'
                       ' noreplication', wanted);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    if not pg_has_role(current_user, wanted, 'member') then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end $$
"""

_WITH_VIEWER = "current_setting('hub.agency', true) <> ''"
_AGENCY = "nullif(current_setting('hub.agency', true), '')::uuid"
_SOURCE = "nullif(current_setting('hub.source', true), '')::integer"
_ORGANIZATION = "current_setting('hub.organization', true)"
_SUBJECT = "current_setting('hub.subject', true)"
_TODAY = "nullif(current_setting('hub.as_of', true), '')::date"
_NOW = "nullif(current_setting('hub.now', true), '')::timestamptz"

# OFFSET 0: looked up for the row in question; PostgreSQL would sooner hash the whole table for a few rows.
_ONE_BY_ONE = "offset 0"

# A grant about EXISTENCE (bit 1: without it nothing else is shown, and denying it closes everything) that is
# in force today and names the viewer.
_GRANT_OF_EXISTENCE = f"""
    select from consent_grant g
    where g.person_id = {{person}} and g.categories & 1 <> 0 and g.effect = '{{effect}}'
      and g.start_on <= {_TODAY} and (g.end_on is null or g.end_on > {_TODAY})
      and (g.provisional_until is null or g.provisional_until > {_TODAY})
      and current_setting('hub.purpose', true) = any (g.purposes)
      and (g.subject is null or g.subject = {_SUBJECT})
      and not exists (select from consent_revocation r where r.grant_id = g.id {_ONE_BY_ONE})
      and (g.community_wide
           or exists (select from consent_recipient r
                      where r.grant_id = g.id and r.agency_id = {_AGENCY} {_ONE_BY_ONE})
           or exists (select from visibility_group_member m
                      where m.group_id = g.group_id and m.agency_id = {_AGENCY} and m.valid_from <= {_TODAY}
                        and (m.valid_to is null or m.valid_to > {_TODAY}) {_ONE_BY_ONE}))
      {{more}}
    {_ONE_BY_ONE}"""
# A denial of some records or labels leaves the others.
_OF_ALL_RECORDS = "and g.labels = 0 and g.sources is null and g.data_from is null and g.data_to is null"
_NOTICE = "(select p.notice_categories & 1 <> 0 from policy_profile p order by p.id desc limit 1)"


def _opened(person: str) -> str:
    """A grant, the community's notice or an emergency opens the person to the viewer."""
    permit = _GRANT_OF_EXISTENCE.format(person=person, effect="PERMIT", more="")
    denial = _GRANT_OF_EXISTENCE.format(person=person, effect="DENY", more=_OF_ALL_RECORDS)
    # The moment is told to the minute, so that it changes seldom.
    return f"""(
    ((exists ({permit}) or {_NOTICE}) and not exists ({denial}))
    or exists (select from break_glass b
               where b.person_id = {person} and b.subject = {_SUBJECT} and b.agency_id = {_AGENCY}
                 and b.opened_at < {_NOW} + interval '1 minute' and b.closes_at > {_NOW}
               {_ONE_BY_ONE}))"""


_CLIENT = f"""
    exists (select from client_owner o
            where o.source_id = {_SOURCE} and o.organization_id = {_ORGANIZATION}
              and o.source_id = client.source_id and o.personal_id = client.personal_id {_ONE_BY_ONE})
    or exists (select from client_link l
               join client_label c on c.source_id = l.source_id and c.personal_id = l.personal_id
               where l.source_id = client.source_id and l.personal_id = client.personal_id
                 and l.undone_at is null and c.labels is not null and {_opened("l.person_id")}
               {_ONE_BY_ONE})"""

# VAWA 34 USC 12291(b)(2): a victim service provider's stay is nobody else's, whatever was agreed.
_STAY = f"""
    exists (select from project_label p
            where p.source_id = enrollment.source_id and p.project_id = enrollment.project_id
              and ((p.source_id = {_SOURCE} and p.organization_id = {_ORGANIZATION})
                   or (p.shareable and exists (
                     select from client_link l
                     where l.source_id = enrollment.source_id and l.personal_id = enrollment.personal_id
                       and l.undone_at is null and {_opened("l.person_id")} {_ONE_BY_ONE})))
            {_ONE_BY_ONE})"""


def _of(parent: str, *keys: tuple[str, str]) -> str:
    """As the row it hangs on: PostgreSQL asks the policy of that one."""
    same = " and ".join(f"parent.{theirs} = {{table}}.{ours}" for theirs, ours in keys)
    return f"exists (select from {parent} parent where {same} {_ONE_BY_ONE})"


_BY_RECORD = _of("enrollment", ("source_id", "source_id"), ("enrollment_id", "enrollment_id"))
_BY_ANSWER = _of("assessment", ("source_id", "source_id"), ("assessment_id", "assessment_id"))
_BY_PERSON = _of("person", ("id", "person_id"))
_PERSON = f"""
    exists (select from client_link l
            join client c on c.source_id = l.source_id and c.personal_id = l.personal_id
            where l.person_id = person.id and l.undone_at is null {_ONE_BY_ONE})"""

# Every table about people and the row that may be read. None = not read for viewers at all.
_READ = {
    "client": _CLIENT,
    "enrollment": _STAY,
    "exit": _BY_RECORD,
    "income_benefits": _BY_RECORD,
    "health_and_dv": _BY_RECORD,
    "employment_education": _BY_RECORD,
    "disabilities": _BY_RECORD,
    "services": _BY_RECORD,
    "current_living_situation": _BY_RECORD,
    "assessment": _BY_RECORD,
    "assessment_questions": _BY_ANSWER,
    "assessment_results": _BY_ANSWER,
    "event": _BY_RECORD,
    "youth_education_status": _BY_RECORD,
    "client_link": _WITH_VIEWER,
    "person": _PERSON,
    "partner_link": _BY_PERSON,
    "audit_subject": _BY_PERSON,
    # What the rules themselves read: to ask the rules whether they may be read would go round in a circle.
    # Who is linked with what tells of nobody by itself.
    "consent_grant": _WITH_VIEWER,
    "consent_recipient": _WITH_VIEWER,
    "consent_revocation": _WITH_VIEWER,
    "guardian": _WITH_VIEWER,
    "guardian_bar": _WITH_VIEWER,
    "break_glass": _WITH_VIEWER,
    "break_glass_review": _WITH_VIEWER,
    "client_label": _WITH_VIEWER,
    "client_owner": _WITH_VIEWER,
    "client_fact": None,
    "client_distinct": None,
    "landing_batch": None,
    "landing_household_member": None,
    "landing_benefit": None,
}

# About agencies and the hub itself: read without a viewer, the way to one among them.
_OPEN = (
    "source",
    "agency",
    "member",
    "organization",
    "project",
    "funder",
    "project_label",
    "project_coc",
    "inventory",
    "affiliation",
    "hmis_participation",
    "ce_participation",
    "policy_profile",
    "visibility_group",
    "visibility_group_member",
    "audit_event",
    "alembic_version",
)

# Added to, never changed. Consent is only ever written for a viewer; the audit of a refusal has none.
_APPENDED = {
    "consent_grant": _WITH_VIEWER,
    "consent_recipient": _WITH_VIEWER,
    "consent_revocation": _WITH_VIEWER,
    "guardian": _WITH_VIEWER,
    "guardian_bar": _WITH_VIEWER,
    "break_glass": _WITH_VIEWER,
    "break_glass_review": _WITH_VIEWER,
    "partner_link": _WITH_VIEWER,
    "audit_subject": "true",
}

_ONLY_ADDED_TO = (
    *(table for table in _APPENDED if table != "partner_link"),
    *("audit_event", "audit_leaf", "audit_checkpoint", "policy_profile"),
)


def protect(connection: sa.Connection) -> None:
    """Make the role and the policies."""
    run = connection.exec_driver_sql
    schema = run("select quote_ident(current_schema())").scalar_one()
    connection.execute(sa.text(_ROLES))
    run(f"grant usage on schema {schema} to hub_app, hub_writer")
    run(f"grant select, insert, update, delete on all tables in schema {schema} to hub_writer")
    run(f"grant usage on all sequences in schema {schema} to hub_writer")
    for table in _ONLY_ADDED_TO:
        run(f"revoke update, delete on {table} from hub_writer")
    for table in _READ:
        run(f"create policy hub_writes on {table} to hub_writer using (true) with check (true)")
    for table, rule in _READ.items():
        run(f"alter table {table} enable row level security")
        if rule is not None:
            run(f"grant select on {table} to hub_app")
            using = rule.format(table=table)
            run(f"create policy hub_reads on {table} for select to hub_app using ({using})")
    for table, rule in _APPENDED.items():
        run(f"grant insert on {table} to hub_app")
        run(f"create policy hub_appends on {table} for insert to hub_app with check ({rule})")
    run("grant insert on audit_event to hub_app")
    for table in _OPEN:
        run(f"grant select on {table} to hub_app")


def upgrade() -> None:
    # Below row-level security PostgreSQL looks up by index only what cannot leak by its errors: lower() and
    # right() are not on its list, so what staff search by is kept ready, in the order of bytes.
    for name in ("last_name", "first_name", "ssn_last_four"):
        op.drop_index(f"ix_client_{name}", "client")
    for column, value in (
        ("name_order", "lower(last_name) || chr(1) || coalesce(lower(first_name), '')"),
        ("first_name_lower", "lower(first_name)"),
        ("ssn_last_four", '"right"(ssn, 4)'),
    ):
        kept = sa.Column(column, sa.Text(collation="C"), sa.Computed(value, persisted=True))
        op.add_column("client", kept)
        op.create_index(f"ix_client_{column}", "client", [column])
    protect(op.get_bind())
