"""What holds of every measure, whatever it counts, on the rows of a small made state.

Each change is made to the rows as their sources would give them; then they are numbered and counted anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from hmis.measures import answering, core
from hmis.measures.catalog import MEASURES
from hmis.measures.columns import TABLES, columns
from hmis.measures.measure import NOTHING, Figures, Measure
from hmis.measures.numbering import number_rows
from hmis.measures.snapshot import Snapshot
from tests.bench.state import SOURCES, YEAR, write_raw

STAYS, SEED = 2_000, 5
_LONG_AGO = 4_500
"""Days before all that there is: longer than any measure looks back, from its period."""
_TO_COME = YEAR.re + 400

Change = Mapping[str, str]
"""HUD's file -> the SQL of its rows, over the files as they were. A file that is missing stays as it was."""


def _renamed() -> Change:
    """Other keys, which sort otherwise; sources in another order; and rows in another order."""
    # A project's own key is the name of figures, so it stays.
    keys = ("id", "organization_id", "personal_id", "enrollment_id", "household_id", "person_id")
    changes = {}
    for file in TABLES:
        others = [f"md5({name} || 'renamed') as {name}" for name in keys if name in columns(file)]
        replaced = ", ".join([*others, "4 - source_id as source_id"])
        changes[file] = f"select * replace ({replaced}) from {file} order by hash(id, 'order')"
    return changes


def _known_thrice() -> Change:
    """Two more systems know all that the first knows, row by row, of the same people."""
    again = " union all ".join(
        f"select * replace (source_id + {more} as source_id) from rows where source_id = 1"
        for more in (10, 20)
    )
    # A record that is linked with none is a person by itself; copies of it would be others.
    linked = "select * replace (coalesce(person_id, concat(source_id, personal_id)) as person_id) from Client"
    return {
        file: f"with rows as ({linked if file == 'Client' else f'from {file}'}) from rows union all {again}"
        for file in TABLES
    }


def _long_ago_and_to_come() -> Change:
    """More stays of the same people: over before anything looks back, or not begun when the period ends."""
    # Of grown people, so that nobody is served before their birth, and of those who left.
    some = f"""(source_id, enrollment_id) in (
        select source_id, enrollment_id from Enrollment join Client using (source_id, personal_id)
        join Exit using (source_id, enrollment_id) where dob + 6600 < entry_date - {_LONG_AGO})"""

    def added(file: str, suffix: str, *values: str) -> str:
        named = [f"{name} || '{suffix}' as {name}" for name in ("id", "enrollment_id")]
        return f"select * replace ({', '.join([*named, *values])}) from {file} where {some}"

    def home(suffix: str) -> list[str]:
        blank = ("move_in_date", "date_to_street_essh", "date_of_engagement")
        return [f"household_id || '{suffix}' as household_id", *(f"null as {name}" for name in blank)]

    return {
        "Enrollment": f"""from Enrollment
            union all {added("Enrollment", "-old", f"entry_date - {_LONG_AGO} as entry_date", *home("-old"))}
            union all {added("Enrollment", "-new", f"{_TO_COME} as entry_date", *home("-new"))}""",
        "Exit": f"""from Exit
            union all {added("Exit", "-old", f"exit_date - {_LONG_AGO} as exit_date")}
            union all {added("Exit", "-new", f"{_TO_COME + 9} as exit_date")}""",
        "Services": f"""from Services
            union all {added("Services", "-old", f"date_provided - {_LONG_AGO} as date_provided")}
            union all select * replace ({_TO_COME} as date_provided) from Services""",
        "CurrentLivingSituation": f"""from CurrentLivingSituation
            union all select * replace ({_TO_COME} as information_date) from CurrentLivingSituation""",
    }


def _without_victim_service_providers() -> Change:
    return {
        "Enrollment": """from Enrollment where (source_id, project_id) not in (
            select source_id, project_id from Project join Organization using (source_id, organization_id)
            where victim_service_provider = 1)"""
    }


