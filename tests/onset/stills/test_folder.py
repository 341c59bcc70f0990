"""The production's folder of stills: nothing is overwritten, nothing is there by halves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onset.errors import MediumError
from onset.mhl.hashes import HashFormat, spell
from onset.stills import folder as stills
from onset.stills.folder import stills_folder


def digest(content: bytes) -> str:
    return f"xxh128:{spell(HashFormat.XXH128, content)}"


def keep(production: Path, name: str, content: bytes) -> str:
    with stills_folder(production) as folder:
        return folder.keep(content, name, digest(content), 5_000_000_000)


def listed(production: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (production / "media/stills").iterdir()}


def test_file_is_there_whole_and_with_its_date(tmp_path: Path) -> None:
    assert keep(tmp_path, "IMG_1.JPG", b"one") == "media/stills/IMG_1.JPG"
    assert listed(tmp_path) == {"IMG_1.JPG": b"one"}
    assert (tmp_path / "media/stills/IMG_1.JPG").stat().st_mtime == 5


def test_two_cameras_count_from_one(tmp_path: Path) -> None:
    """IMG_0001.JPG of the next card is another picture; the first one stays."""
    assert keep(tmp_path, "IMG_1.JPG", b"one") == "media/stills/IMG_1.JPG"
    second = keep(tmp_path, "IMG_1.JPG", b"two")
    assert second == f"media/stills/IMG_1-{digest(b'two')[7:15]}.JPG"
    assert keep(tmp_path, "IMG_1.JPG", b"two") == second
    assert keep(tmp_path, "IMG_1.JPG", b"one") == "media/stills/IMG_1.JPG"
    assert sorted(listed(tmp_path).values()) == [b"one", b"two"]


def test_something_else_of_that_name_is_never_touched(tmp_path: Path) -> None:
    place = tmp_path / "media/stills"
    place.mkdir(parents=True)
    (tmp_path / "letter").write_bytes(b"keep me")
    (place / "IMG_1.JPG").symlink_to(tmp_path / "letter")
    (place / f"IMG_1-{digest(b'one')[7:15]}.JPG").mkdir()
    assert keep(tmp_path, "IMG_1.JPG", b"one") == f"media/stills/{digest(b'one')[7:]}.JPG"
    assert (tmp_path / "letter").read_bytes() == b"keep me"
    (place / f"{digest(b'one')[7:]}.JPG").write_bytes(b"changed")
    with pytest.raises(OSError, match="another file has its name"):
        keep(tmp_path, "IMG_1.JPG", b"one")
    assert not [path for path in place.iterdir() if path.name.endswith(".onset-part")]


def test_import_that_was_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    keep(tmp_path, "IMG_1.JPG", b"one")
    half = tmp_path / "media/stills/.0123456789abcdef.onset-part"
    half.write_bytes(b"on")
    keep(tmp_path, "IMG_2.JPG", b"two")
    assert not half.exists()
    assert set(listed(tmp_path)) == {"IMG_1.JPG", "IMG_2.JPG"}


def test_disk_that_is_full_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(stills, "write_all", full)
    with pytest.raises(OSError, match="No space"):
        keep(tmp_path, "IMG_1.JPG", b"one")
    assert listed(tmp_path) == {}


def test_second_import_at_once_waits_its_turn(tmp_path: Path) -> None:
    with stills_folder(tmp_path), pytest.raises(MediumError, match="Another import"), stills_folder(tmp_path):
        pass


def test_place_that_is_a_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"")
    with pytest.raises(MediumError, match="cannot be made"), stills_folder(tmp_path):
        pass


@pytest.mark.parametrize(
    "name", ["a" * 300 + ".jpg", "é" * 200 + ".jpeg", "x." + "y" * 300, "\udcff\udcfe.jpg", "...", "-"]
)
def test_name_that_no_disk_takes_is_made_one_that_it_does(tmp_path: Path, name: str) -> None:
    kept = keep(tmp_path, name, b"one")
    assert len(os.fsencode(kept.rpartition("/")[2])) <= 110
    assert (tmp_path / kept).read_bytes() == b"one"
