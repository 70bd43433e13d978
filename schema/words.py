"""HUD's code lists as GraphQL enums: the number and HUD's own label stand in each value's description."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from auth import emergency, legal_order, plain
from auth.categories import Category
from auth.consent import Effect, Reason
from auth.forms import Choose, Language, To
from auth.grant_state import State
from auth.guardians import Authority
from auth.policy import Combination
from auth.regimes import Regime
from auth.viewer import Purpose, Role
from connectors import crosswalk
from hmis import codes
from hmis.codes.code import Code, StrCode
from hmis.codes.race import COLUMNS, Race
from hmis.eligibility.facts import Fact
from hmis.eligibility.pack import Program
from hmis.eligibility.programs import Verdict
from hmis.eligibility.reasoning import Code as ReasonCode
from hmis.findings import Severity
from hmis.labels import Label
from hmis.referral_states import Delivery, Status
from hmis.spec import FILES
from resolvers import imports, person_matches
from resolvers.finding import Order


def _speak(kind: type[Enum]) -> None:
    """Make an enum a GraphQL enum, its description from the docstring, its values' from their labels."""
    strawberry.enum(kind, description=" ".join((kind.__doc__ or "").split()))
    for value in kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by strawberry.enum
        member: Any = kind(value.value)
        value.description = f"{member.label} ({_in_hud_numbers(member)})"


def _in_hud_numbers(member: Any) -> str:
    """What stands in HUD's columns for a word; where the word joins several columns, all of them."""
    match member:
        case codes.ServiceType():
            return f"RecordType {member.record_type}, TypeProvided {member.type_provided}"
        case codes.ServiceSubtype():
            return f"TypeProvided {member.type_provided}, SubTypeProvided {member.sub_type}"
        case codes.DisabilityResponse():
            return str(member.response)
        case Race() if member in _RACE_COLUMN:
            return f"{_RACE_COLUMN[member]} 1"
        case _:
            return str(member.value)


_RACE_COLUMN = {race: FILES["Client"].by_attr[attr].name for attr, race in COLUMNS.items()}


def _code_classes() -> list[type[Enum]]:
    named = (getattr(codes, name) for name in codes.__all__)
    lists = [
        kind
        for kind in named
        if isinstance(kind, type) and issubclass(kind, Code | StrCode) and kind not in (Code, StrCode)
    ]
    return [*lists, Race]


for _kind in _code_classes():
    _speak(_kind)

