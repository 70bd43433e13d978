"""Partner link: which of a partner's records are said to be about a person, and which are said not to be.

Many to many: partners know one person twice, and one household record stands for several persons. A rejection
stays in force like a link does, so the same pair is never linked again by rule.

`namespace` says what `value` is: RECORD, the id of one of the connector's own records, is what the partner is
asked by. Any other names an identifier by which several systems know somebody (MEDICAID; UTILITY_ACCOUNT, as
`vendor|account`; HMIS, as `ImplementationID|PersonalID`) and finds records that carry the same.

Beside it: questions that no rule may answer (`match_candidate`), and people who took back what had opened a
partner to anybody (`partner_withheld`). `info["partner_data"]` is read by `hmis/identity/forgetting.py`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hmis.tables.metadata import metadata

partner_link = Table(
    "partner_link",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("namespace", Text, nullable=False, server_default="RECORD", comment="What kind of id it is"),
    Column("value", Text, nullable=False, comment="The partner's id of the record"),
    Column("method", Text, nullable=False, comment="How the two were found to be one"),
    Column("score", Integer, comment="0 to 100; null = the method gives none"),
    Column("evidence", JSONB, nullable=False, server_default="{}", comment="Which facts agreed; no values"),
    Column("valid_from", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("valid_to", DateTime(timezone=True), comment="Null = in force"),
    Column("status", Text, nullable=False, server_default="CONFIRMED"),
    CheckConstraint("status in ('CONFIRMED', 'REJECTED')", name="status"),
    CheckConstraint("method in ('SHARED_ID', 'TOKEN', 'NAME_DOB', 'FIND', 'STAFF')", name="method"),
    CheckConstraint("score between 0 and 100", name="score"),
    info={"partner_data": "LINK"},
)
# One word in force about a pair: either it is a link or it is a rejection.
Index(
    "uq_partner_link_in_force",
    partner_link.c.person_id,
    partner_link.c.connector,
    partner_link.c.namespace,
    partner_link.c.value,
    unique=True,
    postgresql_where=text("valid_to is null"),
)
Index(
    "ix_partner_link_connector",
    partner_link.c.connector,
    partner_link.c.value,
    postgresql_where=text("valid_to is null"),
)

match_candidate = Table(
    "match_candidate",
    metadata,
    Column("id", UUID(), primary_key=True, server_default=func.gen_random_uuid()),
    Column("person_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("namespace", Text, nullable=False, server_default="RECORD"),
    Column("value", Text, nullable=False, comment="The partner's id of the record"),
    Column("method", Text, nullable=False, comment="What found the two to be alike"),
    Column("reason", Text, nullable=False, comment="Why no rule may decide"),
    Column("score", Integer, comment="0 to 100; null = the method gives none"),
    Column("margin", Integer, comment="Points above the next best record; null = there is no other"),
    Column("evidence", JSONB, nullable=False, server_default="{}", comment="Facts that agreed; no values"),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False, server_default="OPEN"),
    Column("decided_by", Text, comment="Subject of the token; null = nobody has"),
    Column("decided_at", DateTime(timezone=True)),
    UniqueConstraint("person_id", "connector", "namespace", "value"),
    CheckConstraint("state in ('OPEN', 'CONFIRMED', 'REJECTED', 'WITHDRAWN')", name="state"),
    CheckConstraint("method in ('SHARED_ID', 'TOKEN', 'NAME_DOB', 'FIND')", name="method"),
    CheckConstraint("score between 0 and 100", name="score"),
    CheckConstraint("(state in ('CONFIRMED', 'REJECTED')) = (decided_by is not null)", name="decided"),
    comment="Records that may be about a person and that no rule may link; a person decides",
    info={"partner_data": "PERSON"},
)
Index(None, match_candidate.c.connector, match_candidate.c.state)

partner_withheld = Table(
    "partner_withheld",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("person_id", UUID(), ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("record_sha256", Text, comment="Of connector and record id; null = the person as such"),
    Column("shared", Boolean, nullable=False, server_default="false", comment="Others are in the record too"),
    Column("categories", BigInteger, nullable=False, comment="One has to be open before it is kept again"),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Nothing of a partner is kept of them until they agree anew",
)
Index(
    "uq_partner_withheld",
    partner_withheld.c.person_id,
    partner_withheld.c.connector,
    partner_withheld.c.record_sha256,
    unique=True,
    postgresql_nulls_not_distinct=True,
)
Index(None, partner_withheld.c.connector, partner_withheld.c.record_sha256)
