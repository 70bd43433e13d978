"""Templates that are compiled for one language."""

from __future__ import annotations

from typing import Any

from jinja2 import DictLoader
from markupsafe import escape

from gateway.pages.templating import Templates


def said(template: str, **given: Any) -> str:
    spanish = {"Stays": "Estancias", "<b>": "<i>", "100%% of %(what)s": "100%% de %(what)s"}
    environment = Templates(
        lambda words: spanish.get(words, words),
        loader=DictLoader({"one": template}),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        lambda words: spanish.get(words, words), lambda one, many, _: one or many, newstyle=True
    )
    return environment.get_template("one").render(given)


def test_words_that_never_change_are_translated_once() -> None:
    calls: list[str] = []
    environment = Templates(lambda words: calls.append(words) or "Estancias", extensions=["jinja2.ext.i18n"])  # type: ignore[func-returns-value]  # it notes
    template = environment.from_string("{{ _('Stays') }}")
    assert [template.render(), template.render()] == ["Estancias", "Estancias"]
    assert calls == ["Stays"]


def test_words_with_values_are_translated_when_they_are_said() -> None:
    assert said("{{ _('100%% of %(what)s', what=what) }}", what="<it>") == f"100% de {escape('<it>')}"
    assert said("{{ _(word) }}", word="Stays") == "Estancias"


def test_what_comes_from_people_is_escaped_and_our_own_markup_is_not() -> None:
    assert said("{{ _('<b>') }}{{ name }}", name="<b>") == "<i>&lt;b&gt;"


def test_an_entry_of_a_row_goes_before_what_dictionaries_can_do() -> None:
    assert said("{{ row.items }} {{ row.keys() | list }}", row={"items": "two"}) == "two [&#39;items&#39;]"
