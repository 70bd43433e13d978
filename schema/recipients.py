"""Whom a client names in a consent, as it is written down."""

from __future__ import annotations

import strawberry

from resolvers.proposals import NamedPerson, Recipients


@strawberry.input(description="One person at one organization")
class ConsentPersonInput:
    organization: str = strawberry.field(description="OrganizationID, as its source calls it")
    source: str = strawberry.field(description="The source of the organization")
    subject: str = strawberry.field(description="Who, by the subject of their token")


@strawberry.input(
    description="Whom the client names. Exactly one of `organizations` (with `source`), `group`, "
    "`communityWide`, `partner` and `person`"
)
class ConsentRecipientsInput:
    organizations: list[str] | None = strawberry.field(
        default=None, description="OrganizationIDs, as their source calls them"
    )
    source: str | None = strawberry.field(default=None, description="The source of the organizations")
    group: str | None = strawberry.field(
        default=None, description="Name of a visibility group: whoever is in it on the day they ask"
    )
    frozen: bool = strawberry.field(
        default=False, description="Of the group, whoever is in it today, and none that joins later"
    )
    community_wide: bool = strawberry.field(
        default=False, description="Every agency with an agreement in force, now and later"
    )
    partner: str | None = strawberry.field(default=None, description="Name of a partner that is no HMIS")
    person: ConsentPersonInput | None = strawberry.field(default=None, description="One person alone")

    def as_recipients(self) -> Recipients:
        """The same for the resolver, which knows nothing of GraphQL."""
        return Recipients(
            organizations=tuple(self.organizations or ()),
            source=self.source,
            group=self.group,
            frozen=self.frozen,
            community_wide=self.community_wide,
            partner=self.partner,
            person=NamedPerson(self.person.organization, self.person.source, self.person.subject)
            if self.person
            else None,
        )
