"""Cards that are in a reader of this machine now, each looked at once.

Used by the Offload screen, in a thread of its own: listing a card may take a second. What is mounted is told by
`inserted.py`, and a card is known again by its fingerprint.
"""

from __future__ import annotations

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


class Readers:
    """What lies in the readers. One thread at a time."""

    def __init__(self, mounted: Callable[[], Sequence[Mount]]) -> None:
        """`mounted` gives what may be a card and is mounted now."""
        self._mounted = mounted
        self._seen: dict[Mount, CardHere] = {}

    def look(self) -> list[CardHere]:
        """The cards that are there now. One that is written to is looked at again when it is put in or mounted anew."""
        self._seen = {mount: self._seen.get(mount) or _look_at(mount) for mount in self._mounted()}
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
