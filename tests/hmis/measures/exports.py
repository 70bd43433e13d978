"""A snapshot of a whole HMIS CSV export, straight from its zip: what an import and a snapshot of it would
give, without the database between. `hmis.measures.columns` says what is kept; HUD's type how it is read.
"""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from hmis.identity.ssn import usable_ssn
from hmis.measures.columns import TABLES, columns
from hmis.measures.numbering import number_rows
from hmis.measures.snapshot import Snapshot
from hmis.spec import FILES

_READ = {
    "S": "nullif(\"{0}\", '')",
    "I": 'try_cast("{0}" as integer)',
    "M": 'try_cast("{0}" as decimal(12, 2))',
    "D": "(try_cast(\"{0}\" as date) - date '1970-01-01')::integer",
    "T": "(try_cast(\"{0}\" as timestamp)::date - date '1970-01-01')::integer",
}
_ADDED = {
    "source_id": "1",
    "first_name_given": "coalesce(\"FirstName\", '') <> ''",
    "last_name_given": "coalesce(\"LastName\", '') <> ''",
    "ssn_given": "coalesce(\"SSN\", '') <> ''",
    "ssn_usable": "is_usable(coalesce(\"SSN\", ''))",
    "person_id": "null",
}


def snapshot(folder: Path, export: Path) -> Snapshot:
    """A snapshot of the export as the only source, `export`, in `folder`. Deleted rows are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(export) as archive:
        archive.extractall(folder / "csv")
    with duckdb.connect() as database:
        database.create_function("is_usable", _is_usable, ["VARCHAR"], "BOOLEAN")
        for file in TABLES:
            _read(database, folder, file)
        rows = number_rows(database, folder)
    return Snapshot(folder, datetime(2026, 1, 1, tzinfo=UTC), {"export": 1}, rows, "made")


def _is_usable(ssn: str) -> bool:
    # A hashed export writes a hash where there was a number.
    return bool(re.fullmatch("[0-9a-fA-F]{32,}", ssn)) or usable_ssn(ssn, 1) is not None


def _read(database: Any, folder: Path, file: str) -> None:
    said = FILES[file].by_attr
    read = {"id": f'"{FILES[file].key.name}"'} | _ADDED
    wanted = {
        name: read.get(name) or _READ[said[name].type].format(said[name].name) for name in columns(file)
    }
    selected = ", ".join(
        f"({sql})::{kind} as {name}"
        for (name, sql), (_, kind) in zip(wanted.items(), columns(file).values(), strict=True)
    )
    database.execute(
        f"""copy (select {selected} from read_csv('{folder / "csv" / file}.csv', header = true,
                         all_varchar = true, delim = ',', quote = '"', escape = '"')
                  where coalesce("DateDeleted", '') = '')
            to '{folder / file}.raw' (format parquet)"""
    )
