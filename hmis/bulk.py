"""The database driver's own connection, for what SQLAlchemy does not have: COPY and large set-wise SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import IO, Any, Protocol, cast

from sqlalchemy.ext.asyncio import AsyncConnection


class BulkConnection(Protocol):
    """What the hub uses of asyncpg's Connection."""

    async def execute(self, query: str, *args: object) -> str: ...

    async def fetch(self, query: str, *args: object) -> Sequence[Any]: ...

    async def fetchrow(self, query: str, *args: object) -> Any: ...

    async def fetchval(self, query: str, *args: object) -> Any: ...

    async def copy_to_table(
        self,
        table_name: str,
        *,
        source: IO[bytes],
        columns: Sequence[str],
        format: str,
        force_null: Sequence[str] | None = None,
    ) -> str: ...

    def cursor(self, query: str, *args: object, prefetch: int | None = None) -> AsyncIterator[Any]: ...

    def transaction(self) -> AbstractAsyncContextManager[Any]: ...


BULK_SETTINGS = """
    set local work_mem = '64MB'; set local temp_buffers = '32MB';
    set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0
"""
"""For hash joins over millions of rows, for as long as it takes; in one transaction only.

Whoever makes temporary tables takes these: a session that has used some takes no other `temp_buffers` ever
after, and goes back to the pool all the same.
"""


async def bulk(connection: AsyncConnection) -> BulkConnection:
    """The asyncpg connection beneath `connection`. SQLAlchemy knows nothing of what is done on it."""
    raw = await connection.get_raw_connection()
    return cast(BulkConnection, raw.driver_connection)


def affected(status: str) -> int:
    """`INSERT 0 5`, `UPDATE 5` -> 5."""
    return int(status.rpartition(" ")[2])
