"""What a recipient owes for what a consent opened."""

from __future__ import annotations

from dataclasses import replace

from auth.categories import Category
from auth.consent import CLOSED, RecordFacts
from auth.obligations import Obligation, opening, owed_for
from auth.regimes import Regime
from hmis.labels import Label
from tests.auth.test_consent import decided, grant


def test_a_part_2_consent_sends_its_notice_and_its_reference_along_and_no_other_consent_does() -> None:
    """42 CFR 2.32(a)(2): the words are the rule's own."""
    of_each = {regime: replace(grant(number), regime=regime.value) for number, regime in enumerate(Regime)}
    part2 = of_each[Regime.PART2]
    words = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    assert owed_for(of_each.values()) == {Obligation(part2.id, "42_CFR_2_32", words)}
    assert owed_for([part2, part2]) == owed_for([part2])
    assert owed_for([]) == frozenset()


def test_what_is_open_rests_on_the_permits_that_open_it_and_on_no_other() -> None:
    names = replace(grant(number=1), categories=Category.EXISTENCE | Category.NAME)
    whole = replace(grant(number=2), categories=Category.EXISTENCE | Category.NAME | Category.DOB)
    labelled = replace(grant(number=3), labels=Label.HIV)
    decision = decided(names, whole, labelled)
    plain = decision.of(RecordFacts(1))
    assert opening(plain, Category.NAME) == (names, whole, labelled)
    assert opening(plain, Category.DOB) == (whole, labelled)
    assert opening(decision.of(RecordFacts(1, labels=Label.HIV)), Category.NAME) == (labelled,)
    assert opening(CLOSED, Category.NAME) == ()
