"""What is refused before the first byte, on real file systems: twins, names, disks that are not there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from onset.text import safe_text
from tests.independent import reference_accepts, same_bytes
from tests.needs import require
from tests.onset.offload.cards import contents, make_card
from tests.real.volumes import apart, loop, mounted, run

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

TWINS = [("A001.mov", "a001.MOV"), ("Caf\u00e9.mov", "Cafe\u0301.mov"), ("STRASSE.mov", "stra\u00dfe.mov")]
UNFIT = ["a:b", "a?", "a*", 'a"', "a<b", "a>b", "a|b", "a\\b", "a\nb", "dot.", "blank ", "CON", "nul.mov", "LPT1.wav"]


def onset(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "onset", *arguments)


@pytest.fixture(params=["exfat", "ntfs", "ntfs image"])
def windows_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The mount, and what the refusal calls its file system."""
    kind = request.param.split()[0]
    image = tmp_path / "disk.img"
    with ExitStack() as stack:
        device = stack.enter_context(loop(image, kind, "SHUTTLE"))
        source = image if "image" in request.param else device
        yield stack.enter_context(mounted(source, kind, tmp_path / "SHUTTLE")), kind


def test_a_pair_of_names_becomes_one_file(tmp_path: Path, windows_disk: tuple[Path, str]) -> None:
    """Clips, and folders of clips, that such a disk takes for one: refused, the pair named, nothing on the disk."""
    disk, kind = windows_disk
    before = sorted(disk.iterdir())
    for number, (one, other) in enumerate(TWINS):
        for place in ("CLIPS/{}", "{}/clip.mov"):
            card = make_card(tmp_path / f"A{number}{len(place)}", clips=1)
            for name in (one, other):
                (card / place.format(name)).parent.mkdir(exist_ok=True)
                (card / place.format(name)).write_bytes(b"picture")
            done = onset("offload", card, disk)
            assert done.returncode == 1, done.stdout
            assert f"({kind}) would take" in done.stderr
            assert one in done.stderr
            assert other in done.stderr
            assert len(done.stderr.splitlines()) == 1
    assert sorted(disk.iterdir()) == before


def test_a_name_comes_out_as_another(tmp_path: Path, windows_disk: tuple[Path, str]) -> None:
    disk, kind = windows_disk
    before = sorted(disk.iterdir())
    for number, name in enumerate(UNFIT):
        for place in (f"CLIPS/{name}", f"{name}/clip.mov"):
            card = make_card(tmp_path / f"A{number}{len(place)}", clips=1)
            (card / place).parent.mkdir(exist_ok=True)
            (card / place).write_bytes(b"picture")
            done = onset("offload", card, disk)
            assert done.returncode == 1, (name, done.stdout)
            assert f"({kind}) cannot hold " in done.stderr
            assert safe_text(name) in done.stderr
            assert len(done.stderr.splitlines()) == 1
    assert sorted(disk.iterdir()) == before


def test_a_card_with_good_names_is_refused(tmp_path: Path, windows_disk: tuple[Path, str]) -> None:
    """Names that only look bad: long, Chinese, with dots, spaces, a reserved word inside."""
    disk, _ = windows_disk
    card = make_card(tmp_path / "A001", clips=1)
    for name in ("console.mov", "a .mov", ".hidden", "第一條.mov", "n" * 251 + ".mov", "com10", "é"):
        (card / "CLIPS" / name).write_bytes(name.encode())
    done = onset("offload", card, disk, "--json")
    assert done.returncode == 0, done.stderr
    assert contents(disk / "A001") == contents(card)


def test_a_clip_of_four_gigabytes_is_begun_on_fat32(tmp_path: Path) -> None:
    """A hollow clip of 4 GiB, twins and a name; one byte less is refused for want of room alone."""
    card = make_card(tmp_path / "A001", clips=1)
    clip = card / "CLIPS" / "A001C002.mov"
    with ExitStack() as stack:
        device = stack.enter_context(loop(tmp_path / "disk.img", "vfat", "SHUTTLE"))
        disk = stack.enter_context(mounted(device, "vfat", tmp_path / "SHUTTLE", "-o", "rw+"))
        before = sorted(disk.iterdir())
        for size, said in ((4 << 30, "A001C002.mov: it is 4 GiB or more"), ((4 << 30) - 1, "4.3 GB needed")):
            with clip.open("wb") as hollow:
                hollow.truncate(size)
            done = onset("offload", card, disk)
            assert done.returncode == 1
            assert said in done.stderr
            assert len(done.stderr.splitlines()) == 1
        for names in (("A001C002.MOV",), ("a?.mov",)):
            clip.write_bytes(b"picture")
            for name in names:
                (clip.parent / name).write_bytes(b"picture")
            done = onset("offload", card, disk)
            assert done.returncode == 1
            assert names[0] in done.stderr
            (clip.parent / names[0]).unlink()
        assert sorted(disk.iterdir()) == before


