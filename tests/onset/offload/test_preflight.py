"""What is refused before the first byte, and that the refusal names it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from onset.errors import OffloadError
from onset.mhl.tree import FileEntry, Tree
from onset.offload import preflight
from onset.offload.card import Card, scan_card
from onset.offload.disks import Mount
from onset.offload.place import Place, Target, find_place
from onset.offload.preflight import check_names, check_space, check_targets, long_paths
from onset.offload.whose import is_of_card
from tests.needs import require
from tests.onset.offload.cards import job_for, make_card, make_targets

TWINS = [("A001.mov", "a001.MOV"), ("Caf\u00e9", "Cafe\u0301"), ("STRASSE", "straße")]
UNFIT = ["a:b", "a?", "a*", 'a"', "a<b", "a|b", "a\\b", "a\nb", "dot.", "blank ", "CON", "nul.mov"]


def card_with(*names: str, size: int = 1) -> Card:
    tree = Tree({name: FileEntry(name, size, 0, 1) for name in names}, {})
    return Card(Path("/card"), "A001", tree, "f", frozenset({"sdx"}), None)


def on(kind: str, monkeypatch: pytest.MonkeyPatch) -> Target:
    mount = Mount("/t", kind, "/dev/x", False, 1)
    monkeypatch.setattr(preflight, "mount_of", lambda path: mount)
    return Target(Path("/t"), "A001")


@pytest.mark.parametrize("kind", ["exfat", "vfat", "ntfs3", "fuseblk", "hfsplus", "apfs"])
@pytest.mark.parametrize(
    ("one", "other"), [("A001.mov", "a001.MOV"), ("Caf\u00e9", "Cafe\u0301"), ("STRASSE", "straße")]
)
def test_twins_become_one_file(kind: str, one: str, other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OffloadError) as caught:
        check_names(card_with(one, other), [on(kind, monkeypatch)])
    assert one in str(caught.value)
    assert other in str(caught.value)


def test_twins_are_refused_where_they_can_live(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names(card_with("A001.mov", "a001.MOV"), [on("ext4", monkeypatch)])


@pytest.mark.parametrize(
    "name", ["a:b", "a?", "a*", 'a"', "a<b", "a|b", "a\\b", "a\nb", "dot.", "blank ", "CON", "nul.mov"]
)
def test_name_that_windows_cannot_hold(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OffloadError, match="cannot hold"):
        check_names(card_with(f"CLIPS/{name}"), [on("exfat", monkeypatch)])
    check_names(card_with(f"CLIPS/{name}"), [on("ext4", monkeypatch)])


def test_long_chinese_name_is_refused_where_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """exFAT and NTFS count characters, ext4 bytes: such a card can come from a camera, and go to a shuttle."""
    check_names(card_with("條" * 255), [on("exfat", monkeypatch)])
    for kind, name in (("exfat", "條" * 256), ("ntfs", "\U0001f3ac" * 128), ("ext4", "條" * 86)):
        with pytest.raises(OffloadError, match="longer than 255"):
            check_names(card_with(name), [on(kind, monkeypatch)])


def test_path_too_long_for_windows_is_kept_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is the path on the disk, wherever it is mounted here."""
    card = card_with("a" * 200 + "/" + "b" * 48, "a" * 200 + "/" + "b" * 49, "short")
    mount = Mount(str(tmp_path), "exfat", "/dev/x", False, 1)
    place = Place(Target(tmp_path, "day1"), tmp_path / "day1", frozenset())
    monkeypatch.setattr(preflight, "mount_of", lambda path: mount)
    assert long_paths(card, [replace(place, folder=tmp_path / "day001")]) == [
        f"{'a' * 200}/{'b' * 49} will have a path of over 260 characters on {tmp_path}, which many programs on Windows "
        "cannot open"
    ]
    assert "and 1 more will" in long_paths(card, [replace(place, folder=tmp_path / "day1_2/A")])[0]
    monkeypatch.setattr(preflight, "mount_of", lambda path: replace(mount, kind="ext4"))
    assert long_paths(card, [place]) == []


def test_five_gigabytes_on_fat32(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OffloadError, match="4 GiB"):
        check_names(card_with("big.mov", size=1 << 32), [on("vfat", monkeypatch)])
    check_names(card_with("big.mov", size=(1 << 32) - 1), [on("vfat", monkeypatch)])
    check_names(card_with("big.mov", size=1 << 32), [on("exfat", monkeypatch)])


