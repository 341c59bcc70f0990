"""`onset verify` as a person or a program calls it: what it finds below a path, JSON and exit codes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.cli.main import main
from tests.onset.mhl.samples import DATA, REFERENCE
from tests.onset.offload.cards import make_card, make_targets, offload

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A verified copy of a card."""
    card = make_card(tmp_path / "A001")
    (target,) = make_targets(tmp_path, 1)
    assert offload(card, [target], tmp_path / "state").exit_code == 0
    return target / "A001"


def verified(capsys: Captured, *arguments: str | Path) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = main(["verify", "--json", *map(str, arguments)])
    return code, json.loads(capsys.readouterr().out)


def test_json_is_not_what_was_promised(copied: Path, capsys: Captured) -> None:
    code, result = verified(capsys, copied)
    assert code == 0
    assert {key: result[key] for key in ("path", "verified", "failed", "missing", "new", "problems", "generation")} == {
        "path": str(copied),
        "verified": 8,
        "failed": 0,
        "missing": 0,
        "new": 0,
        "problems": [],
        "generation": 2,
    }


def test_only_looking_writes_a_generation(copied: Path, capsys: Captured) -> None:
    code, result = verified(capsys, "--no-append", copied)
    assert (code, result["generation"]) == (0, None)
    assert len(list((copied / "ascmhl").glob("*.mhl"))) == 1


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("flip", 11, "not those on record"),
        ("remove", 20, "not on the medium"),
        ("add", 21, "not on record"),
        ("alter", 31, "altered"),
        ("unchain", 32, "chain"),
        ("unlist", 33, "in the chain but not on the medium"),
        ("strip", 30, "no ASC MHL history"),
    ],
)
def test_fault_gets_another_exit_code(fault: str, code: int, words: str, copied: Path, capsys: Captured) -> None:
    clip = copied / "CLIPS" / "A001C001.mov"
    (manifest,) = (copied / "ascmhl").glob("*.mhl")
    if fault == "flip":
        data = bytearray(clip.read_bytes())
        data[1000] ^= 1
        clip.write_bytes(data)
    elif fault == "remove":
        clip.unlink()
    elif fault == "add":
        (copied / "CLIPS" / "new.mov").write_bytes(b"new")
    elif fault == "alter":
        manifest.write_bytes(manifest.read_bytes() + b"\n")
    elif fault == "unchain":
        (copied / "ascmhl" / "ascmhl_chain.xml").unlink()
    elif fault == "unlist":
        manifest.unlink()
    elif fault == "strip":
        shutil.rmtree(copied / "ascmhl")
    capsys.readouterr()
    assert main(["verify", str(copied)]) == code
    shown = capsys.readouterr()
    assert words in shown.out + shown.err


def test_histories_below_a_disk_are_overlooked(tmp_path: Path, capsys: Captured) -> None:
    disk = tmp_path / "SHUTTLE"
    for number in (1, 2):
        shutil.copytree(REFERENCE / "scenario_01" / "travel_01" / "A002R2EC", disk / "Day 1" / f"A00{number}")
    code, result = verified(capsys, "--no-append", disk)
    assert (code, result["path"], result["verified"]) == (0, str(disk), 6)
    histories = result["histories"]
    assert isinstance(histories, list)
    assert len(histories) == 2


@pytest.mark.parametrize("name", ["mhl_verify_md5", "mhl_verify_xxhash64be"])
def test_folder_with_a_legacy_list_has_no_history(name: str, capsys: Captured) -> None:
    code, result = verified(capsys, DATA / "legacy" / "mhl-tool" / name)
    assert (code, result["verified"], result["generation"]) == (0, 3, None)


def test_manifest_that_stands_alone_is_taken_for_a_legacy_list(capsys: Captured) -> None:
    code, result = verified(capsys, DATA / "asc" / "vendor" / "silverstack_ascmhl_example.mhl")
    assert (code, result["missing"]) == (20, 4)


def test_manifest_of_a_history_is_believed_without_its_chain(copied: Path, capsys: Captured) -> None:
    (manifest,) = (copied / "ascmhl").glob("*.mhl")
    code, result = verified(capsys, "--no-append", manifest)
    assert (code, result["path"], result["verified"]) == (0, str(copied), 8)


def test_folder_of_a_history_in_capitals_makes_every_file_missing(copied: Path, capsys: Captured) -> None:
    """As an old firmware or a DOS tool writes it; where case does not matter the history is found all the same."""
    (copied / "ascmhl").rename(copied / "ASCMHL")
    code, result = verified(capsys, copied)
    assert (code, result["missing"]) == (30, 0)
    assert "which ASC MHL calls ascmhl: rename it" in str(result["problems"])


def problems_of(result: dict[str, object]) -> dict[str, int]:
    problems = result["problems"]
    assert isinstance(problems, list)
    return {problem["path"]: problem["code"] for problem in problems}


