"""Cards to offload in tests, and the offload itself with what does not matter filled in."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from onset.clock import Clock, SystemClock
from onset.mhl.hashes import HashFormat
from onset.offload import files
from onset.offload.job import OffloadJob, Request
from onset.offload.many import Asked, ManyReads
from onset.offload.outcome import Outcome
from onset.offload.place import Target

MIB = 1 << 20


def make_card(root: Path, *, clips: int = 2, clip_bytes: int = 2 * MIB + 123, small: int = 5, seed: int = 1) -> Path:
    """A card with clips, side-car files, an empty file and an empty folder."""
    chance = random.Random(seed)  # content, not a secret
    folder = root / "CLIPS"
    folder.mkdir(parents=True)
    (root / "EMPTY").mkdir()
    (root / "INDEX").write_bytes(b"")
    for number in range(clips):
        (folder / f"A001C{number + 1:03}.mov").write_bytes(chance.randbytes(clip_bytes))
    for number in range(small):
        (folder / f"A001C{number + 1:03}M01.xml").write_bytes(chance.randbytes(200 + number))
    return root


def hollow_clip(card: Path) -> Path:
    """A clip of 2 GiB that takes no room on the card, and a second or more to copy; its path on the card."""
    clip = card / "CLIPS" / "A001C050.mov"
    with clip.open("wb") as file:
        file.truncate(2 << 30)
    return clip.relative_to(card)


def wait_until_begun(copy: Path, alive: Callable[[], bool] = lambda: True) -> None:
    """Until a file is being copied; sooner than progress, which is told twice a second, could tell."""
    part = copy.with_name(f"{copy.name}.onset-part")
    while not part.exists() and alive():
        time.sleep(0.001)  # between two looks: the copy needs the processor that spinning would take


def at_reading(monkeypatch: pytest.MonkeyPatch, path: Path | None, do: Callable[[memoryview], None]) -> None:
    """Do something once to what was just read of a file on the card for the first time, alone or with others.

    Args:
        path: that file; None: the first that is read.
        do: takes the bytes where they lie in memory.
    """
    meant = path.stat().st_ino if path is not None else None
    done: list[bool] = []
    alone, together = files.read_at, ManyReads.read

    def strike(fd: int, data: memoryview) -> None:
        if data and not done and meant in (None, os.fstat(fd).st_ino):
            done.append(True)
            do(data)

    def read_at(fd: int, buffer: memoryview, offset: int) -> int:
        got = alone(fd, buffer, offset)
        strike(fd, buffer[:got])
        return got

    def read(self: ManyReads, asked: Sequence[Asked]) -> list[int]:
        answers = together(self, asked)
        for (fd, start, _), got in zip(asked, answers, strict=True):
            strike(fd, self.memory[start : start + max(0, got)])
        return answers

    monkeypatch.setattr(files, "read_at", read_at)
    monkeypatch.setattr(ManyReads, "read", read)


def make_targets(folder: Path, count: int = 2) -> list[Path]:
    targets = [folder / f"T{number + 1}" for number in range(count)]
    for target in targets:
        target.mkdir()
    return targets


def job_for(
    card: Path,
    targets: list[Path],
    state: Path,
    *,
    reread: bool = True,
    formats: tuple[HashFormat, ...] = (HashFormat.XXH128,),
    clock: Clock | None = None,
) -> OffloadJob:
    """An offload ready to run; the job's record lies in `state`."""
    request = Request(card, tuple(Target(target, card.name) for target in targets), formats, reread)
    return OffloadJob(request, clock or SystemClock(), state)


def offload(card: Path, targets: list[Path], state: Path, *, reread: bool = True) -> Outcome:
    return job_for(card, targets, state, reread=reread).run()


def contents(root: Path) -> dict[str, bytes]:
    """Every file below a folder that is not part of a manifest folder."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and "ascmhl" not in path.relative_to(root).parts[:-1]
    }


def manifests(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "ascmhl").glob("*.mhl"))
