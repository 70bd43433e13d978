"""Files and pictures of an answer: no formula, nothing fetched, and everything said in words too."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from gateway.measuring.charts import as_svg
from gateway.measuring.files import as_csv, as_xlsx
from gateway.measuring.picture import Ground, Kind, Mark, Panel, Picture, Size
from gateway.measuring.pictures import drawn
from gateway.measuring.question import Answer, flat

ANSWER = Answer(
    title="People <& others>",
    definition="Each once.",
    start=date(2025, 1, 1),
    end=date(2025, 12, 31),
    coc=None,
    snapshot_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    sources=("=HYPERLINK(1)", "river"),
    columns=("figure", "project", "count", "amount"),
    rows=[("people", "=1+1", 1234, 0), ("people", "@x", 5, 0), ("people", "https://a.example", 0, -3)],
    data=[],
)
MONTHS = [
    {"month": f"2025-0{month}", "inflow": 10 + month, "outflow": 5, "homeless_at_end": 40 + month}
    for month in range(1, 7)
]
NIGHTS = [
    {"night": "2025-01-31", "beds": 50, "people": 44},
    {"night": "2025-02-28", "beds": 52, "people": 51},
]
DATA: Mapping[str, Any] = {
    "flow": {"monthly": MONTHS},
    "utilization": {"nights": NIGHTS},
    "spm": {"2": {"exits": 200, "days_0_180": 12, "days_181_365": 8, "days_366_730": 4}},
    "other": {"people": {"ES": 3, "TH": 4}},
}


def test_no_text_of_a_csv_is_a_formula_and_what_it_is_stands_below() -> None:
    rows = list(csv.reader(io.StringIO(as_csv(ANSWER.sheet).decode())))
    assert rows[0] == ["figure", "project", "count", "amount"]
    assert [row[1] for row in rows[1:4]] == ["'=1+1", "'@x", "https://a.example"]
    assert rows[3][3] == "-3"
    about = {row[0]: row[1] for row in rows[5:]}
    assert about["Definition"] == "Each once."
    assert about["Snapshot"] == "2026-01-02T03:04:05+00:00"
    assert about["Sources"] == "'=HYPERLINK(1), river"


def test_a_sheet_has_texts_and_numbers_and_no_formula_or_link() -> None:
    with zipfile.ZipFile(io.BytesIO(as_xlsx(ANSWER.sheet))) as book:
        figures = book.read("xl/worksheets/sheet1.xml").decode()
        about = book.read("xl/worksheets/sheet2.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in figures + about
    assert "hyperlink" not in figures + about
    assert re.search(r"<v>1234</v>", figures)
    assert "=1+1" in texts
    assert "Each once." in texts


@pytest.mark.parametrize("name", DATA)
def test_a_picture_says_its_title_and_what_it_shows_and_fetches_nothing(name: str) -> None:
    data = DATA[name]
    svg = drawn(name, replace(ANSWER, columns=("figure", "value"), rows=list(flat(data)), data=data))
    root = ElementTree.fromstring(svg)  # noqa: S314  # of our own making
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.findtext(f"{space}title") == "People <& others>, 2025-01-01 to 2025-12-31"
    first, value = next((name, value) for name, value in flat(data) if isinstance(value, int))
    assert f"{first} {value:,}" in str(root.findtext(f"{space}desc"))
    assert not re.search(r"(href|src|url\()=?.?https?:", svg)


def test_returns_are_drawn_with_their_share_of_those_who_left() -> None:
    for name in ("spm", "spm-2"):
        assert "12 (6.0 %)" in drawn(name, replace(ANSWER, data=DATA["spm"]))


@pytest.mark.parametrize("kind", ["bars", "columns"])
@pytest.mark.parametrize("ground", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow", "small"])
def test_what_is_not_shown_is_hatched_and_no_number(kind: Kind, ground: Ground, size: Size) -> None:
    marks = (Mark("Men", None, "hidden"), Mark("Women", 120, "120"), Mark("Nobody", 0, "0"))
    svg = as_svg(Picture("People", "told", (Panel(kind, marks),), ground, size))
    assert 'fill="url(#hidden)"' in svg
    assert '<pattern id="hidden"' in svg
    said = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert sorted(said) == ["0", "120", "Men", "Nobody", "Women", "hidden"]
    # The policy of pages forbids styles of a document's own.
    assert " style=" not in svg
    assert "<style" not in svg


def test_nothing_is_hatched_where_everything_is_shown() -> None:
    assert "pattern" not in as_svg(Picture("People", "told", (Panel("bars", (Mark("All", 3, "3"),)),)))


def test_a_long_name_stands_in_as_many_lines_as_it_takes() -> None:
    name = "Native Hawaiian or Pacific Islander and many more of whom something is told"
    svg = as_svg(Picture("People", "told", (Panel("bars", (Mark(name, 3, "3"),)),)))
    lines = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", svg)
    assert " ".join(lines) == name
    assert max(map(len, lines)) <= 30
