"""Whether two addresses are one: written the way the Postal Service abbreviates (USPS Publication 28)."""

from __future__ import annotations

import re
import unicodedata

_WORDS = re.compile(r"[A-Z0-9]+")
# Of appendices C1 and C2, those that are common; what is not here has to be spelled alike.
_SHORT = {
    "APARTMENT": "APT",
    "AVENUE": "AVE",
    "BOULEVARD": "BLVD",
    "BUILDING": "BLDG",
    "CIRCLE": "CIR",
    "COURT": "CT",
    "DRIVE": "DR",
    "EAST": "E",
    "FLOOR": "FL",
    "HIGHWAY": "HWY",
    "LANE": "LN",
    "NORTH": "N",
    "PARKWAY": "PKWY",
    "PLACE": "PL",
    "ROAD": "RD",
    "ROOM": "RM",
    "SOUTH": "S",
    "SQUARE": "SQ",
    "STREET": "ST",
    "SUITE": "STE",
    "TERRACE": "TER",
    "TRAIL": "TRL",
    "WEST": "W",
}


def one_address(*lines: str | None, zip5: str | None) -> str | None:
    """The address in a form that is the same however it was typed; None = too little to tell homes apart.

    zip5: a ZIP code, of which the first five digits count.
    """
    typed = " ".join(line for line in lines if line).replace("#", " APT ")
    plain = unicodedata.normalize("NFKD", typed).encode("ascii", "ignore").decode().upper()
    words = [_SHORT.get(word, word) for word in _WORDS.findall(plain)]
    code = (zip5 or "").strip()[:5]
    if not any(word[0].isdigit() for word in words) or len(words) < 2 or not re.fullmatch(r"\d{5}", code):
        return None
    return f"{' '.join(words)} {code}"
