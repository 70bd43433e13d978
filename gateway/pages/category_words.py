"""Categories, labels and purposes as one says them to the client they are about.

Keyed by the schema's codes, translated where they are shown. `YOURS` stands within a sentence ("You let them
see: your name"), `CATEGORY_WORDS` by itself, at the head of a row or beside a box to tick.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.pages.places import _

CATEGORY_WORDS: Mapping[str, str] = {
    "EXISTENCE": _("That you are known here"),
    "NAME": _("Name"),
    "DOB": _("Birth date"),
    "SSN_LAST4": _("Last four digits of the Social Security number"),
    "SSN_FULL": _("The whole Social Security number"),
    "CONTACT": _("Addresses and telephone numbers"),
    "CURRENT_LOCATION": _("Where you are now"),
    "DEMOGRAPHICS": _("Sex, race and ethnicity"),
    "VETERAN": _("Military service"),
    "HOUSEHOLD": _("Who you live with"),
    "ENROLLMENT": _("Stays and programs, and where they led"),
    "SERVICES": _("Services received"),
    "CE_ASSESSMENT": _("Housing assessments and referrals"),
    "INCOME_BENEFITS": _("Income, benefits and insurance"),
    "HEALTH_DISABILITY": _("Health and disabilities"),
    "EDUCATION_EMPLOYMENT": _("School and work"),
    "NOTES": _("Notes that staff wrote"),
    "FILES": _("Documents"),
    "FOOD": _("Help from food banks"),
    "UTILITY": _("Help with energy bills"),
    "RENT": _("Help with rent"),
    "HEALTH_PARTNER": _("What clinics hold"),
}

YOURS: Mapping[str, str] = {
    "EXISTENCE": _("that you are known here"),
    "NAME": _("your name"),
    "DOB": _("your birth date"),
    "SSN_LAST4": _("the last four digits of your Social Security number"),
    "SSN_FULL": _("your whole Social Security number"),
    "CONTACT": _("your addresses and telephone numbers"),
    "CURRENT_LOCATION": _("where you are now"),
    "DEMOGRAPHICS": _("your sex, race and ethnicity"),
    "VETERAN": _("your military service"),
    "HOUSEHOLD": _("who you live with"),
    "ENROLLMENT": _("your stays and where they led"),
    "SERVICES": _("services you received"),
    "CE_ASSESSMENT": _("your housing assessments and referrals"),
    "INCOME_BENEFITS": _("your income, benefits and insurance"),
    "HEALTH_DISABILITY": _("your health and disabilities"),
    "EDUCATION_EMPLOYMENT": _("your school and work"),
    "NOTES": _("notes that staff wrote about you"),
    "FILES": _("your documents"),
    "FOOD": _("help you had from food banks"),
    "UTILITY": _("help you had with energy bills"),
    "RENT": _("help you had with rent"),
    "HEALTH_PARTNER": _("what clinics hold about you"),
}

LABEL_WORDS: Mapping[str, str] = {
    "DV": _("violence in your home or relationships"),
    "HIV": _("HIV or AIDS"),
    "SUD": _("alcohol or drugs, and treatment for them"),
    "MENTAL_HEALTH": _("mental illness, and treatment for it"),
    "RHY": _("being a runaway or homeless youth"),
    "JUSTICE": _("police, prison or court"),
    "VSP": _("help from a victim service provider"),
    "PART2": _("treatment at a substance use program"),
    "PART2_NOTES": _("counseling notes of a substance use program"),
    "EDUCATION_RECORD": _("your records at a school"),
    "MINOR_PROTECTED": _("care of your own that a parent may not see"),
}

PURPOSE_WORDS: Mapping[str, str] = {
    "CARE_COORDINATION": _("to coordinate your care"),
    "ELIGIBILITY": _("to find out which services you can have"),
    "PAYMENT": _("to pay for services"),
    "OPERATIONS": _("to run and check the program"),
    "REPORTING": _("to count and report to funders"),
    "DEIDENTIFICATION": _("to make figures that name nobody"),
    "REQUIRED_BY_LAW": _("to do what a law requires"),
    "SAFETY": _("to keep somebody safe from a serious threat"),
    "ABUSE_REPORT": _("to report abuse or neglect"),
    "RESEARCH": _("to do research under a written agreement"),
    "LAW_ENFORCEMENT": _("to follow an order of a court"),
}
