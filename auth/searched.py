"""What was searched by, as the audit keeps it: each term as a keyed hash, never the term.

Whoever holds the hub's key can ask whether somebody looked for a certain name; the audit alone answers
nobody. A hash without a key would: names, birth dates and four digits are soon tried out.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256


def hashed(key: bytes, terms: Iterable[tuple[str, str]]) -> list[str]:
    """`[("lastName.eq", "stone")]` -> `["lastName.eq:5f0c…"]`, in the order of the names. HMAC-SHA-256.

    The name goes into the hash, so that the same word in two places looks like two.
    """
    return [
        f"{name}:{hmac.new(key, f'{name}={_folded(term)}'.encode(), sha256).hexdigest()}"
        for name, term in sorted(terms)
    ]


def _folded(term: str) -> str:
    return term.strip().lower()
