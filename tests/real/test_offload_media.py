"""Offloads onto real file systems on loop devices, judged by the ASC MHL reference tool, the schemas and xxhsum."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from onset.mhl.asc import read_manifest
from onset.mhl.hashes import HashFormat
from onset.offload.disks import _SYS, _disks_under, whole_disks
from tests.independent import digests_of, reference_accepts, run, same_bytes
from tests.needs import require
from tests.onset.offload.cards import MIB, contents, make_card

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

DIES_AFTER_THE_FIRST = """
import os, sys
from onset.cli import offload_then
offload_then.tell_first = lambda *_: os._exit(9)
from onset.cli.main import main
main(sys.argv[1:])
"""


def onset(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "onset", *arguments)


class Disk:
    """A file system on a loop device of its own."""

    def __init__(self, image: Path, mount: Path, device: str) -> None:
        self.image, self.mount, self.device = image, mount, device

    def flip(self, data: bytes) -> None:
        """Change one bit on the medium, behind the file system's back."""
        whole = self.image.read_bytes()
        offset = whole.find(data)
        assert offset > 0
        assert whole.find(data, offset + 1) < 0
        with self.image.open("r+b") as file:
            file.seek(offset + 40)
            file.write(bytes([data[40] ^ 4]))
        run("blockdev", "--flushbufs", self.device)


def make_disk(stack: ExitStack, folder: Path, name: str, kind: str, mib: int) -> Disk:
    require(os.geteuid() == 0, "mounting a loop device needs root")
    for program in ("losetup", f"mkfs.{kind}", "mount", "blockdev"):
        require(program)
    image, mount = folder / f"{name}.img", folder / name
    with image.open("wb") as file:
        file.truncate(mib * MIB)
    mount.mkdir()
    made = run(f"mkfs.{kind}", "-q", image)
    assert made.returncode == 0, made.stderr
    device = run("losetup", "--find", "--show", image).stdout.strip()
    require(bool(device), "no loop device can be set up here")
    stack.callback(run, "losetup", "--detach", device)
    mounted = run("mount", device, mount)
    assert mounted.returncode == 0, mounted.stderr
    stack.callback(run, "umount", mount)
    return Disk(image, mount, device)


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[list[Disk]]:
    with ExitStack() as stack:
        yield [
            make_disk(stack, tmp_path, "SHUTTLE", "ext4", 900),
            make_disk(stack, tmp_path, "RAID", "xfs", 900),
        ]


def test_two_real_disks(tmp_path: Path, disks: list[Disk]) -> None:
    """Three clips of 200 MB and 2,000 small files: the size at which the engine's two ways are both at work."""
    card = make_card(tmp_path / "A001", clips=3, clip_bytes=200_000_000, small=2000)
    done = onset("offload", card, disks[0].mount, disks[1].mount, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [target["verified"] for target in result["targets"]] == [2004, 2004]
    assert [target["read_back"] for target in result["targets"]] == ["direct", "direct"]
    assert result["verdict"] == "safe", result["reasons"]
    assert len({target["disk"] for target in result["targets"]}) == 2
    for disk in disks:
        same_bytes(card, disk.mount / "A001")
        reference_accepts(disk.mount / "A001")
        again = onset("verify", disk.mount / "A001", "--json")
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["generation"] == 2
        reference_accepts(disk.mount / "A001")


def test_digests_of_a_copy_agree_only_with_ourselves(tmp_path: Path, disks: list[Disk]) -> None:
    """Of a clip of several blocks with an odd end, of small files and of an empty one, in every format at once."""
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=17 * MIB + 5, small=3)
    formats = ",".join(HashFormat)
    assert onset("offload", card, disks[0].mount, disks[1].mount, "--hash", formats).returncode == 0
    (manifest,) = (disks[0].mount / "A001" / "ascmhl").glob("*.mhl")
    records = read_manifest(manifest).files
    assert len(records) == 5
    for record in records:
        assert {entry.format: entry.digest for entry in record.entries} == digests_of(card / record.path)
    reference_accepts(disks[1].mount / "A001")


def test_bit_flipped_on_the_medium_hides_in_the_cache(tmp_path: Path, disks: list[Disk]) -> None:
    card = make_card(tmp_path / "A001")
    assert onset("offload", card, disks[0].mount, disks[1].mount).returncode == 0
    os.sync()
    clip = "CLIPS/A001C002.mov"
    for disk in disks:
        (disk.mount / "A001" / clip).read_bytes()  # now the cache holds the right bytes
        disk.flip((card / clip).read_bytes()[MIB : MIB + 4096])
        found = onset("verify", disk.mount / "A001", "--json")
        assert found.returncode == 11, found.stdout + found.stderr
        assert [problem["path"] for problem in json.loads(found.stdout)["problems"]] == [clip]


