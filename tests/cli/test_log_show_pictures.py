"""`onset log show` names the small pictures of a clip that are there, and none that is not; and what a clip lacks."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import create_log
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.domain.camera import Clip, LinkState
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from onset.media import thumbnails
from tests.logging_db.support import a_clock


def test_small_pictures_that_are_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = a_clock()
    create_log(tmp_path, title="Harbour", rate="25", clock=clock)
    clip = Clip(
        id="", name="1-1_A.mov", path="media/day01/1-1_A.mov", camera="A", tc_in=None, tc_source=None, rate="25",
        duration_frames=None,
    )  # fmt: skip
    with closing(open_logbook(tmp_path)) as log:
        take = log.roll(Stamp(wall_ns=clock.wall_ns(), mono_ns=1), change=Next(slate="1"))
        clip_id = log.clip_opened(take.id, clip)
    start, _, end = thumbnails(clip.path)
    (tmp_path / start).parent.mkdir(parents=True)
    for path in (start, end):
        (tmp_path / path).write_bytes(b"jpeg")
    assert main(["-p", str(tmp_path), "log", "show", "last"]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[-1] for line in shown.splitlines() if ".jpg" in line] == [start, end]
    assert main(["-p", str(tmp_path), "log", "show", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["thumbnails"] == {clip_id: [start, end]}


def test_pictures_are_made_of_a_clip_that_is_not_closed_or_while_a_take_rolls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = a_clock()
    create_log(tmp_path, title="Harbour", rate="25", clock=clock)
    clip = Clip(
        id="", name="1-1_A.mov", path="1-1_A.mov", camera="A", tc_in=None, tc_source=None, rate="25",
        duration_frames=None,
    )  # fmt: skip
    (tmp_path / clip.path).write_bytes(b"no picture\x1b[2J")
    make = ["-p", str(tmp_path), "media", "pictures", "last"]
    with closing(open_logbook(tmp_path)) as log:
        take = log.roll(Stamp(wall_ns=clock.wall_ns(), mono_ns=1), change=Next(slate="1"))
        clip_id = log.clip_opened(take.id, clip)
        assert main(make) == 0
        assert capsys.readouterr().out == "No clip that is here is without its pictures.\n"
        log.clip_closed(clip_id, duration_frames=25, dropped=0, interrupted=False)
        assert main(make) == 1
        assert "A take rolls" in capsys.readouterr().err
        log.cut(take.id, Stamp(wall_ns=clock.wall_ns() + 1, mono_ns=2))
        assert main(make) == 1
        assert "none: " in (told := capsys.readouterr().out)
        assert "\x1b" not in told


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ({"duration_frames": 195, "dropped": 0, "interrupted": False}, "195 frames, confirmed"),
        ({"duration_frames": 195, "dropped": 3, "interrupted": True}, "195 frames, 3 lost (cut off), confirmed"),
        ({"duration_frames": None, "dropped": 0, "interrupted": True}, "cut off, length not known, confirmed"),
    ],
)
def test_a_clip_that_was_cut_off_looks_like_a_whole_one(
    closed: dict[str, Any], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = a_clock()
    create_log(tmp_path, title="Harbour", rate="25", clock=clock)
    clip = Clip(
        id="", name="1-1_A.mov", path="media/day01/1-1_A.mov", camera="A", tc_in=None, tc_source=None, rate="25",
        duration_frames=None, link=LinkState.CONFIRMED,
    )  # fmt: skip
    with closing(open_logbook(tmp_path)) as log:
        take = log.roll(Stamp(wall_ns=clock.wall_ns(), mono_ns=1), change=Next(slate="1"))
        log.clip_closed(log.clip_opened(take.id, clip), **closed)
    assert main(["-p", str(tmp_path), "log", "show", "last"]) == 0
    assert expected in capsys.readouterr().out
