"""A copy that was found bad is called safe again: because its disk is away, or because nobody told the log."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.offload.record import card_of
from tests.onset.offload.cards import make_card, make_targets, offload

Captured = pytest.CaptureFixture[str]
CLIP, INSIDE, DAY = "CLIPS/A001C002.mov", "CLIPS", "../."  # a folder in the copy; one above it, with a day's history


@pytest.fixture
def production(tmp_path: Path, capsys: Captured) -> Path:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--title", "Harbour Lights", "--rate", "24", "--slating", "us"]) == 0
    capsys.readouterr()
    return folder


@pytest.fixture
def copies(production: Path, tmp_path: Path) -> list[Path]:
    """Two copies of A014 that the log knows, as if on disks of their own."""
    source, targets = make_card(tmp_path / "A014", clip_bytes=2000), make_targets(tmp_path, 2)
    made = card_of(offload(source, targets, tmp_path / "state"))
    logbook = open_logbook(production, role="dit")
    try:
        logbook.record_card(replace(made, verdict="safe", reasons=(), day=1, clips=0))
    finally:
        logbook.close()
    return [target / "A014" for target in targets]


def spoil(copy: Path) -> bytes:
    good = (copy / CLIP).read_bytes()
    (copy / CLIP).write_bytes(bytes(len(good)))
    return good


def away(copy: Path) -> Path:
    """The copy's disk is unmounted: its mount point stays, empty."""
    disk = copy.parent
    kept = disk.with_name("unmounted")
    disk.rename(kept)
    disk.mkdir()
    return kept


def back(copy: Path, kept: Path) -> None:
    copy.parent.rmdir()
    kept.rename(copy.parent)


def answer(production: Path, capsys: Captured, *words: str) -> tuple[str, str]:
    """The verdict, and its first reason."""
    capsys.readouterr()
    main(["-p", str(production), "card", "A014", "--json", *words])
    found = json.loads(capsys.readouterr().out)
    return str(found["verdict"]), str(found["reasons"][0])


def verify(production: Path, *words: str | Path) -> int:
    return main(["-p", str(production), "verify", *map(str, words)])


@pytest.mark.parametrize("words", [(), ("--no-append",)])
@pytest.mark.parametrize("of", [".", "..", DAY, INSIDE])
def test_copy_found_bad_is_safe_once_its_disk_is_away(
    words: tuple[str, ...], of: str, production: Path, copies: list[Path], capsys: Captured
) -> None:
    """Whichever folder was verified, and whether or not its history could be written."""
    bad = copies[0]
    if of in (INSIDE, DAY):
        assert main(["mhl", "create", os.path.normpath(bad / of)]) == 0
    spoil(bad)
    assert verify(production, os.path.normpath(bad / of), *words) == 11
    assert "A014: the copy " in capsys.readouterr().out
    kept = away(bad)
    verdict, reason = answer(production, capsys)
    assert verdict == "not safe"
    assert re.fullmatch(rf"{bad}: 1 file failed when it was verified at \d\d:\d\d: A001C002.mov", reason)
    assert main(["-p", str(production), "card", "A014", "--clear", "--by", "Maya", "--note", "one will do"]) == 1
    assert main(["-p", str(production), "log", "rolls"]) == 0
    line, *why = capsys.readouterr().out.splitlines()
    assert " not safe" in line
    assert "1 file failed when it was verified" in " ".join(" ".join(why).split())
    main(["-p", str(production), "log", "rolls", "--json"])
    (roll,) = json.loads(capsys.readouterr().out)["rolls"]
    assert (roll["state"], roll["found_bad"]) == ("waiting", [reason])
    back(bad, kept)
    assert answer(production, capsys) == (verdict, reason)


def test_what_another_machine_found_is_forgotten_with_the_disk(
    production: Path, copies: list[Path], capsys: Captured
) -> None:
    spoil(copies[0])
    assert main(["verify", str(copies[0])]) == 11  # no production is in sight there
    before = answer(production, capsys)
    assert before[0] == "not safe"
    away(copies[0])
    assert answer(production, capsys) == before, "whoever looked has let the log know"


def test_bad_copy_is_put_right_by_less_than_a_whole_verification(
    production: Path, copies: list[Path], capsys: Captured
) -> None:
    bad = copies[0]
    good = spoil(bad)
    verify(production, bad)
    (bad / CLIP).write_bytes(good)
    assert answer(production, capsys)[0] == "not safe", "put back, and read by nobody"
    (bad / CLIP).unlink()
    assert verify(production, bad) == 20
    (bad / CLIP).write_bytes(good)
    assert answer(production, capsys)[0] == "not safe", "as often as it is moved"
    assert verify(production, bad) == 0
    assert f"A014: the copy {bad} is put right" in capsys.readouterr().out
    away(bad)
    assert answer(production, capsys)[0] == "safe"


def test_copy_on_a_read_only_disk_is_never_put_right(production: Path, copies: list[Path], capsys: Captured) -> None:
    """A bad cable, say: nothing was written into the history, neither then nor now."""
    good = spoil(copies[0])
    verify(production, "--no-append", copies[0])
    (copies[0] / CLIP).write_bytes(good)
    assert answer(production, capsys)[0] == "not safe"
    assert verify(production, "--no-append", copies[1]) == 0
    assert answer(production, capsys)[0] == "not safe", "another copy was good"
    assert verify(production, "--no-append", copies[0]) == 0
    assert answer(production, capsys)[0] == "safe"


