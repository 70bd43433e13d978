"""Plain words: one for every category and purpose."""

from __future__ import annotations

from auth import plain
from auth.categories import EVERYTHING, NOTHING, Category
from auth.viewer import Purpose


def test_every_category_and_every_purpose_has_words_of_its_own() -> None:
    assert list(plain.CATEGORIES) == list(Category)
    assert list(plain.PURPOSES) == list(Purpose)
    words = [*plain.CATEGORIES.values(), *plain.PURPOSES.values()]
    assert len(set(words)) == len(words)


def test_a_mask_is_read_in_the_order_of_the_list() -> None:
    assert plain.categories(Category.DOB | Category.NAME) == ["Names", "Birth date"]
    assert plain.categories(EVERYTHING) == list(plain.CATEGORIES.values())
    assert plain.categories(NOTHING) == []


def test_a_purpose_of_another_version_is_told_as_it_was_written() -> None:
    assert plain.purpose("SAFETY") == "To avert a serious threat to health or safety"
    assert plain.purpose("ASTROLOGY") == "ASTROLOGY"
    assert plain.purpose(None) == ""
