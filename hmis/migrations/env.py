"""How Alembic reaches the database: the connection that `hmis.migrate` hands over, or HUB_DATABASE_URL.

`alembic -c` is not needed to run the hub; writing a new revision is `python -m hmis.migrations NAME`.
"""

from alembic import context

from hmis.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
