"""What the pages say, in every language they are shown in."""

from __future__ import annotations

import re

import pytest

from gateway.pages.rendering import LANGUAGES
from gateway.pages.wording import collected, file_of, kept, renewed, untranslated

OTHERS = [language for language in LANGUAGES if language != "en"]


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_are_those_that_the_pages_say(language: str) -> None:
    assert file_of(language).read_text(encoding="utf-8") == renewed(language), "run `make words`"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in kept(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_whatever_the_pages_say_is_translated(language: str) -> None:
    assert [message.id for message in untranslated(kept(language))] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    for message in kept(language):
        ids, strings = _several(message.id), _several(message.string or "")
        if message.id and all(strings):
            assert {*_filled_in(ids)} == {*_filled_in(strings)}, message.id


def test_what_is_marked_in_templates_and_in_modules_is_collected() -> None:
    said = {message.id for message in collected()}
    assert {"Skip to the content", "People", "Names"} <= said


def _several(words: str | tuple[str, ...] | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _filled_in(several: list[str]) -> list[str]:
    return [name for words in several for name in re.findall(r"%\((\w+)\)", words)]
