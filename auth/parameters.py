"""The viewer as parameters of a statement: a statement about people is built once and asked for any viewer.

Building and reading these expressions anew for every request cost more than running them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Text, bindparam
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from auth.consent import may_see, own_record
from auth.policy import Combination
from auth.viewer import Viewer


class ViewerParameters:
    """One viewer in a statement. Two stand in one statement under two names."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.agency = bindparam(f"{name}_agency", type_=PgUUID())
        self.source = bindparam(f"{name}_source", type_=Integer())
        """Of the HMIS that the agency enters into. Null = into none, or no person is to be seen at all: then
        own records do not even make a person exist."""
        self.organization = bindparam(f"{name}_organization", type_=Text())
        self.subject = bindparam(f"{name}_subject", type_=Text())
        self.purpose = bindparam(f"{name}_purpose", type_=Text())
        self.under_order = bindparam(f"{name}_under_order", type_=Boolean())
        """Asks for law enforcement: then orders open, and neither own records nor notice nor grants do."""
        self.as_of = bindparam(f"{name}_as_of", type_=Date())
        self.now = bindparam(f"{name}_now", type_=DateTime(timezone=True))
        self.may_see = bindparam(f"{name}_may_see", type_=BigInteger())
        self.own_record = bindparam(f"{name}_own_record", type_=BigInteger())
        self.notice = bindparam(f"{name}_notice", type_=BigInteger())
        self.age_of_consent = bindparam(f"{name}_age_of_consent", type_=Integer())
        self.latest_wins = bindparam(f"{name}_latest_wins", type_=Boolean())

    def of(self, viewer: Viewer, as_of: date, now: datetime) -> dict[str, Any]:
        """The values for one viewer on one day at one moment."""
        agency, policy, widest = viewer.agency, viewer.policy, may_see(viewer)
        own = own_record(viewer)
        enters = agency.source_id is not None and agency.organization_id is not None and bool(own)
        values = {
            "agency": agency.id,
            "source": agency.source_id if enters else None,
            "organization": agency.organization_id if enters else None,
            "subject": viewer.subject,
            "purpose": viewer.purpose.value,
            "under_order": viewer.under_order,
            "as_of": as_of,
            "now": now,
            "may_see": int(widest),
            "own_record": int(own),
            "notice": 0 if viewer.under_order else int(policy.notice_categories),
            "age_of_consent": policy.age_of_consent,
            "latest_wins": policy.combination is Combination.LATEST,
        }
        return {f"{self._name}_{name}": value for name, value in values.items()}

    def nobody(self) -> dict[str, Any]:
        """The values for nobody: whatever is compared with them is not so."""
        return {f"{self._name}_{name}": None for name in vars(self) if not name.startswith("_")}


VIEWER = ViewerParameters("viewer")
"""Who asks, in every statement that `Request.fetch` runs."""
OFFICER = ViewerParameters("officer")
"""The privacy officer who asks how somebody else stands."""
