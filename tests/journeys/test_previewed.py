"""What the preview of a form said is what others see afterwards."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from auth.categories import Category
from auth.consent import Effect
from auth.forms import Choose, To, template_of
from auth.policy import Combination, Policy
from hmis.tables import policy_profile
from tests.journeys.signing import (
    ROLES,
    at,
    previewed,
    seen,
    signs,
)
from tests.worlds import World


@pytest.mark.parametrize("seed", range(24))
async def test_a_preview_is_what_others_see_once_it_is_recorded(world: World, seed: int) -> None:
    """For worlds, forms and choices made up: previews and answers come out of one decision."""
    choose = Random(seed)
    names = "ABCD"
    for name in names:
        await world.organization(name)
    await world.group("NC basic", "B")
    await world.group("NC services", "B", "C")
    await world.group("NC health", *choose.sample(names, 2))
    minor = choose.random() < 0.3
    born = date(2015, 1, 1) if minor else date(1980, 1, 1)
    ada = str(await world.client("ada", dob=born))
    await world.stay("s1", "ada", "A-p")
    guardian = await world.guardian("ada") if minor else None
    template = choose.choice([template_of(name) for name in _FORMS])
    world.forms = (template,)
    policy = Policy(
        notice_categories=choose.choice([Category(0), template.notice]),
        combination=choose.choice(list(Combination)),
        max_term_days=choose.choice([None, 90]),
    )
    # PostgreSQL reads the notice by itself (`auth/context.py`).
    notice = int(policy.notice_categories)
    await world._insert(policy_profile, notice_categories=notice, recorded_by="the board")
    for _ in range(choose.randint(0, 4)):
        await world.grant(
            "ada",
            *choose.choice([(), ("B",), ("C", "D")]),
            categories=_some(choose),
            effect=choose.choice([Effect.PERMIT, Effect.PERMIT, Effect.DENY]),
            signed_by_client=guardian is None,
            guardian=guardian,
            form=choose.choice([None, world.people["ada"]]),
            evidence="sha256:00",
            end=choose.choice([None, date(2026, 6, 30), date(2026, 7, 1)]),
        )
    by = at(world, "A", policy=policy)
    ids = [section.id for section in template.sections]
    sections = choose.sample(ids, 1 if template.choose is Choose.ONE else choose.randint(1, len(ids)))
    named = any(one.to is To.NAMED for one in template.sections)
    sent = {
        "form": template.id,
        "sections": sections,
        "agencies": [str(world.agencies[one].id) for one in choose.sample(names, 2)] if named else [],
        "guardian": None if guardian is None else str(guardian),
        "end": choose.choice([None, "2026-07-15"]),
    }
    told = await previewed(world, ada, by, sign=sent)
    assert told["problems"] == []
    at_first = await _everybody(world, ada, policy)
    done = await signs(world, ada, by, **sent, evidence="sha256:01")
    assert done["problems"] == []
    afterwards = await _everybody(world, ada, policy)
    others = [row for row in told["standings"] if not row["isViewers"]]
    assert {(row["agency"], row["role"]): row["sees"] for row in others} == at_first
    assert {(row["agency"], row["role"]): row["wouldSee"] for row in others} == afterwards
    # Now and then again the same: what was foretold is what stands.
    again = await previewed(world, ada, by)
    assert [row["sees"] for row in again["standings"]] == [row["wouldSee"] for row in told["standings"]]


_FORMS = ("port-ellery", "nc-ncceh", "il-chicago", "mn-hmis", "ca-orange")


def _some(choose: Random) -> Category:
    total = Category.EXISTENCE if choose.random() < 0.8 else Category.FOOD
    for category in choose.sample(list(Category), 6):
        total |= category
    return total


async def _everybody(world: World, client: str, policy: Policy) -> dict[tuple[str, str], list[str]]:
    return {
        (f"Agency {name}", role.value): await seen(world, client, at(world, name, role, policy))
        for name in world.agencies
        if name != "A"
        for role in ROLES
    }