def test_second_target_is_taken_for_one_like_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are gone through once for each kind of file system, not once for each target."""
    kinds = {"t1": "ext4", "t2": "ext4", "t3": "exfat"}
    monkeypatch.setattr(
        preflight, "mount_of", lambda path: Mount("/", kinds.get(path.parts[-1], "ext4"), "/dev/x", False, 1)
    )
    monkeypatch.setattr(preflight, "standing", lambda path: path.parent)
    targets = [Target(Path(f"/{name}"), "A001") for name in kinds]
    check_names(card_with("a:b"), targets[:2])
    with pytest.raises(OffloadError, match=r"/t3 \(exfat\) cannot hold a:b"):
        check_names(card_with("a:b"), targets)


@pytest.mark.parametrize("name", ["ascmhl", "Clips/AscMHL"])
def test_file_has_the_name_of_the_histories(name: str) -> None:
    with pytest.raises(OffloadError, match="ASC MHL history"):
        check_names(card_with("a", name), [])


def test_file_is_called_like_an_unfinished_copy() -> None:
    with pytest.raises(OffloadError, match="onset-part"):
        check_names(card_with("a", "a.onset-part"), [])


def refused(card: Path, target: Path) -> str:
    with pytest.raises(OffloadError) as caught:
        check_targets(scan_card(card), [Target(target, card.name)])
    return str(caught.value)


def test_target_makes_no_sense(tmp_path: Path) -> None:
    card = make_card(tmp_path / "media" / "A001")
    (tmp_path / "file").write_bytes(b"")
    assert "does not exist" in refused(card, tmp_path / "nowhere")
    assert "not a folder" in refused(card, tmp_path / "file")
    assert "the card itself" in refused(card, card)
    assert "the card itself" in refused(card, card.parent)  # PATH/A001 is where the card is
    assert "lies on the card" in refused(card, card / "CLIPS")
    (tmp_path / "alias").symlink_to(card)
    assert "the card itself" in refused(card, tmp_path / "alias")
    (tmp_path / "t").mkdir()
    (tmp_path / "same").symlink_to(tmp_path / "t")
    with pytest.raises(OffloadError, match="one and the same"):
        check_targets(scan_card(card), [Target(tmp_path / "t", "A001"), Target(tmp_path / "same", "A001")])
    with pytest.raises(OffloadError, match="No target"):
        check_targets(scan_card(card), [])


def test_one_copy_lies_inside_the_other(tmp_path: Path) -> None:
    card = scan_card(make_card(tmp_path / "media" / "A001"))
    (tmp_path / "m1" / "A001").mkdir(parents=True)
    for pair in (("m1", "m1/A001"), ("m1/A001", "m1")):
        with pytest.raises(OffloadError, match="one inside the other"):
            check_targets(card, [Target(tmp_path / path, "A001") for path in pair])
    (tmp_path / "m1" / "B").mkdir()
    check_targets(card, [Target(tmp_path / path, "A001") for path in ("m1", "m1/B")])


@pytest.mark.parametrize("bound", ["", "CLIPS"])
def test_card_is_written_to_through_a_second_mount(bound: str, tmp_path: Path) -> None:
    card = make_card(tmp_path / "media" / "A001")
    before = sorted(card.rglob("*"))
    second = tmp_path / "second"
    second.mkdir()
    with mounted("--bind", card / bound, second):
        told = refused(card, second)
        assert "lies on the card" in told or "the card itself" in told
    with mounted("--bind", card.parent, second):
        assert "the card itself" in refused(card, second)
    assert sorted(card.rglob("*")) == before


def test_one_folder_on_two_mounts_is_two_targets(tmp_path: Path) -> None:
    card = scan_card(make_card(tmp_path / "media" / "A001"))
    one, two = make_targets(tmp_path)
    with mounted("--bind", one, two), pytest.raises(OffloadError, match="one and the same"):
        check_targets(card, [Target(one, "A001"), Target(two, "A001")])


@contextmanager
def mounted(*arguments: str | Path) -> Iterator[None]:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    require(done.returncode == 0, "mounting needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", arguments[-1]], check=True)


def test_target_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = make_card(tmp_path / "A001")
    (target,) = make_targets(tmp_path, 1)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != target)
    assert "not writable" in refused(card, target)


def room(free: int, monkeypatch: pytest.MonkeyPatch, *, names: int = 10_000) -> None:
    told = SimpleNamespace(f_frsize=4096, f_bavail=free // 4096, f_files=10_000, f_favail=names)
    monkeypatch.setattr(os, "statvfs", lambda path: told)


def test_two_targets_share_one_disks_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = scan_card(make_card(tmp_path / "A001", clips=1, clip_bytes=20_000_000))
    places = [find_place(Target(target, "A001"), card) for target in make_targets(tmp_path)]
    room(30_000_000, monkeypatch)
    check_space(card, places[:1])
    with pytest.raises(OffloadError, match=r"T1 and .*T2: .* MB needed, 30\.0 MB free"):
        check_space(card, places)


def test_unfinished_copy_of_a_job_that_was_cut_off_needs_its_room_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = scan_card(make_card(tmp_path / "A001", clips=1, clip_bytes=20_000_000))
    (target,) = make_targets(tmp_path, 1)
    copied = target / "A001" / "CLIPS"
    copied.mkdir(parents=True)
    (copied / "A001C001.mov.onset-part").write_bytes(bytes(19_000_000))
    room(10_000_000, monkeypatch)
    check_space(card, [find_place(Target(target, "A001"), card)])
    (copied / "A001C001.mov.onset-part").rename(copied / "A001C009.mov.onset-part")
    with pytest.raises(OffloadError, match=r"10\.0 MB free"):
        check_space(card, [find_place(Target(target, "A001"), card)])


def test_hollow_clip_is_taken_for_the_little_room_it_has_on_the_card(tmp_path: Path) -> None:
    """A copy is data, whatever the card's file system spares."""
    card = make_card(tmp_path / "A001", clips=1)
    with (card / "CLIPS" / "A001C002.mov").open("wb") as hollow:
        hollow.truncate(8 << 40)
    (target,) = make_targets(tmp_path, 1)
    with pytest.raises(OffloadError, match=r"8\.8 TB needed"):
        check_space(scan_card(card), [find_place(Target(target, "A001"), scan_card(card))])


