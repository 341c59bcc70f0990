"""Verify files against what an ASC MHL history, or a manifest that stands alone, says of them.

Used by `onset verify` and `onset mhl`; check_legacy.py is the same for legacy files. The bytes come through a `Reader`
given by the caller, who knows the way around the page cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import onset
from onset.clock import Clock
from onset.errors import ManifestError, MediumError, OnsetError
from onset.mhl.append import append_generation, tell_folders
from onset.mhl.durable import PART
from onset.mhl.hashes import FASTEST_FIRST, HashFormat, same_digest
from onset.mhl.history import (
    ALTERED,
    NO_CHAIN,
    NO_HISTORY,
    NO_MANIFEST,
    Found,
    History,
    Known,
    differs,
    history_of_one,
    inherit,
    iso,
    joined,
    load_history,
    owners,
)
from onset.mhl.holding import holding, require_unchanged
from onset.mhl.ignore import DEFAULT_PATTERNS, IgnoreRules
from onset.mhl.paths import found_as, in_folder, listable, parent_of
from onset.mhl.reading import Reader, Tally, Wanted, read_all
from onset.mhl.records import Author, Creator, Process
from onset.mhl.tree import Kind, Tree, list_tree
from onset.mhl.xml import UNREADABLE
from onset.text import safe_path

INCOMPLETE, MISMATCH, FOLDER_MISMATCH, MISSING, NEW = 10, 11, 12, 20, 21
# What a script acts on first; 31 to 33 and 30 come from the history itself, 1 from a manifest that cannot be read.
GRAVEST_FIRST = (
    MISMATCH,
    ALTERED,
    NO_CHAIN,
    NO_MANIFEST,
    NO_HISTORY,
    UNREADABLE,
    INCOMPLETE,
    MISSING,
    NEW,
    FOLDER_MISMATCH,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not as the manifest says; `path` relative to what was verified."""

    path: str
    what: str
    code: int


