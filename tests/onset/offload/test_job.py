"""Whole offloads: complete, repeated, resumed, refused, and with everything that goes wrong on the way."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onset.clock import ManualClock, SystemClock
from onset.errors import OffloadError
from onset.mhl import asc
from onset.mhl.append import append_generation
from onset.mhl.check import creator_now, verify_history
from onset.mhl.hashes import HashFormat, spell
from onset.mhl.history import Checked, Found, iso, load_history
from onset.mhl.records import Action, Process
from onset.mhl.tree import FileEntry
from onset.offload import files, mounted, prove, readback, work
from onset.offload.disks import CacheReach, Mount, cache_reach
from onset.offload.journal import find_jobs
from onset.offload.outcome import FileOutcome
from onset.offload.prove import Prover, Reading
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import at_reading, contents, job_for, make_card, manifests, offload


def test_copy_is_not_the_card(card: Path, targets: list[Path], state: Path) -> None:
    outcome = offload(card, targets, state)
    assert (outcome.exit_code, outcome.problems) == (0, ())
    for target in targets:
        copied = target / "A001"
        assert contents(copied) == contents(card)
        assert (copied / "EMPTY").is_dir()
        assert len(manifests(copied)) == 1
        assert_valid(copied)
        assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 0
        for path in card.rglob("*"):
            assert (copied / path.relative_to(card)).stat().st_mtime_ns == path.stat().st_mtime_ns
    manifest = asc.read_manifest(Path(outcome.targets[0].manifest or ""))
    assert manifest.process is Process.TRANSFER
    assert manifest.creator is not None
    assert str(targets[1] / "A001") in (manifest.creator.comment or "")
    assert {entry.action for record in manifest.files for entry in record.entries} == {Action.ORIGINAL}


@pytest.mark.parametrize("reread", [True, False])
def test_bytes_of_the_card_are_counted_otherwise(reread: bool, card: Path, targets: list[Path], state: Path) -> None:
    outcome = offload(card, targets, state, reread=reread)
    assert (outcome.files, outcome.bytes) == (8, sum(map(len, contents(card).values())))
    assert any("second time" in reason for reason in outcome.reasons) is not reread
    assert (find_jobs(state)[0].progress or {})["bytes_checked"] == (outcome.bytes if reread else None)


def test_several_digests_differ_from_the_bytes(card: Path, targets: list[Path], state: Path) -> None:
    outcome = job_for(card, targets, state, formats=tuple(HashFormat)).run()
    manifest = asc.read_manifest(Path(outcome.targets[0].manifest or ""))
    assert_valid(targets[0] / "A001")
    for record in manifest.files:
        data = (card / record.path).read_bytes()
        assert {entry.format: entry.digest for entry in record.entries} == {f: spell(f, data) for f in HashFormat}


def test_same_card_again_is_copied_again(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offload(card, targets, state)
    monkeypatch.setattr(files, "create_part", lambda *_: pytest.fail("a byte was written"))
    again = offload(card, targets, state)
    assert again.exit_code == 0
    assert [target.recognised for target in again.targets] == [8, 8]
    assert [target.generation for target in again.targets] == [2, 2]
    assert_valid(targets[0] / "A001")
    assert "A001_2" not in os.listdir(targets[0])


def test_card_that_came_back_with_more_clips_is_another_card(card: Path, targets: list[Path], state: Path) -> None:
    first = offload(card, targets, state)
    (card / "CLIPS" / "A001C009.mov").write_bytes(b"new clip")
    again = offload(card, targets, state)
    assert first.fingerprint != again.fingerprint
    assert (again.exit_code, again.targets[0].recognised, again.targets[0].generation) == (0, 8, 2)
    assert contents(targets[0] / "A001") == contents(card)
    newest = asc.read_manifest(Path(again.targets[0].manifest or ""))
    actions = {record.path: record.entries[0].action for record in newest.files}
    assert actions.pop("CLIPS/A001C009.mov") is Action.ORIGINAL
    assert set(actions.values()) == {Action.VERIFIED}


def test_two_cards_of_one_name_are_mixed(tmp_path: Path, card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets, state)
    other = make_card(tmp_path / "second" / "A001", seed=2)  # formatted and shot again: same names, same sizes
    for path in other.rglob("*.mov"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    outcome = offload(other, targets, state)
    assert outcome.exit_code == 0
    assert contents(targets[0] / "A001") == contents(card)
    assert contents(targets[0] / "A001_2") == contents(other)
    assert any("another card" in warning for warning in outcome.warnings)


def test_disk_that_goes_while_a_person_is_asked_is_filled_all_the_same(
    card: Path, tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its empty mount point is a folder of the system disk, and would be called by the disk's name."""
    disk = tmp_path / "media" / "SHUTTLE"
    disk.mkdir(parents=True)
    monkeypatch.setattr(mounted, "_PLUGGED", (tmp_path / "media",))
    monkeypatch.setattr(mounted, "mount_of", lambda _: Mount(str(disk), "ext4", "/dev/sdb1", False, 1))
    job = job_for(card, [disk], state)
    job.plan()
    monkeypatch.setattr(mounted, "mount_of", lambda _: Mount("/", "ext4", "/dev/sda2", False, 2))
    with pytest.raises(OffloadError, match=r"No disk is mounted at .*connect SHUTTLE and start again"):
        job.run()
    assert (list(disk.iterdir()), find_jobs(state)) == ([], [])


