"""A job's record: what is lost in a cut is only work done again, and others can follow it."""

from __future__ import annotations

import fcntl
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.errors import OffloadError
from onset.mhl.hashes import HashFormat
from onset.mhl.tree import FileEntry
from onset.offload.journal import JobSheet, files_of, find_jobs, jobs_folder, known_of, open_journal
from onset.offload.outcome import FileOutcome, State
from onset.offload.progress import Phase, Progress, TargetProgress
from onset.offload.readback import Method
from tests.onset.offload.cards import job_for

SHEET = JobSheet("j1", "/media/A001", "A001", "f" * 32, ("/t1/A001", "/t2/A001"), "reread", 1, 1)
ODD = "odd\udcff.mov"
ENTRIES = {path: FileEntry(path, 3, 5, 7) for path in ("a.mov", ODD)}
PROGRESS = Progress(Phase.COPY, 2, 1, 6, 3, 1.5, 2.0, (TargetProgress("/t1/A001", 3, 3, None),))


def done(path: str) -> FileOutcome:
    return FileOutcome(path, 3, 5, {HashFormat.XXH128: "ab"}, 9, True, Method.DIRECT, {0: Method.DIRECT})


def test_record_forgets_what_was_read(tmp_path: Path) -> None:
    with open_journal(tmp_path, SHEET) as journal:
        journal.plan(list(ENTRIES.values()), 2)
        journal.mark("a.mov", 1, State.COPIED)
        journal.finished(done(ODD), 2)
    with open_journal(tmp_path, SHEET) as journal:
        assert journal.known(ENTRIES)[ODD].digests == {HashFormat.XXH128: "ab"}
        journal.plan(list(ENTRIES.values()), 2)
        assert (journal.verified_on(0), journal.verified_on(1)) == ({ODD}, set())
        journal.seal(0)
        assert journal.verified_on(0) == {ODD}


@pytest.mark.parametrize("change", [{"size": 4}, {"mtime_ns": 6}, {"inode": 8}])
def test_file_that_changed_is_believed(change: dict[str, int], tmp_path: Path) -> None:
    with open_journal(tmp_path, SHEET) as journal:
        journal.plan(list(ENTRIES.values()), 2)
        journal.finished(done("a.mov"), 2)
        journal.commit()
        changed = {"a.mov": replace(ENTRIES["a.mov"], **change)}  # type: ignore[arg-type]  # a test's own keywords
        assert journal.known(changed) == {}
        journal.plan(list(changed.values()), 2)
        assert journal.known(ENTRIES) == {}


def test_clock_of_a_camera_stands_in_the_year_2300(tmp_path: Path) -> None:
    """Neither such a date in nanoseconds nor an inode that a server made up needs to fit into SQLite's numbers."""
    far = {"a.mov": FileEntry("a.mov", 3, 10_413_792_000 * 10**9, (1 << 64) - 1)}
    with open_journal(tmp_path, SHEET) as journal:
        journal.plan(list(far.values()), 2)
        journal.finished(done("a.mov"), 2)
    with open_journal(tmp_path, SHEET) as journal:
        assert journal.known(far).keys() == {"a.mov"}
        assert not journal.known({"a.mov": replace(far["a.mov"], mtime_ns=5)})


def test_one_job_runs_twice_at_once(tmp_path: Path) -> None:
    with open_journal(tmp_path, SHEET), pytest.raises(OffloadError, match="already"), open_journal(tmp_path, SHEET):
        pass


def test_running_job_is_not_found_or_found_dead(tmp_path: Path) -> None:
    assert find_jobs(tmp_path / "nowhere") == []
    with open_journal(tmp_path, SHEET) as journal:
        journal.show(PROGRESS)
        (running,) = find_jobs(tmp_path)
        assert running.running
        assert running.progress is not None
        assert (running.progress["phase"], running.result) == ("copy", None)
    (cut_off,) = find_jobs(tmp_path)
    assert not cut_off.running
    assert cut_off.sheet == SHEET
    with open_journal(tmp_path, SHEET) as journal:
        journal.finish({"verdict": "safe"})
    (finished,) = find_jobs(tmp_path)
    assert finished.result == {"verdict": "safe"}
    assert json.loads((tmp_path / "j1" / "result.json").read_bytes()) == {"verdict": "safe"}


