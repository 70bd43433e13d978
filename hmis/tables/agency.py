"""Agency: who has an agreement with the hub. Member: who may act for it, in which role, from when to when.

What a caller may do comes from these rows and never from a token: a token only proves who asks.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from hmis.tables.metadata import metadata

agency = Table(
    "agency",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column(
        "source_id", Integer, ForeignKey("source.id"), comment="The HMIS it enters into; null = into none"
    ),
    Column("organization_id", Text, comment="HUD 2.01 OrganizationID within that source"),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="auth.viewer.AgencyKind: CHO, VSP, PARTNER, ..."),
    Column("agreement_from", Date, nullable=False, comment="First day in force"),
    Column("agreement_to", Date, comment="First day no longer in force; null = without end"),
    Column("purposes", ARRAY(Text), nullable=False, comment="auth.viewer.Purpose: what the agreement is for"),
    UniqueConstraint("source_id", "organization_id"),
    CheckConstraint("agreement_to is null or agreement_to >= agreement_from", name="agreement"),
)

# OpenID Connect Core 2: a subject is unique only within its issuer. Without the issuer, every trusted issuer
# could speak for the members of every other one by choosing the same subject.
member = Table(
    "member",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("issuer", Text, nullable=False, comment="Claim iss of the token, exactly"),
    Column("subject", Text, nullable=False, comment="Claim sub of the token"),
    Column("agency_id", UUID(), ForeignKey("agency.id"), nullable=False),
    Column("role", Text, nullable=False, comment="auth.viewer.Role"),
    Column("valid_from", Date, nullable=False, comment="First day"),
    Column("valid_to", Date, comment="First day no longer a member; null = until ended"),
    CheckConstraint("valid_to is null or valid_to >= valid_from", name="period"),
)
Index(None, member.c.subject, member.c.issuer)
