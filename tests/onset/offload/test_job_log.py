"""The log of a job, as it stands beside the copies and in the job's record."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.errors import OffloadError
from onset.mhl.hashes import HashFormat
from onset.offload import job, job_log
from onset.offload.job import OffloadJob, Request
from onset.offload.job_log import JobLog, log_beside
from onset.offload.journal import find_jobs
from onset.offload.names import JOB_LOG
from onset.offload.outcome import FileOutcome, Outcome
from onset.offload.place import Place, Target
from onset.offload.progress import Phase, Progress
from onset.offload.readback import Method
from tests.onset.offload.cards import job_for, offload

_14_32 = 1_772_721_120 * 10**9  # 2026-03-05 14:32:00 UTC


def lines_of(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_bytes().splitlines()]


def beside(target: Path) -> list[Path]:
    return sorted(path for path in target.iterdir() if path.name.endswith(JOB_LOG))


def record_of(state: Path) -> Path:
    (job,) = find_jobs(state)
    return job.folder / "log.jsonl"


def events(lines: list[dict[str, object]], event: str) -> list[dict[str, object]]:
    return [line for line in lines if line["event"] == event]


def test_log_tells_another_story_than_the_result(card: Path, targets: list[Path], state: Path) -> None:
    outcome = offload(card, targets, state)
    (log,) = beside(targets[0])
    lines = lines_of(log)
    assert log.read_bytes() == record_of(state).read_bytes() == beside(targets[1])[0].read_bytes()
    names = [line["event"] for line in lines]
    assert names[0] == "start"
    assert names[-5:] == ["sealed", "sealed", "second_look", "verdict", "end"]
    (start,) = events(lines, "start")
    assert (start["job"], start["fingerprint"], start["files"]) == (outcome.job, outcome.fingerprint, 8)
    assert (start["card"], start["made_from"]) == (str(card), None)
    assert [each["path"] for each in start["targets"]] == [str(target / "A001") for target in targets]  # type: ignore[attr-defined]
    files = events(lines, "file")
    assert {line["path"]: line["bytes"] for line in files} == {
        str(path.relative_to(card)): path.stat().st_size for path in card.rglob("*") if path.is_file()
    }
    digests = {line["path"]: line["hashes"]["xxh128"] for line in files}  # type: ignore[index]
    manifest = Path(outcome.targets[0].manifest or "").read_text()
    assert all(digest in manifest for digest in digests.values())
    assert {each["read_back"] for line in files for each in line["targets"]} == {  # type: ignore[attr-defined]
        target.read_back for target in outcome.targets
    }
    assert [line["manifest"] for line in events(lines, "sealed")] == [target.manifest for target in outcome.targets]
    (verdict,) = events(lines, "verdict")
    assert (verdict["verdict"], verdict["reasons"]) == (outcome.verdict, list(outcome.reasons))
    assert (lines[-1]["how"], lines[-1]["exit_code"]) == ("done", outcome.exit_code)


def test_job_that_dies_at_once_leaves_an_empty_log(card: Path, targets: list[Path], state: Path) -> None:
    began: list[dict[str, object]] = []

    class Looked(OffloadJob):
        def _copy(self, *handed: object) -> None:
            began.extend(line for target in targets for line in lines_of(beside(target)[0]))
            super()._copy(*handed)  # type: ignore[arg-type]

    Looked(Request(card, tuple(Target(target, "A001") for target in targets)), ManualClock(), state).run()
    assert [line["event"] for line in began] == ["start", "start"]


def test_log_lies_in_the_card_folder_or_is_called_new(card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets, state)
    (log,) = beside(targets[0])
    assert log.name.startswith("A001_2")
    assert not [path for path in (targets[0] / "A001").rglob("*") if path.name.endswith(JOB_LOG)]
    for where in (targets[0], targets[0] / "A001"):
        found = subprocess.run(
            [sys.executable, "-m", "onset", "verify", "--no-append", "--json", where], capture_output=True, check=False
        )
        assert (found.returncode, json.loads(found.stdout)["problems"]) == (0, [])


def test_history_of_the_day_would_call_the_log_new(tmp_path: Path) -> None:
    disk = tmp_path / "SHUTTLE"
    (disk / "day3" / "ascmhl").mkdir(parents=True)
    place = Place(Target(disk, "day3/A014"), disk / "day3" / "A014", frozenset())
    assert log_beside(place, _14_32) == disk / f"day3_A014_2026-03-05_143200Z{JOB_LOG}"
    (disk / "ascmhl").mkdir()
    assert log_beside(place, _14_32) is None


def test_label_so_long_that_the_log_cannot_be_named(tmp_path: Path) -> None:
    label = "x" + "ü" * 120  # 241 bytes
    log = log_beside(Place(Target(tmp_path, label), tmp_path / label, frozenset()), _14_32)
    assert log is not None
    assert len(os.fsencode(log.name)) <= 255
    log.name.encode()  # no letter was cut in two


def test_job_that_never_began_leaves_a_log(card: Path, targets: list[Path], state: Path) -> None:
    first = job_for(card, targets, state)
    first.plan()
    first.stop()
    with pytest.raises(OffloadError):
        first.run()
    assert not state.exists()  # nothing was begun, so nothing is told


def test_cut_off_log_goes_on_after_its_torn_line(card: Path, targets: list[Path], state: Path) -> None:
    class Cut(OffloadJob):
        def _seal(self, *_: object) -> dict[int, tuple[str, int]]:
            raise OffloadError("cut")

    request = Request(card, tuple(Target(target, "A001") for target in targets))
    with pytest.raises(OffloadError, match="cut"):
        Cut(request, ManualClock(wall_ns=_14_32), state).run()
    (log,) = beside(targets[0])
    assert lines_of(log)[-1] | {"how": "stopped", "why": "cut"} == lines_of(log)[-1]
    with log.open("ab") as file:
        file.write(b'{"at": "2026-03-05T14:3')
    offload(card, targets, state)
    assert beside(targets[0]) == [log]
    whole = []
    torn = []
    for line in log.read_bytes().splitlines():
        try:
            whole.append(json.loads(line))
        except ValueError:
            torn.append(line)
    assert torn == [b'{"at": "2026-03-05T14:3']
    assert [line["event"] for line in whole if line["event"] in ("start", "resumed", "end")] == [
        "start",
        "end",
        "resumed",
        "end",
    ]
    (resumed,) = events(whole, "resumed")
    assert [each["were_there"] for each in resumed["targets"]] == [8, 8]  # type: ignore[attr-defined]


def test_name_that_is_not_utf8_is_lost(card: Path, targets: list[Path], state: Path) -> None:
    raw = b"A001\xff.mov"
    (Path(os.fsdecode(os.fsencode(card) + b"/" + raw))).write_bytes(b"x")
    offload(card, targets, state)
    (log,) = beside(targets[0])
    assert log.read_bytes().isascii()
    assert raw in [os.fsencode(str(line["path"])) for line in events(lines_of(log), "file")]


def test_target_takes_no_log(card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full for the log only, which a real disk cannot be: what is asked for succeeds all the same."""
    really = os.write

    def write(fd: int, data: bytes) -> int:
        if os.readlink(f"/proc/self/fd/{fd}").startswith(f"{targets[0]}/A001_"):
            raise OSError(28, "No space left on device")
        return really(fd, data)

    monkeypatch.setattr("os.write", write)
    outcome = offload(card, targets, state)
    assert (outcome.exit_code, [target.verified for target in outcome.targets]) == (0, [8, 8])
    (lost,) = events(lines_of(record_of(state)), "no_log")
    assert lost["why"] == "No space left on device"
    assert str(lost["path"]).startswith(f"{targets[0]}/A001_")
    assert events(lines_of(beside(targets[1])[0]), "end")


