"""The food bank's book of referrals, and of what changed: the part of the stand-in that remembers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PAGE = 3


class Stale(Exception):
    """Somebody changes a version of a referral that is not the newest."""


@dataclass
class Intake:
    """Referrals by number, each taken once however often it is sent.

    sent: how often each key came in. changed: (household, whether it is gone), oldest first; a cursor is a
    place in it.
    """

    referrals: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    changed: list[tuple[str, bool]] = field(default_factory=list)
    _answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def log(self, households: Iterable[str], *, gone: bool = False) -> None:
        """Households changed, or went away."""
        self.changed += [(household, gone) for household in households]

    def move(self, number: str, status: str) -> None:
        """Somebody at the food bank works on a referral."""
        known = self.referrals[number]
        self.referrals[number] = {**known, "status": status, "version": known["version"] + 1}

    def take(self, asked: Any, headers: Mapping[str, str]) -> object:
        """A new referral, or a word about a known one. The same key again gives the same answer."""
        key = headers.get("Idempotency-Key", "")
        self.sent[key] = self.sent.get(key, 0) + 1
        if key not in self._answers:
            self._answers[key] = (
                self._new(asked) if asked["reference"] is None else self._word(asked, headers)
            )
        return self._answers[key]

    def _new(self, asked: Any) -> dict[str, Any]:
        number = f"REF-{len(self.referrals) + 1}"
        told = {
            name: asked[name] for name in ("household", "firstName", "lastName", "dateOfBirth", "service")
        }
        self.referrals[number] = {"id": number, "status": "received", "version": 1, "told": told}
        return self._told(number)

    def _word(self, asked: Any, headers: Mapping[str, str]) -> dict[str, Any]:
        number = asked["reference"]
        if headers.get("If-Match") != str(self.referrals[number]["version"]):
            raise Stale
        self.move(number, asked["status"].lower())
        return self._told(number)

    def _told(self, number: str) -> dict[str, Any]:
        return {name: self.referrals[number][name] for name in ("id", "status", "version")}

    def batch(self, asked: Any) -> object:
        return {"items": [self._told(number) for number in asked["ids"] if number in self.referrals]}

    def changes(self, asked: Any) -> object:
        start = int(asked["since"] or 0)
        page = self.changed[start : start + PAGE]
        return {
            "changed": [{"id": household} for household, gone in page if not gone],
            "removed": [household for household, gone in page if gone],
            "next": start + len(page),
        }