def _without_ties() -> Change:
    """Of two stays that began on one day nothing but their keys says which is the later."""
    return {
        "Enrollment": """select * exclude (who) from (
                select e.*, coalesce(person_id, concat(e.source_id, personal_id)) as who
                from Enrollment e join Client using (source_id, personal_id))
            qualify count(*) over (partition by who, entry_date) = 1"""
    }


class Worlds:
    """Snapshots of the made rows, as they are and changed, opened once each; and the figures of the first."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._opened: dict[tuple[str, ...], core.Core] = {}
        self._figures: dict[str, Figures] = {}
        (folder / "rows").mkdir()
        with duckdb.connect() as database:
            write_raw(database, folder / "rows", STAYS, SEED)

    def changed(self, *changes: Callable[[], Change]) -> core.Core:
        names = tuple(change.__name__ for change in changes)
        if names not in self._opened:
            snapshot = self._snapshot("".join(names), [_without_ties(), *(change() for change in changes)])
            self._opened[names] = self._stack.enter_context(core.opened(snapshot))
        return self._opened[names]

    def figures(self, measure: Measure) -> Figures:
        """What a measure says of the rows as they were made."""
        if measure.name not in self._figures:
            self._figures[measure.name] = answering.figures(measure, self.changed(), YEAR)
        return self._figures[measure.name]

    def differing(self, measure: Measure, *changes: Callable[[], Change]) -> dict[str, object]:
        """Figures that changes change: before and after."""
        before, after = self.figures(measure), answering.figures(measure, self.changed(*changes), YEAR)
        if _renamed in changes:
            after = {_as_named_before(name): numbers for name, numbers in after.items()}
        return {
            name: (before.get(name), after.get(name))
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        }

    def _snapshot(self, name: str, changes: Sequence[Change]) -> Snapshot:
        rows = self._folder / "rows"
        with duckdb.connect() as database:
            for step, change in enumerate(changes):
                folder = self._folder / f"made{name}{step}"
                folder.mkdir()
                for file in TABLES:
                    database.execute(
                        f"create or replace view {file} as from read_parquet('{rows}/{file}.raw')"
                    )
                for file in TABLES:
                    query = change.get(file, f"from {file}")
                    database.execute(f"copy ({query}) to '{folder / file}.raw' (format parquet)")
                rows = folder
            numbered = number_rows(database, rows)
        return Snapshot(rows, datetime(2026, 10, 2, tzinfo=UTC), SOURCES, numbered, "made")


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    with ExitStack() as stack:
        yield Worlds(tmp_path_factory.mktemp("worlds"), stack)


each_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)


@each_measure
def test_keys_order_other_years_and_victim_service_providers_change_nothing(
    worlds: Worlds, measure: Measure
) -> None:
    changes = (_without_victim_service_providers, _long_ago_and_to_come, _renamed)
    assert any(numbers.units for numbers in worlds.figures(measure).values()), "nothing is counted"
    if together := worlds.differing(measure, *changes):
        alone = {change.__name__: worlds.differing(measure, change) for change in changes}
        pytest.fail(f"By each change alone: {alone}; by all together: {together}")


@each_measure
def test_people_count_once_whatever_the_number_of_systems_that_know_them(
    worlds: Worlds, measure: Measure
) -> None:
    members = measure.members(worlds.changed(), YEAR)
    of_people = members.group_by("figure").agg(people=(members.unit == members.person).all())
    names = {row["figure"] for row in of_people.to_pyarrow().to_pylist() if row["people"]}
    found = answering.figures(measure, worlds.changed(_known_thrice), YEAR)
    before = {name: numbers.units for name, numbers in worlds.figures(measure).items() if name in names}
    assert {name: found.get(name, NOTHING).units for name in before} == before


def _as_named_before(figure: str) -> str:
    """A figure of one project is named by its source's number and its key."""
    return re.sub(r"(?<=/)([123])(?=/p\d+(/|$))", lambda found: str(4 - int(found[1])), figure)
