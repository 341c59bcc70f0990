"""What a card's clips are: start timecode, length, frames a second, size, codec, ISO, white balance.

Out of the file where `MediaReader` opens it, else out of its side-cars, else out of the card's own list, else unknown.
Used before a card is copied, on the card itself, within a time that the caller sets; and afterwards on the copies. What
reads side-cars, lists and clips is loaded with the first of them: many cards have none of the first two, and outside of
a production no clip is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.camera.clips import RAW, OnCard
from onset.cards.contents import Contents, Kind, Trouble, graver_first
from onset.errors import MediumError
from onset.reel import clip_key

if TYPE_CHECKING:
    from fractions import Fraction

    from onset.camera.sidecar import Sidecar
    from onset.media import MediaInfo, MediaReader
    from onset.timecode import Rate, Timecode

_SIDE_CARS = (".xml", ".xmp", ".srt")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFormat:
    """What one clip or sound file is; None and empty where nothing says so.

    Attributes:
        start: label of its first frame, from `start_from`: `file`, `side-car` or `list`.
        seconds: its length.
        fps: of its pictures as they play; of sound, of its timecode.
        size: width and height in pixels.
        codec, iso, white_balance: as the file or its side-car spells them.
        looked: somebody looked; False where there was no time to.
    """

    name: str
    start: Timecode | None = None
    start_from: str | None = None
    seconds: Fraction | None = None
    fps: Fraction | None = None
    size: tuple[int, int] | None = None
    codec: str = ""
    iso: str = ""
    white_balance: str = ""
    sound: bool = False
    looked: bool = True


def read_formats(
    contents: Contents,
    root_of: Callable[[OnCard], Path | None],
    reader: MediaReader | None,
    rate: Rate,
    *,
    list_root: Path | None = None,
    known: Sequence[ClipFormat] = (),
    enough: Callable[[], bool] = lambda: False,
) -> tuple[Contents, tuple[ClipFormat, ...]]:
    """Look at each clip and sound file; what the card's lists miss is added to its troubles.

    Args:
        contents: of the card.
        root_of: the folder that a clip's paths are relative to, where it can be opened; None: nowhere.
        reader: opens pictures and sound; None: only side-cars and lists are read.
        rate: of labels, for a clip that tells none.
        list_root: the folder in which the card's lists are read; None: nowhere.
        known: an earlier answer for the same card; what was looked at then is not looked at again.
        enough: asked before each clip; True ends it, and the rest is not looked at.
    """
    listed: Mapping[str, Sidecar] = {}
    troubles: list[Trouble] = []
    if list_root is not None and contents.lists:
        from onset.cards.lists import read_lists

        lists = read_lists(contents, list_root, rate)
        listed, troubles = lists.said, list(lists.troubles)
    every = (*contents.clips, *contents.sounds)
    found = {clip.path: form for clip, form in zip(every, known, strict=False) if form.looked}
    for clip in _ends_first([clip for clip in every if clip.path not in found]):
        if enough():
            break
        said = listed.get(clip_key(clip.name)) if listed else None
        found[clip.path] = _format(clip, root_of(clip), reader, rate, said, troubles)
    formats = tuple(found.get(clip.path) or not_looked_at(clip) for clip in every)
    told = dict.fromkeys([*contents.troubles, *troubles])
    return replace(contents, troubles=graver_first(told)), formats


def not_looked_at(clip: OnCard) -> ClipFormat:
    """A clip of which only its name is known."""
    return ClipFormat(name=clip.name, sound=clip.sound, looked=False)


def _ends_first(clips: Sequence[OnCard]) -> list[OnCard]:
    """The first and the last clip tell most of a card, should there be no time for the others."""
    return [*clips[:1], *clips[-1:], *clips[1:-1]] if len(clips) > 2 else list(clips)


def _format(
    clip: OnCard,
    root: Path | None,
    reader: MediaReader | None,
    rate: Rate,
    listed: Sidecar | None,
    troubles: list[Trouble],
) -> ClipFormat:
    info = _opened(clip, root, reader)
    side = _side_car(clip, root, rate, troubles)
    start, start_from = info.start if info is not None else None, "file"
    for other, source in ((side, "side-car"), (listed, "list")):
        if start is None and other is not None:
            start, start_from = other.start, source
    says = [each for each in (side, listed) if each is not None]
    iso, white_balance = _tagged(info) if info is not None else ("", "")
    codec = info.codec if info is not None else ""
    return ClipFormat(
        name=clip.name,
        start=start,
        start_from=start_from if start is not None else None,
        seconds=_seconds(info, says, rate),
        fps=(info.fps if info is not None else None) or next((each.fps for each in says if each.fps), None),
        size=_size(info, says),
        codec=codec or _raw(clip) or next((each.codec for each in says if each.codec), ""),
        iso=iso or next((each.iso for each in says if each.iso), ""),
        white_balance=white_balance or next((each.white_balance for each in says if each.white_balance), ""),
        sound=clip.sound,
    )


def _tagged(info: MediaInfo) -> tuple[str, str]:
    """ISO and white balance out of a file."""
    from onset.camera.sidecar import ISO_NAMES, WHITE_BALANCE_NAMES, said

    tags = dict(info.tags)
    return said(tags, ISO_NAMES), said(tags, WHITE_BALANCE_NAMES)


def _raw(clip: OnCard) -> str:
    ending = f".{clip.path.rpartition('.')[2].lower()}"
    return ending[1:].upper() if ending in RAW else ""


def _opened(clip: OnCard, root: Path | None, reader: MediaReader | None) -> MediaInfo | None:
    if root is None or reader is None or clip.empty:
        return None
    from onset.camera.original import probe_clip

    try:
        return probe_clip(root / clip.path, reader)
    except MediumError:
        return None  # that it cannot be opened is told, with its takes, once it is in the log


def _side_car(clip: OnCard, root: Path | None, rate: Rate, troubles: list[Trouble]) -> Sidecar | None:
    """What the clip's side-cars say, the first that is understood."""
    for name in clip.beside if root is not None else ():
        path = (root or Path()) / name
        if path.suffix.lower() not in _SIDE_CARS:
            continue
        from onset.camera.sidecar import is_too_large, read_sidecar

        try:
            if path.suffix.lower() != ".srt" and is_too_large(path):  # of subtitles only the first are read
                what = f"has a {path.name} that is larger than a side-car can be; it was not read"
                troubles.append(Trouble(Kind.UNREAD, clip.name, what))
                continue
        except OSError:
            continue
        if (found := read_sidecar(path, rate)) is not None:
            return found
    return None


def _seconds(info: MediaInfo | None, says: Sequence[Sidecar], rate: Rate) -> Fraction | None:
    if info is not None and info.duration_s > 0:
        return info.duration_s
    frames = next((each for each in says if each.duration_frames is not None), None)
    if frames is None or frames.duration_frames is None:
        return None
    return frames.duration_frames / (frames.fps or next((each.fps for each in says if each.fps), None) or rate.fps)


def _size(info: MediaInfo | None, says: Sequence[Sidecar]) -> tuple[int, int] | None:
    if info is not None and info.width and info.height:
        return info.width, info.height
    return next(((each.width, each.height) for each in says if each.width and each.height), None)


def fps_name(fps: Fraction) -> str:
    """`23.976`, `25`, or three digits for a rate that has no name.

    >>> from fractions import Fraction
    >>> fps_name(Fraction(24000, 1001)), fps_name(Fraction(25)), fps_name(Fraction(100, 3))
    ('23.976', '25', '33.333')
    """
    from onset.timecode import RATES

    return next((each.name for each in RATES.values() if each.fps == fps), f"{float(fps):.3f}".rstrip("0").rstrip("."))
