"""What a still's file says of itself, and files that are no still."""

from __future__ import annotations

import os
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.domain.still import TakenBy
from onset.errors import MediumError
from onset.stills.picture import read_picture, stills_in
from tests.needs import require
from tests.onset.stills.pictures import jpeg, png, put

_NS = 1_000_000_000


def utc(*moment: int) -> int:
    """Nanoseconds; tests run in UTC."""
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * _NS  # type: ignore[arg-type, misc]  # year, month, day …


def test_camera_time_and_turn_are_read(tmp_path: Path) -> None:
    picture = read_picture(put(tmp_path, "IMG_1.JPG", jpeg("2026:05:29 14:02:31", orientation=6)))
    assert (picture.taken_ns, picture.taken_by) == (utc(2026, 5, 29, 14, 2, 31), TakenBy.EXIF)
    assert picture.camera == "Canon EOS R6"
    assert (picture.width, picture.height) == (48, 64)  # it is looked at upright


@pytest.mark.parametrize(
    ("zone", "hour", "by"),
    [
        ("+02:00", 12, TakenBy.EXIF_ZONE),
        ("-05:30", 19, TakenBy.EXIF_ZONE),
        ("+99:00", 14, TakenBy.EXIF),
        ("somewhere", 14, TakenBy.EXIF),
        ("", 14, TakenBy.EXIF),
    ],
)
def test_zone_that_the_camera_wrote_counts(tmp_path: Path, zone: str, hour: int, by: TakenBy) -> None:
    minute = 30 if zone == "-05:30" else 0
    picture = read_picture(put(tmp_path, "a.jpg", jpeg("2026:05:29 14:00:00", zone=zone)))
    assert (picture.taken_ns, picture.taken_by) == (utc(2026, 5, 29, hour, minute), by)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("IMG_20260529_140231.jpg", (2026, 5, 29, 14, 2, 31)),
        ("PXL_20260529_120231123.jpg", (2026, 5, 29, 12, 2, 31)),
        ("2026-05-29 14.02.31.jpg", (2026, 5, 29, 14, 2, 31)),
        ("Screenshot 2026-05-29 at 14.02.31.png", (2026, 5, 29, 14, 2, 31)),
        ("WhatsApp Image 2026-05-29 at 14.02.31 (2).jpeg", (2026, 5, 29, 14, 2, 31)),
        ("20260529_140231.jpg", (2026, 5, 29, 14, 2, 31)),
    ],
)
def test_name_is_the_clock_where_the_file_has_none(tmp_path: Path, name: str, moment: tuple[int, ...]) -> None:
    picture = read_picture(put(tmp_path, name, jpeg()))
    assert (picture.taken_ns, picture.taken_by) == (utc(*moment), TakenBy.NAME)


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("IMG_4711.jpg", None),
        ("IMG_4711.jpg", "0000:00:00 00:00:00"),
        ("IMG_4711.jpg", "    :  :     :  :  "),
        ("IMG_4711.jpg", "2026:13:40 25:61:61"),
        ("IMG_4711.jpg", "1904:01:01 00:00:00"),
        ("IMG_4711.jpg", "9999:12:31 23:59:59"),
        ("IMG_4711.jpg", "0001:01:01 00:00:00"),
        ("IMG_4711.jpg", "x" * 5000),
        ("IMG_20261340_250000.jpg", None),
        ("120260529_1402312.jpg", None),
    ],
)
def test_clock_that_says_nothing_leaves_the_files_own_time(tmp_path: Path, name: str, taken: str | None) -> None:
    path = put(tmp_path, name, jpeg(taken))
    os.utime(path, ns=(5 * _NS, 7 * _NS))
    assert (read_picture(path).taken_ns, read_picture(path).taken_by) == (7 * _NS, TakenBy.FILE)


@pytest.mark.parametrize("seconds", [0, 13_000_000_000])
def test_files_own_time_that_cannot_be_is_no_time(tmp_path: Path, seconds: int) -> None:
    path = put(tmp_path, "IMG_4711.jpg", jpeg())
    os.utime(path, (seconds, seconds))
    require(path.stat().st_mtime == seconds, "this file system keeps no such date")
    assert (read_picture(path).taken_ns, read_picture(path).taken_by) == (None, None)


def test_hostile_words_in_exif_are_plain_text(tmp_path: Path) -> None:
    picture = read_picture(put(tmp_path, "a.jpg", jpeg(camera=("\x1b]0;PWN\x07", "M" * 500))))
    assert picture.camera.isprintable()
    assert len(picture.camera) <= 80


