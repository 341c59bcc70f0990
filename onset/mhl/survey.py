"""What there is to verify below a folder, and what nothing there could verify.

Used by `onset verify` on a whole disk: it must not be silent about what no history and no list accounts for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl.check import INCOMPLETE, Verification, tell_strays
from onset.mhl.tree import FOLDER, Ignores, Kind, list_tree
from onset.text import safe_path


@dataclass(frozen=True, slots=True)
class Survey:
    """A folder.

    Attributes:
        top: the folder.
        histories: the outermost folders at or below it that hold an `ascmhl` folder; they answer for what is in them.
        lists: `.mhl` files outside these.
        files: every other file outside these.
        others: links, special files and unreadable folders outside these, relative to the top.
    """

    top: Path
    histories: tuple[Path, ...]
    lists: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()
    others: tuple[tuple[str, Kind], ...] = ()

    def strays(self, looked_at: Iterable[Path], answered_for: Iterable[Path] = ()) -> Verification:
        """What nobody looked at.

        Args:
            looked_at: files that a legacy list accounts for.
            answered_for: folders that a manifest accounts for as a whole.
        """
        done = Verification(self.top)
        wholes = tuple(answered_for)
        unknown = [path for path in sorted(set(self.files) - set(looked_at)) if not _in_one(path, wholes)]
        others = {path: kind for path, kind in self.others if not _in_one(self.top / path, wholes)}
        tell_strays(done, (path.relative_to(self.top).as_posix() for path in unknown), others)
        return done


def survey(top: Path, ignores: Ignores) -> Survey:
    """Look for histories and lists, without following links or looking into histories.

    Args:
        top: a folder.
        ignores: what operating systems leave behind, as for `list_tree`.

    Raises:
        ManifestError: the folder cannot be listed.
    """
    if os.path.isdir(top / FOLDER):
        return Survey(top, (top,))
    histories: list[Path] = []

    def pruned(path: str, is_folder: bool) -> bool:
        if is_folder and os.path.isdir(top / path / FOLDER):  # False, not an error, where it may not be looked at
            histories.append(top / path)
            return True
        return ignores(path, is_folder)

    try:
        tree = list_tree(top, pruned)
    except OSError as error:
        raise ManifestError(f"{safe_path(top)} cannot be listed ({error.strerror}).", INCOMPLETE) from error
    files = [top / path for path in tree.files]
    lists = [path for path in files if path.suffix.lower() == ".mhl" and not path.name.startswith("._")]
    rest = set(files) - set(lists)
    return Survey(top, tuple(sorted(histories)), tuple(sorted(lists)), tuple(sorted(rest)), tuple(tree.others.items()))


def _in_one(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
