"""Where a take lies in its file, by timecode: exact where both count alike, and unknown rather than guessed elsewhere.

Used by `day.py`. The offset that the matcher finds between clocks is no help here: it contains how long before the key
a camera was started, so only labels that agree by themselves can say where in a file a take begins.
"""

from __future__ import annotations

from fractions import Fraction

from onset.editorial.event import Part
from onset.errors import TimecodeError
from onset.timecode import Rate, Timecode, rate


def comparable(one: Rate, other: Rate) -> bool:
    """Whether labels of these rates name the same moments all day, and not only since the last jam.

    25 beside 50 does; 23.976 beside 24, and drop-frame beside non-drop, drift apart by seconds an hour.
    """
    ratio = one.fps / other.fps
    return one.drop == other.drop and (ratio.denominator == 1 or ratio.numerator == 1)


def frame_at(moment: Timecode, start: Timecode, sensor_fps: Fraction | None = None) -> int | None:
    """The frame of a file at a moment, negative before it begins; None where the labels cannot be compared.

    Args:
        moment: the master's label.
        start: label of the file's first frame; a moment is taken to be within half a day of it.
        sensor_fps: frames that were recorded in a second, where that is not what the file plays at.
    """
    if moment.rate == start.rate:
        frames = (moment.frames - start.frames) % start.rate.frames_a_day
        frames -= start.rate.frames_a_day * (frames > start.rate.frames_a_day // 2)
        return frames if sensor_fps is None else int(frames / start.rate.fps * sensor_fps // 1)
    if not comparable(moment.rate, start.rate):
        return None
    day_s = start.rate.seconds_for(start.rate.frames_a_day)
    seconds = (moment.seconds - start.seconds) % day_s
    seconds -= day_s * (seconds > day_s / 2)
    return int(seconds * (sensor_fps or start.rate.fps) // 1)


def part_of(
    begin: Timecode | None,
    end: Timecode | None,
    start: Timecode | None,
    frames: int | None,
    sensor_fps: Fraction | None = None,
    *,
    same_clock: bool = False,
) -> Part | None:
    """The stretch of a file that a take fills; None where labels cannot tell.

    The link between them is sure, so labels that hardly overlap (under half of the shorter of the two) only say that
    the file's clock is another one.

    Args:
        begin: the master's label at the roll (or where this camera began); `end` at the cut.
        end: see there.
        start: label of the file's first frame.
        frames: length of the file.
        sensor_fps: as in `frame_at`.
        same_clock: both are the master's labels, so that any overlap tells.
    """
    if begin is None or end is None or start is None or not frames:
        return None
    first, last = frame_at(begin, start, sensor_fps), frame_at(end, start, sensor_fps)
    if first is None or last is None or last <= first:
        return None
    found = Part(max(first, 0), min(last, frames))
    least = 0 if same_clock else min(last - first, frames) // 2
    return found if found.frames > least else None


def widened(part: Part, handles: int, frames: int) -> Part:
    """A stretch with handles, as far as the file goes.

    >>> widened(Part(10, 90), 24, 100)
    Part(first=0, last=100)
    """
    return Part(max(part.first - handles, 0), min(part.last + handles, frames))


def renamed(start: Timecode, wanted: Rate | None, offset: int = 0) -> Timecode:
    """The label at another rate that counts alike, moved by an offset: 23.976 read as 24, frame for frame.

    Raises:
        TimecodeError: the other rate has not the same labels, so that it would be another time in the file.
    """
    if wanted is not None and wanted != start.rate:
        if (wanted.nominal, wanted.drop) != (start.rate.nominal, start.rate.drop):
            raise TimecodeError(
                f"labels at {start.rate.name} cannot be renamed to {wanted.name}: the two do not count the same frames"
            )
        start = Timecode(start.frames, wanted)
    return start.later(offset)


def frames_at(offset: int, project: Rate, labelled_at: Rate) -> int:
    """An offset in frames of the project as frames of another rate: an hour of labels is an hour of labels.

    >>> from onset.timecode import rate
    >>> frames_at(25, rate("25"), rate("50")), frames_at(24, rate("23.976"), rate("24"))
    (50, 24)

    Raises:
        TimecodeError: it would be no whole frame.
    """
    frames = Fraction(offset * labelled_at.nominal, project.nominal)
    if project.drop != labelled_at.drop or frames.denominator != 1:
        raise TimecodeError(f"an offset at {project.name} is no whole number of frames at {labelled_at.name}")
    return int(frames)


def label_of(label: str | None, labelled_at: Rate) -> Timecode | None:
    """A label as a timecode; None without one, or when that rate never shows it."""
    if not label:
        return None
    try:
        return Timecode.parse(label, labelled_at)
    except TimecodeError:
        return None


def rate_of(name: str) -> Rate | None:
    """The rate of that name; None when onset knows none, or none that timecode is labelled at."""
    try:
        found = rate(name)
    except TimecodeError:
        return None
    return None if found.sensor_only else found
