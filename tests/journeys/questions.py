"""Questions made up at random: walks over the whole schema, with arguments, pages and fragments."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from uuid import UUID

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from auth.viewer import Role
from gateway.plan.limits import MOST_ALIASES
from resolvers import pages
from tests.journeys.agreements import SUBJECTS
from tests.journeys.communities import Community
from tests.journeys.knowing import PURPOSES
from tests.schema.declared import CORE

_COMPOSITE = (GraphQLObjectType, GraphQLInterfaceType, GraphQLUnionType)
_DEEPEST = 9
_SPARE = 20
"""More other names than the leaves of one object and the beginnings of a document take."""
# Paths that most of the data lies behind are walked more often than chance would.
_LIKELY = {
    *("enrollments", "nodes", "household", "members", "project", "exit", "assessments", "affiliations"),
    *("foodAssistance", "grants", "explanations", "eligibility", "reasons"),
}


@dataclass(frozen=True)
class Known:
    """What somebody who guesses well might put into a question: values of both communities, seen or not."""

    people: tuple[UUID, ...]
    there: tuple[UUID, ...]
    """Those whom the asker may see, or everybody where that is nobody: most is to be learnt beside them."""
    projects: tuple[UUID, ...]
    stays: tuple[tuple[object, UUID], ...]
    names: tuple[str, ...]
    birth_dates: tuple[str, ...]
    last_fours: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    cocs: tuple[str, ...]


def known(there: Iterable[UUID], *communities: Community) -> Known:
    """Everything that stands in any of the communities, in an order that tells nothing."""

    def every(table: str) -> list[dict[str, object]]:
        return [row for community in communities for row in community.tables[table]]

    clients = every("Client")
    sources = {row["id"]: str(row["name"]) for row in every("source")}
    people = tuple(sorted({UUID(str(row["id"])) for row in every("person")}))
    return Known(
        people=people,
        there=tuple(sorted(there)) or people,
        projects=tuple(sorted({UUID(str(row["id"])) for row in every("Project")})),
        stays=tuple(
            sorted({(row["entry_date"], UUID(str(row["id"]))) for row in every("Enrollment")}, key=str)
        ),
        names=tuple(sorted({str(row[attr]) for row in clients for attr in ("first_name", "last_name")})),
        birth_dates=tuple(sorted({str(row["dob"]) for row in clients if row["dob"]})),
        last_fours=tuple(sorted({str(row["ssn"])[-4:] for row in clients if row["ssn"]} | {"1234", "5678"})),
        identifiers=tuple(sorted({(sources[row["source_id"]], str(row["personal_id"])) for row in clients})),
        cocs=tuple(sorted({str(row["coc_code"]) for row in every("ProjectCoC") if row["coc_code"]})),
    )


class Asker:
    """Makes documents up. The same seed asks the same."""

    def __init__(self, choose: Random, about: Known, role: Role) -> None:
        self.choose = choose
        self.about = about
        self.role = role
        self.fragments: list[str] = []
        self.room = 0
        self.named = 0
        self.share: float | None = None

    def document(self) -> str:
        """One document with several questions from the top, each under a name of its own."""
        self.fragments, self.room, self.named, self.share = [], 130, 0, None
        query = CORE.query_type
        assert query is not None
        if self.choose.random() < 0.4:
            # One person or everybody who is there, and nearly everything about them.
            self.room, self.share = 450, 0.9
            name = self.choose.choice(["client", "clients"])
            return "\n".join(["query {", self._field(name, query.fields[name], 1), "}", *self.fragments])
        tops = [
            self.choose.choice(["client", "client", "client", "clients", "clients", "project", "projects"])
        ]
        tops += [self.choose.choice(list(query.fields)) for _ in range(self.choose.randint(0, 3))]
        if self.role is Role.PRIVACY_OFFICER:
            tops += ["explainAccess", "explainAccess", "breakGlassOpenings"]
        if self.role in (Role.PRIVACY_OFFICER, Role.CASE_MANAGER):
            tops += ["consentPreview"]
        asked = [f"a{place}: {self._field(name, query.fields[name], 1)}" for place, name in enumerate(tops)]
        return "\n".join(["query {", *asked, "}", *self.fragments])

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        arguments = self._arguments(name, field)
        kind = get_named_type(field.type)
        if is_leaf_type(kind):
            return f"{name}{arguments}"
        assert isinstance(kind, GraphQLObjectType)
        return f"{name}{arguments} {self._selection(kind, depth)}"

    def _selection(self, kind: GraphQLObjectType, depth: int) -> str:
        leaves = [name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))]
        edges = [name for name in kind.fields if name not in leaves]
        share = self.choose.choice([0.2, 0.5, 1.0]) if len(leaves) < 20 else self.choose.choice([0.1, 0.3])
        share = self.share or share
        self.choose.shuffle(edges)
        parts = ["__typename" if self.choose.random() < 0.2 else ""]
        for name in leaves:
            if self.choose.random() < share and self.room > -60:
                self.room -= 1
                alias = f"{self._alias()}: " if self.choose.random() < 0.05 else ""
                parts.append(f"{alias}{name}")
        for name in edges:
            likely = self.share or (0.75 if name in _LIKELY else 0.3)
            if depth < _DEEPEST and self.has_room() and self.choose.random() < likely:
                self.room -= 1
                parts.append(f"{self._alias()}: {self._field(name, kind.fields[name], depth + 1)}")
        body = " ".join(part for part in parts if part) or "__typename"
        match self.choose.randint(0, 9):
            case 0:
                return f"{{ ... on {kind.name} {{ {body} }} }}"
            case 1:
                name = f"F{len(self.fragments)}"
                self.fragments.append(f"fragment {name} on {kind.name} {{ {body} }}")
                return f"{{ ...{name} }}"
        return f"{{ {body} }}"

    def has_room(self) -> bool:
        """For one more walk down: names for what is on it are left, too."""
        return self.room > 0 and self.named < MOST_ALIASES - _SPARE

    def _alias(self) -> str:
        self.named += 1
        return f"y{self.named}"

    def _arguments(self, name: str, field: GraphQLField) -> str:
        given = ((argument, self._given(name, argument)) for argument in field.args)
        told = ", ".join(f"{argument}: {value}" for argument, value in given if value is not None)
        return f"({told})" if told else ""

    def _given(self, name: str, argument: str) -> str | None:
        """What a field is given for an argument, as it stands in a document; None = nothing."""
        match argument, name:
            case "first", _:
                return str(self.choose.choice([1, 1, 2, 3, 25, 100]))
            case "after", _ if self.choose.random() < 0.3:
                return json.dumps(self._cursor(name))
            case "where", _:
                return self._where()
            case "orderBy", _ if self.choose.random() < 0.4:
                return "NAME"
            case "client", _:
                return f'"{self._somebody()}"'
            case "viewer", _:
                return self._whose()
            case "sign", _ if self.choose.random() < 0.5:
                return '{form: "mn-hmis", sections: ["share"]}'
            case "language", _:
                return "ES"
            case "id", "client":
                return f'"{self._somebody()}"'
            case "id", _:
                return f'"{self.choose.choice(self.about.projects)}"'
            case "coc", _ if self.about.cocs and self.choose.random() < 0.3:
                return json.dumps(self.choose.choice(self.about.cocs))
            case "source", _ if self.choose.random() < 0.2:
                return '"source1"'
            case "name", "measure":
                return '"unduplicated-people"'
            case "period", "measure":
                return '{start: "2025-10-01", end: "2026-09-30"}'
            case "figure", _:
                return '"people"'
        return None

    def _somebody(self) -> UUID:
        return self.choose.choice(self.about.there if self.choose.random() < 0.7 else self.about.people)

    def _whose(self) -> str:
        """Whose access is to be explained."""
        subject, purpose = json.dumps(self.choose.choice([*SUBJECTS, "nobody"])), self.choose.choice(PURPOSES)
        return f"{{subject: {subject}, purpose: {purpose.value}}}" if purpose else f"{{subject: {subject}}}"

    def _cursor(self, name: str) -> str:
        match name:
            case "clients":
                part = self.choose.choice([(), (), ("BY_NAME",), ("WITHOUT_NAME",)])
                return pages.encode(*part, self.choose.choice(self.about.people))
            case "projects":
                return pages.encode(self.choose.choice(self.about.projects))
        if not self.about.stays:
            return "broken"
        return pages.encode(*self.choose.choice(self.about.stays))

    def _where(self) -> str:
        """Mostly one condition, sometimes several, which may be true of different records only."""
        if self.share or self.choose.random() < 0.4:
            return "{}"
        ways = {
            "firstName": lambda: self._text(),
            "lastName": lambda: self._text(),
            "dateOfBirth": lambda: self._days(),
            "ssnLastFour": lambda: self._last_four(),
            "identifier": lambda: self._identifier(),
        }
        chosen = self.choose.sample(list(ways), self.choose.choice([1, 1, 1, 2, 3]))
        return "{" + ", ".join(f"{name}: {ways[name]()}" for name in chosen) + "}"

    def _text(self) -> str:
        name = self.choose.choice(self.about.names)
        how, text = self.choose.choice(
            [("eq", name), ("startsWith", name[:3]), ("startsWith", "zq"), ("soundsLike", name)]
        )
        return f"{{{how}: {json.dumps(text)}}}"

    def _last_four(self) -> str:
        """Mostly one that several people have."""
        common = self.choose.random() < 0.7
        return json.dumps(self.choose.choice(("1234", "5678") if common else self.about.last_fours))

    def _days(self) -> str:
        if not self.about.birth_dates:
            return "{}"
        how = self.choose.choice(["eq", "gte", "lte"])
        return f'{{{how}: "{self.choose.choice(self.about.birth_dates)}"}}'

    def _identifier(self) -> str:
        name, value = self.choose.choice(self.about.identifiers)
        return f"{{source: {json.dumps(name)}, value: {json.dumps(value)}}}"
