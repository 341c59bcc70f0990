"""The log of a job: what happened when, one JSON object a line, beside every copy and in the job's record.

Used by job.py. Lines are made and written by a thread of their own, twice a second; a medium that takes none loses its
log and nothing else. Every event and field is described in docs/offload.md.
"""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import TYPE_CHECKING

from onset import __version__
from onset.clock import Clock
from onset.mhl.durable import sync_folder
from onset.mhl.tree import FOLDER
from onset.offload.disks import kind_of, mount_of, standing
from onset.offload.files import open_folder
from onset.offload.names import JOB_LOG, LONGEST
from onset.offload.outcome import FileOutcome, Outcome, Problem

if TYPE_CHECKING:
    from onset.mhl.append import Appended
    from onset.offload.card import Card
    from onset.offload.job import Request
    from onset.offload.journal import JobSheet
    from onset.offload.place import Place
    from onset.offload.progress import Progress
    from onset.offload.sink import Sink

IN_RECORD = "log.jsonl"
FORMAT = 1
_NS = 1_000_000_000
_WRITE_EVERY_S = 0.5
_FREE = "goes_on"


def log_beside(place: Place, started_ns: int) -> Path | None:
    """Where a target's log lies: beside the card's folder, and outside of every history, which would call it new.

    Args:
        place: the card's folder on the target.
        started_ns: when the job first began; it names the log as it names the manifest.

    Returns:
        None where a history covers the whole target.
    """
    top = place.target.path
    above = [folder for folder in place.folder.parents if folder == top or top in folder.parents]
    for folder in above:
        if not any(os.path.isdir(each / FOLDER) for each in (folder, *folder.parents)):  # never an error
            stamp = datetime.fromtimestamp(started_ns // _NS, UTC).strftime("%Y-%m-%d_%H%M%SZ")
            ending = f"_{stamp}{JOB_LOG}"
            name = os.fsencode("_".join(place.folder.relative_to(folder).parts))
            if len(name) + len(ending) > LONGEST:
                name = os.fsencode(name[: LONGEST - len(ending)].decode(errors="ignore"))
            return folder / (os.fsdecode(name) + ending)
    return None


@dataclass(slots=True)
class _Page:
    """One place that the log is written to.

    Attributes:
        fd: open for appending.
        folder: open, to make the name durable; -1 in the job's own record.
        target: its number, None in the job's own record.
        begun: this run made it.
    """

    path: Path
    fd: int
    folder: int
    target: int | None
    begun: bool = False

    def write(self, lines: bytes) -> None:
        view = memoryview(lines)
        while view:
            view = view[os.write(self.fd, view) :]

    def close(self) -> None:
        for fd in (self.fd, self.folder):
            if fd >= 0:
                with suppress(OSError):
                    os.close(fd)


class JobLog:
    """Told what happens, from any thread and at once; what comes before `kept` is written when that begins."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_ns = clock.monotonic_ns()
        self._told: deque[tuple[int, int, str, Mapping[str, object] | FileOutcome]] = deque()
        self._problems: set[Problem] = set()
        self._present: list[frozenset[str]] = []
        self._pages: list[_Page] = []
        self._second = -1, ""
        self._targets: dict[Hashable, str] = {}
        self._held: tuple[str, str | None] = _FREE, None
        self._seeing = threading.Lock()
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._progress: Callable[[], Progress] | None = None
        self._writer = threading.Thread(target=self._keep_writing, name="log")

    def tell(self, event: str, **more: object) -> None:
        """One event."""
        self._told.append((self._clock.wall_ns(), self._clock.monotonic_ns(), event, more))

    def file(self, outcome: FileOutcome) -> None:
        """A file is done on all targets, well or badly; its problems follow it."""
        self._look_again()
        self._told.append((self._clock.wall_ns(), self._clock.monotonic_ns(), "file", outcome))
        for problem in outcome.problems:
            self.problem(problem)

    def problem(self, problem: Problem) -> None:
        """Something went wrong; told once."""
        if problem not in self._problems:
            self._problems.add(problem)
            self.tell("problem", **asdict(problem))

    def notes(self, notes: Iterable[str]) -> None:
        """Sentences worth reading before the copy begins."""
        for words in dict.fromkeys(notes):
            self.tell("note", text=words)

    def sealed(self, target: int, made: Appended) -> None:
        """A target has its manifest."""
        self._look_again()
        self.tell("sealed", target=target, manifest=str(made.manifests[0]), generation=made.number)

    def saw(self, progress: Progress) -> None:
        """A reading of the progress: what holds the job up, where that changed since the last one."""
        held: tuple[str, str | None] = _FREE, None
        if progress.waits_for is not None:
            held = "waits", progress.waits_for
        elif progress.gives_way:
            held = "gives_way", "stands still" if progress.paused else "reads slowly"
            if progress.unasked:
                held = "gives_way", "reads slowly: the log cannot be asked whether a take rolls"
        elif progress.paused:
            held = "paused", None
        with self._seeing:
            if held == self._held:
                return
            self._held = held
        event, words = held
        self.tell(event, **({"text": words} if words is not None else {}))

    def _look_again(self) -> None:
        """What held the job up may be over since the last reading, as it went on."""
        if self._held[0] != _FREE and self._progress is not None:
            self.saw(self._progress())

    def judged(self, outcome: Outcome) -> None:
        """What all of it comes to; the log is durable then, and takes no more."""
        for problem in outcome.problems:
            self.problem(problem)
        self.tell("verdict", verdict=outcome.verdict, reasons=outcome.reasons, warnings=outcome.warnings)
        self.tell("end", how="done", exit_code=outcome.exit_code, seconds=round(outcome.seconds, 3))
        self._finish()

    @contextmanager
    def kept(
        self, record: Path, sheet: JobSheet, sinks: Sequence[Sink], progress: Callable[[], Progress]
    ) -> Iterator[None]:
        """Write the log while the block runs, and make it durable at its end.

        Args:
            record: the job's folder.
            sheet: what it is.
            sinks: its targets; a log goes beside each that takes one.
            progress: asked twice a second, for what nobody tells.
        """
        self._present = [sink.present for sink in sinks]
        self._open(record / IN_RECORD, None)
        for sink in sinks:
            path = log_beside(sink.place, sheet.started_ns)
            if path is not None:
                self._open(path, sink)
        self._progress = progress
        self._writer.start()
        try:
            yield
        except BaseException as error:
            self.tell("end", how="stopped", why=str(error) or type(error).__name__)
            raise
        finally:
            self._finish()

    def withdraw(self) -> None:
        """The job ends before its first byte: what it began on targets goes again, its own record keeps the log."""
        with self._writing:
            for page in [page for page in self._pages if page.begun and page.target is not None]:
                self._pages.remove(page)
                with suppress(OSError):
                    os.unlink(page.path.name, dir_fd=page.folder)
                page.close()

    def began(self, card: Card, sheet: JobSheet, sinks: Sequence[Sink], request: Request, *, resumed: bool) -> None:
        """The job as it begins, or goes on after it was cut off; written at once."""
        logs = {page.target: str(page.path) for page in self._pages}
        self.tell(
            "resumed" if resumed else "start",
            format=FORMAT,
            program=f"onset {__version__}",
            host=os.uname().nodename,
            pid=sheet.pid,
            job=sheet.id,
            card=sheet.card,
            made_from=sheet.source,
            label=card.label,
            fingerprint=card.fingerprint,
            files=len(card.tree.files),
            bytes=card.tree.bytes,
            **_medium(card.root, card.disks),
            left_out=card.tree.ignored,
            not_copied={path: str(kind) for path, kind in card.tree.others.items()},
            source_check=sheet.source_check,
            hashes=list(request.formats),
            copies=request.copies,
            targets=[
                {
                    "path": str(sink.path),
                    "name": sink.place.target.name,
                    "disk": sink.place.target.disk,
                    **_medium(sink.path, sink.disks),
                    "were_there": len(sink.present),
                    "log": logs.get(sink.index),
                }
                for sink in sinks
            ],
        )
        self._write()

    # -- writing --------------------------------------------------------------------------------------------------

    def _open(self, path: Path, sink: Sink | None) -> None:
        """Open a place; one that takes no log goes without, and the others say so."""
        folder = fd = -1
        try:
            if sink is not None:
                folder = open_folder(path.parent)
                if os.fstat(folder).st_dev != sink.device:
                    raise OSError(0, "another disk is mounted below it")
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(path.name if sink is not None else path, flags, 0o644, dir_fd=folder if sink else None)
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                os.write(fd, b"\n")  # a kill tore the last line
        except OSError as error:
            _Page(path, fd, folder, None).close()
            self.tell("no_log", path=str(path), why=error.strerror)
            return
        self._pages.append(_Page(path, fd, folder, sink.index if sink is not None else None, begun=not size))

    def _keep_writing(self) -> None:
        while not self._ended.wait(_WRITE_EVERY_S):
            if self._progress is not None:
                self.saw(self._progress())
            self._write()

    def _write(self) -> None:
        with self._writing:
            lines = []
            while self._told:
                with suppress(TypeError, ValueError):  # unforeseen, and no reason to lose the other lines
                    lines.append(self._spell(*self._told.popleft()))
            if not lines:
                return
            written = "\n".join([*lines, ""]).encode("ascii")
            for page in list(self._pages):
                try:
                    page.write(written)
                except OSError as error:
                    self._lose(page, error)

    def _lose(self, page: _Page, error: OSError) -> None:
        self._pages.remove(page)
        page.close()
        self.tell("no_log", path=str(page.path), why=error.strerror)

    def _finish(self) -> None:
        self._ended.set()
        self._writer.join()
        self._write()
        for page in list(self._pages):
            try:
                os.fsync(page.fd)
                if page.folder >= 0:
                    sync_folder(page.folder)
            except OSError as error:
                self._lose(page, error)
        self._write()  # that a log was lost
        while self._pages:
            self._pages.pop().close()

    def _spell(self, wall_ns: int, at_ns: int, event: str, more: Mapping[str, object] | FileOutcome) -> str:
        second, rest = divmod(wall_ns, _NS)
        if second != self._second[0]:
            self._second = second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        head = f'{{"at": "{self._second[1]}.{rest // 1_000_000:03}Z", "s": {self._seconds(self._began_ns, at_ns)}, '
        if isinstance(more, FileOutcome):
            return f'{head}"event": "file", {self._file(more, at_ns)}}}'
        return head + json.dumps({"event": event, **more})[1:]

    def _file(self, outcome: FileOutcome, at_ns: int) -> str:
        """A file's line without its braces: put together by hand, since there are a hundred thousand of them."""
        digests = outcome.digests
        hashes = "null" if digests is None else json.dumps(dict(digests))
        if digests is not None and len(digests) == 1:
            ((name, digest),) = digests.items()
            hashes = f'{{"{name}": "{digest}"}}'
        was_there = tuple(outcome.path in present for present in self._present)
        key = (*outcome.verified.items(), *outcome.superseded, was_there)
        targets = self._targets.get(key)
        if targets is None:
            found = [self._target(outcome, index, there) for index, there in enumerate(was_there)]
            targets = self._targets[key] = json.dumps(found)
        again = "null" if outcome.source_method is None else f'"{outcome.source_method}"'
        return (
            f'"path": {encode_basestring_ascii(outcome.path)}, "bytes": {outcome.size}, '
            f'"mtime_ns": {outcome.mtime_ns}, "hashes": {hashes}, '
            f'"read_twice": {"true" if outcome.source_checked else "false"}, "read_again": {again}, '
            f'"seconds": {self._seconds(outcome.began_ns, at_ns)}, "targets": {targets}'
        )

    @staticmethod
    def _target(outcome: FileOutcome, index: int, was_there: bool) -> dict[str, object]:
        found: dict[str, object] = {"read_back": outcome.verified.get(index)}
        if index in outcome.superseded:
            found["superseded"] = True
        if was_there:
            found["was_there"] = True
        return found

    @staticmethod
    def _seconds(since_ns: int, at_ns: int) -> float:
        return round((at_ns - since_ns) / _NS, 3)


def _medium(path: Path, disks: frozenset[str]) -> dict[str, object]:
    kind = None
    with suppress(OSError):  # a medium that dies now is the copy's trouble
        mount = mount_of(standing(path))
        kind = kind_of(mount) if mount is not None else None
    return {"disks": sorted(disks), "file_system": kind}
