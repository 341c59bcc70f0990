"""Is what a rehearsal recorded what its log says? Looked at in the files themselves, by `onset demo`.

Every file is opened with a reader that did not write it. Picture: the label in the timecode track, and the one that the
simulated camera drew into the first frame. Sound: the time reference in its head, and the timecode on its own track.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from devices.ltc import LtcDecoder
from devices.simulated.strip import read_strip
from onset.cli.rehearsal import files_of
from onset.domain.camera import Clip, LinkState
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, Take
from onset.errors import MediumError
from onset.media import MediaInfo, MediaReader
from onset.text import safe_text
from onset.timecode import Timecode, rate

_LTC_TRACK = "ltc"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it: files looked at, and sentences about those that are wrong."""

    pictures: int
    sounds: int
    problems: tuple[str, ...]


def check_recordings(takes: Collection[Take], production: Path, reader: MediaReader) -> Checked:
    """Compare every file of these takes with the log.

    Args:
        takes: those that were rolled.
        production: the folder that paths start from.
        reader: opens the files.
    """
    problems: list[str] = []
    pictures = sounds = 0
    for take in takes:
        problems += _missing(take)
        for file in files_of(take):
            if isinstance(file, Clip):
                pictures += 1
            else:
                sounds += 1
            try:
                found = _check(take, file, production / file.path, reader)
            except (MediumError, OSError) as error:
                found = [str(error)]
            problems += [f"{take.label}: {safe_text(file.name)}: {what}" for what in found]
    return Checked(pictures, sounds, tuple(problems))


def _missing(take: Take) -> list[str]:
    """A picture from each camera, unless it is a wild track; a sound file, unless it is MOS."""
    found = [f"{take.label}: camera {angle.camera} has no clip" for angle in take.angles if not angle.clips]
    if take.kind is not Kind.WILD_TRACK and not take.angles:
        found.append(f"{take.label}: no camera was in it")
    heard = any(sound.files for sound in take.sound)
    if heard == take.mos:
        found.append(f"{take.label}: {'is MOS and has sound' if take.mos else 'has no sound'}")
    return found


def _check(take: Take, file: Clip | SoundFile, path: Path, reader: MediaReader) -> list[str]:
    info = reader.probe(path)
    found: list[str] = []
    if file.link is not LinkState.CONFIRMED:
        found.append("its link is not confirmed")
    if file.tc_in is None or info.start is None or info.start.label != file.tc_in:
        return [*found, f"starts at {info.start}, the log says {file.tc_in}"]
    if info.duration_frames != file.duration_frames:
        found.append(f"lasts {info.duration_frames} frames, the log says {file.duration_frames}")
    found += _covers(take, info)
    return found + (_drawn(path, info, reader) if isinstance(file, Clip) else _heard(path, info))


def _covers(take: Take, info: MediaInfo) -> list[str]:
    """A file runs from before the roll until after the cut: pre-roll and post-roll, on one timecode."""
    if info.start is None or info.duration_frames is None or take.tc_in is None or take.tc_out is None:
        return ["has no timecode to compare"]
    rolled, cut = (Timecode.parse(label, rate(take.rate)) for label in (take.tc_in, take.tc_out))
    end = info.start.later(info.duration_frames)
    before = rolled.since(info.start, over_midnight=True)
    after = end.since(cut, over_midnight=True)
    if before < info.duration_frames and after < info.duration_frames:
        return []
    return [f"runs from {info.start} to {end}, the take from {rolled} to {cut}"]


def _drawn(path: Path, info: MediaInfo, reader: MediaReader) -> list[str]:
    frame = reader.frame(path, 0)
    image = np.frombuffer(frame.rgb, np.uint8).reshape(frame.height, frame.width, 3)
    strip = read_strip(image)
    if strip is None or info.start is None:
        return ["its first frame shows no timecode"]
    if strip.day_frame != info.start.frames:
        return [f"its first frame shows {Timecode(strip.day_frame, info.start.rate)}, the file says {info.start}"]
    return []


def _heard(path: Path, info: MediaInfo) -> list[str]:
    """The first label on the timecode track, against the head of the file, to half a frame."""
    if _LTC_TRACK not in info.tracks or info.start is None or info.sample_rate is None:
        return ["has no timecode track"]
    decoder = LtcDecoder(info.sample_rate)
    for wave in _track(path, info.tracks.index(_LTC_TRACK)):
        for heard in decoder.feed(wave):
            said = info.start.later(round(heard.sample * info.start.rate.fps / info.sample_rate))
            return [] if heard.label == said.label else [f"its track says {heard.label} where its head says {said}"]
    return ["its timecode track is silent"]


def _track(path: Path, track: int) -> list[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """The first second of one track, full scale 1.0."""
    waves = []
    with av.open(str(path)) as box:
        for frame in box.decode(audio=0):
            samples = frame.to_ndarray()
            tracks = samples.reshape(-1, len(frame.layout.channels)) if not frame.format.is_planar else samples.T
            waves.append((tracks[:, track] / 2.0**31).astype(np.float32))
            if sum(len(wave) for wave in waves) > frame.sample_rate:
                break
    return waves
