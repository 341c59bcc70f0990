"""The media reader and the rehearsal's card: what is shown of a file is what is in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from devices.media_av import AvMediaReader
from devices.simulated.card import make_card
from devices.simulated.strip import read_strip
from onset.errors import MediumError
from onset.media import MediaFrame, MediaReader
from tests.devices.sources import film_source
from tests.stories import originals


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_source(tmp_path_factory.mktemp("film") / "film.mov", 3, rate_name="29.97df")


def _image(frame: MediaFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.frombuffer(frame.rgb, np.uint8).reshape(frame.height, frame.width, 3)


@pytest.mark.parametrize("at", [0, 1, 14, 15, 16, 50, 88])
def test_another_frame_than_asked_for_is_shown(at: int, film: Path) -> None:
    reader: MediaReader = AvMediaReader()
    strip = read_strip(_image(reader.frame(film, at)))
    assert strip is not None
    assert strip.number == at


def test_a_frame_beyond_the_end_is_an_error(film: Path) -> None:
    reader = AvMediaReader()
    last = read_strip(_image(reader.frame(film, 10**6)))
    assert last is not None
    assert last.number == (reader.probe(film).duration_frames or 0) - 1


def test_a_thumbnail_is_not_a_picture(film: Path) -> None:
    data = AvMediaReader().jpeg(film, 3, 160)
    small = AvMediaReader().frame(film, 3, 160)
    assert data.startswith(b"\xff\xd8\xff")
    assert data.endswith(b"\xff\xd9")
    assert (small.width, small.height) == (160, 90)


def test_pictures_of_an_unknown_codec_tell_nothing_of_their_timecode(tmp_path: Path) -> None:
    """ARRIRAW in MXF, Blackmagic RAW: FFmpeg reads the box around them and knows no decoder."""
    path = tmp_path / "A001_09301201_C001.braw"
    originals.film(path, originals.frames_of("10:00:00:00"), 48)
    path.write_bytes(path.read_bytes().replace(b"jpeg", b"brhq"))
    info = AvMediaReader().probe(path)
    assert (str(info.start), info.duration_frames, str(info.fps)) == ("10:00:00:00", 48, "24000/1001")
    assert (info.codec, info.width, info.height) == ("", None, None)
    with pytest.raises(MediumError, match="no picture that can be decoded"):
        AvMediaReader().frame(path, 0)


@pytest.mark.parametrize("name", ["gone.mov", "text.mov", "empty.mov", "folder.mov", "gone.wav"])
def test_what_is_no_film_crashes_the_reader(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "text.mov":
        path.write_text("not a film")
    elif name == "empty.mov":
        path.touch()
    elif name == "folder.mov":
        path.mkdir()
    for ask in (AvMediaReader().probe, lambda where: AvMediaReader().frame(where, 0)):
        with pytest.raises(MediumError, match=r"\.$"):
            ask(path)


def test_the_same_card_has_other_bytes(film: Path, tmp_path: Path) -> None:
    cards = [make_card(tmp_path / name, [film, film], seed=7) for name in ("one", "two")]
    prints = [
        [(str(path.relative_to(card.folder)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in card.files]
        for card in cards
    ]
    assert prints[0] == prints[1]
    assert len(prints[0]) == 8
    assert make_card(tmp_path / "three", [film], seed=8).reel != cards[0].reel
    clip = cards[0].files[0]
    assert clip.read_bytes() == film.read_bytes()
    ale = next(path for path in cards[0].files if path.suffix == ".ale").read_text()
    # Ten hours are 1,078,921.08 frames, 10:00:00;00 is frame 1,078,920: the first whole one after ten is ;02.
    assert f"{clip.stem}\t{cards[0].reel}\t10:00:00;02\t" in ale
    with pytest.raises(MediumError, match="not empty"):
        make_card(tmp_path / "one", [film])
