"""Seal a target: folders durable, the next generation of its ASC MHL history written, read back and compared.

Used by the job once every file is done. The manifest lists what was verified on that very target and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from onset.clock import Clock
from onset.errors import ManifestError, MediumError
from onset.mhl.append import Appended, append_generation, clear_cut_off
from onset.mhl.asc import read_chain
from onset.mhl.check import creator_now, left_out
from onset.mhl.hashes import HashFormat, digest_set, new_hasher, same_digest
from onset.mhl.history import Checked, Common, Found, Known, iso, load_history
from onset.mhl.paths import found_as, listable, parent_of
from onset.mhl.records import Author, Process
from onset.mhl.tree import CHAIN, FOLDER, Tree
from onset.offload.card import Card, litter_patterns
from onset.offload.files import discard
from onset.offload.outcome import FileOutcome, Gravity, Problem
from onset.offload.place import Place
from onset.offload.readback import read_medium
from onset.offload.sink import Sink
from onset.text import safe_path, safe_text


class Wanted:
    """Which digests each file needs: those asked for, and one that each history on record can be checked by."""

    def __init__(self, asked: Collection[HashFormat], card: Card, places: Sequence[Place]) -> None:
        self.asked = frozenset(asked)
        self.on_card: Mapping[str, Known] = card.history.all_known() if card.history is not None else {}
        self._records = [self.on_card] if self.on_card else []
        for place in places:
            if place.has_history:
                with suppress(ManifestError):  # told when the target is sealed
                    self._records.append(load_history(place.folder).all_known())

    def __call__(self, path: str) -> frozenset[HashFormat]:
        on_record = [record[path].formats() for record in self._records if path in record]
        return self.asked.union(*on_record) if on_record else self.asked


def is_of_history(path: str) -> bool:
    """Whether a file belongs to a manifest folder: copied like any other, but never listed in a manifest."""
    return FOLDER in path and (path.startswith(f"{FOLDER}/") or f"/{FOLDER}/" in path)


def superseded(card: Card, folder: Path) -> frozenset[str]:
    """Chains of the card that have grown on the target since an earlier offload: theirs is the newer one."""
    found = set()
    for scope in card.tree.histories:
        path = f"{scope}/{FOLDER}/{CHAIN}" if scope else f"{FOLDER}/{CHAIN}"
        if path not in card.tree.files:
            continue
        try:
            mine, theirs = read_chain(card.root / path), read_chain(folder / path)
        except ManifestError:
            continue
        if len(theirs) > len(mine) and theirs[: len(mine)] == mine:
            found.add(path)
    return frozenset(found)


def against_history(card: Card, known: Mapping[str, Known], outcomes: Iterable[FileOutcome]) -> Iterator[Problem]:
    """Where a card that brings a history is not what that says, and what it names that is on no card.

    Args:
        card: the card.
        known: every file on record in its history.
        outcomes: what was read of each file.
    """
    for outcome in outcomes:
        on_record = known.get(outcome.path)
        if on_record is None or outcome.digests is None:
            continue
        for form, digest in on_record.digests.items():
            if form in outcome.digests and not same_digest(outcome.digests[form], digest, form):
                what = "differs on the card from what the card's own ASC MHL history says"
                yield Problem(outcome.path, None, what, Gravity.MISMATCH)
                break
    if card.history is None:
        return
    out = left_out(card.history)
    for path in sorted(known):
        if found_as(path, card.tree.files) is None and not out(path, False):
            what = "is on record in the card's own ASC MHL history and not on the card"
            yield Problem(path, None, what, Gravity.INCOMPLETE)
    for path in (each for part in card.history.lineage() for each in part.refused):
        what = (
            f"the card's own ASC MHL history names {safe_text(path)!r}, which leads out of it or comes twice: refused"
        )
        yield Problem(None, None, what, Gravity.INCOMPLETE)


def found_on(
    sinks: Iterable[int],
    tree: Tree,
    outcomes: Sequence[FileOutcome],
    wanted: Callable[[str], frozenset[HashFormat]],
) -> dict[int, Found]:
    """What was verified on each target, as a generation wants it: one and the same value where it is the same.

    Args:
        sinks: numbers of the targets.
        tree: the card.
        outcomes: what became of each of its files.
        wanted: which digests of a path a manifest is to have.
    """
    alike: dict[frozenset[str], list[int]] = {}
    for sink in sinks:
        lacks = frozenset(each.path for each in outcomes if sink not in each.verified or each.digests is None)
        alike.setdefault(lacks, []).append(sink)
    found: dict[int, Found] = {}
    for lacks, group in alike.items():
        same = _found_without(lacks, tree, outcomes, wanted)
        same.common = Common() if len(group) > 1 else None
        found |= dict.fromkeys(group, same)
    return found


def _found_without(
    lacks: Collection[str], tree: Tree, outcomes: Iterable[FileOutcome], wanted: Callable[[str], frozenset[HashFormat]]
) -> Found:
    found = Found({}, {})
    folders = {path: mtime for path, mtime in tree.folders.items() if not is_of_history(f"{path}/")}
    found.folders = {path: mtime for path, mtime in folders.items() if listable(path)}
    found.incomplete = {parent_of(path) for path in folders if not listable(path)}
    for outcome in outcomes:
        path, digests = outcome.path, outcome.digests
        if is_of_history(path):
            continue
        if digests is None or path in lacks:
            found.incomplete.add(parent_of(path))
            continue
        forms = wanted(path)
        if not forms.issuperset(digests):
            digests = digest_set({form: text for form, text in digests.items() if form in forms})
        checked = Checked(outcome.size, outcome.mtime_ns, digests, iso(outcome.at_ns))
        (found.files if listable(path) else found.unlisted)[path] = checked
    return found


def seal_all(
    sinks: Sequence[Sink],
    card: Card,
    outcomes: Sequence[FileOutcome],
    wanted: Callable[[str], frozenset[HashFormat]],
    clock: Clock,
    started_ns: int,
    *,
    resumed: bool = False,
    authors: Sequence[Author] = (),
    location: str | None = None,
) -> Iterator[tuple[Sink, Appended | str]]:
    """Write every target's manifest, each in a thread of its own: the disks are waited for together.

    Args:
        sinks: the targets; one that is no longer mounted is given up.
        card: what was copied.
        outcomes: what became of each of its files.
        wanted: which digests of a path its manifests are to have.
        clock: for the dates in them.
        started_ns: when the job first began; it names them.
        resumed: the job was cut off, and may have sealed a target already.
        authors: who copies.
        location: where.

    Yields:
        Each target with what was written there, or why nothing was; a target on which nothing was verified is left out.
    """
    for sink in sinks:
        if sink.lost is None and not sink.is_still_mounted():
            sink.give_up("it is no longer mounted there")
    there = [sink for sink in sinks if sink.lost is None]
    found = found_on([sink.index for sink in there], card.tree, outcomes, wanted)
    with ThreadPoolExecutor(len(sinks), thread_name_prefix="seal") as pool:
        begun = {
            sink.index: pool.submit(
                seal,
                sink,
                card,
                found[sink.index],
                clock,
                started_ns,
                others=[other for other in there if other is not sink],
                resumed=resumed,
                authors=authors,
                location=location,
            )
            for sink in there
            if found[sink.index].files or found[sink.index].unlisted
        }
        for sink in sinks:
            if sink.index in begun:
                yield sink, _sealed(sink, begun[sink.index])
            elif sink.lost is not None:
                yield sink, sink.lost


def _sealed(sink: Sink, begun: Future[Appended]) -> Appended | str:
    """What came of sealing a target; what went wrong there in words, whatever it is."""
    try:
        return begun.result()
    except (ManifestError, MediumError) as error:
        return f"no manifest could be written: {error}"
    except OSError as error:
        sink.note_error(error)
        return f"no manifest could be written ({error.strerror})"
    except Exception as error:  # unforeseen: the copies stand, and the job must still tell what it knows
        return f"no manifest could be written ({type(error).__name__}: {error})"


def seal(
    sink: Sink,
    card: Card,
    found: Found,
    clock: Clock,
    started_ns: int,
    *,
    others: Sequence[Sink],
    resumed: bool = False,
    authors: Sequence[Author] = (),
    location: str | None = None,
) -> Appended:
    """Write the generation for one target.

    Raises:
        ManifestError: the history there cannot be carried on.
        MediumError: the manifest does not read back as it was written.
        OSError: the medium refused.
    """
    sink.date_and_sync_folders(card.tree.folders)
    if resumed:
        clear_cut_off(sink.path, card.tree.histories, started_ns)
    scopes = [scope for scope in card.tree.histories if (sink.path / scope / FOLDER).is_dir()]
    history = load_history(sink.path, scopes, may_be_new=True)
    comment = f"copy of {safe_path(card.root)} to {safe_path(sink.path)}"
    if others:
        comment += f" (at the same time to {', '.join(safe_path(other.path) for other in others)})"
    creator = creator_now(
        clock,
        comment=f"{comment}; card {safe_text(card.label)}, fingerprint {card.fingerprint}",
        authors=authors,
        location=location,
    )
    appended = append_generation(
        history,
        found,
        process=Process.TRANSFER,
        creator=creator,
        started_ns=started_ns,
        ignore=litter_patterns(card.tree),
        resumed=resumed,
    )
    for manifest in appended.manifests:
        _check_read_back(manifest)
    for part in sink.place.leftovers:
        discard(sink.fd, part)
    return appended


def _check_read_back(manifest: Path) -> None:
    running = new_hasher(HashFormat.C4)
    read_medium(manifest, running.update)
    links = read_chain(manifest.parent / CHAIN)
    if not links or links[-1].name != manifest.name or links[-1].c4 != running.spell():
        raise MediumError(f"{safe_path(manifest)} does not read back as it was written; check the disk.")