def test_log_cannot_be_made_where_the_target_is_not_ours(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = os.open

    def opened(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_APPEND and dir_fd is not None:
            raise PermissionError(13, "Permission denied")
        return really(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr("os.open", opened)
    assert offload(card, targets, state).exit_code == 0
    assert [beside(target) for target in targets] == [[], []]
    lines = lines_of(record_of(state))
    assert len(events(lines, "no_log")) == 2
    assert [each["log"] for each in events(lines, "start")[0]["targets"]] == [None, None]  # type: ignore[attr-defined]


def test_file_that_could_not_be_written_stands_in_the_log(card: Path, targets: list[Path], state: Path) -> None:
    job = job_for(card, targets, state)
    job.plan()
    (targets[0] / "A001").mkdir()
    (targets[0] / "A001" / "INDEX").write_bytes(b"somebody else's")
    outcome = job.run()
    assert outcome.exit_code == 10
    lines = lines_of(record_of(state))
    assert [(line["path"], line["what"], line["gravity"]) for line in events(lines, "problem")] == [
        (problem.path, problem.what, problem.gravity) for problem in outcome.problems
    ]
    (index,) = [line for line in events(lines, "file") if line["path"] == "INDEX"]
    assert [each["read_back"] is None for each in index["targets"]] == [True, False]  # type: ignore[attr-defined]


def test_target_is_lost(card: Path, targets: list[Path], state: Path) -> None:
    class Pulled(OffloadJob):
        def _copy(self, *given) -> None:  # type: ignore[no-untyped-def]
            super()._copy(*given)
            shutil.move(targets[0] / "A001", targets[0] / "gone")

    request = Request(card, tuple(Target(target, "A001") for target in targets))
    Pulled(request, ManualClock(wall_ns=_14_32), state).run()
    lines = lines_of(record_of(state))
    assert [(line["target"], line["why"]) for line in events(lines, "target_lost")] == [
        (0, "it is no longer mounted there")
    ]
    assert [line["target"] for line in events(lines, "sealed")] == [1]


def test_job_is_held_up_and_nobody_can_tell_when() -> None:
    clock = ManualClock(wall_ns=_14_32)
    log = JobLog(clock)
    free = Progress(Phase.COPY, 1, 0, 1, 0, 0.0, None, ())
    waits = replace(free, waits_for="A013 on SHUTTLE")
    rolls = replace(free, gives_way=True)
    stands, unasked, paused = replace(rolls, paused=True), replace(rolls, unasked=True), replace(free, paused=True)
    for reading in (free, waits, waits, rolls, stands, paused, free, free, unasked):
        clock.sleep(0.5)
        log.saw(reading)
    spelled = [json.loads(log._spell(*told)) for told in log._told]  # the seam: nothing is written without a job
    assert spelled == [
        {"at": "2026-03-05T14:32:01.000Z", "s": 1.0, "event": "waits", "text": "A013 on SHUTTLE"},
        {"at": "2026-03-05T14:32:02.000Z", "s": 2.0, "event": "gives_way", "text": "reads slowly"},
        {"at": "2026-03-05T14:32:02.500Z", "s": 2.5, "event": "gives_way", "text": "stands still"},
        {"at": "2026-03-05T14:32:03.000Z", "s": 3.0, "event": "paused"},
        {"at": "2026-03-05T14:32:03.500Z", "s": 3.5, "event": "goes_on"},
        {
            "at": "2026-03-05T14:32:04.500Z",
            "s": 4.5,
            "event": "gives_way",
            "text": "reads slowly: the log cannot be asked whether a take rolls",
        },
    ]


def test_pause_that_is_over_within_half_a_second_goes_on_in_the_log() -> None:
    log = JobLog(ManualClock(wall_ns=_14_32))
    free = Progress(Phase.COPY, 1, 0, 1, 0, 0.0, None, ())
    log._progress = lambda: free
    log.saw(replace(free, paused=True))
    log.file(FileOutcome("C001.mov", 7, 5))
    log.file(FileOutcome("C002.mov", 7, 5))
    assert [event for _, _, event, _ in log._told] == ["paused", "goes_on", "file", "file"]


def test_event_that_no_page_describes() -> None:
    """Other programs read the log by docs/offload.md."""
    source = "".join(Path(module.__file__ or "").read_text() for module in (job, job_log))
    told = set(re.findall(r'tell\(\s*"([a-z_]+)"', source)) | set(re.findall(r'held = "([a-z_]+)"', source))
    told |= {"start", "resumed", "file", job_log._FREE}
    page = (Path(__file__).parents[3] / "docs" / "offload.md").read_text()
    table = page.partition("## The log of a job")[2].partition("\n## ")[0]
    rows = [line.split("|")[1].partition(":")[0] for line in table.splitlines() if line.startswith("| `")]
    assert {word for row in rows for word in re.findall("`([a-z_]+)`", row)} == told | {"gives_way"}


def test_line_of_a_file_misses_what_was_proven(tmp_path: Path) -> None:
    clock = ManualClock(wall_ns=_14_32)
    log = JobLog(clock)
    outcome = FileOutcome("C001.mov", 7, 5, {HashFormat.XXH128: "ab"}, 0, source_checked=True, began_ns=0)
    outcome.superseded.add(1)
    log._present = [frozenset(), frozenset(), frozenset({"C001.mov"})]
    clock.sleep(2)
    log.file(outcome)
    (line,) = [json.loads(log._spell(*told)) for told in log._told]
    assert line == {
        "at": "2026-03-05T14:32:02.000Z",
        "s": 2.0,
        "event": "file",
        "path": "C001.mov",
        "bytes": 7,
        "mtime_ns": 5,
        "hashes": {"xxh128": "ab"},
        "read_twice": True,
        "read_again": None,
        "seconds": 2.0,
        "targets": [
            {"read_back": None},
            {"read_back": None, "superseded": True},
            {"read_back": None, "was_there": True},
        ],
    }


@pytest.mark.parametrize("name", ['"C"\\001.mov', os.fsdecode(b"\xff\x80"), "\0\n\x7f\u2028", "ü\U0001f3ac"])
def test_line_put_together_by_hand_is_no_json(name: str) -> None:
    log = JobLog(ManualClock(wall_ns=_14_32))
    log.file(FileOutcome(name, 7, -5, {HashFormat.XXH128: "ab"}, 0, source_method=Method.EVICTED))
    (line,) = [log._spell(*told) for told in log._told]
    found = json.loads(line)
    assert (found["path"], json.dumps(found)) == (name, line)


def test_second_offload_changes_the_log_of_the_first(card: Path, targets: list[Path], state: Path) -> None:
    """A history above the copies may have the first one's log on record."""

    def at(wall_ns: int) -> Outcome:
        return job_for(card, targets, state, clock=ManualClock(wall_ns=wall_ns)).run()

    at(_14_32)
    (first,) = beside(targets[0])
    before = first.read_bytes()
    at(_14_32 + 60 * 10**9)
    assert len(beside(targets[0])) == 2
    assert first.read_bytes() == before


def test_medium_that_cannot_be_looked_at_stops_the_job_for_its_log(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(job_log, "mount_of", dying)
    assert offload(card, targets, state).exit_code == 0
    (start,) = events(lines_of(record_of(state)), "start")
    assert start["file_system"] is None
