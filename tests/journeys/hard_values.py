"""Hard values: texts, numbers and moments that JSON, SQL and GraphQL each write in a way of their own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

TEXTS = (
    *('"', "\\", "\\u0041", "\\n", "'", "''; --", "$1 %s %% {x} :name", "</script>", "null", "", " "),
    *(
        "\x01\x1f\x7f\x85",
        "\t\r\n\b\f",
        "\u2028\u2029\ufeff\u200f",
        "e\u0301\u00e9",
        "\U0001f469\u200d\U0001f467",
    ),
    *("\ufffd\uffff\U0010ffff", "[1]", '{"a": 1}', "x" * 5_000),
)
"""PostgreSQL keeps no NUL."""
NUMBERS = (0, -1, 2**31 - 1, -(2**31))
AMOUNTS = tuple(map(Decimal, ("0.00", "-0.01", "9999999999.99", "-9999999999.99", "1.10", "100", "NaN")))
DAYS = (date.min, date.max, date(1, 1, 2), date(999, 12, 31), date(1582, 10, 10), date(9999, 12, 30))
MOMENTS = (
    *(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime(1969, 12, 31, 23, 59, 59)),
    *(datetime(2026, 1, 1, 0, 0, 0, 1), datetime(2026, 3, 8, 2, 30, 0, 120_000), datetime(2026, 1, 1, 12)),
)
# Enums of HUD name their codes; a number that no list has is said by no word.
CODES = (0, -1, 777, 2**31 - 1)
