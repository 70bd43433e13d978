"""What the people of Port Ellery agreed to is decided by chance that repeats itself."""

from __future__ import annotations

from uuid import UUID, uuid5

from auth.categories import Category
from auth.consent import Effect
from gateway.demo.consents import _signed, _usual

PEOPLE = [(str(number), uuid5(UUID(int=0), str(number))) for number in range(1_000)]
AGENCIES = {name: uuid5(UUID(int=1), name) for name in "1234"}


def test_the_same_people_agree_to_the_same_every_time() -> None:
    assert list(_usual(PEOPLE, frozenset(), AGENCIES)) == list(_usual(PEOPLE, frozenset(), AGENCIES))


def test_six_in_ten_share_the_basics_with_everybody_and_a_few_deny_one_agency() -> None:
    grants = list(_usual(PEOPLE, frozenset(), AGENCIES))
    permits = [grant for grant in grants if grant.effect is Effect.PERMIT]
    denials = [grant for grant in grants if grant.effect is Effect.DENY]
    assert 550 <= len(permits) <= 650
    assert all(grant.community_wide for grant in permits)
    assert not any(grant.categories & (Category.FOOD | Category.HEALTH_DISABILITY) for grant in permits)
    assert 10 <= len(denials) <= 50
    assert all(len(grant.agencies) == 1 for grant in denials)


def test_the_family_of_the_showcase_signed_for_partners_at_the_shelter_and_nowhere_else() -> None:
    family = frozenset(person for _, person in PEOPLE[:3])
    signed = list(_signed(PEOPLE[0][1], family, AGENCIES["1"]))
    assert {grant.person for grant in signed} == family
    for grant in signed:
        assert (grant.method, grant.agencies) == ("WRITTEN", (AGENCIES["1"],))
        assert grant.categories & Category.FOOD
        assert grant.categories & Category.UTILITY
        assert not grant.categories & Category.SSN_FULL
    assert not {grant.person for grant in _usual(PEOPLE, family, AGENCIES)} & family
