"""What a device is told of a take: at the roll, and what is said of it while its file is open. Used by session.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onset.capture.signals import Said, Slated
from onset.domain.note import Audience
from onset.domain.take import Status, Take


def slated_of(take: Take, device: str, production: str, taken: Sequence[str], peaks: Mapping[str, float]) -> Slated:
    """A take as one device records it.

    Args:
        take: it rolls.
        device: whose roll is written into the file.
        production: the title.
        taken: names of files that the device has already on that day, below the media folder.
        peaks: the loudest of each track in those files, in dBFS.
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
        said=said_of(take),
        taken=[*taken],
        peaks={**peaks},
    )


def said_of(take: Take) -> Said:
    """What stands in the log of a take now.

    Files go to the cutting room: notes of another audience than the editor's are not in them. Marks are not either, a
    file has them at their places.
    """
    notes = sorted(take.notes, key=lambda note: note.wall_ns)
    words = [take.description]
    words += [note.text for note in notes if note.audience is Audience.EDITOR and not note.mark and not note.deleted]
    return Said(
        circled=take.status is Status.CIRCLED,
        no_good=take.status is Status.NG,
        kind=take.kind.value,
        note="; ".join(word for word in words if word),
    )
