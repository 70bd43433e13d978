"""What the pages say, in every language they are shown in."""

from __future__ import annotations

import re

import pytest

from gateway.pages.rendering import LANGUAGES
from gateway.pages.wording import collected, file_of, kept, renewed, untranslated

OTHERS = [language for language in LANGUAGES if language != "en"]
READ_BY_CLIENTS = (
    *("base", "parts", "about", "consent", "standings", "agreed", "category_words"),
    *("looked", "looks", "shared", "guardian"),
)
"""Beginnings of the files, of templates and of modules, whose words a client reads or has read to them."""


@pytest.mark.parametrize("language", OTHERS)
def test_the_words_are_those_that_the_pages_say(language: str) -> None:
    assert file_of(language).read_text(encoding="utf-8") == renewed(language), "run `make words`"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in kept(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_clients_read_is_translated(language: str) -> None:
    missing = [
        message.id
        for message in untranslated(kept(language))
        for place, _ in message.locations
        if place == "auth/plain.py" or place.rpartition("/")[2].startswith(READ_BY_CLIENTS)
    ]
    assert missing == []


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
