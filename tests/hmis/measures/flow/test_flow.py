"""Each rule of flow by itself: what evidence is, how long it lasts, and what coming and going is called."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hmis.measures.answering import answer, records
from hmis.measures.asked import Asked
from hmis.measures.flow.flow import FLOW
from hmis.measures.months import last_full_year
from tests.hmis.measures import tables

YEAR = Asked(date(2021, 10, 1), date(2022, 9, 30))
ES, NBN, TH, PSH, SO, SSO, PREVENTION, RRH, CE = 0, 1, 2, 3, 4, 6, 12, 13, 14
STREET, TRANSITIONAL, HOSPITAL, RENTED, FRIENDS = 116, 302, 206, 410, 312
Rows = list[dict[str, object]]


def _stay(
    key: str,
    kind: int,
    entry: str,
    left: str | None = None,
    to: int = FRIENDS,
    who: str = "A",
    **more: object,
) -> Any:
    """A stay of somebody in a project of some kind, and its exit."""
    stay = {"EnrollmentID": key, "PersonalID": who, "ProjectID": f"p{kind}", "EntryDate": entry, **more}
    return stay, left and {"EnrollmentID": key, "ExitDate": left, "Destination": to}


def _rows(*stays: Any) -> dict[str, Rows]:
    kinds = {stay["ProjectID"]: int(stay["ProjectID"][1:]) for stay, _ in stays}
    return {
        "Project": [{"ProjectID": key, "ProjectType": kind} for key, kind in kinds.items()],
        "Enrollment": [stay for stay, _ in stays],
        "Exit": [left for _, left in stays if left],
    }


def _flow(folder: Path, *stays: Any, asked: Asked = YEAR, **more: Rows) -> dict[str, Any]:
    with tables.opened(folder, **_rows(*stays) | more) as core:
        return answer(FLOW, core, asked)


def _each(folder: Path, *stays: Any, asked: Asked = YEAR) -> dict[str, tuple[str, str]]:
    """How each person came and how they went, by their id; who is not in the flow is not in it."""
    with tables.opened(folder, **_rows(*stays)) as core:
        members = FLOW.members(core, asked)
        named = members.join(core.client.select("person", "personal_id"), "person")
        rows = named.select("personal_id", "figure").to_pyarrow().to_pylist()
    told = {(row["personal_id"], *row["figure"].split("/")) for row in rows}
    flows = {
        (who, way): name for who, way, name, *more in told if not more and way != "monthly" and name != "all"
    }
    return {who: (flows[who, "inflow"], flows[who, "outflow"]) for who, _ in flows}


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


def test_who_leaves_on_the_first_day_was_there_and_who_leaves_on_the_last_has_left(tmp_path: Path) -> None:
    assert _each(
        tmp_path,
        _stay("1", ES, "2021-09-01", "2021-10-01", who="first"),
        _stay("2", ES, "2022-09-01", "2022-09-30", to=RENTED, who="last"),
    ) == {"first": ("homeless", "exited_non_permanent"), "last": ("first_time", "exited_permanent")}


def test_who_moved_in_before_is_housed_and_who_moves_in_that_day_is_homeless(tmp_path: Path) -> None:
    assert _each(
        tmp_path,
        _stay("1", RRH, "2021-09-01", MoveInDate="2021-09-30", who="before"),
        _stay("2", RRH, "2021-09-01", MoveInDate="2021-10-01", who="on it"),
        _stay("3", PSH, "2021-09-01", MoveInDate="2022-09-30", who="on the last"),
    ) == {
        "before": ("housed", "housed"),
        "on it": ("homeless", "housed"),
        "on the last": ("homeless", "homeless"),
    }


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


def test_the_last_exit_says_how_somebody_comes(tmp_path: Path) -> None:
    cases = {
        "731 days": ("2020-01-11", RENTED, "first_time"),
        "730 days": ("2020-01-12", RENTED, "returned_from_permanent"),
        "730 days, to friends": ("2020-01-12", FRIENDS, "re_engaged_from_non_permanent"),
        "15 days": ("2021-12-27", RENTED, "returned_from_permanent"),
        "15 days, to any 400": ("2021-12-27", 499, "returned_from_permanent"),
        "15 days, nobody knows where": ("2021-12-27", 99, "re_engaged_from_non_permanent"),
        "14 days": ("2021-12-28", RENTED, "homeless"),
    }
    stays = [
        stay
        for who, (left, to, _) in cases.items()
        for stay in (
            _stay(f"{who} before", ES, "2019-12-01", left, to=to, who=who),
            _stay(f"{who} now", ES, "2022-01-11", who=who),
        )
    ]
    told = _each(tmp_path, *stays, asked=Asked(date(2022, 1, 1), date(2022, 9, 30)))
    assert told == {who: (came, "homeless") for who, (*_, came) in cases.items()}


def test_an_exit_from_a_stay_whose_evidence_had_run_out_is_the_last_exit(tmp_path: Path) -> None:
    told = _each(
        tmp_path,
        _stay("1", CE, "2021-01-01", "2022-01-20", to=RENTED, LivingSituation=STREET, who="long after"),
        _stay("2", ES, "2022-03-01", who="long after"),
        _stay("3", ES, "2021-01-01", "2021-02-01", to=RENTED, who="seen since"),
        _stay("4", SO, "2021-05-01", who="seen since"),
        _stay("5", ES, "2022-03-01", who="seen since"),
    )
    assert told == {
        "long after": ("returned_from_permanent", "homeless"),
        "seen since": ("re_engaged_from_non_permanent", "homeless"),
    }


def test_a_gap_of_fourteen_days_is_none(tmp_path: Path) -> None:
    said = _flow(
        tmp_path,
        _stay("1", ES, "2021-12-01", "2022-01-25", to=RENTED, who="14"),
        _stay("2", ES, "2022-02-08", who="14"),
        _stay("3", ES, "2021-12-01", "2022-01-25", to=RENTED, who="15"),
        _stay("4", ES, "2022-02-09", who="15"),
    )
    december, january, february = said["monthly"][2:5]
    assert [month["homeless_at_end"] for month in (december, january, february)] == [2, 1, 2]
    assert (january["inflow"], january["outflow_by"]["exited_permanent"]) == (0, 1)
    assert (february["inflow_by"]["returned_from_permanent"], february["outflow"]) == (1, 0)


def test_an_exit_is_none_when_somebody_is_back_within_fourteen_days_of_the_end(tmp_path: Path) -> None:
    told = _each(
        tmp_path,
        _stay("1", ES, "2021-12-01", "2022-09-29", to=RENTED, who="back"),
        _stay("2", ES, "2022-10-13", who="back"),
        _stay("3", ES, "2021-12-01", "2022-09-29", to=RENTED, who="away"),
        _stay("4", ES, "2022-10-14", who="away"),
    )
    assert told == {"back": ("first_time", "homeless"), "away": ("first_time", "exited_permanent")}


def test_evidence_lasts_as_long_as_its_kind_of_project_lets_it(tmp_path: Path) -> None:
    lasts = {NBN: 15, SO: 60, SSO: 60, 7: 60, 11: 60, CE: 90}
    stays = [
        _stay(who, kind, (YEAR.end - timedelta(days=days)).isoformat(), LivingSituation=STREET, who=who)
        for kind, holds in lasts.items()
        for who, days in ((f"{kind} holds", holds), (f"{kind} does not", holds + 1))
    ]
    told = _each(tmp_path, *stays)
    assert told == {f"{kind} holds": ("first_time", "homeless") for kind in lasts} | {
        f"{kind} does not": ("first_time", "inactive") for kind in lasts
    }


def test_entering_coordinated_entry_is_evidence_for_who_was_homeless_before(tmp_path: Path) -> None:
    from_street = {"LOSUnderThreshold": 1, "PreviousStreetESSH": 1}
    cases: dict[str, dict[str, object]] = {
        "street": {"LivingSituation": STREET},
        "transitional housing": {"LivingSituation": TRANSITIONAL},
        "hospital, and the street before": {"LivingSituation": HOSPITAL, **from_street},
        "hospital": {"LivingSituation": HOSPITAL, **from_street, "PreviousStreetESSH": 0},
        "a home, and the street before": {"LivingSituation": RENTED, **from_street},
        "nothing said": {},
    }
    told = _each(tmp_path, *(_stay(who, CE, "2022-09-01", who=who, **more) for who, more in cases.items()))
    assert set(told) == {"street", "transitional housing", "hospital, and the street before"}


def test_entering_where_only_homeless_people_are_is_evidence(tmp_path: Path) -> None:
    kinds = (ES, NBN, TH, PSH, SO, 8, 9, 10, RRH, SSO, 7, 11, CE, PREVENTION)
    told = _each(
        tmp_path,
        *(_stay(f"{kind}", kind, "2022-09-01", who=str(kind), LivingSituation=RENTED) for kind in kinds),
    )
    assert set(told) == {str(kind) for kind in (ES, NBN, TH, PSH, SO, 8, 9, 10, RRH)}


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
