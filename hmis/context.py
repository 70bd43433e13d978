"""Context: for whom one reads, as row-level security is told (migration 0003)."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Context:
    """The settings `hub.agency`, `hub.now` … of a session."""

    agency: str
    source: str
    """Of the HMIS that the agency enters into; empty = into none."""
    organization: str
    subject: str
    purpose: str
    as_of: str
    now: str
    """To the minute, so that it changes seldom."""


_SETTINGS = [f"hub.{field.name}" for field in fields(Context)]
TELL = "select " + ", ".join(f"set_config('{name}', ${at}, false)" for at, name in enumerate(_SETTINGS, 1))
"""Tells a session for whom it reads, by seven parameters in the order of the fields."""
NOBODY = ("",) * len(_SETTINGS)
