"""Which camera rolls a shooting day has: by its takes, by what was loaded, and by what only a card tells of.

Used by `camera_day.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from onset.domain.camera import Angle, Clip, Link, LinkState
from onset.domain.card import Card, Roll
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.errors import ReportError
from onset.reel import camera_of_roll, same_roll
from onset.slate import sort_key
from onset.text import safe_text


@dataclass(slots=True)
class OnRoll:
    """What was found of a roll while the day is gone through."""

    camera: str
    roll: str
    angles: list[tuple[Take, Angle]] = field(default_factory=list)
    loose: list[Clip] = field(default_factory=list)

    def is_of(self, camera: str, roll: str) -> bool:
        """Whether this is that roll, however it is spelt; who names no camera may mean this one."""
        same = same_roll(self.roll, roll) if self.roll and roll else self.roll == roll
        return same and (self.camera == camera or not camera or not self.camera)


def rolls_of_day(
    takes: Sequence[Take], rolls: Sequence[Roll], loose: Iterable[Clip], cards: Mapping[str, Card]
) -> list[OnRoll]:
    """The rolls of the day: those with takes, those that were loaded, and those that only a card tells of."""
    sheets: list[OnRoll] = []

    def sheet_of(camera: str, label: str) -> OnRoll:
        known = next((sheet for sheet in sheets if sheet.is_of(camera, label)), None)
        if known is None:
            known = OnRoll(camera, label)
            sheets.append(known)
        known.camera = known.camera or camera
        return known

    for take in takes:
        for angle in take.angles:
            sheet_of(angle.camera, angle.roll or reel_of(angle.clips)).angles.append((take, angle))
    for roll in rolls:
        sheet_of(roll.device or camera_of_roll(roll.label), roll.label)
    for clip in loose:
        card = cards.get(clip.card or "")
        label = clip.reel or (card.reel or card.label if card else "")
        sheet_of(clip.camera or camera_of_roll(label), label).loose.append(clip)
    return sorted(sheets, key=lambda sheet: (sheet.camera.casefold(), sort_key(sheet.roll) if sheet.roll else ""))


def reel_of(clips: Sequence[Clip]) -> str:
    """The roll as the first clip that is sure names it; empty where none is."""
    sure = [clip.reel for clip in clips if clip.reel and clip.link is LinkState.CONFIRMED]
    return next(iter(sure), "")


def loose_clips(media: Iterable[Clip | SoundFile], links: Iterable[Link]) -> Iterator[Clip]:
    """Clips that belong to no take, not even by a proposal."""
    taken = {link.media_id for link in links if link.state is not LinkState.REFUSED}
    for medium in media:
        if isinstance(medium, Clip) and medium.id not in taken:
            yield medium


def asked_for(sheets: list[OnRoll], roll: str | None, camera: str | None, day: int) -> list[OnRoll]:
    """Those of a roll, in any spelling, and of a camera.

    Raises:
        ReportError: there is none; names those there are.
    """
    asked = [
        sheet
        for sheet in sheets
        if (roll is None or same_roll(sheet.roll, roll) or sheet.roll == roll)
        and (camera is None or sheet.camera.casefold() == camera.casefold())
    ]
    if not asked and (roll is not None or camera is not None):
        there = ", ".join(dict.fromkeys(safe_text(f"{one.camera} {one.roll}".strip()) for one in sheets)) or "none"
        what = f"roll {roll}" if roll is not None else f"camera {camera}"
        also = f" of camera {camera}" if roll is not None and camera is not None else ""
        raise ReportError(f"There is no {safe_text(what + also)} on day {day}; its cameras and rolls: {there}.")
    return asked
