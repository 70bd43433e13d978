"""Topics: what is shown of a measure on one page, and what first. A measure may have several, as HUD's system
performance measures have: each asks a question of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gateway.pages.places import _

Reads = Literal["value", "mean", "median"]


@dataclass(frozen=True, slots=True)
class Block:
    """Figures that are looked at together: in one drawing, and below one heading of the table."""

    title: str
    figures: tuple[str, ...]
    """Names of figures; one that ends with `*` stands for all that begin so."""
    reads: Reads = "value"
    unit: str = ""
    """Stands behind the number; empty = people."""
    drawn: bool = True
    counts: str = _("People")
    """What the numbers are."""
    table: str = ""
    """Heading of a table that blocks share, each a column of it; empty = a table of its own."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of measures."""

    name: str
    measure: str
    title: str
    asks: str
    """The question that it answers, for whoever sees it for the first time."""
    blocks: tuple[Block, ...]
    main: str
    """The figure that stands for all: over time, and by groups where nobody chose another."""
    beside: str = ""
    """Another measure whose figures are put beside these."""
    note: str = ""
    defines: str = ""
    """What is counted, where the measure's own words are about more than this."""
    listed: tuple[str, ...] = ()
    """How figures begin of which an agency may see its own stays (`Measure.listed`)."""

    @property
    def begins(self) -> list[str]:
        """How the figures begin that it shows."""
        return sorted({name.rstrip("*") for block in self.blocks for name in block.figures})

    def block_of(self, figure: str) -> Block:
        """Where a figure stands first."""
        return next(
            (block for block in self.blocks if any(matches(name, figure) for name in block.figures)),
            self.blocks[0],
        )


def matches(pattern: str, figure: str) -> bool:
    return figure.startswith(pattern[:-1]) if pattern.endswith("*") else figure == pattern


_KINDS = ("ES", "SH", "TH", "ES+SH+TH", "RRH", "PSH")


_LINES = ("1a/line1", "1a/line2", "1b/line1", "1b/line2")
_LEFT_FROM = ("so", "es", "th", "sh", "ph")


def _each(what: str) -> tuple[str, ...]:
    return tuple(f"{what}/{kind}" for kind in _KINDS)


