"""Which mounts are cards, and that nothing else a system mounts is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from onset.offload import inserted
from onset.offload.disks import Mount
from onset.offload.inserted import identity, may_be_card

CARD = Mount("/media/kim/A014", "exfat", "/dev/sdz1", True, 70)


@pytest.fixture(autouse=True)
def disks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        inserted, "whole_disks", lambda path: frozenset({"sda" if str(path) in ("/", "/data") else "sdz"})
    )


@pytest.mark.parametrize(
    "mount",
    [
        CARD,
        replace(CARD, kind="fuseblk", read_only=False),
        replace(CARD, point="/run/media/kim/A014"),
        replace(CARD, point="/mnt/A014", kind="udf"),
        replace(CARD, point="/Volumes/A014", kind=""),
    ],
)
def test_card_is_overlooked(mount: Mount) -> None:
    assert may_be_card(mount, [Path("/media/kim/SHUTTLE"), Path("/media/kim/A01")])


@pytest.mark.parametrize(
    "mount",
    [
        replace(CARD, kind="tmpfs", source="tmpfs"),
        replace(CARD, kind="proc", source="proc"),
        replace(CARD, kind="overlay", source="overlay"),
        replace(CARD, kind="squashfs", source="/dev/loop3", point="/snap/core/1"),
        replace(CARD, kind="nfs4", source="nas:/share"),
        replace(CARD, kind="cifs", source="//nas/share"),
        replace(CARD, root="/footage"),  # a bind mount of a folder
        replace(CARD, point="/"),
        replace(CARD, point="/boot/efi", kind="vfat"),
        replace(CARD, point="/var/lib/docker/x", kind="ext4"),
        replace(CARD, point="/data"),  # another partition of the disk that this computer runs from
        replace(CARD, point="/media/kim/SHUTTLE"),
        replace(CARD, point="/media/kim/RAID"),  # a target is a folder on it
    ],
)
def test_something_else_is_taken_for_a_card(mount: Mount) -> None:
    assert not may_be_card(mount, [Path("/media/kim/SHUTTLE"), Path("/media/kim/RAID/footage")])


def test_card_put_in_again_is_not_noticed() -> None:
    assert identity(CARD) == identity(replace(CARD, read_only=False))  # remounted, the same card
    assert identity(CARD) != identity(replace(CARD, source="/dev/sdy1"))