def test_disk_is_silent_about_what_no_history_covers(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = tmp_path / "SHUTTLE"
    shutil.copytree(REFERENCE / "scenario_01" / "travel_01" / "A002R2EC", disk / "Day 1" / "A001")
    shutil.copytree(DATA / "legacy" / "mhl-tool" / "mhl_verify_md5", disk / "Day 1" / "old")
    (disk / ".Trashes").mkdir()
    (disk / ".Trashes" / "x").write_bytes(b"x")
    assert verified(capsys, "--no-append", disk)[0] == 0
    (disk / "Day 1" / "old" / "loose.mov").write_bytes(b"x")
    (disk / "A002").mkdir()
    (disk / "A002" / "A002C001.mov").write_bytes(b"x")
    (disk / "A002" / "A002C002.mov.onset-part").write_bytes(b"x")
    (disk / "link").symlink_to("A002")
    (disk / "locked").mkdir()
    real = os.scandir

    def scandir(path: Path) -> Iterator[os.DirEntry[str]]:
        if Path(path) == disk / "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    code, result = verified(capsys, "--no-append", disk)
    assert (code, result["verified"], result["new"]) == (10, 6, 4)
    assert problems_of(result) == {
        str(disk / "A002" / "A002C001.mov"): 21,
        str(disk / "A002" / "A002C002.mov.onset-part"): 10,
        str(disk / "Day 1" / "old" / "loose.mov"): 21,
        str(disk / "link"): 21,
        str(disk / "locked"): 10,
    }


def test_packing_list_on_a_disk_makes_its_files_missing(tmp_path: Path, capsys: Captured) -> None:
    disk = tmp_path / "SHUTTLE"
    roll = shutil.copytree(REFERENCE / "scenario_01" / "travel_01" / "A002R2EC", disk / "A002R2EC")
    (disk / "collection_2026-11-21").mkdir()
    manifest = next((roll / "ascmhl").glob("0001_*")).read_text()
    assert "in-place</process>" in manifest
    packed = disk / "collection_2026-11-21" / "packinglist_A002R2EC.mhl"
    packed.write_text(manifest.replace("in-place</process>", "flatten</process>"))
    code, result = verified(capsys, "--no-append", disk)
    assert (code, result["verified"], result["missing"]) == (0, 3, 0)
    shutil.rmtree(roll)
    assert verified(capsys, "--no-append", disk)[0] == 20  # without a history it is all there is to go by


def test_one_bad_history_costs_the_results_of_the_others(tmp_path: Path, capsys: Captured) -> None:
    good, bad, bare = tmp_path / "A001", tmp_path / "A002", tmp_path / "A003"
    for folder in (good, bad):
        shutil.copytree(REFERENCE / "scenario_01" / "travel_01" / "A002R2EC", folder)
    (bad / "ascmhl" / "ascmhl_chain.xml").unlink()
    bare.mkdir()
    code, result = verified(capsys, "--no-append", bare, bad, good)
    assert (code, result["verified"]) == (32, 3)
    assert problems_of(result) == {str(bare): 30, str(bad): 32}
    assert main(["verify", "--no-append", str(bad), str(good)]) == 32
    shown = capsys.readouterr()
    assert shown.out == f"{bad}: not verified\n{good}: 3 verified\n"
    assert "ascmhl_chain.xml is missing" in shown.err


def test_manifest_that_is_no_xml_passes(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "a.mhl").write_bytes(b"\0\1\2")
    code, result = verified(capsys, tmp_path)
    assert (code, problems_of(result)) == (1, {"": 1})


def test_path_that_is_not_there_is_found_out_after_hours(copied: Path, capsys: Captured) -> None:
    assert main(["verify", str(copied), str(copied / "nowhere")]) == 2
    assert capsys.readouterr().out == ""
    assert len(list((copied / "ascmhl").glob("*.mhl"))) == 1


def test_folder_with_a_manifest_that_stands_alone_is_taken_for_legacy(copied: Path, capsys: Captured) -> None:
    (manifest,) = (copied / "ascmhl").glob("*.mhl")
    manifest.rename(copied / "alone.mhl")
    shutil.rmtree(copied / "ascmhl")
    code, result = verified(capsys, copied)
    assert (code, result["verified"], result["problems"]) == (0, 8, [])
    (copied / "new.mov").write_bytes(b"new")
    code, result = verified(capsys, copied)
    assert (code, result["new"], problems_of(result)) == (21, 1, {"new.mov": 21})  # told once


def test_device_as_path_asks_for_a_bug_report(capsys: Captured) -> None:
    assert main(["verify", os.devnull]) == 2
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "is neither a folder nor a file" in shown
    assert "--debug" not in shown


def test_list_of_sizes_is_told_as_such(capsys: Captured) -> None:
    folder = DATA / "legacy" / "mhl-tool" / "mhl_verify_null"
    code, result = verified(capsys, folder)
    assert (code, result["verified"], result["size_only"]) == (0, 0, 3)
    assert main(["verify", str(folder)]) == 0
    assert "0 verified, 3 by size only\n  note: of 3 files only the size is on record" in capsys.readouterr().out


def test_folder_that_is_not_utf8_is_offloaded_but_never_verified(tmp_path: Path, capsys: Captured) -> None:
    card = make_card(Path(os.fsdecode(os.fsencode(tmp_path) + b"/A\xff01")))
    (target,) = make_targets(tmp_path, 1)
    assert offload(card, [target], tmp_path / "state").exit_code == 0
    code, result = verified(capsys, target / card.name)
    assert (code, result["verified"], result["generation"]) == (0, 8, 2)


def test_nothing_there(tmp_path: Path, capsys: Captured) -> None:
    assert main(["verify", str(tmp_path / "nowhere")]) == 2
    assert "is the disk mounted" in capsys.readouterr().err
