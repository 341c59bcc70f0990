"""`onset offload` as a person or a program calls it: JSON, exit codes, one sentence, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.offload_progress import Bar, spell_progress
from onset.offload.progress import Phase, Progress, TargetProgress
from onset.offload.template import fill
from tests.onset.offload.cards import contents, make_card, make_targets

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "A001")


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    return make_targets(tmp_path)


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
    assert "verdict: NOT SAFE to format" in shown
    assert "\x1b" not in shown
    assert r"\x1b]0;PWNED\x07" in shown
    assert "was not read a second time" in shown


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
    assert "same command again" in rest
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
