"""What a card's clips are said to be: by the file, its side-car, the card's list, or unknown."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import pytest

from onset.camera.clips import CardFile
from onset.cards.contents import Contents, card_contents
from onset.cards.formats import ClipFormat, read_formats
from onset.errors import MediumError
from onset.media import MediaFrame, MediaInfo
from onset.mhl.tree import list_tree
from onset.text import safe_text
from onset.timecode import Timecode, rate
from tests.onset.camera.test_sidecar import P2, SONY
from tests.onset.cards.trees import arri, m4root, p2, red

FILM = MediaInfo(
    medium="picture", codec="prores", duration_s=Fraction(60), fps=Fraction(24000, 1001), width=3840, height=2160,
    start=Timecode.parse("10:00:00:00", rate("23.976")),
    tags={"com.arri.camera.ExposureIndexAsa".lower(): "800", "com.arri.camera.whitebalancekelvin": "5600"},
)  # fmt: skip


class Files:
    """Opens what it is given by name, and counts."""

    def __init__(self, known: dict[str, MediaInfo]) -> None:
        self.known = known
        self.opened: list[str] = []

    def probe(self, path: Path) -> MediaInfo:
        self.opened.append(path.name)
        for name, info in self.known.items():
            if name in path.name:
                return info
        raise MediumError(f"{path.name} is no picture.")

    def frame(self, path: Path, at: int, width: int | None = None) -> MediaFrame:
        raise NotImplementedError

    def jpeg(self, path: Path, at: int, width: int | None = None) -> bytes:
        raise NotImplementedError


def write(root: Path, paths: list[str], texts: dict[str, str | bytes] | None = None) -> Contents:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        found = next((text for part, text in (texts or {}).items() if part in path), "x")
        (root / path).write_bytes(found if isinstance(found, bytes) else found.encode())
    tree = list_tree(root, lambda *_: False)
    return card_contents((CardFile(each.path, each.size) for each in tree.files.values()), tree.folders)


def read(root: Path, card: Contents, known: dict[str, MediaInfo], production: str = "25") -> list[ClipFormat]:
    return list(read_formats(card, lambda _: root, Files(known), rate(production), list_root=root)[1])


def test_the_file_says_more_than_its_side_car(tmp_path: Path) -> None:
    text = SONY.format(frames=100, counted="25", half="false", label="17305719", fps="25p")
    card = write(tmp_path, m4root((1, 2)), {"M01.XML": text})
    first, second = read(tmp_path, card, {"C0001.MP4": FILM})
    assert (str(first.start), first.start_from, first.seconds, first.size) == (
        "10:00:00:00", "file", Fraction(60), (3840, 2160),
    )  # fmt: skip
    assert (first.codec, first.iso, first.white_balance, first.fps) == ("prores", "800", "5600", FILM.fps)
    assert (str(second.start), second.start_from, second.seconds) == ("19:57:30:17", "side-car", Fraction(4))
    assert (second.codec, second.iso, second.white_balance) == ("AVC_3840_2160_HP@L51", "800", "5600K")


def test_nothing_says_nothing_and_is_not_zero(tmp_path: Path) -> None:
    (found,) = read(tmp_path, write(tmp_path, ["A001C001_260930_R1AB.mov"]), {})
    assert found == ClipFormat(name="A001C001_260930_R1AB")
    assert found.looked


def test_p2_clips_are_known_by_their_xml_alone(tmp_path: Path) -> None:
    found = read(tmp_path, write(tmp_path, p2(), {"CLIP/": P2}), {})
    assert [(str(each.start), str(each.fps), each.seconds) for each in found] == [
        ("01:02:00;02", "30000/1001", Fraction(300 * 1001, 30000))
    ] * 3


def test_red_is_known_by_its_ending(tmp_path: Path) -> None:
    assert [each.codec for each in read(tmp_path, write(tmp_path, red()), {})] == ["R3D"] * 3


MEDIAPRO = """<?xml version="1.0" encoding="UTF-8"?>
<MediaProfile xmlns="http://xmlns.sony.net/pro/metadata/mediaprofile" version="2.10"><Contents>
<Material uri="./CLIP/C0001.MP4" type="MP4" videoType="AVC_1920_1080_HP@L42" fps="59.94p" dur="210" status="OK"/>
<Material uri="./CLIP/C0002.MP4" type="MP4" videoType="AVC_1920_1080_HP@L42" fps="59.94p" dur="210" status="OK"/>
<Material uri="./CLIP/C0009.MP4" type="MP4" videoType="AVC_1920_1080_HP@L42" fps="59.94p" dur="210" status="OK"/>
</Contents></MediaProfile>"""


def test_sonys_list_names_a_clip_that_is_not_there_and_says_what_the_others_are(tmp_path: Path) -> None:
    card = write(tmp_path, m4root((1, 2)), {"MEDIAPRO": MEDIAPRO})
    assert card.problems == ()
    card, found = read_formats(card, lambda _: tmp_path, Files({}), rate("25"), list_root=tmp_path)
    assert card.problems == ("C0009 is not on the card, though MEDIAPRO.XML lists it",)
    assert [(each.seconds, each.codec) for each in found] == [(Fraction(210 * 1001, 60000), "AVC_1920_1080_HP@L42")] * 2


ALE = """Heading
FIELD_DELIM\tTABS
VIDEO_FORMAT\t1080
FPS\t23.976

