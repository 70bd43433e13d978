"""Who sees what, now and then, as a table that fits on a page: agencies that stand alike share a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.pages.agreed import each_of_yours, listed
from gateway.pages.category_words import CATEGORY_WORDS
from gateway.pages.places import _
from gateway.pages.rendering import says

_NAMED = 6
"""As many agencies are named at the head of a column; more are counted."""
_NEVER = ("EXISTENCE", "SSN_FULL")
"""Told elsewhere on the page: it goes with whatever is shared, or leaves the hub for nobody."""
ROLES: Mapping[str, str] = {
    "CASE_MANAGER": _("Case managers, who work with you"),
    "DASHBOARD": _("People who count and plan"),
    "PRIVACY_OFFICER": _("Privacy officers, who watch over who sees what"),
}


_CHANGES: Mapping[tuple[str, bool], str] = {
    ("begins", False): _("New for %(who)s: %(what)s."),
    ("ends", False): _("No longer seen by %(who)s: %(what)s."),
    ("begins", True): _("New for %(who)s, of what others wrote down: %(what)s."),
    ("ends", True): _("No longer seen by %(who)s, of what others wrote down: %(what)s."),
}
"""By whether it is one's own agency, which sees what it wrote down in any case."""


@dataclass(frozen=True, slots=True)
class Group:
    """Agencies that stand alike."""

    names: tuple[str, ...]
    is_own: bool
    sees: frozenset[str]
    would_see: frozenset[str]

    @property
    def gains(self) -> frozenset[str]:
        return self.would_see - self.sees

    @property
    def loses(self) -> frozenset[str]:
        return self.sees - self.would_see

    def mark(self, category: str) -> str:
        """What becomes of one category: begins, ends, stays or never."""
        if category in self.would_see:
            return "stays" if category in self.sees else "begins"
        return "ends" if category in self.sees else "never"


@dataclass(frozen=True, slots=True)
class Table:
    """A change as one reads it: in sentences, and cell by cell."""

    groups: tuple[Group, ...]
    """The viewer's own agency first, then those for whom most changes."""
    heads: tuple[str, ...]
    """What stands above each of them."""
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Of each category that anybody sees, now or then: its words, and its mark for each group."""
    nobody: str
    """The categories that nobody sees then, in a sentence; empty = there is none."""
    sentences: tuple[tuple[str, str], ...]
    """What begins and what ends: `begins` or `ends`, and whom it is about; empty = nothing changes."""
    others: tuple[tuple[str, tuple[str, ...]], ...]
    """In other roles: the role, and sentences on who would see what."""


def table(standings: Sequence[Mapping[str, Any]], language: str) -> Table:
    """What the API told (`consentPreview.standings`), in the client's language."""
    groups = grouped([one for one in standings if one["role"] == "CASE_MANAGER"])
    told = frozenset[str]().union(*(one.sees | one.would_see for one in groups))
    seen_then = frozenset[str]().union(*(one.would_see for one in groups if not one.is_own))
    say = says(language)
    # Where somebody is let see nothing but that the client is known, that is what there is to tell.
    shown = [one for one in CATEGORY_WORDS if one in told and (one not in _NEVER or told == {one})]
    hidden = [one for one in CATEGORY_WORDS if one not in seen_then and one not in _NEVER]
    return Table(
        groups,
        tuple(_head(one, language) for one in groups),
        tuple((say(CATEGORY_WORDS[one]), tuple(group.mark(one) for group in groups)) for one in shown),
        listed(each_of_yours(hidden, language), language) if hidden else "",
        tuple(_sentences(groups, language)),
        tuple(_others(standings, language)),
    )


def grouped(standings: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    """Agencies by how they stand; those for whom nothing is open or changes come last."""
    found: dict[tuple[bool, frozenset[str], frozenset[str]], list[str]] = {}
    for one in standings:
        key = bool(one["isViewers"]), frozenset(one["sees"] or ()), frozenset(one["wouldSee"] or ())
        found.setdefault(key, []).append(str(one["agency"]))
    groups = [Group(tuple(names), *key) for key, names in found.items()]
    return tuple(sorted(groups, key=_place))


def _place(group: Group) -> tuple[bool, int, int]:
    return not group.is_own, -len(group.sees ^ group.would_see), -len(group.would_see)


def _head(group: Group, language: str) -> str:
    say = says(language)
    if group.is_own:
        return say(_("%(agency)s, of what others wrote down")) % {"agency": group.names[0]}
    return _names(group.names, language)


def _names(named: Sequence[str], language: str) -> str:
    say, names = says(language), list(named)
    if len(names) > _NAMED:
        more = say(_("%(number)d more agencies")) % {"number": len(names) - _NAMED + 1}
        names = [*names[: _NAMED - 1], more]
    return listed(names, language)


def _sentences(groups: Sequence[Group], language: str) -> list[tuple[str, str]]:
    """What begins and ends; one sentence for all agencies for which the same does."""
    say = says(language)
    found: dict[tuple[bool, str, frozenset[str]], list[str]] = {}
    for group in groups:
        for kind, change in (("begins", group.gains), ("ends", group.loses)):
            # That they are known at all goes with whatever else is told.
            told_of = change - {"EXISTENCE"} or change
            if told_of:
                found.setdefault((group.is_own, kind, told_of), []).extend(group.names)
    told = []
    for (is_own, kind, change), names in found.items():
        what = listed(each_of_yours([one for one in CATEGORY_WORDS if one in change], language), language)
        words = _CHANGES[kind, is_own]
        told.append((kind, say(words) % {"who": _names(names, language), "what": what}))
    return told


def _others(standings: Sequence[Mapping[str, Any]], language: str) -> list[tuple[str, tuple[str, ...]]]:
    say, found = says(language), []
    for role, words in ROLES.items():
        groups = grouped([one for one in standings if one["role"] == role])
        if role == "CASE_MANAGER" or not groups:
            continue
        lines = []
        for group in groups:
            told = [one for one in CATEGORY_WORDS if one in group.would_see]
            what = listed(each_of_yours(told, language), language) if told else say(_("nothing"))
            lines.append(say(_("%(who)s: %(what)s")) % {"who": _head(group, language), "what": what})
        found.append((say(words), tuple(lines)))
    return found
