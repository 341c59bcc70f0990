"""A still made small for paper: turned as it was held, and never more than its print needs.

Used by the reports. A file that cannot be read any more costs the picture, not the paper.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from onset.errors import MediumError
from onset.stills.picture import read_picture

_QUALITY = 82


def small_still(path: Path, longest: int = 560) -> bytes | None:
    """A still as a JPEG; None where it is not there or cannot be read.

    Args:
        path: in the production's folder.
        longest: of its sides, in points; at 560 a picture as wide as a hand prints sharp.
    """
    try:
        content = read_picture(path).content  # it is looked at before it is unpacked: it may have changed since it came
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged EXIF
            with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
                image.draft("RGB", (longest, longest))
                turned = ImageOps.exif_transpose(image).convert("RGB")
    except (MediumError, OSError, ValueError, SyntaxError, MemoryError):
        return None
    turned.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    out = BytesIO()
    turned.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
