"""A job that was cut off or met the unforeseen: what it wrote is carried on, and what it knows is told."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.mhl.append import Appended
from onset.mhl.check import verify_history
from onset.offload.journal import Journal, find_jobs
from onset.offload.seal import seal
from onset.offload.sink import Sink
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import manifests, offload
from tests.onset.offload.test_job import brought


def test_resumed_job_keeps_a_manifest_that_lacks_a_clip(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clip cannot be read, both targets are sealed without it, and the process dies before it could say so."""
    bad = (card / "CLIPS" / "A001C002.mov").stat()
    real = os.preadv

    def dying(fd: int, buffers: list[memoryview], offset: int) -> int:
        if os.path.samestat(os.fstat(fd), bad):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(fd, buffers, offset)

    def cut(self: Journal, result: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "preadv", dying)
        patch.setattr(Journal, "finish", cut)
        with pytest.raises(KeyboardInterrupt):
            offload(card, targets, state)
    again = offload(card, targets, state)
    assert (again.exit_code, len(find_jobs(state))) == (0, 1)
    for target in targets:
        assert verify_history(target / "A001", read_plainly, SystemClock(), append=False).exit_code == 0
        assert len(manifests(target / "A001")) == 2
        assert_valid(target / "A001")


def test_resumed_job_writes_a_manifest_twice(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Journal, result: object) -> None:
        raise KeyboardInterrupt

    brought(card)
    (card / os.fsdecode(b"\xff.mov")).write_bytes(b"a name that no manifest can carry")
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", cut)
        with pytest.raises(KeyboardInterrupt):
            offload(card, targets, state)
    assert offload(card, targets, state).exit_code == 0
    assert len(manifests(targets[0] / "A001")) == 2  # the card's own, and one


def test_card_nests_more_folders_than_a_recursion_bears(tmp_path: Path, targets: list[Path], state: Path) -> None:
    deep = tmp_path / "A003"
    deep.mkdir()
    here = Path.cwd()
    os.chdir(deep)
    try:
        for _ in range(1100):
            os.mkdir("d")
            os.chdir("d")
        Path("clip").write_bytes(b"at the bottom")
    finally:
        os.chdir(here)
    try:
        outcome = offload(deep, targets, state)
        assert (outcome.exit_code, outcome.problems) == (0, ())
        assert [target.manifest is not None for target in outcome.targets] == [True, True]
    finally:  # pytest's own clearing up is recursive
        subprocess.run(["rm", "-rf", deep, *targets], check=True)


def test_unforeseen_trouble_while_sealing_loses_the_job(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = seal

    def failing(sink: Sink, *args: object, **kwargs: object) -> Appended:
        if sink.index == 0:
            raise RecursionError("maximum recursion depth exceeded")
        return real(sink, *args, **kwargs)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr("onset.offload.seal.seal", failing)
    outcome = offload(card, targets, state)
    assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
    assert [target.manifest is not None for target in outcome.targets] == [False, True]
    assert "RecursionError" in outcome.problems[0].what
    assert find_jobs(state)[0].result is not None


def test_resumed_job_tells_of_the_first_runs_source_check(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Journal, result: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", cut)
        with pytest.raises(KeyboardInterrupt):
            offload(card, targets, state, reread=False)
    offload(card, targets, state)
    assert [found.sheet.source_check for found in find_jobs(state)] == ["reread"]


@pytest.mark.parametrize("damage", ["junk", "cut", "columns"])
def test_damaged_journal_blocks_a_card_for_ever(
    damage: str, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Journal, result: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", cut)
        with pytest.raises(KeyboardInterrupt):
            offload(card, targets, state)
    (journal,) = state.glob("*/journal.sqlite")
    if damage == "junk":
        journal.write_bytes(b"not a database at all " * 1000)
    elif damage == "cut":
        journal.write_bytes(journal.read_bytes()[:5000])
    else:
        journal.unlink()
        with closing(sqlite3.connect(journal)) as other:
            other.execute("CREATE TABLE file (other)")
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 0
    assert any("journal was damaged and set aside" in warning for warning in outcome.warnings)
    assert journal.with_name("journal.sqlite.damaged").exists()
    assert len(find_jobs(state)) == 1


def test_verified_file_vanishes_unnoticed_between_two_runs(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Journal, result: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", cut)
        with pytest.raises(KeyboardInterrupt):
            offload(card, targets, state)
    (targets[1] / "A001" / "CLIPS" / "A001C002.mov").unlink()
    outcome = offload(card, targets[::-1], state)  # named the other way about: still the same job
    assert (outcome.exit_code, len(find_jobs(state))) == (0, 1)
    (warning,) = [warning for warning in outcome.warnings if "vanished" in warning]
    assert "A001C002.mov had been verified" in warning
    assert str(targets[1] / "A001") in warning
