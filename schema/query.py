"""Query: where a question begins."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry

from auth.categories import Category
from hmis import codes
from resolvers import clients, finding, projects, sought, sources
from schema import consent_form, consent_preview
from schema.client import Client
from schema.consent_form import ConsentForm, ConsentPolicy, ConsentRecipient
from schema.consent_preview import ConsentPreview
from schema.document import TrustedDocument, of_application
from schema.emergency import BreakGlass, openings
from schema.explaining import ExplainPayload, explain_access
from schema.fields import Info, argument, filtering, public
from schema.identifier import IdentifierInput
from schema.import_run import ImportRun, newest, one
from schema.legal_order import LegalOrder, of_agency
from schema.match import Match, queue
from schema.measure import Measure, MeasureCube, all_published, published
from schema.paging import Connection
from schema.person_match import PersonMatch
from schema.person_match import queue as of_people
from schema.project import Project
from schema.referral import ReferralPartner, partners
from schema.service_directory import ServiceListing, of_directory
from schema.source import SourceStatus
from schema.viewer import Viewer

_First = Annotated[int, argument("How many, 1 to 100")]
_After = Annotated[str | None, argument("`endCursor` of the page before")]


@strawberry.input(
    description="A whole text or its beginning, whatever the case, or how a name sounds; exactly one of them"
)
class TextFilterInput:
    eq: str | None = strawberry.field(default=None, description="The whole text")
    starts_with: str | None = strawberry.field(default=None, description="How it begins")
    sounds_like: str | None = strawberry.field(
        default=None,
        description="A name that is taken for it: accents, double letters and likely misspellings aside. "
        "Of first names also what somebody of that name is called for short",
    )


@strawberry.input(description="A day, or days from `gte` to `lte`, both included")
class DateFilterInput:
    eq: datetime.date | None = strawberry.field(default=None, description="This very day")
    gte: datetime.date | None = strawberry.field(default=None, description="This day or later")
    lte: datetime.date | None = strawberry.field(default=None, description="This day or earlier")


@strawberry.input(
    description="What the caller knows. One record must meet all of it, and show the viewer what is asked"
)
class ClientWhere:
    identifier: IdentifierInput | None = filtering(
        Category.EXISTENCE, "What a source calls the client", "5.08"
    )
    first_name: TextFilterInput | None = filtering(Category.NAME, "First name", "3.01.1")
    last_name: TextFilterInput | None = filtering(Category.NAME, "Last name", "3.01.3")
    date_of_birth: DateFilterInput | None = filtering(Category.DOB, "Birth date", "3.03.1")
    ssn_last_four: str | None = filtering(Category.SSN_LAST4, "Last four digits of the SSN", "3.02.1")

    def as_filter(self) -> sought.ClientFilter:
        """The same for the resolver, which knows nothing of GraphQL."""
        return sought.ClientFilter(
            identifier=(self.identifier.source, self.identifier.value) if self.identifier else None,
            first_name=_text(self.first_name),
            last_name=_text(self.last_name),
            date_of_birth=sought.DateFilter(
                self.date_of_birth.eq, self.date_of_birth.gte, self.date_of_birth.lte
            )
            if self.date_of_birth
            else None,
            ssn_last_four=self.ssn_last_four,
        )


def _text(given: TextFilterInput | None) -> sought.TextFilter | None:
    return sought.TextFilter(given.eq, given.starts_with, given.sounds_like) if given else None


async def _client(
    info: Info, id: Annotated[strawberry.ID, argument("Hub id of the client", reads=Category.EXISTENCE)]
) -> Any:
    return await clients.client(info.context, id)


async def _clients(
    info: Info,
    where: Annotated[ClientWhere, argument("What is known of the client")],
    order_by: Annotated[
        finding.Order, argument("How people stand in the list", reads=Category.NAME)
    ] = finding.Order.ID,
    first: _First = 25,
    after: _After = None,
) -> Any:
    return await finding.clients_where(info.context, where.as_filter(), order_by, first, after)


async def _project(info: Info, id: Annotated[strawberry.ID, argument("Hub id of the project")]) -> Any:
    return await projects.project(info.context, id)


async def _projects(
    info: Info,
    first: _First = 25,
    after: _After = None,
    source: Annotated[str | None, argument("Only of this source system")] = None,
    coc: Annotated[str | None, argument("Only in this Continuum of Care: XX-500. HUD 2.03.1")] = None,
    type: Annotated[codes.ProjectType | None, argument("Only of this kind. HUD 2.02.6")] = None,
) -> Any:
    return await projects.projects(info.context, first, after, source_name=source, coc=coc, project_type=type)


async def _sources(info: Info) -> Any:
    return await sources.of_hub(info.context)


async def _viewer(info: Info) -> Any:
    return info.context.viewer


@strawberry.type(description="What may be asked")
class Query:
    viewer: Viewer | None = public("Who is asking; null when the token speaks for nobody here", _viewer)
    client: Client | None = public(
        "One person by hub id. Null for an id that is unknown, malformed or not for this viewer", _client
    )
    clients: Connection[Client] = public("People who meet a filter and whom the viewer may see", _clients)
    project: Project | None = public("One project by hub id", _project, by_get=True)
    explain_access: ExplainPayload = public(
        "Why somebody sees what they see of a client. For privacy officers; audited like any look at one",
        explain_access,
    )
    consent_forms: list[ConsentForm] = public(
        "The forms by which clients of this community agree", consent_form.of_community, size=5
    )
    consent_recipients: list[ConsentRecipient] = public(
        "Agencies that a client can name on a form, by name. For who may read consent",
        consent_form.recipients,
        size=100,
    )
    consent_policy: ConsentPolicy = public(
        "What the community decided about consent for everybody", consent_form.policy
    )
    consent_preview: ConsentPreview = public(
        "Who sees what of a client, now and if a form were signed, a release narrowed or grants revoked. By "
        "the grants that the viewer's agency may read; audited like any look at a client",
        consent_preview.preview,
    )
    break_glass_openings: list[BreakGlass] = public(
        "Openings by people of the viewer's agency, and of its clients, newest first. For privacy officers",
        openings,
        size=100,
    )
    legal_orders: list[LegalOrder] = public(
        "Orders of courts recorded by the viewer's agency or for it, newest first. For privacy officers",
        of_agency,
        size=50,
    )
    matches: Connection[Match] = public(
        "Records of partners that may be about clients of the viewer's agency, longest open first. For case "
        "managers and privacy officers who may see what the partner holds of the client",
        queue,
    )
    referral_partners: list[ReferralPartner] = public(
        "The partners that take referrals, by name", partners, size=10
    )
    person_matches: Connection[PersonMatch] = public(
        "Questions whether two people are one, longest open first. For case managers and privacy officers "
        "who may see all that both are judged by",
        of_people,
    )
    sources: list[SourceStatus] = public(
        "The partners that are on and how they are doing. For integrators and privacy officers",
        _sources,
        size=10,
    )
    imports: Connection[ImportRun] = public(
        "Imports of HMIS exports, newest first. For integrators and privacy officers", newest
    )
    import_run: ImportRun | None = public(
        "One import. Null for an id that is unknown, and for others than integrators and privacy officers",
        one,
    )
    projects: Connection[Project] = public(
        "Projects of the community, ordered by hub id", _projects, by_get=True
    )
    # Not by GET: a place to look for services near is often where somebody is.
    services: Connection[ServiceListing] = public(
        "Services of the directories, active ones only: near a point by distance, else by hub id. Those whose"
        " place is not told, or that have none, stand behind all others, the same wherever one asks from",
        of_directory,
    )
    measures: list[Measure] = public(
        "Measures of which something is published, by name. For who may read measures", all_published, size=20
    )
    measure: MeasureCube | None = public(
        "A published table of counts. Null where there is none, and for who may not read measures", published
    )
    documents: list[TrustedDocument] = public(
        "Documents registered for the application that asks, newest first. For integrators",
        of_application,
        size=200,
    )
