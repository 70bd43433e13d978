"""Templates, and the words in them. English is written in the templates, Spanish in `words/es/hub.po`.

`make words` collects what is to be said; docs/pages.md has how a word is added.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache, partial
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, negotiate_locale
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations, Translations
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from auth.categories import Category
from auth.plain import CATEGORIES, LABELS, PURPOSES
from auth.viewer import Purpose
from gateway.pages.static import address
from gateway.pages.templating import Templates
from hmis.labels import Label

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}
EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do")
_TERRITORY = {"en": "en_US", "es": "es_US"}


def language_of(chosen: str | None, accepted: str | None) -> str:
    """The language of a page: chosen before, else the first that the browser asks for and we have."""
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = [part.split(";")[0].strip() for part in (accepted or "").split(",")]
    found = negotiate_locale([one.replace("-", "_") for one in wanted if one], list(LANGUAGES))
    return found or "en"


def rendered(template: str, language: str, **given: Any) -> str:
    """A template in a language."""
    return _environment(language).get_template(template).render(given)


def locale_of(language: str) -> Locale:
    """How days and numbers are written in a language."""
    return Locale.parse(_TERRITORY[language])


def says(language: str) -> Callable[[str], str]:
    """What turns our words into those of a language, outside templates."""
    return _translations(language).gettext


@dataclass(frozen=True, slots=True)
class Speech:
    """A language outside templates."""

    say: Callable[[str], str]
    day: Callable[[str | date | None], str]
    money: Callable[[Any], str]
    dollars: Callable[[Any], str]
    """Without cents, for labels."""
    count: Callable[[str, str, int], str]
    """One or many, with `%(num)d` in it."""


@cache
def speech(language: str) -> Speech:
    """How a language says days and amounts; what was said once is remembered, since Babel takes long."""
    locale = Locale.parse(_TERRITORY[language])
    return Speech(
        says(language),
        lru_cache(4096)(partial(_day, locale=locale)),
        lru_cache(4096)(partial(_money, locale=locale)),
        lru_cache(4096)(partial(_money, locale=locale, cents=False)),
        lambda one, many, number: _translations(language).ngettext(one, many, number) % {"num": number},
    )


@cache
def _translations(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    text = (files("gateway.pages") / "words" / language / "hub.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _environment(language: str) -> Environment:
    environment = Templates(
        says(language),
        loader=PackageLoader("gateway.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=EXTENSIONS,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]  # of the extension
    locale, say = locale_of(language), says(language)
    environment.globals.update(csrf=_csrf, static=address, language=language, languages=LANGUAGES)
    environment.filters.update(
        day=speech(language).day,
        moment=pass_context(
            lambda context, value: _moment(value, context["visit"].hub.settings.zone, locale)
        ),
        span=lambda seconds: _span(seconds, locale),
        number=lambda value: "" if value is None else format_decimal(value, locale=locale),
        money=speech(language).money,
        words=in_words,
        marked=marked,
        category=lambda code: say(CATEGORIES[Category[code]]),
        label=lambda code: say(LABELS[Label[code]]),
        purpose=lambda code: say(PURPOSES[Purpose(code)]),
        listed=lambda parts: format_list([str(part) for part in parts], locale=locale),
    )
    return environment


@pass_context
def _csrf(context: Context) -> Markup:
    """The hidden field without which a form of ours is not taken."""
    visit = context["visit"]
    return Markup('<input type="hidden" name="csrf" value="{}">').format(visit.session.csrf)


def _zone(context: Context) -> ZoneInfo:
    zone: ZoneInfo = context["visit"].hub.settings.zone
    return zone


def _day(value: str | date | None, locale: Locale) -> str:
    """2026-03-01 -> Mar 1, 2026; nothing stays nothing."""
    if value is None:
        return ""
    return format_date(date.fromisoformat(value) if isinstance(value, str) else value, "medium", locale)


def _money(value: str | Decimal | None, locale: Locale, *, cents: bool = True) -> str:
    if value is None:
        return ""
    if cents:
        return format_currency(Decimal(value), "USD", locale=locale)
    return format_currency(Decimal(value), "USD", "¤#,##0", locale=locale, currency_digits=False)


def _moment(value: str | datetime | None, zone: ZoneInfo, locale: Locale) -> str:
    """In the community's time zone."""
    if value is None:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = moment.astimezone(zone)
    return f"{speech(locale.language).day(local.date())}, {_clock(local.hour, local.minute, locale)}"


@lru_cache(2 * 24 * 60)
def _clock(hour: int, minute: int, locale: Locale) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


def marked(text: str) -> Markup:
    """A text of the schema with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one is left over: nothing is meant
        return Markup("{}").format(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if place % 2 else part for place, part in enumerate(parts))


def _span(seconds: float | None, locale: Locale) -> str:
    """How long, as one says it: 200 -> 3 minutes."""
    if seconds is None:
        return ""
    return format_timedelta(timedelta(seconds=max(1, round(seconds))), threshold=1.5, locale=locale)


def in_words(value: str | None) -> str:
    """A code of the schema as one reads it aloud: CARE_COORDINATION -> Care coordination."""
    return "" if value is None else value.replace("_", " ").capitalize()
