"""Unusual but plain values are read; what has two readings is not guessed."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmis.csv.values import day, integer, is_strict, money, timestamp


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2021-05-23T00:00:00", "2021-05-23"),
        ("2021-05-23 10:11:12.000", "2021-05-23"),
        ("2021/5/3", "2021-05-03"),
        ("20210503", "2021-05-03"),
        ("5/23/2021", "2021-05-23"),
        ("23.5.2021", "2021-05-23"),
        ("5/5/2021", "2021-05-05"),
        (" 2021-05-03 ", "2021-05-03"),
    ],
)
def test_plain_dates_in_other_forms_are_read(written: str, read: str) -> None:
    assert day(written) == read


@pytest.mark.parametrize(
    "written",
    ["03-11-21", "5/3/2021", "2021-02-30", "0021-05-03", "2021-13-01", "202153", "2021-05", "soon", "",
     "20210503x",      "2021-05/03", "٢٠٢١-٠٥-٠٣"],
)  # fmt: skip
def test_what_is_no_date_or_two_is_not_read(written: str) -> None:
    assert day(written) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2021-05-23", "2021-05-23 00:00:00"),
        ("2021-05-23T10:11:12Z", "2021-05-23 10:11:12"),
        ("2021-05-23 10:11", "2021-05-23 10:11:00"),
        ("5/23/2021 1:02:03 PM", "2021-05-23 13:02:03"),
        ("5/23/2021 12:00 AM", "2021-05-23 00:00:00"),
        ("2021-05-23 25:00:00", None),
        ("5/23/2021 13:00 PM", None),
    ],
)
def test_timestamps_in_other_forms_are_read(written: str, read: str | None) -> None:
    assert timestamp(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("1.0", "1"), (" 7 ", "7"), ("+3", "3"), ("-3.", "-3"), ("007", "7"), ("1.5", None), ("1e3", None),
     ("2147483647", "2147483647"), ("2147483648", None), ("", None), ("yes", None), ("١", None)],
)  # fmt: skip
def test_whole_numbers_in_other_forms_are_read(written: str, read: str | None) -> None:
    assert integer(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [("$1,200", "1200.00"), ("-$5.5", "-5.50"), (".5", "0.50"), ("1.005", "1.01"), ("1,2", None), ("", None),
     ("$", None), ("99999999999", None), ("9999999999.999", None), ("1.2.3", None)],
)  # fmt: skip
def test_amounts_in_other_forms_are_read(written: str, read: str | None) -> None:
    assert money(written) == read


@given(st.dates(date(1000, 1, 1), date(2999, 12, 31)))
def test_every_date_as_hud_writes_it_is_taken_as_it_stands(moment: date) -> None:
    frame = pl.DataFrame({"D": [moment.isoformat()], "T": [f"{moment.isoformat()} 23:59:59"]})
    assert frame.select(is_strict("D", pl.col("D")), is_strict("T", pl.col("T"))).row(0) == (True, True)
    assert day(moment.isoformat()) == moment.isoformat()


@given(st.text(max_size=12))
def test_what_is_strict_is_what_python_reads_too(text: str) -> None:
    found = pl.DataFrame({"x": [text]}).select(
        day=is_strict("D", pl.col("x")),
        money=is_strict("M", pl.col("x")),
        integer=is_strict("I", pl.col("x")),
    )
    if found["day"].item():
        assert datetime.strptime(text, "%Y-%m-%d")
    if found["integer"].item():
        assert int(text) == int(integer(text) or "x")
    if found["money"].item():
        assert float(text) == float(money(text) or "x")
