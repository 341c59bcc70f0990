"""What is not there: clips and sound that a take should have, and whether that is a fault or only not yet.

Used by compare.py. The absence of a card is not the absence of its material: what a roll that has not come would hold
is pending, and so is a take that was shot after its card was offloaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from onset.domain.camera import Angle, Clip
from onset.domain.card import Card
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, Take
from onset.reconcile.board import Difference
from onset.reconcile.claimed import DayClaims, recorded, refused_for
from onset.reconcile.differing import differing, enumerated
from onset.reconcile.footage import made_of_footage
from onset.reconcile.sight import MediaFile, bare_name, device_of
from onset.reel import same_roll


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What has come for a day so far. A device is (whether it takes pictures, its name).

    Attributes:
        cards: of this day and those beside it.
        reels: rolls as the files name them.
        devices: those that any file has come of.
        newest_ns: device → roll of the newest take that has a file of it; a later take may lie on what comes next.
        why: (take's id, device) → why the matcher found nothing.
    """

    cards: tuple[Card, ...]
    reels: frozenset[tuple[bool, str]]
    devices: frozenset[tuple[bool, str]]
    newest_ns: dict[tuple[bool, str], int]
    why: dict[tuple[str, str], str]

    def roll_came(self, roll: str, *, picture: bool) -> bool:
        """Whether a card of that roll is in the log with its clips, or a file of it."""
        if any(same_roll(roll, reel) for is_picture, reel in self.reels if is_picture is picture):
            return True
        return any(card.clips is not None for card in self._of(roll))

    def nobody_looked(self, roll: str) -> bool:
        """Whether its card was copied by a program that did not look which clips are on it."""
        return bool(self._of(roll))

    def offloaded_before(self, take: Take, roll: str) -> bool:
        """Whether every card of that roll was last offloaded before the take was shot."""
        cards = self._of(roll)
        return bool(cards) and all(card.wall_ns < take.rolled_ns for card in cards)

    def _of(self, roll: str) -> list[Card]:
        return [one for one in self.cards if same_roll(roll, one.label) or (one.reel and same_roll(roll, one.reel))]


def arrived(day: DayClaims) -> Arrived:
    """Look over the files and cards of a day."""
    files = (*day.seen.media.values(), *day.seen.guests.values())
    newest: dict[tuple[bool, str], int] = {}
    for take in day.seen.takes:
        for hand in day.hands.get(take.id, ()):
            whose = (isinstance(hand.file, Clip), device_of(hand.file))
            newest[whose] = max(newest.get(whose, 0), take.rolled_ns)
    return Arrived(
        cards=tuple(card for card in day.cards if card.unit == day.seen.unit and card.day in (None, *_near(day))),
        reels=frozenset((isinstance(one, Clip), reel) for one in files if (reel := _reel(one))),
        devices=frozenset((isinstance(one, Clip), device_of(one)) for one in files),
        newest_ns=newest,
        why={(one.take_id, one.device): one.why for one in day.found.unmatched if one.take_id},
    )


def _near(day: DayClaims) -> tuple[int, ...]:
    number = day.seen.day.number
    return (number - 1, number, number + 1)


def _reel(file: MediaFile) -> str:
    return file.reel if isinstance(file, Clip) else file.roll


def absences(day: DayClaims, take: Take, come: Arrived) -> Iterable[Difference]:
    """Clips and sound that a take lacks."""
    if made_of_footage(take):
        return  # it expects no more than it was made from
    if take.kind is not Kind.WILD_TRACK:
        logged = [angle for angle in take.angles if angle.logged]
        for angle in logged:
            yield from _no_clip(day, take, angle, come)
        if not logged:
            yield from _no_picture(day, take, come)
    if not take.mos:
        yield from _no_sound(day, take, come)


def _no_clip(day: DayClaims, take: Take, angle: Angle, come: Arrived) -> Iterable[Difference]:
    camera = angle.camera
    if any(device_of(hand.file) in (camera, "") for hand in day.clips(take)):
        return
    ours = any(isinstance(one, Clip) and one.camera == camera for one in recorded(take))
    anything = (True, camera) in come.devices
    if not angle.roll and ours and not anything:
        return  # a feed of ours is all there is of this camera
    waits, cause = _waiting(take, angle.roll, camera, come, picture=True)
    yield differing(
        "clip",
        waits or f"no clip of {camera} for {take.label}",
        "" if waits else _refused(day, take, camera) or _unread(day, camera) or come.why.get((take.id, camera), cause),
        by=["none"],
        take=take,
        device=camera,
        pending=bool(waits),
    )


