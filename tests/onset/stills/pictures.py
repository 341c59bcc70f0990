"""Stills as phones and cameras write them, made with Pillow."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.ExifTags import IFD, Base


def jpeg(
    taken: str | None = None,
    *,
    zone: str | None = None,
    camera: tuple[str, str] | None = ("Canon", "Canon EOS R6"),
    orientation: int | None = None,
    size: tuple[int, int] = (64, 48),
    shade: int = 0,
) -> bytes:
    """A JPEG taken at `2026:05:29 12:00:00` by the camera's clock."""
    exif = Image.Exif()
    if camera is not None:
        exif[Base.Make], exif[Base.Model] = camera
    if orientation is not None:
        exif[Base.Orientation] = orientation
    inner = exif.get_ifd(IFD.Exif)
    if taken is not None:
        inner[Base.DateTimeOriginal] = taken
    if zone is not None:
        inner[Base.OffsetTimeOriginal] = zone
    file = BytesIO()
    Image.new("RGB", size, (shade % 256, shade // 256, 99)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def png(size: tuple[int, int] = (64, 48)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, (1, 2, 3)).save(file, "PNG")
    return file.getvalue()


def put(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path
