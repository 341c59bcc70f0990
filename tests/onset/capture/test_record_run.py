"""The folder of a recording without a log: one that was killed is found by the next start, one that records never."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.capture.record_run import RecordRun, begin_run
from onset.errors import CaptureError


def killed(run: RecordRun) -> None:
    """What the system does with a process' locks; nothing else happens."""
    run._listed.close()


def test_the_folder_of_a_killed_recording_stays_for_ever(tmp_path: Path) -> None:
    run, left = begin_run(tmp_path)
    assert left == []
    films = [tmp_path / "a film.mov", tmp_path / "two\nlines \udcff.wav"]
    for film in films:
        run.records(film)
    (run.folder / "A.picture").touch()
    other, left = begin_run(tmp_path)
    assert left == [], "it records"
    other.end()
    killed(run)
    third, left = begin_run(tmp_path)
    assert [(each.folder, list(each.files)) for each in left] == [(run.folder, films)]
    left[0].clear()
    third.end()
    assert [path.name for path in tmp_path.iterdir()] == ["record.lock"]


def test_a_recording_killed_before_its_list_or_within_a_line_stops_the_next(tmp_path: Path) -> None:
    (tmp_path / "record-early").mkdir()
    run, _ = begin_run(tmp_path)
    run.records(tmp_path / "a.mov")
    run._listed.write("2f6")
    killed(run)
    third, left = begin_run(tmp_path)
    assert {each.folder.name: list(each.files) for each in left} == {
        "record-early": [], run.folder.name: [tmp_path / "a.mov"],
    }  # fmt: skip
    third.end()


def test_a_place_that_cannot_be_written_is_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"nowhere cannot hold the sockets of a recording: No such file"):
        begin_run(tmp_path / "nowhere")