_TOPICS: tuple[Topic, ...] = (
    Topic(
        "unduplicated-people",
        "unduplicated-people",
        _("People served"),
        _("How many people did the community serve, each counted once?"),
        (Block(_("People"), ("people",)),),
        "people",
        listed=("people",),
    ),
    Topic(
        "system-counts",
        "system-counts",
        _("People, households and nights"),
        _("Who was in shelter or housing, for how many nights, and who came and left?"),
        (
            Block(
                _("People with a bed"), _each("people"), counts=_("People"), table=_("By kind of project")
            ),
            Block(
                _("Households with a bed"),
                _each("households"),
                drawn=False,
                counts=_("Households"),
                table=_("By kind of project"),
            ),
            Block(_("Entries"), _each("entries"), counts=_("Entries"), table=_("By kind of project")),
            Block(_("Exits"), _each("exits"), counts=_("Exits"), table=_("By kind of project")),
            Block(
                _("Nights in a bed"),
                _each("bed_nights"),
                drawn=False,
                counts=_("Nights in a bed"),
                table=_("By kind of project"),
            ),
            Block(_("Everybody"), ("unduplicated_people",), drawn=False),
        ),
        "people/ES+SH+TH",
        listed=("unduplicated_people", "people/", "entries/", "exits/"),
    ),
    Topic(
        "flow",
        "flow",
        _("Coming and going"),
        _("How many people came, how many left, and where to?"),
        (
            Block(
                _("When it began, or when they came"),
                tuple(
                    f"inflow/{name}"
                    for name in (
                        *("housed", "homeless", "first_time", "returned_from_permanent"),
                        "re_engaged_from_non_permanent",
                    )
                ),
            ),
            Block(
                _("When it ended, or when they left"),
                tuple(
                    f"outflow/{name}"
                    for name in ("housed", "homeless", "exited_permanent", "exited_non_permanent", "inactive")
                ),
            ),
            Block(_("Everybody"), ("inflow/all",), drawn=False),
        ),
        "outflow/homeless",
        note=_("Everybody stands once in the upper part and once in the lower."),
    ),
    Topic(
        "length-of-time",
        "spm",
        _("Time without a home"),
        _("How many nights had people been without a home?"),
        (
            Block(
                _("Half of them had fewer nights than this (median)"),
                _LINES,
                "median",
                _("nights"),
                counts=_("Median"),
                table=_("Nights without a home"),
            ),
            Block(
                _("On average"),
                _LINES,
                "mean",
                _("nights"),
                drawn=False,
                counts=_("Mean"),
                table=_("Nights without a home"),
            ),
            Block(_("People"), _LINES, drawn=False, table=_("Nights without a home")),
        ),
        "1b/line1",
        note=_("The time before shelter is what people told when they came."),
        defines=_(
            "Nights without a home up to the last one in the period: in shelter and safe haven, or in"
            " transitional housing, too, less nights in other housing; with the time before it also nights"
            " before a shelter or before moving in. HUD system performance measure 1."
        ),
    ),
    Topic(
        "returns",
        "spm",
        _("Returns"),
        _("Of people who left to a permanent home two years before, how many came back?"),
        (
            Block(
                _("All"),
                ("2/exits", "2/days_0_180", "2/days_181_365", "2/days_366_730", "2/days_0_730"),
            ),
            Block(
                _("Who left, by what they left from"),
                tuple(f"2/{kind}/exits" for kind in _LEFT_FROM),
                drawn=False,
                counts=_("Left"),
                table=_("By what they left from"),
            ),
            Block(
                _("Back within 2 years, by what they had left from"),
                tuple(f"2/{kind}/days_0_730" for kind in _LEFT_FROM),
                counts=_("Back within 2 years"),
                table=_("By what they left from"),
            ),
        ),
        "2/days_0_730",
        defines=_(
            "Of people who left for permanent housing two years before the period: how many came back, by"
            " days until then and by the type of project they left. HUD system performance measure 2."
        ),
    ),
    Topic(
        "utilization",
        "system-counts",
        _("Use of beds"),
        _("How much of the shelter and housing that is there was used?"),
        (
            Block(
                _("Of 100 nights with a bed, so many were used"),
                _each("use"),
                unit="%",
                counts=_("Used"),
                table=_("Beds and their use"),
            ),
            Block(
                _("Nights that people spent there"),
                _each("bed_nights"),
                drawn=False,
                counts=_("Nights spent there"),
                table=_("Beds and their use"),
            ),
            Block(
                _("Nights with a bed"),
                _each("available"),
                drawn=False,
                counts=_("Nights with a bed"),
                table=_("Beds and their use"),
            ),
        ),
        "use/ES+SH+TH",
        beside="beds",
        defines=_(
            "Nights that people spent in beds of the continuum, as the annual system counts have them, of all"
            " nights on which there was a bed (HUD 2.07)."
        ),
        note=_(
            "Only whole periods are published: who slept where on a single night would tell of few people."
            " Where the nights of people are hidden, so is their part of the beds."
        ),
    ),
    Topic(
        "unmet-need",
        "unmet-need",
        _("Gaps"),
        _("Who was found to need housing, and did not get that far?"),
        (
            Block(_("How far people got"), tuple(
                f"gaps/{name}" for name in ("prioritized", "never_referred", "referred", "never_housed")
            )),
            Block(
                _("Sent to something that never took them"),
                ("unmet/*",),
                counts=_("Never taken"),
                table=_("By what they were sent to"),
            ),
            Block(
                _("Sent to"),
                ("referred/*",),
                drawn=False,
                counts=_("Sent"),
                table=_("By what they were sent to"),
            ),
            Block(
                _("Taken"),
                ("referrals/*",),
                drawn=False,
                counts=_("Taken"),
                table=_("By what they were sent to"),
            ),
            Block(_("Assessed"), ("assessed/*",), drawn=False),
            Block(_("Services given"), ("services/*",), drawn=False),
        ),
        "gaps/prioritized",
    ),
    Topic(
        "first-time",
        "spm",
        _("First time without a home"),
        _("How many people came who had not been in shelter or housing for two years?"),
        (
            Block(_("Shelter and transitional housing"), ("5.1/persons", "5.1/first_time", "5.1/prior")),
            Block(_("With permanent housing"), ("5.2/persons", "5.2/first_time", "5.2/prior")),
        ),
        "5.2/first_time",
        defines=_(
            "Of people who entered in the period: how many were in no shelter and no permanent housing in the"
            " two years before. HUD system performance measure 5."
        ),
    ),
    Topic(
        "exits",
        "spm",
        _("Leaving to a permanent home"),
        _("Of people who left shelter, how many left to a permanent home?"),
        (Block(_("People who left"), ("7b.1/universe", "7b.1/permanent")),),
        "7b.1/permanent",
        defines=_(
            "Of people who left shelter, safe haven, transitional housing or rapid re-housing: how many left"
            " to a permanent home. HUD system performance measure 7b.1."
        ),
    ),
    Topic(
        "income",
        "spm",
        _("Growth of income"),
        _("How many adults in housing have more income than before?"),
        (
            Block(
                _("Adults who stay"),
                ("4.1/universe", "4.1/increased", "4.2/increased", "4.3/increased"),
                counts=_("Adults"),
            ),
            Block(
                _("Adults who left"),
                ("4.4/universe", "4.4/increased", "4.5/increased", "4.6/increased"),
                counts=_("Adults"),
            ),
        ),
        "4.6/increased",
        defines=_(
            "Of adults in projects of the continuum's program: whose income grew, for those who stay (a year"
            " or longer) and those who left. HUD system performance measure 4."
        ),
    ),
    Topic(
        "active-people",
        "active-people",
        _("Active people"),
        _("How many people were active, by each of HUD's three ways to say so?"),
        (Block(_("People"), ("method_1", "method_2", "method_5")),),
        "method_1",
        listed=("method_",),
    ),
    Topic(
        "data-quality",
        "data-quality",
        _("Data quality"),
        _("What is missing in the records, or cannot be right?"),
        (
            Block(_("People looked at"), tuple(
                f"Q1/{name}/for_dq" for name in ("persons", "adults", "children", "unknown_age", "leavers")
            )),
            Block(_("About the person: missing, refused or not right"), tuple(
                f"Q2/{name}/total" for name in ("name", "ssn", "dob", "race_and_ethnicity", "overall")
            )),
            Block(_("About the stay: missing, refused or not right"), (
                *(f"Q3/{name}/total" for name in (
                    "veteran_status", "entry_date", "relationship_to_head", "enrollment_coc",
                    "disabling_condition",
                )),
                "Q4/destination/total", "Q4/income_at_start/total",
            )),
            Block(_("How late entries were written down"), tuple(
                f"Q6/starts/{name}" for name in (
                    "days_under_0", "days_0", "days_1_3", "days_4_6", "days_7_10", "days_11_or_more",
                )
            ), counts=_("Records")),
        ),
        "Q2/overall/total",
    ),
)  # fmt: skip

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _TOPICS}


def topic_of(name: str, listed: Mapping[str, Mapping[str, Any]]) -> Topic | None:
    """The topic of that name, where its measures are published (`listed`, by name); one that is not among
    ours shows a measure as it is. None = nothing of it is published."""
    known = TOPICS.get(name)
    if known is not None:
        return known if {known.measure, known.beside or known.measure} <= set(listed) else None
    found = listed.get(name)
    if found is None:
        return None
    return Topic(name, name, found["title"], "", (Block("", ("*",), counts=_("Count")),), "")