def test_copy_is_put_right_though_its_bad_file_was_not_read(
    production: Path, copies: list[Path], capsys: Captured
) -> None:
    """By a list that names other files only, or by a history whose patterns leave it out now."""
    bad, packed = copies[0], copies[0].with_name("packed")
    packed.mkdir()
    spoil(bad)
    verify(production, "--no-append", bad)
    (packed / "INDEX").write_bytes((bad / "INDEX").read_bytes())
    assert main(["mhl", "create", str(packed)]) == 0
    (manifest,) = (packed / "ascmhl").glob("*.mhl")
    some = manifest.rename(copies[1].with_name("some.mhl"))
    assert verify(production, some, "--root", bad) == 21
    assert answer(production, capsys)[0] == "not safe"
    assert main(["mhl", "create", str(bad), "--ignore", CLIP]) == 0
    assert verify(production, "--no-append", bad) == 0
    assert answer(production, capsys)[0] == "not safe"


def test_copy_is_bad_by_what_is_no_file_of_it(production: Path, copies: list[Path], capsys: Captured) -> None:
    """What a stopped offload left beside its files, or a manifest that was taken for a list of its own folder."""
    left = copies[0] / "A001C003.mov.onset-part"
    left.write_bytes(b"half")
    assert verify(production, copies[0]) == 10
    assert verify(production, copies[0] / "ascmhl") == 20
    assert answer(production, capsys)[0] == "safe"


def test_history_that_cannot_be_trusted_is_trusted_without_its_disk(
    production: Path, copies: list[Path], capsys: Captured
) -> None:
    (manifest,) = (copies[0] / "ascmhl").glob("*.mhl")
    manifest.write_bytes(manifest.read_bytes() + b" ")
    assert verify(production, copies[0]) == 31
    away(copies[0])
    verdict, reason = answer(production, capsys)
    assert (verdict, "its history cannot be trusted any more" in reason) == ("not safe", True)


def test_verification_needs_a_production_or_says_so(
    production: Path, copies: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(copies[0])
    monkeypatch.setenv("ONSET_PRODUCTION", str(production.parent))
    assert main(["verify", "--no-append", "--json", str(copies[0])]) == 11
    told = capsys.readouterr()
    assert (json.loads(told.out)["log"], told.err) == ([], "")
    (production / "log.onset").write_bytes(b"no log" * 1000)
    assert verify(production, "--no-append", copies[0]) == 11
    told = capsys.readouterr()
    assert ("A014" in told.out.replace(str(copies[0]), ""), told.err) == (False, "")


def test_folder_that_is_no_copy_is_told_of_in_the_log(production: Path, copies: list[Path], capsys: Captured) -> None:
    """Another disk at the mount point of a copy: the generation that the log knows is not there."""
    spoil(copies[0])
    (manifest,) = (copies[0] / "ascmhl").glob("*.mhl")
    chain = copies[0] / "ascmhl" / "ascmhl_chain.xml"
    other = manifest.name.replace("_20", "_19")
    manifest.rename(manifest.with_name(other))
    chain.write_text(chain.read_text().replace(manifest.name, other))
    assert verify(production, "--json", copies[0]) == 11
    assert json.loads(capsys.readouterr().out)["log"] == []


@pytest.mark.parametrize("words", [("create", "."), ("rename", CLIP, "CLIPS/A001C009.mov")])
def test_other_command_that_reads_a_copy_keeps_it_to_itself(
    words: tuple[str, ...], production: Path, copies: list[Path], capsys: Captured
) -> None:
    spoil(copies[0])
    verb, *paths = words
    assert main(["-p", str(production), "mhl", verb, *(os.path.normpath(copies[0] / each) for each in paths)]) == 11
    assert "the log remembers that 1 file failed" in capsys.readouterr().out
    away(copies[0])
    assert answer(production, capsys)[0] == "not safe"


def test_cleared_card_of_a_copy_found_bad_is_nothing_that_is_left_open(
    production: Path, copies: list[Path], capsys: Captured
) -> None:
    assert main(["-p", str(production), "log", "roll", "42C"]) == 0
    assert main(["-p", str(production), "log", "cut"]) == 0
    assert main(["-p", str(production), "card", "A014", "--clear", "--by", "Dana"]) == 0
    for found in (False, True):
        if found:
            spoil(copies[0])
            verify(production, copies[0])
        capsys.readouterr()
        main(["-p", str(production), "wrap"])
        told = " ".join(capsys.readouterr().out.split())
        assert "Day 1" in told
        assert ("Do NOT format A014: cleared by Dana" in told) is found
    assert main(["-p", str(production), "log", "rolls", "A014", "state=cleared"]) == 1
    assert "nobody clears it by hand" in capsys.readouterr().err


def test_day_whose_own_history_was_altered_makes_its_copies_bad(
    production: Path, copies: list[Path], capsys: Captured
) -> None:
    assert main(["mhl", "create", str(copies[0].parent)]) == 0
    (manifest,) = (copies[0].parent / "ascmhl").glob("*.mhl")
    manifest.write_bytes(manifest.read_bytes() + b" ")
    assert verify(production, copies[0].parent) == 31
    assert answer(production, capsys)[0] == "safe"


def test_finding_that_the_log_did_not_get_is_kept_quiet(production: Path, copies: list[Path], capsys: Captured) -> None:
    spoil(copies[0])
    (production / "log.onset").write_bytes(b"no log" * 1000)
    assert main(["-p", str(production), "verify", str(copies[0]), "--no-append"]) == 11
    assert "The log was not asked about copies of its cards: " in capsys.readouterr().out
