"""Values that are hard to say: texts, numbers and days that JSON, SQL and GraphQL write differently."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

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
NOT_OF_THE_TYPE: Mapping[str, tuple[Any, ...]] = {
    "Int": (2**31, -(2**31) - 1, 3.0, 3.5, True, "7", Decimal("3"), float("inf")),
    "String": (7, 7.5, True, ["a"], {"a": 1}),
    "Date": ("2026-01-01", datetime(2026, 1, 1, 5), 20_260_101),
    "DateTime": ("2026-01-01", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
    "Decimal": (1, 1.5, "1.50", Decimal("1E+5"), Decimal("sNaN"), Decimal("-0")),
}
"""What a connector might hand over in spite of its contract: said, or an error, but the same both ways."""
