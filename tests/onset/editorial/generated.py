"""Shooting days that hypothesis makes: takes of two cameras and wild tracks, with words that nobody should type.

Cameras are rated by themselves, run at twice the speed, and run on through two takes; exports have handles.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hypothesis import strategies as st

from onset.domain.camera import Angle, CameraData
from onset.domain.take import Kind, Status, Take
from onset.editorial.event import EditorialDay, Event, Part
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
RATINGS = (None, None, "circled", "NG", " Hold", "better than B")
_APART = 10_000  # frames from roll to roll
_ROOM = st.integers(0, 100)  # frames that a file has before and after what was shot
_CAMERAS = st.sampled_from((0, 1, 1, 2, 2))


class _Run(NamedTuple):
    """What the files of a run have alike: a number in their names, where they begin, how many frames that is.

    Attributes:
        cameras: how many ran; none: a wild track.
        fast: times the frames that are played; of pictures only.
    """

    number: int
    start: Timecode
    frames: int
    cameras: int
    fast: int = 1


@st.composite
def days(
    draw: st.DrawFn,
    at: str,
    *,
    midnight: bool = False,
    words: st.SearchStrategy[str] = WORDS,
    handles: st.SearchStrategy[int] = st.integers(0, 120),  # noqa: B008  # it is no value, it makes them
) -> EditorialDay:
    """A day of one to nine takes, each by one or two cameras with sound, and perhaps a wild track.

    Args:
        draw: of hypothesis.
        at: rate of the production and of its files.
        midnight: the last take rolls over midnight; else none does.
        words: what is typed.
        handles: that were asked for.
    """
    wanted = rate(at)
    here = draw(st.integers(300, wanted.frames_a_day // 2))  # room for handles after midnight
    takes: list[Take] = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        begin, frames, before = Timecode(here, wanted), draw(st.integers(30, 4000)), draw(_ROOM)
        again = draw(st.integers(0, 4)) == 0
        whole = before + frames + again * _APART + draw(_ROOM)
        run = _Run(number, begin.later(-before), whole, draw(_CAMERAS), draw(st.sampled_from((1, 1, 1, 2))))
        takes.append(_take(draw, number, begin, frames, run, words))
        if again:
            takes.append(_take(draw, number + 4, begin.later(_APART), frames, run, words))
        here += 3 * _APART
    if midnight:
        begin, before = Timecode(0, wanted).later(-20), draw(_ROOM)
        run = _Run(9, begin.later(-before), before + 60 + draw(_ROOM), draw(_CAMERAS))
        takes.append(_take(draw, 9, begin, 60, run, words))
    return day_with(*takes, at=at, handles=draw(handles))


def _take(draw: st.DrawFn, number: int, begin: Timecode, frames: int, run: _Run, words: st.SearchStrategy[str]) -> Take:
    at, start = begin.rate.name, run.start.label
    take = a_take(
        f"42C/{number}" if run.cameras else f"42WT/{number}",
        kind=Kind.NORMAL if run.cameras else Kind.WILD_TRACK,
        angles=(),
        sound=(sound(f"T{run.number}.wav", tc_in=start, frames=run.frames, at=at, tracks=("boom", "lav")),),
        notes=(note(draw(words)), note(draw(words), mark=True, tc=begin.later(frames // 2).label)),
        tags=tuple(draw(st.lists(words, max_size=2, unique=True))),
        status=draw(st.sampled_from(list(Status))),
        tc_in=begin.label,
        tc_out=begin.later(frames).label,
        duration_frames=frames,
    )
    speed = CameraData(fps=f"{float(run.fast * begin.rate.fps):.3f}") if run.fast > 1 else CameraData()
    angles = tuple(
        Angle(
            camera=camera,
            roll=f"{camera}012",
            rating=draw(st.sampled_from(RATINGS)),
            data=speed,
            clips=(
                clip(
                    f"{camera}_0012C{run.number:03d}_260305.mov",
                    start,
                    run.frames * run.fast,
                    at=at,
                    camera=camera,
                    reel=f"{camera}_0012_1BY9",
                ),
            ),
        )
        for camera in "AB"[: run.cameras]
    )
    return replace(take, angles=angles)


def said_of(event: Event) -> str:
    """`circled`, `ng`, `hold` or `none`: what somebody said of this camera, else of the take."""
    own = (event.angle.rating or "").strip().lower() if event.angle is not None else ""
    return own if own in ("circled", "ng", "hold") else str(event.take.status)


def shot_in_file(event: Event) -> Part:
    """From roll to cut in the file, by the labels of the log: counted here, not asked of what is tested."""
    media = event.media
    assert media is not None
    assert media.start is not None
    begin, end = (Timecode.parse(label or "", media.rate) for label in (event.take.tc_in, event.take.tc_out))
    a_day = media.rate.frames_a_day
    fast = 2 if event.angle is not None and event.angle.data.fps else 1
    return Part(*((label.frames - media.start.frames) % a_day * fast for label in (begin, end)))
