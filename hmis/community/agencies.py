"""The four agencies of Port Ellery, their projects, and who works there.

None is a victim service provider (HUD 2.01.3); what one may share is therefore decided by consent alone.
XX-501 is a test code for a continuum of care, as HUD's own sample data use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

COC = "XX-501"
GEOCODE = "399901"  # six digits as HUD wants them, of no real place


@dataclass(frozen=True, slots=True)
class Funding:
    """One grant (HUD 2.06). `other` names the funder where HUD's list has only 46, local or other."""

    code: int
    grant: str
    start: date
    end: date | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class Beds:
    """Beds for one kind of household (HUD 2.07; list 2.07.4)."""

    household_type: int
    units: int
    veteran: int = 0
    chronic: int = 0
    youth: int = 0
    other: int = 0
    availability: int | None = None  # asked of emergency shelters only
    bed_type: int | None = None  # likewise

    @property
    def beds(self) -> int:
        return self.veteran + self.chronic + self.youth + self.other


@dataclass(frozen=True, slots=True)
class Project:
    """One project (HUD 2.02). None = HUD does not ask this of its type."""

    id: str
    organization_id: str
    name: str
    type: int
    opened: date
    address: str
    zip: str
    funding: tuple[Funding, ...]
    beds: tuple[Beds, ...] = ()
    housing_type: int | None = None
    rrh_sub_type: int | None = None
    target_population: int = 4
    hopwa_facility: int | None = None
    pit_count: int | None = None
    access_point: bool = False

    @property
    def is_permanent_housing(self) -> bool:
        """A place to live. Rapid re-housing of subtype 1 gives services only."""
        return self.type in (3, 13) and self.rrh_sub_type != 1


@dataclass(frozen=True, slots=True)
class Worker:
    """Who typed a row in (HUD 5.07)."""

    id: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Agency:
    id: str
    name: str
    common_name: str
    projects: tuple[Project, ...]
    workers: tuple[Worker, ...]


