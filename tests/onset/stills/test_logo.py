"""What may go wrong with a logo: stretched, black where it was clear, too big, or no picture at all."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from onset.errors import MediumError
from onset.stills.logo import read_logo
from tests.onset.stills.pictures import jpeg


def shown(path: Path) -> Image.Image:
    with Image.open(BytesIO(read_logo(path)), formats=("PNG",)) as image:
        image.load()
        return image


def test_clear_ground_is_white_and_the_shape_stays(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    drawn = Image.new("RGBA", (2000, 500), (0, 0, 0, 0))
    drawn.paste((200, 0, 0, 255), (0, 0, 1000, 500))
    drawn.save(path)
    logo = shown(path)
    assert (logo.mode, logo.size) == ("RGB", (720, 180))
    assert (logo.getpixel((10, 90)), logo.getpixel((700, 90))) == ((200, 0, 0), (255, 255, 255))
    assert read_logo(path) == read_logo(path)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_every_sort_of_picture_is_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("logo.jpg" if mode == "CMYK" else "logo.png")
    Image.new(mode, (30, 10)).save(path)
    assert shown(path).size == (30, 10)


def test_logo_of_a_phone_is_turned_as_it_was_held(tmp_path: Path) -> None:
    path = tmp_path / "logo.jpg"
    path.write_bytes(jpeg(size=(60, 20), orientation=6))
    assert shown(path).size == (20, 60)


@pytest.mark.parametrize("content", [b"", b"<svg/>", jpeg()[:-100], b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(content)
    with pytest.raises(MediumError, match=r"^it "):
        read_logo(path)
    with pytest.raises(MediumError):
        read_logo(tmp_path / "gone.png")
