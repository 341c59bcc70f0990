"""What the history of a copy has got since the copy was made: files found with other bytes, or gone.

Used for the verdict on a card, and by an offload that counts the copies of earlier ones. No file of the copy is read.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl.asc import read_chain, read_manifest
from onset.mhl.check import MISSING, Verification, covered, paired
from onset.mhl.history import NO_CHAIN, History, Known, differs, joined
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
        agreed_ns: the time after which every file of the copy was found right; None where one was not looked at since.
    """

    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    at_ns: int | None = None
    trouble: str = ""
    agreed_ns: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against the copy."""
        return not (self.failed or self.missing or self.trouble)


NOTHING = Since()


def found_since(manifest: str) -> Since:
    """What was found of a copy behind the generation that made it; asks the disk.

    Chains are followed once for as long as they stay as they are, and not at all where that generation is the newest
    and no history is nested. Where the manifest is not there the disk is away, or the copy gone: others say that.

    Args:
        manifest: of that generation, in the `ascmhl` folder of the copy.
    """
    path = Path(manifest)
    if path.parent.name != FOLDER or not os.path.exists(path):
        return NOTHING
    top = path.parent.parent
    try:
        found = _found(path, _chains(str(top)))
    except (OSError, ManifestError) as error:
        return Since(trouble=(error.strerror if isinstance(error, OSError) else None) or str(error))
    gone = tuple(each for each in found.missing if not os.path.lexists(top / each))
    if gone and not os.path.exists(path):  # the disk went while it was looked at
        return NOTHING
    return replace(found, missing=gone) if found.failed or gone else Since(agreed_ns=found.agreed_ns)


def _chains(top: str) -> tuple[tuple[str, int, int], ...]:
    """The chains of a copy and of the histories nested in it: where, when written, how long.

    Raises:
        OSError: the copy's own is not there.
    """
    own = os.stat(os.path.join(top, FOLDER, CHAIN))
    chains = [(top, own.st_mtime_ns, own.st_size)]
    pending = [top]
    while pending:
        folder = pending.pop()
        with suppress(OSError):  # nothing can be told of what may not be entered
            inside = _folders(folder, os.stat(folder).st_mtime_ns)
            pending += [os.path.join(folder, name) for name in inside if name != FOLDER]
            if FOLDER in inside and folder != top:
                chain = os.stat(os.path.join(folder, FOLDER, CHAIN))
                chains.append((folder, chain.st_mtime_ns, chain.st_size))
    return tuple(sorted(chains))


@lru_cache(maxsize=65536)
def _folders(folder: str, _mtime_ns: int) -> tuple[str, ...]:
    with os.scandir(folder) as entries:
        return tuple(each.name for each in entries if each.is_dir(follow_symlinks=False))


@lru_cache(maxsize=4096)
def _found(manifest: Path, chains: tuple[tuple[str, int, int], ...]) -> Since:
    names = [link.name for link in read_chain(manifest.parent / CHAIN)]
    if manifest.name not in names:
        raise ManifestError("its chain does not name the generation that made it", NO_CHAIN)
    if names[-1] == manifest.name and len(chains) == 1:
        return NOTHING
    history, tree = covered(manifest.parent.parent)
    first = _numbers(history, manifest)
    grown = [part for part in history.lineage() if part.generation > first[part.scope]]
    if not grown:
        return NOTHING
    failed: dict[str, str] = {}
    known: dict[str, Known] = {}
    agreed: dict[str, str] = {}
    for part in history.lineage():
        for path, each in (part.known | part.unlisted).items():
            whole = joined(part.scope, path)
            before = failed.pop(whole, None)  # the nearest history is the one that goes on
            if each.listed < first[part.scope]:
                continue
            older = known.get(whole)
            known[whole] = each
            agreed.pop(whole, None)
            if each.listed == first[part.scope]:
                continue
            at = part.made[each.listed - 1]
            if each.failed:
                failed[whole] = at
            elif older is None or each.digests.items() & older.digests.items():
                agreed[whole] = at
            elif each.listed == 1 and differs(older, each.digests):
                failed[whole] = at  # another tool began a history here, and took these bytes for the first ones
            elif each.listed == 1 and before is not None:
                failed[whole] = before  # in another format: that tells neither
    looked = Verification(history.root)
    paired(history, known, tree, looked)
    missing = tuple(each.path for each in looked.troubles if each.code == MISSING)
    newest = [part.made[-1] for part in grown] if missing else []
    moments = [_when(each) for each in (*failed.values(), *newest)]
    looks = [_when(agreed.get(path, "")) for path in known]
    return Since(
        tuple(failed),
        missing,
        max((each for each in moments if each is not None), default=None),
        agreed_ns=min(each for each in looks if each is not None) if looks and None not in looks else None,
    )


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
