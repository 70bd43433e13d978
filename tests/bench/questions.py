"""What every peer is asked: the profile of one client and of many, in the words of each; and do they agree?

The profile is that of a case worker's screen: identifiers, name, birth, stays with project, exit, services,
income, disabilities and health. PostGraphile shows tables and codes, so its answers are put into our words
before they are compared. A peer that asks nobody's consent shows more: there it is enough that it says
everything that the hub says, and the same.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hmis import codes
from hmis.codes.code import Code
from hmis.codes.race import COLUMNS, races

_FIELDS = """
  id
  identifiers { source value }
  name { first middle last suffix quality }
  birth { date quality }
  ssn { lastFour quality }
  sex
  races
  veteranStatus
  enrollments(first: 50) {
    nodes {
      id
      entryDate
      relationshipToHeadOfHousehold
      livingSituation
      moveInDate
      disablingCondition
      project { id name type organization { id name } }
      exit { date destination }
      services { date type }
      incomeBenefits { informationDate totalMonthlyIncome incomeFromAnySource snap }
      disabilities { informationDate type response indefiniteAndImpairs }
      healthAndDomesticViolence { informationDate domesticViolenceSurvivor currentlyFleeing }
    }
  }
"""
_ROWS = """
fragment Stay on Enrollment {
  rowId entryDate relationshipToHoh livingSituation moveInDate disablingCondition
  projectBySourceIdAndProjectId {
    rowId projectName projectType organizationBySourceIdAndOrganizationId { rowId organizationName }
  }
  exitsBySourceIdAndEnrollmentId(first: 1) { nodes { exitDate destination } }
  servicesBySourceIdAndEnrollmentId(orderBy: [DATE_PROVIDED_DESC]) {
    nodes { dateProvided recordType typeProvided }
  }
  incomeBenefitsBySourceIdAndEnrollmentId(orderBy: [INFORMATION_DATE_DESC]) {
    nodes { informationDate totalMonthlyIncome incomeFromAnySource snap }
  }
  disabilitiesBySourceIdAndEnrollmentId(orderBy: [INFORMATION_DATE_DESC]) {
    nodes { informationDate disabilityType disabilityResponse indefiniteAndImpairs }
  }
  healthAndDvsBySourceIdAndEnrollmentId(orderBy: [INFORMATION_DATE_DESC]) {
    nodes { informationDate domesticViolenceSurvivor currentlyFleeing }
  }
}
fragment Profile on Person {
  rowId
  clientLinksByPersonId(condition: {undoneAt: null}) {
    nodes {
      clientBySourceIdAndPersonalId {
        personalId dateUpdated firstName middleName lastName nameSuffix nameDataQuality dob dobDataQuality
        ssn ssnDataQuality sex amIndAkNative asian blackAfAmerican hispanicLatinao midEastNAfrican
        nativeHiPacific white raceNone veteranStatus sourceBySourceId { name }
        enrollmentsBySourceIdAndPersonalId(first: 50, orderBy: [ENTRY_DATE_DESC]) { nodes { ...Stay } }
      }
    }
  }
}
"""
MOST = 100
"""Clients on one page of the hub (`resolvers/pages.py`): for more, several pages stand in one operation."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of clients begins: behind this one."""

    after: str
    """The client's id."""
    cursor: str
    """The same for the hub."""


