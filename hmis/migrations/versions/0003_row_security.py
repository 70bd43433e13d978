"""Row-level security: who reads for a viewer gets no row about a person whom that viewer could never see

The role `hub_app` owns nothing and reads under policies. They are the net below the rules of consent, not the
rules: coarser, never narrower (docs/decisions/0007-row-level-security.md). Owners are not bound by them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_row_security"
down_revision = "0002_consent"
branch_labels = None
depends_on = None

# Roles belong to the whole cluster: another database of it, migrated at this moment, may be making the same.
_ROLE = """
do $$
begin
  if not exists (select from pg_roles where rolname = 'hub_app') then
    begin
      create role hub_app nologin nosuperuser nobypassrls nocreatedb nocreaterole noreplication;
    exception when duplicate_object or unique_violation then null;
    end;
  end if;
  if not pg_has_role(current_user, 'hub_app', 'member') then
    grant hub_app to current_user;
  end if;
end $$
"""

# The parts that only the five functions below call: they run as the owner, with the search path fixed there.
_PARTS = (
    """
create function hub_opened(person uuid) returns boolean
language plpgsql stable parallel safe cost 50 as $$
declare
  viewer_agency uuid := current_setting('hub.agency')::uuid;
  today date := current_setting('hub.as_of')::date;
  moment timestamptz := current_setting('hub.now')::timestamptz;
  permitted boolean;
  denied boolean;
begin
  -- Bit 1 is EXISTENCE: without it nothing else is shown, and denying it closes everything.
  select bool_or(g.effect = 'PERMIT'), bool_or(g.effect = 'DENY') into permitted, denied
  from consent_grant g
  where g.person_id = person and g.categories & 1 <> 0
    and g.start_on <= today and (g.end_on is null or g.end_on > today)
    and (g.provisional_until is null or g.provisional_until > today)
    and current_setting('hub.purpose') = any (g.purposes)
    and (g.subject is null or g.subject = current_setting('hub.subject'))
    and case when g.effect = 'DENY'
          then g.labels = 0 and g.sources is null and g.data_from is null and g.data_to is null
          else true end
    and not exists (select from consent_revocation r where r.grant_id = g.id)
    and (g.community_wide
         or exists (select from consent_recipient r where r.grant_id = g.id and r.agency_id = viewer_agency)
         or exists (select from visibility_group_member m
                    where m.group_id = g.group_id and m.agency_id = viewer_agency
                      and m.valid_from <= today and (m.valid_to is null or m.valid_to > today)));
  if not coalesce(denied, false) and (
    permitted or (select p.notice_categories & 1 <> 0 from policy_profile p order by p.id desc limit 1)
  ) then
    return true;
  end if;
  -- The moment is told to the minute, so that it changes seldom.
  return exists (select from break_glass b
                 where b.person_id = person and b.subject = current_setting('hub.subject')
                   and b.agency_id = viewer_agency
                   and b.opened_at < moment + interval '1 minute' and b.closes_at > moment);
end $$
""",
    """
create function hub_linked_and_opened(source integer, personal text) returns boolean
language plpgsql stable parallel safe cost 60 as $$
begin
  return exists (select from client_link l
                 where l.source_id = source and l.personal_id = personal and l.undone_at is null
                   and hub_opened(l.person_id));
end $$
""",
    """
create function hub_sees_stay(source integer, personal text, project text) returns boolean
language plpgsql stable parallel safe cost 60 as $$
declare
  own boolean;
  shareable boolean;
begin
  select p.source_id = nullif(current_setting('hub.source', true), '')::integer
           and p.organization_id = current_setting('hub.organization', true),
         p.shareable
  into own, shareable
  from project_label p
  where p.source_id = source and p.project_id = project;
  if own then return true; end if;
  -- VAWA 34 USC 12291(b)(2): a victim service provider's stay is nobody else's, whatever was agreed.
  if not coalesce(shareable, false) then return false; end if;
  return hub_linked_and_opened(source, personal);
end $$
""",
    """
create function hub_sees_client(source integer, personal text) returns boolean
language plpgsql stable parallel safe cost 60 as $$
begin
  if exists (select from client_owner o
             where o.source_id = source and o.personal_id = personal
               and o.organization_id = current_setting('hub.organization', true)
               and source = nullif(current_setting('hub.source', true), '')::integer) then
    return true;
  end if;
  -- Null: known to victim service providers alone.
  if (select c.labels is null from client_label c
      where c.source_id = source and c.personal_id = personal) is distinct from false then
    return false;
  end if;
  return hub_linked_and_opened(source, personal);
end $$
""",
)

# What the policies call. {fixed}: security definer with a search path that nobody's own tables get into.
_QUESTIONS = (
    """
