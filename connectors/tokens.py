"""Tokens: names and birth dates that two systems can compare without telling each other.

HMAC-SHA-256 with a key that the agreement with one partner names. The key is a secret of the connector and
is never kept beside the tokens: whoever has both can try out names. HUD's hashed export (HashStatus 2 to 4)
is no such thing: its hashes have no key, so everybody can try out all SSNs, and to the hub they identify a
person like the SSN itself. They are neither compared here nor sent to anybody.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from connectors.base import Person
from hmis.errors import InputRefused
from hmis.identity.names import normalised_name

SHORTEST_KEY = 32
"""Bytes: what HMAC-SHA-256 gives its full strength with (RFC 2104, section 3)."""


def token(key: bytes, person: Person) -> str | None:
    """The token of first name, last name and birth date; None where one of them is not there.

    Names are taken as they are compared (`hmis.identity.names`), so that case, accents and signs make no
    other token. Which facts it is made of is part of what is hashed.

    Raises:
        InputRefused: the key is too short to keep anybody from guessing it.
    """
    if len(key) < SHORTEST_KEY:
        raise InputRefused(f"A key for tokens has at least {SHORTEST_KEY} bytes.")
    first, last = normalised_name(person.first_name), normalised_name(person.last_name)
    if not first or not last or person.dob is None:
        return None
    told = "\0".join(("first_name,last_name,dob", first, last, person.dob.isoformat()))
    return hmac.new(key, told.encode(), sha256).hexdigest()
