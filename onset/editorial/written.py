"""Where an editorial file goes, and a write that never destroys something else.

A day is exported again and again as it is corrected, so a file that is as onset wrote it is replaced, whole or not at
all. Most of these formats have no place where a program could sign, and what an assistant has typed into such a file
since must not be lost either, so the digests of what was written are remembered: anything else of that name is refused.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Mapping
from pathlib import Path

from onset.errors import ExportError
from onset.mhl.durable import replacing
from onset.text import file_name, safe_path

_MEMORY = "exports"
_BLOCK = 1 << 20


def export_name(title: str, day: int | None, unit: str, part: str, suffix: str) -> str:
    """The file name of an export.

    >>> export_name("Harbour Lights", 3, "Main", "A", "ale")
    'Harbour_Lights_day03_A.ale'
    >>> export_name("../etc", None, "Second unit", "", "csv")
    'etc_Second_unit.csv'
    """
    days = f"day{day:02d}" if day is not None else ""
    return file_name([title[:36], days, unit[:20] if unit != "Main" else "", part[:40]], suffix)


class Memory:
    """Digests of the files that were written on this machine by this user, one a line."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Kept in `$XDG_STATE_HOME/onset/exports`, by default below `~/.local/state`."""
        state = environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
        self._path = Path(state) / "onset" / _MEMORY

    def keep(self, content: bytes) -> None:
        """Remember what is about to be written.

        Raises:
            ExportError: it cannot be remembered, so that the file could never be replaced.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as lines:
                lines.write(hashlib.sha256(content).hexdigest().encode() + b"\n")
                lines.flush()
                os.fsync(lines.fileno())
        except OSError as error:
            raise ExportError(
                f"What is exported is remembered in {safe_path(self._path)}, which cannot be written: "
                f"{error.strerror or error}."
            ) from None

    def has(self, path: Path, content: bytes | None = None) -> bool:
        """Whether the file there is as it was written, or is what shall be written."""
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        if content is not None and digest.digest() == hashlib.sha256(content).digest():
            return True
        try:
            return digest.hexdigest().encode() in self._path.read_bytes().split()
        except FileNotFoundError:
            return False


def write_export(path: Path, content: bytes, memory: Memory) -> None:
    """Put a file at `path`, which is either the old one or the new one, whatever happens in between.

    Raises:
        ExportError: something that onset did not write is there, or the place cannot be written.
    """
    shown = safe_path(path)
    try:
        refuse_what_is_not_ours(path, content, memory)
        memory.keep(content)
        with replacing(path) as file:
            file.write(content)
    except FileNotFoundError:
        raise ExportError(f"There is no folder {safe_path(path.parent)} to export to; make it first.") from None
    except OSError as error:
        raise ExportError(f"{shown} could not be written: {error.strerror or error}.") from None


def refuse_what_is_not_ours(path: Path, content: bytes, memory: Memory) -> None:
    """Look before anything is written: of several files all are, or none.

    Raises:
        ExportError: something that onset did not write is there.
        OSError: it cannot be read.
    """
    if not path.is_symlink() and not path.exists():
        return
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ExportError(f"{safe_path(path)} is not a plain file; export to another name.")
    if not memory.has(path, content):
        raise ExportError(
            f"{safe_path(path)} is there already and is not as onset wrote it here; export to another name, or move it."
        )


def of_earlier(folder: Path, names: Collection[str], others: Collection[str], memory: Memory) -> list[Path]:
    """Files of an export that was fuller: as this one's are named, and as onset wrote them.

    Args:
        folder: where this export goes; it may not be there yet.
        names: what this export calls a file without a part, of each day (`Harbour_Lights_day03.ale`).
        others: likewise of other units, whose names may go on where these end.
        memory: of this machine.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
        return [
            path
            for path in found
            if any(_is_part(path, name) for name in names)
            and not any(_is_part(path, name) for name in others)
            and memory.has(path)
        ]
    except OSError:
        return []  # nothing of it is written, or lost: what cannot be read is not told


def _is_part(path: Path, name: str) -> bool:
    whole = Path(name)
    return path.suffix == whole.suffix and f"{path.stem}_".startswith(f"{whole.stem}_")


def make_folder(folder: Path) -> None:
    """Have the folder that exports go to.

    Raises:
        ExportError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"The folder {safe_path(folder)} could not be made: {error.strerror or error}.") from None
