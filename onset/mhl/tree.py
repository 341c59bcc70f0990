"""What lies in a folder, without opening or following anything.

Used by the card scan and by verify. `scandir` and `lstat` only: a FIFO is never opened, a symbolic link never followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from pathlib import Path

_name = attrgetter("name")
CHAIN = "ascmhl_chain.xml"
FOLDER = "ascmhl"


class Kind(StrEnum):
    """What a name that is neither a file nor a folder stands for."""

    LINK = "symbolic link"
    SPECIAL = "special file"
    UNREADABLE = "folder that cannot be read"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A regular file.

    Attributes:
        path: relative to the tree, `/` between names; bytes that are not UTF-8 as lone surrogates.
        size: bytes.
        mtime_ns: modification time, ns since 1970.
        inode: with size and mtime it tells whether the file was exchanged.
        source: where it really lies, absolute, of a file that is brought together with others from elsewhere; empty: at
            `path`.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    source: str = ""

    @property
    def lies_at(self) -> str:
        """What to open, relative to the tree or absolute."""
        return self.source or self.path


@dataclass(slots=True)
class Tree:
    """Everything below a folder.

    Attributes:
        files: by path, sorted.
        folders: path to mtime_ns; the top folder is not among them.
        histories: folders ("" is the top) that hold an `ascmhl` folder.
        others: links, special files and folders that could not be listed.
        ignored: paths left out, files or whole folders, with their bytes.
    """

    files: dict[str, FileEntry] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    histories: list[str] = field(default_factory=list)
    others: dict[str, Kind] = field(default_factory=dict)
    ignored: dict[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum([entry.size for entry in self.files.values()])


Ignores = Callable[[str, bool], bool]


def list_tree(top: Path, ignores: Ignores, *, manifests: bool = False) -> Tree:
    """List everything below `top`.

    Args:
        top: a folder.
        ignores: called with the relative path and whether it is a folder; True leaves it out.
        manifests: list the files inside `ascmhl` folders too (a copy wants them, a verification does not).

    Raises:
        OSError: `top` itself cannot be listed.
    """
    tree = Tree()
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(top / folder if folder else top) as listing:
                entries = sorted(listing, key=_name)
        except OSError:
            if not folder:
                raise
            tree.others[folder] = Kind.UNREADABLE
            continue
        below = []
        above = f"{folder}/" if folder else ""
        for entry in entries:
            path = above + entry.name
            found = entry.stat(follow_symlinks=False)
            mode = found.st_mode
            is_folder = stat.S_ISDIR(mode)
            if is_folder and entry.name == FOLDER:
                tree.histories.append(folder)
                if not manifests:
                    continue
            elif ignores(path, is_folder):
                tree.ignored[path] = found.st_size if stat.S_ISREG(mode) else 0
                continue
            if is_folder:
                tree.folders[path] = found.st_mtime_ns
                below.append(path)
            elif stat.S_ISREG(mode):
                tree.files[path] = FileEntry(path, found.st_size, found.st_mtime_ns, found.st_ino)
            else:
                tree.others[path] = Kind.LINK if stat.S_ISLNK(mode) else Kind.SPECIAL
        pending.extend(reversed(below))
    return tree
