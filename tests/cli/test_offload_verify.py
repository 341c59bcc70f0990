"""`onset verify` as a person or a program calls it: what it finds below a path, JSON and exit codes."""

from __future__ import annotations

import json
import shutil
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


def test_nothing_there(tmp_path: Path, capsys: Captured) -> None:
    assert main(["verify", str(tmp_path / "nowhere")]) == 2
    assert "is the disk mounted" in capsys.readouterr().err
