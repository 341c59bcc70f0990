"""Format watch: a card that is not what the production is, or not what the last card of that camera was.

A camera that runs at 24 instead of 23.976, a size that somebody changed, timecode that was never fed: told while the
card is still on the cart and the camera can be put right. Every line is a warning and none is ever a refusal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onset.cards.contents import Contents
from onset.cards.formats import ClipFormat, fps_name
from onset.reel import camera_of_roll, same_roll
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.timecode import Rate

_NAMED = 3  # clips that a warning names; beyond that it counts
_SHOWN = 4  # values of a kind, likewise
# Cameras that people carry without timecode: that theirs begins at zero is nothing new.
_WITHOUT_TIMECODE = frozenset(("GoPro", "DJI", "Apple", "AVCHD"))


@dataclass(frozen=True, slots=True)
class LastCard:
    """The card that a camera filled before this one.

    Attributes:
        label: what it is called.
        formats: what its clips were, as far as known.
        copies: folders of its copies.
    """

    label: str
    formats: tuple[ClipFormat, ...]
    copies: tuple[str, ...] = ()


def _fps(clip: ClipFormat) -> str:
    return f"{fps_name(clip.fps)} fps" if clip.fps is not None else ""


def size_name(clip: ClipFormat) -> str:
    """`3840x2160`; empty where nothing says so."""
    return f"{clip.size[0]}x{clip.size[1]}" if clip.size is not None else ""


def _codec(clip: ClipFormat) -> str:
    return clip.codec


def _iso(clip: ClipFormat) -> str:
    return f"ISO {clip.iso}" if clip.iso else ""


def _white_balance(clip: ClipFormat) -> str:
    return f"white balance {clip.white_balance.upper().removesuffix('K')}" if clip.white_balance else ""


_OF_A_CARD = (_fps, size_name, _codec)  # what does not change from clip to clip
_OF_A_SETUP = (_iso, _white_balance)  # what does, and what a setting left over from yesterday shows in


def watch(
    contents: Contents,
    formats: Sequence[ClipFormat],
    *,
    rate: Rate | None = None,
    label: str = "",
    last: LastCard | None = None,
) -> tuple[str, ...]:
    """What of a card is not as it should be; safe to show.

    Args:
        contents: of the card.
        formats: of its clips and sound files.
        rate: of the production, None outside of one.
        label: what is written on the card.
        last: the card of that camera before this one.
    """
    pictures = [each for each in formats if not each.sound]
    lines = _letters(contents, label)
    if rate is not None:
        lines += _against_production(formats, rate)
    for value in _OF_A_CARD:
        lines += _of_two_kinds(pictures, value)
    if last is not None:
        for value in (*_OF_A_CARD[rate is not None :], *_OF_A_SETUP):  # the rate is compared with the production's
            lines += _against_last(pictures, value, last)
    lines += _from_zero(contents, pictures, last)
    return tuple(safe_text(line) for line in lines)


def _letters(contents: Contents, label: str) -> list[str]:
    """A camera that was given another one's letter, or a card with another one's label."""
    labelled = camera_of_roll(label)
    if not labelled or not contents.reel or same_roll(contents.reel, label):
        return []
    if contents.camera and contents.camera != labelled:
        return [f"the clips say camera {contents.camera}, reel {contents.reel}; the card is called {label}"]
    return [f"the clips say reel {contents.reel}; the card is called {label}"]


def _against_production(formats: Sequence[ClipFormat], rate: Rate) -> list[str]:
    lines = []
    known = [clip for clip in formats if clip.fps is not None]
    other: dict[str, list[ClipFormat]] = {}
    for clip in known:
        if clip.fps is not None and clip.fps != rate.fps:
            what = f"timecode at {fps_name(clip.fps)}" if clip.sound else _fps(clip)
            other.setdefault(what, []).append(clip)
    for what, clips in other.items():
        lines.append(f"{what}{_which(clips, known)}, the production is {rate.name}")
    for drop, words in ((True, "drop-frame"), (False, "non-drop")):
        counted = [
            clip for clip in formats
            if clip.start is not None and clip.start.rate.fps == rate.fps and clip.start.rate.drop is drop != rate.drop
        ]  # fmt: skip
        if counted:
            started = [clip for clip in formats if clip.start is not None]
            lines.append(f"{words} timecode{_which(counted, started)}, the production is {rate.name}")
    return lines


def _of_two_kinds(clips: Sequence[ClipFormat], value: Callable[[ClipFormat], str]) -> list[str]:
    """A card on which some clips are not like most of them."""
    by_value: dict[str, list[ClipFormat]] = {}
    for clip in clips:
        if value(clip):
            by_value.setdefault(value(clip), []).append(clip)
    if len(by_value) < 2:
        return []
    (most, _), *others = sorted(by_value.items(), key=lambda item: -len(item[1]))
    return [f"{words}{_which(few, clips)}, the other clips are {most}" for words, few in others[:_SHOWN]]


def _against_last(clips: Sequence[ClipFormat], value: Callable[[ClipFormat], str], last: LastCard) -> list[str]:
    was = list(dict.fromkeys(value(clip) for clip in last.formats if value(clip)))
    new = [clip for clip in clips if value(clip) and value(clip) not in was]
    if not was or not new:
        return []
    now = ", ".join(list(dict.fromkeys(map(value, new)))[:_SHOWN])
    which = _which(new, list(filter(value, clips)))
    return [f"{now}{which}, the camera's last card {last.label} was {', '.join(was[:_SHOWN])}"]


def _from_zero(contents: Contents, clips: Sequence[ClipFormat], last: LastCard | None) -> list[str]:
    """Timecode that nobody fed; not where the camera's last card began so too, and not for cameras that have none."""
    zero = [clip for clip in clips if clip.start is not None and clip.start.frames == 0]
    if not zero or contents.maker in _WITHOUT_TIMECODE:
        return []
    if last is not None and any(clip.start is not None and clip.start.frames == 0 for clip in last.formats):
        return []
    if len(zero) == 1 and zero[0] is not clips[0]:
        return []  # midnight is a time of day too
    before = f", on the camera's last card {last.label} it did not" if last is not None and last.formats else ""
    which = _which(zero, [clip for clip in clips if clip.start is not None]) if len(zero) > 1 else ""
    return [f"timecode starts at {zero[0].start}{which}{before}"]


def _which(clips: Sequence[ClipFormat], of: Sequence[ClipFormat]) -> str:
    """Nothing where all clips that tell are meant, else their names."""
    if len(clips) >= len(of):
        return ""
    more = f" and {len(clips) - _NAMED} more" if len(clips) > _NAMED else ""
    return f" ({', '.join(clip.name for clip in clips[:_NAMED])}{more})"