def test_png_with_another_ending_is_still_a_png(tmp_path: Path) -> None:
    assert read_picture(put(tmp_path, "a.jpg", png())).width == 64


def _bomb() -> bytes:
    """A PNG of a few bytes that says it is 60,000 points wide and high (PNG 1.2, 11.2.2)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    idat = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")


def _wide(points: int) -> bytes:
    """A JPEG whose frame header says another size."""
    content = bytearray(jpeg(size=(64, 48)))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", points, points)
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        pytest.param("a.jpg", b"", "it is empty", id="empty"),
        pytest.param("a.jpg", b"42C/3 circled\n" * 90, "no JPEG and no PNG", id="text"),
        pytest.param("a.jpg", b"%PDF-1.7 " + b"x" * 900, "no JPEG and no PNG", id="pdf"),
        pytest.param("a.jpg", b"GIF89a" + b"\0" * 90, "no JPEG and no PNG", id="gif"),
        pytest.param("a.jpg", jpeg()[:-200], "cut off or damaged", id="cut jpeg"),
        pytest.param("a.jpg", jpeg(size=(640, 480))[:400], "cut off or damaged", id="jpeg cut in its tables"),
        pytest.param("a.png", png((300, 300))[:-30], "cut off or damaged", id="cut png"),
        pytest.param("a.jpg", jpeg()[:4], "JPEG", id="four bytes"),
        pytest.param("a.png", _bomb(), "bigger than any sensor", id="png bomb"),
        pytest.param("a.jpg", _wide(65_000), "bigger than any sensor", id="jpeg bomb"),
        pytest.param("a.jpg", _wide(12_900), "bigger than any sensor", id="jpeg just too big"),
        pytest.param("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 90, "HEIC", id="heic"),
        pytest.param("a.jpg", b"\0\0\0\x18ftypmif1" + b"\0" * 90, "HEIC", id="heic by another name"),
    ],
)
def test_file_that_is_no_whole_still_says_why(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    with pytest.raises(MediumError, match=said) as refused:
        read_picture(put(tmp_path, name, content))
    assert "\n" not in str(refused.value)


def test_png_changed_by_one_bit_is_damaged(tmp_path: Path) -> None:
    content = bytearray(png((300, 300)))
    content[len(content) // 2] ^= 1
    with pytest.raises(MediumError, match="damaged"):
        read_picture(put(tmp_path, "a.png", bytes(content)))


def test_damaged_exif_costs_the_time_and_not_the_still(tmp_path: Path) -> None:
    content = bytearray(jpeg("2026:05:29 14:02:31"))
    at = content.index(b"Exif\0\0") + 6
    content[at : at + 40] = b"\xff" * 40
    picture = read_picture(put(tmp_path, "IMG_20260529_150000.jpg", bytes(content)))
    assert (picture.taken_by, picture.width) == (TakenBy.NAME, 64)


@given(
    at=st.integers(0, 1000), junk=st.binary(max_size=24), drop=st.integers(0, 24), of=st.sampled_from(["jpg", "png"])
)
def test_damage_anywhere_is_a_still_or_one_sentence(damaged: Path, at: int, junk: bytes, drop: int, of: str) -> None:
    whole = jpeg("2026:05:29 14:02:31", orientation=6, zone="+02:00") if of == "jpg" else png()
    at = at * len(whole) // 1000
    damaged.write_bytes(whole[:at] + junk + whole[at + drop :])
    try:
        said = read_picture(damaged).camera
    except MediumError as refused:
        said = str(refused)
    assert said.isprintable()


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("card") / "IMG_4711.jpg"


def test_pipe_link_and_folder_are_not_opened(tmp_path: Path) -> None:
    put(tmp_path, "real.jpg", jpeg())
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "real.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for name, said in (("pipe", "no plain file"), ("link", "symbolic"), ("loop", "symbolic"), ("folder", "folder")):
        with pytest.raises(MediumError, match=said):
            read_picture(tmp_path / f"{name}.jpg")
    with pytest.raises(MediumError, match="No such file"):
        read_picture(tmp_path / "gone.jpg")


def test_folder_is_walked_without_links_and_hidden_files(tmp_path: Path) -> None:
    for name in ("b/IMG_2.JPG", "a/IMG_1.png", "IMG_3.heic", "._IMG_3.jpg", ".trash/IMG_9.jpg", "IMG_1.CR3", "a.txt"):
        path = tmp_path / name
        put(path.parent, path.name, b"x")
    (tmp_path / "elsewhere").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe.jpg")
    found, others = stills_in(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "IMG_3.heic",
        "pipe.jpg",
        "a/IMG_1.png",
        "b/IMG_2.JPG",
    ]
    assert others == 2
