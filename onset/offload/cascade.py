"""Copies made from a copy: the card goes to a fast disk first, slower targets are filled from there, without the card.

Used by `onset offload --then`. Each filling is a job with a record of its own. It reads a copy as if that were the
card, but what counts is what the card had: the digests that the first job read from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from onset.clock import Clock
from onset.errors import ManifestError, MediumError, OffloadError
from onset.mhl.asc import read_chain, write_chain
from onset.mhl.durable import replacing
from onset.mhl.hashes import new_hasher
from onset.mhl.history import load_history
from onset.mhl.tree import CHAIN, FOLDER, FileEntry, Tree, list_tree
from onset.offload.before import not_counted
from onset.offload.card import Card, is_litter
from onset.offload.disks import whole_disks
from onset.offload.giveway import Recorder
from onset.offload.job import OffloadJob, Request
from onset.offload.journal import JobSheet, JobSummary, Journal, files_of, known_of
from onset.offload.outcome import FileOutcome, Gravity, KnownSource, Outcome, Problem, TargetOutcome, slim
from onset.offload.place import Place, Target
from onset.offload.plan import Plan
from onset.offload.prove import PROOF
from onset.offload.proven import Proven, is_whole, keep_proven, read_proven
from onset.offload.readback import read_medium
from onset.offload.seal import Wanted
from onset.offload.sink import Sink
from onset.offload.stands import found_bad
from onset.offload.verdict import judge_card, still_to_fill
from onset.offload.work import SPOILT
from onset.text import safe_path, safe_text

_SECOND = 1_000_000_000
_NAMED = 3  # files that a reason names
_UNSTEADY = "gave other bytes on one read and the card's on the next; look at that disk and its cable"


@dataclass(frozen=True, slots=True)
class Rest:
    """A card that is read, and what is still to be made of it.

    Attributes:
        first: the job that read the card, finished.
        proven: of the newest job of this card's that is finished.
        open: folders that are still to be filled, each with the one that it was to be filled from.
    """

    first: JobSummary
    proven: Proven
    open: tuple[tuple[str, str], ...]

    def source_of(self, folder: str) -> str | None:
        """The copy that a folder can be filled from now: the one that was meant, else any that is whole."""
        meant = dict(self.open)[folder]
        meant = self.proven.moved.get(meant, meant)
        whole = [each.path for each in self.proven.targets if is_whole(each, self.proven.files)]
        return next((path for path in (meant, *whole) if path in whole), None)

    def next(self, tried: Collection[str]) -> tuple[str, tuple[str, ...]] | None:
        """A copy and the folders that are filled from it next; None where nothing more can be done.

        Args:
            tried: folders that were filled just now, well or badly.
        """
        to_do = {folder: meant for folder, meant in self.open if folder not in tried}
        sources: dict[str, list[str]] = {}
        for folder, meant in to_do.items():
            source = self.source_of(folder)
            if source is not None and meant not in to_do:  # else that one is filled first
                sources.setdefault(source, []).append(folder)
        return next(((source, tuple(folders)) for source, folders in sources.items()), None)


def rest_of(jobs: Sequence[JobSummary], first: str) -> Rest | None:
    """What is still to be made of a card that a job read; None for a job that is not finished, or made no such plans.

    Args:
        jobs: all on record.
        first: the id of that job.
    """
    job = next((each for each in jobs if each.sheet.id == first), None)
    if job is None or not job.finished or not job.sheet.then:
        return None
    later = [each for each in jobs if each.sheet.first == first and each.finished]
    newest = max(later, key=lambda each: each.sheet.started_ns, default=job)
    proven = read_proven(newest.folder)
    if proven is None or not _on_record(job, proven):
        return None
    return Rest(job, proven, tuple(each for each in job.sheet.then if not proven.whole(each[0])))


def _on_record(first: JobSummary, proven: Proven) -> bool:
    """Whether it can still be told what the card had of every file; only asked where a copy is whole."""
    if not any(is_whole(each, proven.files) for each in proven.targets):
        return True
    known = known_of(first, None)
    return len(known) == proven.files and all(PROOF in each.digests for each in known.values())


def find_rest(
    jobs: Sequence[JobSummary], which: Callable[[JobSheet], bool], targets: Sequence[Target], then: Sequence[Target]
) -> Rest | None:
    """The newest card of which a command asks for what is left: the same command again, or only what is open.

    Where nothing is left of any, the newest of which all was made that the command asks for.

    Args:
        jobs: all on record, newest first.
        which: whether a job was of the card that is meant.
        targets: what is asked for.
        then: what is asked for from a copy.
    """
    seen: set[tuple[str, frozenset[str]]] = set()
    done = None
    for job in jobs:
        sheet = job.sheet
        later = [folder for folder, _ in sheet.then]
        mine = (sheet.fingerprint, frozenset(later))
        if not later or not job.finished or not which(sheet) or mine in seen:
            continue
        seen.add(mine)  # what an older job of the same began is over
        same = _cover(targets, sheet.folders) and _cover(then, later)
        rest = rest_of(jobs, sheet.id) if same or not then else None
        if rest is not None and rest.open and (same or _cover(targets, [folder for folder, _ in rest.open])):
            return rest
        done = done or (rest if same else None)
    return done


def _cover(targets: Sequence[Target], folders: Sequence[str]) -> bool:
    """Whether each folder lies on a target of its own, and none is left over."""
    if len(targets) != len(folders):
        return False
    return all(any(Path(folder).is_relative_to(each.path) for each in targets) for folder in folders) and all(
        any(Path(folder).is_relative_to(each.path) for folder in folders) for each in targets
    )


def target_for(folder: str, asked: Sequence[Target]) -> Target:
    """The target that a folder on record lies on, with that folder."""
    path = Path(folder)
    for target in asked:
        if path != target.path and path.is_relative_to(target.path):
            return replace(target, folder=str(path.relative_to(target.path)), counted="")
    return Target(path.parent, path.name)


class Filling(OffloadJob):
    """Fills targets from a copy; the card is not needed, and not touched."""

    def __init__(
        self,
        request: Request,
        rest: Rest,
        clock: Clock,
        state: Path,
        recorder: Recorder | None = None,
        reads: Target | None = None,
    ) -> None:
        """As for any job, but the `card` of the request is the copy that is read, out of what `rest` has.

        Args:
            request: what is asked for.
            rest: of the card.
            clock: as for any job.
            state: likewise.
            recorder: likewise.
            reads: the target that the copy lies on.
        """
        super().__init__(replace(request, reread=False, then=()), clock, state, recorder)
        self._proven = rest.proven
        self._first = rest.first
        self._source = str(request.card)
        self._reads = reads
        self._check = rest.proven.source_check
        self._moved = dict(rest.proven.moved)
        self._read = known_of(rest.first, None)

    # -- before the first byte --------------------------------------------------------------------------------------

    def _scan(self) -> Card:
        """The card as the first copy has it."""
        proven, root = self._proven, self._request.card
        name = f"{safe_text(proven.label)}, the copy {safe_path(root)}"
        try:
            there = list_tree(root, is_litter, manifests=True)
        except OSError as error:
            raise OffloadError(
                f"The copy {safe_path(root)} cannot be listed ({error.strerror}); connect its disk and give the same "
                "command again."
            ) from None
        if not there.files:
            raise OffloadError(f"Nothing is at {name}; connect its disk and give the same command again.")
        files = {}
        for path, (size, mtime_ns) in files_of(self._first).items():
            found = there.files.get(path)
            date, inode = (found.mtime_ns, found.inode) if found is not None else (mtime_ns, 0)
            files[path] = FileEntry(path, size, date, inode)
        tree = Tree(
            {path: files[path] for path in sorted(files)},
            {path: there.folders.get(path, mtime_ns) for path, mtime_ns in proven.folders.items()},
            list(proven.histories),
            {},
            dict(proven.ignored),
        )
        history = None
        if "" in proven.histories:
            with suppress(ManifestError):  # what is copied is held against the card's digests all the same
                history = load_history(root, proven.histories)
        return Card(root, proven.label, tree, proven.fingerprint, whole_disks(root), None, history)

    def plan(self) -> Plan:
        """As for any job; what is known of the card was said when it was read."""
        plan = super().plan()
        self._warnings = [place.warning for place in plan.places if place.warning is not None]
        self._moved = {
            **self._proven.moved,
            **{str(place.target.path / place.target.folder): str(place.folder) for place in plan.places},
        }
        self._planned = replace(plan, notes=tuple(self._warnings), other_card=None, media=())
        return self._planned

    def _sheet(self, card: Card, places: Sequence[Place], earlier: Sequence[JobSummary]) -> tuple[JobSheet, bool]:
        sheet, resumed = super()._sheet(card, places, earlier)
        return replace(sheet, card=self._proven.root, source=self._source, first=self._first.sheet.id), resumed

    def _known(self, card: Card, journal: Journal, earlier: Sequence[JobSummary]) -> Mapping[str, KnownSource]:
        return self._read

    def _superseded(self, card: Card, sink: Sink) -> frozenset[str]:
        """The card's chains: they have grown on the first copy, and are written anew."""
        chains = (f"{scope}/{FOLDER}/{CHAIN}" if scope else f"{FOLDER}/{CHAIN}" for scope in card.tree.histories)
        return frozenset(chain for chain in chains if chain in card.tree.files)

    # -- after the last byte ----------------------------------------------------------------------------------------

    def _seal(
        self, card: Card, sinks: Sequence[Sink], journal: Journal, wanted: Wanted, resumed: bool
    ) -> dict[int, tuple[str, int]]:
        self._read_spoilt_again(card, sinks)
        if any(problem.target is None for each in self._outcomes.values() for problem in each.problems):
            self._refuse_if_gone(card)
        for sink in sinks:
            if sink.lost is None:
                _begin_chains(card, sink)
        return super()._seal(card, sinks, journal, wanted, resumed)

    def _read_spoilt_again(self, card: Card, sinks: Sequence[Sink]) -> None:
        """What has the card's bytes on another read is not spoilt on the medium: then a cable or a reader is."""
        for path, each in self._outcomes.items():
            if not any(problem.what == SPOILT for problem in each.problems):
                continue
            running = new_hasher(PROOF)
            with suppress(MediumError):
                read_medium(card.root / path, running.update)
                if running.spell() == self._read[path].digests[PROOF]:
                    what = f"was not copied: {safe_path(card.root)} {_UNSTEADY}"
                    each.problems[:] = [Problem(path, str(sink.path), what, Gravity.INCOMPLETE) for sink in sinks]

    def _refuse_if_gone(self, card: Card) -> None:
        """A copy whose own manifest cannot be read was pulled: nothing is said against it, and nothing is sealed."""
        source = next(each for each in self._proven.targets if each.path == self._source)
        try:
            read_medium(Path(source.manifest or ""), lambda _: None)
        except MediumError:
            raise OffloadError(
                f"{safe_path(card.root)} went away while {safe_text(card.label)} was filled from it; connect its disk "
                "and give the same command again. What was copied and read back stays."
            ) from None

    def _look_again(self, card: Card) -> None:
        """The card is not there to be looked at; the first copy was compared with what it had."""

    def _judge(
        self, card: Card, sinks: Sequence[Sink], sheet: JobSheet, sealed: Mapping[int, tuple[str, int]], began: int
    ) -> Outcome:
        """About the card: what was made of it before, and now."""
        proven, outcomes = self._proven, list(self._outcomes.values())
        filled = [
            replace(self._target(card, sink, outcomes, sealed.get(sink.index)), on_card=False, source=self._source)
            for sink in sinks
        ]
        spoilt = sorted(each.path for each in outcomes if any(p.target is None for p in each.problems))
        paths = {each.path for each in filled}
        earlier = [_without(each, spoilt) if each.path == self._source else each for each in proven.targets]
        targets = (*(each for each in earlier if each.path not in paths), *filled)
        contents = tuple(self._of_card(each, targets, len(targets) - len(filled), proven.files) for each in outcomes)
        problems = [problem for problem in proven.problems if problem.target not in paths]
        problems += [problem for each in contents for problem in each.problems]
        problems += self._problems
        made = {each.path for each in targets}
        left = [each for each in self._first.sheet.then if self._moved.get(each[0], each[0]) not in made]
        unread = [each for each in earlier if each.path not in (*paths, self._source)]  # nobody looked into these now
        known = self._request.known_bad()
        looked = {each.path: found_bad(each.manifest or "", known) for each in unread}
        spoilt_since = {path: why for path, why in looked.items() if why is not None}
        verdict = judge_card(
            replace(card, disks=proven.disks),
            [each for each in targets if each.path not in spoilt_since],
            problems,
            copies=self._request.copies,
            source_checked=proven.source_checked,
            source_method=proven.source_method,
            then=left,
        )
        over = {still_to_fill(*each) for each in self._first.sheet.then}
        before = [warning for warning in proven.warnings if warning not in over]
        before += [not_counted(*each) for each in spoilt_since.items()]
        bad = (_gone_bad(self._source or "", spoilt),) if spoilt else ()
        reasons = (*bad, *verdict.reasons)
        outcome = Outcome(
            sheet.id,
            proven.root,
            card.label,
            card.fingerprint,
            proven.files,
            proven.bytes,
            verdict.word if not bad else "not safe",
            reasons,
            tuple(dict.fromkeys((*before, *self._warnings, *verdict.warnings))),
            proven.source_check,
            targets,
            tuple(problems),
            proven.ignored,
            sheet.started_ns,
            self._clock.wall_ns(),
            (self._clock.monotonic_ns() - began) / _SECOND - self._tally.held_s(),
            tuple(form.value for form in self._request.formats),
            contents,
            *((self._planned.rooms, self._planned.eta_s) if self._planned is not None else ((), None)),
            source_checked=proven.source_checked,
            source_method=proven.source_method,
        )
        if bad:
            _take_back(self._first, outcome, bad[0], self._source or "")
        return outcome

    def _of_card(self, each: FileOutcome, targets: Sequence[TargetOutcome], offset: int, files: int) -> FileOutcome:
        """A file's outcome counted over all copies; what the first copy could not give is no fault of the card's."""
        source = self._source
        problems = [replace(p, target=source, what=_of_copy(p.what)) if p.target is None else p for p in each.problems]
        bad = any(problem.target == source for problem in problems)
        verified = {
            number: target.read_back
            for number, target in enumerate(targets[:offset])
            if target.read_back is not None and (is_whole(target, files) or (target.path == source and not bad))
        }
        verified |= {number + offset: method for number, method in each.verified.items()}
        superseded = {number + offset for number in each.superseded}
        found = replace(each, verified=verified, superseded=superseded, problems=problems)
        if found.digests is None and each.path in self._read:  # what the card had is known, whatever this copy has now
            found.digests = self._read[each.path].digests
        return slim(found)

    def _keep_proven(self, journal: Journal, card: Card, outcome: Outcome) -> None:
        proven = replace(
            self._proven,
            targets=outcome.targets,
            problems=outcome.problems,
            warnings=outcome.warnings,
            moved=self._moved,
        )
        with suppress(OSError):  # told in a moment, when the result cannot be kept either
            keep_proven(journal.folder, proven)