SHELTER = Project(
    "101",
    "1",
    "Harbor Light Family and Adult Shelter",
    0,
    date(2009, 10, 1),
    "12 Lighthouse Rd",
    "00101",
    (
        Funding(8, "ESG-ES-1101", date(2020, 7, 1)),
        Funding(22, "RHY-BCP-1102", date(2021, 10, 1), date(2027, 9, 30)),
    ),
    beds=(
        Beds(1, 40, veteran=4, chronic=6, youth=4, other=26, availability=1, bed_type=1),
        Beds(3, 18, veteran=3, youth=6, other=51, availability=1, bed_type=1),
        Beds(4, 4, youth=4, availability=1, bed_type=1),
    ),
    housing_type=1,
    pit_count=71,
)
NIGHTS = Project(
    "102",
    "1",
    "Harbor Light Night Shelter",
    1,
    date(2012, 11, 15),
    "14 Lighthouse Rd",
    "00101",
    (Funding(8, "ESG-ES-1103", date(2020, 7, 1)),),
    beds=(
        Beds(1, 60, veteran=2, chronic=8, other=50, availability=1, bed_type=1),
        Beds(1, 15, other=15, availability=2, bed_type=3),
    ),
    housing_type=1,
    pit_count=38,
)
OUTREACH = Project(
    "103",
    "1",
    "Harbor Light Street Outreach",
    4,
    date(2014, 3, 1),
    "12 Lighthouse Rd",
    "00101",
    (
        Funding(11, "ESG-SO-1104", date(2020, 7, 1)),
        Funding(21, "PATH-1105", date(2019, 7, 1)),
    ),
    access_point=True,
)
RAPID = Project(
    "201",
    "2",
    "Keys Home Rapid Re-Housing",
    13,
    date(2013, 7, 1),
    "300 Ropewalk Ave",
    "00102",
    (
        Funding(3, "COC-RRH-2201", date(2020, 10, 1)),
        Funding(33, "SSVF-2202", date(2021, 10, 1), date(2026, 9, 30)),
        Funding(43, "YHDP-2203", date(2022, 1, 1)),
    ),
    beds=(
        Beds(1, 24, veteran=8, youth=6, other=10),
        Beds(3, 20, veteran=6, youth=6, other=50),
    ),
    housing_type=3,
    rrh_sub_type=2,
    hopwa_facility=2,
    pit_count=64,
)
ENTRY = Project(
    "202",
    "2",
    "Keys Home Coordinated Entry",
    14,
    date(2018, 1, 23),
    "300 Ropewalk Ave",
    "00102",
    (Funding(4, "COC-SSO-CE-2204", date(2020, 10, 1)),),
    access_point=True,
)
RAPID_SERVICES = Project(
    "203",
    "2",
    "Keys Home Housing Stability Services",
    13,
    date(2019, 7, 1),
    "300 Ropewalk Ave",
    "00102",
    (Funding(10, "ESG-RRH-2205", date(2020, 7, 1)),),
    rrh_sub_type=1,
    hopwa_facility=2,
)
SUPPORTIVE = Project(
    "301",
    "3",
    "Cedar Court Apartments",
    3,
    date(2006, 5, 1),
    "77 Orchardway Ct",
    "00103",
    (
        Funding(2, "COC-PSH-3301", date(2019, 10, 1)),
        Funding(20, "VASH-3302", date(2018, 4, 1)),
    ),
    beds=(
        Beds(1, 44, veteran=12, chronic=32),
        Beds(3, 12, chronic=30, other=8),
    ),
    housing_type=2,
    hopwa_facility=2,
    pit_count=59,
)
GARDEN_HOUSE = Project(
    "302",
    "3",
    "Cedar Court Garden House",
    3,
    date(2011, 2, 1),
    "81 Orchardway Ct",
    "00103",
    (Funding(15, "HOPWA-PH-3303", date(2018, 7, 1)),),
    beds=(Beds(1, 12, chronic=4, other=8),),
    housing_type=1,
    target_population=3,
    hopwa_facility=0,
    pit_count=9,
)
PREVENTION = Project(
    "401",
    "4",
    "Neighbors First Prevention",
    12,
    date(2015, 1, 5),
    "5 Towpath Way",
    "00104",
    (
        Funding(9, "ESG-HP-4401", date(2020, 7, 1)),
        Funding(33, "SSVF-4402", date(2021, 10, 1), date(2026, 9, 30)),
        Funding(46, "PEF-4403", date(2022, 1, 1), other="Port Ellery Neighbors Fund"),
    ),
    access_point=True,
)

AGENCIES: tuple[Agency, ...] = (
    Agency(
        "1",
        "Harbor Light Shelter",
        "Harbor Light",
        (SHELTER, NIGHTS, OUTREACH),
        (
            Worker("11", "Delia", "Marchbanks"),
            Worker("12", "Owen", "Fernbrook"),
            Worker("13", "Tess", "Whitlocke"),
        ),
    ),
    Agency(
        "2",
        "Keys Home Rapid Re-Housing",
        "Keys Home",
        (RAPID, ENTRY, RAPID_SERVICES),
        (Worker("21", "Amos", "Rosewarne"), Worker("22", "Lupe", "Solorzan")),
    ),
    Agency(
        "3",
        "Cedar Court Supportive Housing",
        "Cedar Court",
        (SUPPORTIVE, GARDEN_HOUSE),
        (Worker("31", "Noor", "Sarkisyan"), Worker("32", "Clyde", "Overstreet")),
    ),
    Agency(
        "4",
        "Neighbors First Prevention",
        "Neighbors First",
        (PREVENTION,),
        (Worker("41", "Ines", "Corrigall"), Worker("42", "Bram", "Tillinghast")),
    ),
)

PROJECTS: tuple[Project, ...] = tuple(project for agency in AGENCIES for project in agency.projects)
WORKERS: dict[str, tuple[Worker, ...]] = {agency.id: agency.workers for agency in AGENCIES}