_MEANINGS: dict[type[Enum], tuple[str, str, dict[str, str]]] = {
    Category: (
        "ConsentCategory",
        "A part of a life that a client can share or keep",
        {category.name or "": words for category, words in plain.CATEGORIES.items()},
    ),
    Effect: (
        "ConsentEffect",
        "Whether a grant opens or closes",
        {"PERMIT": "Opens", "DENY": "Closes, whatever any permit says"},
    ),
    Reason: (
        "AccessBasis",
        "Why a part of a life is open to the viewer or not",
        {
            "OWN_RECORD": "The viewer's own agency entered it: only that is shown",
            "BREAK_GLASS": "Opened in an emergency; somebody will ask why",
            "LEGAL_ORDER": "An order of a court lists it, and two people approved the order",
            "GRANT": "The client agreed",
            "NOTICE": "The community's privacy notice covers it",
            "DENIED_BY_CLIENT": "The client refused",
            "NO_GRANT": "The client has not agreed",
            "ROLE": "The client agreed, and the viewer's role has no need of it",
        },
    ),
    Label: (
        "ConsentLabel",
        "Why a row or a value is more sensitive than its category says. Opened only where a grant names it",
        {
            "DV": "Tells of domestic violence",
            "HIV": "Tells of HIV",
            "SUD": "Tells of substance use",
            "MENTAL_HEALTH": "Tells of a mental illness",
            "RHY": "Tells of running away or being homeless as a youth. 45 CFR 1351.19",
            "JUSTICE": "Tells of the law",
            "VSP": "Held by a victim service provider: no grant opens it. 34 USC 12291(b)(2)",
            "PART2": "From a substance use programme. 42 CFR Part 2",
            "PART2_NOTES": "Counselling notes of such a programme; a consent of their own. 42 CFR 2.31(b)",
            "EDUCATION_RECORD": "A school's record. FERPA, 34 CFR 99.30",
            "MINOR_PROTECTED": "What a minor may keep from a guardian",
        },
    ),
    Regime: (
        "ConsentRegime",
        "The law that a consent follows",
        {
            "HUD": "The community's own release. 69 FR 45888",
            "PART2": "Substance use programmes. 42 CFR 2.31",
            "HIPAA": "Health care. 45 CFR 164.508",
            "RHY": "Runaway and homeless youth. 45 CFR 1351.19",
            "HIV": "A state's law on HIV",
            "FERPA": "Schools. 34 CFR 99.30",
        },
    ),
    Choose: (
        "ConsentFormChoose",
        "How the sections of a form are chosen",
        {"EACH": "Each apart, by yes or no", "ONE": "One of them"},
    ),
    To: (
        "ConsentFormRecipients",
        "Whom a section of a form speaks to",
        {
            "COMMUNITY": "Every agency with an agreement in force, now and later",
            "GROUP": "Whoever is in a living group on the day they ask",
            "NAMED": "The agencies that the client names when signing",
        },
    ),
    Language: (
        "Language",
        "A language that forms are written in",
        {"EN": "English", "ES": "Spanish"},
    ),
    Combination: (
        "ConsentCombination",
        "What a newer signed form does to older ones",
        {"LATEST": "It replaces them", "UNION": "All count"},
    ),
    State: (
        "ConsentState",
        "What became of a grant",
        {
            "REVOKED": "Somebody revoked it",
            "ENDED": "Its last day has passed",
            "LAPSED": "Spoken and never signed, or signed by a guardian who may no longer",
            "SUPERSEDED": "A newer form replaced it",
            "UPCOMING": "Its first day has not come",
            "ACTIVE": "In force",
        },
    ),
    crosswalk.State: (
        "MatchState",
        "What became of the question whether a record is about a client",
        {
            "OPEN": "Nobody has decided",
            "CONFIRMED": "It is, somebody said",
            "REJECTED": "It is not, somebody said; nobody is asked again",
            "WITHDRAWN": "No rule asks any more",
        },
    ),
    person_matches.State: (
        "PersonMatchState",
        "What became of the question whether two people are one",
        {
            "OPEN": "Nobody has decided",
            "SAME": "They are one, somebody said",
            "DIFFERENT": "They are two, somebody said; no rule joins their records",
        },
    ),
    person_matches.Doubt: (
        "PersonMatchDoubt",
        "Why no rule may say that two people are one",
        {
            "UNSURE": "Their records are alike, and less than it takes",
            "FEW_FACTS": "They agree in what people of one family share",
            "BIRTH_DATES_DIFFER": "They are alike, and their birth dates are of two people",
            "SSNS_DIFFER": "They are alike, and their SSNs are of two people",
            "NOT_SHOWN": "By what is shown a rule could decide; what keeps it from that is not shown",
        },
    ),
    imports.State: (
        "ImportState",
        "What became of an import",
        {
            "RUNNING": "It runs, or waits for another of its source",
            "DONE": "The hub holds what the export says",
            "REFUSED": "The archive has structural faults; nothing was changed",
            "FAILED": "The database gave up, or somebody stopped it; nothing was changed",
            "BROKEN_OFF": "It was killed and could not say so; nothing was changed",
        },
    ),
    Severity: (
        "FindingSeverity",
        "How bad a finding of an import is",
        {
            "ERROR": "Data were refused, left out or set aside",
            "WARNING": "Kept, and wrong",
            "INFO": "Worth knowing",
        },
    ),
    Authority: (
        "GuardianAuthority",
        "By what right somebody signs for a minor",
        {
            "PARENT": "A parent",
            "LEGAL_GUARDIAN": "A legal guardian",
            "COURT": "A court decided it",
            "AGENCY": "An agency has custody",
        },
    ),
    emergency.Outcome: (
        "BreakGlassOutcome",
        "What a privacy officer found of an opening",
        {"JUSTIFIED": "There was an emergency", "NOT_JUSTIFIED": "There was none"},
    ),
    legal_order.Authority: (
        "LegalOrderAuthority",
        "What a court gave. A subpoena alone is none of these. 69 FR 45888, 4.1.3; 45 CFR 164.512(f)(1)(ii)",
        {
            "COURT_ORDER": "An order of a court",
            "WARRANT": "A warrant of a court",
            "SUBPOENA_WITH_COURT_ORDER": "A subpoena or summons that a judicial officer issued",
        },
    ),
    Program: (
        "EligibilityProgram",
        "A program that clients are screened for",
        {
            "SNAP": "Supplemental Nutrition Assistance Program. 7 CFR part 273",
            "WIC": "Nutrition program for women, infants and children. 7 CFR part 246",
            "LIHEAP": "Low Income Home Energy Assistance Program. 42 USC 8621",
            "TEFAP": "The Emergency Food Assistance Program. 7 CFR part 251",
            "HUD_EXTREMELY_LOW_INCOME": "Within HUD's extremely low income limit. 24 CFR 5.603",
            "HUD_VERY_LOW_INCOME": "Within HUD's very low income limit. 24 CFR 5.603",
            "HUD_LOW_INCOME": "Within HUD's low income limit. 24 CFR 5.603",
        },
    ),
    Verdict: (
        "EligibilityVerdict",
        "What a screening says. The program decides",
        {
            "LIKELY": "Worth asking for",
            "UNLIKELY": "By these rules not; asking is free all the same",
            "NEED_INFO": "It hangs on what is not known, or not to be seen: `needs`",
        },
    ),
    Fact: (
        "EligibilityFact",
        "What a screening would have to know",
        {
            "HOUSEHOLD": "Who lives in the household",
            "INCOME": "The monthly income of everybody in the household",
            "BENEFITS": "Which benefits the household receives",
            "AGE": "How old the people are",
            "PREGNANCY": "Whether the client is pregnant, or was within the last half year",
            "DISABILITY": "Whether somebody receives a benefit for a disability",
            "DEDUCTIONS": "Rent, child care and other costs that SNAP takes off the income",
            "STATE": "The state",
            "STATE_LIMIT": "The income limit that the state set for itself",
            "AREA": "The city or county",
            "AREA_LIMIT": "HUD's limits of the area, which are not loaded",
            "RULES": "Rules that are not loaded: for that day, or for that territory",
        },
    ),
    ReasonCode: (
        "EligibilityReasonCode",
        "Why a screening says what it says",
        {
            "ALREADY_RECEIVED": "The benefit is received already",
            "OTHER_BENEFIT": "Another benefit opens it",
            "INCOME_WITHIN_LIMIT": "The income is within a limit",
            "INCOME_ABOVE_LIMIT": "The income is above a limit",
            "ELDERLY_OR_DISABLED": "Somebody elderly or disabled, so that a limit does not hold",
            "GROUP_SERVED": "The client is one of those whom the program serves",
            "GROUP_NOT_SERVED": "The program serves others",
            "FACTS_MISSING": "Something is not known, or not to be seen",
            "HOUSEHOLD_AS_SEEN": "How many people were counted: those whom the viewer may see",
            "RULES_MAY_BE_OUTDATED": "The newest rules loaded are of a time that is over",
            "RULES_NOT_LOADED": "No rules are loaded for the day",
            "PROGRAM_DECIDES": "Who decides, and what is looked at there",
        },
    ),
    Purpose: (
        "Purpose",
        "Why somebody asks. HMIS standards, 69 FR 45888, section 4.1.3",
        {purpose.name: words for purpose, words in plain.PURPOSES.items()},
    ),
    Status: (
        "ReferralStatus",
        "Where a referral stands. FHIR R4 Task.status, as Gravity SDOH Clinical Care uses it",
        {
            "DRAFT": "Written down; the partner has not said that it has it",
            "SENT": "Requested: the partner has it",
            "RECEIVED": "The partner has looked at it",
            "ACCEPTED": "The partner will serve",
            "REJECTED": "The partner will not serve",
            "IN_PROGRESS": "The partner serves",
            "COMPLETED": "The partner has served",
            "CANCELLED": "Called off by either side, or because the client took the consent back",
            "FAILED": "It did not reach the partner, or the partner could not do it",
            "ENTERED_IN_ERROR": "It should never have been",
        },
    ),
    Delivery: (
        "ReferralDelivery",
        "What became of what a partner was to be sent",
        {
            "PENDING": "Still to be sent",
            "DONE": "The partner has it",
            "WITHDRAWN": "Called off before the partner heard of it",
            "CANCELLED_BY_CONSENT": "Not sent: the client no longer agrees",
            "UNKNOWN": "The partner may have it: somebody has to ask them. It is not sent again",
            "CONFLICT": "The partner has a newer version: somebody has to decide",
            "FAILED": "The partner did not take it",
        },
    ),
    Order: (
        "ClientOrder",
        "How people stand in a list",
        {
            "ID": "By hub id: the cheapest, and the same for everybody",
            "NAME": "By last and first name, of the first of their records that shows one; behind them, by"
            " hub id, those whose name the viewer may not see",
        },
    ),
    Role: (
        "Role",
        "What somebody does for an agency",
        {
            "CASE_MANAGER": "Works with clients",
            "DASHBOARD": "Draws numbers; needs no names",
            "INTEGRATOR": "Connects systems; needs no person",
            "PRIVACY_OFFICER": "Watches over who sees what",
            "SYSTEM": "The hub itself",
        },
    ),
}

for _kind, (_name, _description, _values) in _MEANINGS.items():
    strawberry.enum(_kind, name=_name, description=_description)
    for _value in _kind.__strawberry_definition__.values:  # type: ignore[attr-defined]  # as above
        _value.description = _values[_value.name]