@pytest.mark.parametrize("name", ["job.json", "progress.json", "result.json", "journal.sqlite"])
@pytest.mark.parametrize("junk", [b"", b"{", b"[1]", b'{"id": 1}', bytes(range(256))])
def test_damaged_record_stops_the_search(name: str, junk: bytes, tmp_path: Path) -> None:
    with open_journal(tmp_path, SHEET) as journal:
        journal.plan(list(ENTRIES.values()), 2)
    (tmp_path / "j1" / name).write_bytes(junk)
    for job in find_jobs(tmp_path):
        assert known_of(job, ENTRIES) == {}


def test_state_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OffloadError, match="XDG_STATE_HOME"), open_journal(tmp_path / "file", SHEET):
        pass


def test_state_is_kept_elsewhere_than_agreed() -> None:
    assert jobs_folder({"XDG_STATE_HOME": "/s"}) == Path("/s/onset/jobs")
    assert jobs_folder({}) == Path.home() / ".local/state/onset/jobs"


def test_two_copies_of_one_second_share_a_record(card: Path, targets: list[Path], state: Path) -> None:
    clock = ManualClock(wall_ns=1_772_721_120 * 10**9)
    first, second = (job_for(card, targets, state, clock=clock).run() for _ in range(2))
    assert first.started_ns == second.started_ns
    assert {job.sheet.id for job in find_jobs(state)} == {first.job, second.job}
    assert first.job != second.job


def test_old_jobs_are_read_again_at_every_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice a second, with the records of years: a finished job is read once, and of it only what is asked for."""
    for number in range(20):
        place = tmp_path / f"job{number:02}"
        place.mkdir()
        sheet = replace(SHEET, id=place.name, started_ns=number)
        (place / "job.json").write_text(json.dumps(asdict(sheet)))
        (place / "result.json").write_text(json.dumps({"verdict": "safe"}))
        (place / "contents.json").write_text(json.dumps({"warnings": ["ISO 1600", "24 fps"]}))
    read: list[str] = []
    really = Path.read_bytes

    def counted(path: Path) -> bytes:
        read.append(path.name)
        return really(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    jobs = find_jobs(tmp_path)
    assert [job.sheet.id for job in jobs] == [f"job{number:02}" for number in reversed(range(20))]
    assert read == ["job.json"] * 20
    assert (jobs[0].result, jobs[0].warned, jobs[0].running) == ({"verdict": "safe"}, 2, False)
    read.clear()
    again = find_jobs(tmp_path)
    assert (again[0].result, again[0].warned) == ({"verdict": "safe"}, 2)
    assert read == []
    (tmp_path / "job19" / "result.json").write_text(json.dumps({"verdict": "not safe"}))
    (tmp_path / "job18" / "result.json").unlink()
    told = find_jobs(tmp_path)
    assert [job.result for job in told[:2]] == [{"verdict": "not safe"}, None]


def test_somebody_who_only_looks_at_the_lock_keeps_a_job_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "j1").mkdir()
    with (tmp_path / "j1" / "lock").open("wb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        monkeypatch.setattr(time, "sleep", lambda _: fcntl.flock(looking, fcntl.LOCK_UN))
        with open_journal(tmp_path, SHEET) as there:
            assert there.warning is None
            monkeypatch.setattr(time, "sleep", lambda _: None)
            with pytest.raises(OffloadError, match="already"), open_journal(tmp_path, SHEET):
                pass


def test_folder_of_records_is_not_named_in_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "state\udcff%?#"
    with open_journal(folder, SHEET) as journal:
        journal.plan(list(ENTRIES.values()), 2)
        journal.finished(done(ODD), 2)
    (job,) = find_jobs(folder)
    assert list(known_of(job, None)) == [ODD]
    assert files_of(job)[ODD] == (3, 5)
