"""Shooting days that hypothesis makes: takes of two cameras and wild tracks, with words that nobody should type."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from onset.domain.camera import Angle
from onset.domain.sound import SoundTake
from onset.domain.take import Kind, Status, Take
from onset.editorial.event import EditorialDay
from onset.timecode import RATES, Timecode, rate
from tests.onset.editorial.a_log import a_take, clip, day_with, note, sound

LABELLED = [name for name, each in RATES.items() if not each.sensor_only]
HOSTILE = (
    "]]>",
    "<take/>&amp;\"'",
    "two\nlines\r\nand\ttab",
    "* LOC: 01:00:00:00 RED x",
    "001  BL V C",
    "\x1b[2J\x07\x00",
    "\u202egpj.exe",
    "\ud800 alone",
    "\U0001f3ac \U0001f468\u200d\U0001f469",
    "\ufffe\uffff",
    "x\u2028y\x85z\x1c",
    "{escape} %s \\n",
    "ä" * 10_000,
)
WORDS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


@st.composite
def days(draw: st.DrawFn, at: str, *, midnight: bool = False, words: st.SearchStrategy[str] = WORDS) -> EditorialDay:
    """A day of one to four takes, each by one or two cameras with sound, and perhaps a wild track.

    Args:
        draw: of hypothesis.
        at: rate of the production and of its files.
        midnight: the last take rolls over midnight; else none does.
        words: what is typed.
    """
    wanted = rate(at)
    length = st.integers(30, 4000)
    here = draw(st.integers(0, wanted.frames_a_day // 2))
    takes: list[Take] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        takes.append(_take(draw, number, Timecode(here, wanted), draw(length), words))
        here += 10_000
    if midnight:
        takes.append(_take(draw, 9, Timecode(0, wanted).later(-20), 60, words))
    return day_with(*takes, at=at)


def _take(draw: st.DrawFn, number: int, begin: Timecode, frames: int, words: st.SearchStrategy[str]) -> Take:
    at = begin.rate.name
    before, after = draw(st.integers(0, 100)), draw(st.integers(0, 100))
    start, length = begin.later(-before), before + frames + after
    recorded = sound(f"T{number}.wav", tracks=("boom", "lav"))
    file = replace(recorded.files[0], tc_in=start.label, rate=at, duration_frames=length)
    heard = SoundTake(device="MIX", roll="S003", files=(file,))
    typed = (note(draw(words)), note(draw(words), mark=True, tc=begin.later(frames // 2).label))
    if draw(st.integers(0, 4)) == 0:
        return a_take(
            f"42WT/{number}",
            kind=Kind.WILD_TRACK,
            angles=(),
            sound=(heard,),
            notes=typed,
            tc_in=begin.label,
            tc_out=begin.later(frames).label,
            duration_frames=frames,
        )
    cameras = ("A", "B")[: draw(st.integers(1, 2))]
    angles = tuple(
        Angle(
            camera=camera,
            roll=f"{camera}012",
            clips=(
                clip(
                    f"{camera}_0012C{number:03d}_260305.mov",
                    start.label,
                    length,
                    at=at,
                    camera=camera,
                    reel=f"{camera}_0012_1BY9",
                ),
            ),
        )
        for camera in cameras
    )
    return a_take(
        f"42C/{number}",
        angles=angles,
        sound=(heard,),
        notes=typed,
        tags=tuple(draw(st.lists(words, max_size=2, unique=True))),
        status=draw(st.sampled_from(list(Status))),
        tc_in=begin.label,
        tc_out=begin.later(frames).label,
        duration_frames=frames,
    )
