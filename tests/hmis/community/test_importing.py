"""The community's archive through the importer: nothing to complain about, and the right people linked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from hmis.community import Community
from hmis.csv.loading import import_archive

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


async def test_the_importer_takes_every_row_and_links_exactly_those_taken_in_twice(
    community: Community, database: AsyncEngine, tmp_path: Path
) -> None:
    community.write_archive(tmp_path / "community.zip")
    report = await import_archive(database, tmp_path / "community.zip", "port-ellery", now=NOW)

    assert {file: counts.added for file, counts in report.files.items()} == {
        file: len(rows) for file, rows in community.rows.items()
    }
    complaints = {(finding.rule, finding.file) for finding in report.findings}
    # XX-501 is a test code outside HUD's list of continuums.
    complaints -= {("coc-not-in-list", f"{file}.csv") for file in ("ProjectCoC", "Inventory", "Enrollment")}
    # Organization.csv comes before User.csv in HUD's order, so a first import has not met the users yet.
    assert complaints <= {("user-unknown", "Organization.csv")}
    linked = sum(duplicate.links for duplicate in community.duplicates)
    assert report.links_made == linked
    assert report.people == len(community.rows["Client"]) - linked
