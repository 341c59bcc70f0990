"""Media that fail under an offload: a bit flips, a reader lies, a sector dies, a disk fills up, a cable is pulled.

The media are real file systems on loop devices; only the moment of the fault is chosen from inside.
"""

from __future__ import annotations

import os
import random
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from onset.mhl.tree import FileEntry
from onset.offload.prove import Written
from tests.faults.disks import fill
from tests.faults.medium import (
    before_each_proof,
    before_each_second_read,
    flip,
    offload_with_a_flip,
    place_of,
    verify_with_a_flip,
)
from tests.faults.power import volume
from tests.independent import reference_accepts, run, same_bytes
from tests.needs import require
from tests.onset.offload.cards import MIB, contents, make_card, make_targets, manifests, offload
from tests.stories.originals import film

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
FLIPS = 5
SIZE = 30 * MIB + 5  # four blocks


def onset(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "onset", *words)


@pytest.mark.parametrize("file_system", ["ext4", "xfs"])
def test_bit_that_flips_after_the_write_is_not_seen(file_system: str, tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001", clips=2, clip_bytes=3 * MIB + 77, small=3)
    chance = random.Random(7)  # places, no secrets
    with volume(tmp_path, file_system) as disk:
        for number in range(FLIPS):
            (tmp_path / f"run{number}").mkdir()
            offload_with_a_flip(card, disk, tmp_path / f"run{number}", chance)
            verify_with_a_flip(disk.folder / f"run{number}" / "A001", disk, chance)
        reference_accepts(disk.folder / "run0" / "A001", folders=False)


@pytest.mark.parametrize("name", ["CLIPS/A001C001.mov", "CLIPS/A001C002M01.xml"])
def test_reader_that_gives_other_bytes_is_not_blamed(name: str, tmp_path: Path) -> None:
    """The first read was wrong, or the card rots: every copy agrees with it, the card's second read does not."""
    targets = make_targets(tmp_path)
    places: list[int] = []
    with volume(tmp_path, "ext4") as disk:
        card = make_card(disk.folder / "A001")
        os.sync()

        def spoil(entry: FileEntry) -> None:
            if entry.path == name:
                with (card / name).open("rb") as clip:
                    places.append(place_of(clip.fileno(), entry.size * 3 // 5))
                flip(disk.image, places[0])

        with before_each_second_read(spoil):
            outcome = offload(card, targets, tmp_path / "state")
        assert (outcome.exit_code, outcome.verdict) == (11, "not safe")
        (problem,) = outcome.problems
        assert (problem.path, problem.target) == (name, None)
        assert "other bytes on a second read (a third agrees with the second): try another reader" in problem.what
        flip(disk.image, places[0])  # another reader
        again = offload(card, targets, tmp_path / "state")
        assert again.exit_code == 0
        for target in targets:
            same_bytes(card, target / "A001")
            reference_accepts(target / "A001", folders=False)


@contextmanager
def _on_btrfs(folder: Path) -> Iterator[tuple[Path, Path, Callable[[], None]]]:
    """An image, where it is mounted, and how to mount it anew. To a flipped bit the kernel answers EIO there."""
    for program in ("mkfs.btrfs", "losetup"):
        require(program)
    require(os.geteuid() == 0, "a mount on a loop device needs root")
    image, mount = folder / "btrfs.img", folder / "mnt"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(160 * MIB)
    made = run("mkfs.btrfs", "-q", "-f", "-m", "single", "-d", "single", image)
    assert made.returncode == 0, made.stderr

    def up() -> None:
        subprocess.run(["mount", "-o", "loop", image, mount], check=True)

    def anew() -> None:
        subprocess.run(["umount", mount], check=True)
        up()

    up()
    try:
        yield image, mount, anew
    finally:
        run("umount", mount)


@contextmanager
def _card_with_a_dead_sector(
    folder: Path, card: Callable[[Path], Path], name: str
) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A card that cannot be read at three fifths of a file, and what mends it."""
    with _on_btrfs(folder) as (image, mount, anew):
        made = card(mount)
        data = (made / name).read_bytes()
        anew()
        at = len(data) * 3 // 5
        place = image.read_bytes().find(data[at : at + 64])
        assert place > 0

        def turn() -> None:
            flip(image, place)
            anew()

        turn()
        yield made, turn


def _padded_film(path: Path, start: int, chance: random.Random) -> None:
    """A camera's clip with random bytes in a box that no reader looks into."""
    film(path, start, 24)
    with path.open("ab") as clip:
        clip.write((SIZE + 8).to_bytes(4, "big") + b"free" + chance.randbytes(SIZE))


def test_dead_sector_costs_more_than_its_clip(tmp_path: Path) -> None:
    """A real EIO at three fifths of a clip of four blocks; once the card is cleaned, the same command completes it."""
    production, targets = tmp_path / "Harbour", make_targets(tmp_path)
    assert onset("new", production, "--title", "Harbour", "--rate", "23.976", "--slating", "us").returncode == 0
    for take in (1, 2, 3):
        added = onset("-p", production, "log", "add", f"42C/{take}", "--at", f"10:0{take}:00:00", "--for", "1")
        assert added.returncode == 0, added.stderr
    bad = "CLIPS/A014C002_260305_R2KD.mov"

    def card(mount: Path) -> Path:
        chance = random.Random(3)  # content, no secret
        for take in (1, 2, 3):
            clip = mount / "A014" / "CLIPS" / f"A014C00{take}_260305_R2KD.mov"
            _padded_film(clip, (10 * 3600 + take * 60) * 24, chance)
        return mount / "A014"

    with _card_with_a_dead_sector(tmp_path, card, bad) as (root, mend):
        at = (root / bad).stat().st_size * 3 // 5
        right = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.mov") if path != root / bad}
        done = onset("-p", production, "offload", root, *targets)
        assert done.returncode == 10, done.stderr
        shown = " ".join(done.stdout.split())
        told = re.search(rf"! {bad}: cannot be read from the card at byte (\d+) \(Input/output error\)", shown)
        assert told is not None, shown
        assert at - 8 * MIB < int(told[1]) <= at  # its block, or its first part
        assert "verdict on the copies: NOT SAFE to format" in shown
        assert "ALARM: A014C002" in shown
        assert "42C/2" in shown.partition("ALARM: A014C002")[2]
        for target in targets:
            assert contents(target / "A014") == right
            assert len(manifests(target / "A014")) == 1
            reference_accepts(target / "A014", folders=False)
        mend()
        again = onset("-p", production, "offload", root, *targets, "--json")
        assert again.returncode == 0, again.stdout
        for target in targets:
            same_bytes(root, target / "A014")
            reference_accepts(target / "A014", folders=False)


def test_dead_sector_of_a_target_is_read_over(tmp_path: Path) -> None:
    """A target on btrfs whose read-back of the first clip ends in a real EIO: given up, and called by what it did."""
    (good,) = make_targets(tmp_path, 1)
    card = make_card(tmp_path / "A001", clips=3, clip_bytes=9 * MIB)
    with _on_btrfs(tmp_path) as (image, mount, _):

        def strike(entry: FileEntry, _written: Sequence[Written]) -> None:
            if entry.path == "CLIPS/A001C001.mov":
                at = 5 * MIB
                place = image.read_bytes().find((card / entry.path).read_bytes()[at : at + 64])
                assert place > 0
                flip(image, place)

        with before_each_proof(strike):
            outcome = offload(card, [good, mount], tmp_path / "state")
        assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
        assert outcome.targets[1].lost == "Input/output error while reading back"
        assert not (mount / "A001" / "CLIPS" / "A001C001.mov").exists()
        same_bytes(card, good / "A001")
        reference_accepts(good / "A001")
        again = offload(card, [good, mount], tmp_path / "state")
        assert (again.exit_code, again.problems) == (0, ())
        same_bytes(card, mount / "A001")


def test_device_or_pipe_on_the_card_is_read(tmp_path: Path) -> None:
    """A card that another system wrote may hold anything; opening it could wait for ever or copy a whole disk."""
    require(os.geteuid() == 0, "making a device needs root")
    card = make_card(tmp_path / "A001", clips=1)
    os.mknod(card / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    os.mknod(card / "CLIPS" / "disk", 0o600 | stat.S_IFBLK, os.makedev(7, 0))
    os.mkfifo(card / "pipe")
    targets = make_targets(tmp_path)
    outcome = offload(card, targets, tmp_path / "state")
    assert (outcome.exit_code, outcome.verdict) == (0, "not safe")
    assert {problem.path for problem in outcome.problems} == {"zero", "CLIPS/disk", "pipe"}
    assert contents(targets[1] / "A001").keys() == set(contents(card))


@pytest.mark.parametrize("fault", ["full", "dead", "unmounted"])
def test_third_disk_takes_two_others_along(fault: str, tmp_path: Path) -> None:
    """It fills up, dies, or is unmounted by force after the first clip; later it comes to one complete manifest."""
    card = make_card(tmp_path / "A001", clips=3, clip_bytes=9 * MIB, small=20)
    good = make_targets(tmp_path)
    with volume(tmp_path, "ext4") as disk:
        third = disk.folder
        done: list[Path] = []

        def strike(entry: FileEntry, _written: Sequence[Written]) -> None:
            if done or not entry.path.endswith("A001C002.mov"):
                return
            done.append(third)
            if fault == "full":
                done.append(fill(third))
            elif fault == "dead":
                disk.pull_the_plug()
            else:
                subprocess.run(["umount", "--lazy", third], check=True)

        with before_each_proof(strike):
            outcome = offload(card, [*good, third], tmp_path / "state")
        assert done
        assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
        assert [(target.verified, target.failed) for target in outcome.targets[:2]] == [(outcome.files, 0)] * 2
        assert outcome.targets[2].lost
        assert outcome.targets[2].manifest is None
        for target in good:
            same_bytes(card, target / "A001")
            reference_accepts(target / "A001")
        if fault == "full":
            done[1].unlink()
        elif fault == "dead":
            disk.power_up()
        else:
            assert list(third.iterdir()) == []  # nothing went into the empty mount point
            disk.mount()
        right = contents(card)
        there = contents(third / "A001")
        assert all(right[name] == data for name, data in there.items() if not name.endswith(".onset-part"))
        again = offload(card, [*good, third], tmp_path / "state")
        assert (again.exit_code, again.problems) == (0, ())
        assert len(manifests(third / "A001")) == 1
        same_bytes(card, third / "A001")
        reference_accepts(third / "A001")


@pytest.mark.parametrize("fault", ["dead", "unmounted"])
def test_card_that_is_pulled_ends_in_more_than_one_complete_manifest(fault: str, tmp_path: Path) -> None:
    targets = make_targets(tmp_path)
    with volume(tmp_path, "ext4") as disk:
        card = make_card(disk.folder / "A001", clips=3, clip_bytes=9 * MIB, small=20)
        right = contents(card)
        os.sync()
        done: list[str] = []

        def strike(entry: FileEntry) -> None:
            if not done:
                done.append(entry.path)
                if fault == "dead":
                    disk.pull_the_plug()
                else:
                    subprocess.run(["umount", "--lazy", disk.folder], check=True)

        with before_each_second_read(strike):
            outcome = offload(card, targets, tmp_path / "state")
        assert (outcome.exit_code, outcome.verdict) == (10, "not safe")
        for target in targets:
            there = contents(target / "A001")
            assert all(right[name] == data for name, data in there.items())
        if fault == "dead":
            disk.power_up()
        else:
            disk.mount()
        again = offload(card, targets, tmp_path / "state")
        assert again.exit_code == 0, again.problems
        for target in targets:
            same_bytes(card, target / "A001")
            reference_accepts(target / "A001")
