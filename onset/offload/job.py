"""One offload, from the first look at the card to the verdict.

Used by `onset offload` (in its own process). Preflight, copy and proof, seal, a second look at the card, verdict; a
job that was killed is found by the card's fingerprint and its folders, and goes on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from onset.clock import Clock
from onset.errors import OffloadError
from onset.mhl.hashes import HashFormat
from onset.mhl.records import Author
from onset.offload.before import copies_before
from onset.offload.card import Card, changes, list_again, open_card, scan_card
from onset.offload.copy import Copier
from onset.offload.disks import is_rotational, standing, whole_disks
from onset.offload.giveway import GiveWay, Recorder
from onset.offload.job_log import JobLog
from onset.offload.journal import (
    JobSheet,
    JobSummary,
    Journal,
    find_jobs,
    forget_job,
    known_of,
    open_journal,
    tell_contents,
)
from onset.offload.left_behind import clear_unsealed, vanished
from onset.offload.mounted import check_mounted
from onset.offload.outcome import FileOutcome, Gravity, KnownSource, Outcome, Problem, TargetOutcome, slim
from onset.offload.place import Later, Place, Target, find_place, numbered
from onset.offload.plan import Plan, make_plan
from onset.offload.preflight import check_apart, check_names, check_space, check_targets
from onset.offload.progress import Phase, Progress, Tally
from onset.offload.prove import PROOF, StoppedError
from onset.offload.proven import keep_proven, proven_of
from onset.offload.queue import uses_of
from onset.offload.readback import weakest
from onset.offload.seal import Wanted, against_history, is_of_history, seal_all, superseded
from onset.offload.sink import Sink, settle
from onset.offload.turn import Turn, await_turn, check_again, check_still_there, in_queue
from onset.offload.verdict import judge_card
from onset.offload.work import Orders
from onset.text import safe_path, safe_text

_SECOND = 1_000_000_000
_SHOW_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        card: its top folder.
        targets: where to; each with the folder below it.
        formats: digests for the manifests.
        reread: read the card a second time.
        copies: on how many distinct media the card must be to be safe.
        label: what the card is called, its folder's name by default.
        authors, location: who copies, and where, as manifests say it.
        then: targets that are filled afterwards, from copies instead of from the card.
        known_bad: asks what is known against copies of earlier runs, by the path of their manifest: before the first
            byte, and when it is judged which copies count.
    """

    card: Path
    targets: tuple[Target, ...]
    formats: tuple[HashFormat, ...] = (HashFormat.XXH128,)
    reread: bool = True
    copies: int = 2
    label: str | None = None
    authors: tuple[Author, ...] = ()
    location: str | None = None
    then: tuple[Later, ...] = ()
    known_bad: Callable[[], Mapping[str, str]] = dict


