"""A disk that is not there: its empty mount point is never filled, and the sentence says what to connect."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.errors import OffloadError
from onset.offload import disks, mounted
from onset.offload.disks import Mount
from onset.offload.mounted import check_mounted, is_empty_mount_point
from onset.offload.place import Target

ROOT = Mount("/", "ext4", "/dev/sda2", False, 1)
STICK = Mount("/media/SHUTTLE", "exfat", "/dev/sdb1", False, 2)


@pytest.mark.parametrize(
    ("path", "mount", "empty"),
    [
        ("/media/SHUTTLE", ROOT, True),
        ("/media/kim/SHUTTLE/day1", ROOT, True),
        ("/run/media/kim/SHUTTLE", Mount("/run", "tmpfs", "tmpfs", False, 3), True),
        ("/run/media/kim/SHUTTLE", Mount("/run/media/kim/SHUTTLE", "exfat", "/dev/sdb1", False, 3), False),
        ("/media/SHUTTLE/day1", STICK, False),
        ("/media/RAID", Mount("/media", "ext4", "/dev/sda3", False, 5), True),
        ("/srv/media/SHUTTLE", ROOT, False),
        ("/mnt/raid", ROOT, True),  # fstab has it
        ("/mnt/raid/footage", ROOT, True),
        ("/mnt/raid/footage", Mount("/mnt/raid", "xfs", "/dev/md0", False, 4), False),
        ("/mnt/raid two", ROOT, True),
        ("/mnt/other", ROOT, False),
        ("/anything", None, False),
    ],
)
def test_empty_mount_point_is_taken_for_a_disk(
    path: str, mount: Mount | None, empty: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fstab = tmp_path / "fstab"
    fstab.write_text(
        "# disks\nUUID=1 / ext4 defaults 0 1\n\n/dev/md0 /mnt/raid xfs nofail 0 2\nx /mnt/raid\\040two xfs\nswap\n"
    )
    monkeypatch.setattr(mounted, "_FSTAB", fstab)
    assert is_empty_mount_point(Path(path), mount) is empty


def refused(target: Target) -> str:
    with pytest.raises(OffloadError) as caught:
        check_mounted([target])
    return str(caught.value)


def test_disk_to_connect_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounted, "_PLUGGED", (tmp_path / "media",))
    path = tmp_path / "media" / "SHUTTLE"
    for there in (False, True):  # the leftover folder makes no difference
        if there:
            path.mkdir(parents=True)
        assert f"No disk is mounted at {path}; connect SHUTTLE and start again" in refused(Target(path, "A001"))
        assert 'connect "shuttle"' in refused(Target(path, "A001", "shuttle"))
        assert 'connect "Shuttle 2"' in refused(Target(path, "A001", "shuttle", volume="Shuttle 2"))
        assert 'connect "shuttle"' in refused(Target(path, "A001", "shuttle", removable=True))
        check_mounted([Target(path, "A001", "shuttle", removable=False)])
    assert list(path.iterdir()) == []


def test_folder_of_this_computer_is_no_removable_disk(tmp_path: Path) -> None:
    check_mounted([Target(tmp_path, "A001", "shuttle")])
    assert "is a folder of this computer" in refused(Target(tmp_path, "A001", "shuttle", removable=True))


def test_other_disk_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounted, "mount_of", lambda path: STICK)
    names: list[str] = ["RAID", "1234-ABCD"]
    monkeypatch.setattr(mounted, "volume_names", lambda mount: names)
    target = Target(tmp_path, "A001", "shuttle", volume="SHUTTLE")
    assert "Another disk is mounted" in refused(target)
    assert "RAID 1234-ABCD" in refused(target)
    for right in ("RAID", "1234-abcd"):  # a serial is written in either case
        check_mounted([Target(tmp_path, "A001", "shuttle", volume=right)])
    names.clear()
    assert "cannot be told here" in refused(target)


def test_spaces_in_a_label_are_misread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = tmp_path / "sdb1"
    device.touch()
    (tmp_path / "by-label").mkdir()
    (tmp_path / "by-label" / r"Shuttle\x202").symlink_to(device)
    monkeypatch.setattr(mounted, "_BY", tmp_path)
    assert mounted.volume_names(Mount("/media/x", "exfat", str(device), False, 2)) == ["Shuttle 2"]


def test_volume_whose_name_ends_a_line_hides_its_mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel escapes blanks and line ends; of what else ends a line for Python it knows nothing."""
    table = tmp_path / "mountinfo"
    lines = [f"2{n} 1 8:{n} / /media/{name} rw - exfat /dev/sd{n} rw" for n, name in enumerate(("A\x0c1", "B\u2028 2"))]
    table.write_text("\n".join(lines).replace("\u2028 2", "\u2028\\0402") + "\n")
    monkeypatch.setattr(disks, "_MOUNTS", table)
    assert [mount.point for mount in disks.mounts()] == ["/media/A\x0c1", "/media/B\u2028 2"]
