"""What viewers may still ask for at the moment: one row for each who asked lately."""

from sqlalchemy import Column, DateTime, LargeBinary, Table

from hmis.tables.metadata import metadata

viewer_budget = Table(
    "viewer_budget",
    metadata,
    Column("viewer", LargeBinary, primary_key=True, comment="Keyed hash of issuer and subject of the token"),
    Column(
        "full_at", DateTime(timezone=True), nullable=False, comment="When nothing of it is spent any longer"
    ),
    # Written with every request and worth nothing after a minute: it need not survive a crash of the server,
    # after which everybody may spend all again.
    prefixes=["UNLOGGED"],
    comment="What each viewer spent of what they may ask for in a minute, shared by all processes",
)