def _begin_chains(card: Card, sink: Sink) -> None:
    """Give a target the chains that the card's own histories had, of manifests that were copied to it.

    Raises:
        OffloadError: they cannot be read from the first copy, or written.
    """
    for scope in card.tree.histories:
        inside = f"{scope}/{FOLDER}" if scope else FOLDER
        chain = sink.path / inside / CHAIN
        if f"{inside}/{CHAIN}" not in card.tree.files or chain.exists():
            continue
        try:
            links = read_chain(card.root / inside / CHAIN)
            write_chain(chain, [link for link in links if f"{inside}/{link.name}" in card.tree.files])
        except ManifestError as error:
            raise OffloadError(str(error)) from error
        except OSError as error:
            sink.give_up(f"{error.strerror} while its history was begun")


def _without(target: TargetOutcome, spoilt: Collection[str]) -> TargetOutcome:
    return replace(target, verified=target.verified - len(spoilt), failed=target.failed + len(spoilt))


def _gone_bad(source: str, spoilt: Sequence[str]) -> str:
    named = ", ".join(map(safe_text, spoilt[:_NAMED])) + (f" and {len(spoilt) - _NAMED} more" * (len(spoilt) > _NAMED))
    return f"the copy {safe_text(source)} is not what the card had any more: {named}"


def _of_copy(what: str) -> str:
    """What is said of a card, said of a copy."""
    told = what.replace("on the card", "on this copy").replace("from the card", "from this copy")
    return f"{told}; this copy is bad now"


def _take_back(first: JobSummary, outcome: Outcome, why: str, source: str) -> None:
    """The job that read the card said that this copy was whole: its result says so no longer."""
    result = dict(first.result or {})
    old, now = result.get("reasons"), outcome.as_json()
    told = {each["path"]: each for each in _tables(now["targets"])}
    result["verdict"] = "not safe"
    result["reasons"] = [why, *(each for each in (old if isinstance(old, list) else ()) if each != why)]
    result["targets"] = [told.get(each["path"], each) for each in _tables(result.get("targets"))]
    result["problems"] = [
        *_tables(result.get("problems")),
        *(each for each in _tables(now["problems"]) if each["target"] == source),
    ]
    with suppress(OSError), replacing(first.folder / "result.json") as file:
        file.write(json.dumps(result, indent=1).encode())


def _tables(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
