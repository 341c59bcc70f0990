"""A cutting room trusts a clip's name on paper: which names may stand there, and how sure each one is."""

from __future__ import annotations

from dataclasses import replace

from onset.domain.camera import Angle, Clip, Link, LinkState, Source
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Take
from onset.reports.editor import TakeLine, editor_log
from tests.onset.reports.a_day import DayLog, a_take, clip, sound

OWN = clip("42C-1_A.mov")
ORIGINAL = replace(clip("A014C007.mov"), id="a" * 32, source=Source.CARD, reel="A014")
WAVE = replace(sound("42C-T001_1.WAV").files[0], source=Source.FOLDER, family="S003-42C-T001")


def _printed(*clips: Clip, sounds: tuple[SoundFile, ...] = (), roll: str | None = "A014", why: str = "") -> TakeLine:
    heard = (SoundTake(device="MIX", roll="S003", files=sounds),) if sounds else ()
    take: Take = a_take("42C/1", angles=(Angle(camera="A", roll=roll, clips=clips),), sound=heard)
    links = [
        Link(id="f" * 32, take_id=take.id, media_id=each.id, state=each.link, method="time", question=why)
        for each in clips
    ]
    logged = replace(take, sound=tuple(replace(each, files=tuple(map(_in_take, each.files))) for each in take.sound))
    return editor_log(DayLog([logged], in_question=links if why else (), brought_in=sounds), 3).blocks[0].takes[0]


def _in_take(file: SoundFile) -> SoundFile:
    """As a take shows it, without all that its file says."""
    return replace(file, family="")


def test_original_stands_in_place_of_our_own_recording() -> None:
    assert _printed(OWN, ORIGINAL).clips == ("A014C007.mov",)


def test_own_recording_stays_while_the_original_is_only_proposed() -> None:
    proposed = replace(ORIGINAL, link=LinkState.PROPOSED)
    assert _printed(OWN, proposed).clips == ("A014C007.mov (proposed)", "42C-1_A.mov (recorded here)")


def test_own_recording_stays_when_the_original_cannot_be_read() -> None:
    line = _printed(OWN, replace(ORIGINAL, unreadable="Input/output error at 4 MiB"))
    assert line.clips == ("A014C007.mov (unreadable)", "42C-1_A.mov (recorded here)")
    assert line.comments == ("A014C007.mov cannot be read: Input/output error at 4 MiB",)


def test_refused_clip_is_nowhere() -> None:
    line = _printed(OWN, replace(ORIGINAL, link=LinkState.REFUSED), why="two takes of one length")
    assert line.clips == ("42C-1_A.mov",)
    assert line.comments == ()


def test_clip_in_question_is_no_fact() -> None:
    line = _printed(replace(ORIGINAL, link=LinkState.PROPOSED), why="the file says 42C take 2")
    assert line.clips == ()
    assert line.comments == ("In question: A014C007.mov: the file says 42C take 2",)


def test_question_is_over_when_a_person_confirmed() -> None:
    line = _printed(ORIGINAL, why="the file says 42C take 2")
    assert line.clips == ("A014C007.mov",)
    assert line.comments == ()


def test_camera_that_was_rolled_again_has_both_clips_the_sure_one_first() -> None:
    unsure = replace(ORIGINAL, id="b" * 32, name="A014C006.mov", link=LinkState.PROPOSED)
    assert _printed(unsure, ORIGINAL).clips == ("A014C007.mov", "A014C006.mov (proposed)")


def test_mono_set_is_named_once() -> None:
    files = tuple(replace(WAVE, id=f"{n:032x}", name=f"42C-T001_{n}.WAV") for n in range(1, 5))
    assert _printed(sounds=files).clips == ("42C-T001_1.WAV (mono set of 4)",)
    half = (replace(files[0], link=LinkState.PROPOSED), *files[1:])
    assert _printed(sounds=half).clips == ("42C-T001_1.WAV (mono set of 4, proposed)",)


def test_files_without_a_family_are_no_set() -> None:
    files = tuple(replace(WAVE, id=f"{n:032x}", name=f"T{n}.WAV", family="") for n in (1, 2))
    assert _printed(sounds=files).clips == ("T1.WAV", "T2.WAV")


def test_own_recordings_need_no_mark_on_a_day_without_originals() -> None:
    assert _printed(OWN).clips == ("42C-1_A.mov",)


def test_roll_that_nobody_typed_is_that_of_the_original() -> None:
    assert _printed(ORIGINAL, roll=None).camera_rolls == ("A A014",)
    assert _printed(replace(ORIGINAL, link=LinkState.PROPOSED), roll=None).camera_rolls == ("A -",)
    assert _printed(ORIGINAL, roll="A013").camera_rolls == ("A A013",)