def test_changed_copy_is_overwritten(card: Path, targets: list[Path], state: Path) -> None:
    """Same name, size and date, other bytes: size and date prove nothing, and nothing is ever overwritten."""
    offload(card, targets, state)
    victim = targets[0] / "A001" / "CLIPS" / "A001C001.mov"
    before = victim.stat()
    victim.write_bytes(bytes(before.st_size))
    os.utime(victim, ns=(before.st_atime_ns, before.st_mtime_ns))
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 11
    assert victim.read_bytes() == bytes(before.st_size)
    assert [(target.verified, target.failed) for target in outcome.targets] == [(7, 1), (8, 0)]
    assert "different file" in outcome.problems[0].what


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("name", ["CLIPS/A001C002.mov", "CLIPS/A001C002M01.xml"])
def test_byte_flipped_on_a_target_passes(
    name: str, held: bool, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not held:  # as on a file system whose descriptors cannot be turned around the cache
        monkeypatch.setattr(prove, "reads_held", lambda reach: False)

    part = targets[1] / "A001" / f"{name}.onset-part"

    def flip() -> None:
        if part.exists():
            with part.open("r+b") as file:
                os.pwrite(file.fileno(), b"\0\1\2\3", 10)
                os.fsync(file.fileno())

    real_compare, real_many = Prover._compare, Prover.read_many

    def compare(self: Prover, entry: FileEntry, *more: Any) -> None:
        if entry.path == name:
            flip()
        real_compare(self, entry, *more)

    def read_many(self: Prover, *given: Any) -> list[Reading | None]:
        flip()
        return real_many(self, *given)

    monkeypatch.setattr(Prover, "_compare", compare)
    monkeypatch.setattr(Prover, "read_many", read_many)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 11
    assert {problem.target for problem in outcome.problems} == {str(targets[1] / "A001")}
    assert outcome.verdict == "not safe"
    assert not list(targets[1].joinpath("A001").glob(f"{name}*"))
    assert (targets[0] / "A001" / name).exists()


@pytest.mark.parametrize("name", ["CLIPS/A001C001.mov", "CLIPS/A001C002M01.xml"])
def test_card_reads_otherwise_the_second_time(
    name: str, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad cable on the first read: every copy agrees with the wrong bytes, only the second read can tell."""
    at_reading(monkeypatch, card / name, lambda data: data.__setitem__(0, data[0] ^ 1))
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 11
    (problem,) = outcome.problems
    assert (problem.path, problem.target) == (name, None)
    assert "second read" in problem.what
    assert [(target.verified, target.failed) for target in outcome.targets] == [(7, 1), (7, 1)]
    assert not (targets[0] / "A001" / name).exists()


def test_card_gives_up_in_one_clip(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = (card / "CLIPS" / "A001C001.mov").stat()
    real = os.preadv

    def dying(fd: int, buffers: list[memoryview], offset: int) -> int:
        if os.path.samestat(os.fstat(fd), bad):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(fd, buffers, offset)

    monkeypatch.setattr(os, "preadv", dying)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 10
    (problem,) = outcome.problems
    assert problem.path == "CLIPS/A001C001.mov"
    assert "byte 0" in problem.what
    told = {"path": problem.path, "target": None, "what": problem.what}
    assert (find_jobs(state)[0].progress or {})["problems"] == [told], "told while it ran"
    assert [target.verified for target in outcome.targets] == [7, 7]
    assert [target.manifest is not None for target in outcome.targets] == [True, True]
    assert not list(targets[0].rglob("*.onset-part"))
    monkeypatch.setattr(os, "preadv", real)
    again = offload(card, targets, state)
    assert (again.exit_code, again.targets[0].verified, again.targets[0].generation) == (0, 8, 2)


def test_target_filled_up_half_way(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = files.write_all
    full = targets[1].joinpath("A001")

    def write(fd: int, data: memoryview, *, around: bool = False) -> bool:
        if Path(os.readlink(f"/proc/self/fd/{fd}")).is_relative_to(full):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(fd, data, around=around)

    monkeypatch.setattr(files, "write_all", write)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 10
    good, bad = outcome.targets
    assert (good.verified, good.failed, good.lost) == (8, 0, None)
    assert bad.verified == 0
    assert bad.lost is not None
    assert not list(full.rglob("*.onset-part"))
    monkeypatch.setattr(files, "write_all", real)
    again = offload(card, targets, state)  # room was made
    assert (again.exit_code, again.targets[0].recognised, again.targets[1].recognised) == (0, 8, 0)
    assert contents(full) == contents(card)


def test_clip_appears_on_the_card_meanwhile(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Prover.prove

    def prove_and_shoot(self: Prover, *args: object, **kwargs: object) -> None:
        (card / "CLIPS" / "A001C099.mov").write_bytes(b"rolling")
        real(self, *args, **kwargs)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(prove.Prover, "prove", prove_and_shoot)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 10
    assert [problem.path for problem in outcome.problems] == ["CLIPS/A001C099.mov"]
    assert any("appeared" in reason for reason in outcome.reasons)


def test_file_changes_while_it_is_copied(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = card / "CLIPS" / "A001C001.mov"
    real = files.read_at

    def growing(fd: int, buffer: memoryview, offset: int) -> int:
        if offset == 0 and os.path.samestat(os.fstat(fd), victim.stat()):
            with victim.open("ab") as file:
                file.write(b"more")
        return real(fd, buffer, offset)

    monkeypatch.setattr(files, "read_at", growing)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 10
    assert {problem.path for problem in outcome.problems} == {"CLIPS/A001C001.mov"}
    assert "was changed on the card" in outcome.problems[0].what
    assert not (targets[0] / "A001" / "CLIPS" / "A001C001.mov").exists()


def test_stopped_job_leaves_a_mess(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = job_for(card, targets, state)
    done: list[FileOutcome] = []
    real = work.Work.end

    def stop_after_one(self: work.Work, entry: object, outcome: FileOutcome, *rest: object) -> None:
        real(self, entry, outcome, *rest)  # type: ignore[arg-type]  # passed on as they came
        done.append(outcome)
        running.stop()

    monkeypatch.setattr(work.Work, "end", stop_after_one)
    with pytest.raises(OffloadError, match="Started again, it goes on"):
        running.run()
    assert done
    assert not [path for target in targets for path in target.rglob("*.onset-part")]
    assert [found.result for found in find_jobs(state)] == [None]
    monkeypatch.setattr(work.Work, "end", real)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 0
    assert outcome.targets[0].recognised >= 1
    assert len(manifests(targets[0] / "A001")) == 1
    assert len(find_jobs(state)) == 1  # the same job, gone on with
    assert contents(targets[0] / "A001") == contents(card)


def test_journal_was_lost_with_the_laptop(card: Path, targets: list[Path], tmp_path: Path) -> None:
    """Another laptop knows nothing of the first one's job: what lies there is read, not believed."""
    offload(card, targets, tmp_path / "one laptop")
    again = offload(card, targets, tmp_path / "another")
    assert (again.exit_code, again.targets[0].recognised, again.targets[0].generation) == (0, 8, 2)


def test_card_history_is_broken_off_at_the_target(card: Path, targets: list[Path], state: Path) -> None:
    brought(card)
    outcome = offload(card, targets, state)
    assert (outcome.exit_code, [target.generation for target in outcome.targets]) == (0, [2, 2])
    copied = targets[0] / "A001"
    assert_valid(copied)
    newest = asc.read_manifest(Path(outcome.targets[0].manifest or ""))
    assert {entry.format for record in newest.files for entry in record.entries} == {
        HashFormat.MD5,
        HashFormat.XXH128,
    }
    assert {entry.action for record in newest.files for entry in record.entries} == {Action.VERIFIED}
    assert load_history(card).generation == 1  # nothing is written to a card
    again = offload(card, targets, state)
    assert (again.exit_code, again.targets[0].generation, again.targets[0].verified) == (0, 3, again.files)


def test_card_is_not_what_its_own_history_says(card: Path, targets: list[Path], state: Path) -> None:
    brought(card)
    (card / "INDEX").write_bytes(b"altered after the first manifest")
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 11
    assert [problem.path for problem in outcome.problems] == ["INDEX"]
    newest = asc.read_manifest(Path(outcome.targets[0].manifest or ""))
    (record,) = [record for record in newest.files if record.path == "INDEX"]
    assert [entry.action for entry in record.entries] == [Action.FAILED]


def brought(card: Path) -> None:
    """Give the card a history as another tool would have made it: md5, in place."""
    clock = ManualClock(wall_ns=1_700_000_000_000_000_000)
    history = load_history(card, may_be_new=True)
    found = {
        path: Checked(
            len(data), (card / path).stat().st_mtime_ns, {HashFormat.MD5: spell(HashFormat.MD5, data)}, iso(0)
        )
        for path, data in contents(card).items()
    }
    folders = {str(path.relative_to(card)): path.stat().st_mtime_ns for path in card.rglob("*") if path.is_dir()}
    append_generation(
        history,
        Found(found, folders),
        process=Process.IN_PLACE,
        creator=creator_now(clock),
        started_ns=clock.wall_ns(),
    )


def test_cached_read_back_is_called_safe(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "reads_held", lambda reach: False)
    monkeypatch.setattr(
        readback,
        "_open_around_cache",
        lambda path, folder, reach: (os.open(path, 0, dir_fd=folder), readback.Method.CACHE),
    )
    outcome = offload(card, targets, state)
    assert [target.read_back for target in outcome.targets] == [readback.Method.CACHE] * 2
    assert any("cache" in reason for reason in outcome.reasons)


@pytest.mark.parametrize("call", ["preadv", "readv", "write"])
@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP])
@pytest.mark.usefixtures("one_by_one")
def test_file_system_takes_o_direct_and_refuses_to_read_or_write(
    number: int, call: str, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., int] = getattr(os, call)
    refused: list[int] = []
    (card / "CLIPS" / "A001C002.mov").write_bytes(bytes(2 << 20))  # whole pages are written around the cache

    def refusing(fd: int, *given: Any) -> int:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_DIRECT:
            refused.append(fd)
            raise OSError(number, os.strerror(number))
        return real(fd, *given)

    monkeypatch.setattr(os, call, refusing)
    assert offload(card, targets, state).exit_code == 0
    assert refused or cache_reach(card.stat().st_dev) is not CacheReach.LOCAL
    assert contents(targets[0] / "A001") == contents(card)


