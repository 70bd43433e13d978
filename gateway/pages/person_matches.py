"""Whether two people are one: side by side, with what speaks for it and against, for somebody to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from gateway.pages.places import _
from gateway.pages.visit import Visit

DOUBTS: Mapping[str, str] = {
    "UNSURE": _("They are alike, but not enough for a rule to decide by itself."),
    "FEW_FACTS": _(
        "They agree in what people of one family often share. Twins, or a parent and child of one name, look"
        " just like this."
    ),
    "BIRTH_DATES_DIFFER": _("They are alike, but their birth dates look like those of two people."),
    "SSNS_DIFFER": _("They are alike, but their Social Security numbers look like those of two people."),
    "NOT_SHOWN": _(
        "They are very much alike. A rule still leaves it to you where other people are involved, or where"
        " both have said what they share."
    ),
}
"""Why no rule decided."""

SAME, LIKE, OTHER, NOTHING = "same", "like", "other", "nothing"
SHAPES: Mapping[str, tuple[str, str]] = {
    SAME: ("=", _("The same")),
    LIKE: ("≈", _("Alike")),
    OTHER: ("≠", _("Different")),
    NOTHING: ("?", _("Not known of both")),
}
"""How two facts compare: a sign, and the word it stands for."""

_SENTENCES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("first_name", "same"): (SAME, _("The first name is the same.")),
    ("first_name", "swapped"): (LIKE, _("First and last name stand in each other's place.")),
    ("first_name", "nickname"): (LIKE, _("One first name is a known short form of the other.")),
    ("first_name", "one slip"): (LIKE, _("The first names differ by one slip of a key.")),
    ("first_name", "beginning"): (LIKE, _("One first name is the beginning of the other.")),
    ("first_name", "other"): (OTHER, _("The first names are different.")),
    ("last_name", "same"): (SAME, _("The last name is the same.")),
    ("last_name", "swapped"): (LIKE, _("The last name stands in the first name's place.")),
    ("last_name", "one slip"): (LIKE, _("The last names differ by one slip of a key.")),
    ("last_name", "part"): (LIKE, _("One last name is a part of the other, as in a double name.")),
    ("last_name", "other"): (OTHER, _("The last names are different.")),
    ("birth_date", "same"): (SAME, _("The birth date is the same.")),
    ("birth_date", "day for month"): (LIKE, _("Day and month of birth are swapped.")),
    ("birth_date", "one slip"): (LIKE, _("The birth dates differ by one slip of a key.")),
    ("birth_date", "two of three"): (LIKE, _("Two of year, month and day of birth are the same.")),
    ("birth_date", "other"): (OTHER, _("The birth dates are different.")),
    ("ssn", "same"): (SAME, _("The Social Security number is the same.")),
    ("ssn", "one slip"): (LIKE, _("The Social Security numbers differ by one slip of a key.")),
    ("ssn", "other"): (OTHER, _("The Social Security numbers are different.")),
    ("sex", "same"): (SAME, _("The sex is the same.")),
    ("sex", "other"): (OTHER, _("The sex is different.")),
    ("veteran", "both"): (SAME, _("Both served in the armed forces.")),
    ("veteran", "neither"): (SAME, _("Neither served in the armed forces.")),
    ("veteran", "other"): (OTHER, _("One served in the armed forces, the other did not.")),
}
"""Comparison and how it came out -> its shape, and in words."""
_MISSING: Mapping[str, str] = {
    "first_name": _("A first name is missing, or not a full one."),
    "last_name": _("A last name is missing, or not a full one."),
    "birth_date": _("A birth date is missing, or not a full one."),
    "ssn": _("A Social Security number is missing, or not a full one."),
    "sex": _("The sex of one is not known."),
    "veteran": _("Of one it is not known whether they served."),
}
_STRENGTHS: tuple[tuple[float, str, str], ...] = (
    (10, _("speaks very strongly for one person"), _("speaks very strongly against it")),
    (5, _("speaks strongly for one person"), _("speaks strongly against it")),
    (2, _("speaks for one person"), _("speaks against it")),
    (0.5, _("speaks a little for one person"), _("speaks a little against it")),
    (0, _("says nothing"), _("says nothing")),
)
"""From so many bits on: in words, for and against."""
_ROWS = {
    "name": ("first_name", "last_name"),
    "born": ("birth_date",),
    "ssn": ("ssn",),
    "sex": ("sex",),
    "veteran": ("veteran",),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One comparison in words."""

    shape: str
    sentence: str
    strength: str
    bits: float


def reasons(steps: Sequence[Mapping[str, Any]]) -> list[Reason]:
    """What speaks for one person and against, the strongest first; what says nothing last."""
    told = []
    for step in steps:
        fact, says, bits = step["fact"], step["says"], step["bits"]
        if not fact:
            continue
        shape, sentence = _SENTENCES.get((fact, says), (NOTHING, _MISSING[fact]))
        strength = next(words for least, *words in _STRENGTHS if abs(bits) >= least)
        told.append(Reason(shape, sentence, strength[bits < 0], bits))
    return sorted(told, key=lambda one: -abs(one.bits))


def shapes(steps: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """How the two compare in each row of the page; None = it may not be seen of both."""
    shape = {step["fact"]: _SENTENCES.get((step["fact"], step["says"]), (NOTHING, ""))[0] for step in steps}
    order = (OTHER, NOTHING, LIKE, SAME)
    return {
        row: min((shape[fact] for fact in facts if fact in shape), key=order.index, default=None)
        for row, facts in _ROWS.items()
    }


async def review(visit: Visit) -> Response:
    """One question after the other: the same, different, or later."""
    if visit.http.method == "GET":
        return await _show(visit, visit.http.query_params.get("after"))
    form = visit.form
    same = form.get("said") == "same"
    done = await visit.ask(
        "person_match_decide", id=form.get("id", ""), same=same, consentOf=form.get("consentOf") or None
    )
    problems = done.problems("personMatchDecide")
    if problems or not done.data:
        return await _show(visit, form.get("after"), problems)
    return visit.go("/matches/people", done="same-person" if same else "different-people")


async def _show(visit: Visit, after: str | None, problems: Sequence[Mapping[str, Any]] = ()) -> Response:
    answered = await visit.ask("person_matches", after=after or None)
    page = answered.data.get("personMatches") or {"nodes": [], "pageInfo": {}}
    match = page["nodes"][0] if page["nodes"] else None
    return visit.show(
        "person_matches.html",
        match=match,
        page=page["pageInfo"],
        after=after,
        problems=problems,
        asks_consent=any(one["code"] == "CONSENT_OF" for one in problems) or "consentOf" in visit.form,
        reasons=reasons(match["steps"]) if match else [],
        shape=shapes(match["steps"]) if match else {},
        shapes=SHAPES,
        doubts=DOUBTS,
        errors=answered.errors,
    )


async def answered(visit: Visit) -> Response:
    """What was said before, and taking back that two people are different."""
    problems: Sequence[Mapping[str, Any]] = ()
    if visit.http.method == "POST":
        done = await visit.ask("person_match_reopen", id=visit.form.get("id", ""))
        problems = done.problems("personMatchReopen")
        if done.data and not problems:
            return visit.go("/matches/people", done="asked-again")
    found = await visit.ask("person_matches_answered")
    different, same = (found.data.get(name, {"nodes": []})["nodes"] for name in ("different", "same"))
    return visit.show(
        "person_matches_answered.html", different=different, same=same, problems=problems, errors=found.errors
    )
