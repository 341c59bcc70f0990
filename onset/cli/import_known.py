"""Knows a file again that the log has already: from another folder, from a card that was offloaded, or as it was.

Used by `import_files.py`. Why bytes and not paths: docs/decisions/0210-a-file-is-known-by-its-bytes.md.
"""

from __future__ import annotations

from dataclasses import replace

from onset.cli.import_told import MediaFile, device_of
from onset.domain.camera import Clip
from onset.logbook.protocol import Logbook


class Held:
    """What the log has already, to know a file again."""

    def __init__(self, logbook: Logbook) -> None:
        """Read the files of all units and days."""
        self._folder = logbook.folder
        self._by_path: dict[tuple[type, str], MediaFile] = {}
        self._by_digest: dict[tuple[type, str, str], MediaFile] = {}
        self._alike: dict[tuple[object, ...], MediaFile] = {}
        for unit in logbook.units():
            for one in logbook.media(unit=unit.name):
                self._by_path[type(one), one.path] = one
                if one.digest:
                    self._by_digest[type(one), one.name, one.digest] = one
                if (key := _likeness(one)) is not None:
                    self._alike.setdefault(key, one)

    def same(self, one: MediaFile) -> MediaFile | None:
        """The log's own, where it has that file: by its digest, else its path, else what any copy of it has."""
        if one.digest and (found := self._by_digest.get((type(one), one.name, one.digest))) is not None:
            return found
        there = self._by_path.get((type(one), one.path))
        if there is not None and (one.size == there.size or one.unreadable or there.unreadable):
            return there if not (one.digest and there.digest) else None
        alike = self._alike.get(key) if (key := _likeness(one)) is not None else None
        if alike is None or (one.digest and alike.digest):
            return None
        return alike if not one.unreadable or not (self._folder / alike.path).exists() else None


def _likeness(one: MediaFile) -> tuple[object, ...] | None:
    """What every copy of a file has, where nobody read all of it; None where that would not tell it from another."""
    if not one.size or (one.tc_in is None and not one.unreadable):
        return None
    return (type(one), one.name, one.size, one.tc_in, one.duration_frames, bool(one.unreadable))


def as_known(logbook: Logbook, one: MediaFile, before: MediaFile, *, own_day: bool, own_device: bool) -> MediaFile:
    """The file as the log knows it: its card, digest and path; and whose it is.

    Args:
        logbook: of the production.
        one: as it was read now.
        before: as the log has it.
        own_day: somebody said its unit or day now, so that it moves there.
        own_device: likewise its camera or recorder.
    """
    moved = one.digest is not None and one.digest == before.digest and not (logbook.folder / before.path).exists()
    one = replace(
        one, card=before.card, digest=one.digest or before.digest, path=one.path if moved else before.path
    )  # fmt: skip
    if not own_day:
        one = replace(one, unit=before.unit, day=before.day)
    if own_device:
        return one
    if isinstance(one, Clip):
        return replace(one, camera=device_of(before) or one.camera)
    return replace(one, device=device_of(before))
