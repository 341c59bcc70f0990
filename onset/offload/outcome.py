"""What became of each file on each target, and what an offload comes to as a whole.

Values between the copy engine, the journal, the manifest, the verdict and the JSON of `onset offload`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from onset.mhl.hashes import Digests
from onset.offload.readback import Method


class State(StrEnum):
    """How far one file is on one target."""

    PLANNED = "planned"
    COPIED = "copied"  # written under its unfinished name
    DURABLE = "durable"  # fsync has returned
    VERIFIED = "verified"  # read back, equal, under its final name
    SEALED = "sealed"  # and in a durable manifest
    FAILED = "failed"


class Gravity(StrEnum):
    """What a problem means for the job's exit code."""

    MISMATCH = "mismatch"  # bytes are not what they should be: 11
    INCOMPLETE = "incomplete"  # something is missing on a target: 10
    NOTICE = "notice"  # nothing asked for is missing, but the card is not safe to format


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong.

    Attributes:
        path: relative to the card, None where it concerns a whole target.
        target: the target's path, None where it concerns the card.
        what: a clause in words.
    """

    path: str | None
    target: str | None
    what: str
    gravity: Gravity


@dataclass(slots=True)
class FileOutcome:
    """One file of the card.

    Attributes:
        path: relative to the card.
        digests: of the bytes as they were read from the card; None if they could not be.
        at_ns: wall clock when they were read.
        source_checked: a second read around the cache agreed, in this job or before it was cut off.
        source_method: how that second read kept the cache out.
        verified: target index to the way its read-back was made.
        superseded: targets whose own newer version stands in its place (the chain of a history that has grown).
        problems: what went wrong.
        began_ns: monotonic clock when its turn came.
    """

    path: str
    size: int
    mtime_ns: int
    digests: Digests | None = None
    at_ns: int = 0
    source_checked: bool = False
    source_method: Method | None = None
    verified: dict[int, Method] = field(default_factory=dict)
    superseded: set[int] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    began_ns: int = 0


_shared: dict[tuple[object, ...], tuple[dict[int, Method], set[int]]] = {}
_no_problems: list[Problem] = []


def slim(outcome: FileOutcome) -> FileOutcome:
    """Let a finished outcome share what most files have in common; it is not changed any more.

    A hundred thousand files with a dictionary, a set and a list each are 50 MB for nothing.
    """
    key = (*sorted(outcome.verified.items()), *sorted(outcome.superseded))
    outcome.verified, outcome.superseded = _shared.setdefault(key, (outcome.verified, outcome.superseded))
    if not outcome.problems:
        outcome.problems = _no_problems
    return outcome


@dataclass(frozen=True, slots=True)
class KnownSource:
    """What an earlier run of the same card found out about a file that has not changed since."""

    digests: Digests
    source_checked: bool


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """One target.

    Attributes:
        path: the folder of the copy.
        verified: files read back and equal.
        failed: files that are not.
        read_back: the weakest way any file was read back; None if none was.
        manifest: the new generation, None where none could be written.
        lost: why the target was given up.
        disks: whole disks under it, empty where they cannot be told.
        disk: the medium's name in the configuration.
        recognised: files that lay there already and were only verified.
        device: st_dev of the folder.
        on_card: it lies on the card's own file system.
        source: folder of the copy that it was made from; None where it was made from the card.
    """

    path: str
    name: str | None
    verified: int
    failed: int
    read_back: Method | None
    manifest: str | None
    generation: int | None
    lost: str | None
    disks: frozenset[str]
    disk: str | None
    recognised: int
    on_card: bool = False
    device: int = 0
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """What was foreseen for one target before the first byte.

    Attributes:
        path: the folder of the copy.
        needed: bytes still to be written there, manifests included.
        free: bytes now, `free_after` when this job and all its targets on that file system are done.
        more_cards: how many more cards like this one it takes then.
        eta_s: seconds by the last jobs' speed to this target; None without such jobs.
    """

    path: str
    name: str | None
    needed: int
    free: int
    free_after: int
    more_cards: int
    eta_s: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An offload, finished. `as_json` is what DESIGN promises other programs.

    Attributes:
        contents: what became of each file of the card; not part of the JSON, which names only what went wrong.
        forecast: one a target, as it was seen before the first byte; `eta_s` likewise.
        source_checked: all of the card was read a second time and agreed; `source_method` the weakest way it was.
    """

    job: str
    card: str
    label: str
    fingerprint: str
    files: int
    bytes: int
    verdict: str
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    source_check: str
    targets: tuple[TargetOutcome, ...]
    problems: tuple[Problem, ...]
    ignored: Mapping[str, int]
    started_ns: int
    as_of_ns: int
    seconds: float
    formats: tuple[str, ...]
    contents: tuple[FileOutcome, ...] = ()
    forecast: tuple[Room, ...] = ()
    eta_s: float | None = None
    source_checked: bool = False
    source_method: Method | None = None

    @property
    def exit_code(self) -> int:
        """0 when every copy asked for is complete and read back, whatever the verdict; else 11 or 10."""
        gravities = {problem.gravity for problem in self.problems}
        if Gravity.MISMATCH in gravities:
            return 11
        return 10 if Gravity.INCOMPLETE in gravities else 0

    def as_json(self) -> dict[str, object]:
        return {
            "card": self.card,
            "label": self.label,
            "fingerprint": self.fingerprint,
            "files": self.files,
            "bytes": self.bytes,
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "source_check": self.source_check,
            "targets": [
                {
                    "path": target.path,
                    "name": target.name,
                    "verified": target.verified,
                    "failed": target.failed,
                    "read_back": target.read_back.value if target.read_back else None,
                    "manifest": target.manifest,
                    "generation": target.generation,
                    "lost": target.lost,
                    "disk": target.disk or "+".join(sorted(target.disks)) or None,
                    "recognised": target.recognised,
                    "source": target.source,
                }
                for target in self.targets
            ],
            "problems": [
                {"path": problem.path, "target": problem.target, "what": problem.what} for problem in self.problems
            ],
            "ignored": dict(self.ignored),
            "forecast": {
                "eta_s": None if self.eta_s is None else round(self.eta_s, 1),
                "targets": [asdict(room) for room in self.forecast],
            },
            "hashes": list(self.formats),
            "job": self.job,
            "started_ns": self.started_ns,
            "as_of_ns": self.as_of_ns,
            "seconds": round(self.seconds, 3),
        }