def test_medium_takes_only_part_of_a_block(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2 + 1]))
    assert offload(card, targets, state).exit_code == 0
    assert contents(targets[0] / "A001") == contents(card)


@pytest.mark.parametrize("size", [0, 4096, -1, 1])
def test_clip_ends_at_the_edge_of_a_block(size: int, tmp_path: Path, targets: list[Path], state: Path) -> None:
    card = make_card(tmp_path / "A002", clips=1, clip_bytes=readback.BLOCK + size, small=0)
    assert offload(card, targets, state).exit_code == 0
    assert contents(targets[0] / "A002") == contents(card)


def test_two_jobs_share_a_target(card: Path, targets: list[Path], state: Path) -> None:
    """Another user's job, whose record lies elsewhere: only the folder itself can tell."""
    copied = targets[0] / "A001"
    (copied / "CLIPS").mkdir(parents=True)
    theirs = copied / "CLIPS" / "A001C001.mov.onset-part"
    theirs.write_bytes(b"half of a clip")
    held = os.open(copied, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OffloadError, match="Another job is copying to"):
            offload(card, targets, state)
        assert theirs.read_bytes() == b"half of a clip"
        assert find_jobs(state) == []
    finally:
        os.close(held)
    assert offload(card, targets, state).exit_code == 0


