"""What a killed service left open: measured by its own file, once that is there, whole and at rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from onset.capture.bus import run_folder
from onset.domain.camera import Angle, Clip, LinkState
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import State, Take
from tests.onset.capture.pretend import DAMAGED, OnSet, an_onset

CLOSED = {"duration_frames": 77, "dropped": 0, "interrupted": True}
CUT_OFF = {"duration_frames": None, "dropped": 0, "interrupted": True}


def open_clip(name: str = "1.mov", clip_id: str = "c1") -> Clip:
    return Clip(
        id=clip_id,
        name=name,
        path=f"media/day01/{name}",
        camera="A",
        tc_in=None,
        tc_source=None,
        rate="25",
        duration_frames=None,
        link=LinkState.CONFIRMED,
        method="recorder",
    )


@pytest.fixture
def closed_set(tmp_path: Path) -> Iterator[OnSet]:
    """A session that is not open yet, with a media folder."""
    made = an_onset(tmp_path, run_folder("leftovers"))
    (tmp_path / "media" / "day01").mkdir(parents=True)
    yield made
    made.session.close()
    made.box.close()


def logged(on_set: OnSet, *clips: Clip) -> Take:
    return on_set.log.rolls(fields={"angles": (Angle(camera="A", clips=clips),), "state": State.CUT})


def later(on_set: OnSet, looks: int = 1) -> None:
    for _ in range(looks):
        on_set.clock.advance(3)
        on_set.turn()


def test_clips_that_a_killed_service_left_open_are_closed_by_what_their_files_hold(
    closed_set: OnSet, tmp_path: Path
) -> None:
    clip = open_clip()
    logged(closed_set, clip, replace(clip, id="c2", duration_frames=5), replace(clip, id="c3", method="by name"))
    file = tmp_path / clip.path
    file.write_bytes(b"half")
    closed_set.session.open()
    for text in (b"half", b"half and a bit"):  # its worker, told of nothing, is still finishing it
        file.write_bytes(text)
        later(closed_set)
        assert closed_set.log.closed == {}
    later(closed_set)
    assert closed_set.log.closed == {"c1": CLOSED}
    file.write_bytes(b"another file altogether")
    closed_set.log.closed.clear()
    later(closed_set, 3)
    assert closed_set.log.closed == {}, "it was closed once"


@pytest.mark.parametrize("there", [None, DAMAGED], ids=["missing", "damaged"])
def test_leftover_that_cannot_be_read_yet_is_not_closed_for_good(
    closed_set: OnSet, tmp_path: Path, there: bytes | None
) -> None:
    clip = open_clip()
    logged(closed_set, clip)
    file = tmp_path / clip.path
    if there is not None:
        file.write_bytes(there)
    closed_set.session.open()
    later(closed_set, 5)
    assert closed_set.log.closed == {"c1": CUT_OFF}
    assert sum("cannot be read" in sentence for sentence in closed_set.told) == 1, "said once"
    file.write_bytes(b"its disk was mounted")
    later(closed_set, 2)
    assert closed_set.log.closed == {"c1": CLOSED}


def test_leftover_that_is_known_to_be_cut_off_is_not_written_again_at_every_start(closed_set: OnSet) -> None:
    logged(closed_set, replace(open_clip(), interrupted=True))
    closed_set.session.open()
    later(closed_set, 3)
    assert closed_set.log.closed == {}


def test_log_that_is_full_when_a_leftover_is_measured_gets_it_afterwards(closed_set: OnSet, tmp_path: Path) -> None:
    clip = open_clip()
    logged(closed_set, clip)
    (tmp_path / clip.path).write_bytes(b"half")
    closed_set.log.unwritable = True
    closed_set.session.open()
    later(closed_set, 3)
    closed_set.log.unwritable = False
    later(closed_set)
    assert closed_set.log.closed == {"c1": CLOSED}


def test_sound_left_open_without_its_file_has_no_length(closed_set: OnSet) -> None:
    file = SoundFile(
        id="s1",
        name="1.wav",
        path="media/day01/1.wav",
        device="MIX",
        tc_in=None,
        tc_source=None,
        rate="25",
        duration_frames=None,
        link=LinkState.CONFIRMED,
        method="recorder",
    )
    closed_set.log.rolls(fields={"sound": (SoundTake(device="MIX", files=(file,)),), "state": State.CUT})
    closed_set.session.open()
    later(closed_set, 3)
    nothing = {"duration_frames": None, "samples": 0, "sample_rate": 0, "interrupted": True}
    assert closed_set.log.closed == {"s1": nothing}