Column
Name\tTracks\tStart\tEnd\tDuration\tFPS\tASA\tWhite_Balance

Data
A014C001_260930_R2KD\tV\t10:00:00:00\t10:00:10:00\t00:00:10:00\t23.976\t800\t5600
A014C004_260930_R2KD\tV\t10:01:00:00\t10:01:10:00\t00:00:10:00\t23.976\t800\t5600
B007C001_260930_R2KD\tV\t10:01:00:00\t10:01:10:00\t00:00:10:00\t23.976\t800\t5600
"""


def test_an_ale_beside_the_reel_says_what_no_decoder_here_does(tmp_path: Path) -> None:
    card = write(tmp_path, arri((1, 2)), {".ale": ALE.replace("\n", "\r\n")})
    card, found = read_formats(card, lambda _: tmp_path, Files({}), rate("25"), list_root=tmp_path)
    assert (str(found[0].start), found[0].start_from, found[0].iso, found[0].white_balance) == (
        "10:00:00:00", "list", "800", "5600",
    )  # fmt: skip
    assert found[0].seconds == Fraction(240 * 1001, 24000)
    assert found[1] == ClipFormat(name="A014C002_260930_R2KD")
    assert card.problems == ("A014C004_260930_R2KD is not on the card, though A014R2KD_AVID.ale lists it",)
    card = write(tmp_path, arri((1, 5)), {".ale": ALE})
    card, _ = read_formats(card, lambda _: tmp_path, Files({}), rate("25"), list_root=tmp_path)
    assert card.problems == (
        "A014C004_260930_R2KD is not on the card, though A014R2KD_AVID.ale lists it",
        "no A014C003: deleted in the camera, or missing",
    )


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"\xff\xfe\0\0",
        b"Column\nData\n\t\t\t",
        b"Heading\nFPS\nColumn\nName\tFPS\tStart\nData\nA014C001\t00\t99:99:99:99\n",
        b"Column\n" + b"\t" * 100_000 + b"\nData\n" + b"x\t" * 100_000,
        "Column\nName\nData\n\u202e\x1b]0;x\x07\n".encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><MediaProfile><Material uri="&b;" fps="9" dur="1"/></MediaProfile>',
        b'<MediaProfile><Material uri="/../../../x" fps="-1" dur="' + b"9" * 9000 + b'"/><Material/></MediaProfile>',
        b"<a>" * 5000,
    ],
)
@pytest.mark.parametrize("name", ["A014R2KD/A014R2KD_AVID.ale", "MEDIAPRO.XML", "A014R2KD/A014C001_260930_R2KD.xml"])
def test_hostile_lists_and_side_cars_stop_nothing(tmp_path: Path, name: str, hostile: bytes) -> None:
    card = write(tmp_path, [*arri((1,)), name], {name: hostile})
    card, found = read_formats(card, lambda _: tmp_path, Files({"C001": FILM}), rate("25"), list_root=tmp_path)
    assert found[0].codec == "prores"
    assert all(line == safe_text(line) for line in card.problems)


def test_huge_side_cars_are_refused_in_a_sentence(tmp_path: Path) -> None:
    paths = m4root((1,))
    card = write(tmp_path, paths)
    for path in paths:
        if path.endswith(".XML"):
            with (tmp_path / path).open("wb") as file:
                file.truncate(1 << 33)
    card, found = read_formats(card, lambda _: tmp_path, Files({"C0001": FILM}), rate("25"), list_root=tmp_path)
    assert card.problems == (
        "MEDIAPRO.XML is larger than a camera's list can be; it was not read; "
        "C0001 has a C0001M01.XML that is larger than a side-car can be; it was not read",
    )
    assert found[0].codec == "prores"


def test_when_there_is_no_time_the_ends_of_the_card_are_looked_at(tmp_path: Path) -> None:
    card = write(tmp_path, arri(range(1, 10)))
    reader = Files({"A014": FILM})
    looks = iter([False, False, True])
    _, found = read_formats(card, lambda _: tmp_path, reader, rate("25"), enough=lambda: next(looks))
    assert reader.opened == ["A014C001_260930_R2KD.mov", "A014C009_260930_R2KD.mov"]
    assert [each.looked for each in found] == [True, *[False] * 7, True]
    assert [each.name for each in found] == [clip.name for clip in card.clips]


def test_a_clip_without_a_copy_is_unknown(tmp_path: Path) -> None:
    card = write(tmp_path, arri((1, 2)))
    first = card.clips[0]
    _, found = read_formats(card, lambda clip: tmp_path if clip == first else None, Files({"A014": FILM}), rate("25"))
    assert found[1] == ClipFormat(name=card.clips[1].name)


def test_side_cars_of_a_thousand_clips_take_no_time(tmp_path: Path) -> None:
    text = SONY.format(frames=100, counted="25", half="false", label="17305719", fps="25p")
    card = write(tmp_path, m4root(range(1, 1001)), {"M01.XML": text})
    began = time.process_time()
    found = read(tmp_path, card, {})
    took = time.process_time() - began
    assert all(each.seconds == 4 for each in found)
    assert took < 2
