"""Days as forms give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from gateway.pages.places import _
from gateway.pages.rendering import says
from gateway.pages.visit import Visit


def days_given(
    visit: Visit, names: Iterable[str], *, needed: Iterable[str] = ()
) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The days in these fields as the API writes them, and a problem for each that is none.

    needed: those of them that may not be empty; of others an empty one is left out.
    """
    found: dict[str, str] = {}
    problems = []
    for name in names:
        text = visit.form.get(name, "").strip()
        if not text and name not in needed:
            continue
        try:
            found[name] = date.fromisoformat(text).isoformat()
        except ValueError:
            message = says(visit.language)(_("Write the day as year-month-day, such as 2026-03-01."))
            problems.append({"message": message, "path": [name]})
    return found, problems
