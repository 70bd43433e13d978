"""Sessions of people at a browser, signed in and on the way there."""

from sqlalchemy import UUID, Column, DateTime, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from hmis.tables.metadata import metadata

web_session = Table(
    "web_session",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True, comment="SHA-256 of what the cookie holds"),
    Column("issuer", Text, nullable=True, comment="Who signed them in; null = nobody has yet"),
    Column("subject", Text, nullable=True, comment="Who it is at that issuer"),
    Column("sid", Text, nullable=True, comment="The issuer's name of the session, for its log-outs"),
    Column("agency", UUID(as_uuid=True), nullable=True, comment="The membership chosen; null = the only one"),
    Column("acr", Text, nullable=True, comment="How strongly they signed in, in the issuer's words"),
    Column("auth_time", DateTime(timezone=True), nullable=True, comment="When they last proved who they are"),
    Column("id_token", Text, nullable=True, comment="Shown to the issuer when they sign out"),
    Column("data", JSONB, nullable=False, server_default=text("'{}'"), comment="Of the browser: language"),
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False, comment="To half a minute"),
    Index(None, "issuer", "subject"),
    Index(None, "seen_at"),
    # After a crash of the server everybody signs in again.
    prefixes=["UNLOGGED"],
    comment="Who is at which browser; a row that is gone or too old lets nobody in",
)
