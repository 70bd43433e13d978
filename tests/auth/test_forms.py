"""Forms: what each choice lets each role see, exactly as the checked-in matrix says."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from auth.categories import Category
from auth.consent import Effect, Facts, Grant, Guardian, decide
from auth.forms import FOLDER, Choose, Signing, Template, grants_of, read, template_of, templates
from auth.grants import NewGrant
from auth.policy import Policy
from auth.viewer import DEFAULT_PURPOSE, SCOPES, Agency, AgencyKind, Role, Viewer
from hmis.errors import InputRefused

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 6, 30)
ADA, CHILD, PARENT = UUID(int=1), UUID(int=2), UUID(int=3)
MEMBER, OUTSIDER = UUID(int=11), UUID(int=12)
GROUPS = {"NC basic": UUID(int=21), "NC services": UUID(int=22), "NC health": UUID(int=23)}
ROLES = (Role.CASE_MANAGER, Role.DASHBOARD, Role.PRIVACY_OFFICER)


def signing(form: int = 1, start: date = date(2026, 1, 1), **more: object) -> Signing:
    known = Signing(ADA, UUID(int=form), start, "WRITTEN", "sha256:00", (MEMBER,), GROUPS)
    return replace(known, **more)  # type: ignore[arg-type]  # a test may say anything anew


def viewer(agency: UUID, role: Role) -> Viewer:
    return Viewer(
        subject="somebody",
        kind="user",
        agency=Agency(agency, 1, "1", "An agency", AgencyKind.CHO),
        role=role,
        scopes=frozenset(SCOPES[role]),
        purpose=DEFAULT_PURPOSE[role],
        acr=None,
        auth_time=None,
        client_id="test",
    )


def stored(new: NewGrant, number: int) -> Grant:
    """A grant as it would be read back: the group has one member."""
    return Grant(
        id=UUID(int=100 + number),
        effect=new.effect,
        categories=new.categories,
        purposes=frozenset(new.purposes),
        community_wide=new.community_wide,
        agencies=frozenset(new.agencies) | (frozenset({MEMBER}) if new.group else frozenset()),
        start=new.start,
        end=new.end,
        form=new.form,
        signed_by_client=new.signed_by_client,
        guardian=Guardian(new.guardian, date(2020, 1, 1), None) if new.guardian else None,
        regime=new.regime,
        method=new.method,
        evidence=new.evidence,
        recorded_at=datetime(2026, 1, number, tzinfo=UTC),
    )


def seen(grants: list[Grant], policy: Policy, agency: UUID, role: Role, day: date = TODAY) -> Category:
    return decide(viewer(agency, role), Facts(grants=tuple(grants)), policy, day).allowed


def choices_of(template: Template) -> dict[str, list[str]]:
    """Every way to fill the form in, and every way to fill it in again: name -> sections, in order."""
    ids = [section.id for section in template.sections]
    if template.choose is Choose.EACH:
        alone = {section: [section] for section in ids}
        return {"nothing": [], **alone, "everything": ids}
    again = {f"{second} after {first}": [first, second] for first in ids for second in ids if first != second}
    return {"nothing": [], **{section: [section] for section in ids}, **again}


def signed(template: Template, sections: list[str]) -> list[Grant]:
    if template.choose is Choose.EACH:
        news = grants_of(template, dict.fromkeys(sections, True), signing())
        return [stored(new, number) for number, new in enumerate(news, start=1)]
    found = []
    for number, section in enumerate(sections, start=1):
        (new,) = grants_of(template, {section: True}, signing(form=number))
        found.append(stored(new, number))
    return found


def matrix(template: Template) -> str:
    """Who sees what: a line for each choice, agency and role, an x where a category is visible."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["choice", "agency", "role", *(category.name for category in Category)])
    for choice, sections in choices_of(template).items():
        grants = signed(template, sections)
        for name, agency in (("member", MEMBER), ("outsider", OUTSIDER)):
            for role in ROLES:
                allowed = seen(grants, template.policy, agency, role)
                marks = ["x" if allowed & category else "" for category in Category]
                writer.writerow([choice, name, role.value, *marks])
    return out.getvalue()


@pytest.mark.parametrize("name", sorted(templates()))
def test_each_choice_on_a_form_lets_each_role_see_what_its_matrix_says(name: str) -> None:
    assert matrix(template_of(name)) == (GOLDEN / f"{name}.csv").read_text(encoding="utf-8")


def test_every_form_has_a_matrix_and_every_matrix_a_form() -> None:
    assert {path.stem for path in GOLDEN.glob("*.csv")} == set(templates())
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(templates())
    assert set(templates()) == {"nc-ncceh", "il-chicago", "mn-hmis", "ca-orange", "port-ellery"}


def test_the_newest_chicago_form_counts_whichever_way_the_client_turned() -> None:
    chicago = template_of("il-chicago")
    narrowed, widened = signed(chicago, ["A", "B"]), signed(chicago, ["C", "A"])
    assert not seen(narrowed, chicago.policy, OUTSIDER, Role.CASE_MANAGER) & Category.HEALTH_DISABILITY
    assert seen(widened, chicago.policy, OUTSIDER, Role.CASE_MANAGER) & Category.HEALTH_DISABILITY
    assert not seen(signed(chicago, ["A", "C"]), chicago.policy, OUTSIDER, Role.CASE_MANAGER)


