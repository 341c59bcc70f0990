"""Originals: what the file says, what its side-cars say, and what is left when neither can be read."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from onset.camera.clips import CardFile, clips_on
from onset.camera.original import read_clip
from onset.camera.sidecar import read_sidecar
from onset.domain.camera import Clip, Source
from onset.errors import MediumError
from onset.media import MediaFrame, MediaInfo
from onset.timecode import Timecode, rate

SONY = """<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.00" lastUpdate="2026-09-30T09:20:00+02:00">
  <Duration value="1500"/>
  <LtcChangeTable tcFps="25" halfStep="false">
    <LtcChange frameCount="0" value="14150810" status="increment"/>
    <LtcChange frameCount="1499" value="13151810" status="end"/>
  </LtcChangeTable>
  <CreationDate value="2026-09-30T09:15:00+02:00"/>
</NonRealTimeMeta>
"""
P2 = """<P2Main xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata:v3.1"><ClipContent><Duration>240</Duration>
<EssenceList><Video><StartTimecode>01:02:03:04</StartTimecode></Video></EssenceList>
<ClipMetadata><Scenario><SceneNo>42C</SceneNo><TakeNo>3</TakeNo></Scenario></ClipMetadata></ClipContent></P2Main>"""


class Files:
    """Answers as a reader of media would."""

    def __init__(self, info: MediaInfo | None) -> None:
        self._info = info

    def probe(self, path: Path) -> MediaInfo:
        if self._info is None:
            raise MediumError(f"{path.name} is no picture or sound that can be read: Invalid data.")
        return self._info

    def frame(self, path: Path, at: int, width: int | None = None) -> MediaFrame:
        raise NotImplementedError

    def jpeg(self, path: Path, at: int, width: int | None = None) -> bytes:
        raise NotImplementedError


def picture(**more: object) -> MediaInfo:
    return MediaInfo(**{"medium": "picture", "codec": "h264", "duration_s": Fraction(10), "fps": Fraction(25), **more})  # type: ignore[arg-type]  # the test gives what it wants


def read(
    folder: Path, info: MediaInfo | None, beside: str = "", name: str = "C0001.MP4", size: int = 5, content: bytes = b""
) -> Clip:
    content = content or b"x" * size
    (folder / name).write_bytes(content)
    files = [CardFile(name, len(content))]
    if beside:
        (folder / "C0001M01.XML").write_text(beside)
        files.append(CardFile("C0001M01.XML", 1))
    clip = clips_on(files).clips[0]
    return read_clip(
        clip,
        folder,
        Files(info),
        shown=f"copies/{name}",
        camera="B",
        reel="B007",
        unit="Main",
        day=3,
        rate=rate("25"),
        source=Source.CARD,
    )


def test_the_file_comes_before_its_side_car(tmp_path: Path) -> None:
    start = Timecode.parse("09:00:00:00", rate("25"))
    found = read(tmp_path, picture(start=start, duration_frames=250, tags={"scene": "42C", "take": "3"}), SONY)
    assert (found.tc_in, found.tc_source, found.duration_frames) == ("09:00:00:00", "file", 250)
    assert (found.named_scene, found.named_take) == ("42C", "3")
    assert (found.camera, found.reel, found.number, found.unreadable) == ("B", "B007", 1, "")


def test_a_label_only_the_side_car_has(tmp_path: Path) -> None:
    found = read(tmp_path, picture(), SONY)
    assert (found.tc_in, found.tc_source, found.rate) == ("10:08:15:14", "side-car", "25")


def test_a_label_written_out(tmp_path: Path) -> None:
    found = read(tmp_path, picture(), P2)
    assert (found.tc_in, found.named_scene, found.named_take) == ("01:02:03:04", "42C", "3")


def test_no_label_anywhere_is_unknown_and_not_zero(tmp_path: Path) -> None:
    found = read(tmp_path, picture())
    assert (found.tc_in, found.tc_source, found.duration_frames) == (None, None, 250)


def test_a_drop_frame_bit(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<x><LtcChange frameCount="0" value="42000110"/></x>')
    found = read_sidecar(path, rate("29.97"))
    assert found is not None
    assert str(found.start) == "10:01:00;02"


def test_a_damaged_clip_comes_in_as_unreadable(tmp_path: Path) -> None:
    found = read(tmp_path, None, SONY)
    assert "Invalid data" in found.unreadable
    assert (found.tc_in, found.duration_frames, found.size) == ("10:08:15:14", 1500, 5)


def test_a_clip_whose_end_is_missing_opens_and_is_called_whole(tmp_path: Path) -> None:
    """Its head comes first, so every program opens it; the pictures it promises were never written."""
    whole = box(b"ftyp", 8) + box(b"moov", 40) + box(b"mdat", 1000)
    for content, why in (
        (whole, ""),
        (whole + b"\0" * 3, ""),
        (box(b"ftyp", 8) + b"\0\0\0\0mdat" + bytes(50), ""),  # "until the end of the file"
        (whole[:-600], "C0001.MP4 ends 600 bytes before its last picture."),
        (box(b"moov", 40) + b"\0\0\0\1mdat" + (5000).to_bytes(8, "big") + bytes(984), "C0001.MP4 ends 4000 bytes"),
    ):
        found = read(tmp_path, picture(), content=content)
        assert found.unreadable.startswith(why)
        assert bool(found.unreadable) == bool(why)


def box(kind: bytes, length: int) -> bytes:
    return (length + 8).to_bytes(4, "big") + kind + bytes(length)


def test_an_empty_clip_is_not_opened(tmp_path: Path) -> None:
    found = read(tmp_path, picture(), size=0)
    assert found.unreadable == "C0001 holds no byte."


def test_camera_raw_is_not_called_unreadable_because_nobody_here_opens_it(tmp_path: Path) -> None:
    found = read(tmp_path, None, name="A001_C001_12046M_001.R3D")
    assert (found.unreadable, found.name, found.camera) == ("", "A001_C001_12046M", "A")


def test_raw_in_a_box_tells_its_timecode_and_raw_without_one_its_name(tmp_path: Path) -> None:
    start = Timecode.parse("09:00:00:00", rate("25"))
    boxed = read(tmp_path, picture(start=start, codec=""), name="A001_09301201_C001.braw")
    assert (boxed.tc_in, boxed.tc_source, boxed.unreadable) == ("09:00:00:00", "file", "")
    bare = read(tmp_path, picture(start=start), name="A001_C001_12046M_001.R3D")
    assert (bare.tc_in, bare.unreadable) == (None, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        "not xml",
        "<x/>",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x><Scene>&e;</Scene></x>',
        '<x><LtcChange frameCount="0" value="FFFFFFFF"/></x>',
        '<x><LtcChange frameCount="0" value="1"/></x>',
        "<x>" + "<y>" * 5000 + "</y>" * 5000 + "</x>",
        "<x><StartTimecode>99:99:99:99</StartTimecode></x>",
    ],
)
def test_hostile_and_broken_side_cars_say_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.xml"
    path.write_text(text)
    assert read_sidecar(path, rate("25")) is None


def test_a_clip_whose_clock_was_never_set(tmp_path: Path) -> None:
    found = read(tmp_path, picture(tags={"creation_time": "1904-01-01T00:00:00Z"}))
    assert found.created_ns is None
    told = read(tmp_path, picture(tags={"creation_time": "2026-09-30T07:15:00.000000Z"}))
    assert told.created_ns == 1_790_752_500 * 10**9
