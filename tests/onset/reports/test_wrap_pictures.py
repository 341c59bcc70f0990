"""Small pictures on paper: of circled takes that were recorded here, and never a reason for a report not to be made."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from onset.cli.report import _small
from onset.domain.camera import Angle, Clip
from onset.domain.take import Kind, State, Status, Take
from onset.reports.wrap_pictures import pictured, pictures_section

CLIP = Clip(
    id="c", name="42C-3_A.mov", path="media/day01/42C-3_A.mov", camera="A", tc_in=None, tc_source=None, rate="25",
    duration_frames=250,
)  # fmt: skip
TAKE = Take(
    id="a" * 32, unit="Main", day=1, episode=None, scene="42", slate="42C\x1b", take="3", ordinal=3, arrival=1,
    state=State.CUT, rate="25", rolled_ns=1, duration_frames=1175, tc_in="10:00:00:00", status=Status.CIRCLED,
    angles=(Angle(camera="A", clips=(CLIP,)),),
)  # fmt: skip
START, MIDDLE = (f"media/day01/thumbs/42C-3_A_{where}.jpg" for where in ("start", "middle"))


def test_middle_of_a_circled_take_is_shown_and_of_no_other() -> None:
    (line,) = pictured([replace(TAKE, status=Status.NG), TAKE], {START: b"start", MIDDLE: b"middle"}.get)
    assert (line.take, line.timing, line.camera, line.picture) == ("42C\\x1b/3", "~0:47", "A", b"middle")
    assert pictured([TAKE], {START: b"start"}.get)[0].picture == b"start"
    wild, pickup = pictured([replace(TAKE, kind=Kind.WILD_TRACK), replace(TAKE, kind=Kind.PICKUP)], lambda _: None)
    assert (wild.take, pickup.take) == ("42C\\x1b/3, wild track", "42C\\x1b/3"), "the head counts one circled take"
    section = pictures_section([line])
    assert (section.title, section.picture(0)) == ("Circled takes (1)", b"middle")


def test_day_without_small_pictures_has_room_for_them() -> None:
    section = pictures_section(pictured([TAKE], lambda _: None))
    assert [column.heading for column in section.columns] == ["Take", "Scene", "Timing", "Start"]
    assert (section.pictures, len(section.rows)) == ((), 1)


def a_jpeg(width: int) -> bytes:
    made = BytesIO()
    Image.new("RGB", (width, 20)).save(made, "JPEG")
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", a_jpeg(32)[:-40], a_jpeg(4000), b"\xff\xd8\xff" + bytes(100) + b"\xff\xd9"],
    ids=["empty", "text", "cut off", "far too wide", "only its ends"],
)
def test_file_that_is_no_small_picture_stops_the_report(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(content)
    assert _small(tmp_path / "x.jpg") is None
    assert _small(tmp_path / "none.jpg") is None
    (tmp_path / "good.jpg").write_bytes(a_jpeg(320))
    assert _small(tmp_path / "good.jpg") == a_jpeg(320)
