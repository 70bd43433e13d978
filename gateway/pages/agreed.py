"""A grant as one reads it to the client: plain sentences, in their language.

A grant is given as the API gives it (`ConsentGrant`), with every field but `id`, `form` and `section`. The
client is addressed; "let" is the verb, for it stays the same whoever is let see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.lists import format_list

from gateway.pages.category_words import LABEL_WORDS, PURPOSE_WORDS, YOURS
from gateway.pages.places import _
from gateway.pages.rendering import says

_HOW: Mapping[str, str] = {
    "WRITTEN": _("You signed it on paper."),
    "ELECTRONIC": _("You signed it on a screen."),
    "VERBAL": _("You said it aloud."),
    "TELEPHONIC": _("You said it on the telephone."),
    "NOTICE": _("You were given a notice that says so."),
}
_BY_GUARDIAN: Mapping[str, str] = {
    "WRITTEN": _("A guardian signed it for you on paper."),
    "ELECTRONIC": _("A guardian signed it for you on a screen."),
    "VERBAL": _("A guardian said it for you aloud."),
    "TELEPHONIC": _("A guardian said it for you on the telephone."),
    "NOTICE": _("A guardian was given a notice that says so."),
}
_OVER = frozenset({"REVOKED", "ENDED", "LAPSED", "SUPERSEDED"})


def details(grant: Mapping[str, Any], language: str, zone: ZoneInfo) -> list[str]:
    """What `what` leaves out: labels, limits, what for, how long, how it was given.

    Args:
        zone: the community's, for the day something was taken back.
    """
    say = says(language)
    found = []
    if grant["labels"]:
        told = [say(LABEL_WORDS.get(label, label)) for label in grant["labels"]]
        if grant["effect"] == "DENY":
            found.append(say(_("Only what tells of %(labels)s.")) % {"labels": listed(told, language)})
        else:
            found.append(
                say(_("This includes what tells of %(labels)s.")) % {"labels": listed(told, language)}
            )
    found += _limits(grant, language)
    if grant["effect"] == "PERMIT" and grant["purposes"]:
        found.append(say(_("They may use it only %(why)s.")) % {"why": why(grant["purposes"], language)})
    found.append(_when(grant, language, zone))
    if grant["state"] == "ACTIVE" and grant["provisionalUntil"]:
        until = {"day": long_day(grant["provisionalUntil"], language)}
        found.append(say(_("It is not signed yet: without a signature it ends on %(day)s.")) % until)
    how = (_BY_GUARDIAN if grant["guardian"] else _HOW).get(grant["method"])
    return found + ([say(how)] if how else [])


def what(grant: Mapping[str, Any], language: str) -> str:
    """Who may, or may not, see what: the one sentence for where there is no room for more."""
    # Of somebody who is not even there for them nothing else is seen either.
    closes = grant["effect"] == "DENY" and "EXISTENCE" in grant["categories"] and not grant["labels"]
    told = says(language)(_("anything about you")) if closes else yours(grant["categories"], language)
    return f"{whom(grant, language)} {told}."


def whom(grant: Mapping[str, Any], language: str) -> str:
    """The beginning of that sentence, up to its colon."""
    words = {
        ("PERMIT", False): _("You let %(who)s see:"),
        ("PERMIT", True): _("You had let %(who)s see:"),
        ("DENY", False): _("You do not let %(who)s see:"),
        ("DENY", True): _("You did not let %(who)s see:"),
    }[grant["effect"], grant["state"] in _OVER]
    return says(language)(words) % {"who": who(grant, language)}


def who(grant: Mapping[str, Any], language: str) -> str:
    """Whom a grant speaks to, within a sentence."""
    say = says(language)
    if grant["communityWide"]:
        return say(
            _("any other agency") if grant["effect"] == "DENY" else _("every agency of this community")
        )
    if grant["person"]:
        return say(_("one person, %(person)s,")) % {"person": grant["person"]}
    if grant["group"]:
        named = {"group": grant["group"], "agencies": listed(grant["recipients"], language, say(_("nobody")))}
        return say(_("the group %(group)s (today %(agencies)s)")) % named
    return listed(grant["recipients"], language, say(_("an agency that is not named to yours")))


def yours(categories: Sequence[str], language: str) -> str:
    """Categories within a sentence to the client: "your name and your birth date"."""
    return listed(each_of_yours(categories, language), language)


def each_of_yours(categories: Sequence[str], language: str) -> list[str]:
    """The same one by one. That they are known at all goes with whatever else is told."""
    say = says(language)
    told = [one for one in categories if one != "EXISTENCE"] or list(categories)
    return [say(YOURS.get(one, one)) for one in told]


def why(purposes: Sequence[str], language: str) -> str:
    """Purposes within a sentence: "to coordinate your care or to pay for services"."""
    say = says(language)
    told = [say(PURPOSE_WORDS.get(one, one)) for one in purposes]
    return format_list(told, style="or", locale=language)


def _limits(grant: Mapping[str, Any], language: str) -> list[str]:
    say = says(language)
    found = []
    if grant["sources"]:
        named = {"sources": listed(grant["sources"], language)}
        found.append(say(_("Only what stands in %(sources)s.")) % named)
    since, before = (long_day(grant[key], language) if grant[key] else None for key in ("dataFrom", "dataTo"))
    if since and before:
        dated = say(_("Only what is dated from %(since)s on and before %(before)s."))
        found.append(dated % {"since": since, "before": before})
    elif since:
        found.append(say(_("Only what is dated from %(since)s on.")) % {"since": since})
    elif before:
        found.append(say(_("Only what is dated before %(before)s.")) % {"before": before})
    return found


def _when(grant: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    """Since when and until when, or how it came to its end."""
    say = says(language)
    start = long_day(grant["start"], language)
    end = long_day(grant["end"], language) if grant["end"] else ""
    given = {"start": start, "end": end}
    if grant["state"] == "REVOKED":
        day = datetime.fromisoformat(grant["revokedAt"]).astimezone(zone).date()
        return say(_("You took it back on %(day)s.")) % {"day": long_day(day, language)}
    if grant["state"] == "ENDED":
        return say(_("It ended on %(end)s.")) % given
    if grant["state"] == "LAPSED":
        return say(
            _("It no longer counts: it was never signed, or whoever signed may no longer sign for you.")
        )
    if grant["state"] == "SUPERSEDED":
        return say(_("A newer form of yours took its place."))
    if grant["state"] == "UPCOMING":
        begins = _("It begins on %(start)s and ends on %(end)s.") if end else _("It begins on %(start)s.")
        return say(begins) % given
    if end:
        return say(_("It began on %(start)s and ends on %(end)s. You can take it back before.")) % given
    return say(_("It began on %(start)s and holds until you take it back.")) % given


def listed(items: Sequence[str], language: str, nothing: str = "") -> str:
    """A, B and C, as the language lists them."""
    return format_list(list(items), locale=language) if items else nothing


def long_day(value: str | date, language: str) -> str:
    """2026-03-01 -> March 1, 2026."""
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(day, "long", language)


def clock(value: str | datetime, language: str, zone: ZoneInfo) -> str:
    """A moment of today as a clock on the wall says it: 3:45 PM."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return format_time(moment, "short", tzinfo=zone, locale="es_US" if language == "es" else "en_US")
