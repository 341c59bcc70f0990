"""What `onset offload` does before its first byte: targets, presets, what it says and what it asks."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from onset.cli import offload_plan
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.mhl.asc import read_manifest
from onset.mhl.records import Author
from tests.onset.mhl.samples import assert_valid
from tests.onset.offload.cards import contents, make_card

Captured = pytest.CaptureFixture[str]


def _production(tmp_path: Path, capsys: Captured) -> Path:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "23.976", "--slating", "us"]) == 0
    capsys.readouterr()
    return folder


def test_preset_is_not_followed(card: Path, targets: list[Path], tmp_path: Path, capsys: Captured) -> None:
    """Targets, digests and source check of a preset; what the command line says goes before it."""
    production = _production(tmp_path, capsys)
    with (production / "config.toml").open("a") as config:
        for name in ("T1", "T2"):
            config.write(f'[[target]]\nname = "{name}"\npath = "{tmp_path / name}"\nfolder = "{{counter}}_{{roll}}"\n')
        config.write('[offload.preset.day]\ntargets = ["T1", "T2"]\nhashes = ["md5"]\nsource_check = "none"\n')
    words = ["-p", str(production), "offload", str(card), "--preset", "day", "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(each["path"]) for each in told["targets"]] == [target / "001_A001" for target in targets]
    assert (told["hashes"], told["source_check"]) == (["md5"], "none")
    assert main([*words, "--to", "T2", "--hash", "sha1", "--source-check", "reread"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(each["path"]) for each in told["targets"]] == [targets[1] / "001_A001"]
    assert (told["hashes"], told["source_check"]) == (["sha1"], "reread")
    assert main([*words[:-2], "dya"]) == 2
    assert 'no [offload.preset.dya]; did you mean "day"?' in capsys.readouterr().err
    assert main(["offload", str(card), "--preset", "day"]) == 2


def test_manifest_says_who_copied_and_where(card: Path, targets: list[Path], tmp_path: Path, capsys: Captured) -> None:
    production = _production(tmp_path, capsys)
    config = production / "config.toml"
    who = 'author = "Noor <Haddad>"\nemail = "noor@quay.example"\nrole = "DIT"\nlocation = "Quay 4"\n'
    config.write_text(config.read_text().replace("[offload]\n", f"[offload]\n{who}"))
    assert main(["-p", str(production), "offload", str(card), str(targets[0]), "--json"]) == 0
    manifest = Path(json.loads(capsys.readouterr().out)["targets"][0]["manifest"])
    creator = read_manifest(manifest).creator
    assert creator is not None
    assert creator.authors == (Author("Noor <Haddad>", "noor@quay.example", None, "DIT"),)
    assert creator.location == "Quay 4"
    assert_valid(manifest.parent.parent)


def test_card_of_yesterday_goes_to_the_folder_of_today(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    """The folder's day and date are those that the log gives the card, whenever it is copied."""
    production = _production(tmp_path, capsys)
    with (production / "config.toml").open("a") as config:
        config.write(f'[[target]]\nname = "T1"\npath = "{targets[0]}"\nfolder = "{{date}}_day{{day}}/{{roll}}"\n')
    logbook = open_logbook(production, role="dit")
    try:
        logbook.open_day("Main", 1, "2026-03-05")
        logbook.open_day("Main", 2, "2026-03-06")
    finally:
        logbook.close()
    for path in card.rglob("*"):
        os.utime(path, (1772730000, 1772730000))  # 2026-03-05 17:00 UTC
    assert main(["-p", str(production), "offload", str(card), "--to", "T1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["targets"][0]["path"] == str(targets[0] / "2026-03-05_day1" / "A001")
    assert told["clips"]["day"] == 1


def _other_card(tmp_path: Path) -> Path:
    other = make_card(tmp_path / "second" / "A001", seed=2)
    for path in other.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return other


def test_other_card_of_that_name_is_copied_unasked(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    """Without a terminal it is refused, in one sentence that says what to give; a label is a person's word."""
    assert main(["offload", str(card), *map(str, targets), "--progress", "none"]) == 0
    other = _other_card(tmp_path)
    capsys.readouterr()
    assert main(["offload", str(other), *map(str, targets)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "A001 is the name of another card there (offloaded 20" in said.err
    assert "give --label" in said.err
    assert sorted(path.name for path in targets[0].iterdir() if path.is_dir()) == ["A001"]
    assert main(["offload", str(other), *map(str, targets), "--label", "A101", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["label"], [Path(each["path"]).name for each in told["targets"]]) == ("A101", ["A001_2", "A001_2"])
    assert contents(targets[0] / "A001") == contents(card)


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 1), (b"yse\n", 1), (b"\x03", 1)])
def test_answer_is_taken_for_another(
    answer: bytes, code: int, card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    """At a terminal it is asked; only a yes copies, and Ctrl-C is a no. What was typed before counts for nothing."""
    assert main(["offload", str(card), *map(str, targets), "--progress", "none"]) == 0
    capsys.readouterr()
    command = [sys.executable, "-m", "onset", "offload", str(_other_card(tmp_path)), *map(str, targets)]
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True, preexec_fn=_take_terminal
    )
    os.close(theirs)
    os.write(ours, b"y\n")  # too early
    said = b""
    while b"[y/N] " not in said:
        said += os.read(ours, 4096)
    assert b"fingerprint" in said
    os.write(ours, answer)
    drained = threading.Thread(target=_drain, args=(ours,))
    drained.start()
    out = running.communicate(timeout=50)[0]
    drained.join()
    os.close(ours)
    assert running.returncode == code
    assert (b"verdict on the copies" in out) == (code == 0)
    assert (targets[0] / "A001_2").exists() == (code == 0)


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _drain(terminal: int) -> None:
    with suppress(OSError):
        while os.read(terminal, 4096):
            pass


def test_nothing_is_said_before_the_first_byte(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onset.offload.plan._TELLS_S", 0.0)
    monkeypatch.setattr("onset.offload.plan._TELLS_BYTES", 1)
    words = ["offload", str(card), *map(str, targets)]
    assert main(words) == 0
    first = capsys.readouterr().out.splitlines()
    assert first[0].startswith("A001: 8 files, ")
    assert "about" not in first[0]
    assert sum(" free, " in line for line in first) == 2
    assert main(["offload", str(card), str(targets[0])]) == 0
    again = capsys.readouterr().out
    assert ", about 0:0" in again.splitlines()[0]
    assert again.count("offloaded already") == 1
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["forecast"]
    assert "eta_s" in told
    assert [set(each) for each in told["targets"]] == [
        {"path", "name", "needed", "free", "free_after", "more_cards", "eta_s"}
    ] * 2


def test_card_that_another_laptop_copied_is_taken_for_new(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    """This machine has no record of a job, but the log has the card."""
    production = _production(tmp_path, capsys)
    words = ["-p", str(production), "offload", "--json", str(card)]
    assert main([*words, str(targets[0])]) == 0
    capsys.readouterr()
    shutil.rmtree(Path(os.environ["XDG_STATE_HOME"]) / "onset" / "jobs")
    assert main([*words, str(targets[1])]) == 0
    said = [each for each in json.loads(capsys.readouterr().out)["warnings"] if "log has this card" in each]
    assert len(said) == 1
    assert f"to {targets[0] / 'A001'} (not safe)" in said[0]
    assert main([*words, str(targets[1])]) == 0  # now a job here knows it
    assert "log has this card" not in capsys.readouterr().out


def test_renamed_card_is_copied_again_unasked(card: Path, targets: list[Path], capsys: Captured) -> None:
    assert main(["offload", str(card), str(targets[0]), "--progress", "none"]) == 0
    card = card.rename(card.with_name("A015"))
    capsys.readouterr()
    assert main(["offload", str(card), str(targets[0])]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert "This card was offloaded as A001, 20" in said.err
    assert "give --label A015." in said.err
    assert not (targets[0] / "A015").exists()
    assert main(["offload", str(card), str(targets[0]), "--label", "A015", "--json"]) == 0
    assert "now it is called A015" in json.loads(capsys.readouterr().out)["warnings"][0]
    assert contents(targets[0] / "A015") == contents(targets[0] / "A001") == contents(card)


def test_card_of_another_laptop_is_copied_again_under_another_name(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = _production(tmp_path, capsys)
    assert main(["-p", str(production), "offload", str(card), str(targets[0]), "--json"]) == 0
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "the other laptop's"))
    card = card.rename(card.with_name("A015"))
    capsys.readouterr()
    assert main(["-p", str(production), "offload", str(card), str(targets[1])]) == 1
    said = capsys.readouterr().err
    assert re.search(r"The log has this card as A001: copied by [^,]+, dit, 20\d\d-", said), said
    assert "now it is called A015" in said


def test_card_is_new_to_a_laptop_that_reads_its_dates_in_another_time_zone(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT keeps local time; nor does every system tell a volume's id. What holds other clips is another card."""

    def dates(later_s: int) -> None:
        for path in card.rglob("*"):
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + later_s * 1_000_000_000))

    production = _production(tmp_path, capsys)
    for label in ("A001", "B001"):
        assert main(["-p", str(production), "offload", str(card), str(targets[0]), "--label", label]) == 0
        assert "the very clips" not in capsys.readouterr().out, "the laptop that copied it would know it"
        dates(60)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "the other laptop's"))
    dates(3600)
    words = ["-p", str(production), "offload", str(card), str(targets[1])]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "  note: the log has a card with the very clips of this one, B001: copied by " in said
    assert "; its dates or its volume are others" in said
    (card / "CLIPS" / "A001C002.mov").rename(card / "CLIPS" / "A001C003.mov")
    assert main([*words, "--label", "A001"]) == 0
    assert "the log has" not in capsys.readouterr().out


def test_copy_onto_the_system_disk_is_told_when_it_is_made(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk that belongs there may not be mounted."""
    system = {Path("/"), targets[1]}
    monkeypatch.setattr(offload_plan, "whole_disks", lambda path: frozenset({"sda" if path in system else "sdb"}))
    assert main(["offload", str(card), *map(str, targets)]) == 0
    told, _, result = capsys.readouterr().out.partition("verified")
    assert f"note: {targets[1] / 'A001'} lies on this computer's system disk" in told
    assert f"note: {targets[0] / 'A001'} lies on this computer's" not in told
    assert "system disk" not in result, "twice"
