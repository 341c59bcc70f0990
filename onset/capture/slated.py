"""What a device is told of a take at the roll. Used by session.py."""

from __future__ import annotations

from collections.abc import Sequence

from onset.capture.signals import Slated
from onset.domain.take import Kind, Take


def slated_of(take: Take, device: str, production: str, taken: Sequence[str]) -> Slated:
    """A take as one device records it.

    Args:
        take: it rolls.
        device: whose roll is written into the file.
        production: the title.
        taken: names of files that the device has already on that day, below the media folder.
    """
    rolls = [angle.roll for angle in take.angles if angle.camera == device]
    rolls += [sound.roll for sound in take.sound if sound.device == device]
    return Slated(
        take_id=take.id,
        production=production,
        unit=take.unit,
        day=take.day,
        scene=take.scene,
        slate=take.slate,
        take=take.take,
        episode=take.episode,
        roll=next((roll for roll in rolls if roll), None),
        tc=take.tc_in,
        tc_source=take.tc_source,
        mos=take.mos,
        wild=take.kind is Kind.WILD_TRACK,
        note=take.description,
        taken=[*taken],
    )