@dataclass(frozen=True, slots=True)
class Question:
    """One operation: for one client by id, or for so many behind somebody."""

    clients: int
    key: str | tuple[Place, ...]
    """The client's id; or where the page begins, and where the hub's further pages do."""

    def of_hub(self) -> dict[str, Any]:
        if isinstance(self.key, str):
            return _body(f"query Profile($id: ID!) {{ client(id: $id) {{ {_FIELDS} }} }}", id=self.key)
        size = min(self.clients, MOST)
        names = [f"after{number}" for number in range(len(self.key))]
        declared = " ".join(f"${name}: String" for name in names)
        pages = " ".join(
            f"p{number}: clients(where: {{}}, first: $first, after: ${name}) {{ nodes {{ ...Profile }} }}"
            for number, name in enumerate(names)
        )
        if len(names) == 1:
            pages = pages.removeprefix("p0: ")
        document = f"""query Profiles($first: Int!, {declared}) {{ {pages} }}
          fragment Profile on Client {{ {_FIELDS} }}"""
        cursors = dict(zip(names, (place.cursor for place in self.key), strict=True))
        return _body(document, first=size, **cursors)

    def of_plain(self) -> dict[str, Any]:
        if isinstance(self.key, str):
            return self.of_hub()
        document = f"""query Profiles($first: Int!, $after: ID!) {{
          clients(first: $first, after: $after) {{ nodes {{ {_FIELDS} }} }} }}"""
        return _body(document, first=self.clients, after=self.key[0].after)

    def of_postgraphile(self, cursor: str) -> dict[str, Any]:
        """cursor: how its cursors begin; they hold the order and the key."""
        if isinstance(self.key, str):
            return _body(
                _ROWS + "query($id: UUID!) { personByRowId(rowId: $id) { ...Profile } }", id=self.key
            )
        document = (
            _ROWS
            + """query($first: Int!, $after: Cursor) {
          allPeople(first: $first, after: $after, orderBy: [PRIMARY_KEY_ASC]) { nodes { ...Profile } } }"""
        )
        after = base64.b64encode(f'["{cursor}","{self.key[0].after}"]'.encode()).decode()
        return _body(document, first=self.clients, after=after)


CURSOR = "query { allPeople(first: 1, orderBy: [PRIMARY_KEY_ASC]) { pageInfo { endCursor } } }"
"""Asks PostGraphile for a cursor, to learn how they begin."""


def cursor_of(answer: Mapping[str, Any]) -> str:
    cursor = answer["data"]["allPeople"]["pageInfo"]["endCursor"]
    beginning: str = json.loads(base64.b64decode(cursor))[0]
    return beginning


def _body(document: str, **variables: Any) -> dict[str, Any]:
    return {"query": " ".join(document.split()), "variables": variables}