class OffloadJob:
    """Runs once; `progress` and `stop` may be called from any thread meanwhile."""

    def __init__(self, request: Request, clock: Clock, state: Path, recorder: Recorder | None = None) -> None:
        self._recorder = recorder
        self._request = request
        self._clock = clock
        self._state = state
        self._tally = Tally(clock)
        self._log = JobLog(clock)
        self._stop = threading.Event()
        self._outcomes: dict[str, FileOutcome] = {}
        self._problems: list[Problem] = []
        self._warnings: list[str] = []
        self._check = "reread" if request.reread else "none"
        self._planned: Plan | None = None
        self._devices: dict[str, int] = {}
        self._then: tuple[tuple[str, str], ...] = ()
        self._source: str | None = None  # the copy that is read instead of the card
        self._reads: Target | None = None  # that it lies on

    def progress(self) -> Progress:
        """How far it is."""
        return self._tally.now()

    def note(self, words: str) -> None:
        """Something that the result is to say among its warnings."""
        self._warnings.append(words)

    def stop(self) -> None:
        """End soon, leaving only verified files; the same command goes on later."""
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped it, here or by `onset jobs cancel`."""
        return self._stop.is_set()

    def plan(self) -> Plan:
        """Look at card and targets, refuse what cannot be, say what is ahead; `run` does it if this was not called.

        Raises:
            OffloadError: refused; names the thing and what to do.
        """
        card = self._scan()
        if self._stop.is_set():
            raise OffloadError("Stopped before the first byte; nothing was copied.")
        jobs = find_jobs(self._state)
        asked = (*self._request.targets, *(later.target for later in self._request.then))
        check_mounted(asked)
        targets = [numbered(target, card, jobs) for target in asked]
        check_targets(card, targets)
        check_names(card, targets)
        places = [find_place(target, card, jobs) for target in targets]
        check_apart([place.folder for place in places])
        check_space(card, places)
        folders = [str(place.folder) for place in places]
        self._devices = {str(place.folder): standing(place.folder).stat().st_dev for place in places}
        first = len(self._request.targets)
        self._then = tuple(
            (folder, folders[each.after]) for folder, each in zip(folders[first:], self._request.then, strict=True)
        )
        now_ns, bad = self._clock.wall_ns(), self._request.known_bad()
        self._planned = make_plan(card, places[:first], jobs, self._check, now_ns, places[first:], bad)
        self._warnings += self._planned.notes
        return self._planned

    def run(self, contents: Mapping[str, object] | None = None) -> Outcome:
        """Do it all.

        Args:
            contents: what is on the card, for whoever finds the job's record.

        Raises:
            OffloadError: refused before the first byte, stopped, or the job's own record cannot be kept.
        """
        began = self._clock.monotonic_ns()
        plan = self._planned or self.plan()
        if self._stop.is_set():
            raise OffloadError("Stopped before the first byte; nothing was copied.")
        card, places, earlier = plan.card, list(plan.places), plan.earlier
        sheet, resumed = self._sheet(card, places, earlier)
        places.sort(key=lambda place: sheet.folders.index(str(place.folder)))  # the journal knows targets by number
        with ExitStack() as stack:
            card_fd = open_card(card)
            stack.callback(os.close, card_fd)
            sinks: list[Sink] = []
            fresh = not (self._state / sheet.id).exists()
            try:
                for index, place in enumerate(places):
                    sinks.append(Sink(index, place, self._lose))
                    stack.callback(sinks[-1].close)
                check_still_there(sinks, self._devices)
                journal = stack.enter_context(open_journal(self._state, sheet))
                journal.plan(list(card.tree.files.values()), len(sinks))
            except OffloadError:  # a refused job leaves nothing behind, neither there nor in its own record
                for sink in sinks:
                    sink.unmake()
                if fresh:
                    forget_job(self._state, sheet.id)
                raise
            stack.enter_context(self._log.kept(journal.folder, sheet, sinks, self._tally.now))
            self._log.began(card, sheet, sinks, self._request, resumed=resumed)
            if contents is not None:
                tell_contents(self._state, sheet.id, contents)
            if journal.warning is not None:
                self._warnings.append(journal.warning)
            self._warnings += [warning for n, place in enumerate(places) if (warning := vanished(journal, n, place))]
            self._log.notes((*self._warnings, *plan.media))
            clear_unsealed(card, sinks, earlier)
            wanted = Wanted(self._request.formats, card, places)
            known = self._known(card, journal, earlier)
            orders = Orders(
                wanted,
                known,
                self._request.reread,
                _apart(card, sinks),
                is_rotational(card.root),
                self._source is not None,
            )
            try:
                turn = stack.enter_context(in_queue(self._state, sheet, uses_of(card, card_fd, sinks, self._reads)))
                self._tally.begin(len(card.tree.files), card.tree.bytes, [str(sink.path) for sink in sinks])
                if await_turn(turn, self._tally, self._stop, journal.show):
                    check_again(card, card_fd, sinks)
            except OffloadError:  # what was asked for stays on record, and is gone on with by the same command
                self._log.withdraw()
                for sink in sinks:
                    sink.unmake()
                raise
            self._copy(card, card_fd, sinks, journal, orders, turn)
            turn.seal(self._tally, journal.show)
            appended = self._seal(card, sinks, journal, wanted, resumed)
            self._look_again(card)
            outcome = self._judge(card, sinks, sheet, appended, began)
            self._keep_proven(journal, card, outcome)
            self._tally.enter(Phase.DONE)
            journal.show(self._tally.now())
            self._log.judged(outcome)
            try:
                journal.finish(outcome.as_json())
            except OSError as error:  # the copies are made: whoever waits for them is told, the record stays unfinished
                where = f"{safe_path(journal.folder)} ({error.strerror}); make room there, or set XDG_STATE_HOME"
                warning = f"the result could not be kept in {where}"
                return replace(outcome, warnings=(*outcome.warnings, warning))
            return outcome

    # -- before the first byte --------------------------------------------------------------------------------------

    def _scan(self) -> Card:
        return scan_card(self._request.card, self._request.label)

    def _sheet(self, card: Card, places: Sequence[Place], earlier: Sequence[JobSummary]) -> tuple[JobSheet, bool]:
        """This job's record: that of a job cut off earlier, if there is one for this card and these folders."""
        folders = tuple(str(place.folder) for place in places)
        for job in earlier:
            if job.result is None and set(job.sheet.folders) == set(folders) and job.sheet.source == self._source:
                return replace(job.sheet, source_check=self._check, pid=os.getpid(), then=self._then), True
        started = self._clock.wall_ns()
        stamp = datetime.fromtimestamp(started // _SECOND, UTC).strftime("%Y%m%dT%H%M%S")
        slug = "".join(char if char.isascii() and char.isalnum() else "-" for char in card.label)[:40]
        name = f"{stamp}-{slug}-{card.fingerprint[:8]}-{os.urandom(4).hex()}"
        sheet = JobSheet(
            name, str(card.root), card.label, card.fingerprint, folders, self._check, started, os.getpid(), self._then
        )
        return sheet, False

    def _known(self, card: Card, journal: Journal, earlier: Sequence[JobSummary]) -> Mapping[str, KnownSource]:
        """Digests from earlier runs; only this very job's second reads of the card count as done."""
        known: dict[str, KnownSource] = {}
        for job in earlier:
            if job.sheet.id != journal.sheet.id:
                for path, source in known_of(job, card.tree.files).items():
                    known.setdefault(path, KnownSource(source.digests, source_checked=False))
        return known | journal.known(card.tree.files)

    # -- copy -------------------------------------------------------------------------------------------------------

    def _superseded(self, card: Card, sink: Sink) -> frozenset[str]:
        return superseded(card, sink.path)

    def _copy(
        self, card: Card, card_fd: int, sinks: Sequence[Sink], journal: Journal, orders: Orders, turn: Turn
    ) -> None:
        entries = list(card.tree.files.values())
        self._tally.enter(Phase.COPY)
        for sink in sinks:
            sink.superseded = self._superseded(card, sink)
            sink.make_folders(card.tree.folders)

        def report(outcome: FileOutcome) -> None:
            self._outcomes[outcome.path] = slim(outcome)
            self._log.file(outcome)
            journal.finished(outcome, len(sinks))

        journal.settle = partial(settle, sinks)
        shared = self._recorder is not None and _shares(self._recorder.folder, card, card_fd, sinks)
        way = GiveWay(self._recorder if shared else None, self._tally, self._stop, self.note)
        copier = Copier(card_fd, sinks, orders, self._tally, self._clock, self._stop, report, journal.mark, way)
        with self._keeping(journal, lambda: way.follow(turn.look())), way.watching():
            try:
                copier.run(entries)
            except StoppedError:
                done = sum(1 for outcome in self._outcomes.values() if len(outcome.verified) == len(sinks))
                raise OffloadError(
                    f"Stopped; {done} of {len(entries)} files are on all targets, verified. Started again, it goes on."
                ) from None

    @contextmanager
    def _keeping(self, journal: Journal, look: Callable[[], None]) -> Iterator[None]:
        """Commit the journal, look at the queue and show progress twice a second while the block runs."""
        ended = threading.Event()
        trouble: list[Exception] = []

        def keep() -> None:
            while not ended.wait(_SHOW_EVERY_S):
                try:
                    journal.commit()
                    look()
                except Exception as error:  # whatever it is: without this thread nothing is kept, and nobody is heard
                    trouble.append(error)
                    self._stop.set()
                    return
                journal.show(self._tally.now())

        keeper = threading.Thread(target=keep, name="journal")
        keeper.start()
        try:
            yield
        except OffloadError:
            if not trouble:
                raise
        finally:
            ended.set()
            keeper.join()
        if trouble:
            raise trouble[0]
        journal.commit()

    # -- seal and judge ---------------------------------------------------------------------------------------------

    def _seal(
        self, card: Card, sinks: Sequence[Sink], journal: Journal, wanted: Wanted, resumed: bool
    ) -> dict[int, tuple[str, int]]:
        """Write every target's manifest: target index to manifest and generation."""
        outcomes = [self._outcomes[path] for path in card.tree.files if path in self._outcomes]
        for problem in against_history(card, wanted.on_card, outcomes):
            self._note(problem.path, None, problem.what, problem.gravity)
        sealed: dict[int, tuple[str, int]] = {}
        for sink, made in seal_all(
            sinks,
            card,
            outcomes,
            wanted,
            self._clock,
            journal.sheet.started_ns,
            resumed=resumed,
            authors=self._request.authors,
            location=self._request.location,
        ):
            if isinstance(made, str):
                self._note(None, sink, made, Gravity.INCOMPLETE)
                continue
            sealed[sink.index] = (str(made.manifests[0]), made.number)
            self._log.sealed(sink.index, made)
            with suppress(OffloadError):
                journal.seal(sink.index)
        return sealed

    def _look_again(self, card: Card) -> None:
        try:
            found = changes(card.tree, list_again(card))
        except OffloadError as error:
            self._note(None, None, str(error), Gravity.INCOMPLETE)
            return
        self._log.tell("second_look", changes=len(found))
        told = {problem.path for outcome in self._outcomes.values() for problem in outcome.problems}
        for path, what in sorted(found.items()):
            if path not in told:
                self._note(path, None, what, Gravity.INCOMPLETE)

    def _judge(
        self, card: Card, sinks: Sequence[Sink], sheet: JobSheet, sealed: Mapping[int, tuple[str, int]], began: int
    ) -> Outcome:
        outcomes = list(self._outcomes.values())
        problems = [problem for outcome in outcomes for problem in outcome.problems] + self._problems
        for path, kind in card.tree.others.items():
            problems.append(Problem(path, None, f"is a {kind}, which was not copied", Gravity.NOTICE))
        for path in card.tree.files:
            if not path.isascii() and not is_of_history(path) and any(0xD800 <= ord(char) < 0xE000 for char in path):
                self._warnings.append(f"{safe_text(path)} is not named in UTF-8; other tools cannot read its record")
        if card.history_trouble is not None:
            what = f"the card's own history cannot be carried on: {card.history_trouble}"
            problems.append(Problem(None, None, what, Gravity.MISMATCH))
        targets = tuple(self._target(card, sink, outcomes, sealed.get(sink.index)) for sink in sinks)
        # A file that could not be read even once is a reason of its own, not one against the second read of the others.
        read = [o for o in outcomes if o.digests is not None]
        source_checked = all(o.source_checked for o in read) and len(outcomes) == len(card.tree.files)
        source_method = weakest([o.source_method for o in outcomes if o.source_method is not None])
        digests = {o.path: o.digests[PROOF] for o in read if o.digests is not None}
        earlier = self._planned.earlier if self._planned else ()
        before = copies_before(card, earlier, [each.path for each in targets], digests, self._request.known_bad())
        self._warnings += before.differ
        verdict = judge_card(
            card,
            targets,
            problems,
            copies=self._request.copies,
            source_checked=source_checked,
            source_method=source_method,
            then=self._then,
            earlier=before.there,
            away=before.away,
        )
        return Outcome(
            sheet.id,
            str(card.root),
            card.label,
            card.fingerprint,
            len(card.tree.files),
            card.tree.bytes,
            verdict.word,
            verdict.reasons,
            tuple(dict.fromkeys((*self._warnings, *verdict.warnings))),
            self._check,
            targets,
            tuple(problems),
            card.tree.ignored,
            sheet.started_ns,
            self._clock.wall_ns(),
            (self._clock.monotonic_ns() - began) / _SECOND - self._tally.held_s(),
            tuple(form.value for form in self._request.formats),
            tuple(outcomes),
            *((self._planned.rooms, self._planned.eta_s) if self._planned is not None else ((), None)),
            source_checked=source_checked,
            source_method=source_method,
        )

    def _keep_proven(self, journal: Journal, card: Card, outcome: Outcome) -> None:
        """What later copies need to know of the card, which may be gone by then."""
        if self._then:
            with suppress(OSError):  # told in a moment, when the result cannot be kept either
                keep_proven(journal.folder, proven_of(card, outcome))

    @staticmethod
    def _target(
        card: Card, sink: Sink, outcomes: Sequence[FileOutcome], sealed: tuple[str, int] | None
    ) -> TargetOutcome:
        verified = sum(1 for o in outcomes if sink.index in o.verified or sink.index in o.superseded)
        target = sink.place.target
        on_card = False
        with suppress(OSError):
            on_card = sink.device == card.root.stat().st_dev
        return TargetOutcome(
            str(sink.path),
            target.name,
            verified,
            len(card.tree.files) - verified,
            weakest([o.verified[sink.index] for o in outcomes if sink.index in o.verified]),
            sealed[0] if sealed else None,
            sealed[1] if sealed else None,
            sink.lost,
            sink.disks,
            target.disk,
            len(sink.present),
            on_card,
            sink.device,
        )

    def _note(self, path: str | None, sink: Sink | None, what: str, gravity: Gravity) -> None:
        self._problems.append(Problem(path, str(sink.path) if sink is not None else None, what, gravity))
        self._log.problem(self._problems[-1])

    def _lose(self, target: int, why: str) -> None:
        self._tally.lost(target, why)
        self._log.tell("target_lost", target=target, why=why)


def _shares(folder: Path, card: Card, card_fd: int, sinks: Sequence[Sink]) -> bool:
    """Whether the card or a target lies on a disk that recordings go to."""
    device = standing(folder).stat().st_dev
    disks = whole_disks(standing(folder), device)
    used = {os.fstat(card_fd).st_dev, *(sink.device for sink in sinks)}
    return device in used or bool(disks & card.disks.union(*(sink.disks for sink in sinks)))


def _apart(card: Card, sinks: Sequence[Sink]) -> bool:
    """Whether no target shares a disk with the card: then a file is read back while the next one is copied."""
    return bool(card.disks) and all(sink.disks and not sink.disks & card.disks for sink in sinks)
