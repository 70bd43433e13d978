"""The seeded community of the demo: Port Ellery, a town on no map, and the people its four agencies serve.

    community = build()
    community.rows["Enrollment"]      rows of HUD's 24 files, under HUD's column names
    community.pantry, .energy         the same people as two partners know them, with the truth beside them
    community.showcase                PersonalID of the person whose story crosses all four agencies

The same size and seed give the same community on every run, machine and Python version: all chance comes from
`chance.stream`, and all days hang on `AS_OF`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from hmis.community.agencies import AGENCIES, Agency
from hmis.community.days import AS_OF
from hmis.community.elsewhere import (
    PartnerClient,
    RentPayment,
    Tenancy,
    Truth,
    clinic_patients,
    peer_clients,
    tenancies,
)
from hmis.community.households import Household, make_households
from hmis.community.intakes import Duplicate, Intake, make_intakes, take_in_twice
from hmis.community.journeys import make_stays
from hmis.community.listing import PartnerMember
from hmis.community.partners import (
    EnergyBenefit,
    EnergyHousehold,
    PartnerHousehold,
    energy_households,
    pantry_households,
)
from hmis.community.people import Birth, Person
from hmis.community.records import write_records
from hmis.community.records.book import Row
from hmis.community.showcase import showcase_household, showcase_stays
from hmis.community.stays import Presence, Stay
from hmis.csv.writing import write_archive
from hmis.errors import InputRefused

__all__ = [
    "AS_OF",
    "Agency",
    "Community",
    "Duplicate",
    "EnergyBenefit",
    "EnergyHousehold",
    "Household",
    "Intake",
    "PartnerClient",
    "PartnerHousehold",
    "PartnerMember",
    "Person",
    "Presence",
    "RentPayment",
    "Stay",
    "Tenancy",
    "Truth",
    "build",
]

SMALLEST = 50


@dataclass(frozen=True, slots=True)
class Community:
    """Who lives in Port Ellery, and what was written down about them."""

    agencies: tuple[Agency, ...]
    people: tuple[Person, ...]
    """Real persons. HMIS has a few more Client rows than that: see `duplicates`."""
    households: tuple[Household, ...]
    stays: tuple[Stay, ...]
    intakes: Mapping[str, Intake]
    """By PersonalID: what was recorded, beside who it truly is."""
    duplicates: tuple[Duplicate, ...]
    rows: Mapping[str, list[Row]]
    pantry: tuple[PartnerHousehold, ...]
    energy: tuple[EnergyHousehold, ...]
    tenancies: tuple[Tenancy, ...]
    patients: tuple[PartnerClient, ...]
    peers: tuple[PartnerClient, ...]
    showcase: str

    @property
    def truth(self) -> dict[str, Truth]:
        """Whom each record of each partner is about, by connector: what matching is measured by."""
        households: dict[str, Sequence[PartnerHousehold | EnergyHousehold | Tenancy]] = {
            "pantry": self.pantry,
            "energy-drop": self.energy,
            "subgraph": self.tenancies,
        }
        people = {"gravity-fhir": self.patients, "hmis-peer": self.peers}
        truth: dict[str, Truth] = {}
        for name, listed in households.items():
            truth[name] = {
                one.key: frozenset(member.personal_id for member in one.members) - {""} for one in listed
            }
        for name, clients in people.items():
            truth[name] = {one.key: frozenset({one.member.personal_id}) - {""} for one in clients}
        return truth

    def write_archive(self, target: Path) -> None:
        """The rows as a HUD FY2026 CSV archive, not compressed: its bytes depend on nothing but the rows."""
        write_archive(target, self.rows, compress=False)


def build(size: int = 500, seed: int = 2026) -> Community:
    """The community of so many people. Pure: no clock, no files, no state left behind."""
    if size < SMALLEST:
        raise InputRefused(
            f"a community of {size} is too small for its stories; ask for at least {SMALLEST} people"
        )
    birth = Birth(seed, size)
    shown = showcase_household(birth, 1)
    households = [shown, *make_households(seed, size - len(shown.members), birth, 2)]
    keys = count(1)
    stays = [*showcase_stays(seed, shown, keys), *make_stays(seed, households[1:], keys)]
    family = frozenset(person.personal_id for person, _ in shown.members)
    intakes = make_intakes(seed, households, family)
    duplicates = take_in_twice(seed, stays, intakes, birth, max(6, size * 14 // 500), family)
    return Community(
        agencies=AGENCIES,
        people=tuple(person for household in households for person, _ in household.members),
        households=tuple(households),
        stays=tuple(stays),
        intakes=intakes,
        duplicates=tuple(duplicates),
        rows=write_records(seed, intakes, stays),
        pantry=pantry_households(seed, size, households, intakes, birth),
        energy=energy_households(seed, size, households, intakes, birth),
        tenancies=tenancies(seed, size, households, intakes, birth),
        patients=clinic_patients(seed, size, households, intakes, birth),
        peers=peer_clients(seed, size, households, intakes, birth),
        showcase=shown.head.personal_id,
    )
