"""Cards made to hurt: names, links, pipes, devices and things that only look like files."""

from __future__ import annotations

import json
import os
import resource
import socket
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.errors import OffloadError
from onset.mhl.check import verify_history
from onset.mhl.tree import Kind
from onset.offload.card import fingerprint, list_card, scan_card
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import contents, make_card, make_targets, offload

NAMES = [
    "[/]",
    "[red]A001[/red].mov",
    "A\x1b]0;PWNED\x1b\\.mov",
    "x\x1b[3Jy",
    "\u202egpj.exe",
    "two\nlines.mov",
    "tab\there",
    "cr\rhere",
    "=cmd|' /C calc'!A0",
    "-rf",
    "--help",
    " lead and trail ",
    'a:b?c*d"e<f>g|h',
    "back\\slash",
    "C:x",
    "..\\x",
    "...",
    "&amp;<b>]]>",
    "Cafe\u0301.mov",
    "Caf\u00e9.mov",
    "日本語ファ_イル.mov",
    "\U0001f3ac.mov",
    "\ufffe.mov",
    "A001.onset-part",
    "#hash",
    "!bang",
    "n" * 255,
    os.fsdecode(b"\xff\xfe.mov"),
    os.fsdecode(b"half\xc3.mov"),
]


def test_hostile_name_is_lost_altered_or_stops_the_job(tmp_path: Path) -> None:
    card = tmp_path / "A001"
    for number, name in enumerate(NAMES):
        folder = card / f"F{number:02}"
        (folder / name).parent.mkdir(parents=True)  # markup has slashes: then it is a folder and a file
        (folder / name).write_bytes(os.fsencode(name) * 3)
        if len(name) < 200:
            (folder / f"d{name}").mkdir(parents=True)
            (folder / f"d{name}" / "clip").write_bytes(b"in a folder of that name")
    targets = make_targets(tmp_path)
    outcome = offload(card, targets, tmp_path / "state")
    assert (outcome.exit_code, outcome.problems) == (0, ())
    json.dumps(outcome.as_json())
    for target in targets:
        copied = target / "A001"
        assert contents(copied) == contents(card)
        assert_valid(copied)
        done = verify_history(copied, read_plainly, SystemClock(), append=True)
        assert (done.exit_code, done.verified, done.troubles) == (0, outcome.files, [])
        assert_valid(copied)
        odd = os.fsdecode(b"\xff\xfe.mov")
        victim = copied / f"F{NAMES.index(odd):02}" / odd
        victim.write_bytes(b"other")
        assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 11


