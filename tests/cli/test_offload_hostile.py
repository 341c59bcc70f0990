"""A card full of hostile names goes through every command that shows cards: plain text, and every byte arrives."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from onset.cli.main import main
from tests.needs import require
from tests.onset.offload.cards import contents, make_card, make_targets
from tests.onset.offload.test_hostile_cards import NAMES

Captured = pytest.CaptureFixture[str]
# C0, C1, what reorders a line, half of a character.
FORBIDDEN = {*map(chr, (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)))} - {"\n"}


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """As files, as clips that no program can open, and as folders."""
    card = tmp_path / "A001"
    for number, name in enumerate(NAMES):
        folder = card / f"F{number:02}"
        for each in (name, f"{name[:100]}.mov"):
            path = folder / each  # markup has slashes: then it is a folder and a file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.fsencode(each) * 3)
    return card


@pytest.fixture
def production(tmp_path: Path) -> Path:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour", "--rate", "25", "--slating", "us"]) == 0
    assert main(["-p", str(folder), "log", "add", "42C/1", "--at", "10:00:00:00", "--for", "10"]) == 0
    return folder


def plain(capsys: Captured, code: int = 0) -> str:
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert not FORBIDDEN & set(text)
        text.encode()  # no half characters
    assert "Traceback" not in shown.err
    return shown.out


def test_name_on_the_card_moves_the_cursor_of_whoever_reads_of_it(
    card: Path, production: Path, tmp_path: Path, capsys: Captured
) -> None:
    targets = [str(target) for target in make_targets(tmp_path)]
    capsys.readouterr()
    assert main(["-p", str(production), "offload", str(card), *targets]) == 0
    assert "is not named in UTF-8" in plain(capsys)
    for target in targets:
        assert contents(Path(target) / "A001") == contents(card)
        (log,) = Path(target).glob("*.onset-job.jsonl")
        for line in log.read_text().splitlines():
            assert isinstance(json.loads(line), dict)
            assert line.isascii()
            assert line.isprintable()
    for words in (
        ("offload", str(card), *targets, "--json"),
        ("card", "A001", "--json"),
        ("verify", f"{targets[0]}/A001", "--json"),
    ):
        assert main(["-p", str(production), *words]) == 0
        assert isinstance(json.loads(plain(capsys)), dict)
    for path in (Path(targets[0]) / "A001").rglob("*.mov"):
        path.write_bytes(bytes(path.stat().st_size))
    for words, code in ((("offload", str(card), *targets), 11), (("verify", f"{targets[0]}/A001"), 11), (("card",), 0)):
        assert main(["-p", str(production), *words]) == code
        plain(capsys)


def test_name_on_the_card_is_obeyed_by_a_report(card: Path, production: Path, tmp_path: Path, capsys: Captured) -> None:
    require("pdftotext", "pdftotext (poppler-utils) is not installed")
    targets = [str(target) for target in make_targets(tmp_path)]
    assert main(["-p", str(production), "offload", str(card), *targets]) == 0
    for kind in ("txt", "html", "pdf"):
        assert main(["-p", str(production), "report", "offload", "-o", str(tmp_path / f"day.{kind}")]) == 0
    plain(capsys)
    pages = {
        "txt": (tmp_path / "day.txt").read_text(),
        "html": (tmp_path / "day.html").read_text(),
        "pdf": subprocess.run(
            ["pdftotext", tmp_path / "day.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout,
    }
    for kind, text in pages.items():
        assert not FORBIDDEN - {"\t", "\f"} & set(text), kind
        assert "PWNED" in text, kind
    assert "<b>]]>" not in pages["html"]


def test_disk_that_is_not_named_in_utf8_keeps_its_card_out_of_the_log(
    production: Path, tmp_path: Path, capsys: Captured
) -> None:
    card, targets = make_card(tmp_path / "A014"), [tmp_path / "T\udcff1", tmp_path / "T\udcfe2"]
    for target in targets:
        target.mkdir()
    onset = ["-p", str(production)]
    capsys.readouterr()
    assert main([*onset, "offload", str(card), str(targets[0]), "--then", str(targets[1])]) == 0
    assert "not in the log" not in capsys.readouterr().err
    assert main([*onset, "card", "A014", "--json"]) == 0
    found = json.loads(plain(capsys))["copies"]["copies"]
    assert [each["path"] for each in found] == [rf"{tmp_path}/T\udcff1/A014", rf"{tmp_path}/T\udcfe2/A014"]
