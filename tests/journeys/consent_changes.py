"""Changes to consent and to what stands around it, for `tests/journeys/changes.py` to try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.journeys.agreements import SUBJECTS
from tests.journeys.communities import Community, Row
from tests.journeys.lives import Maker

Way = Callable[[Maker, Community], None]


def _any(make: Maker, of: Community, table: str) -> Row | None:
    rows = of.tables[table]
    return make.choose.choice(rows) if rows else None


def _person(make: Maker, of: Community) -> Any:
    return make.choose.choice(of.tables["person"])["id"]


def _grant(make: Maker, of: Community) -> None:
    """Somebody agrees to something, alone or on a form that they signed before."""
    person = _person(make, of)
    adults = [row["id"] for row in of.tables["guardian"] if row["person_id"] == person]
    forms = {row["form_id"] for row in of.tables["consent_grant"] if row["person_id"] == person}
    make.grant(
        of,
        person,
        make.choose.choice([None, *adults]),
        make.choose.choice([None, make.uuid(), *sorted(forms - {None})]),
    )


def _grant_gone(make: Maker, of: Community) -> None:
    if row := _any(make, of, "consent_grant"):
        of.drop("consent_grant", row)


def _grant_revoked(make: Maker, of: Community) -> None:
    if row := _any(make, of, "consent_grant"):
        make.revoke(of, row["id"])


def _grant_says_else(make: Maker, of: Community) -> None:
    """One thing about a grant becomes another."""
    if (row := _any(make, of, "consent_grant")) is None:
        return
    match make.choose.randint(0, 9):
        case 0:
            row["categories"] = int(make.categories())
        case 1:
            row["labels"] = int(make.labels(row))
        case 2:
            row |= make.limits([one["id"] for one in of.tables["source"]])
        case 3:
            row["end_on"] = make.choose.choice(
                [None, row["start_on"] + timedelta(days=make.choose.randint(1, 20))]
            )
        case 4:
            row["provisional_until"] = make.choose.choice([None, make.near_today(-1, 3)])
        case 5:
            row |= {"recorded_at": make.moment(), "recorded_at_agency": _agency(make, of)}
        case 6:
            row |= {"evidence": make.choose.choice([None, make.token()]), "recorded_by": make.token()}
        case 7:
            row["subject"] = None if row["community_wide"] else make.choose.choice([None, *SUBJECTS])
        case 8:
            row["form_id"] = make.choose.choice([None, make.uuid()])
        case _:
            row["purposes"] = sorted(make.choose.sample(row["purposes"], min(4, len(row["purposes"]))))


def _agency(make: Maker, of: Community) -> Any:
    return make.choose.choice(of.tables["agency"])["id"]


def _recipient(make: Maker, of: Community) -> None:
    """A grant names one agency more, or one less."""
    named = [row for row in of.tables["consent_grant"] if not row["community_wide"] and not row["group_id"]]
    if not named:
        return
    row = {"grant_id": make.choose.choice(named)["id"], "agency_id": _agency(make, of)}
    if row in of.tables["consent_recipient"]:
        of.tables["consent_recipient"].remove(row)
    else:
        of.tables["consent_recipient"].append(row)


def _group(make: Maker, of: Community) -> None:
    """A group of other agencies, another name of one, one member more or less."""
    row = _any(make, of, "visibility_group")
    held = _any(make, of, "visibility_group_member")
    match make.choose.randint(0, 3):
        case 0:
            make.group(of)
        case 1 if row:
            row["name"] = make.token()
        case 2 if held:
            of.tables["visibility_group_member"].remove(held)
        case 3 if row:
            make.group_member(of, row["id"], _agency(make, of))


def _guardian(make: Maker, of: Community) -> None:
    """A guardian more, barred, no longer barred, or one who may sign for longer."""
    row, bar = _any(make, of, "guardian"), _any(make, of, "guardian_bar")
    match make.choose.randint(0, 3):
        case 0:
            make.guardian(of, _person(make, of))
        case 1 if row:
            make.bar(of, row["id"])
        case 2 if bar:
            of.tables["guardian_bar"].remove(bar)
        case 3 if row:
            row |= {"adult": make.token(), "valid_to": make.choose.choice([None, make.near_today(1, 3)])}


def _opening(make: Maker, of: Community) -> None:
    """An emergency of somebody, or one that was none."""
    row = _any(make, of, "break_glass")
    match make.choose.randint(0, 2):
        case 1 if row:
            of.drop("break_glass", row)
        case 2 if row:
            row["reason"] = make.token()
            make.review(of, row["id"])
        case _:
            make.opening(of, _person(make, of))


def _profile(make: Maker, of: Community) -> None:
    """An older profile said something else, or the newest does where nothing is decided by it."""
    if rows := of.tables["policy_profile"]:
        newest = max(rows, key=lambda one: one["id"])
        newest |= {"small_cell": make.choose.randint(5, 20), "recorded_by": make.token()}
        for row in rows:
            if row is not newest:
                row |= {"notice_categories": int(make.categories()), "age_of_consent": 16}


def _member(make: Maker, of: Community) -> None:
    row = _any(make, of, "member")
    if row and make.chance(0.5):
        of.tables["member"].remove(row)
    else:
        make.member(of, _agency(make, of))


def _agency_says_else(make: Maker, of: Community) -> None:
    """An agency changes its name, or its agreement ends or begins again."""
    row = make.choose.choice(of.tables["agency"])
    if make.chance(0.5):
        row["name"] = make.token()
    else:
        row["agreement_to"] = None if row["agreement_to"] else make.near_today(-3, 3)


def _disclosure(make: Maker, of: Community) -> None:
    """Somebody was told something, or was not."""
    row = _any(make, of, "audit_event")
    if row and make.chance(0.4):
        of.drop("audit_event", row)
    else:
        make.disclosure(of)


CONSENT_WAYS: tuple[tuple[Way, int], ...] = (
    (_grant, 3),
    (_grant_gone, 1),
    (_grant_revoked, 1),
    (_grant_says_else, 4),
    (_recipient, 2),
    (_group, 2),
    (_guardian, 1),
    (_opening, 2),
    (_profile, 1),
    (_member, 1),
    (_agency_says_else, 1),
    (_disclosure, 1),
)