def test_card_of_a_foreign_tool_is_carried_on_wrongly(tmp_path: Path, disks: list[Disk]) -> None:
    """The reference tool makes the card's history, with a nested one; we copy both and extend both."""
    tool = Path(sys.executable).with_name("ascmhl")
    require(tool.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    card = make_card(tmp_path / "A001")
    assert run(tool, "create", "-h", "md5", card / "CLIPS").returncode == 0
    assert run(tool, "create", "-h", "xxh64", card).returncode == 0
    before = contents(card)
    done = onset("offload", card, disks[0].mount, "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["targets"][0]["generation"] == 2
    copied = disks[0].mount / "A001"
    assert contents(copied) == before
    assert len(list((copied / "CLIPS" / "ascmhl").glob("*.mhl"))) == 3
    reference_accepts(copied, folders=False)
    assert onset("verify", copied).returncode == 0
    reference_accepts(copied, folders=False)


def test_reference_tool_goes_on_where_we_stopped(tmp_path: Path, disks: list[Disk]) -> None:
    tool = Path(sys.executable).with_name("ascmhl")
    require(tool.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    card = make_card(tmp_path / "A001")
    assert onset("offload", card, disks[0].mount).returncode == 0
    copied = disks[0].mount / "A001"
    created = run(tool, "create", "-h", "md5", copied)
    assert created.returncode == 0, created.stdout + created.stderr
    verified = onset("verify", copied, "--json")
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["generation"] == 3
    reference_accepts(copied)


def test_second_disk_is_filled_from_the_first(tmp_path: Path, disks: list[Disk]) -> None:
    """The card is gone when it is; in the end it is safe, and both histories are what other tools read."""
    card = make_card(tmp_path / "A001", clips=1, small=40)
    kept = tmp_path / "kept"
    shutil.copytree(card, kept)
    fast, slow = (disk.mount for disk in disks)
    words = ("offload", card, fast, "--then", slow, "--json")
    killed = subprocess.run(
        [sys.executable, "-c", DIES_AFTER_THE_FIRST, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert killed.returncode == 9, killed.stderr
    shutil.rmtree(card)
    done = onset(*words, "--require-safe")
    assert done.returncode == 0, done.stderr + done.stdout
    result = json.loads(done.stdout)
    assert (result["verdict"], result["reasons"]) == ("safe", [])
    assert [target["source"] for target in result["targets"]] == [None, f"{fast}/A001"]
    for disk in disks:
        same_bytes(kept, disk.mount / "A001")
        reference_accepts(disk.mount / "A001")


def test_bit_flipped_on_the_fast_disk_reaches_the_slow_one(tmp_path: Path, disks: list[Disk]) -> None:
    """Behind the file system's back, and while the page cache holds the right bytes."""
    card = make_card(tmp_path / "A001")
    fast, slow = disks
    words = ("offload", card, fast.mount, "--then", slow.mount, "--json")
    subprocess.run([sys.executable, "-c", DIES_AFTER_THE_FIRST, *map(str, words)], capture_output=True, check=False)
    os.sync()
    clip = "CLIPS/A001C002.mov"
    (fast.mount / "A001" / clip).read_bytes()
    fast.flip((card / clip).read_bytes()[MIB : MIB + 4096])
    done = onset(*words)
    assert done.returncode == 11, done.stderr
    result = json.loads(done.stdout)
    assert [(problem["path"], problem["target"]) for problem in result["problems"]] == [(clip, f"{fast.mount}/A001")]
    assert not (slow.mount / "A001" / clip).exists()
    assert result["verdict"] == "not safe"


def test_two_targets_on_one_disk_count_twice(tmp_path: Path, disks: list[Disk]) -> None:
    card = make_card(tmp_path / "A001")
    targets = [disks[0].mount / "one", disks[0].mount / "two"]
    for target in targets:
        target.mkdir()
    done = onset("offload", card, *targets, "--json", "--require-safe")
    assert done.returncode == 1
    result = json.loads(done.stdout)
    assert result["verdict"] == "not safe"
    assert any("1 complete copy" in reason for reason in result["reasons"])


def test_memory_is_taken_for_a_disk(tmp_path: Path, disks: list[Disk]) -> None:
    """A tmpfs opens with O_DIRECT and still reads from memory."""
    memory = tmp_path / "memory"
    memory.mkdir()
    assert run("mount", "-t", "tmpfs", "tmpfs", memory).returncode == 0
    try:
        done = onset("offload", make_card(tmp_path / "A001"), memory, disks[0].mount, "--json")
    finally:
        run("umount", memory)
    result = json.loads(done.stdout)
    assert [target["read_back"] for target in result["targets"]] == ["cache", "direct"]
    assert result["verdict"] == "not safe"


def test_disk_is_pulled(tmp_path: Path, disks: list[Disk]) -> None:
    """The file system is shut down under the copy; the other target goes on, and the pulled one resumes."""
    card = make_card(tmp_path / "A001", clips=3, clip_bytes=60_000_000)
    code = (
        "import fcntl, os, struct, sys\n"
        "from onset.offload import work\n"
        "real = work.Work.end\n"
        "def pull(self, entry, *rest):\n"
        "    real(self, entry, *rest)\n"
        "    if entry.path.endswith('A001C001.mov'):\n"
        "        fcntl.ioctl(os.open(sys.argv[3], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))\n"
        "work.Work.end = pull\n"
        "from onset.cli.main import main\n"
        "sys.exit(main(['offload', *sys.argv[1:4], '--json']))\n"
    )
    done = run(sys.executable, "-c", code, card, disks[0].mount, disks[1].mount)
    assert done.returncode == 10, done.stderr
    result = json.loads(done.stdout)
    good, pulled = result["targets"]
    assert (good["verified"], good["failed"]) == (result["files"], 0)
    assert pulled["lost"]
    assert any("given up" in reason for reason in result["reasons"])
    disk = disks[1]
    assert run("umount", disk.mount).returncode == 0
    assert run("mount", disk.device, disk.mount).returncode == 0
    again = onset("offload", card, disks[0].mount, disk.mount, "--json")
    assert again.returncode == 0, again.stdout
    assert contents(disk.mount / "A001") == contents(card)
    reference_accepts(disk.mount / "A001")


def test_exfat_takes_twins_for_one_file(tmp_path: Path) -> None:
    for program in ("mkfs.exfat", "mount.exfat-fuse", "losetup"):
        require(program)
    require(os.geteuid() == 0, "mounting a loop device needs root")
    image, mount = tmp_path / "x.img", tmp_path / "exfat"
    with image.open("wb") as file:
        file.truncate(64 * MIB)
    mount.mkdir()
    assert run("mkfs.exfat", image).returncode == 0
    device = run("losetup", "--find", "--show", image).stdout.strip()
    try:
        mounted = run("mount.exfat-fuse", device, mount)
        require(mounted.returncode == 0, f"exfat-fuse cannot mount here: {mounted.stderr}")
        try:
            card = make_card(tmp_path / "A001")
            plain = onset("offload", card, mount, "--json")
            assert plain.returncode == 0, plain.stdout + plain.stderr
            assert contents(mount / "A001") == contents(card)
            clip = card / "CLIPS" / "A001C001.mov"
            clip.rename(clip.with_name("a001c001.MOV"))  # another system read the card
            recased = onset("offload", card, mount, "--json")
            assert recased.returncode == 0, recased.stdout + recased.stderr
            assert contents(mount / "A001_2") == contents(card)
            clip.with_name("a001c001.MOV").rename(clip)
            shutil.copy(card / "CLIPS" / "A001C001.mov", card / "CLIPS" / "a001c001.MOV")
            twins = onset("offload", card, mount)
            assert twins.returncode == 1
            assert "a001c001.MOV" in twins.stderr
            assert "A001C001.mov" in twins.stderr
            (card / "CLIPS" / "a001c001.MOV").rename(card / "CLIPS" / "take: 1.mov")
            illegal = onset("offload", card, mount)
            assert illegal.returncode == 1
            assert "take: 1.mov" in illegal.stderr
        finally:
            run("umount", mount)
    finally:
        run("losetup", "--detach", device)


def test_one_image_on_two_loop_devices_counts_twice(tmp_path: Path, disks: list[Disk]) -> None:
    second = run("losetup", "--find", "--show", disks[0].image).stdout.strip()
    try:
        assert second != disks[0].device
        blocks = [f"{os.major(n)}:{os.minor(n)}" for n in (os.stat(d).st_rdev for d in (disks[0].device, second))]
        assert _disks_under(_SYS / blocks[0]) == _disks_under(_SYS / blocks[1])
        assert whole_disks(disks[0].mount) != whole_disks(disks[1].mount)
    finally:
        run("losetup", "--detach", second)


def test_other_disk_mounted_below_a_target_is_overlooked(tmp_path: Path, disks: list[Disk]) -> None:
    """Both targets are folders of one disk, but where the card goes another disk is bound: those are two media."""
    card = make_card(tmp_path / "A001")
    targets = [disks[0].mount / "one", disks[0].mount / "two"]
    (targets[0] / "A001").mkdir(parents=True)
    targets[1].mkdir()
    (disks[1].mount / "A001").mkdir()
    assert run("mount", "--bind", disks[1].mount / "A001", targets[0] / "A001").returncode == 0
    try:
        result = json.loads(onset("offload", card, *targets, "--json").stdout)
        assert result["verdict"] == "safe", result["reasons"]
        run("umount", targets[0] / "A001")
        (disks[1].mount / "other").mkdir()
        (disks[0].mount / "fake").mkdir()
        assert run("mount", "--bind", disks[0].mount / "fake", disks[1].mount / "other").returncode == 0
        other = make_card(tmp_path / "cards" / "other", seed=3)
        result = json.loads(onset("offload", other, disks[0].mount, disks[1].mount, "--json").stdout)
        assert result["verdict"] == "not safe"
    finally:
        run("umount", targets[0] / "A001")
        run("umount", disks[1].mount / "other")