def production(tmp_path: Path, *targets: str) -> Path:
    folder = tmp_path / "Harbour"
    assert onset("new", folder, "--title", "Harbour: Lights", "--rate", "25").returncode == 0
    with (folder / "config.toml").open("a") as config:
        config.write("".join(f"[[target]]\n{each}\n" for each in targets))
    return folder


def test_an_empty_mount_point_is_filled(tmp_path: Path) -> None:
    """By label, by UUID, and as any disk that is not this computer's; unmounted, and with another disk in its place."""
    require("blkid")
    mount = tmp_path / "SHUTTLE"
    where = f'path = "{mount}"\nfolder = "{{roll}}"'
    card = make_card(tmp_path / "A001")
    with loop(tmp_path / "s.img", "ext4", "SHUTTLE 2") as disk, loop(tmp_path / "r.img", "ntfs", "RAID") as other:
        serial = run("blkid", "-p", "-s", "UUID", "-o", "value", disk).stdout.strip()
        folder = production(
            tmp_path,
            f'name = "label"\nvolume = "SHUTTLE 2"\n{where}',
            f'name = "uuid"\nvolume = "{serial.upper()}"\n{where}',
            f'name = "any"\nremovable = true\n{where}',
        )
        mount.mkdir()
        for name, called in (("label", "SHUTTLE 2"), ("uuid", serial.upper()), ("any", "any")):
            done = onset("-p", folder, "offload", card, "--to", name)
            assert done.returncode == 1
            assert f"No disk is mounted at {mount}" in done.stderr
            assert f'connect "{called}"' in done.stderr
        assert list(mount.iterdir()) == []
        with mounted(other, "ntfs", mount):
            for name in ("label", "uuid"):
                done = onset("-p", folder, "offload", card, "--to", name)
                assert done.returncode == 1
                assert "Another disk is mounted" in done.stderr
                assert "RAID" in done.stderr
            assert not (mount / "A001").exists()
        with mounted(disk, "ext4", mount):
            for name in ("label", "uuid", "any"):
                done = onset("-p", folder, "offload", card, "--to", name, "--json")
                assert done.returncode == 0, done.stderr
                assert json.loads(done.stdout)["targets"][0]["path"] == str(mount / "A001")
        assert list(mount.iterdir()) == []


def test_a_verdict_outlives_what_it_was_about(tmp_path: Path) -> None:
    """A copied card goes back into the camera: at once nothing says safe any more; its next copy is generation 2."""
    reader = tmp_path / "A014"
    with ExitStack() as stack:
        disks = []
        for name in ("SHUTTLE", "RAID"):
            device = stack.enter_context(loop(tmp_path / f"{name}.img", "ext4", name))
            disks.append(stack.enter_context(mounted(device, "ext4", tmp_path / name)))
        card = stack.enter_context(loop(tmp_path / "card.img", "ext4", "A014"))
        folder = production(
            tmp_path, *(f'name = "{disk.name}"\npath = "{disk}"\nfolder = "{{roll}}"' for disk in disks)
        )
        copy = ("-p", folder, "offload", reader, "--to", "SHUTTLE,RAID", "--json")

        def answer(*words: str | Path) -> str:
            return onset("-p", folder, "card", *words).stdout

        with mounted(card, "ext4", reader):  # in the camera
            make_card(reader / "MEDIA")
        with mounted(card, "ext4", reader, "-o", "ro"):
            done = onset(*copy)
            first = json.loads(done.stdout)
            assert (done.returncode, first["verdict"]) == (0, "safe"), first["reasons"]
            assert first["warnings"] == []
            assert "COPIES: safe" in answer(reader)
        with mounted(card, "ext4", reader):
            (reader / "MEDIA" / "CLIPS" / "A014C009.mov").write_bytes(b"one more clip")
            assert answer(reader).startswith("Do NOT format")
            assert "safe" not in answer(reader)
            second = json.loads(onset(*copy).stdout)
        assert [target["generation"] for target in second["targets"]] == [2, 2]
        assert [target["recognised"] for target in second["targets"]] == [first["files"]] * 2
        assert any(
            "came back with 1 more file" in each and "(safe) holds no more" in each for each in second["warnings"]
        )
        assert any("mounted read-write" in each for each in second["warnings"])
        assert "it came back with 1 more" in answer("A014")
        assert contents(disks[0] / "A014") == contents(disks[1] / "A014")
        for disk in disks:
            assert onset("verify", disk / "A014").returncode == 0


