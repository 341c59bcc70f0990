"""Camera reports of several hands: headings differ, cells are left empty, clips are written short."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.camera.report import ReadReport, read_camera_report
from onset.errors import ReportError
from onset.timecode import rate


def read(path: Path, text: str, camera: str = "", columns: dict[str, str] | None = None) -> ReadReport:
    path = path / "camera.csv"
    path.write_text(text)
    return read_camera_report(path, unit="Main", day=2, camera=camera, rate=rate("25"), columns=columns)


def test_slate_and_roll_that_are_written_once(tmp_path: Path) -> None:
    text = "Roll,Slate,Take,Clip,Print\nA014,42C,1,C001,\n,,2,C002,x\n,43,1,C003,\n"
    found = read(tmp_path, text, camera="A").claims
    assert [(one.roll, one.slate, one.take, one.clip) for one in found] == [
        ("A014", "42C", "1", "C001"),
        ("A014", "42C", "2", "C002"),
        ("A014", "43", "1", "C003"),
    ]
    assert [one.circled for one in found] == [False, True, False]
    assert {one.device for one in found} == {"A"}


def test_the_head_of_a_report_counts_for_its_rows(tmp_path: Path) -> None:
    text = "Title:,Harbour,Date:,29.05.2026\nCamera:,B,Roll:,B007\n\nSlate,Take,Clip\n42C,1,C001\n42C,2,C002\n"
    found = read(tmp_path, text)
    assert {(one.device, one.roll) for one in found.claims} == {("B", "B007")}
    assert set(found.dates) == {"2026-05-29"}


def test_scene_and_shot_make_the_slate(tmp_path: Path) -> None:
    found = read(tmp_path, "Scene,Shot,Take,File Name\n42,C,3,B007C012_260930_R1AB\n").claims[0]
    assert (found.slate, found.take, found.device) == ("42C", "3", "B")


def test_the_camera_is_told_by_clip_or_roll_and_never_invented(tmp_path: Path) -> None:
    text = "Slate,Take,Clip,Roll,Camera\n1,1,A014C001,,\n1,3,C0012,,\n1,4,A014C002,,C\n1,2,,B003,\n"
    assert [one.device for one in read(tmp_path, text).claims] == ["A", "", "C", "B"]


def test_a_report_without_takes_and_clips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="has no row of headings"):
        read(tmp_path, "Lens,Stop\n35,2.8\n")
    with pytest.raises(ReportError, match="names no take and no clip"):
        read(tmp_path, "Slate,Take,Clip\n42C,,\n")
