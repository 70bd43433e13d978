"""Consent: what a client agreed to share, with whom, from when to when. Append-only.

A grant is never changed: a revocation is a row of its own, so that what held on any day can be told later
(`start_on`, `end_on`: when it holds; `recorded_at`, `revoked_at`: when we knew).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from hmis.tables.metadata import metadata

visibility_group = Table(
    "visibility_group",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("name", Text, nullable=False, unique=True),
    comment="Agencies that a form names together; a living group takes in those that join later",
)

visibility_group_member = Table(
    "visibility_group_member",
    metadata,
    Column("group_id", UUID(), ForeignKey("visibility_group.id"), primary_key=True),
    Column("agency_id", UUID(), ForeignKey("agency.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, comment="First day no longer a member; null = a member"),
)

guardian = Table(
    "guardian",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False, comment="The minor"),
    Column("adult", Text, nullable=False, comment="Who: a hub id, or how the agency's file names them"),
    Column("authority", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="First day no longer; null = until of age"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("recorded_by", Text, nullable=False),
    Column(
        "recorded_at_agency",
        UUID(),
        ForeignKey("agency.id"),
        comment="Whose file names the adult, and who may read it; null = not known any more",
    ),
    CheckConstraint("authority in ('PARENT', 'LEGAL_GUARDIAN', 'COURT', 'AGENCY')", name="authority"),
)
Index(None, guardian.c.person_id)

guardian_bar = Table(
    "guardian_bar",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("guardian_id", UUID(), ForeignKey("guardian.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("barred_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("barred_by", Text, nullable=False),
)

consent_grant = Table(
    "consent_grant",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False),
    Column("effect", Text, nullable=False),
    Column("categories", BigInteger, nullable=False, comment="Bit mask of auth.categories.Category"),
    Column("labels", BigInteger, nullable=False, server_default="0", comment="Bit mask of hmis.labels.Label"),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("community_wide", Boolean, nullable=False, comment="Every agency with an agreement in force"),
    Column("group_id", UUID(), ForeignKey("visibility_group.id"), comment="A living group as recipient"),
    Column("subject", Text, comment="One person at a named agency; null = whoever acts for it"),
    Column("sources", ARRAY(Integer), comment="Only records of these sources; null = of every source"),
    Column("data_from", Date, comment="Only records dated on or after it"),
    Column("data_to", Date, comment="Only records dated before it"),
    Column("start_on", Date, nullable=False, comment="First day in force"),
    Column("end_on", Date, comment="First day no longer in force; null = until revoked"),
    Column("provisional_until", Date, comment="A spoken consent holds until this day; null = it is final"),
    Column("form_id", UUID(), comment="Grants signed together on one form"),
    Column("template", Text, comment="Which form: id and version of auth/forms"),
    Column("section", Text, comment="Which section of it"),
    Column("language", Text, comment="Of the form they read; null = not noted"),
    Column("regime", Text, nullable=False, server_default="HUD"),
    Column("signed_by_client", Boolean, nullable=False, server_default=text("true")),
    Column("guardian_id", UUID(), ForeignKey("guardian.id"), comment="Who signed for a minor"),
    Column("method", Text, nullable=False),
    Column("evidence", Text, comment="sha256:… of the signed form, or where it is kept"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("recorded_by", Text, nullable=False, comment="Subject of the token"),
    Column("recorded_at_agency", UUID(), ForeignKey("agency.id"), nullable=False),
    CheckConstraint("effect in ('PERMIT', 'DENY')", name="effect"),
    CheckConstraint("method in ('WRITTEN', 'ELECTRONIC', 'VERBAL', 'TELEPHONIC', 'NOTICE')", name="method"),
    CheckConstraint("regime in ('HUD', 'PART2', 'HIPAA', 'RHY', 'HIV', 'FERPA')", name="regime"),
    CheckConstraint("labels = 0 or not community_wide or effect = 'DENY'", name="labels"),
    CheckConstraint("end_on is null or end_on > start_on", name="period"),
)
Index(None, consent_grant.c.person_id)
# Whom an agency may see at all is looked up from its own side where that is the shorter way.
Index(
    "ix_consent_grant_community_wide",
    consent_grant.c.person_id,
    postgresql_where=consent_grant.c.community_wide,
)
Index(None, consent_grant.c.group_id, postgresql_where=consent_grant.c.group_id.is_not(None))

consent_recipient = Table(
    "consent_recipient",
    metadata,
    Column("grant_id", UUID(), ForeignKey("consent_grant.id"), primary_key=True),
    Column("agency_id", UUID(), ForeignKey("agency.id"), primary_key=True),
)
Index(None, consent_recipient.c.agency_id)

consent_revocation = Table(
    "consent_revocation",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("grant_id", UUID(), ForeignKey("consent_grant.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_by", Text, nullable=False),
)

break_glass = Table(
    "break_glass",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id"), nullable=False),
    Column("subject", Text, nullable=False, comment="Who opened it; it opens for nobody else"),
    Column("agency_id", UUID(), ForeignKey("agency.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("closes_at > opened_at and closes_at <= opened_at + interval '60 minutes'", name="ttl"),
)
Index(None, break_glass.c.person_id, break_glass.c.subject)
Index(None, break_glass.c.subject, break_glass.c.agency_id)

break_glass_review = Table(
    "break_glass_review",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("break_glass_id", UUID(), ForeignKey("break_glass.id"), nullable=False, unique=True),
    Column("reviewer", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reviewed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("outcome in ('JUSTIFIED', 'NOT_JUSTIFIED')", name="outcome"),
)

break_glass_ask = Table(
    "break_glass_ask",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("agency_id", UUID(), ForeignKey("agency.id"), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    comment="How often somebody asked for an opening, whether or not there was anybody to open",
)
Index(None, break_glass_ask.c.subject, break_glass_ask.c.agency_id, break_glass_ask.c.asked_at)

policy_profile = Table(
    "policy_profile",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("notice_version", Text, comment="Edition of the notice that the categories rest on"),
    Column("notice_categories", BigInteger, nullable=False, server_default="0"),
    Column("combination", Text, nullable=False, server_default="UNION"),
    Column("age_of_consent", Integer, nullable=False, server_default="18"),
    Column("default_term_days", Integer, comment="End of a grant that names none; null = until revoked"),
    Column("max_term_days", Integer, comment="Longest a grant may run; null = no limit"),
    Column("small_cell", Integer, nullable=False, server_default="10", comment="Counts up to it are hidden"),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("recorded_by", Text, nullable=False),
    CheckConstraint("combination in ('LATEST', 'UNION')", name="combination"),
    comment="What the community decided for everybody; the newest row is in force",
)
