"""What is on a card, and which card it is.

Used by the job before the first byte and again after the last, to see that the card did not change meanwhile. Nothing
is opened, nothing followed, nothing ever written.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from onset.errors import ManifestError, OffloadError
from onset.mhl.history import History, load_history
from onset.mhl.tree import Tree, list_tree
from onset.offload.disks import Mount, mount_of, whole_disks
from onset.text import safe_path, safe_text

# Folders that operating systems leave at the top of a volume; a file of such a name is a file like any other.
# Everything else is copied: camera tools want every index file.
LITTER = (
    ".Trashes",
    ".Spotlight-V100",
    ".fseventsd",
    ".TemporaryItems",
    "System Volume Information",
    "$RECYCLE.BIN",
    "lost+found",
)
LITTER_ANYWHERE = (".DS_Store",)
_AT_ONCE = 1024  # files whose names and dates are hashed together
LITTER_PATTERNS = (*LITTER_ANYWHERE, *(f"/{name}/" for name in LITTER))


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was found.

    Attributes:
        root: its top folder.
        label: what it is called; by default the folder's name. A label is not an identity.
        tree: all of its files, with what was left out and what cannot be copied.
        fingerprint: identity of this state of this card: names, sizes, dates and the volume's id where it is known.
        history: the ASC MHL history it brought, if any.
        history_trouble: why that history cannot be carried on.
    """

    root: Path
    label: str
    tree: Tree
    fingerprint: str
    disks: frozenset[str]
    mount: Mount | None
    history: History | None = None
    history_trouble: ManifestError | None = None


def is_litter(path: str, is_folder: bool) -> bool:
    """Whether an operating system left it; `path` is relative to the card."""
    if is_folder:
        return path in LITTER
    return path.endswith(LITTER_ANYWHERE) and path.rpartition("/")[2] in LITTER_ANYWHERE


def litter_patterns(tree: Tree) -> tuple[str, ...]:
    """What a manifest says was left out: a pattern for a name would also hide a folder that was copied."""
    kept = {path.rpartition("/")[2] for path in tree.folders} & set(LITTER_ANYWHERE)
    return (*LITTER_PATTERNS, *(f"!{name}/" for name in sorted(kept)))


def list_card(root: Path) -> Tree:
    """List a card.

    Raises:
        OffloadError: it cannot be listed.
    """
    try:
        return list_tree(root, is_litter, manifests=True)
    except OSError as error:
        raise OffloadError(f"The card {safe_path(root)} cannot be listed ({error.strerror}).") from error


def list_again(card: Card) -> Tree:
    """List a card after its last byte.

    Raises:
        OffloadError: it cannot be listed, or was taken out; the folder that it was mounted at may be there still.
    """
    mount = mount_of(card.root) if card.mount is not None else None
    if card.mount is not None and (
        mount is None or (mount.point, mount.device) != (card.mount.point, card.mount.device)
    ):
        raise OffloadError(
            f"{safe_text(card.label)} was taken out before it could be looked at again; put it in and give the same "
            "command again."
        )
    return list_card(card.root)


def scan_card(path: Path, label: str | None = None) -> Card:
    """Look at a card.

    Raises:
        OffloadError: it is not there, not a folder, empty, or cannot be listed.
    """
    if not os.path.exists(path):  # nor is one whose reader is gone
        raise OffloadError(f"There is no card at {safe_path(path)}; is it mounted?")
    if not os.path.isdir(path):
        raise OffloadError(f"{safe_path(path)} is not a folder; give the card's top folder.")
    root = Path(os.path.realpath(path))
    tree = list_card(root)
    mount = mount_of(root)
    if not tree.files:
        missing = "" if mount is not None and mount.point == str(root) else " Is the card mounted?"
        raise OffloadError(f"There are no files on {safe_path(path)}, so there is nothing to offload.{missing}")
    history = trouble = None
    if tree.histories:
        try:
            history = load_history(root, tree.histories, may_be_new=True)
        except ManifestError as error:
            trouble = error
    return Card(
        root,
        label or root.name or "card",
        tree,
        fingerprint(tree, _volume_id(root, mount)),
        whole_disks(root),
        mount,
        history,
        trouble,
    )


def open_card(card: Card) -> int:
    """A descriptor of the card's top folder.

    Raises:
        OffloadError: it is gone since it was looked at.
    """
    try:
        return os.open(card.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise OffloadError(
            f"{safe_path(card.root)} cannot be opened any more ({error.strerror}); connect it and give the same "
            "command again."
        ) from error


def read_write(card: Card) -> str | None:
    """What to say of a card on which something else could write; None for one that is protected, or no volume."""
    if card.mount is None or card.mount.read_only or card.mount.point != str(card.root):
        return None
    where = shlex.quote(str(card.root))
    return (
        "the card is mounted read-write; nothing of ours is ever written to it, but its switch or "
        f'"sudo mount -o remount,ro {safe_text(where)}" would protect it from others'
    )


def fingerprint(tree: Tree, volume: str = "") -> str:
    """Identity of a card's state, over sorted (path, size, mtime) and the volume's id; 32 hex digits."""
    running = hashlib.sha256(volume.encode(errors="surrogateescape"))
    files, paths = tree.files, sorted(tree.files)
    for start in range(0, len(paths), _AT_ONCE):
        entries = [files[path] for path in paths[start : start + _AT_ONCE]]
        running.update(os.fsencode("".join([f"\0{each.path}\0{each.size}\0{each.mtime_ns}" for each in entries])))
    return running.hexdigest()[:32]


def _volume_id(root: Path, mount: Mount | None) -> str:
    """The file system's UUID, where the card is a whole volume and udev knows it."""
    if mount is None or mount.point != str(root):
        return ""
    by_uuid = Path("/dev/disk/by-uuid")
    try:
        names = os.listdir(by_uuid)
    except OSError:
        return ""
    device = os.path.realpath(mount.source)
    return next((name for name in names if os.path.realpath(by_uuid / name) == device), "")


def changes(before: Tree, after: Tree) -> dict[str, str]:
    """What is different on the card now: path to what happened."""
    found = dict.fromkeys(after.files.keys() - before.files.keys(), "appeared on the card during the offload")
    found |= dict.fromkeys(before.files.keys() - after.files.keys(), "vanished from the card during the offload")
    for path in before.files.keys() & after.files.keys():
        if before.files[path] != after.files[path]:
            found[path] = "was changed on the card during the offload"
    return found
