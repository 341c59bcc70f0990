"""Verify files against a legacy MHL 1.x list.

Used by `onset verify`. The bytes come through a `Reader` given by the caller.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from onset.errors import MediumError
from onset.mhl.check import INCOMPLETE, MISMATCH, MISSING, Trouble, Verification, other_size, refuse_paths
from onset.mhl.legacy import LegacyFormat, LegacyRecord, legacy_hasher, read_legacy
from onset.mhl.paths import found_as
from onset.mhl.reading import Reader, Tally


def verify_legacy(
    manifest: Path, read: Reader, *, root: Path | None = None, tally: Tally | None = None
) -> Verification:
    """Read every file a legacy MHL lists and compare.

    Args:
        manifest: the list.
        read: how to read the medium.
        root: what its paths are relative to; the folder it lies in by default.
        tally: kept up to date while running.

    Raises:
        ManifestError: the file is not a legacy MHL.
    """
    listed = read_legacy(manifest)
    done = Verification(manifest)
    refuse_paths(done, listed.refused)
    top = root or manifest.parent
    tally = tally or Tally()
    tally.files, tally.bytes = len(listed.records), sum(record.size or 0 for record in listed.records)
    formats: set[str] = set()
    for record in listed.records:
        trouble = _check_legacy(top, record, read, done, formats)
        tally.done_files += 1
        tally.done_bytes += record.size or 0
        if trouble is None:
            sized = all(form is LegacyFormat.NULL for form in record.digests)
            done.verified += not sized
            done.size_only += sized
        else:
            done.troubles.append(trouble)
            done.missing += trouble.code == MISSING
            done.failed += trouble.code != MISSING
    if not listed.records and not listed.refused:
        done.troubles.append(Trouble("", "lists no file, so nothing was compared", INCOMPLETE))
    done.formats = tuple(sorted(formats))
    if done.size_only:
        files = "1 file" if done.size_only == 1 else f"{done.size_only} files"
        done.warnings.append(f"of {files} only the size is on record; their bytes were not read.")
    return done


def _check_legacy(
    top: Path, record: LegacyRecord, read: Reader, done: Verification, formats: set[str]
) -> Trouble | None:
    here = next((top / name for name in _spellings(top, record.path)), None)
    if here is None:
        return Trouble(record.path, "is on record but not on the medium", MISSING)
    done.looked_at.add(here)
    form = next((form for form in LegacyFormat if form in record.digests), None)
    if form is None or (form is LegacyFormat.NULL and record.size is None):
        return Trouble(record.path, "has no digest on record that could be checked", INCOMPLETE)
    formats.add(form.value)
    update, agrees = legacy_hasher(form)
    try:
        size = here.stat().st_size if form is LegacyFormat.NULL else read(here, update)
    except (MediumError, OSError) as error:
        return Trouble(record.path, str(error), INCOMPLETE)
    done.bytes += 0 if form is LegacyFormat.NULL else size
    trouble = other_size(record.path, size, record.size)
    if trouble is not None:
        return trouble
    if not agrees(record.digests[form]):
        return Trouble(record.path, "its bytes are not those on record", MISMATCH)
    return None


def _spellings(top: Path, path: str) -> Iterable[str]:
    """The path as it lies on the medium, if it is a regular file reached without a symbolic link."""
    with suppress(OSError):
        folder = top
        for name in path.split("/"):
            here: str | None = name
            if not os.path.lexists(folder / name):
                here = found_as(name, set(os.listdir(folder)))
            if here is None or (folder / here).is_symlink():
                return
            folder = folder / here
        if folder.is_file():
            yield str(folder.relative_to(top))