def test_link_or_pipe_is_followed(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    (tmp_path / "secret").write_bytes(b"not on the card")
    (card / "to-file").symlink_to(tmp_path / "secret")
    (card / "to-folder").symlink_to(tmp_path)
    (card / "loop").symlink_to("loop")
    os.mkfifo(card / "pipe")
    plug = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(card)  # a socket's path may have 107 bytes
    try:
        plug.bind("socket")
    finally:
        os.chdir(here)
        plug.close()
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(card, [target], tmp_path / "state")
    assert outcome.exit_code == 0
    names = {"to-file", "to-folder", "loop", "pipe", "socket"}
    assert {problem.path for problem in outcome.problems} == names
    assert outcome.verdict == "not safe"
    assert not names & set(os.listdir(target / "A001"))
    assert scan_card(card).tree.others["pipe"] is Kind.SPECIAL


def test_file_becomes_a_link_after_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = make_card(tmp_path / "A001")
    (tmp_path / "secret").write_bytes((card / "CLIPS" / "A001C001M01.xml").read_bytes())
    victim = card / "CLIPS" / "A001C001M01.xml"
    real = os.preadv

    def swap(fd: int, buffers: list[memoryview], offset: int) -> int:
        if not victim.is_symlink():
            victim.unlink()
            victim.symlink_to(tmp_path / "secret")
        return real(fd, buffers, offset)

    monkeypatch.setattr(os, "preadv", swap)
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(card, [target], tmp_path / "state")
    assert outcome.exit_code == 10
    assert {problem.path for problem in outcome.problems} == {"CLIPS/A001C001M01.xml"}
    assert not (target / "A001" / "CLIPS" / "A001C001M01.xml").exists()


def test_planted_link_at_the_target_is_written_through(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    (target,) = make_targets(tmp_path, 1)
    outside = tmp_path / "outside"
    outside.mkdir()
    (target / "A001").symlink_to(outside)
    with pytest.raises(OffloadError, match="in the way"):
        offload(card, [target], tmp_path / "state")
    (target / "A001").unlink()
    (target / "A001").mkdir()
    (target / "A001" / "CLIPS").symlink_to(outside)
    outcome = offload(card, [target], tmp_path / "state")
    assert outcome.exit_code == 10
    assert list(outside.iterdir()) == []


def test_litter_is_copied_or_hidden(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    for name in (".Trashes", ".Spotlight-V100", "System Volume Information", "CLIPS/.Trashes"):
        (card / name).mkdir()
        (card / name / "x").write_bytes(b"litter")
    (card / "CLIPS" / ".DS_Store").write_bytes(b"litter")
    for name in ("SONYCARD.IND", ".SD_PROJECT", "._A001C001.mov"):
        (card / name).write_bytes(b"a camera wants it back")
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(card, [target], tmp_path / "state")
    assert set(outcome.ignored) == {
        ".Trashes",
        ".Spotlight-V100",
        "System Volume Information",
        "CLIPS/.DS_Store",
    }
    copied = set(contents(target / "A001"))
    assert {"SONYCARD.IND", ".SD_PROJECT", "._A001C001.mov", "CLIPS/.Trashes/x"} <= copied
    assert verify_history(target / "A001", read_plainly, SystemClock(), append=False).exit_code == 0


def test_unreadable_folder_goes_unnoticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = make_card(tmp_path / "A001")
    real = os.scandir

    def scan(path: Path) -> object:
        if str(path).endswith("CLIPS"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(card, [target], tmp_path / "state")
    assert outcome.verdict == "not safe"
    assert "CLIPS: is a folder that cannot be read, which was not copied" in outcome.reasons


def test_sparse_file_loses_its_length(tmp_path: Path) -> None:
    card = tmp_path / "A001"
    card.mkdir()
    with (card / "sparse").open("wb") as file:
        file.truncate(5_000_000)
        file.seek(4_999_999)
        file.write(b"x")
    (target,) = make_targets(tmp_path, 1)
    assert offload(card, [target], tmp_path / "state").exit_code == 0
    assert (target / "A001" / "sparse").read_bytes() == (card / "sparse").read_bytes()


def test_fingerprint_is_the_label(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    first = fingerprint(list_card(card))
    assert fingerprint(list_card(card)) == first
    clip = card / "CLIPS" / "A001C001.mov"
    os.utime(clip, ns=(1, clip.stat().st_mtime_ns + 1))
    assert fingerprint(list_card(card)) != first


@pytest.mark.parametrize("what", ["missing", "file", "empty"])
def test_card_is_none(what: str, tmp_path: Path) -> None:
    path = tmp_path / "A001"
    if what == "file":
        path.write_bytes(b"x")
    if what == "empty":
        path.mkdir()
    with pytest.raises(OffloadError, match="A001"):
        scan_card(path)


def test_litter_is_told_by_its_name_alone(tmp_path: Path) -> None:
    """A folder called like a file of litter, and the other way about, are the production's own."""
    card = make_card(tmp_path / "A001")
    (card / "CLIPS" / ".DS_Store").mkdir()
    (card / "CLIPS" / ".DS_Store" / "clip").write_bytes(b"in a folder")
    (card / "EMPTY" / ".DS_Store").write_bytes(b"litter")
    for name in ("lost+found", ".Trashes"):
        (card / name).write_bytes(b"a file")
    (target,) = make_targets(tmp_path, 1)
    outcome = offload(card, [target], tmp_path / "state")
    assert (outcome.exit_code, set(outcome.ignored)) == (0, {"EMPTY/.DS_Store"})
    copied = target / "A001"
    assert {"CLIPS/.DS_Store/clip", "lost+found", ".Trashes"} <= set(contents(copied))
    assert_valid(copied)
    assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 0
    (copied / "CLIPS" / ".DS_Store" / "clip").write_bytes(b"IN A FOLDER")
    assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 11
    (copied / "CLIPS" / ".DS_Store" / "clip").unlink()
    assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 20


@pytest.mark.parametrize("name", ["ascmhl", "CLIPS/ascmhl", "ASCMHL"])
def test_file_called_like_the_history_costs_the_manifest(name: str, tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    (card / name).write_bytes(b"x")
    (target,) = make_targets(tmp_path, 1)
    with pytest.raises(OffloadError, match=name):
        offload(card, [target], tmp_path / "state")
    assert not list(target.iterdir())


def test_card_of_small_files_needs_more_descriptors_than_there_are(tmp_path: Path) -> None:
    """A Mac gives a process 256."""
    card = make_card(tmp_path / "A001", clips=0, small=400)
    targets = make_targets(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        outcome = offload(card, targets, tmp_path / "state")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert outcome.problems == ()
    assert [target.verified for target in outcome.targets] == [outcome.files, outcome.files]
