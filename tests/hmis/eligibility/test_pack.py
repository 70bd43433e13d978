"""The rules pack: figures against what was published, editions by day, and packs that are refused."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from hmis.eligibility.pack import (
    CARRIED_ON,
    FOLDER,
    AreaLimit,
    Guidelines,
    Program,
    Region,
    StateLimit,
    is_outdated,
    pack,
    read,
)
from hmis.errors import InputRefused


def guidelines(year: str) -> Guidelines:
    return next(
        one.guidelines for one in pack().editions if one.guidelines and one.guidelines.edition == year
    )


def limits(program: Program, day: date, region: Region, percent: int) -> list[Decimal]:
    """For one to nine people."""
    edition = pack().edition(program, day)
    assert edition is not None
    assert edition.guidelines is not None
    whole = program in (Program.SNAP, Program.WIC)
    return [edition.guidelines.limit(region, size, percent, whole_dollars=whole) for size in range(1, 10)]


def test_the_limits_of_snap_are_those_that_usda_published_for_2026() -> None:
    day = date(2026, 1, 1)
    assert limits(Program.SNAP, day, Region.CONTIGUOUS, 130) == [
        *(1696, 2292, 2888, 3483, 4079, 4675, 5271, 5867),
        5867 + 596,
    ]
    assert limits(Program.SNAP, day, Region.CONTIGUOUS, 100) == [
        *(1305, 1763, 2221, 2680, 3138, 3596, 4055, 4513),
        4513 + 459,
    ]


def test_the_limits_of_wic_round_as_usda_does() -> None:
    """79 FR 12467: the guidelines of 2014 gave $1,800, $2,426, ... and $626 for each further person."""
    of_2014 = Guidelines("2014", "79 FR 3593", {Region.CONTIGUOUS: (11670, 4060)})
    found = [of_2014.limit(Region.CONTIGUOUS, size, 185, whole_dollars=True) for size in range(1, 10)]
    assert found == [1800, 2426, 3051, 3677, 4303, 4929, 5555, 6181, 6181 + 626]


@pytest.mark.parametrize(
    ("year", "region", "for_one", "for_four", "for_eight"),
    [
        ("2025", Region.CONTIGUOUS, 15650, 32150, 54150),
        ("2026", Region.CONTIGUOUS, 15960, 33000, 55720),
        ("2026", Region.ALASKA, 19950, 41250, 69650),
        ("2026", Region.HAWAII, 18360, 37950, 64070),
    ],
)
def test_the_guidelines_are_those_of_the_federal_register(
    year: str, region: Region, for_one: int, for_four: int, for_eight: int
) -> None:
    first, more = guidelines(year).amounts[region]
    assert (first, first + 3 * more, first + 7 * more) == (for_one, for_four, for_eight)


def test_a_limit_in_cents_and_the_yearly_limit_part_incomes_alike() -> None:
    monthly = guidelines("2026").limit(Region.CONTIGUOUS, 1, 110, whole_dollars=False)
    assert monthly * 12 <= Decimal(15960) * 110 / 100 < (monthly + Decimal("0.01")) * 12


def test_regions_stand_lowest_first_whatever_the_size() -> None:
    for year in ("2025", "2026"):
        amounts = [guidelines(year).amounts[region] for region in Region]
        assert amounts == sorted(amounts)
        assert [more for _, more in amounts] == sorted(more for _, more in amounts)


def test_every_edition_says_where_its_figures_come_from() -> None:
    everything = [*pack().editions, *pack().states, *pack().areas]
    assert all(one.source for one in everything)
    assert {edition.program for edition in pack().editions} == set(Program)
    assert {edition.guidelines.source for edition in pack().editions if edition.guidelines} == {
        "90 FR 5917, January 17, 2025",
        "91 FR 1797, January 15, 2026",
    }


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2025, 9, 30), None),
        (date(2025, 10, 1), "SNAP-FY2026"),
        (date(2026, 9, 30), "SNAP-FY2026"),
        (date(2026, 10, 1), "SNAP-FY2027"),
        (date(2027, 9, 30), "SNAP-FY2027"),
        (date(2027, 9, 30) + CARRIED_ON, "SNAP-FY2027"),
        (date(2027, 9, 30) + CARRIED_ON + timedelta(days=1), None),
    ],
)
def test_the_day_picks_the_edition(day: date, version: str | None) -> None:
    edition = pack().edition(Program.SNAP, day)
    assert (edition.name if edition else None) == version
    if edition is not None:
        assert is_outdated(edition, day) == (day > date(2027, 9, 30))


def test_editions_of_a_program_follow_each_other_without_a_gap() -> None:
    for program in Program:
        editions = sorted(
            (one for one in pack().editions if one.program is program), key=lambda one: one.start
        )
        for before, after in pairwise(editions):
            assert before.end is not None
            assert after.start == before.end + timedelta(days=1)


def test_a_limit_by_median_income_goes_by_the_size_of_the_household() -> None:
    """45 CFR 96.85(b): of the limit for four, one person has 52 percent, six have 132, each beyond 3 more."""
    own = StateLimit(Program.LIHEAP, "MN", None, 120_000, date(2025, 10, 1), None, "made up")
    assert [own.by_median(size) for size in (1, 4, 6, 8)] == [5200, 10000, 13200, 13800]


def test_beyond_eight_people_hud_adds_eight_percent_of_the_limit_for_four() -> None:
    yearly = (35000, 40000, 45000, 50050, 54000, 58000, 62000, 66000)
    area = AreaLimit(
        "X", frozenset({"1"}), Program.HUD_VERY_LOW_INCOME, "1", date(2026, 4, 1), None, yearly, ""
    )
    assert area.limit(8) * 12 == 66000
    # 66,000 + 8 percent of 50,050 is 70,004, and the next fifty up is 70,050.
    assert area.limit(9) == Decimal("5837.50")


def test_the_example_area_is_worked_out_as_hud_does() -> None:
    """24 CFR 5.603(b): shares of the limit for four by size, 30 percent or the poverty guideline."""
    very_low, low, extremely_low = (
        next(one.yearly for one in pack().areas if one.program is program)
        for program in (Program.HUD_VERY_LOW_INCOME, Program.HUD_LOW_INCOME, Program.HUD_EXTREMELY_LOW_INCOME)
    )
    shares = (70, 80, 90, 100, 108, 116, 124, 132)
    assert very_low == tuple(50_000 * share // 100 for share in shares)
    assert low == tuple(80_000 * share // 100 for share in shares)
    first, more = guidelines("2026").amounts[Region.CONTIGUOUS]
    assert extremely_low == tuple(
        min(max(30_000 * share // 100, first + more * place), very_low[place])
        for place, share in enumerate(shares)
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("rules.toml", "states.csv", "areas.csv"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("rules.toml", 'program = "WIC"', 'program = "WICK"', "WICK"),
        ("rules.toml", "percent = { income = 185 }", "percent = { incomes = 185 }", "other percents"),
        ("rules.toml", 'guidelines = "2025"', 'guidelines = "1999"', "1999 is missing"),
        ("rules.toml", "from = 2026-10-01", "from = 2026-09-30", "has two editions on 2026-09-30"),
        ("rules.toml", "to = 2027-09-30", "to = 2020-09-30", "ends before it begins"),
        ("rules.toml", "decides = ", "decide = ", "decides is missing"),
        ("states.csv", "SNAP,CA,200,,", "SNAP,CA,200,5,", "either percent or four_person"),
        ("states.csv", "SNAP,CA,200,,", "SNAP,CA,,5,", "only LIHEAP goes by median income"),
        ("states.csv", "SNAP,CA", "SNAP,IL", "SNAP IL has two editions"),
        ("areas.csv", "66000", "1", "lower"),
        ("areas.csv", "2026-04-01", "soon", "soon"),
    ],
)
def test_a_pack_with_one_fault_is_refused_with_file_and_fault(
    copy: Path, name: str, before: str, after: str, said: str
) -> None:
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InputRefused, match=said) as refused:
        read(copy)
    assert str(refused.value).startswith(name)


def test_a_file_of_a_community_stands_in_place_of_the_one_that_ships(tmp_path: Path) -> None:
    text = "program,state,percent,four_person,from,to,source\nTEFAP,MN,300,,2025-01-01,,the state's plan\n"
    (tmp_path / "states.csv").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert (found.editions, found.areas) == (pack().editions, pack().areas)
    assert [(one.program, one.state, one.percent) for one in found.states] == [(Program.TEFAP, "MN", 300)]


def test_a_folder_without_any_of_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=r"none of rules\.toml, states\.csv, areas\.csv"):
        read(tmp_path)


def test_no_figure_asks_where_somebody_was_born() -> None:
    text = (FOLDER / "rules.toml").read_text(encoding="utf-8").lower()
    assert tomllib.loads(text)
    assert not [word for word in ("citizen", "immigra", "alien", "visa") if word in text]
