"""What every command begins with."""

from __future__ import annotations

import gc

from gateway import command


def test_garbage_is_looked_for_again_when_a_server_has_started_but_not_in_what_stays() -> None:
    command.begin()
    during = gc.isenabled()
    frozen = gc.get_freeze_count()
    try:
        command.begun()
        assert (during, gc.isenabled()) == (False, True)
        assert gc.get_freeze_count() > frozen + 10_000
    finally:
        gc.enable()
        gc.unfreeze()
