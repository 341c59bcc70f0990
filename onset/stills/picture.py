"""One still as its file says it: what it is, its size, its camera, and its time by each of its clocks.

Used by `onset import stills`. Files come from phones, cameras and messengers, so nothing in them is trusted: only the
two formats that are wanted are tried, sizes are looked at before anything is decoded, links and pipes are not opened.
"""

from __future__ import annotations

import os
import re
import stat
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from onset.domain.still import TakenBy
from onset.errors import MediumError
from onset.mhl.hashes import HashFormat, spell
from onset.text import safe_path

ENDINGS = frozenset((".jpg", ".jpeg", ".jpe", ".png", ".heic", ".heif", ".hif"))
_MOST_BYTES = 256 << 20  # the biggest JPEG of a medium-format camera is a fifth of it
_MOST_STILLS = 20_000  # in a folder; a day has some hundreds
_MOST_POINTS = 160_000_000  # 150 million is the biggest sensor that takes stills
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_NS = 1_000_000_000
_EXIF_IFD = 0x8769  # CIPA DC-008 (Exif), 4.6.3; the tags below are of 4.6.4 and 4.6.5
_MAKE, _MODEL, _SERIAL, _ORIENTATION = 0x010F, 0x0110, 0xA431, 0x0112
_TAKEN, _FRACTION, _ZONE = 0x9003, 0x9291, 0x9011
_EXIF_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
# IMG_20260514_143005, PXL_20260514_123005123, 2026-05-14 14.30.05, Screenshot 2026-05-14 at 14.30.05
_NAME_TIME = re.compile(
    r"(?<!\d)(20\d\d)[-_.]?(\d\d)[-_.]?(\d\d)(?:[-_ T]| at )(\d\d)[-_.:h]?(\d\d)[-_.:m]?(\d\d)", re.ASCII
)
_LONGEST_CAMERA = 80
_YEARS = range(1990, 2150)  # in which a still can have been taken, and the log can count nanoseconds
_LATEST_NS = 5_680_281_600 * _NS  # 2150


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A still that can be read.

    Attributes:
        content: its bytes, whole.
        digest: `xxh128:…` of them.
        width, height: as it is looked at, turned as its EXIF orientation says.
        camera: make, model and serial number as far as it says; empty where it does not.
        taken_ns: by the best of its clocks, nanoseconds UTC, not corrected; None where none says a time that can be.
        taken_by: which that is.
    """

    path: Path
    content: bytes
    digest: str
    width: int
    height: int
    camera: str
    taken_ns: int | None
    taken_by: TakenBy | None
    mtime_ns: int


def read_picture(path: Path) -> Picture:
    """Read a still.

    Raises:
        MediumError: it is none that can be read here, says why; the name is not in the sentence.
    """
    content, mtime_ns = _content(path)
    if path.suffix.lower() in (".heic", ".heif", ".hif") or _is_heif(content):
        raise MediumError("HEIC cannot be read here; set the phone to JPEG, or export it as JPEG.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sizes, which are looked at below, and about damaged EXIF
            with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
                width, height = image.size
                if width * height > _MOST_POINTS:
                    raise _too_big(width, height)
                said = _said_by(_exif(image))
                _check_whole(image)
    except Image.DecompressionBombError:
        raise MediumError("it says that it is bigger than any sensor; it was not opened.") from None
    except UnidentifiedImageError:
        raise MediumError("it is no JPEG and no PNG, whatever its name says.") from None
    except MediumError:
        raise
    except Exception:  # a decoder may stumble over hostile bytes in any way
        raise MediumError("it is cut off or damaged; copy it from the camera again.") from None
    if said.turned:
        width, height = height, width
    taken = said.taken or _by_name(path.name)
    if taken is None and 0 < mtime_ns < _LATEST_NS:
        taken = mtime_ns, TakenBy.FILE
    taken_ns, taken_by = taken or (None, None)
    return Picture(
        path=path,
        content=content,
        digest=f"xxh128:{spell(HashFormat.XXH128, content)}",
        width=width,
        height=height,
        camera=said.camera,
        taken_ns=taken_ns,
        taken_by=taken_by,
        mtime_ns=mtime_ns,
    )


def _content(path: Path) -> tuple[bytes, int]:
    """The bytes of a plain file and its time; a pipe is not waited for, a link not followed."""
    try:
        kind = path.lstat().st_mode
        if stat.S_ISLNK(kind):
            raise MediumError("it is a symbolic link; copy the file itself.")
        if stat.S_ISDIR(kind):
            raise MediumError("this folder may not be opened by this user; what is in it was left out.")
        if not stat.S_ISREG(kind):
            raise MediumError("it is no plain file.")
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            state = os.fstat(descriptor)
            if not stat.S_ISREG(state.st_mode):
                raise MediumError("it is no plain file.")
            if state.st_size > _MOST_BYTES:
                raise MediumError(f"it has {state.st_size >> 20} MiB; no still is that big.")
            content = file.read(_MOST_BYTES)
    except OSError as error:
        raise MediumError(f"it cannot be read: {error.strerror or error}.") from error
    if not content:
        raise MediumError("it is empty.")
    return content, state.st_mtime_ns


def _is_heif(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def _too_big(width: int, height: int) -> MediumError:
    return MediumError(f"it says that it is {width} x {height} points, bigger than any sensor; it was not opened.")


def _check_whole(image: Image.Image) -> None:
    """All of the file is there: a PNG by its checksums; a JPEG decoded small, which still reads it to its end."""
    if image.format == "PNG":
        image.verify()
    else:
        image.draft("RGB", (image.width // 8 or 1, image.height // 8 or 1))
        image.load()


# -- what it says -----------------------------------------------------------------------------------------------------


def _exif(image: Image.Image) -> Image.Exif:
    """Without decoding: asked for its EXIF, a PNG would be unpacked whole."""
    if image.format != "PNG":
        return image.getexif()
    exif = Image.Exif()
    exif.load(image.info.get("exif", b""))
    return exif


@dataclass(frozen=True, slots=True)
class _Said:
    taken: tuple[int, TakenBy] | None
    camera: str
    turned: bool


def _said_by(exif: Image.Exif) -> _Said:
    inner = exif.get_ifd(_EXIF_IFD)
    names = [_words(exif.get(_MAKE)), _words(exif.get(_MODEL)), _words(inner.get(_SERIAL))]
    if names[0] and names[1].casefold().startswith(names[0].split()[0].casefold()):
        names[0] = ""  # "Canon", "Canon EOS R6"
    return _Said(
        taken=_exif_time(_words(inner.get(_TAKEN)), _words(inner.get(_FRACTION)), _words(inner.get(_ZONE))),
        camera=" ".join(filter(None, names))[:_LONGEST_CAMERA],
        turned=exif.get(_ORIENTATION) in (5, 6, 7, 8),
    )


def _words(value: object) -> str:
    """Text as the log can hold it; EXIF is ASCII, and cameras fill it with NULs and blanks."""
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _exif_time(taken: str, fraction: str, zone: str) -> tuple[int, TakenBy] | None:
    match = _EXIF_TIME.fullmatch(taken)
    if match is None:
        return None
    offset = _OFFSET.fullmatch(zone)
    tz = None
    if offset is not None and int(offset[2]) < 24 and int(offset[3]) < 60:
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        tz = timezone(-shift if offset[1] == "-" else shift)
    moment_ns = _moment_ns(match, tz)
    if moment_ns is None:
        return None
    part = int(fraction[:9].ljust(9, "0")) if fraction.isascii() and fraction.isdecimal() else 0
    return moment_ns + part, TakenBy.EXIF if tz is None else TakenBy.EXIF_ZONE


def _by_name(name: str) -> tuple[int, TakenBy] | None:
    match = _NAME_TIME.search(name)
    if match is None:
        return None
    moment_ns = _moment_ns(match, UTC if name.startswith("PXL_") else None)  # Pixel phones name files in UTC
    return None if moment_ns is None else (moment_ns, TakenBy.NAME)


def _moment_ns(match: re.Match[str], tz: timezone | None) -> int | None:
    """Six numbers as a moment, in this machine's zone where none is known; None where no calendar has it."""
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        read = datetime(year, month, day, hour, minute, second, tzinfo=tz)
        moment_s = int((read if tz is not None else read.astimezone()).timestamp())
    except (ValueError, OverflowError, OSError):
        return None
    return moment_s * _NS if year in _YEARS else None


def stills_in(folder: Path) -> tuple[list[Path], int]:
    """What is called like a still in and below a folder, in order of path, and how many other files there are.

    Links, pipes and folders that cannot be opened are among them, to be told; what starts with a dot is not.

    Raises:
        MediumError: the folder cannot be read, or holds far more than any day's stills.
    """
    closed: list[Path] = []

    def refuse(error: OSError) -> None:
        if os.path.abspath(error.filename or "") == os.path.abspath(folder):
            raise MediumError(f"{safe_path(folder)} cannot be read: {error.strerror}.") from error
        closed.append(Path(os.fsdecode(error.filename)))

    found: list[Path] = []
    others = 0
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            if os.path.splitext(name)[1].lower() in ENDINGS:
                found.append(Path(place) / name)
            else:
                others += 1
        if len(found) > _MOST_STILLS:
            raise MediumError(f"{safe_path(folder)} holds more than {_MOST_STILLS:,} stills; give a day's folder.")
    return found + closed, others
