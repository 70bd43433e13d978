"""What is computed of records when they are written: whose they are, and what they tell without saying it.

`hmis/labelling.py` computes them, by the rules of `hmis/labels.py`. A record without its row here is shown to
nobody, so that what was forgotten closes and never opens.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text

from hmis.tables.metadata import metadata

project_label = Table(
    "project_label",
    metadata,
    Column("source_id", Integer, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("project_id", Text, primary_key=True),
    Column("organization_id", Text, nullable=False, comment="Whose the stays at the project are"),
    Column(
        "shareable",
        Boolean,
        nullable=False,
        comment="False: of a victim service provider, so nobody else's business whatever was agreed",
    ),
    Column(
        "labels", BigInteger, nullable=False, comment="Bit mask of hmis.labels.Label, of every stay at it"
    ),
    Column("rules", Text, nullable=False, comment="hmis.labels.VERSION that computed the row"),
)

client_label = Table(
    "client_label",
    metadata,
    Column("source_id", Integer, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("personal_id", Text, primary_key=True),
    Column(
        "labels",
        BigInteger,
        comment="0 when any shareable stay tells nothing by itself, else what they all tell; null = no stay"
        " is shareable",
    ),
)

client_owner = Table(
    "client_owner",
    metadata,
    Column("source_id", Integer, ForeignKey("source.id"), primary_key=True, autoincrement=False),
    Column("organization_id", Text, primary_key=True),
    Column("personal_id", Text, primary_key=True),
    comment="A client row belongs to every organization that enrolled the client, for as long as it did",
)
