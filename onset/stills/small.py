"""A still made small: for paper, turned as it was held and never more than its print needs; for a screen, as pixels.

Used by the reports and by the screens. A file that cannot be read any more costs the picture, not the paper.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from onset.errors import MediumError
from onset.media import MediaFrame
from onset.stills.picture import read_picture

_QUALITY = 82


def small_still(path: Path, longest: int = 560) -> bytes | None:
    """A still as a JPEG; None where it is not there or cannot be read.

    Args:
        path: in the production's folder.
        longest: of its sides, in points; at 560 a picture as wide as a hand prints sharp.
    """
    try:
        turned = _small(path, longest, longest)
    except MediumError:
        return None
    out = BytesIO()
    turned.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def small_pixels(path: Path, width: int, height: int) -> MediaFrame:
    """A still as pixels, its shape kept, no bigger than `width` x `height`.

    Raises:
        MediumError: it is not there or cannot be read; says why, without the name.
    """
    turned = _small(path, width, height)
    return MediaFrame(turned.width, turned.height, turned.tobytes())


def _small(path: Path, width: int, height: int) -> Image.Image:
    content = read_picture(path).content  # it is looked at before it is unpacked: it may have changed since it came
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged EXIF
            with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
                longest = max(width, height)
                image.draft("RGB", (longest, longest))
                turned = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, MemoryError):
        raise MediumError("it is cut off or damaged; copy it from the camera again.") from None
    turned.thumbnail((width, height), Image.Resampling.LANCZOS)
    return turned
