"""The timeline as shapes: what is where, what has room, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.pages.living import Where
from gateway.pages.rendering import speech
from gateway.pages.shapes import Bar, Item, Lane, Picture, Track
from gateway.pages.timeline import PRINTED, WIDE, drawn, start_of
from gateway.pages.whereabouts import Spell

TODAY = date(2026, 7, 1)
START = start_of(TODAY, 3)
ENGLISH = speech("en")


def picture(*tracks: Track, width: int = WIDE, start: date = START, spells: Sequence[Spell] = ()) -> Picture:
    return drawn(tracks, spells, start, TODAY, ENGLISH, width)


def stay(start: date, end: date | None, label: str = "Harbor Light", **more: object) -> Item:
    return Item(start, end, label, f"{label}, {start} to {end}", "shelter", **more)  # type: ignore[arg-type]  # of one test


def only(*items: Item, width: int = WIDE) -> Lane:
    (lane,) = picture(Track("Shelter", items), width=width).lanes
    return lane


def test_a_stay_is_as_long_as_it_lasted() -> None:
    whole = only(stay(START, TODAY)).bars[0]
    half = only(stay(date(2025, 1, 1), TODAY)).bars[0]
    assert (whole.x, whole.width) == (0, WIDE - 14)
    assert abs(half.width - whole.width / 2) < 4


def test_what_began_before_is_cut_and_what_goes_on_ends_today() -> None:
    bar = only(stay(date(2020, 1, 1), date.max)).bars[0]
    assert (bar.x, bar.x + bar.width) == (0, picture().today)


def test_what_lies_outside_is_left_out_with_its_lane() -> None:
    assert picture(Track("Shelter", [stay(date(2020, 1, 1), date(2020, 2, 1))])).lanes == []
    assert picture(Track("Shelter", [stay(TODAY + timedelta(days=9), date.max)])).lanes == []


def test_a_stay_of_one_day_can_be_seen_and_is_named_beside() -> None:
    day = date(2025, 3, 1)
    bar = only(stay(day, day, leads=Where.HOME)).bars[0]
    assert bar.width == 4
    assert bar.label == "Harbor Light"
    assert bar.label_x > bar.x + bar.width + 14  # behind the sign of where it led
    assert (bar.leads, bar.is_dot) == ("home", False)


def test_near_today_the_name_stands_before() -> None:
    bar = only(stay(TODAY - timedelta(days=3), date.max, "Harbor Light Family and Adult Shelter")).bars[0]
    assert bar.anchor == "end"
    assert bar.label_x < bar.x


def test_a_name_too_long_for_its_bar_is_cut_where_there_is_no_other_room() -> None:
    bar = only(stay(START + timedelta(days=20), TODAY, "x" * 200)).bars[0]
    assert bar.label.endswith("…")
    assert len(bar.label) < 150


def test_stays_that_overlap_stand_one_below_the_other() -> None:
    lane = only(
        stay(date(2024, 1, 1), date(2025, 1, 1)),
        stay(date(2024, 6, 1), date(2024, 7, 1)),
        stay(date(2025, 6, 1), date(2026, 6, 1)),
    )
    assert [bar.y - lane.y for bar in lane.bars] == [3, 28, 3]


def test_before_moving_in_a_home_is_only_looked_for() -> None:
    moved = only(stay(date(2024, 1, 1), TODAY, moved=date(2025, 1, 1))).bars[0]
    never = only(stay(date(2024, 1, 1), TODAY, moved=date.max)).bars[0]
    long_ago = only(stay(date(2020, 1, 1), TODAY, moved=date(2020, 2, 1))).bars[0]
    assert moved.full_x is not None
    assert moved.x < moved.full_x < moved.x + moved.width
    assert moved.label_x > moved.full_x
    assert never.full_x == never.x + never.width
    assert long_ago.full_x is None


def test_ticks_that_are_near_become_one_that_tells_how_many() -> None:
    days = [date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3), date(2025, 12, 1)]
    (lane,) = picture(Track("Services", ticks=[(day, "Bed night") for day in days])).lanes
    assert [tick.words for tick in lane.ticks] == [
        "Mar 1, 2025 to Mar 3, 2025: 3 × Bed night",
        "Dec 1, 2025: Bed night",
    ]
    assert lane.ticks[0].size > lane.ticks[1].size


def test_income_goes_up_and_down_and_holds_since_before() -> None:
    told = {date(2020, 1, 1): "500", date(2024, 1, 1): "0", date(2025, 1, 1): "1278.50"}
    amounts = [(day, Decimal(amount)) for day, amount in told.items()]
    (lane,) = picture(Track("Income", amounts=amounts)).lanes
    assert lane.line.startswith("M0 ")
    assert [step.label for step in lane.steps] == ["$500", "$0", "$1,278"]
    assert lane.steps[1].y > lane.steps[0].y > lane.steps[2].y
    assert lane.words[-1] == "Jan 1, 2025: $1,278.50 a month"
    assert lane.goes_on.endswith(f"H{picture().today}")


def test_income_that_is_still_to_come_is_none() -> None:
    assert picture(Track("Income", amounts=[(TODAY + timedelta(days=1), Decimal(5))])).lanes == []


def test_where_they_lived_is_a_strip_in_words() -> None:
    spells = [
        Spell(START, date(2025, 7, 1), Where.HOMELESS, is_sure=True),
        Spell(date(2025, 7, 1), TODAY, Where.HOME, is_sure=False),
    ]
    bands = picture(spells=spells).bands
    assert [band.words for band in bands] == [
        "Jul 1, 2023 to Jul 1, 2025: Without a home",
        "Jul 1, 2025 to today: In a home, as last heard",
    ]
    assert bands[0].x + bands[0].width == bands[1].x
    assert not picture(spells=spells).is_empty
    assert picture(spells=[Spell(START, TODAY, Where.UNKNOWN, is_sure=False)]).is_empty


def test_years_and_quarters_are_ruled_as_there_is_room() -> None:
    assert [line.label for line in picture().grid if line.is_year] == ["2023", "2024", "2025", "2026"]
    assert sum(not line.is_year for line in picture().grid) == 10
    assert all(line.is_year for line in picture(start=start_of(TODAY, 10)).grid)
    assert "Q4" in [line.label for line in picture(start=start_of(TODAY, 1)).grid]
    assert start_of(date(2024, 2, 29), 1) == date(2023, 2, 28)


def test_hundreds_of_stays_stay_small_and_none_is_lost_from_the_words() -> None:
    many = [START + timedelta(days=number) for number in range(900)]
    items = [stay(day, day + timedelta(days=8)) for day in many]
    lane = only(*items)
    assert len(lane.bars) <= 42
    assert sum(int(bar.words.split(": ")[1].split(" ")[0]) for bar in lane.bars) == len(lane.words) == 900
    assert lane.height < 250
    days = [START + timedelta(days=number) for number in range(1000)]
    (services,) = picture(Track("Services", ticks=[(day, "Bed night") for day in days])).lanes
    assert len(services.ticks) < 150


DAYS = st.dates(date(2021, 1, 1), date(2027, 1, 1))
ITEMS = st.builds(
    stay,
    DAYS,
    st.none() | DAYS,
    st.text(max_size=60),
    moved=st.none() | DAYS,
    leads=st.none() | st.sampled_from(Where),
)


def _extent(bar: Bar) -> tuple[int, int]:
    return bar.x, bar.x + bar.width


@given(st.lists(ITEMS, max_size=25), st.sampled_from([WIDE, PRINTED]))
def test_nothing_leaves_the_picture_or_covers_another(items: list[Item], width: int) -> None:
    for lane in picture(Track("Shelter", items), width=width).lanes:
        for bar in lane.bars:
            assert 0 <= bar.x <= width
            assert bar.x + bar.width <= width + 4
            assert lane.y < bar.y < lane.y + lane.height
        for row in {bar.y for bar in lane.bars}:
            extents = sorted(_extent(bar) for bar in lane.bars if bar.y == row)
            assert all(one[1] <= other[0] for one, other in pairwise(extents))
