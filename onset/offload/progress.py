"""How far a job is, as a value that anybody may ask for at any time.

Written by the copy engine's threads, read by the progress bar, by `--progress jsonl` and by the Offload screen.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from onset.clock import Clock

_SECOND = 1_000_000_000


class Phase(StrEnum):
    """What a job is doing."""

    SCAN = "scan"
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
class Progress:
    """One reading.

    Attributes:
        files_done: files finished on every target that is still there, `files` of them in all.
        bytes_read: of the card, first read; `bytes` in all.
        bytes_per_s: of the card, since the copying began.
        eta_s: seconds to go, None while nobody can tell.
        gives_way: a take rolls on a disk that the job uses, so it reads slowly.
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


class Tally:
    """The counters behind it; every method may be called from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._phase = Phase.SCAN
        self._gives_way = False
        self._files = self._files_done = self._bytes = self._read = 0
        self._paths: list[str] = []
        self._written: list[int] = []
        self._verified: list[int] = []
        self._lost: list[str | None] = []
        self._started_ns = clock.monotonic_ns()

    def begin(self, files: int, size: int, targets: Sequence[str]) -> None:
        with self._lock:
            self._phase = Phase.COPY
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

    def lost(self, target: int, why: str) -> None:
        with self._lock:
            self._lost[target] = why

    def gives_way(self, does: bool) -> None:
        with self._lock:
            self._gives_way = does

    def file_done(self) -> None:
        with self._lock:
            self._files_done += 1

    def now(self) -> Progress:
        """The newest reading."""
        with self._lock:
            elapsed = max(1, self._clock.monotonic_ns() - self._started_ns) / _SECOND
            alive = [index for index, why in enumerate(self._lost) if why is None]
            # Reading the card and reading each copy back are taken as equal work: that is what makes the estimate calm.
            slowest = min((self._verified[index] for index in alive), default=0)
            work, done = 2 * self._bytes, self._read + slowest
            eta = elapsed * (work - done) / done if done and self._phase is Phase.COPY else None
            return Progress(
                self._phase,
                self._files,
                self._files_done,
                self._bytes,
                self._read,
                self._read / elapsed,
                max(0.0, eta) if eta is not None else None,
                tuple(map(TargetProgress, self._paths, self._written, self._verified, self._lost)),
                self._gives_way,
            )
