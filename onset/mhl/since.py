"""What the history of a copy has got since the copy was made: files found with other bytes, or gone.

Used for the verdict on a card, and by an offload that counts the copies of earlier ones. No file of the copy is read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl.asc import read_chain, read_manifest
from onset.mhl.check import MISSING, Verification, covered, paired
from onset.mhl.history import NO_CHAIN, History, joined
from onset.mhl.paths import name_of, parent_of
from onset.mhl.tree import CHAIN, FOLDER


@dataclass(frozen=True, slots=True)
class Since:
    """What was found after a copy was made; nothing where nobody looked, or all was well.

    Attributes:
        failed: files that the newest look at each found with other bytes.
        missing: files that are gone.
        at_ns: when the newest generation that tells so was made, None where it does not say.
        trouble: why the history says nothing that could be trusted.
    """

    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    at_ns: int | None = None
    trouble: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against the copy."""
        return not (self.failed or self.missing or self.trouble)


NOTHING = Since()


def found_since(manifest: str) -> Since:
    """What was found of a copy behind the generation that made it; asks the disk.

    A chain is followed once for as long as it stays as it is, and not at all where that generation is its newest. Where
    the manifest is not there the disk is away, or the copy gone: that is for others to say.

    Args:
        manifest: of that generation, in the `ascmhl` folder of the copy.
    """
    path = Path(manifest)
    if path.parent.name != FOLDER or not os.path.exists(path):
        return NOTHING
    try:
        chain = os.stat(path.parent / CHAIN)
        found = _found(path, chain.st_mtime_ns, chain.st_size)
    except (OSError, ManifestError) as error:
        return Since(trouble=(error.strerror if isinstance(error, OSError) else None) or str(error))
    gone = tuple(each for each in found.missing if not os.path.lexists(path.parent.parent / each))
    return replace(found, missing=gone) if found.failed or gone else NOTHING


@lru_cache(maxsize=4096)
def _found(manifest: Path, _mtime_ns: int, _size: int) -> Since:
    names = [link.name for link in read_chain(manifest.parent / CHAIN)]
    if manifest.name not in names:
        raise ManifestError("its chain does not name the generation that made it", NO_CHAIN)
    if names[-1] == manifest.name:
        return NOTHING
    history, tree = covered(manifest.parent.parent)
    first = _numbers(history, manifest)
    failed: dict[str, str] = {}
    known = {}
    for part in history.lineage():
        for path, each in (part.known | part.unlisted).items():
            whole = joined(part.scope, path)
            failed.pop(whole, None)  # the nearest history is the one that goes on
            if each.listed >= first[part.scope]:
                known[whole] = each
            if each.failed and each.listed > first[part.scope]:
                failed[whole] = part.made[each.listed - 1]
    looked = Verification(history.root)
    paired(history, known, tree, looked)
    missing = tuple(each.path for each in looked.troubles if each.code == MISSING)
    moments = [_when(each) for each in (*failed.values(), *history.made[-1:] * bool(missing))]
    return Since(tuple(failed), missing, max((each for each in moments if each is not None), default=None))


def _numbers(history: History, manifest: Path) -> dict[str, int]:
    """By scope the number of the generation that made the copy; 0 for a history that was begun later."""
    numbers = {"": next(link.number for link in history.chain if link.name == manifest.name)}
    for part in history.lineage():
        made_by = part.root / FOLDER / part.chain[numbers[part.scope] - 1].name if numbers[part.scope] else None
        of = read_manifest(made_by).references if part.children and made_by is not None else ()
        referred = {joined(part.scope, parent_of(parent_of(each.path))): name_of(each.path) for each in of}
        for child in part.children:
            named = referred.get(child.scope)
            numbers[child.scope] = next((link.number for link in child.chain if link.name == named), 0)
    return numbers


def _when(moment: str) -> int | None:
    try:
        return int(datetime.fromisoformat(moment).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError, OSError):
        return None
