"""Each rule of flow by itself: what evidence is, how long it lasts, and what an arrival or departure is called."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hmis.measures.answering import answer, records
from hmis.measures.asked import Asked
from hmis.measures.flow.flow import FLOW
from hmis.measures.months import last_full_year
from tests.hmis.measures import tables

YEAR = Asked(date(2021, 10, 1), date(2022, 9, 30))
ES, NBN, TH, PSH, SO, SSO, PREVENTION, RRH, CE = 0, 1, 2, 3, 4, 6, 12, 13, 14
STREET, TRANSITIONAL, HOSPITAL, RENTED, FRIENDS = 116, 302, 206, 410, 312
Rows = list[dict[str, object]]


def _stay(key: str, kind: int, entry: str, left: str | None = None, to: int = FRIENDS, **more: object) -> Any:
    """A stay of person A in a project of some kind, and its exit."""
    stay = {"EnrollmentID": key, "PersonalID": "A", "ProjectID": f"p{kind}", "EntryDate": entry, **more}
    return stay, left and {"EnrollmentID": key, "ExitDate": left, "Destination": to}


def _flow(folder: Path, *stays: Any, asked: Asked = YEAR, **more: Rows) -> dict[str, Any]:
    kinds = {stay["ProjectID"]: int(stay["ProjectID"][1:]) for stay, _ in stays}
    rows: dict[str, Rows] = {
        "Project": [{"ProjectID": key, "ProjectType": kind} for key, kind in kinds.items()],
        "Enrollment": [stay for stay, _ in stays],
        "Exit": [left for _, left in stays if left],
    }
    with tables.opened(folder, **rows | more) as core:
        return answer(FLOW, core, asked)


def _said(said: dict[str, Any]) -> tuple[str, str]:
    """How the one person came and how they went; "" for nobody."""
    (came,) = [name for name, count in said["inflow"].items() if count] or [""]
    (went,) = [name for name, count in said["outflow"].items() if count] or [""]
    return came, went


def _homeless(said: dict[str, Any]) -> list[str]:
    """The months at whose end the person is homeless."""
    return [month["month"][2:] for month in said["monthly"] if month["homeless_at_end"]]


def test_who_is_there_when_the_period_begins_did_not_flow_in(tmp_path: Path) -> None:
    said = _flow(tmp_path, _stay("1", ES, "2021-10-01", "2021-12-05", to=RENTED))
    assert _said(said) == ("homeless", "exited_permanent")
    assert _homeless(said) == ["21-10", "21-11"]
    assert said["period"] == {
        "start": "2021-10-01", "end": "2022-09-30", "people": 1, "inflow": 0, "outflow": 1, "change": -1,
    }  # fmt: skip


def test_who_leaves_on_the_first_day_was_there_and_has_left(tmp_path: Path) -> None:
    assert _said(_flow(tmp_path, _stay("1", ES, "2021-09-01", "2021-10-01"))) == (
        "homeless",
        "exited_non_permanent",
    )


def test_who_leaves_on_the_last_day_has_left(tmp_path: Path) -> None:
    assert _said(_flow(tmp_path, _stay("1", ES, "2022-09-01", "2022-09-30", to=RENTED))) == (
        "first_time",
        "exited_permanent",
    )


def test_who_moved_in_before_is_housed_and_who_moves_in_that_day_is_homeless(tmp_path: Path) -> None:
    for moved, came in (("2021-09-30", "housed"), ("2021-10-01", "homeless")):
        said = _flow(tmp_path / moved, _stay("1", RRH, "2021-09-01", MoveInDate=moved))
        assert _said(said) == (came, "housed")


def test_a_move_in_is_outflow_of_the_homeless_and_no_departure(tmp_path: Path) -> None:
    said = _flow(tmp_path, _stay("1", PSH, "2022-01-10", MoveInDate="2022-03-10"))
    assert _said(said) == ("first_time", "housed")
    assert _homeless(said) == ["22-01", "22-02"]
    march = said["monthly"][5]
    assert (march["inflow"], march["outflow"], march["change"]) == (0, 1, -1)
    assert march["outflow_by"]["to_housed"] == 1


def test_who_lost_a_home_of_the_system_flows_into_homelessness(tmp_path: Path) -> None:
    housed = _stay("1", PSH, "2021-01-10", "2022-02-10", MoveInDate="2021-03-10")
    said = _flow(tmp_path, housed, _stay("2", ES, "2022-02-12"))
    assert _said(said) == ("housed", "homeless")
    assert said["monthly"][4]["inflow_by"]["from_housed"] == 1


@pytest.mark.parametrize(
    ("left", "to", "came"),
    [
        ("2020-01-11", RENTED, "first_time"),  # 731 days before
        ("2020-01-12", RENTED, "returned_from_permanent"),  # 730
        ("2020-01-12", FRIENDS, "re_engaged_from_non_permanent"),
        ("2021-12-27", RENTED, "returned_from_permanent"),  # 15
        ("2021-12-27", 499, "returned_from_permanent"),
        ("2021-12-27", 99, "re_engaged_from_non_permanent"),
    ],
)
def test_the_last_exit_says_how_somebody_comes(tmp_path: Path, left: str, to: int, came: str) -> None:
    said = _flow(tmp_path, _stay("1", ES, "2019-12-01", left, to=to), _stay("2", ES, "2022-01-11"))
    period_of_new = Asked(date(2022, 1, 1), date(2022, 9, 30))
    with_later = _flow(
        tmp_path / "later",
        _stay("1", ES, "2019-12-01", left, to=to),
        _stay("2", ES, "2022-01-11"),
        asked=period_of_new,
    )
    assert with_later["inflow"][came] == 1
    assert said["period"]["people"] == 1


def test_a_gap_of_fourteen_days_is_none(tmp_path: Path) -> None:
    for back, went in (("2022-01-25", [0, 0]), ("2022-01-26", [1, 1])):
        first = _stay("1", ES, "2021-12-01", "2022-01-11", to=RENTED)
        said = _flow(tmp_path / back, first, _stay("2", ES, back))
        january = said["monthly"][3]
        assert [january["inflow"], january["outflow"]] == [0, 0]
        assert _homeless(said)[:2] == ["21-12", "22-01"]
        period = _flow(
            tmp_path / f"{back}-half", first, _stay("2", ES, back), asked=Asked(date(2022, 1, 12), YEAR.end)
        )
        assert [period["inflow"]["returned_from_permanent"], period["period"]["inflow"]] == went


def test_an_exit_is_none_when_somebody_is_back_within_fourteen_days_of_the_end(tmp_path: Path) -> None:
    stays = (_stay("1", ES, "2021-12-01", "2022-09-29", to=RENTED), _stay("2", ES, "2022-10-13"))
    assert _said(_flow(tmp_path / "back", *stays)) == ("first_time", "homeless")
    assert _said(_flow(tmp_path / "not", stays[0], _stay("2", ES, "2022-10-14"))) == (
        "first_time",
        "exited_permanent",
    )


@pytest.mark.parametrize(("kind", "holds"), [(NBN, 15), (SO, 60), (SSO, 60), (7, 60), (11, 60), (CE, 90)])
def test_evidence_lasts_as_long_as_its_kind_of_project_lets_it(tmp_path: Path, kind: int, holds: int) -> None:
    entry = date(2022, 1, 1).toordinal()
    for days, homeless in ((holds, True), (holds + 1, False)):
        asked = Asked(date(2021, 12, 1), date.fromordinal(entry + days))
        stay = _stay("1", kind, "2022-01-01", LivingSituation=STREET)
        came, went = _said(_flow(tmp_path / str(days), stay, asked=asked))
        assert (came, went) == ("first_time", "homeless" if homeless else "inactive")


@pytest.mark.parametrize(
    ("situation", "more", "counts"),
    [
        (STREET, {}, True),
        (TRANSITIONAL, {}, True),
        (HOSPITAL, {"LOSUnderThreshold": 1, "PreviousStreetESSH": 1}, True),
        (HOSPITAL, {"LOSUnderThreshold": 1, "PreviousStreetESSH": 0}, False),
        (RENTED, {"LOSUnderThreshold": 1, "PreviousStreetESSH": 1}, False),
        (None, {}, False),
    ],
)
def test_entering_coordinated_entry_is_evidence_for_who_was_homeless_before(
    tmp_path: Path, situation: int | None, more: dict[str, int], counts: bool
) -> None:
    said = _flow(tmp_path, _stay("1", CE, "2022-09-01", LivingSituation=situation, **more))
    assert said["period"]["people"] == counts


@pytest.mark.parametrize(
    ("kind", "people"),
    [(ES, 1), (NBN, 1), (TH, 1), (PSH, 1), (SO, 1), (8, 1), (SSO, 0), (CE, 0), (PREVENTION, 0)],
)
def test_entering_where_only_homeless_people_are_is_evidence(tmp_path: Path, kind: int, people: int) -> None:
    assert (
        _flow(tmp_path, _stay("1", kind, "2022-09-01", LivingSituation=RENTED))["period"]["people"] == people
    )


def test_a_living_situation_and_a_bed_night_are_evidence_while_the_stay_lasts(tmp_path: Path) -> None:
    seen: Rows = [
        {"EnrollmentID": "1", "InformationDate": day, "CurrentLivingSituation": where}
        for day, where in (("2022-02-10", STREET), ("2022-04-20", RENTED), ("2022-06-20", TRANSITIONAL))
    ]
    outreach = _stay("1", SO, "2020-01-01", "2022-07-05")
    said = _flow(tmp_path / "seen", outreach, CurrentLivingSituation=seen)
    assert _homeless(said) == ["22-02", "22-03", "22-06"]
    nights: Rows = [
        {"EnrollmentID": "1", "DateProvided": day, "RecordType": 200} for day in ("2022-02-20", "2022-03-08")
    ]
    said = _flow(tmp_path / "nights", _stay("1", NBN, "2020-01-01"), Services=nights)
    assert _homeless(said) == ["22-02"]
    assert _said(said) == ("first_time", "inactive")


def test_a_stay_that_was_closed_long_after_ends_where_it_led_to(tmp_path: Path) -> None:
    outreach = _stay("1", SO, "2022-01-05", "2022-08-05", to=RENTED)
    said = _flow(tmp_path, outreach)
    assert _said(said) == ("first_time", "exited_permanent")
    # In March nobody knew.
    assert said["monthly"][5]["outflow_by"] == {
        "exited_permanent": 0, "exited_non_permanent": 0, "inactive": 1, "to_housed": 0,
    }  # fmt: skip


def test_the_stay_that_weighs_most_says_what_somebody_is(tmp_path: Path) -> None:
    stays = (
        _stay("ce", CE, "2022-09-01", LivingSituation=STREET),
        _stay("so", SO, "2022-09-01"),
        _stay("es", ES, "2022-09-01"),
        _stay("rrh", RRH, "2022-09-01"),
        _stay("psh", PSH, "2022-09-01", MoveInDate="2022-09-05"),
    )
    for many, chosen in enumerate(("ce", "so", "es", "rrh", "psh"), start=1):
        kept = stays[:many]
        kinds = [
            {"ProjectID": stay["ProjectID"], "ProjectType": int(stay["ProjectID"][1:])} for stay, _ in kept
        ]
        with tables.opened(tmp_path / chosen, Project=kinds, Enrollment=[stay for stay, _ in kept]) as core:
            figure = "outflow/housed" if chosen == "psh" else "outflow/homeless"
            (listed,) = records(FLOW, core, YEAR, figure)
        assert listed.enrollment_id == chosen


def test_what_lies_outside_of_operation_or_participation_is_left_out(tmp_path: Path) -> None:
    stay = _stay("1", ES, "2022-01-05", "2022-08-05", to=RENTED)
    took_part: dict[str, object] = {"ProjectID": "p0", "HMISParticipationType": 1}
    since: Rows = [took_part | {"HMISParticipationStatusStartDate": "2022-08-05"}]
    assert _said(_flow(tmp_path / "after", stay, HMISParticipation=since)) == ("", "")
    until: Rows = [
        took_part
        | {"HMISParticipationStatusStartDate": "2020-01-01", "HMISParticipationStatusEndDate": "2022-03-05"}
    ]
    said = _flow(tmp_path / "before", stay, HMISParticipation=until)
    assert _said(said) == ("first_time", "exited_non_permanent")
    assert _homeless(said) == ["22-01", "22-02"]
    closed: Rows = [{"ProjectID": "p0", "ProjectType": ES, "OperatingEndDate": "2022-01-05"}]
    assert _said(_flow(tmp_path / "closed", stay, Project=closed)) == ("", "")
    elsewhere: Rows = [{"ProjectID": "p0", "ProjectType": ES, "ContinuumProject": 0}]
    assert _said(_flow(tmp_path / "elsewhere", stay, Project=elsewhere)) == ("", "")


def test_who_enters_and_leaves_on_one_day_was_not_there(tmp_path: Path) -> None:
    assert _said(_flow(tmp_path, _stay("1", ES, "2022-01-05", "2022-01-05"))) == ("", "")


def test_a_victim_service_provider_is_not_in_the_flow(tmp_path: Path) -> None:
    said = _flow(
        tmp_path,
        _stay("1", ES, "2022-01-05"),
        Organization=[{"OrganizationID": "o1", "VictimServiceProvider": 1}],
    )
    assert said["period"]["people"] == 0


def test_the_year_ends_with_the_last_full_month_of_an_export() -> None:
    assert last_full_year(date(2022, 9, 30)) == (date(2021, 10, 1), date(2022, 9, 30))
    assert last_full_year(date(2022, 10, 14)) == (date(2021, 10, 1), date(2022, 9, 30))
    assert last_full_year(date(2024, 3, 1)) == (date(2023, 3, 1), date(2024, 2, 29))
