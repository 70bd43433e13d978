"""The partners' files: mostly right, wrong in the ways of real life, and true to the table beside them."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from hmis.community import AS_OF, Community, PartnerMember
from hmis.community.names import NICKNAMES


def members_of(community: Community) -> list[PartnerMember]:
    pantry = [member for household in community.pantry for member in household.members]
    return pantry + [member for household in community.energy for member in household.members]


def known_of(community: Community) -> list[PartnerMember]:
    return [member for member in members_of(community) if member.personal_id]


def is_exact(community: Community, member: PartnerMember) -> bool:
    intake = community.intakes[member.personal_id]
    return (member.first_name, member.last_name, member.dob) == (intake.first, intake.last, intake.dob)


def test_the_partners_are_as_large_as_the_demo_needs(community: Community) -> None:
    assert len(community.pantry) == 220
    assert len(community.energy) == 140
    keys = [household.key for household in community.pantry]
    keys += [household.key for household in community.energy]
    assert len(set(keys)) == len(keys) == 360


def test_seven_of_ten_members_are_spelled_as_in_hmis(community: Community) -> None:
    known = known_of(community)
    share = sum(is_exact(community, member) for member in known) / len(known)
    assert 0.66 <= share <= 0.76


def test_the_others_differ_in_many_ways(community: Community) -> None:
    ways: Counter[str] = Counter()
    for member in known_of(community):
        person = community.intakes[member.personal_id].person
        if member.first_name == person.last and member.last_name == person.first:
            ways["swapped"] += 1
        elif member.first_name == NICKNAMES.get(person.first):
            ways["nickname"] += 1
        elif member.first_name != person.first or member.last_name != person.last:
            ways["misspelled"] += 1
        elif member.dob is None:
            ways["no birth date"] += 1
        elif member.dob != person.born:
            ways["other birth date"] += 1
    assert set(ways) == {"swapped", "nickname", "misspelled", "no birth date", "other birth date"}


def test_the_showcase_is_exact_in_both_and_has_received_help(community: Community) -> None:
    pantry = [h for h in community.pantry if any(m.personal_id == community.showcase for m in h.members)]
    energy = [h for h in community.energy if any(m.personal_id == community.showcase for m in h.members)]
    assert len(pantry) == len(energy) == 1
    assert all(is_exact(community, member) for member in (*pantry[0].members, *energy[0].members))
    assert len(pantry[0].visits) >= 10
    assert pantry[0].programs == ("TEFAP", "SNAP_OUTREACH")
    assert {"HEATING", "CRISIS", "RENT"} == {benefit.kind for benefit in energy[0].benefits}


def test_some_households_are_strangers_to_hmis_and_some_have_a_clients_name(community: Community) -> None:
    strangers = [h for h in community.pantry if not any(member.personal_id for member in h.members)]
    assert 10 <= len(strangers) <= 40
    names = {(person.first, person.last) for person in community.people}
    assert any((m.first_name, m.last_name) in names for h in strangers for m in h.members)


def test_the_truth_names_real_people_and_nobody_twice_in_a_file(community: Community) -> None:
    people = {person.personal_id for person in community.people}
    files = [[h.members for h in community.pantry], [h.members for h in community.energy]]
    for file in files:
        named = [member.personal_id for members in file for member in members if member.personal_id]
        assert set(named) <= people
        assert len(named) == len(set(named))


def test_some_members_are_missing_and_some_households_have_moved(community: Community) -> None:
    homes = {h.head.personal_id: h for h in community.households}
    seen = [(h, homes[m.personal_id]) for h in community.pantry for m in h.members if m.personal_id in homes]
    assert any(len(listed.members) < len(home.members) for listed, home in seen)
    moved = sum(listed.address != home.address.line for listed, home in seen)
    assert 0.15 < moved / len(seen) < 0.35


def test_visits_and_benefits_lie_in_order_before_the_day_of_the_archive(community: Community) -> None:
    for listed in community.pantry:
        assert list(listed.visits) == sorted(listed.visits)
        assert listed.visits[-1] <= listed.updated <= AS_OF
    for account in community.energy:
        days = [benefit.date for benefit in account.benefits]
        assert days == sorted(days)
        assert days[-1] <= account.updated <= AS_OF
        assert all(
            benefit.amount > 0 and benefit.amount == round(benefit.amount, 2) for benefit in account.benefits
        )
        assert not any(benefit.restored and benefit.prevented for benefit in account.benefits)


def test_every_program_fuel_and_kind_occurs(community: Community) -> None:
    programs = {program for household in community.pantry for program in household.programs}
    assert programs == {"TEFAP", "CSFP", "SNAP_OUTREACH", "SENIOR_BOX", "BACKPACK_KIDS"}
    fuels = {household.heating_fuel for household in community.energy}
    assert fuels == {"NATURAL_GAS", "ELECTRICITY", "FUEL_OIL", "PROPANE", "WOOD"}
    benefits = [benefit for household in community.energy for benefit in household.benefits]
    assert {benefit.kind for benefit in benefits} == {"HEATING", "CRISIS", "COOLING", "RENT"}
    assert sum((benefit.amount for benefit in benefits), Decimal(0)) > 0
