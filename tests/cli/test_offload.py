"""`onset offload` as a person or a program calls it: JSON, exit codes, one sentence, Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from logging_db.logbook import SqliteLogbook
from onset.cli import offload, offload_log
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.offload_progress import Bar, spell_progress
from onset.offload import job
from onset.offload.card import Card, scan_card
from onset.offload.progress import Phase, Progress, TargetProgress
from onset.offload.record import Recorded, record_outcome
from onset.offload.template import fill
from tests.logging_db.support import DyingDisk
from tests.onset.offload.cards import contents, hollow_clip, job_for, wait_until_begun
from tests.stories.originals import film

Captured = pytest.CaptureFixture[str]


def test_json_is_not_what_was_promised(card: Path, targets: list[Path], capsys: Captured) -> None:
    (card / "link").symlink_to("INDEX")
    assert main(["offload", str(card), *map(str, targets), "--json", "--label", "A014"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    result = json.loads(shown.out)
    assert result["card"] == str(card)
    assert len(result["fingerprint"]) == 32
    assert (result["files"], result["bytes"]) == (8, sum(map(len, contents(card).values())))
    assert result["verdict"] == "not safe"
    assert result["reasons"]
    assert result["source_check"] == "reread"
    assert result["problems"] == [{"path": "link", "target": None, "what": "is a symbolic link, which was not copied"}]
    for target, told in zip(targets, result["targets"], strict=True):
        assert told["path"] == str(target / "A001")
        assert (told["verified"], told["failed"]) == (8, 0)
        assert told["read_back"] in ("direct", "evicted", "cache")
        assert Path(told["manifest"]).is_relative_to(target / "A001" / "ascmhl")
    assert result["label"] == "A014"


def test_plain_result_hides_the_verdict(card: Path, targets: list[Path], capsys: Captured) -> None:
    (card / "A\x1b]0;PWNED\x07.mov").symlink_to("INDEX")
    assert main(["offload", str(card), *map(str, targets), "--source-check", "none"]) == 0
    shown = capsys.readouterr().out
    assert "verdict on the copies: NOT SAFE to format" in shown
    assert "\x1b" not in shown
    assert r"\x1b]0;PWNED\x07" in shown
    assert "was not read a second time" in shown


def test_good_copies_say_format_where_the_log_says_not(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = replace(job_for(card, targets, tmp_path / "state").run(), verdict="safe", reasons=())
    monkeypatch.setattr(offload_log, "tell", lambda found: None)
    offload.tell_result(outcome, None, cast(offload_log.InLog, object()), ())
    beside_a_log = capsys.readouterr().out
    assert "verdict on the copies: SAFE\n" in beside_a_log
    offload.tell_result(outcome, None, None, ())
    assert "verdict on the copies: SAFE to format\n" in capsys.readouterr().out


def test_nobody_says_what_to_do_about_a_target_that_was_given_up(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    """Nor does a copy of a moment tell the rate of a buffer."""
    outcome = job_for(card, targets, tmp_path / "state").run()
    lost = replace(outcome.targets[1], lost="No space left on device while writing")
    offload.tell_result(replace(outcome, targets=(outcome.targets[0], lost), seconds=0.01), None, None, ())
    said = capsys.readouterr().out
    assert f"to go on: see that the disk of {lost.path} is there and has room, and give the same command" in said
    assert said.startswith("A001: 8 files, 4.2 MB in less than a second\n")


def test_require_safe_ignores_the_verdict(card: Path, targets: list[Path]) -> None:
    """Both targets lie on the card's own disk here, so it cannot be safe."""
    assert main(["offload", str(card), *map(str, targets), "--require-safe", "--json"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["{tmp}/nowhere", "{tmp}/T1"], 1, "no card at"),
        (["{card}"], 2, "No target"),
        (["{card}", "{tmp}/nowhere"], 1, "does not exist"),
        (["{card}", "{card}/CLIPS"], 1, "lies on the card"),
        (["{card}", "{tmp}/T1", "--hash", "sha256"], 2, "sha256"),
        (["{card}", "--to", "shuttle"], 2, "production"),
        (["{card}", "{tmp}/T1", "--source-check", "maybe"], 2, "source-check"),
    ],
)
def test_wrong_call_ends_in_more_than_one_sentence(
    arguments: list[str], code: int, words: str, card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    filled = [part.format(tmp=tmp_path, card=card) for part in arguments]
    assert main(["offload", *filled]) == code
    shown = capsys.readouterr()
    assert words in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""
    assert list(targets[0].iterdir()) == []


def test_progress_lines_are_mixed_into_the_result(card: Path, targets: list[Path], capsys: Captured) -> None:
    assert main(["offload", str(card), *map(str, targets), "--json", "--progress", "jsonl"]) == 0
    shown = capsys.readouterr()
    json.loads(shown.out)
    lines = [json.loads(line) for line in shown.err.splitlines()]
    last = lines[-1]
    assert (last["phase"], last["files_done"], last["bytes_read"]) == ("done", 8, last["bytes"])
    assert [target["verified"] for target in last["targets"]] == [last["bytes"]] * 2
    assert json.loads(next((Path(os.environ["XDG_STATE_HOME"]) / "onset" / "jobs").glob("*/progress.json")).read_text())


def test_interrupt_leaves_unfinished_files(card: Path, targets: list[Path], tmp_path: Path) -> None:
    """Ctrl-C at the first progress line; the job says how to go on, and does."""
    big = card / "CLIPS" / "A001C050.mov"
    with big.open("wb") as hollow:
        hollow.truncate(300 << 20)
    command = [sys.executable, "-m", "onset", "offload", str(card), *map(str, targets)]
    running = subprocess.Popen(
        [*command, "--progress", "jsonl"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("{"):  # the first comes before the first byte is read
            break
    running.send_signal(signal.SIGINT)
    rest = running.communicate(timeout=50)[1]
    assert running.returncode == 1, "it ran to its end in spite of Ctrl-C"
    assert "Started again, it goes on." in rest
    assert not [path for target in targets for path in target.rglob("*.onset-part")]
    again = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert again.returncode == 0
    assert contents(targets[1] / "A001") == contents(card)
    assert len(list((targets[0] / "A001" / "ascmhl").glob("*.mhl"))) == 1


def test_bar_runs_over_the_line() -> None:
    progress = Progress(
        Phase.COPY, 10, 4, 100, 50, 2_000_000.0, 75.0, (TargetProgress("/media/\x1bS/A001", 50, 25, None),)
    )
    line = spell_progress(progress)
    assert line == r"[#########...............]  38%  4/10  2.0 MB/s 1:15 to go  /media/\x1bS 25% verified"
    assert Bar.every_s <= 0.5
    folders = [f"/media/e/{disk}/Harbour Lights/Day1/A/A001" for disk in ("RAID", "SHUTTLE")]
    progress = replace(progress, targets=tuple(TargetProgress(folder, 50, 25, None) for folder in folders))
    assert "to go  RAID 25% verified  SHUTTLE 25% verified" in spell_progress(progress)
    progress = replace(progress, targets=(progress.targets[0], TargetProgress(folders[1], 50, 25, "full")))
    assert spell_progress(progress).endswith("  RAID 25% verified  SHUTTLE LOST")
    assert spell_progress(replace(progress, failed=2)).endswith("  SHUTTLE LOST  2 FAILED")
    assert "]  38%  4/10  RAID 25% " in spell_progress(replace(progress, bytes_per_s=0.0, eta_s=None)), "0 B/s"


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"phase": Phase.WAITS, "waits_for": "A014 on SHUTTLE"}, "waits for A014 on SHUTTLE"),
        ({"phase": Phase.WAITS, "paused": True}, 'paused ("onset jobs resume" goes on)'),
        ({"paused": True, "bytes_read": 50}, 'paused ("onset jobs resume" goes on)'),
        ({"paused": True, "gives_way": True}, "2.0 MB/s  paused: a take rolls"),
        ({"gives_way": True}, "2.0 MB/s  slow: a take rolls"),
        ({"gives_way": True, "unasked": True}, "2.0 MB/s  slow: the log cannot be asked"),
        ({"phase": Phase.WAITS, "waits_for": "A014 on SHUTTLE", "bytes_read": 50}, "4/10  waits for A014 on SHUTTLE"),
        ({"phase": Phase.WAITS}, ""),
    ],
)
def test_bar_does_not_say_why_it_stands_still(held: dict[str, Any], said: str) -> None:
    progress = Progress(Phase.COPY, 10, 4, 100, 0, 2_000_000.0, None, ())
    if held.get("phase") is Phase.WAITS and "bytes_read" not in held:
        progress = replace(progress, files_done=0)
    out = io.StringIO()
    Bar(out).show(replace(progress, **held))
    assert said in out.getvalue()
    assert bool(out.getvalue()) == bool(said)


