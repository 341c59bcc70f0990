"""FAT32 on a real disk: dates of two seconds in the local time of whoever reads them, as a target and as a card."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onset.cli.main import main
from tests.onset.offload.cards import contents, make_card
from tests.real.volumes import loop, mounted

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
Captured = pytest.CaptureFixture[str]


@contextmanager
def in_zone(monkeypatch: pytest.MonkeyPatch, zone: str, device: str, mount: Path) -> Iterator[Path]:
    """A FAT32 disk as a laptop of that time zone has it, which knows of no copy by another one."""
    with monkeypatch.context() as there:
        there.setenv("TZ", zone)
        there.setenv("XDG_STATE_HOME", str(mount.parent / zone.replace("/", "-")))
        with mounted(device, "vfat", mount, "-o", "rw+") as disk:
            yield disk


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """fusefat tells of no room at all; what it takes it writes, and reads back."""
    real = os.statvfs

    def told(path: str | Path | int) -> os.statvfs_result:
        found = real(path)
        return found if found.f_blocks else os.statvfs_result((4096, 4096, 16000, 15000, 15000, *tuple(found)[5:]))

    monkeypatch.setattr(os, "statvfs", told)


@pytest.mark.usefixtures("room")
def test_dates_of_two_seconds_make_another_card_of_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A copy that somebody made without a history. Not made by us: fusefat forgets a file's date when it is renamed."""
    card = make_card(tmp_path / "A001", clips=2)
    for number, path in enumerate(sorted(card.rglob("*.*"))):
        when = 1_774_745_999_123_456_789 + number * 1_000_000_001  # odd seconds too; the clocks of Europe go forward
        os.utime(path, ns=(when, when))
    with loop(tmp_path / "disk.img", "vfat", "SHUTTLE") as device:
        with in_zone(monkeypatch, "Europe/Berlin", device, tmp_path / "SHUTTLE") as disk:
            for path in (each for each in card.rglob("*") if each.is_file()):
                copy = disk / "A001" / path.relative_to(card)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
                os.utime(copy, ns=(path.stat().st_mtime_ns, path.stat().st_mtime_ns))
                assert copy.stat().st_mtime % 2 == 0, "else this is no FAT"
        with in_zone(monkeypatch, "Europe/London", device, tmp_path / "SHUTTLE") as disk:
            assert main(["offload", str(card), str(disk), "--json"]) == 0
            told = json.loads(capsys.readouterr().out)["targets"][0]
            assert (told["path"], told["verified"], told["recognised"]) == (str(disk / "A001"), 8, 8)
            (clip := card / "CLIPS" / "A001C003.mov").write_bytes(b"x" * 5000)
            assert main(["offload", str(card), str(disk), "--json"]) == 0
            told = json.loads(capsys.readouterr().out)["targets"][0]
            assert (told["path"], told["verified"], told["recognised"]) == (str(disk / "A001"), 9, 8)
            assert contents(disk / "A001") == contents(card)
            assert (disk / "A001" / clip.relative_to(card)).read_bytes() == b"x" * 5000


def test_fat32_card_that_another_laptop_copied_is_taken_for_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """Its dates are an hour later in Berlin; in one time zone it is the same card however often it is put in."""
    production, target = tmp_path / "Harbour", tmp_path / "RAID"
    target.mkdir()
    assert main(["new", str(production), "--title", "Harbour Lights", "--rate", "25"]) == 0
    offload = ["-p", str(production), "offload", str(tmp_path / "A001"), str(target), "--json"]
    with loop(tmp_path / "card.img", "vfat", "A001") as device:
        with in_zone(monkeypatch, "Europe/London", device, tmp_path / "A001") as card:
            make_card(card / "DCIM", clips=2)
        notes = []
        for zone in ("Europe/London", "Europe/London", "Europe/Berlin"):
            with in_zone(monkeypatch, zone, device, tmp_path / "A001"):
                capsys.readouterr()
                assert main(offload) == 0
                notes.append(" ".join(json.loads(capsys.readouterr().out)["warnings"]))
        assert "already" not in notes[0]
        assert "offloaded already" in notes[1]
        assert "the log has a card with the very clips of this one, A001: copied by " in notes[2]