def test_a_chicago_form_ends_after_three_years_and_the_one_from_minnesota_never() -> None:
    (chicago,) = grants_of(template_of("il-chicago"), {"A": True}, signing())
    (minnesota,) = grants_of(template_of("mn-hmis"), {"share": True}, signing())
    assert chicago.end == date(2028, 12, 31)
    assert minnesota.end is None


def test_in_minnesota_basic_information_is_there_by_notice_before_anybody_signed() -> None:
    minnesota = template_of("mn-hmis")
    assert seen([], minnesota.policy, OUTSIDER, Role.CASE_MANAGER) == minnesota.notice
    assert minnesota.policy.notice_version == "mn-hmis@1"


def test_a_no_in_orange_county_takes_the_identity_out_of_an_earlier_yes() -> None:
    orange = template_of("ca-orange")
    left = seen(signed(orange, ["yes", "no"]), orange.policy, OUTSIDER, Role.CASE_MANAGER)
    assert left & Category.ENROLLMENT
    assert not left & (Category.NAME | Category.DOB | Category.SSN_LAST4 | Category.CONTACT)


def test_the_sections_of_north_carolina_make_a_grant_each_on_one_form_to_living_groups() -> None:
    grants = grants_of(template_of("nc-ncceh"), {"basic": True, "services": False, "health": True}, signing())
    assert [(new.section, new.group) for new in grants] == [
        ("basic", GROUPS["NC basic"]),
        ("health", GROUPS["NC health"]),
    ]
    assert {new.form for new in grants} == {UUID(int=1)}
    assert all(new.template == "nc-ncceh@1" and not new.agencies for new in grants)


def test_children_stand_on_a_parents_form_except_where_each_has_one() -> None:
    both = grants_of(template_of("mn-hmis"), {"share": True}, signing(children={CHILD: PARENT}))
    assert [(new.person, new.signed_by_client, new.guardian) for new in both] == [
        (ADA, True, None),
        (CHILD, False, PARENT),
    ]
    with pytest.raises(InputRefused, match="each child by itself"):
        grants_of(template_of("il-chicago"), {"A": True}, signing(children={CHILD: PARENT}))
    (own,) = grants_of(template_of("il-chicago"), {"A": True}, signing(person=CHILD, guardian=PARENT))
    assert (own.person, own.signed_by_client, own.guardian) == (CHILD, False, PARENT)


@pytest.mark.parametrize(
    ("name", "choices", "message"),
    [
        ("il-chicago", {}, "exactly one of: A, B, C"),
        ("il-chicago", {"A": True, "B": True}, "exactly one of: A, B, C"),
        ("il-chicago", {"D": True}, "no such section. Its sections: A, B, C"),
        ("nc-ncceh", {"basic": True, "other": False}, "no such section"),
    ],
)
def test_a_choice_that_a_form_does_not_offer_is_refused(
    name: str, choices: dict[str, bool], message: str
) -> None:
    with pytest.raises(InputRefused, match=message):
        grants_of(template_of(name), choices, signing())


def test_agencies_that_a_section_leaves_to_the_client_are_named_or_the_form_is_refused() -> None:
    port_ellery = template_of("port-ellery")
    (named,) = grants_of(port_ellery, {"partners": True}, signing())
    assert (named.community_wide, named.agencies) == (False, (MEMBER,))
    with pytest.raises(InputRefused, match="names agencies"):
        grants_of(port_ellery, {"partners": True}, signing(agencies=()))


def test_a_form_whose_group_is_not_there_is_refused() -> None:
    with pytest.raises(InputRefused, match="a visibility group named NC basic"):
        grants_of(template_of("nc-ncceh"), {"basic": True}, signing(groups={}))


@pytest.mark.parametrize("name", ["nowhere", "mn-hmis@0"])
def test_an_unknown_form_or_edition_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InputRefused, match="mn-hmis@1"):
        template_of(name)


GOOD = (FOLDER / "ca-orange.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "to", "message"),
    [
        ('regime = "HUD"', 'regime = "HUDD"', "HUDD"),
        ('version = "1"', "", "version is missing"),
        ('choose = "', 'chose = "x"\nchoose = "', "unknown keys: chose"),
        ('es = "Consentimiento', 'fr = "Consentimiento', "es is missing"),
        ('id = "no"', 'id = "yes"', "an id of its own"),
        ('"EXISTENCE", "NAME"', '"NAME"', "permits without EXISTENCE"),
        ('"EXISTENCE", "NAME"', '"NICKNAME"', "NICKNAME is no category"),
        ('es = "No. Ninguna', 'fr = "No. Ninguna', "es is missing"),
        ('en = "No. No other agency may learn who I am."', 'en = " "', "says nothing in one of en, es"),
        ('to = "COMMUNITY"', 'to = "GROUP"', "group goes with to = GROUP"),
        ('regime = "HUD"', 'regime = "PART2"', "names its recipients and ends"),
        ("choose =", "choose", "="),
    ],
)
def test_a_form_with_one_fault_is_refused_by_file_and_fault(
    tmp_path: Path, change: str, to: str, message: str
) -> None:
    assert change in GOOD
    path = tmp_path / "broken.toml"
    path.write_text(GOOD.replace(change, to, 1), encoding="utf-8")
    with pytest.raises(InputRefused, match=message) as refused:
        read(path)
    assert str(refused.value).startswith("broken.toml: ")


def test_a_permit_of_nothing_opens_nothing_and_denies_nothing() -> None:
    (nothing,) = grants_of(template_of("il-chicago"), {"C": True}, signing())
    assert (nothing.effect, int(nothing.categories)) == (Effect.PERMIT, 0)
