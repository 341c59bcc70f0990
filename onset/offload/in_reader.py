"""Cards that are in a reader of this machine now, each looked at once, and again when it was written to.

Used by the Offload screen, in a thread of its own: listing a card may take a second. What is mounted is told by
`inserted.py`, and a card is known again by its fingerprint.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from onset.errors import OffloadError
from onset.offload.card import read_write, scan_card
from onset.offload.disks import Mount


@dataclass(frozen=True, slots=True)
class CardHere:
    """A card in a reader.

    Attributes:
        path: where it is mounted.
        label: what it is called, by its folder's name.
        trouble: why it cannot be copied as it is (empty, unreadable), in a sentence; then the rest says nothing.
        fingerprint: of this state of it.
        files, size: how many, and their bytes.
        note: what to do before it is copied (it is mounted read-write), or empty.
    """

    path: str
    label: str
    trouble: str = ""
    fingerprint: str = ""
    files: int = 0
    size: int = 0
    note: str = ""


def room_on(mount: Mount) -> tuple[int, int] | None:
    """Free blocks and files of a card that can be written to: as long as they stay the same nothing came on it.

    Asked instead of the list of its files, as one call tells it. What takes no room, as a new name does, is not seen.

    Returns:
        None for a card that is mounted read-only, or does not answer.
    """
    if mount.read_only:
        return None
    try:
        found = os.statvfs(mount.point)
    except OSError:
        return None
    return found.f_bfree, found.f_ffree


class Readers:
    """What lies in the readers. One thread at a time."""

    def __init__(
        self,
        mounted: Callable[[], Sequence[Mount]],
        room: Callable[[Mount], tuple[int, int] | None] = room_on,
    ) -> None:
        """`mounted` gives what may be a card and is mounted now, `room` what is free on one that may be written to."""
        self._mounted = mounted
        self._room = room
        self._seen: dict[tuple[Mount, tuple[int, int] | None], CardHere] = {}

    def look(self) -> list[CardHere]:
        """The cards that are there now. One is looked at again when it is put in or mounted anew, or was written to."""
        there = [
            (mount, self._room(mount)) for mount in self._mounted()
        ]  # before the list: what comes later changes it
        self._seen = {each: self._seen.get(each) or _look_at(each[0]) for each in there}
        return list(self._seen.values())


def _look_at(mount: Mount) -> CardHere:
    label = Path(mount.point).name
    try:
        card = scan_card(Path(mount.point))
    except OffloadError as error:
        return CardHere(mount.point, label, str(error))
    except OSError as error:
        return CardHere(mount.point, label, f"The card cannot be read ({error.strerror}); try another reader.")
    tree = card.tree
    return CardHere(mount.point, card.label, "", card.fingerprint, len(tree.files), tree.bytes, read_write(card) or "")
