"""Consent categories: the parts of a life that a client can share or keep, one bit each.

The bits are stored in grants and audit rows: add at the end, never renumber.
"""

from __future__ import annotations

from enum import IntFlag


class Category(IntFlag):
    """What kind of fact a field tells. Every field about a person names exactly one."""

    EXISTENCE = 1 << 0
    NAME = 1 << 1
    DOB = 1 << 2
    SSN_LAST4 = 1 << 3
    SSN_FULL = 1 << 4
    CONTACT = 1 << 5
    CURRENT_LOCATION = 1 << 6
    DEMOGRAPHICS = 1 << 7
    VETERAN = 1 << 8
    HOUSEHOLD = 1 << 9
    ENROLLMENT = 1 << 10
    SERVICES = 1 << 11
    CE_ASSESSMENT = 1 << 12
    INCOME_BENEFITS = 1 << 13
    HEALTH_DISABILITY = 1 << 14
    EDUCATION_EMPLOYMENT = 1 << 15
    NOTES = 1 << 16
    FILES = 1 << 17
    FOOD = 1 << 18
    UTILITY = 1 << 19
    RENT = 1 << 20
    HEALTH_PARTNER = 1 << 21


NOTHING = Category(0)
PARTNER = Category.FOOD | Category.UTILITY | Category.RENT | Category.HEALTH_PARTNER
"""What partners hold. No agency owns these by having entered them: only a grant opens them."""
EVERYTHING = Category((1 << 22) - 1)
HMIS = EVERYTHING & ~PARTNER
"""What an agency sees of a record that it entered itself."""
SILENT = Category.NOTES | Category.FILES | Category.CURRENT_LOCATION
"""Withheld without a word: saying that they are withheld would already tell."""
