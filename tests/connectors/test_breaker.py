"""The breaker, on a clock of our own."""

from __future__ import annotations

from connectors.breaker import Breaker
from tests.connectors.partners import Clock


def _fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        ticket = breaker.admit()
        assert ticket == "call"
        breaker.report(ticket, False)


def test_five_failures_within_half_a_minute_open_it() -> None:
    breaker = Breaker(Clock())

    _fail(breaker, 4)
    assert breaker.position == "CLOSED"
    _fail(breaker, 1)

    assert breaker.position == "OPEN"
    assert breaker.admit() is None


def test_failures_spread_over_more_than_half_a_minute_do_not_open_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)

    for _ in range(10):
        _fail(breaker, 1)
        clock.now += 8

    assert breaker.position == "CLOSED"


def test_after_the_pause_one_probe_goes_through_and_its_success_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    _fail(breaker, 5)

    clock.now += 9.9
    assert breaker.admit() is None
    clock.now += 0.2
    assert breaker.admit() == "probe"
    assert breaker.admit() is None

    breaker.report("probe", True)
    assert breaker.admit() == "call"
    _fail(breaker, 4)
    assert breaker.position == "CLOSED"


def test_a_failed_probe_opens_it_for_another_pause() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    _fail(breaker, 5)
    clock.now += 10
    assert breaker.admit() == "probe"

    breaker.report("probe", False)

    clock.now += 9
    assert breaker.admit() is None
    clock.now += 1
    assert breaker.admit() == "probe"


def test_a_probe_that_was_called_off_leaves_the_place_to_another() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    _fail(breaker, 5)
    clock.now += 10
    assert breaker.admit() == "probe"

    breaker.report("probe", None)

    assert breaker.admit() == "probe"


def test_a_straggler_from_before_does_not_speak_for_the_probe() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    straggler = breaker.admit()
    _fail(breaker, 5)
    clock.now += 10
    assert breaker.admit() == "probe"

    assert straggler == "call"
    breaker.report(straggler, True)

    assert breaker.position == "HALF_OPEN"
    assert breaker.admit() is None
