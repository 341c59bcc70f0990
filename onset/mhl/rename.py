"""Rename a file or a folder that is on record, and write a generation that says what it was called before.

Used by `onset mhl rename`. The bytes are read and compared first, those of nested histories too, then the name changes,
then the generation is written. Cut off between the last two, the old name is missing and the new one new; the same
command, given again, finds that out and writes the generation.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from onset.clock import Clock
from onset.errors import ManifestError, RefusedError
from onset.mhl.append import append_generation
from onset.mhl.check import MISSING, Taking, Trouble, Verification, compare, covered, creator_now, left_out
from onset.mhl.durable import sync_folder
from onset.mhl.history import Found, History, has_history, look_above, move_known
from onset.mhl.holding import holding, require_unchanged
from onset.mhl.ignore import IgnoreRules
from onset.mhl.paths import found_as, in_folder, listable, parent_of
from onset.mhl.reading import Reader, Tally
from onset.mhl.records import Author, Process
from onset.mhl.tree import Tree
from onset.text import safe_path

Move = Callable[[Path, str, str], None]


@dataclass(frozen=True, slots=True)
class Rename:
    """What is to be called otherwise: paths relative to `top`, the folder of the history that lists it."""

    top: Path
    old: str
    new: str

    def after(self, path: str) -> str:
        """What a path is called afterwards."""
        return self.new + path[len(self.old) :] if in_folder(path, self.old, itself=True) else path

    def holds(self, path: str) -> bool:
        """Whether a path is what is renamed, or lies in it."""
        return in_folder(path, self.old, itself=True)


def planned(old: Path, new: Path) -> Rename:
    """Find the history that lists `old`.

    Raises:
        ManifestError: there is none (30).
        RefusedError: `new` would belong to another one, or cannot be listed.
    """
    top = next((folder for folder in old.parents if has_history(folder)), None)
    if top is None:
        raise ManifestError(f"No ASC MHL history lists {safe_path(old)}; without one, rename it as you like.", 30)
    if not new.is_relative_to(top) or next(folder for folder in new.parents if has_history(folder)) != top:
        raise RefusedError(f"{safe_path(new)} would not belong to the history of {safe_path(top)}; keep it in there.")
    rename = Rename(top, old.relative_to(top).as_posix(), new.relative_to(top).as_posix())
    if rename.holds(rename.new):
        raise RefusedError(f"{safe_path(new)} is {safe_path(old)} or lies in it; give another name.")
    if not listable(rename.new):
        raise RefusedError(f"A manifest cannot carry the name {safe_path(new)}; choose one without control characters.")
    if not new.parent.is_dir():
        raise RefusedError(f"There is no folder {safe_path(new.parent)}; make it first.")
    return rename


def rename_recorded(
    rename: Rename,
    read: Reader,
    clock: Clock,
    move: Move,
    *,
    authors: tuple[Author, ...] = (),
    location: str | None = None,
    comment: str | None = None,
    tally: Tally | None = None,
) -> Verification:
    """Do it. Nothing is renamed unless every byte is as it is on record.

    Args:
        rename: from `planned`.
        read: how to read the medium.
        clock: for the dates in the manifest.
        move: `move(top, old, new)` renames on the medium and never over anything.
        authors: who does it.
        location: where.
        comment: anything.
        tally: kept up to date while running.

    Returns:
        What was verified; its troubles say why nothing was renamed, its `generation` where it was.

    Raises:
        ManifestError: it is neither there nor on record (20), or the history cannot be trusted (30 to 33).
        RefusedError: the new name is taken, left out by a pattern or on record of another file.
        OSError: the medium refused; give the command again if the name has changed.
    """
    started = clock.wall_ns()
    top = rename.top
    with holding(top) as place:
        history, tree = covered(top)
        look_above(history)
        here, there = top / rename.old, top / rename.new
        done_before = not os.path.lexists(here) and os.path.lexists(there)
        _require_possible(rename, history, tree, done_before=done_before)
        require_unchanged(history, place)
        if not os.access(top, os.W_OK):
            raise RefusedError(f"{safe_path(top)} is read-only, so nothing can be renamed there.")
        if done_before:
            _move_records(history, rename)
        named = rename.new if done_before else rename.old
        mine = {path for path in _listed(history) if in_folder(path, named, itself=True)}
        present = frozenset(path for path in tree.files if path in mine)
        nested, absent = _nested(history, tree, named)
        done, found = compare(history, tree, read, clock, tally, Taking(only=present | nested))
        for path in sorted({*(mine - present), *absent}):
            done.missing += 1
            done.troubles.append(_trouble(path, "is on record but not on the medium"))
        nested_now = {part.scope for part in history.lineage()}
        for scope in history.references:  # earlier names of renamed ones stand there too, and are no folders any more
            scope = rename.after(scope) if done_before else scope
            if in_folder(scope, named, itself=True) and scope in tree.folders and scope not in nested_now:
                done.missing += 1
                done.troubles.append(_trouble(scope, "had a history of its own, which is not on the medium"))
        if done.troubles:
            return done
        # What lies in nested histories was read too, but is called there what it was: they get no generation.
        found = replace(
            found,
            files={path: checked for path, checked in found.files.items() if path in present},
            unlisted={path: checked for path, checked in found.unlisted.items() if path in present},
        )
        if not done_before:
            try:
                move(top, rename.old, rename.new)
            except FileExistsError:
                raise RefusedError(f"{safe_path(there)} is there already; nothing was renamed.") from None
            for folder in {here.parent, there.parent}:
                sync_folder(folder)
            history, tree = covered(top)
            look_above(history)
            _move_records(history, rename)
            found = _moved(found, rename)
        found = replace(found, folders={path: tree.folders[path] for path in tree.folders if listable(path)})
        found.incomplete = _untold(rename, history, tree, present if done_before else set(map(rename.after, present)))
        appended = append_generation(
            history,
            found,
            process=Process.IN_PLACE,
            creator=creator_now(clock, comment=comment, authors=authors, location=location),
            started_ns=started,
            previous=_previous(rename, history, tree),
        )
        done.generation, done.manifests = appended.number, appended.manifests
        return done


def _trouble(path: str, what: str) -> Trouble:
    return Trouble(path, what, MISSING)


def _require_possible(rename: Rename, history: History, tree: Tree, *, done_before: bool) -> None:
    """Be sure that the old name is on record and the new one is free."""
    here, there = safe_path(rename.top / rename.old), safe_path(rename.top / rename.new)
    nested = [part.scope for part in history.lineage() if part.scope]
    on_record = [*_listed(history), *history.folders, *nested]
    if not any(rename.holds(path) for path in on_record):
        what = "is on no record; rename it as you like, then give onset mhl create"
        if not os.path.lexists(rename.top / rename.old):
            raise ManifestError(f"There is no {here}, and it is on no record.", MISSING)
        raise RefusedError(f"{here} {what}.")
    if not done_before and not os.path.lexists(rename.top / rename.old):
        raise ManifestError(f"There is no {here}; it is on record, and missing.", MISSING)
    if not done_before and _taken(rename):
        raise RefusedError(f"{there} is there already; nothing was renamed.")
    if done_before and not _foreign(rename, history):  # what is nested in there went along
        on_record = [*_listed(history), *history.folders]
    if any(in_folder(path, rename.new, itself=True) for path in on_record):
        raise RefusedError(f"{there} is on record as something else; choose a name that was never used.")
    if not done_before and rename.old not in tree.files and rename.old not in tree.folders:
        raise RefusedError(f"{here} is left out by a pattern, or is no plain file or folder; nothing was renamed.")
    ignores = IgnoreRules(history.ignore)
    parts = rename.new.split("/")
    names = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    is_folder = rename.old in tree.folders or rename.new in tree.folders
    if any(ignores(name, name != rename.new or is_folder) for name in names):
        raise RefusedError(f"The history leaves out what is called {there}; choose another name.")


def _foreign(rename: Rename, history: History) -> bool:
    """Whether a history under the new name does not go on from the one that is on record under the old name."""
    for part in history.lineage():
        if part.scope and in_folder(part.scope, rename.new, itself=True):
            name = history.references.get(rename.old + part.scope[len(rename.new) :])
            if name is not None and name not in {link.name for link in part.chain}:
                return True
    return False


def _listed(history: History) -> set[str]:
    """Files on record that this history has to list, and none nested in it; one above it may have them on record."""
    scopes = [child.scope for child in history.children]
    on_record = {*history.known, *history.unlisted, *history.above}
    return {path for path in on_record if not any(in_folder(path, scope) for scope in scopes)}


def _nested(history: History, tree: Tree, named: str) -> tuple[frozenset[str], list[str]]:
    """What nested histories list in `named`: the files that are there, as spelled there, and the missing ones."""
    known = history.all_known().keys() | history.all_unlisted().keys()
    hidden = left_out(history)
    present, absent = set(), []
    for path in known - _listed(history):
        if in_folder(path, named, itself=True):
            here = found_as(path, tree.files)
            if here is not None:
                present.add(here)
            elif not hidden(path, False):
                absent.append(path)
    return frozenset(present), absent


def _taken(rename: Rename) -> bool:
    """Whether the new name stands for something else; on a disk without case it may stand for the same."""
    here, there = rename.top / rename.old, rename.top / rename.new
    return os.path.lexists(there) and not (there.exists() and here.samefile(there) and not there.is_symlink())


def _move_records(history: History, rename: Rename) -> None:
    """Let the history know what it has on record under the new name."""
    for records in (history.known, history.unlisted, history.above):
        move_known(records, [(path, rename.after(path)) for path in records if rename.holds(path)])


def _moved(found: Found, rename: Rename) -> Found:
    return replace(
        found,
        files={rename.after(path): checked for path, checked in found.files.items()},
        unlisted={rename.after(path): checked for path, checked in found.unlisted.items()},
    )


def _untold(rename: Rename, history: History, tree: Tree, read: frozenset[str] | set[str]) -> set[str]:
    """Folders whose hash this generation cannot tell, since not everything in them was read."""
    scopes = [part.scope for part in history.lineage() if part.scope]
    untold = {path for path in tree.folders if not in_folder(path, rename.new, itself=True)} | {""}
    untold |= {path for path in tree.folders if any(in_folder(path, scope, itself=True) for scope in scopes)}
    for path in tree.files:
        if in_folder(path, rename.new) and path not in read:
            untold.add(parent_of(path))
    return untold | {parent_of(path) for path in tree.others}


def _previous(rename: Rename, history: History, tree: Tree) -> Mapping[str, str]:
    """New path to old one of everything that is renamed and lies in this history, nested ones left out.

    The standard asks for the renamed folder only; its reference tool finds a file by a record of its own.
    """
    scopes = [child.scope for child in history.children]
    moved = [path for path in (*tree.files, *tree.folders) if in_folder(path, rename.new, itself=True)]
    mine = [path for path in moved if path in scopes or not any(in_folder(path, scope) for scope in scopes)]
    return {path: rename.old + path[len(rename.new) :] for path in mine}
