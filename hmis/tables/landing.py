"""Landing: what partners drop as files, kept as they gave it until the next drop takes its place.

A drop is the partner's whole picture on a day: taking one replaces everything the same connector landed
before, so a household that the partner no longer names is gone here too.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    func,
)

from hmis.tables.metadata import metadata

landing_batch = Table(
    "landing_batch",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("connector", Text, nullable=False),
    Column("batch", Text, nullable=False, comment="The partner's name of the drop"),
    Column("content_sha256", Text, nullable=False, comment="Of its day and its files' hashes; taken once"),
    Column("as_of", Date, nullable=False, comment="The day the partner's files speak of"),
    Column("taken_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("members", Integer, nullable=False),
    Column("benefits", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False, comment="Reported back in the errors file"),
    UniqueConstraint("connector", "content_sha256"),
    comment="Ledger of the drops taken, newest is in force",
)

landing_household_member = Table(
    "landing_household_member",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("household_id", Text, nullable=False, comment="The partner's id"),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("dob", Date),
    Column("address", Text),
    Column("city", Text),
    Column("state", Text),
    Column("zip", Text),
    Column("first_normal", Text, nullable=False, comment="normalised_name(first_name); empty = no letter"),
    Column("last_normal", Text, nullable=False, comment="normalised_name(last_name); empty = no letter"),
    info={
        "partner_data": "RECORD",
        "record": "household_id",
        "member": ("first_normal", "last_normal", "dob"),
    },
)
Index(None, landing_household_member.c.batch_id)
Index(None, landing_household_member.c.connector, landing_household_member.c.household_id)

landing_benefit = Table(
    "landing_benefit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("household_id", Text, nullable=False),
    Column("benefit_date", Date, nullable=False),
    Column("kind", Text, nullable=False, comment="HEATING, COOLING, CRISIS, WEATHERIZATION or REPAIR"),
    Column("amount", Numeric(12, 2), nullable=False),
    Column("heating_fuel", Text, comment="As the hub names fuels; null = not said"),
    Column("vendor", Text),
    Column("account", Text, comment="Account at the vendor"),
    Column("restored", Boolean, comment="Service was off and came back; null = not said"),
    Column("prevented", Boolean, comment="A shut-off was averted; null = not said"),
    info={"partner_data": "RECORD", "record": "household_id"},
)
Index(None, landing_benefit.c.batch_id)
Index(None, landing_benefit.c.connector, landing_benefit.c.household_id)

landing_payment = Table(
    "landing_payment",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("household_id", Text, nullable=False, comment="The one household at the payment's address"),
    Column("number", Integer, nullable=False, comment="Row of the file"),
    Column("paid_on", Date, nullable=False),
    Column("amount", Numeric(12, 2), nullable=False),
    Column("kind", Text, nullable=False, comment="As the hub names it"),
    Column("covers_from", Date, nullable=False),
    Column("covers_to", Date, nullable=False, comment="Last day paid for"),
    info={"partner_data": "RECORD", "record": "household_id"},
)
Index(None, landing_payment.c.batch_id)
Index(None, landing_payment.c.connector, landing_payment.c.household_id)

landing_token = Table(
    "landing_token",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("batch_id", BigInteger, ForeignKey("landing_batch.id", ondelete="CASCADE"), nullable=False),
    Column("connector", Text, nullable=False),
    Column("record_id", Text, nullable=False, comment="The partner's id"),
    Column(
        "token", Text, nullable=False, comment="As connectors/tokens.py makes them, by the agreement's key"
    ),
    comment="What a partner dropped in place of names; the key is kept elsewhere",
    info={"partner_data": "RECORD", "record": "record_id"},
)
Index(None, landing_token.c.batch_id)
Index(None, landing_token.c.connector, landing_token.c.record_id)
Index(None, landing_token.c.token)
