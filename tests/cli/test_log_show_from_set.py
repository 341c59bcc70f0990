"""`onset log show` says which device rolled and cut a take; of a person it says nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import create_log
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.logging_db.support import a_clock


@pytest.mark.parametrize(("rolled_by", "cut_by"), [("DECK", ""), ("DECK", "TAPE"), ("", "")])
def test_nobody_sees_that_a_deck_rolled_the_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rolled_by: str, cut_by: str
) -> None:
    clock = a_clock()
    create_log(tmp_path, title="Harbour", rate="25", clock=clock)
    with closing(open_logbook(tmp_path)) as log:
        take = log.roll(Stamp(wall_ns=clock.wall_ns(), mono_ns=1), change=Next(slate="1"), by=rolled_by)
        log.cut(take.id, Stamp(wall_ns=clock.wall_ns() + 1_000_000_000, mono_ns=2), by=cut_by)
    assert main(["-p", str(tmp_path), "log", "show", "last"]) == 0
    shown = capsys.readouterr().out
    assert ("rolled by DECK" in shown, "cut by TAPE" in shown) == (bool(rolled_by), bool(cut_by))
    assert ("by" in shown.split()) == bool(rolled_by or cut_by)
