"""The schema as text: printed from the code, kept in schema/schema.graphql and reviewed like code."""

from __future__ import annotations

from pathlib import Path

import schema
from schema.build import printed

KEPT = Path(schema.__file__).parent / "schema.graphql"


def differs() -> bool:
    """Whether the kept text is not what the code says."""
    return not KEPT.exists() or KEPT.read_text(encoding="utf-8") != printed()
