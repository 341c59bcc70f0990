"""The rehearsal day, whole: what it leaves behind, what it must not touch, and how it ends when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from devices.media_av import AvMediaReader
from onset.capture.lock import CaptureLock, service_running
from onset.cli.demo import CAMERAS, TARGETS, config_of, make_rehearsal
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.rehearsal import DAY, ScriptSupervisor, files_of
from onset.cli.rehearsal_check import check_recordings
from onset.clock import ManualClock, SystemClock
from onset.config import parse_config
from onset.domain.camera import Clip, LinkState, Source
from onset.domain.take import Kind, Stamp, State, Status, Take
from onset.logbook.terms import TakeFilter
from onset.timecode import rate
from tests.needs import require

WITHIN_S = 60


# -- what it may touch ------------------------------------------------------------------------------------------------


def test_folder_that_is_something_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "wedding.mov").write_bytes(b"irreplaceable")
    assert main(["demo", str(tmp_path), "--headless"]) == 2
    assert "is not a rehearsal and will not be touched" in capsys.readouterr().err
    assert (tmp_path / "media" / "wedding.mov").read_bytes() == b"irreplaceable"
    assert sorted(os.listdir(tmp_path)) == ["media"]


def test_real_production_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "Harbour"), "--rate", "24"]) == 0
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "Harbour").iterdir()}
    assert main(["demo", str(tmp_path / "Harbour"), "--headless"]) == 2
    assert "is not a rehearsal" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "Harbour").iterdir()} == before


def test_file_or_link_instead_of_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        assert main(["demo", str(tmp_path / name), "--headless"]) == 2
        assert "is not a folder; name another one for the rehearsal." in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_rebuilding_keeps_what_a_person_put_there(tmp_path: Path) -> None:
    make_rehearsal(tmp_path / "demo", 1)
    (tmp_path / "demo" / "my notes.txt").write_text("buy milk")
    (tmp_path / "demo" / "media" / "day01").mkdir()
    (tmp_path / "demo" / "media" / "day01" / "old.mov").write_bytes(b"x")
    make_rehearsal(tmp_path / "demo", 2)
    assert (tmp_path / "demo" / "my notes.txt").read_text() == "buy milk"
    assert not (tmp_path / "demo" / "media" / "day01").exists()


def test_rehearsal_that_somebody_has_open_is_not_rebuilt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "demo"
    make_rehearsal(folder, 1)
    before = (folder / "log.onset").stat().st_ino
    with CaptureLock(folder, SystemClock()):
        assert main(["demo", str(folder), "--headless"]) == 2
    assert f"(process {os.getpid()})" in capsys.readouterr().err
    assert (folder / "log.onset").stat().st_ino == before


def test_seed_changes_the_pictures_and_nothing_else() -> None:
    one, two = (parse_config(config_of(seed), Path("/p")) for seed in (1, 2))
    assert [device.options.get("seed") for device in one.devices] == ["A1", "B1", "MIX1"]
    assert [device.options.get("seed") for device in two.devices] == ["A2", "B2", "MIX2"]
    assert replace(one, devices=()) == replace(two, devices=())
    assert [target.name.upper() for target in one.targets] == list(TARGETS)


def test_script_is_a_day_of_all_kinds(tmp_path: Path) -> None:
    make_rehearsal(tmp_path / "demo", 1)
    clock = ManualClock(wall_ns=1_772_700_000_000_000_000)
    logbook = open_logbook(tmp_path / "demo")
    try:
        supervisor = ScriptSupervisor(logbook, lambda: _stamp(clock), clock, 1)
        supervisor.prepare(CAMERAS)
        takes = [supervisor.shoot(attempt) for attempt in DAY]
        takes.append(supervisor.enter_missed())
        assert list(logbook.takes(TakeFilter(oldest_first=True))) == takes
        supervisor.credit_the_day()
        numbers = logbook.totals()
    finally:
        logbook.close()
    assert (numbers.shot, numbers.part, numbers.not_shot) == (("42",), ("43",), ("44",))
    assert len(takes) >= 12
    assert len({take.slate for take in takes}) >= 4
    assert {take.status for take in takes} == set(Status)
    assert {take.state for take in takes} == {State.CUT, State.INTERRUPTED}
    assert set(Kind) - {take.kind for take in takes} == {Kind.CHART}
    assert any(take.mos for take in takes)
    assert any(take.tail_slate for take in takes)
    assert any(take.slated_as for take in takes)
    assert next(take for take in takes if take.label == "42/4").status is Status.HOLD, "the circle was undone"


def _stamp(clock: ManualClock) -> Stamp:
    return Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b", tc="10:00:00:00", tc_source="clock")


# -- the day itself ---------------------------------------------------------------------------------------------------


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts `onset demo … --headless`; afterwards nothing it started may be alive."""
    mark = uuid.uuid4().hex
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "onset", "demo", str(tmp_path / "demo"), "--headless", *arguments]
        env = {**os.environ, "ONSET_TEST_MARK": mark}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=tmp_path, env=env, **pipes))  # type: ignore[call-overload]  # keywords as a dict
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    left = _marked(mark)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, "the demo left processes behind"


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _is_capture(pid: int, folder: Path) -> bool:
    """Whether it is the capture service of a production below `folder`, however young."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"capture" in words and any(word.startswith(os.fsencode(folder)) for word in words)


def _marked(mark: str) -> list[int]:
    """Processes that inherited the mark: whatever the demo started, however far from it."""
    found = []
    for pid in _processes():
        try:
            if mark.encode() in Path(f"/proc/{pid}/environ").read_bytes():
                found.append(pid)
        except OSError:
            continue
    return found


@pytest.mark.real
@pytest.mark.timeout(180)
def test_headless_day(tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]) -> None:
    require(sys.platform == "linux", "looks for processes in /proc")
    began = time.monotonic()
    process = start("--seed", "3")
    out, err = process.communicate(timeout=150)
    took = time.monotonic() - began
    assert (process.returncode, err.decode()) == (0, "")
    assert took < WITHIN_S
    assert len(out.decode().splitlines()) <= 24, "one screen"

    folder = tmp_path / "demo"
    assert not service_running(folder)
    logbook = open_logbook(folder)
    try:
        takes = logbook.takes(TakeFilter(limit=None, oldest_first=True))
        cards = logbook.cards()
    finally:
        logbook.close()
    assert len(takes) >= 12
    assert {take.tc_source for take in takes} == {"MIX.ltc"}, "the mixer's timecode is the master"
    assert [len(card.copies) for card in cards] == [2]
    assert cards[0].verdict == "not safe", "two copies on one disk"
    for suffix, begin in (("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>")):
        report = folder / "reports" / f"Harbour_Lights_day01_editor.{suffix}"
        assert report.read_bytes().startswith(begin)
        assert os.path.relpath(report, tmp_path) in out.decode()
    papers = ("progress", "facing", "camera", "sound", "offload", "wrap")
    for kind in papers:
        assert (folder / "reports" / f"Harbour_Lights_day01_{kind}.pdf").read_bytes().startswith(b"%PDF-")
    assert f"and beside them {', '.join(papers)}\n" in out.decode()
    _clips_of_the_card_found_their_takes(takes, out.decode())
    assert main(["verify", *(str(folder / "copies" / name / "A001") for name in TARGETS)]) == 0
    _recordings_that_are_wrong_are_named(folder, [take for take in takes if take.slate != "43B"])


def _clips_of_the_card_found_their_takes(takes: Sequence[Take], out: str) -> None:
    """The card holds copies of what camera A recorded, so that each take knows which clip is its own."""
    for take in takes:
        clips = [clip for angle in take.angles if angle.camera == "A" for clip in angle.clips]
        own = [clip for clip in clips if clip.source is Source.RECORDER]
        originals = [clip for clip in clips if clip.source is Source.CARD]
        assert [clip.tc_in for clip in originals] == [clip.tc_in for clip in own], take.label
    assert "13 confirmed" in out
    assert "Do NOT format A001: " in out


def _recordings_that_are_wrong_are_named(folder: Path, takes: list[Take]) -> None:
    """The demo's own checks can fail: change what the log says, and each is told."""
    reader = AvMediaReader()
    assert check_recordings(takes, folder, reader).problems == ()
    take = next(take for take in takes if take.label == "42/3")
    clip, sound = (
        next(file for file in files_of(take) if isinstance(file, Clip) == picture) for picture in (True, False)
    )
    assert clip.tc_in is not None
    wrong = {
        "starts at": {"tc_in": "00:00:00:00"},
        "frames, the log says": {"duration_frames": 7},
        "its link is not confirmed": {"link": LinkState.PROPOSED},
        "is not there": {"path": "media/gone.mov"},
    }
    for words, changes in wrong.items():
        angle = replace(take.angles[0], clips=(replace(clip, **changes),))  # type: ignore[arg-type]  # a test's shorthand
        told = check_recordings([replace(take, angles=(angle,))], folder, reader).problems
        assert any(words in sentence for sentence in told), (words, told)
    late = take.start.later(500).label if take.start else ""
    told = check_recordings([replace(take, tc_out=late)], folder, reader).problems
    assert len(told) == len(files_of(take))
    assert "has no sound" in check_recordings([replace(take, sound=())], folder, reader).problems[0]
    assert "is MOS and has sound" in check_recordings([replace(take, mos=True)], folder, reader).problems[0]
    assert sound.rate == rate("23.976").name
    (folder / sound.path).write_bytes((folder / sound.path).read_bytes()[:100])
    assert check_recordings([take], folder, reader).problems


