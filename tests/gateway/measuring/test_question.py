"""What an operator asks comes back as rows that can be read, whatever shape a measure has."""

from __future__ import annotations

from dataclasses import replace

from gateway.measuring.question import flat
from tests.gateway.measuring.test_files_and_pictures import ANSWER


def test_a_figure_is_called_by_the_way_to_it_and_what_is_listed_by_its_first_text() -> None:
    data = {"people": {"ES": 3}, "monthly": [{"month": "2025-01", "inflow": {"first": 2}}], "days": [4, 5]}
    assert list(flat(data)) == [
        ("people/ES", 3),
        ("monthly/2025-01/month", "2025-01"),
        ("monthly/2025-01/inflow/first", 2),
        ("days/1", 4),
        ("days/2", 5),
    ]


def test_how_long_a_period_is_makes_no_answer_of_an_empty_one() -> None:
    empty = [("period/start", "2025-01-01"), ("period/nights", 365), ("people", 0)]
    assert replace(ANSWER, columns=("figure", "value"), rows=empty).is_empty
    assert not replace(ANSWER, columns=("figure", "value"), rows=[*empty, ("beds", 3)]).is_empty
    groups = ("figure", "project_type", "count", "amount")
    assert replace(ANSWER, columns=groups, rows=[("people", "0", 0, 0)]).is_empty
    assert not replace(ANSWER, columns=groups, rows=[("people", "0", 152, 0)]).is_empty
