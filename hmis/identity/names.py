"""Names as they are compared: without accents, case, spaces or signs."""

from __future__ import annotations

import unicodedata


def normalised_name(name: str) -> str:
    """`O'Néill-Smith` -> `oneillsmith`. Empty when the name holds no letter, and then it identifies nobody."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name).casefold() if sign.isalpha())
