"""Refuse, before the first byte, what a target cannot hold.

Used by the job. Every refusal names the file or the target and says what to do. Facts: exFAT silently replaced
`A001.mov` by `a001.MOV`, and a full disk half way costs a crew its lunch.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from onset.domain.measures import in_bytes
from onset.errors import OffloadError
from onset.mhl.durable import PART
from onset.mhl.tree import FOLDER, Tree
from onset.offload.card import Card
from onset.offload.disks import kind_of, mount_of, place_on_medium, standing
from onset.offload.names import FAT, ONE_CASE, WINDOWS_NAMES, name_trouble, twin
from onset.offload.place import Place, Target
from onset.text import safe_path, safe_text

_FAT_LARGEST = (4 << 30) - 1
_LAST = (FOLDER[-1], FOLDER[-1].upper())  # a name that ends otherwise is not `ascmhl` in any case
_MANIFEST_BYTES_PER_FILE = 1024  # generous: a record is about 300 bytes, a line of the job's log 400
_SPARE = 1 << 20
_WINDOWS_PATH = 256  # 260 with the drive before it and the end after it


def check_targets(card: Card, targets: Sequence[Target]) -> None:
    """Refuse targets that make no sense for this card.

    Raises:
        OffloadError: one sentence.
    """
    if not targets:
        raise OffloadError("No target was given; name at least one folder to copy to.")
    on_card = place_on_medium(card.root)
    for target in targets:
        shown = safe_path(target.path)
        if not os.path.exists(target.path):  # which is no error where a server or a program behind it is gone
            raise OffloadError(f"The target {shown} does not exist; mount the disk or make the folder first.")
        if not os.path.isdir(target.path):
            raise OffloadError(f"The target {shown} is not a folder.")
        real = Path(os.path.realpath(target.path))
        goes_to = Path(os.path.realpath(target.path / target.folder))
        for path in (real, goes_to):
            if path == card.root or place_on_medium(path) == on_card:
                raise OffloadError(f"The target {shown} is the card itself; nothing is ever written to a card.")
            above = [folder for folder in path.parents if folder.exists()]
            if any(map(card.root.samefile, above)) or _lies_in(place_on_medium(path), on_card):
                raise OffloadError(f"The target {shown} lies on the card; nothing is ever written to a card.")
        if goes_to in card.root.parents or _lies_in(on_card, place_on_medium(goes_to)):
            raise OffloadError(
                f"The card lies inside {safe_path(goes_to)}, where it would be copied to; choose another."
            )
        lands_on = standing(goes_to)
        mount = mount_of(lands_on)
        if not os.access(lands_on, os.W_OK | os.X_OK) or (mount is not None and mount.read_only):
            raise OffloadError(f"The target {shown} is not writable; mount it read-write or give yourself the right.")
    check_apart([target.path / target.folder for target in targets])


def check_apart(folders: Sequence[Path]) -> None:
    """Refuse copies that would lie in one folder or one inside the other, whatever mounts lead there.

    Raises:
        OffloadError: names both.
    """
    seen: list[tuple[Path, tuple[int, Path], Path]] = []
    for folder in folders:
        here, real = place_on_medium(folder), Path(os.path.realpath(folder))
        for other, there, other_real in seen:
            both = f"The copies {safe_path(other)} and {safe_path(folder)}"
            if here == there or real == other_real:
                raise OffloadError(f"{both} would be one and the same folder; choose another target.")
            if (
                _lies_in(here, there)
                or _lies_in(there, here)
                or other_real in real.parents
                or real in other_real.parents
            ):
                raise OffloadError(f"{both} would lie one inside the other; choose another target.")
        seen.append((folder, here, real))


def _lies_in(inner: tuple[int, Path], outer: tuple[int, Path]) -> bool:
    return inner[0] == outer[0] and outer[1] in inner[1].parents


def check_names(card: Card, targets: Iterable[Target]) -> None:
    """Refuse names and sizes that a target's file system cannot keep.

    Raises:
        OffloadError: names the file, or the pair of files.
    """
    tree = card.tree
    paths = [*tree.files, *tree.folders]
    for path in tree.files:
        if path.endswith(PART) and path.removesuffix(PART) in tree.files:
            raise OffloadError(
                f"The card holds both {safe_text(path.removesuffix(PART))} and {safe_text(path)}; that ending is for "
                "unfinished copies, so rename the second."
            )
        if path.endswith(_LAST) and path.rpartition("/")[2].casefold() == FOLDER:
            raise OffloadError(
                f"The card holds a file called {safe_text(path)}; copies keep their ASC MHL history in a folder of "
                "that name, so rename it first."
            )
    fits: set[str] = set()  # kinds of file system on which all of the card's names may stand
    for target in targets:
        mount = mount_of(standing(target.path / target.folder))
        kind = kind_of(mount) if mount is not None else ""
        shown = f"{safe_path(target.path)} ({kind})"
        for part in Path(target.folder).parts:
            trouble = name_trouble(part, kind)
            if trouble:
                raise OffloadError(
                    f"{shown} cannot hold a folder {safe_text(part)}: {trouble}. Use a named target (--to)."
                )
        if kind in fits:
            continue
        for path in paths:
            trouble = name_trouble(path.rpartition("/")[2], kind)
            if trouble:
                raise OffloadError(f"{shown} cannot hold {safe_text(path)}: {trouble}. Choose another target.")
        if kind in ONE_CASE:
            _refuse_twins(paths, shown)
        if kind in FAT:
            for path, entry in tree.files.items():
                if entry.size > _FAT_LARGEST:
                    raise OffloadError(
                        f"{shown} cannot hold {safe_text(path)}: it is 4 GiB or more. Choose another target."
                    )
        fits.add(kind)


def _refuse_twins(paths: Iterable[str], shown: str) -> None:
    first: dict[str, str] = {}
    for path in paths:
        other = first.setdefault(twin(path), path)
        if other != path:
            raise OffloadError(
                f"{shown} would take {safe_text(other)} and {safe_text(path)} for one file; choose another target."
            )


def long_paths(card: Card, places: Iterable[Place]) -> list[str]:
    """What to say of paths that programs on Windows cannot open, although the file system keeps them."""
    told = []
    for place in places:
        mount = mount_of(standing(place.folder))
        if mount is None or kind_of(mount) not in WINDOWS_NAMES:
            continue
        above = len(os.path.relpath(os.path.realpath(place.folder), mount.point)) + 1
        long = [path for path in card.tree.files if above + len(path) > _WINDOWS_PATH]
        if long:
            more = f" and {len(long) - 1} more" if len(long) > 1 else ""
            what = (
                f"{safe_text(long[0])}{more} will have a path of over 260 characters on {safe_path(place.target.path)}"
            )
            told.append(f"{what}, which many programs on Windows cannot open")
    return told


def check_space(card: Card, places: Sequence[Place]) -> None:
    """Refuse targets without room for what is still to be copied; targets on one file system share its room.

    Raises:
        OffloadError: names the target, what is needed and what is free.
    """
    shares: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places:
        shares[standing(place.folder).stat().st_dev].append(place)
    for together in shares.values():
        found = os.statvfs(standing(together[0].folder))
        cluster = found.f_frsize or 4096
        needed = sum(bytes_needed(card.tree, place, cluster) for place in together)
        free = found.f_bavail * found.f_frsize
        names = " and ".join(safe_path(place.target.path) for place in together)
        if needed > free:
            raise OffloadError(f"{names}: {in_bytes(needed)} needed, {in_bytes(free)} free; make room first.")
        inodes = sum(len(card.tree.files) + len(card.tree.folders) - len(place.present) for place in together)
        if found.f_files and inodes > found.f_favail:
            raise OffloadError(
                f"{names}: room for {found.f_favail} more names, {inodes} needed; choose another target."
            )


def bytes_needed(tree: Tree, place: Place | None, cluster: int) -> int:
    """Bytes that a card takes on a target, its manifest included.

    Args:
        tree: the card's.
        place: what lies there already counts no more, nor what an unfinished file gives back; None for a target that
            holds nothing.
        cluster: of the file system; every file fills its last one.
    """
    present = place.present if place is not None else None
    if present:
        missing = [entry.size for path, entry in tree.files.items() if path not in present]
    else:
        missing = [entry.size for entry in tree.files.values()]
    if not missing:
        return 0
    data = sum([-(-size // cluster) for size in missing]) * cluster
    if place is not None:
        data -= place.unfinished // cluster * cluster
    return data + len(tree.folders) * cluster + len(tree.files) * _MANIFEST_BYTES_PER_FILE + _SPARE
