"""How a name sounds, roughly: a short key that names share which are taken for one another at a desk.

`Vantreight`, `Vantrite` and `VANTREIGHT ` have one key; so have `García` and `Garcia`, `Jiménez` and
`Gimenez`, `Catherine` and `Kathryn`. It only brings candidates together; how alike two names are is judged
after that. After Russell's Soundex (US patent 1,261,167), with first letters by their sound and with what
Spanish names need: no accents, h is silent, b is v, z is s.

PostgreSQL keeps the key beside each name (`hmis/tables/core.py`), so there are two writings of one rule: a
test holds that they agree.
"""

from __future__ import annotations

import re
import unicodedata

_STEPS = (
    ("[^a-z]", ""),
    ("^(kn|gn|pn)", "n"),
    ("^wr", "r"),
    ("^ps", "s"),
    ("^gh", "g"),
    ("gh", ""),
    ("ph", "f"),
    ("c(?=[eiy])", "s"),
    ("g(?=[eiy])", "j"),
    ("^h+", ""),
)
"""What is sought and what comes instead, each in what the one before left."""
_FIRST = ("eiouycqzv", "aaaaakksb")
"""Letters that a name may begin with, and what they are taken for."""
_CODES = ("aeiouywbfpvcgjkqsxzdtlmnrh", "0000000111122222222334556")
"""Vowels keep alike consonants apart. The last letter has no code and keeps nothing apart."""
_LENGTH = 4


def _table(letters: str, instead: str) -> dict[int, str | None]:
    return {ord(letter): instead[i : i + 1] or None for i, letter in enumerate(letters)}


_SOUGHT = [(re.compile(sought), instead) for sought, instead in _STEPS]
_TO_FIRST, _TO_CODES = _table(*_FIRST), _table(*_CODES)
_AGAIN = re.compile(r"(.)\1+")


def sound(name: str | None) -> str | None:
    """The key of a name: a letter and up to three digits. None = it has no letter of the Latin alphabet."""
    letters = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode().lower()
    for sought, instead in _SOUGHT:
        letters = sought.sub(instead, letters)
    if not letters:
        return None
    codes = _AGAIN.sub(r"\1", letters.translate(_TO_CODES))
    return (letters[0].translate(_TO_FIRST) + codes[1:].replace("0", ""))[:_LENGTH]


def sound_in_sql(column: str) -> str:
    """The same as an expression of PostgreSQL, which may stand in a generated column."""
    letters = f'lower(normalize({column}, NFKD) collate "C")'
    for sought, instead in _STEPS:
        letters = f"regexp_replace({letters}, '{sought}', '{instead}', 'g')"
    first = "translate(left({}, 1), '{}', '{}')".format(letters, *_FIRST)
    codes = "translate({}, '{}', '{}')".format(letters, *_CODES)
    rest = rf"replace(substr(regexp_replace({codes}, '(.)\1+', '\1', 'g'), 2), '0', '')"
    return f"nullif(left({first} || {rest}, {_LENGTH}), '')"