@dataclass(slots=True)
class Verification:
    """What a verification found.

    Attributes:
        added: files that were on no record and are now.
        left_out: files on record that patterns leave out now; nobody looked at them.
        size_only: files whose sizes agree and of which nothing else is on record; they are not among `verified`.
        looked_at: files that a legacy list accounts for, right or wrong.
        made: False when it could not be made at all; its troubles say why.
        whole: it accounts for its folder as a whole, and has named what is new in it.
        generation: the one appended, None when none was.
        manifests: what was written, the top one first.
    """

    path: Path
    verified: int = 0
    failed: int = 0
    missing: int = 0
    new: int = 0
    left_out: int = 0
    size_only: int = 0
    added: int = 0
    looked_at: set[Path] = field(default_factory=set)
    whole: bool = False
    made: bool = True
    bytes: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    generation: int | None = None
    manifests: tuple[Path, ...] = ()
    formats: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The gravest code found; 0 when all is well."""
        codes = {trouble.code for trouble in self.troubles}
        return next((code for code in GRAVEST_FIRST if code in codes), 0)


def creator_now(
    clock: Clock, *, comment: str | None = None, authors: Sequence[Author] = (), location: str | None = None
) -> Creator:
    """Who writes manifests here and now."""
    created = iso(clock.wall_ns())
    return Creator(
        created, os.uname().nodename or "unknown", "onset", onset.__version__, tuple(authors), location, comment
    )


def verify_history(top: Path, read: Reader, clock: Clock, *, append: bool, tally: Tally | None = None) -> Verification:
    """Read every file a history knows and compare it with its earliest usable digest.

    Args:
        top: the folder that holds `ascmhl`; nested histories below it are verified too.
        read: how to read the medium; called from several threads.
        clock: for the dates in the manifest.
        append: write the next generation with the results, as the standard asks; a read-only medium is only said so.
        tally: kept up to date while running.

    Raises:
        ManifestError: the history itself is missing, altered or unreadable (30 to 33).
    """
    started = clock.wall_ns()
    history, tree = covered(top)
    done, found = compare(history, tree, read, clock, tally)
    if append:
        _append(history, found, clock, started, done)
    return done


def verify_manifest(
    manifest: Path, read: Reader, clock: Clock, *, root: Path | None = None, tally: Tally | None = None
) -> Verification:
    """The same for an ASC MHL manifest that stands alone; nothing is written.

    Args:
        manifest: a packing list, for example.
        read: how to read the medium.
        clock: for the dates of digests.
        root: what its paths are relative to; the folder it lies in by default.
        tally: kept up to date while running.

    Raises:
        ManifestError: it is not an ASC MHL manifest.
    """
    history = history_of_one(manifest, root)
    tree = list_tree(history.root, IgnoreRules(history.ignore))
    done, _ = compare(history, tree, read, clock, tally)
    done.path, done.whole = manifest, True
    return done


@dataclass(frozen=True, slots=True)
class Taking:
    """What a new generation takes in besides what is on record.

    Attributes:
        formats: to hash in; none means those that are on record already.
        only: nothing but these files, as they are spelled on the medium; None means all.
    """

    formats: tuple[HashFormat, ...] = ()
    only: frozenset[str] | None = None


def compare(
    history: History, tree: Tree, read: Reader, clock: Clock, tally: Tally | None, taking: Taking | None = None
) -> tuple[Verification, Found]:
    """Read every file a history knows, and say how each is.

    Args:
        history: with its nested ones.
        tree: what lies there and is not left out by their patterns.
        read: how to read the medium; called from several threads.
        clock: for the dates of digests.
        tally: kept up to date.
        taking: take files in that are on no record, instead of naming them as new.
    """
    top = history.root
    done = Verification(top, warnings=[warning for part in history.lineage() for warning in part.warnings])
    refuse_paths(done, [path for part in history.lineage() for path in part.refused])
    unlisted = history.all_unlisted()
    known = history.all_known() | unlisted
    if taking is not None and taking.only is not None:
        known = {path: each for path, each in known.items() if found_as(path, taking.only) is not None}
    pairs = paired(history, known, tree, done)
    strays = sorted((tree.files.keys() if taking is None or taking.only is None else taking.only) - set(pairs.values()))
    found = Found({}, {path: mtime for path, mtime in tree.folders.items() if listable(path)})
    found.incomplete = {parent_of(path) for path in tree.folders if not listable(path)}
    for path in [path for path in pairs if not known[path].digests]:
        here = pairs.pop(path)
        done.failed += 1
        done.troubles.append(
            other_size(path, tree.files[here].size, known[path].size)
            or Trouble(path, "has no digest on record that could be checked", INCOMPLETE)
        )
        found.incomplete |= {parent_of(path), parent_of(here)}
    forms = _FormatsOf(history, known.values(), taking or Taking())
    wanted = [Wanted(tree.files[here], known[path], forms(path, known[path])) for path, here in pairs.items()]
    if taking is None:
        tell_strays(done, strays, tree.others)
    else:
        leftovers = [path for path in strays if path.endswith(PART)]
        others = tree.others if taking.only is None else {}
        tell_strays(done, leftovers, {path: kind for path, kind in others.items() if kind is Kind.UNREADABLE})
        done.new = 0
        done.warnings += [
            f"{safe_path(path)} is a {kind}, which no manifest can list; it was not followed."
            for path, kind in others.items()
            if kind is not Kind.UNREADABLE
        ]
        added = [path for path in strays if not path.endswith(PART)]
        wanted += [Wanted(tree.files[path], None, forms(path, None)) for path in added]
        pairs |= {path: path for path in added}
    checked = read_all(top, wanted, read, clock, tally)
    formats: set[str] = set()
    for path, here in pairs.items():
        outcome = checked[here]
        record = known.get(path)
        if isinstance(outcome, MediumError):
            done.failed += 1
            done.troubles.append(Trouble(path, str(outcome), INCOMPLETE))
            found.incomplete |= {parent_of(path), parent_of(here)}
            continue
        done.bytes += outcome.size
        formats.update(form.value for form in outcome.digests)
        trouble = other_size(path, outcome.size, record.size if record else None)
        bad = differs(record, outcome.digests)
        if bad:
            trouble = trouble or Trouble(path, "its bytes are not those on record", MISMATCH)
        if trouble is not None:
            done.failed += 1
            done.troubles.append(trouble)
        elif record is None:
            done.added += 1
        else:
            done.verified += 1
        if bad or trouble is None:
            (found.unlisted if path in unlisted or not listable(path) else found.files)[path] = outcome
        else:  # its record contradicts itself: nothing to certify
            found.incomplete |= {parent_of(path), parent_of(here)}
    done.formats = tuple(sorted(formats))
    if taking is not None and taking.only is not None:
        found.incomplete |= {"", *tree.folders}  # what was not read says nothing of its folder
    else:
        _folders(history, found, tree, done, compared=taking is None)
    return done, found


class _FormatsOf:
    """Which formats a file is hashed in: those asked for, and one on record to check it by.

    Where files are on record in several formats they are hashed in one that all of them have too, if there is one:
    without it no folder has a hash.
    """

    def __init__(self, history: History, known: Iterable[Known], taking: Taking) -> None:
        self._asked = taking.formats
        self._owner = owners(history)
        self._usual: dict[str, tuple[HashFormat, ...]] = {}
        usual: tuple[HashFormat, ...] = (HashFormat.XXH128,)
        for part in history.lineage():
            usual = next((forms for each in part.known.values() if (forms := each.formats())), usual)
            self._usual[part.scope] = usual
        first, shared = set(), set(HashFormat)
        for each in known:
            if each.digests:
                first.add(each.formats())
                shared &= each.digests.keys()
        self._shared = tuple(form for form in FASTEST_FIRST if form in shared)[:1] if len(first) > 1 else ()

    def __call__(self, path: str, known: Known | None) -> tuple[HashFormat, ...]:
        if known is None:
            return self._asked or self._shared or self._usual[self._owner(parent_of(path))]
        if not self._asked:
            return tuple(dict.fromkeys((*self._shared, *known.formats())))
        if any(form in known.digests for form in self._asked):
            return self._asked
        return (*self._asked, *known.formats())


def refuse_paths(done: Verification, paths: Iterable[str]) -> None:
    """What a manifest may not name was not looked at, so it is not verified either."""
    for path in paths:
        done.failed += 1
        done.troubles.append(Trouble(path, "leaves the manifest's folder or is listed twice: refused", INCOMPLETE))


def other_size(path: str, size: int, recorded: int | None) -> Trouble | None:
    if recorded is None or size == recorded:
        return None
    return Trouble(path, f"has {size} bytes, on record are {recorded}", MISMATCH)


def covered(top: Path, *, may_be_new: bool = False, ignore: Iterable[str] = ()) -> tuple[History, Tree]:
    """The history and everything on the medium that its ignore patterns leave in.

    Args:
        top: the folder that holds `ascmhl`.
        may_be_new: without a history at `top`, begin one that has no generation yet.
        ignore: more patterns, relative to `top`; they hold from now on.

    Raises:
        ManifestError: the history is missing, altered or unreadable, or the folder cannot be listed.
    """
    try:
        tree = list_tree(top, IgnoreRules(DEFAULT_PATTERNS))
        history = load_history(top, tree.histories, may_be_new=may_be_new)
        inherit(history, ignore)
        patterns = [pattern for part in history.lineage() for pattern in part.ignore]
        if set(patterns) - set(DEFAULT_PATTERNS):
            tree = list_tree(top, _scoped_rules(history))
    except OSError as error:
        raise ManifestError(f"{safe_path(top)} cannot be listed ({error.strerror}).", INCOMPLETE) from error
    return history, tree


def _scoped_rules(history: History) -> Callable[[str, bool], bool]:
    """Each history's patterns hold below its own root; a parent's hold below it too."""
    rules = [(part.scope, IgnoreRules(part.ignore)) for part in history.lineage()]
    if len(rules) == 1:
        return rules[0][1]

    def ignores(path: str, is_folder: bool) -> bool:
        return any(
            rule(path[len(scope) + 1 :] if scope else path, is_folder)
            for scope, rule in rules
            if not scope or path.startswith(f"{scope}/")
        )

    return ignores


def paired(history: History, known: Mapping[str, Known], tree: Tree, done: Verification) -> dict[str, str]:
    """Known paths to how they are spelled on the medium; what has no partner is missing, unless it is left out now."""
    pairs: dict[str, str] = {}
    blind = _blind(tree)
    out = left_out(history)
    hidden = 0
    for path in known:
        here = found_as(path, tree.files)
        if here is not None:
            pairs[path] = here
        elif out(path, False):
            hidden += 1
        elif _below_one(path, blind):
            done.failed += 1
            done.troubles.append(Trouble(path, "could not be looked at, since its folder cannot be read", INCOMPLETE))
        else:
            done.missing += 1
            done.troubles.append(Trouble(path, "is on record but not on the medium", MISSING))
    done.left_out = hidden
    if hidden == len(known) > 0:
        done.troubles.append(Trouble(".", "has patterns that leave out everything on record", INCOMPLETE))
    elif hidden:
        files = "1 file" if hidden == 1 else f"{hidden} files"
        done.warnings.append(f"{files} on record left out by patterns now, and not compared.")
    return pairs


def left_out(history: History) -> Callable[[str, bool], bool]:
    """Whether a path, or a folder above it, is ignored: patterns may have come after its record."""
    rules = _scoped_rules(history)
    folders: dict[str, bool] = {"": False}

    def out(path: str, is_folder: bool) -> bool:
        climbed = []
        above = parent_of(path)
        while above not in folders:
            climbed.append(above)
            above = parent_of(above)
        for folder in reversed(climbed):
            folders[folder] = folders[parent_of(folder)] or rules(folder, True)
        return folders[parent_of(path)] or rules(path, is_folder)

    return out


def tell_strays(done: Verification, files: Iterable[str], others: Mapping[str, Kind]) -> None:
    """Name what lies on the medium and in no manifest, whatever it is."""
    for path in files:
        done.new += 1
        if path.endswith(PART):
            what = "is left over from an offload that did not end; give that offload again"
            done.troubles.append(Trouble(path, what, INCOMPLETE))
        else:
            done.troubles.append(Trouble(path, "is on the medium but not on record", NEW))
    for path, kind in others.items():
        if kind is Kind.UNREADABLE:
            done.troubles.append(Trouble(path, "is a folder that cannot be read", INCOMPLETE))
        else:
            done.new += 1
            done.troubles.append(Trouble(path, f"is a {kind}, which no manifest can list; it was not followed", NEW))


def _blind(tree: Tree) -> list[str]:
    return [path for path, kind in tree.others.items() if kind is Kind.UNREADABLE]


def _below_one(path: str, folders: Iterable[str]) -> bool:
    return any(in_folder(path, folder) for folder in folders)


def _folders(history: History, found: Found, tree: Tree, done: Verification, *, compared: bool = True) -> None:
    """Mark what cannot be told, and compare directory hashes where every file of the folder was read and agreed.

    Without `compared` only folders that are gone are told: what is taken in changes the hash of its folder.
    """
    found.incomplete |= {parent_of(trouble.path) for trouble in done.troubles if trouble.code in (MISSING, NEW)}
    blind = _blind(tree)
    found.incomplete |= {parent_of(path) for path in tree.others} | set(blind)
    # A path spelled otherwise on the medium (HFS+) has folders spelled otherwise too: its tree cannot be told.
    found.incomplete |= {p for p in (parent_of(path) for path in found.files) if p and p not in tree.folders}
    wrong = {parent_of(trouble.path) for trouble in done.troubles if trouble.code == MISMATCH}
    found.incomplete |= {parent_of(here) for here in tell_missing_folders(history, tree, done)}
    if wrong or not compared:
        return
    for part in history.lineage():
        told = tell_folders(found, part.scope) if part.folders else {}
        for path, record in part.folders.items():
            for form in told[path].content.keys() & record.content.keys() if path in told else ():
                now = told[path]
                same = same_digest(now.content[form], record.content[form], form) and (
                    form not in record.structure or same_digest(now.structure[form], record.structure[form], form)
                )
                if not same:
                    shown = joined(part.scope, path) or "."
                    done.troubles.append(Trouble(shown, "its directory hash is not the one on record", FOLDER_MISMATCH))


def tell_missing_folders(history: History, tree: Tree, done: Verification) -> list[str]:
    """Name the folders on record that are gone, by path relative to the top."""
    blind, out = _blind(tree), left_out(history)
    gone = []
    for part in history.lineage():
        for path in part.folders:
            here = joined(part.scope, path)
            if path and here not in tree.folders and not _below_one(here, blind) and not out(here, True):
                done.missing += 1
                done.troubles.append(Trouble(here, "is a folder on record that is not on the medium", MISSING))
                gone.append(here)
    return gone


def _append(history: History, found: Found, clock: Clock, started: int, done: Verification) -> None:
    if not os.access(history.root, os.W_OK):
        done.warnings.append(f"{safe_path(history.root)} is read-only, so no generation was written.")
        return
    try:
        with holding(history.root) as place:
            require_unchanged(history, place)
            appended = append_generation(
                history, found, process=Process.IN_PLACE, creator=creator_now(clock), started_ns=started
            )
    except OSError as error:
        done.warnings.append(f"no generation could be written to {safe_path(history.root)} ({error.strerror}).")
        return
    except OnsetError as error:
        done.warnings.append(f"no generation was written: {error}")
        return
    done.generation, done.manifests = appended.number, appended.manifests