def test_no_room_for_more_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = scan_card(make_card(tmp_path / "A001"))
    (target,) = make_targets(tmp_path, 1)
    room(1 << 40, monkeypatch, names=3)
    with pytest.raises(OffloadError, match="room for 3 more names"):
        check_space(card, [find_place(Target(target, "A001"), card)])


def test_refusal_leaves_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = make_card(tmp_path / "A001")
    targets = make_targets(tmp_path)
    room(1000, monkeypatch)
    with pytest.raises(OffloadError, match="needed"):
        job_for(card, targets, tmp_path / "state").run()
    assert [list(target.iterdir()) for target in targets] == [[], []]
    assert not (tmp_path / "state").exists()


def test_folder_of_another_card_is_taken_for_this_one() -> None:
    mine = Tree({"a": FileEntry("a", 3, 10**18, 1), "b": FileEntry("b", 4, 10**18, 2)}, {})

    def there(**files: tuple[int, int]) -> Tree:
        return Tree({name: FileEntry(name, size, mtime, 9) for name, (size, mtime) in files.items()}, {})

    assert is_of_card(there(a=(3, 10**18)), mine)
    assert is_of_card(there(a=(3, 10**18 + 2 * 10**9)), mine)  # FAT keeps two seconds
    assert is_of_card(there(a=(3, 10**18 - 3600 * 10**9)), mine)  # and local time
    assert not is_of_card(there(a=(3, 10**18 + 60 * 10**9)), mine)
    assert not is_of_card(there(a=(5, 10**18)), mine)
    assert not is_of_card(there(c=(3, 10**18)), mine)


@pytest.mark.parametrize("folder", ["", ".", "..", "a/../..", "/"])
def test_card_goes_beside_its_target(folder: str, tmp_path: Path) -> None:
    card = scan_card(make_card(tmp_path / "A001"))
    (target,) = make_targets(tmp_path, 1)
    with pytest.raises(OffloadError, match="a folder of its own"):
        find_place(Target(target, folder), card)
