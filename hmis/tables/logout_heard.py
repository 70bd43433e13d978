"""Log-outs that providers told of."""

from sqlalchemy import Column, DateTime, Index, LargeBinary, Table, Text

from hmis.tables.metadata import metadata

logout_heard = Table(
    "logout_heard",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("jti_hash", LargeBinary, primary_key=True, comment="SHA-256 of its `jti`"),
    Column("expires_at", DateTime(timezone=True), nullable=False, comment="Of no use after that"),
    Index(None, "expires_at"),
    # After a crash of the server there is nobody left to sign out.
    prefixes=["UNLOGGED"],
    comment="Log-out tokens of providers that were heard, so that none is heard twice",
)