def test_a_full_disk_is_seen_too_late(tmp_path: Path) -> None:
    """A disk of 64 MB takes two cards of 20 MB more after the first, as it said, and then refuses."""
    with ExitStack() as stack:
        device = stack.enter_context(loop(tmp_path / "s.img", "ext4", "SHUTTLE", mib=80))
        disk = stack.enter_context(mounted(device, "ext4", tmp_path / "SHUTTLE"))
        left = []
        for number in range(6):
            card = make_card(tmp_path / f"A00{number}", clips=1, clip_bytes=20_000_000, seed=number)
            done = onset("offload", card, disk, "--json")
            if done.returncode:
                assert "needed" in done.stderr
                break
            left.append(json.loads(done.stdout)["forecast"]["targets"][0]["more_cards"])
        assert left == list(range(len(left) - 1, -1, -1))
        assert len(left) == 3


def test_watch_does_not_notice_a_card(tmp_path: Path) -> None:
    """Disks are plugged in under a running watch: the card first, then the target; nothing of the card changes.

    In a place of its own: a watch takes what other tests mount meanwhile for cards, and copies them.
    """
    shuttle, reader = tmp_path / "SHUTTLE", tmp_path / "A014"
    with ExitStack() as stack:
        disk = stack.enter_context(loop(tmp_path / "s.img", "exfat", "SHUTTLE"))
        card = stack.enter_context(loop(tmp_path / "c.img", "ntfs", "A014"))
        within, root = stack.enter_context(apart())
        with mounted(card, "ntfs", reader):
            make_card(reader / "MEDIA")
        before = (tmp_path / "c.img").read_bytes()
        folder = production(tmp_path, f'name = "shuttle"\npath = "{shuttle}"\nvolume = "SHUTTLE"\nfolder = "{{roll}}"')
        command = [
            *within,
            sys.executable,
            "-m",
            "onset",
            "-p",
            folder,
            "offload",
            "--watch",
            "--to",
            "shuttle",
            "--yes",
            "--json",
        ]
        watch = stack.enter_context(subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True))
        stack.callback(watch.kill)

        def event() -> dict[str, object]:
            assert watch.stdout is not None
            found = json.loads(watch.stdout.readline())
            assert isinstance(found, dict)
            return found

        assert event() == {"event": "watching", "targets": ["shuttle"]}
        away = event()
        assert (away["event"], away["target"]) == ("away", "shuttle")
        assert 'connect "SHUTTLE"' in str(away["because"])
        stack.enter_context(mounted(card, "ntfs", reader, "-o", "ro", within=within))
        refused = event()
        assert refused["event"] == "refused"
        assert 'connect "SHUTTLE"' in str(refused["error"])
        stack.enter_context(mounted(disk, "exfat", shuttle, within=within))
        assert [event()["event"] for _ in range(3)] == ["card", "done", "unmount"]
        there = [root.joinpath(*path.parts[1:]) for path in (shuttle / "A014", reader)]
        assert contents(there[0]) == contents(there[1]) != {}
        watch.send_signal(signal.SIGINT)
        assert watch.wait(timeout=20) == 0
        assert (tmp_path / "c.img").read_bytes() == before


@pytest.mark.parametrize("kind", ["exfat", "ntfs"])  # fusefat tells of no room at all
def test_dates_that_a_disk_keeps_roughly_make_another_card(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """exfat-fuse drops what is less than a second: a copy without a history is known again on another laptop."""
    card = make_card(tmp_path / "A001", clips=2)
    for number, path in enumerate(sorted(card.rglob("*.*"))):
        when = 1_774_745_999_123_456_789 + number * 1_000_000_001  # the clocks of Europe go forward a second later
        os.utime(path, ns=(when, when))
    with ExitStack() as stack:
        device = stack.enter_context(loop(tmp_path / "disk.img", kind, "SHUTTLE"))
        disk = stack.enter_context(mounted(device, kind, tmp_path / "SHUTTLE"))
        for place, state in (("Europe/Berlin", "one"), ("Europe/London", "other")):
            monkeypatch.setenv("TZ", place)
            monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / state))
            done = onset("offload", card, disk, "--json")
            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)["targets"][0]
            assert (told["path"], told["verified"]) == (str(disk / "A001"), 8)
            same_bytes(card, disk / "A001")
            reference_accepts(disk / "A001")
            shutil.rmtree(disk / "A001" / "ascmhl")
        assert told["recognised"] == 8
