r"""What a camera's file names and roll labels say: camera, reel, clip number, maker.

Used wherever a name that somebody typed meets the name of a file. One ordered table of patterns, the most particular
first. Names are compared without ending, case, separators and zero padding (facts: a plain comparison once reported
nine clips missing that were there), but never so loosely that `A101_3` and `A1013` are one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Confidence(StrEnum):
    """How much a pattern proves about who made the file."""

    PUBLISHED = "published"  # the maker's manual has it, or files of that camera were seen
    LIKELY = "likely"  # known from use; other makers' files may look the same
    NUMBER = "number"  # only a number at the end of the name


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipName:
    """What a name says; empty and None where it says nothing.

    Attributes:
        maker: whose cameras write such names.
        camera: the camera letter, without the underscore that fills it up (`A`).
        reel: the roll, with its letter, as the camera writes it (`A014`, `A_0001`): in capitals, though a name that is
            short enough may come in small letters from a FAT card.
        number: of the clip.
        date: of the recording, only where the name has a year in it.
        segment: of a recording that is cut into several files: RED's segment, GoPro's chapter, counted from 1.
        short: the name is reel and clip number and nothing else, as people write it on a report.
    """

    maker: str
    confidence: Confidence
    camera: str = ""
    reel: str = ""
    number: int | None = None
    date: str | None = None
    segment: int | None = None
    short: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of the table; the groups of `form` are `camera`, `reel`, `number`, `date`, `segment`."""

    maker: str
    confidence: Confidence
    form: re.Pattern[str]


def _row(maker: str, confidence: Confidence, form: str) -> Pattern:
    return Pattern(maker, confidence, re.compile(form, re.ASCII | re.IGNORECASE))


# Order matters: a name is what the first pattern says that fits all of it.
PATTERNS: tuple[Pattern, ...] = (
    _row(
        "ARRI",  # ALEXA 35 on: two characters a camera, four digits a reel; A_0001C001_260930_084650_c1BY9
        Confidence.PUBLISHED,
        r"(?P<reel>(?P<camera>[A-Z][A-Z_])\d{4})(?P<letter>[CD])(?P<number>\d{3,4})_(?P<date>\d{6})_\d{6}_[A-Z][0-9A-Z]{4}",
    ),
    _row(
        "Canon",  # A_0001C001X230401_121530AB_CANON_001
        Confidence.PUBLISHED,
        r"(?P<reel>(?P<camera>[A-Z][A-Z_])\d{4})(?P<letter>[CD])(?P<number>\d{3})[A-Z](?P<date>\d{6})_\d{6}[0-9A-Z]{2}"
        r"(?:_(?!\d{3}$)\w+?)?(?:_(?P<segment>\d{3}))?",
    ),
    _row(
        "Canon",  # cameras with one letter and three digits a reel: A001C001_230401AB_CANON
        Confidence.LIKELY,
        r"(?P<reel>(?P<camera>[A-Z])\d{3})(?P<letter>[CD])(?P<number>\d{3})_(?P<date>\d{6})[0-9A-Z]{2}_CANON",
    ),
    _row(
        "ARRI",  # A004C010_20100610_R1JL, later with six digits of date
        Confidence.PUBLISHED,
        r"(?P<reel>(?P<camera>[A-Z])\d{3})(?P<letter>[CD])(?P<number>\d{3})_(?P<date>\d{8}|\d{6})_[A-Z][0-9A-Z]{3}",
    ),
    _row(
        "Sony",  # VENICE, FX9 in Cine mode: A001C001_260930XY, segments behind
        Confidence.LIKELY,
        r"(?P<reel>(?P<camera>[A-Z])\d{3})(?P<letter>C)(?P<number>\d{3})_(?P<date>\d{6})[0-9A-Z]{2}(?:_(?P<segment>\d{3}))?",
    ),
    _row(
        "RED",  # A001_C001_12046M, segments _001; the letter is the camera's position and not always C
        Confidence.PUBLISHED,
        r"(?P<reel>(?P<camera>[A-Z])\d{3})_(?P<letter>[A-Z])(?P<number>\d{3})_\d{4}[0-9A-Z]{2}(?:_(?P<segment>\d{3}))?",
    ),
    _row(
        "Blackmagic",  # BMC01_1_2012-08-08_1631_C0002
        Confidence.PUBLISHED,
        r"[0-9A-Z]+_(?P<reel>\d+)_(?P<date>\d{4}-\d\d-\d\d)_\d{4}_(?P<letter>C)(?P<number>\d{4})",
    ),
    _row(
        "Blackmagic",  # A001_03051200_C001: month, day, hour, minute
        Confidence.LIKELY,
        r"(?P<reel>(?P<camera>[A-Z])\d{3})_\d{8}_(?P<letter>C)(?P<number>\d{3})(?:_[SP]\d{3})?",
    ),
    _row("GoPro", Confidence.PUBLISHED, r"G[HXPLS](?P<segment>\d\d)(?P<number>\d{4})"),
    _row("GoPro", Confidence.LIKELY, r"GOPR(?P<number>\d{4})"),  # the first chapter of older cameras; then GP01….
    _row("DJI", Confidence.LIKELY, r"DJI_(?P<date>\d{8})\d{6}_(?P<number>\d{4})_[A-Z](?:_\w+)?"),
    _row("DJI", Confidence.LIKELY, r"DJI_(?P<number>\d{4})"),
    _row("Apple", Confidence.LIKELY, r"IMG_E?(?P<number>\d{4})"),
    _row("Canon", Confidence.LIKELY, r"MVI_(?P<number>\d{4})"),
    _row("Sony", Confidence.LIKELY, r"C(?P<number>\d{4})"),  # XAVC S below M4ROOT, XAVC below XDROOT
    _row("Panasonic", Confidence.LIKELY, r"P\d{3}(?P<number>\d{4})"),  # LUMIX, P1000123
    _row("Panasonic", Confidence.LIKELY, r"(?P<number>\d{4})[0-9A-Z]{2}"),  # P2: six characters
    _row("AVCHD", Confidence.LIKELY, r"(?P<number>\d{5})"),
    _row(
        "",  # reel and clip as people write them, and as VariCam and others write them with something behind
        Confidence.LIKELY,
        r"(?P<reel>(?P<camera>[A-Z][A-Z]?_?)\d{1,4})[_ .-]?(?P<letter>[CD])(?P<number>\d{1,4})(?P<rest>_\w+)?",
    ),
)

