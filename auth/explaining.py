"""The whole truth about one viewer and one person: every category, open or closed, why, and by which grants.

For privacy officers and operators. Callers themselves get coarser words (`resolvers/access.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from auth.categories import NOTHING, PARTNER, Category
from auth.consent import PARTNER_RECORD, Decision, Reason, RecordFacts

_OPEN = frozenset({Reason.OWN_RECORD, Reason.BREAK_GLASS, Reason.LEGAL_ORDER, Reason.GRANT, Reason.NOTICE})


@dataclass(frozen=True, slots=True)
class Explained:
    """One category: whether any record shows it, why, and the grants that opened or closed it."""

    category: Category
    is_open: bool
    reason: Reason
    grants: tuple[UUID, ...]


def shared_of(decision: Decision, records: Sequence[RecordFacts]) -> Category:
    """What the decision opens of any of these records, and of what partners hold about the same person."""
    total = NOTHING
    for record in records:
        total |= decision.of(record).allowed
    return total | (decision.of(PARTNER_RECORD).allowed & PARTNER if records else NOTHING)


def explain(
    decision: Decision, records: Sequence[RecordFacts], own: Category = NOTHING
) -> tuple[Explained, ...]:
    """Every category in the order of the list.

    Args:
        decision: what was decided of the viewer and the person.
        records: the person's records that may be shown to other agencies at all.
        own: what the viewer sees of records that their own agency entered.
    """
    shared = shared_of(decision, records)
    return tuple(_explained(decision, category, shared, own) for category in Category)


def _explained(decision: Decision, category: Category, shared: Category, own: Category) -> Explained:
    reason = decision.reason(category)
    if shared & category:
        reason = reason if reason in _OPEN else Reason.GRANT
    elif own & category:
        reason = Reason.OWN_RECORD
    elif reason in _OPEN:
        # A grant speaks of it, but of none of the records there are: other sources, days, or labels.
        reason = Reason.NO_GRANT
    return Explained(category, reason in _OPEN, reason, _grants(decision, category, reason))


def _grants(decision: Decision, category: Category, reason: Reason) -> tuple[UUID, ...]:
    grants = {
        Reason.GRANT: decision.permits,
        Reason.ROLE: decision.permits,
        Reason.DENIED_BY_CLIENT: decision.denials,
    }.get(reason, ())
    return tuple(sorted(grant.id for grant in grants if grant.categories & category))
