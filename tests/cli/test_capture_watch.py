"""Trouble from the device to every face: the service, the log, the command line; from its beginning to its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from onset.capture.asks import Status
from onset.capture.signals import AlarmNow
from onset.cli.capture import start_service
from onset.cli.devices_watch import _Documents, _Lines
from onset.domain.camera import LinkState
from onset.logbook.terms import Event, Next
from onset.media import thumbnails
from tests.onset.capture.service import (
    CAMERA,
    MIXER,
    all_live,
    end_service,
    lengths,
    make_production,
    now,
    onset,
    seat,
    wait_for,
)

QUICK = 'watch = { black = "300 ms", missing = "300 ms" }\n'


def test_black_and_a_plug_that_is_out_are_alarms_of_their_take_until_they_are_over(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA + QUICK + MIXER + QUICK)
    start_service(production)
    try:
        wait_for(lambda: all_live(production), "the devices never came live")
        with closing(seat(production)) as log:
            take = log.roll(now(), change=Next(slate="42C", cameras={"A": True}))
            wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
            assert onset(production, "devices", "fault", "A", "black", "seconds=1.5").returncode == 0
            assert onset(production, "devices", "fault", "MIX", "missing", "track=lav", "seconds=1.5").returncode == 0

            def of(what: str) -> Event | None:
                return next((event for event in log.events(take_id=take.id) if event.what == what), None)

            def over(what: str) -> Callable[[], bool]:
                return lambda: (event := of(what)) is not None and event.passed

            wait_for(lambda: of("black") is not None, "black was not told")
            assert onset(production, "devices", "still", "A").returncode == 0
            for what in ("black", "missing lav"):
                wait_for(over(what), f"{what} did not end")
            black = of("black")
            assert black is not None
            assert black.cleared_ns is not None
            assert 1.0 < (black.cleared_ns - black.wall_ns) / 1e9 < 2.0, "from the first black frame to the last"
            assert (black.device, black.alarm, black.detail) == ("A", True, "A: the picture is black.")
            log.cut(take.id, now())
            wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clips were never closed")
            done = log.take(take.id)
        assert done is not None
        assert [(still.state, still.camera) for still in done.stills] == [(LinkState.CONFIRMED, "A")]
        assert (production / done.stills[0].path).is_file()
        (file,) = done.sound[0].files
        assert len(file.peak_db) == len(file.rms_db) == 3
        (clip,) = done.angles[0].clips
        wait_for(lambda: all((production / path).is_file() for path in thumbnails(clip.path)), "no small pictures")
        document = json.loads(onset(production, "devices", "--json").stdout)
        assert document["alarms"] == []
    finally:
        end_service(production)


def test_alarm_that_stands_is_missing_from_the_list_or_told_again_and_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def status(*alarms: AlarmNow) -> Status:
        return Status(pid=1, started_ns=0, devices=[], rolling=[], seats=[], alarms=list(alarms))

    black = AlarmNow(device="A", what="black", detail="A: black\x1b[2J.", since_ns=1_780_000_000_000_000_000)
    for view in (_Lines(), _Documents()):
        for now_ns in range(3):
            view.show([], status(black), [], now_ns)
        view.show([], status(), [], 5)
    began, over, first, last = capsys.readouterr().out.splitlines()
    assert began.endswith("ALARM A: black\\x1b[2J.")
    assert over.endswith("over  A: black\\x1b[2J.")
    assert [json.loads(line)["alarm"]["over"] for line in (first, last)] == [False, True]
    assert json.loads(first)["alarm"]["from"] == "2026-05-28T20:26:40.000Z"