@pytest.mark.parametrize("held", [True, False])
def test_unfinished_file_is_exchanged_after_its_read_back(
    held: bool, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = readback.read_medium

    def exchanged(path: Path | str, *args: object, **kwargs: object) -> tuple[int, readback.Method]:
        read = real(path, *args, **kwargs)  # type: ignore[arg-type]  # passed on as they came
        victim = targets[0] / "A001" / path
        folder = kwargs["folder"]
        assert isinstance(folder, int)
        here = os.path.samestat(os.fstat(folder), (targets[0] / "A001").stat())
        if here and path == "CLIPS/A001C001.mov.onset-part":
            (victim.parent / "new").write_bytes(b"cut off")
            os.replace(victim.parent / "new", victim)
        return read

    if not held:
        monkeypatch.setattr(prove, "reads_held", lambda reach: False)
    monkeypatch.setattr(prove, "read_medium", exchanged)
    outcome = offload(card, targets, state)
    assert outcome.exit_code == 10
    assert outcome.problems[0].path == "CLIPS/A001C001.mov"
    assert "exchanged" in outcome.problems[0].what
    assert outcome.targets[0].verified == 7
    assert not (targets[0] / "A001" / "CLIPS" / "A001C001.mov").exists()


def test_card_that_was_read_once_is_called_safe(card: Path, targets: list[Path], state: Path) -> None:
    """Twice without a source check: the second job reads nothing of the card, and knows only what the first read."""
    for _ in range(2):
        outcome = offload(card, targets, state, reread=False)
        assert outcome.exit_code == 0
        assert any("was not read a second time" in reason for reason in outcome.reasons)
    assert not any("second time" in reason for reason in offload(card, targets, state).reasons)


def test_second_read_from_the_cache_counts(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = card.stat().st_ino

    def cached(path: str, folder: int | None, reach: object) -> tuple[int, readback.Method]:
        on_card = folder is not None and os.fstat(folder).st_ino == here
        return os.open(path, 0, dir_fd=folder), readback.Method.CACHE if on_card else readback.Method.DIRECT

    monkeypatch.setattr(readback, "_open_around_cache", cached)
    outcome = offload(card, targets, state)
    assert outcome.problems == ()
    assert any("only be read again through the cache" in reason for reason in outcome.reasons)


def test_path_that_cannot_even_be_asked_for_is_no_sentence(card: Path, targets: list[Path], state: Path) -> None:
    """As where the program behind a mount has died; a name that is too long gives such an error everywhere."""
    nowhere = card.parent / ("n" * 300)
    with pytest.raises(OffloadError, match="There is no card at"):
        offload(nowhere, targets, state)
    with pytest.raises(OffloadError, match="does not exist; mount the disk"):
        offload(card, [targets[0], nowhere], state)
