"""Categories, labels and purposes in plain words, for wherever people read them."""

from __future__ import annotations

from collections.abc import Mapping

from auth.categories import Category
from auth.viewer import Purpose
from hmis.labels import Label

CATEGORIES: Mapping[Category, str] = {
    Category.EXISTENCE: "That the client is known at all",
    Category.NAME: "Names",
    Category.DOB: "Birth date",
    Category.SSN_LAST4: "Last four digits of the Social Security number",
    Category.SSN_FULL: "The whole Social Security number",
    Category.CONTACT: "Addresses and telephone numbers",
    Category.CURRENT_LOCATION: "Where the client is now",
    Category.DEMOGRAPHICS: "Sex, race and ethnicity",
    Category.VETERAN: "Military service",
    Category.HOUSEHOLD: "Who the client lives with",
    Category.ENROLLMENT: "Stays at projects, and where they led",
    Category.SERVICES: "Services received",
    Category.CE_ASSESSMENT: "Coordinated entry assessments and referrals",
    Category.INCOME_BENEFITS: "Income, benefits and insurance",
    Category.HEALTH_DISABILITY: "Health and disabilities",
    Category.EDUCATION_EMPLOYMENT: "School and work",
    Category.NOTES: "Notes that staff wrote",
    Category.FILES: "Documents",
    Category.FOOD: "Help from food banks",
    Category.UTILITY: "Help with energy bills",
    Category.RENT: "Help with rent from partners",
    Category.HEALTH_PARTNER: "What clinics hold",
}

LABELS: Mapping[Label, str] = {
    Label.DV: "Domestic violence, sexual assault, stalking, being used by others",
    Label.HIV: "HIV or AIDS",
    Label.SUD: "Alcohol or drugs, and treatment for it",
    Label.MENTAL_HEALTH: "Mental illness, and treatment for it",
    Label.RHY: "A runaway or homeless youth",
    Label.JUSTICE: "Police, prison, court",
    Label.VSP: "Known to a victim service provider",
    Label.PART2: "A substance use programme under 42 CFR Part 2",
    Label.PART2_NOTES: "Counselling notes of such a programme",
    Label.EDUCATION_RECORD: "A record of a school",
    Label.MINOR_PROTECTED: "A minor's own care, which a parent may not see",
}

PURPOSES: Mapping[Purpose, str] = {
    Purpose.CARE_COORDINATION: "To provide or coordinate services to a person",
    Purpose.ELIGIBILITY: "Whether a person can have a service",
    Purpose.PAYMENT: "Payment or reimbursement for services",
    Purpose.OPERATIONS: "Administration: legal, audit, personnel, oversight",
    Purpose.REPORTING: "Counts and results for funders",
    Purpose.DEIDENTIFICATION: "Making data without personal information",
    Purpose.REQUIRED_BY_LAW: "The law requires it",
    Purpose.SAFETY: "To avert a serious threat to health or safety",
    Purpose.ABUSE_REPORT: "About victims of abuse, neglect or domestic violence",
    Purpose.RESEARCH: "Research under a written agreement",
    Purpose.LAW_ENFORCEMENT: "Law enforcement, under an order",
}

EXCEPTIONS: Mapping[str, str] = {
    # What a court ordered is told to the client like any other disclosure (45 CFR 164.528(a)), unless the
    # agency that brought the order had it put off, (a)(2).
    "LEGAL_ORDER": "45 CFR 164.512(f); 69 FR 45888, 4.1.3",
}
"""The rule behind an exception, by the code it begins with, where the code does not speak for itself."""


def exception(stored: str) -> str:
    """A stored exception: its code, what it names, and the rule behind it."""
    rule = EXCEPTIONS.get(stored.partition(" ")[0])
    return f"{stored} ({rule})" if rule else stored


def categories(mask: Category) -> list[str]:
    """Each category of a mask, in the order of the list."""
    return [words for category, words in CATEGORIES.items() if category & mask]


def purpose(stored: str | None) -> str:
    """A stored purpose; one that this version no longer knows as it was written."""
    try:
        return PURPOSES[Purpose(stored or "")]
    except ValueError:
        return stored or ""
