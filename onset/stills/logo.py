"""The production's logo for the head of its paper, from whatever PNG or JPEG somebody was sent.

Used by `onset report` and `onset wrap`. It is read with the bounds of a still: the file may be anything by then.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from onset.errors import MediumError
from onset.stills.picture import read_picture

_ROOM = (720, 192)  # points: six for each of the sheet's


def read_logo(path: Path) -> bytes:
    """A logo as a PNG on white, no bigger than its print needs and never bigger than it was.

    Raises:
        MediumError: it is no picture that can be read; the sentence begins with "it".
    """
    content = read_picture(path).content
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            image.draft("RGB", (_ROOM[0] * 2, _ROOM[1] * 2))
            shown = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, MemoryError):
        raise MediumError("it is cut off or damaged.") from None
    shown.thumbnail(_ROOM, Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", shown.size, "white")
    sheet.paste(shown, mask=shown.getchannel("A"))
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