def test_template_leads_out_of_its_target() -> None:
    assert fill("{production}/../{roll}", "Harbour", "A1", 0) == "Harbour/A1"
    assert fill("/{card}", "x", "..", 0) == ""


def test_result_does_not_reach_the_log(card: Path, tmp_path: Path, capsys: Captured) -> None:
    """Inside a production, with a named target: the card is in the log, and a second offload updates it."""
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour: Lights", "--rate", "23.976", "--slating", "us"]) == 0
    (tmp_path / "SHUTTLE").mkdir()
    with (production / "config.toml").open("a") as config:
        config.write(f'[[target]]\nname = "shuttle"\npath = "{tmp_path}/SHUTTLE"\ndisk = "S1"\n')
        config.write('folder = "{production}/day{day}/{camera}/{roll}"\n')
    for _ in range(2):
        assert main(["-p", str(production), "offload", str(card), "--to", "shuttle", "--label", "A014", "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    copied = tmp_path / "SHUTTLE" / "Harbour_ Lights" / "day1" / "A" / "A014"
    assert contents(copied) == contents(card)
    logbook = open_logbook(production, role="dit")
    try:
        (logged,) = logbook.cards()
    finally:
        logbook.close()
    assert (logged.label, logged.files, logged.verdict) == ("A014", 8, "not safe")
    (one,) = logged.copies
    assert (one.path, one.verified, one.disk) == (str(copied), 8, "S1")
    before = sorted((tmp_path / "SHUTTLE").iterdir())
    with (production / "config.toml").open("a") as config:
        config.write(f'[[target]]\nname = "bare"\npath = "{tmp_path}/SHUTTLE"\nfolder = "{{roll}}"\n')
    assert main(["-p", str(production), "offload", str(card), "--to", "bare", "--label", ".."]) == 2
    assert "comes to nothing for this card" in capsys.readouterr().err
    assert sorted((tmp_path / "SHUTTLE").iterdir()) == before
    assert main(["-p", str(production), "offload", str(card), "--to", "shuttel"]) == 2
    assert "it has: shuttle" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_terminated_job_leaves_unfinished_files(number: signal.Signals, card: Path, targets: list[Path]) -> None:
    """SIGTERM, as a service manager or a shutdown sends it, and SIGHUP, when ssh drops, end a job like Ctrl-C."""
    clip = hollow_clip(card)
    command = [sys.executable, "-m", "onset", "offload", str(card), *map(str, targets), "--progress", "jsonl"]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    wait_until_begun(targets[0] / "A001" / clip, lambda: running.poll() is None)
    running.send_signal(number)
    rest = running.communicate(timeout=50)[1]
    assert (running.returncode, "Started again, it goes on." in rest) == (1, True)
    assert not [path for target in targets for path in target.rglob("*.onset-part")]


def test_interrupt_before_the_first_byte_says_nothing(
    card: Path, targets: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    real, stopped = offload.request_of, threading.Event()

    def early(*args: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return real(*args)  # type: ignore[arg-type]  # passed on as they came

    def waiting(path: Path, label: str | None) -> Card:
        assert stopped.wait(10)
        return scan_card(path, label)

    def stop(self: job.OffloadJob) -> None:
        self._stop.set()
        stopped.set()

    monkeypatch.setattr(job.OffloadJob, "stop", stop)
    monkeypatch.setattr(offload, "request_of", early)
    monkeypatch.setattr(job, "scan_card", waiting)
    assert main(["offload", str(card), *map(str, targets)]) == 1
    shown = capsys.readouterr()
    assert "nothing was copied" in shown.err
    assert len(shown.err.splitlines()) == 1
    assert not list(targets[0].iterdir())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_nobody_reads_the_progress(card: Path, targets: list[Path], tmp_path: Path) -> None:
    """`--progress jsonl 2>&1 | head -1` in a production: the job ends well and the log learns of it."""
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour", "--rate", "23.976", "--slating", "us"]) == 0
    with (card / "CLIPS" / "A001C050.mov").open("wb") as hollow:
        hollow.truncate(300 << 20)
    command = [sys.executable, "-m", "onset", "-p", str(production), "offload", str(card), *map(str, targets)]
    running = subprocess.Popen([*command, "--progress", "jsonl"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert running.stdout is not None
    assert running.stdout.readline().startswith(b"{")
    running.stdout.close()
    assert running.wait(timeout=50) == 141  # its result had no reader
    logbook = open_logbook(production, role="dit")
    try:
        assert [(logged.label, logged.files) for logged in logbook.cards()] == [("A001", 9)]
    finally:
        logbook.close()


def test_offload_beside_a_rolling_take_does_not_say_so(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour", "--rate", "23.976", "--slating", "us"]) == 0
    offloading = ["-p", str(production), "offload", str(card), *map(str, targets), "--progress", "jsonl"]
    assert main(["-p", str(production), "log", "roll", "1A"]) == 0
    capsys.readouterr()
    assert main(offloading) == 0
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert any(line["gives_way"] for line in lines)
    assert main(["-p", str(production), "log", "cut"]) == 0
    capsys.readouterr()
    assert main(offloading) == 0
    assert not any(json.loads(line)["gives_way"] for line in capsys.readouterr().err.splitlines())


def _production(tmp_path: Path, capsys: Captured) -> Path:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "23.976", "--slating", "us"]) == 0
    capsys.readouterr()
    return folder


def test_an_offload_in_a_production_leaves_its_clips_out_of_the_log(
    tmp_path: Path, targets: list[Path], capsys: Captured
) -> None:
    production = _production(tmp_path, capsys)
    log = ["-p", str(production), "log"]
    assert main([*log, "add", "42C/1", "--at", "10:01:00:00", "--for", "2"]) == 0
    card = tmp_path / "A014"
    for number in (1, 2):
        film(card / f"A014C00{number}_260305_R2KD.mov", (10 * 3600 + number * 60) * 24, 48)
    capsys.readouterr()
    words = ["-p", str(production), "offload", str(card), *map(str, targets)]
    assert main([*words, "--json"]) == 0
    clips = json.loads(capsys.readouterr().out)["clips"]
    assert (clips["unit"], clips["day"], clips["new"], clips["alarms"]) == ("Main", 1, 2, [])
    assert [each["name"].partition("_")[0] for each in clips["files"]] == ["A014C001", "A014C002"]
    assert clips["linked"] + clips["proposed"] + clips["questions"] + clips["without_take"] == 2
    assert clips["sentence"].startswith("Do NOT format A014: ")
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "in the log, day 1 of Main" in said
    assert "2 clips: " in said
    assert said.splitlines()[-1].startswith("Do NOT format A014: ")
    logbook = open_logbook(production, role="dit")
    try:
        assert len(logbook.media()) == 2
        assert len(logbook.cards()) == 1
    finally:
        logbook.close()


def test_a_day_that_is_none_is_found_out_after_the_copy(
    tmp_path: Path, card: Path, targets: list[Path], capsys: Captured
) -> None:
    production = _production(tmp_path, capsys)
    assert main(["-p", str(production), "offload", str(card), *map(str, targets), "--day", "9"]) == 1
    assert "has no day 9" in capsys.readouterr().err
    assert list(targets[0].iterdir()) == []
    assert main(["offload", str(card), str(targets[0]), "--unit", "Main"]) == 2


def test_offload_whose_result_is_in_the_journal_alone_says_that_it_is_in_the_log(
    tmp_path: Path, card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = _production(tmp_path, capsys)
    (tmp_path / "SHUTTLE").mkdir()
    config = f'[production]\ntitle = "Harbour Lights"\nrate = "23.976"\n[log]\nbackup_to = "{tmp_path / "SHUTTLE"}"\n'
    (production / "config.toml").write_text(config, encoding="utf-8")
    record = record_outcome

    def dies(log: SqliteLogbook, *args: Any, **named: Any) -> Recorded:
        log._writer = DyingDisk(log._writer)
        return record(log, *args, **named)

    words = ["-p", str(production), "offload", str(card), *map(str, targets), "--progress", "none"]
    with monkeypatch.context() as dead:
        dead.setattr("onset.offload.record.record_outcome", dies)
        assert main(words) == 0
        shown = capsys.readouterr()
        assert "onset: In the journal only" in shown.err
        assert "in the journal only, no day yet of Main (the first roll or call opens one)" in shown.out
        assert main([*words, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["clips"]["journal_only"] is True
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["clips"]["journal_only"] is False
    logbook = open_logbook(production, role="dit")
    try:
        assert [logged.label for logged in logbook.cards()] == ["A001"]
    finally:
        logbook.close()


def test_a_log_that_cannot_be_written_undoes_the_copies(
    tmp_path: Path, card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = _production(tmp_path, capsys)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("onset.offload.record.record_outcome", broken)
    assert main(["-p", str(production), "offload", str(card), *map(str, targets), "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == "onset: the copies are made, but not in the log: RuntimeError: boom\n"
    assert json.loads(shown.out)["clips"] is None
    assert contents(targets[1] / "A001") == contents(card)
