"""Peer landing: what another community's HMIS recorded, as far as it may ever be handed on.

Projects of victim service providers and for survivors of violence are never landed, nor who stayed only there
(34 USC 12291(b)(2)). Who the people are stands with everybody else's in `landing_household_member`, their
PersonalID as the partner's id, and which exports were taken in `landing_batch`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from hmis.tables.metadata import metadata

landing_peer_export = Table(
    "landing_peer_export",
    metadata,
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), primary_key=True),
    Column("connector", Text, nullable=False),
    Column(
        "implementation_id",
        Text,
        comment="Names the database that PersonalIDs are of; null = it does not say",
    ),
    Column("people_landed", Boolean, nullable=False, comment="False = projects only; people are asked about"),
    Column("period_start", Date, comment="Null = absence from the export says nothing"),
    Column("period_end", Date),
    comment="What each batch of a peer's is an export of",
)
Index(None, landing_peer_export.c.connector)

landing_peer_project = Table(
    "landing_peer_project",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("project_name", Text),
    Column("project_type", Integer, comment="HUD list 2.02.6"),
    Column("organization_name", Text),
    Column("coc_code", Text, comment="Where it serves one Continuum of Care only"),
    Column("labels", BigInteger, nullable=False, comment="Bit mask of hmis.labels.Label"),
    UniqueConstraint("connector", "project_id"),
    comment="Projects of peers that may be named at all",
)
Index(None, landing_peer_project.c.batch_id)

landing_peer_stay = Table(
    "landing_peer_stay",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("enrollment_id", Text, nullable=False),
    Column("personal_id", Text, nullable=False),
    Column("project_id", Text, nullable=False),
    Column("coc_code", Text, comment="HUD 3.16, told of the head of the household"),
    Column("entry_date", Date, nullable=False),
    Column("exit_date", Date, comment="Null = not left"),
    Column("destination", Integer, comment="HUD list 3.12.1"),
    UniqueConstraint("connector", "enrollment_id"),
    comment="Stays at projects of peers",
    info={"partner_data": "RECORD", "record": "personal_id"},
)
Index(None, landing_peer_stay.c.batch_id)
Index(None, landing_peer_stay.c.connector, landing_peer_stay.c.personal_id)
Index(None, landing_peer_stay.c.connector, landing_peer_stay.c.project_id)