def people(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The clients in an answer, by id. Of PostGraphile's in our words."""
    data = answer["data"]
    if "errors" in answer or data is None:
        raise SystemExit(f"a peer answered with errors: {str(answer.get('errors'))[:600]}")
    found: list[Any] = []
    for key, value in data.items():
        nodes = value["nodes"] if value and "nodes" in value else [value]
        found += [_in_our_words(one) for one in nodes] if key in ("personByRowId", "allPeople") else nodes
    return {one["id"]: one for one in found if one is not None}


def says_all_of(hub: Any, peer: Any) -> bool:
    """Whether a peer says everything that the hub says. What the hub keeps to itself, the peer may say."""
    if hub is None:
        return True
    if isinstance(hub, dict):
        return isinstance(peer, dict) and all(says_all_of(value, peer.get(key)) for key, value in hub.items())
    if isinstance(hub, list):
        left = list(peer or [])
        for one in hub:
            same = next((other for other in left if says_all_of(one, other)), None)
            if same is None:
                return False
            left.remove(same)
        return True
    return bool(hub == peer)


def _word(kind: type[Code], value: Any) -> str | None:
    found = kind._value2member_map_.get(value)
    return found.name if found is not None else None


def _nodes(row: Mapping[str, Any], name: str) -> list[Any]:
    found: list[Any] = row[f"{name}BySourceIdAndEnrollmentId"]["nodes"]
    return found


_RACES = (*COLUMNS, "race_none")
_YES_NO = codes.NoYesReasonsForMissingData


def _in_our_words(person: Any) -> Any:
    if person is None:
        return None
    records = [one["clientBySourceIdAndPersonalId"] for one in person["clientLinksByPersonId"]["nodes"]]
    if not records:
        return None
    records.sort(key=lambda one: one["personalId"])
    records.sort(key=lambda one: one["dateUpdated"] or "", reverse=True)
    best = records[0]
    stays = [stay for one in records for stay in one["enrollmentsBySourceIdAndPersonalId"]["nodes"]]
    stays.sort(key=lambda stay: stay["rowId"])
    stays.sort(key=lambda stay: stay["entryDate"] or "", reverse=True)
    ssn = best["ssn"]
    return {
        "id": person["rowId"],
        "identifiers": [
            {"source": one["sourceBySourceId"]["name"], "value": one["personalId"]} for one in records
        ],
        "name": {
            "first": best["firstName"], "middle": best["middleName"], "last": best["lastName"],
            "suffix": best["nameSuffix"], "quality": _word(codes.NameDataQuality, best["nameDataQuality"]),
        },
        "birth": {
            "date": best["dob"], "quality": _word(codes.DateOfBirthDataQuality, best["dobDataQuality"])
        },
        "ssn": {
            "lastFour": ssn[-4:] if ssn and len(ssn) == 9 and ssn[-4:].isdigit() else None,
            "quality": _word(codes.SsnDataQuality, best["ssnDataQuality"]),
        },
        "sex": _word(codes.Sex, best["sex"]),
        "races": [race.name for race in races({attr: best[_camel(attr)] for attr in _RACES})],
        "veteranStatus": _word(_YES_NO, best["veteranStatus"]),
        "enrollments": {"nodes": list(map(_stay, stays))},
    }  # fmt: skip


def _camel(attr: str) -> str:
    first, *rest = attr.split("_")
    return first + "".join(part.title() for part in rest)


def _stay(stay: Mapping[str, Any]) -> dict[str, Any]:
    project = stay["projectBySourceIdAndProjectId"]
    organization = project["organizationBySourceIdAndOrganizationId"]
    return {
        "id": stay["rowId"],
        "entryDate": stay["entryDate"],
        "relationshipToHeadOfHousehold": _word(
            codes.RelationshipToHeadOfHousehold, stay["relationshipToHoh"]
        ),
        "livingSituation": _word(codes.LivingSituation, stay["livingSituation"]),
        "moveInDate": stay["moveInDate"],
        "disablingCondition": _word(_YES_NO, stay["disablingCondition"]),
        "project": {
            "id": project["rowId"], "name": project["projectName"],
            "type": _word(codes.ProjectType, project["projectType"]),
            "organization": {"id": organization["rowId"], "name": organization["organizationName"]},
        },
        "exit": next(_exits(stay), None),
        "services": [
            {"date": row["dateProvided"], "type": _service(row["recordType"], row["typeProvided"])}
            for row in _nodes(stay, "services")
        ],
        "incomeBenefits": [
            {
                "informationDate": row["informationDate"],
                "totalMonthlyIncome": row["totalMonthlyIncome"],
                "incomeFromAnySource": _word(_YES_NO, row["incomeFromAnySource"]),
                "snap": _word(codes.NoYesMissing, row["snap"]),
            }
            for row in _nodes(stay, "incomeBenefits")
        ],
        "disabilities": [
            {
                "informationDate": row["informationDate"],
                "type": _word(codes.DisabilityType, row["disabilityType"]),
                "response": _response(row["disabilityType"], row["disabilityResponse"]),
                "indefiniteAndImpairs": _word(_YES_NO, row["indefiniteAndImpairs"]),
            }
            for row in _nodes(stay, "disabilities")
        ],
        "healthAndDomesticViolence": [
            {
                "informationDate": row["informationDate"],
                "domesticViolenceSurvivor": _word(_YES_NO, row["domesticViolenceSurvivor"]),
                "currentlyFleeing": _word(_YES_NO, row["currentlyFleeing"]),
            }
            for row in _nodes(stay, "healthAndDvs")
        ],
    }  # fmt: skip


def _exits(stay: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for row in _nodes(stay, "exits"):
        yield {"date": row["exitDate"], "destination": _word(codes.LivingSituation, row["destination"])}


def _service(record_type: int, type_provided: int) -> str | None:
    found = codes.service_type(record_type, type_provided)
    return found.name if found is not None else None


def _response(disability_type: int, response: int | None) -> str | None:
    found = codes.disability_response(disability_type, response)
    return found.name if found is not None else None