@pytest.mark.real
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_demo_that_is_stopped_stops_its_recorders(
    tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]], number: signal.Signals, code: int
) -> None:
    require(sys.platform == "linux", "looks for processes in /proc")
    process = start()
    assert process.stdout is not None
    seen = b""
    while b"2 ng" not in seen:  # two takes in the log, the next one rolls
        more = process.stdout.read1()  # type: ignore[attr-defined]  # it is a BufferedReader
        assert more, "the demo ended early"
        seen += more
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, b"")
    assert not service_running(tmp_path / "demo")
    assert main(["-p", str(tmp_path / "demo"), "log", "list", "--json"]) == 0


@pytest.mark.real
@pytest.mark.timeout(120)
def test_recording_that_is_not_what_the_log_says_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The day is played shortened, and a clip is replaced before it is looked at."""
    from onset.cli import rehearsal, rehearsal_check

    monkeypatch.setattr(rehearsal, "DAY", DAY[:2])
    real = rehearsal_check.check_recordings

    def spoiled(takes: list[Take], production: Path, reader: AvMediaReader) -> rehearsal_check.Checked:
        first, second = takes
        mine, other = (production / take.angles[0].clips[0].path for take in (first, second))
        mine.write_bytes(other.read_bytes())
        return real(takes, production, reader)

    monkeypatch.setattr(rehearsal_check, "check_recordings", spoiled)
    assert main(["demo", str(tmp_path / "demo"), "--headless"]) == 1
    out = capsys.readouterr().out
    assert "WRONG    42/1: 42-1_A.mov: " in out


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert main(["demo", str(tmp_path / "file" / "demo"), "--headless"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("onset: ")
    assert "cannot be" in err
    assert err.count("\n") == 1


@pytest.mark.real
@pytest.mark.timeout(60)
def test_demo_that_is_stopped_while_its_service_starts(
    tmp_path: Path, start: Callable[..., subprocess.Popen[bytes]]
) -> None:
    process = start()
    deadline = time.monotonic() + 30
    while not any(_is_capture(pid, tmp_path) for pid in _processes()):
        assert time.monotonic() < deadline, "no service was started"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=50)
    assert process.returncode == 130
    assert not service_running(tmp_path / "demo")
