"""Speaking HUD's draft HMIS API (HUD Data Lab, Data.Exchange.and.Interoperability; OpenAPI 3.1).

Four of its eight operations are asked. The search tells names in its body. The stays of a client are at an
address with the PersonalID in it, as the draft has it, so that address is never logged. Projects come out of
the export and, to see whether the peer is there, out of their list. Nobody else's records are asked for:
`/clients` and `/project/{ProjectID}/clients` list everybody, and the two that write have nothing to do here.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from connectors.base import Person
from connectors.http import Answer, Http
from hmis.errors import FailureCode, SourceFailed

DRAFT = "hmis_api_ld_0.5.yaml"
DRAFT_SHA256 = "a13df38a55b456054cae4f14dddc2aa1216e01e159034003481e77e46dfcd4ee"
"""Of the draft that this was written against; inside, 0.5 calls itself 1.0.0."""

SEARCH = "/client/search"
STAYS = "/client/{PersonalID}/enrollments"
EXPORT = "/csvexport"
PROJECTS = "/projects"

# HUD 5.08: up to 32 characters. What else a partner calls an id is kept out of addresses.
_PERSONAL_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class HudApi:
    """A peer's API. Every method raises SourceFailed when there is no answer.

    patient: for what nobody waits for; an export takes longer than a caller would.
    """

    def __init__(self, source: str, http: Http, patient: Http) -> None:
        self._source = source
        self._http = http
        self._patient = patient

    async def search(self, person: Person, deadline: float) -> object:
        """clientSearch: who is called so and born then. None = nobody is."""
        asked = {
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "DOB": person.dob.isoformat() if person.dob else None,
        }
        answer = await self._http.exchange(
            "POST", SEARCH, asked, deadline=deadline, idempotent=True, missing_ok=True
        )
        return self._read(answer)

    async def stays(self, personal_id: str, deadline: float) -> object:
        """getClientEnrollments. None = the peer knows no such client."""
        if _PERSONAL_ID.fullmatch(personal_id) is None:
            raise SourceFailed(self._source, FailureCode.BAD_DATA)
        path = STAYS.replace("{PersonalID}", personal_id)
        answer = await self._http.exchange(
            "GET", path, deadline=deadline, idempotent=True, missing_ok=True, logged_as=STAYS
        )
        return self._read(answer)

    def _read(self, answer: Answer) -> object:
        """None = 404, which is how the draft says that there is nobody. An empty 200 says nothing."""
        if answer.json is None and answer.status < 300:
            raise SourceFailed(self._source, FailureCode.BAD_DATA)
        return answer.json

    async def projects(self, today: date, deadline: float) -> object:
        """getcsvexport, of stays that begin tomorrow: all projects, and no person.

        The draft's other lists of projects say neither whom a project is for nor who is a victim service
        provider; without that no stay may be shown.
        """
        day = (today + timedelta(days=1)).isoformat()
        return await self._patient.send(
            "GET", f"{EXPORT}?EntryDate={day}", deadline=deadline, idempotent=True
        )

    async def check(self, deadline: float) -> None:
        """getProjects: of nobody, and only for those who may come in."""
        await self._http.send("GET", PROJECTS, deadline=deadline, idempotent=True)

    async def aclose(self) -> None:
        await self._http.aclose()
        await self._patient.aclose()