_ENDING = re.compile(r"\.(?=\w*[A-Za-z])\w{2,5}$", re.ASCII)  # .mov, .R3D; not the .2 of "take 1.2"
_LIKE_A_DATE = re.compile(r"\d{6}|\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER_LAST = re.compile(r"(?P<number>\d{1,9})$", re.ASCII)
_PIECES = re.compile(r"\d+|[^\W\d_]+")
_ANY_TRACK = re.compile(r"^(?P<stem>.+)_X$", re.ASCII | re.IGNORECASE)
_TRACK = re.compile(r"^(?P<stem>.+)_\d{1,2}$", re.ASCII)
# A014, A_0014, A014R2KD, A_0001_1BY9, A001_12046M: a letter or two, a number, what the camera adds behind.
_ROLL = re.compile(
    r"(?P<letters>[A-Z]{1,2})[_ -]?(?P<number>\d{1,4})(?:[A-Z][0-9A-Z]{3}|_[0-9A-Z]{4}|_\d{4}[0-9A-Z]{2})?",
    re.ASCII | re.IGNORECASE,
)


def read_name(name: str) -> ClipName:
    """What a clip's name says, with or without its ending.

    >>> read_name("A004C010_20100610_R1JL.mov").reel, read_name("A004C010_20100610_R1JL.mov").date
    ('A004', '2010-06-10')
    >>> read_name("a014c003.mov").reel
    'A014'
    >>> said = read_name("GX020017.MP4")
    >>> said.maker, said.number, said.segment
    ('GoPro', 17, 2)
    >>> read_name("holiday.mov").number is None
    True
    """
    stem = without_ending(name)
    for pattern in PATTERNS:
        found = pattern.form.fullmatch(stem)
        if found is not None:
            return _said(pattern, found.groupdict())
    last = _NUMBER_LAST.search(stem)
    return ClipName(maker="", confidence=Confidence.NUMBER, number=int(last["number"]) if last else None)


def date_in(name: str) -> str | None:
    """The date in a clip's name, as `read_name` tells it; a card of 20,000 files that have none is told at once.

    >>> date_in("A004C010_20100610_R1JL.mov"), date_in("BMC01_1_2012-08-08_1631_C0002.mov"), date_in("C0001.MP4")
    ('2010-06-10', '2012-08-08', None)
    """
    return read_name(name).date if _LIKE_A_DATE.search(name) else None


def clip_key(name: str) -> str:
    """The name for comparison: without ending, case, separators and zero padding.

    >>> clip_key("A120_C001") == clip_key("A_0120C001.MOV")
    True
    >>> clip_key("A101_3.WAV") == clip_key("A1013.WAV")
    False
    """
    pieces = _PIECES.findall(without_ending(name).casefold())
    return " ".join(piece.lstrip("0") or "0" if piece.isdecimal() else piece for piece in pieces)


def same_clip_name(one: str, other: str) -> bool:
    """Whether two spellings name one clip or sound file; what people write may leave out what the camera adds.

    Wave Agent writes `_X` for all mono files of a set.

    >>> same_clip_name("A120_C001", "A_0120C001_260930_084650_c1BY9.mxf")
    True
    >>> same_clip_name("A001C001_260305_R2KD", "A001C001_260306_R1JL")
    False
    >>> same_clip_name("A101_1_X.WAV", "A101_1_2.WAV")
    True
    """
    key, other_key = clip_key(one), clip_key(other)
    if key == other_key:
        return bool(key)
    said, heard = read_name(one), read_name(other)
    if (said.short or heard.short) and said.reel and heard.reel:
        return said.number == heard.number and same_roll(said.reel, heard.reel) and _letter(one) == _letter(other)
    return _of_set(one, other) or _of_set(other, one)


def set_name(names: Sequence[str]) -> str:
    """What the mono files of one recording are called without their tracks; the first name where they share nothing.

    >>> set_name(["T001_1.WAV", "T001_2.WAV"]), set_name(["T001_1"]), set_name(["BOOM_1", "LAV_2"])
    ('T001', 'T001_1', 'BOOM_1')
    """
    bare = [without_ending(name) for name in names]
    stems = {found["stem"] if (found := _TRACK.match(name) or _ANY_TRACK.match(name)) else "" for name in bare}
    return min(stems) if len(names) > 1 and len(stems) == 1 and min(stems) else bare[0]


def roll_key(label: str) -> str:
    """A roll for comparison: letter and number, without padding and without what the camera adds behind.

    >>> roll_key("A014"), roll_key("A_0014"), roll_key("a014r2kd"), roll_key("A_0014_1BY9")
    ('a 14', 'a 14', 'a 14', 'a 14')
    >>> roll_key("26Y03M05")
    '26 y 3 m 5'
    """
    found = _ROLL.fullmatch(without_ending(label.strip()))
    if found is None:
        return clip_key(label)
    return f"{found['letters'].casefold()} {int(found['number'])}"


def same_roll(one: str, other: str) -> bool:
    """Whether two labels name one roll.

    >>> same_roll("A014", "A_0014"), same_roll("A014", "A014R2KD"), same_roll("A014", "B014"), same_roll("", "")
    (True, True, False, False)
    """
    key = roll_key(one)
    return bool(key) and key == roll_key(other)


def camera_of_roll(label: str) -> str:
    """The camera letter of a roll's label, empty where it has none.

    >>> camera_of_roll("B007"), camera_of_roll("A_0014"), camera_of_roll("26Y03M05"), camera_of_roll("DAY1")
    ('B', 'A', '', '')
    """
    found = _ROLL.fullmatch(without_ending(label.strip()))
    return found["letters"].upper() if found else ""


def without_ending(name: str) -> str:
    """The name without the ending that tells the format.

    >>> without_ending("A014C007.mov"), without_ending("42C take 1.2")
    ('A014C007', '42C take 1.2')
    """
    return _ENDING.sub("", name) or name


def _said(pattern: Pattern, groups: dict[str, str | None]) -> ClipName:
    segment = groups.get("segment")
    return ClipName(
        maker=pattern.maker,
        confidence=pattern.confidence,
        camera=(groups.get("camera") or "").strip("_").upper(),
        reel=(groups.get("reel") or "").upper(),
        number=int(groups.get("number") or 0),
        date=_date(groups.get("date") or ""),
        segment=int(segment) if segment else None,
        short=not pattern.maker and not groups.get("rest"),
    )


def _date(written: str) -> str | None:
    """A date with its year; None where the digits are none."""
    digits = written.replace("-", "")
    if len(digits) == 6:
        digits = f"20{digits}"
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return None


def _letter(name: str) -> str:
    """The letter before the clip's number: C, D for a second codec, or RED's position."""
    stem = without_ending(name)
    found = next((match for pattern in PATTERNS if (match := pattern.form.fullmatch(stem))), None)
    return (found.groupdict().get("letter") or "").upper() if found else ""


def _of_set(whole: str, member: str) -> bool:
    """Whether `whole` is written with the X that stands for any track of a set, and `member` is one of them."""
    stem, track = _ANY_TRACK.match(without_ending(whole)), _TRACK.match(without_ending(member))
    return bool(stem and track) and clip_key(str(stem and stem["stem"])) == clip_key(str(track and track["stem"]))
