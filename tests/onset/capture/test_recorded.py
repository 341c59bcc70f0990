"""Media that is not where the log says: a disk that is not mounted must cost no name and no length."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from onset.capture import session
from onset.capture.bus import run_folder
from onset.capture.signals import Roll
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import State
from tests.onset.capture.pretend import OnSet, an_onset, both_live, closed, opened
from tests.onset.capture.test_leftovers import CLOSED, CUT_OFF, closed_set, later, logged, open_clip

__all__ = ["closed_set"]


def whats(on_set: OnSet) -> list[str]:
    return [event.what for event in on_set.log.events if event.device == "capture"]


def look_around(on_set: OnSet) -> None:
    for _ in range(100):
        on_set.turn()


def test_media_folder_of_a_log_with_recordings_is_missing_and_not_made_again(closed_set: OnSet, tmp_path: Path) -> None:
    logged(closed_set, open_clip())
    shutil.rmtree(tmp_path / "media")
    closed_set.session.open()
    look_around(closed_set)
    assert not (tmp_path / "media").exists()
    assert whats(closed_set) == ["media missing"]
    assert sum("Is its disk mounted?" in sentence for sentence in closed_set.told) == 1
    (tmp_path / "media" / "day01").mkdir(parents=True)
    look_around(closed_set)
    (missing,) = closed_set.log.events
    assert (missing.what, missing.stands) == ("media missing", False)
    assert "is there again" in missing.detail


def test_a_media_disk_that_does_not_answer_holds_up_a_roll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_DISK_S", 0.01)  # a start waits a moment
    asked: list[Callable[[], None]] = []
    set_up = an_onset(tmp_path, run_folder("a disk that hangs"), begin=asked.append)
    logged(set_up, open_clip())
    (tmp_path / "media" / "day01").mkdir(parents=True)
    set_up.session.open()
    both_live(set_up)
    look_around(set_up)
    assert whats(set_up) == [], "it may only be waking up"
    set_up.clock.advance(6)
    take = set_up.log.rolls()
    look_around(set_up)
    assert set_up.orders("A") == ["Roll"]
    set_up.log.cuts(take)
    look_around(set_up)
    assert set_up.orders("A") == ["Roll", "Cut"]
    (missing,) = set_up.log.events
    assert (missing.what, missing.stands) == ("media missing", True)
    assert "its disk does not answer" in missing.detail
    assert len(asked) == 3, "what lies there, the folder, what was left open: once each while no answer comes"
    for job in asked:
        job()
    set_up.turn()
    assert set_up.log.closed == {}, "seen once, it may still be written to"
    look_around(set_up)
    assert [event.stands for event in set_up.log.events] == [False]
    set_up.session.close()
    set_up.box.close()


def test_media_folder_of_a_new_production_is_made(closed_set: OnSet, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "media")
    closed_set.session.open()
    closed_set.turn()
    assert (tmp_path / "media").is_dir()
    assert whats(closed_set) == []


def test_media_disk_is_pulled_during_the_day(closed_set: OnSet, tmp_path: Path) -> None:
    closed_set.session.open()
    both_live(closed_set)
    take = closed_set.log.rolls()
    closed_set.turn()
    closed_set.says("A", opened(closed_set, take))
    (tmp_path / "media").rename(tmp_path / "pulled")
    look_around(closed_set)
    assert not (tmp_path / "media").exists()
    assert whats(closed_set) == ["media missing"]


def test_mount_point_without_its_disk_is_said(closed_set: OnSet, tmp_path: Path) -> None:
    logged(closed_set, open_clip())
    (tmp_path / "media" / "day01").rmdir()
    closed_set.session.open()
    closed_set.turn()
    assert whats(closed_set) == ["media empty"]


def test_names_that_the_log_has_are_never_given_again(closed_set: OnSet) -> None:
    """Deleted takes and those of other slates too: a take may have been renamed since."""
    logged(closed_set, open_clip("42C-3_A.mov"))
    again = replace(closed_set.log.on_paper[next(iter(closed_set.log.on_paper))], deleted=True)
    closed_set.log.on_paper[again.id] = again
    closed_set.session.open()
    both_live(closed_set)
    first = closed_set.log.rolls("42D", 1)
    closed_set.turn()
    closed_set.says("A", opened(closed_set, first, "day01/42D-1_A.mov"))
    closed_set.log.cuts(first)
    closed_set.log.rolls("42D", 2)
    closed_set.turn()
    taken = [order.slated.taken for order in closed_set.line("A").orders if isinstance(order, Roll)]
    assert taken == [["day01/42C-3_A.mov"], ["day01/42C-3_A.mov", "day01/42D-1_A.mov"]]
    of_sound = [order.slated.taken for order in closed_set.line("MIX").orders if isinstance(order, Roll)]
    assert of_sound == [[], []]


def test_what_tracks_had_today_is_forgotten_with_the_service_that_heard_it(closed_set: OnSet) -> None:
    """Yesterday's files and another mixer's say nothing."""
    files = [
        heard("MIX", "media/day01/1.wav", -40.0, -190.0),
        heard("MIX", "media/day01/2.wav", -30.0, -80.0),
        heard("MIX", "media/day00/1.wav", -1.0, -1.0),
        heard("MIX2", "media/day01/1_2.wav", -1.0, -1.0),
    ]
    closed_set.log.rolls(fields={"sound": (SoundTake(device="MIX", files=tuple(files)),), "state": State.CUT})
    closed_set.session.open()
    both_live(closed_set)
    first = closed_set.log.rolls("42D", 1)
    closed_set.turn()
    closed_set.log.cuts(first)
    clip = closed(closed_set, first, "day01/42D-1_MIX.wav")
    sounding = {"device": "MIX", "medium": "sound", "tracks": ["boom", "lav"], "peak_db": [-50.0, -12.0]}
    closed_set.says("MIX", msgspec.structs.replace(clip, **sounding))
    closed_set.log.rolls("42D", 2)
    closed_set.turn()
    told = [order.slated.peaks for order in closed_set.line("MIX").orders if isinstance(order, Roll)]
    assert told == [{"boom": -30.0, "lav": -80.0}, {"boom": -30.0, "lav": -12.0}]
    assert [order.slated.peaks for order in closed_set.line("A").orders if isinstance(order, Roll)] == [{}, {}]


def heard(device: str, path: str, *peaks_db: float) -> SoundFile:
    return SoundFile(
        id=path,
        name=path.rpartition("/")[2],
        path=path,
        device=device,
        tc_in=None,
        tc_source=None,
        rate="25",
        duration_frames=250,
        tracks=("boom", "lav"),
        peak_db=peaks_db,
        rms_db=peaks_db,
    )


def test_leftover_is_never_measured_from_a_file_that_this_service_records(closed_set: OnSet, tmp_path: Path) -> None:
    clip = open_clip("42C-3_A.mov")
    take = logged(closed_set, clip)
    closed_set.session.open()
    later(closed_set, 3)
    assert closed_set.log.closed == {"c1": CUT_OFF}
    closed_set.log.put(replace(take, id="other", state=State.ROLLING, angles=()))
    both_live(closed_set)
    (tmp_path / clip.path).write_bytes(b"another recording of the same name")
    closed_set.says("A", opened(closed_set, replace(take, id="other"), "day01/42C-3_A.mov"))
    later(closed_set, 3)
    assert closed_set.log.closed == {"c1": CUT_OFF} != {"c1": CLOSED}


def test_recording_that_never_reached_the_log_is_said_once_for_good(closed_set: OnSet, tmp_path: Path) -> None:
    logged(closed_set, open_clip("1.mov"))
    for name in ("1.mov", "2.mov", "2.wav", "Thumbs.db"):
        (tmp_path / "media" / "day01" / name).write_bytes(b"x")
    (tmp_path / "media" / "stills").mkdir()
    (tmp_path / "media" / "stills" / "3.mov").write_bytes(b"x")
    closed_set.session.open()
    both_live(closed_set)
    found = [event.detail for event in closed_set.log.events if event.what == "recording without a log entry"]
    day = tmp_path / "media" / "day01"
    assert found == [f"Recording without a log entry: {day / name}." for name in ("2.mov", "2.wav")]
    again = an_onset(tmp_path, run_folder("leftovers, the next time"), log=closed_set.log)
    again.session.open()
    again.turn()
    assert len(again.log.events) == 2, "every start would say it again"
    assert f"Recording without a log entry: {day / '2.mov'}." in again.told
    again.session.close()
    again.box.close()
