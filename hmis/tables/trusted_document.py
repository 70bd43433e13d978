"""Documents that applications may ask by: texts, by the application they belong to and their hash."""

from sqlalchemy import CheckConstraint, Column, DateTime, Table, Text, func

from hmis.tables.metadata import metadata

trusted_document = Table(
    "trusted_document",
    metadata,
    Column("client_id", Text, primary_key=True, comment="The application, as its tokens name it"),
    Column("sha256", Text, primary_key=True, comment="Of the text in UTF-8, in hexadecimal"),
    Column("text", Text, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("registered_by", Text, nullable=False, comment="Subject of a token, or the operator"),
    CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    comment="GraphQL documents an application may name by their hash; they tell of nobody",
)
