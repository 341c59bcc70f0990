"""`onset log show` says which device rolled and cut a take, of a person nothing, and what its timecode carried."""

from __future__ import annotations

import json
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import create_log
from onset.capture.bus import Publisher
from onset.capture.signals import TimecodeNow
from onset.cli.find import load_config, open_logbook
from onset.cli.main import main
from onset.cli.moment import Moments
from onset.clock import SystemClock
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.logging_db.support import a_clock
from tests.onset.capture.test_bus import wait_for


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


def test_user_bits_of_the_master_do_not_reach_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the slot that the mixer's worker publishes to what the log shows."""
    create_log(tmp_path, title="Harbour", rate="25")
    (tmp_path / "config.toml").write_text(
        '[production]\ntitle = "Harbour"\nrate = "25"\n[capture]\ntimecode = ["MIX.ltc", "clock"]\n'
    )
    clock = SystemClock()
    with (
        tempfile.TemporaryDirectory(prefix="ob") as bus,  # a socket's path must be short
        closing(Publisher(Path(bus))) as mixer,
        closing(Moments(Path(bus), load_config(tmp_path), clock)) as moments,
        closing(open_logbook(tmp_path)) as log,
    ):
        take = log.roll(moments.now(), change=Next(slate="1"))
        assert (take.tc_source, take.user_bits) == ("clock", None), "nothing is heard yet"
        log.cut(take.id, moments.now())

        def heard() -> bool:
            now_ns = clock.monotonic_ns()
            mixer.publish(TimecodeNow(source="MIX.ltc", frames=900_000, rate="25", mono_ns=now_ns, user="26112601"))
            return moments.now().tc_source == "MIX.ltc"

        wait_for(heard)
        take = log.roll(moments.now())
        assert (take.tc_source, take.user_bits) == ("MIX.ltc", "26112601")
    assert main(["-p", str(tmp_path), "log", "show", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["take"]["user_bits"] == "26112601"
    assert main(["-p", str(tmp_path), "log", "show", "last"]) == 0
    assert "user bits 26112601" in capsys.readouterr().out