def _refused(day: DayClaims, take: Take, camera: str) -> str:
    """Clips of the camera of which a person said that they are not this take."""
    files = {**day.seen.guests, **day.seen.media}
    said = [
        (name, link)
        for name, link in refused_for(day, take_id=take.id)
        if isinstance(files[link.media_id], Clip) and device_of(files[link.media_id]) == camera
    ]
    return f"{enumerated([name for name, _ in said])} was refused by {said[0][1].decided_by}" if said else ""


def _unread(day: DayClaims, camera: str) -> str:
    """Clips of the camera that could not be read and of which nobody knows the take: each may be the one."""
    files = [one for one in day.seen.media.values() if isinstance(one, Clip) and one.camera == camera]
    names = [bare_name(one.name) for one in files if one.unreadable and not day.holds.get(one.id)]
    return f"{enumerated(sorted(names))} cannot be read, and may be it" if names else ""


def _no_picture(day: DayClaims, take: Take, come: Arrived) -> Iterable[Difference]:
    """Nobody logged which cameras were in it: any of them would do."""
    cameras = [device for picture, device in come.devices if picture]
    if not cameras or day.clips(take) or any(isinstance(one, Clip) for one in recorded(take)):
        return
    newest = max((come.newest_ns.get((True, camera), 0) for camera in cameras), default=0)
    waits = take.rolled_ns > newest
    yield differing(
        "clip",
        "no clip later than that of an earlier take has been offloaded yet" if waits else f"no clip for {take.label}",
        "" if waits else "no camera rolled, or its card has not come",
        by=["none"],
        take=take,
        pending=waits,
    )


def _no_sound(day: DayClaims, take: Take, come: Arrived) -> Iterable[Difference]:
    if day.sounds(take) or any(isinstance(one, SoundFile) for one in recorded(take)):
        return
    recorders = sorted(device for picture, device in come.devices if not picture)
    if not recorders and not take.sound_roll:
        return  # nothing says that sound is recorded on this day at all
    waits, cause = _waiting(take, take.sound_roll, recorders[0] if recorders else "", come, picture=False)
    why = next((come.why[take.id, one] for one in recorders if (take.id, one) in come.why), cause)
    yield differing(
        "file",
        waits or f"no sound for {take.label}",
        "" if waits else why,
        by=["sound"],
        take=take,
        device=recorders[0] if len(recorders) == 1 else "",
        pending=bool(waits),
    )


def _waiting(take: Take, roll: str | None, device: str, come: Arrived, *, picture: bool) -> tuple[str, str]:
    """What it waits for, empty when it should be there; and then a cause."""
    came = "offloaded" if picture else "brought in"
    what = f"of {device}" if picture else "of sound"
    if roll and not come.roll_came(roll, picture=picture):
        if come.nobody_looked(roll):
            return f"nobody looked yet which clips are on {roll}; offload it again, nothing is copied twice", ""
        return f"{roll if picture else f'sound roll {roll}'} is not {came} yet", ""
    if roll and picture and come.offloaded_before(take, roll):
        return f"{roll} was offloaded before {take.label} was shot, and has to come again", ""
    if not roll and (picture, device) not in come.devices:
        return f"nothing {what} has been {came} yet", ""
    newest = come.newest_ns.get((picture, device))
    if newest is not None and take.rolled_ns > newest and not (roll and picture):
        return f"nothing {what} later than the file of an earlier take has been {came} yet", ""
    return "", f"{roll} has come, and holds nothing that fits" if roll else "nothing that came fits"


def pending_rolls(day: DayClaims, come: Arrived) -> tuple[str, ...]:
    """Rolls that takes name and nothing has come of, as people say them, in order of first use."""
    found: dict[str, str] = {}
    for take in day.seen.takes:
        named = [(angle.roll, True) for angle in take.angles if angle.logged and take.kind is not Kind.WILD_TRACK]
        if not take.mos and not any(isinstance(one, SoundFile) for one in recorded(take)):
            named.append((take.sound_roll, False))
        for roll, picture in named:
            if roll and roll not in found and not come.roll_came(roll, picture=picture):
                has = day.clips(take) if picture else day.sounds(take)
                if not has:  # its roll was typed wrong: the clip has come on another one
                    found[roll] = roll if picture else f"sound roll {roll}"
    return tuple(found.values())
