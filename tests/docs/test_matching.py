"""docs/matching.md says what the code does."""

from __future__ import annotations

from pathlib import Path

from hmis.identity.links import TOO_COMMON
from hmis.identity.matching.deciding import MOST, Reason, Terms

PAGE = (Path(__file__).parents[2] / "docs" / "matching.md").read_text(encoding="utf-8")


def test_the_thresholds_are_those_of_the_code() -> None:
    terms = Terms()
    assert f"At least {terms.automatic:g} bits." in PAGE
    assert f"{terms.automatic:g} bits are {2**terms.automatic:,.0f} to 1" in PAGE
    assert f"What has {terms.review:g} bits or more" in PAGE
    assert f"nobody else within {terms.margin:g} bits" in PAGE
    assert (MOST, TOO_COMMON) == (20, 20)
    assert "At most twenty people at once" in PAGE
    assert "more than twenty records have" in PAGE


def test_every_reason_is_named() -> None:
    assert [reason for reason in Reason if f"`{reason}`" not in PAGE] == []


def test_the_example_adds_up() -> None:
    example = PAGE.split("\n```\n")[3]
    total, *steps = (float(word) for word in example.split() if word[0] in "+-" and word[-1].isdigit())
    assert round(sum(steps), 1) == total
