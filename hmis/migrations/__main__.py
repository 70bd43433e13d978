"""Write the next migration from the difference between the tables in code and the migrations so far.

    python -m hmis.migrations 0002_shorter_names "Names are kept in lower case too"

Runs on a throw-away embedded PostgreSQL. Read what it wrote before committing it: a rename looks to it like
a removal and an addition.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from hmis.database import async_url, embedded
from hmis.migrate import config, upgrade


async def write(url: str, revision: str, message: str) -> None:
    """Write `versions/<revision>.py`."""
    await upgrade(url)
    engine = create_async_engine(async_url(url))

    def compare(connection: Connection) -> None:
        found = config()
        found.set_main_option("file_template", "%%(rev)s")
        found.attributes["connection"] = connection
        command.revision(found, message, autogenerate=True, rev_id=revision)

    async with engine.begin() as connection:
        await connection.run_sync(compare)
    await engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="hub-migration-") as home:
        asyncio.run(write(embedded(Path(home)), sys.argv[1], sys.argv[2]))