create function hub_may_see_client(source integer, personal text) returns boolean
language plpgsql stable parallel safe cost 200 {fixed} as $$
begin
  if coalesce(current_setting('hub.agency', true), '') = '' then return false; end if;
  return hub_sees_client(source, personal);
end $$
""",
    """
create function hub_may_see_stay(source integer, personal text, project text) returns boolean
language plpgsql stable parallel safe cost 200 {fixed} as $$
begin
  if coalesce(current_setting('hub.agency', true), '') = '' then return false; end if;
  return hub_sees_stay(source, personal, project);
end $$
""",
    """
create function hub_may_see_record(source integer, enrollment text) returns boolean
language plpgsql stable parallel safe cost 200 {fixed} as $$
declare
  stay record;
begin
  if coalesce(current_setting('hub.agency', true), '') = '' then return false; end if;
  select e.personal_id, e.project_id into stay
  from enrollment e where e.source_id = source and e.enrollment_id = enrollment;
  return found and hub_sees_stay(source, stay.personal_id, stay.project_id);
end $$
""",
    """
create function hub_may_see_answer(source integer, assessment text) returns boolean
language plpgsql stable parallel safe cost 200 {fixed} as $$
declare
  stay record;
begin
  if coalesce(current_setting('hub.agency', true), '') = '' then return false; end if;
  select e.personal_id, e.project_id into stay
  from assessment a
  join enrollment e on e.source_id = a.source_id and e.enrollment_id = a.enrollment_id
  where a.source_id = source and a.assessment_id = assessment;
  return found and hub_sees_stay(source, stay.personal_id, stay.project_id);
end $$
""",
    """
create function hub_may_see_person(person uuid) returns boolean
language plpgsql stable parallel safe cost 200 {fixed} as $$
begin
  if coalesce(current_setting('hub.agency', true), '') = '' then return false; end if;
  return exists (select from client_link l
                 where l.person_id = person and l.undone_at is null
                   and hub_sees_client(l.source_id, l.personal_id));
end $$
""",
)

_WITH_VIEWER = "current_setting('hub.agency', true) <> ''"
_BY_RECORD = "hub_may_see_record(source_id, enrollment_id)"
_BY_ANSWER = "hub_may_see_answer(source_id, assessment_id)"
_BY_PERSON = "hub_may_see_person(person_id)"

# Every table about people and the row that may be read. None = not read for viewers at all.
_READ = {
    "client": "hub_may_see_client(source_id, personal_id)",
    "enrollment": "hub_may_see_stay(source_id, personal_id, project_id)",
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
    "client_link": "hub_may_see_client(source_id, personal_id)",
    "person": "hub_may_see_person(id)",
    "partner_link": _BY_PERSON,
    "audit_subject": _BY_PERSON,
    # What the rules themselves read: to ask the rules whether they may be read would go round in a circle.
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


def protect(connection: sa.Connection) -> None:
    """Make the role, the functions and the policies."""
    schema = connection.exec_driver_sql("select quote_ident(current_schema())").scalar_one()
    fixed = f"security definer set search_path = pg_catalog, {schema}, pg_temp"
    run = connection.exec_driver_sql
    run(_ROLE)
    run(f"grant usage on schema {schema} to hub_app")
    for part in _PARTS:
        run(part)
    for question in _QUESTIONS:
        run(question.format(fixed=fixed))
    for name, arguments in _FUNCTIONS:
        run(f"revoke execute on function {name}({arguments}) from public")
        if name.startswith("hub_may_see"):
            run(f"grant execute on function {name}({arguments}) to hub_app")
    for table, rule in _READ.items():
        run(f"alter table {table} enable row level security")
        if rule is not None:
            run(f"grant select on {table} to hub_app")
            run(f"create policy hub_reads on {table} for select to hub_app using ({rule})")
    for table, rule in _APPENDED.items():
        run(f"grant insert on {table} to hub_app")
        run(f"create policy hub_appends on {table} for insert to hub_app with check ({rule})")
    run("grant insert on audit_event to hub_app")
    for table in _OPEN:
        run(f"grant select on {table} to hub_app")


_FUNCTIONS = (
    ("hub_opened", "uuid"),
    ("hub_linked_and_opened", "integer, text"),
    ("hub_sees_stay", "integer, text, text"),
    ("hub_sees_client", "integer, text"),
    ("hub_may_see_client", "integer, text"),
    ("hub_may_see_stay", "integer, text, text"),
    ("hub_may_see_record", "integer, text"),
    ("hub_may_see_answer", "integer, text"),
    ("hub_may_see_person", "uuid"),
)


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
