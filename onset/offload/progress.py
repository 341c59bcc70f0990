"""How far a job is, as a value that anybody may ask for at any time.

Written by the copy engine's threads, read by the progress bar, by `--progress jsonl` and by the Offload screen.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from onset.clock import Clock

_SECOND = 1_000_000_000
_TELLING_S = 1.0  # of copying, before which a rate says nothing
_NEWEST = 5  # problems that a reading names


class Phase(StrEnum):
    """What a job is doing."""

    SCAN = "scan"
    WAITS = "waits"  # for its turn: another job is on one of its disks
    COPY = "copy"  # and read back, file by file
    SEAL = "seal"  # folders made durable, manifests written
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TargetProgress:
    """One target: bytes written (still in doubt) and bytes read back and matched; `lost` says why it was given up."""

    path: str
    written: int
    verified: int
    lost: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that went wrong with a file: its path on the card, the target's path (None: the card), in words."""

    path: str
    target: str | None
    what: str


@dataclass(frozen=True, slots=True)
class Progress:
    """One reading.

    Attributes:
        files_done: files finished on every target that is still there, `files` of them in all.
        bytes_read: of the card, first read; `bytes` in all.
        bytes_per_s: of the card, since the copying began; the time in which the job stood still does not count. 0 in
            the first second, in which it would be that of a buffer.
        eta_s: seconds to go, None while nobody can tell, as in that second.
        gives_way: a take rolls on a disk that the job uses, so it reads slowly, or with `paused` not at all.
        paused: it reads and writes nothing until it is told to go on, or (with `gives_way`) until the take is cut.
        waits_for: the job and the disk that it waits for, in words; None while it does not.
        unasked: it gives way because the log cannot be asked whether a take rolls.
        bytes_checked: of the card, read a second time; None where that is not asked for.
        failed: how many things went wrong so far; `problems` are the newest of them, oldest first.
    """

    phase: Phase
    files: int
    files_done: int
    bytes: int
    bytes_read: int
    bytes_per_s: float
    eta_s: float | None
    targets: tuple[TargetProgress, ...]
    gives_way: bool = False
    paused: bool = False
    waits_for: str | None = None
    unasked: bool = False
    bytes_checked: int | None = None
    failed: int = 0
    problems: tuple[Trouble, ...] = ()


class Tally:
    """The counters behind it; every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._phase = Phase.SCAN
        self._gives_way = self._stands = self._paused = self._unasked = False
        self._waits_for: str | None = None
        self._held_since_ns: int | None = None
        self._held_ns = 0
        self._files = self._files_done = self._bytes = self._read = 0
        self._paths: list[str] = []
        self._written: list[int] = []
        self._verified: list[int] = []
        self._lost: list[str | None] = []
        self._checked: int | None = None
        self._failed = 0
        self._problems: deque[Trouble] = deque(maxlen=_NEWEST)
        self._started_ns = clock.monotonic_ns()

    def begin(self, files: int, size: int, targets: Sequence[str]) -> None:
        """What is ahead is known; the job waits for its turn."""
        with self._lock:
            self._phase = Phase.WAITS
            self._files, self._bytes, self._paths = files, size, list(targets)
            self._written, self._verified = [0] * len(targets), [0] * len(targets)
            self._lost = [None] * len(targets)
            self._started_ns = self._clock.monotonic_ns()

    def enter(self, phase: Phase) -> None:
        with self._lock:
            self._phase = phase

    def read(self, size: int) -> None:
        with self._lock:
            self._read += size

    def wrote(self, target: int, size: int) -> None:
        with self._lock:
            self._written[target] += size

    def verified(self, target: int, size: int) -> None:
        with self._lock:
            self._verified[target] += size

    def checks(self) -> None:
        """The card is to be read a second time."""
        with self._lock:
            self._checked = self._checked or 0

    def checked(self, size: int) -> None:
        """So much of the card was read a second time; where that is not asked for nothing is counted."""
        with self._lock:
            if self._checked is not None:
                self._checked += size

    def failed(self, trouble: Trouble) -> None:
        with self._lock:
            self._failed += 1
            self._problems.append(trouble)

    def lost(self, target: int, why: str) -> None:
        with self._lock:
            self._lost[target] = why

    def gives_way(self, does: bool, *, stands: bool = False, asked: bool = True) -> None:
        """A take rolls, or none does; `stands`: the job does not go on meanwhile; not `asked`: nobody knows."""
        with self._lock:
            self._gives_way, self._stands, self._unasked = does, does and stands, not asked
            self._note_time()

    def holds(self, *, paused: bool, waits_for: str | None) -> None:
        """Somebody paused the job, or it waits for another one; or neither, and it goes on."""
        with self._lock:
            self._paused, self._waits_for = paused, waits_for
            self._note_time()

    def held_s(self) -> float:
        """How long it stood still in all since it began."""
        with self._lock:
            return self._held() / _SECOND

    def _note_time(self) -> None:
        held = self._paused or self._stands or self._waits_for is not None
        if held and self._held_since_ns is None:
            self._held_since_ns = self._clock.monotonic_ns()
        elif not held:
            self._held_ns, self._held_since_ns = self._held(), None

    def _held(self) -> int:
        since = self._held_since_ns
        return self._held_ns + (self._clock.monotonic_ns() - since if since is not None else 0)

    def file_done(self) -> None:
        with self._lock:
            self._files_done += 1

    def now(self) -> Progress:
        """The newest reading."""
        with self._lock:
            elapsed = max(1, self._clock.monotonic_ns() - self._started_ns - self._held()) / _SECOND
            alive = [index for index, why in enumerate(self._lost) if why is None]
            # Reading the card, reading each copy back and reading the card again are taken as equal work: that is what
            # makes the estimate calm.
            slowest = min((self._verified[index] for index in alive), default=0)
            checked = min(self._checked, self._bytes) if self._checked is not None else None  # a third read tells of it
            work, done = 2 * self._bytes, self._read + slowest
            if checked is not None:
                work, done = work + self._bytes, done + checked
            known = elapsed >= _TELLING_S
            moves = known and self._phase is Phase.COPY and self._held_since_ns is None
            eta = elapsed * (work - done) / done if done and moves and done < work else None
            return Progress(
                self._phase if self._waits_for is None else Phase.WAITS,
                self._files,
                self._files_done,
                self._bytes,
                self._read,
                self._read / elapsed if known else 0.0,
                max(0.0, eta) if eta is not None else None,
                tuple(map(TargetProgress, self._paths, self._written, self._verified, self._lost)),
                self._gives_way and not self._paused,
                self._paused or self._stands,
                self._waits_for,
                self._unasked and not self._paused,
                checked,
                self._failed,
                tuple(self._problems),
            )
