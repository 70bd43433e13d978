"""Names as they are compared: without accents, case, blanks and signs; and names that name nobody."""

from __future__ import annotations

import re
import unicodedata

_FULL = 1
"""NameDataQuality 1: full name reported (HUD 3.01.5)."""

# What staff and software write where there is no name. Normalised, so `N/A` is `na`.
_NOBODY = frozenset({
    "anon", "anonymous", "client", "declined", "deidentified", "doesnotknow", "donotuse", "dontknow",
    "duplicate", "fake", "firstname", "fnu", "hashed", "hidden", "lastname", "lnu", "masked", "missing",
    "na", "nofirstname", "nolastname", "noname", "none", "notcollected", "null", "private", "redacted",
    "refused", "removed", "sample", "test", "tester", "testing", "unk", "unknown", "unnamed", "withheld",
})  # fmt: skip
_HEX = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_ONE_LETTER = re.compile(r"(.)\1*")
_PLACEHOLDER_PEOPLE = {("john", "doe"), ("jane", "doe"), ("baby", "doe")}


def normalised_name(text: str | None) -> str:
    """`O'Néill-Smith ` -> `oneillsmith`. Letters of every script stay; empty where there are none."""
    if text is None:
        return ""
    if text.isascii():
        return "".join(filter(str.isalpha, text)).lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    # Case folding can compose again (and split: ß is ss), so letters are picked last.
    return "".join(filter(str.isalpha, unicodedata.normalize("NFKD", apart)))


def is_hashed(text: str | None) -> bool:
    """Whether a name is a hash, as HUD's hashed export writes it (HashStatus 2 to 4: SHA-1, SHA-256)."""
    return _HEX.search(text or "") is not None


def _names_somebody(part: str | None, normalised: str) -> bool:
    return (
        len(normalised) > 1
        and normalised not in _NOBODY
        and not _ONE_LETTER.fullmatch(normalised)
        and not is_hashed(part)
    )


def usable_name(first: str | None, last: str | None, quality: int | None) -> str | None:
    """First and last name as they are compared, or None where they identify nobody.

    Needs NameDataQuality 1 and two parts that are names: no mask (`XXX`, a hash, `Unknown`), no initial.
    """
    if quality != _FULL:
        return None
    one, two = normalised_name(first), normalised_name(last)
    if not (_names_somebody(first, one) and _names_somebody(last, two)):
        return None
    if (one, two) in _PLACEHOLDER_PEOPLE:
        return None
    return f"{one} {two}"
