"""Which files of a card are clips and sound, and what lies beside them: read from names, folders and sizes alone.

Used by the record of an offload and by `onset import clips`. Nothing is opened here, so a card of any camera is
understood as far as its names go; what is not understood is still copied, and listed in `others`. Layouts: the folders
that cameras make (XDROOT, M4ROOT, CONTENTS, DCIM, PRIVATE, RDM/RDC), and the names of facts on clip names.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Protocol

from onset.reel import ClipName, Confidence, camera_of_roll, read_name, without_ending

PICTURES = frozenset(
    (".mov", ".mp4", ".m4v", ".mxf", ".r3d", ".braw", ".crm", ".avi", ".mts", ".m2ts", ".insv", ".mkv", ".nev", ".360")
)
FRAMES = frozenset((".ari", ".arx", ".dng", ".dpx", ".exr"))  # one file a frame: the folder is the clip
# Formats that need their makers' own libraries: that nothing here opens them says nothing about the file.
RAW = frozenset((".r3d", ".braw", ".ari", ".arx", ".crm", ".dng", ".dpx", ".exr", ".nev"))
SOUNDS = frozenset((".wav", ".bwf", ".rf64"))
# Stills of cameras that count them together with their clips (DCF, JEITA CP-3461).
STILLS = frozenset(
    (".jpg", ".jpeg", ".heic", ".heif", ".dng", ".gpr", ".cr2", ".cr3", ".arw", ".rw2", ".nef", ".raf", ".insp")
)
_HELD = PICTURES | FRAMES | SOUNDS
_SMALLER = frozenset(("proxy", "proxies", "sub", "thmb", "thmbnl", "icon", "edit", "voice", "lrv"))
_P2_SOUND = re.compile(r"(?P<clip>[0-9A-Z]{6})\d\d", re.ASCII | re.IGNORECASE)
_BESIDE = re.compile(r"(?P<clip>.+?)(?:[MSTR]\d\d|_\d{3}|_P|_Proxy)?", re.ASCII | re.IGNORECASE)
_RED_SEGMENT = re.compile(r"(?P<clip>.+)_(?P<segment>\d{3})", re.ASCII)
_RED_FOLDER = re.compile(r"(?P<clip>.+)\.rdc", re.ASCII | re.IGNORECASE)
_RED_CARD = re.compile(r"(?P<reel>.+)\.rdm", re.ASCII | re.IGNORECASE)
_STILLS_FOLDER = re.compile(r"(?:.*/)?dcim/\d{3}\w{5}", re.ASCII | re.IGNORECASE)


_path = attrgetter("path")


class Listed(Protocol):
    """A file as a listing has it: `path` relative to the card, with `/`; `size` in bytes; `mtime_ns` wall clock."""

    @property
    def path(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def mtime_ns(self) -> int: ...


@dataclass(frozen=True, slots=True)
class CardFile:
    """One of which no more is known."""

    path: str
    size: int
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCard:
    """A clip or a sound file on a card.

    Attributes:
        name: as the camera names it, without ending.
        path: its first file, which is the one to open.
        files: all files that hold its picture or sound, in order; one a frame for frame sequences.
        beside: side-cars: metadata, thumbnails, proxies.
        size: bytes of `files` together.
        mtime_ns: of the newest of them.
        said: what the name says.
        sound: a sound recorder's file.
        empty: one of its files holds no byte.
    """

    name: str
    path: str
    files: tuple[str, ...]
    beside: tuple[str, ...]
    size: int
    mtime_ns: int
    said: ClipName
    sound: bool = False
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Clip numbers that no clip has, though there are lower and higher ones.

    Attributes:
        reel: whose numbers, empty for cameras that name none.
        first, last: numbers that are missing, both included.
        head, digits, tail: how a clip of that number is called.
    """

    reel: str
    first: int
    last: int
    head: str
    digits: int
    tail: str

    def __str__(self) -> str:
        first = self.name(self.first)
        return first if self.first == self.last else f"{first} to {self.name(self.last)}"

    def name(self, number: int) -> str:
        """What the clip of that number would be called (`A014C004`, `C0004`)."""
        return f"{self.head}{number:0{self.digits}d}{self.tail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContents:
    """What a card holds.

    Attributes:
        clips, sounds: in the order in which the camera numbered them.
        camera: letter that most clips name, empty where none does; `reel` likewise.
        maker: of the camera, empty where names do not tell.
        gaps: clip numbers that are missing between the first and the last; stills that are counted with them are none.
        empty: names of clips without a byte.
        others: files that belong to no clip.
    """

    clips: tuple[OnCard, ...]
    sounds: tuple[OnCard, ...]
    camera: str
    reel: str
    maker: str
    gaps: tuple[Gap, ...]
    empty: tuple[str, ...]
    others: tuple[str, ...]


def clips_on(files: Iterable[Listed]) -> CardContents:
    """Sort the files of a card into clips, sound and the rest.

    >>> found = clips_on([CardFile("A014/A014C001_260930_R1AB.mov", 9), CardFile("A014/A014C003_260930_R1AB.mov", 9)])
    >>> [clip.name for clip in found.clips], found.camera, [str(gap) for gap in found.gaps]
    (['A014C001_260930_R1AB', 'A014C003_260930_R1AB'], 'A', ['A014C002'])
    """
    ordered = sorted(files, key=_path)
    held: dict[str, list[Listed]] = defaultdict(list)
    rest: list[Listed] = []
    for file in ordered:
        key = _clip_of(file.path)
        (held[key] if key else rest).append(file)
    _give_back_proxies(held, rest)
    names = {key: _name_of(key) for key in held}
    beside, others = _beside(names, rest)
    clips = [_on_card(names[key], of_clip, beside.get(key, ())) for key, of_clip in held.items()]
    pictures = sorted((clip for clip in clips if not clip.sound), key=_order)
    reel = _most(clip.said.reel for clip in pictures) or _red_reel(ordered)
    return CardContents(
        clips=tuple(pictures),
        sounds=tuple(sorted((clip for clip in clips if clip.sound), key=_order)),
        camera=_most(clip.said.camera for clip in pictures) or camera_of_roll(reel),
        reel=reel,
        maker=_most(clip.said.maker for clip in pictures),
        gaps=_gaps(pictures, _stills(rest)),
        empty=tuple(clip.name for clip in sorted(clips, key=_order) if clip.empty),
        others=tuple(others),
    )


def _order(clip: OnCard) -> tuple[str, int, int, str]:
    return (clip.said.reel, clip.said.number or 0, clip.said.segment or 0, clip.path)


def _most(words: Iterable[str]) -> str:
    counted = Counter(word for word in words if word)
    return max(counted, key=lambda word: (counted[word], word)) if counted else ""


def _ending(path: str) -> str:
    dot = path.rfind(".")
    ending = path[dot:].lower() if dot >= 0 else ""
    return "" if "/" in ending else ending  # a dot in the name of a folder


def _clip_of(path: str) -> str:
    """A key for the clip that a file holds picture or sound of; empty for every other file."""
    ending = _ending(path)
    if ending not in _HELD:
        return ""
    folder, _, name = path.rpartition("/")
    if name.startswith("."):
        return ""
    if ending in FRAMES and not (ending in STILLS and _STILLS_FOLDER.fullmatch(folder)):
        return f"{folder}/" if folder else path
    if ending not in PICTURES and ending not in SOUNDS:
        return ""
    parts = folder.lower().split("/")
    if "contents" in parts and parts[-1] == "audio" and ending == ".mxf":
        return ""  # Panasonic P2 keeps a clip's sound beside its picture
    if ending == ".r3d":
        inside = _RED_FOLDER.fullmatch(folder.rpartition("/")[2])
        segment = _RED_SEGMENT.fullmatch(name[: -len(ending)])
        if inside or segment:
            return f"{folder}/{segment['clip'] if segment else inside['clip'] if inside else name}{ending}"
    return path


def _give_back_proxies(held: dict[str, list[Listed]], rest: list[Listed]) -> None:
    """Small copies that a camera makes lie in folders of their own; they count only where there is no larger one."""
    small = dict.fromkeys(key for key in held if not _SMALLER.isdisjoint(key.lower().split("/")[:-1]))
    large = {_stem(key) for key in held if key not in small} if small else set()
    for key in small:
        if _stem(key) in large:
            rest.extend(held.pop(key))
    sounds = dict.fromkeys(key for key in held if _ending(key) in SOUNDS)
    pictures = {key.rpartition(".")[0].lower() for key in held if key not in sounds} if sounds else set()
    for key in sounds:
        if key.rpartition(".")[0].lower() in pictures:
            rest.extend(held.pop(key))
    rest.sort(key=_path)


def _stem(key: str) -> str:
    name = key.rstrip("/").rpartition("/")[2].lower()
    stem = name.rpartition(".")[0] if _ending(name) in PICTURES else name
    found = _BESIDE.fullmatch(stem)
    return found["clip"] if found else stem


def _name_of(key: str) -> str:
    if key.endswith("/"):  # frames
        return key.rstrip("/").rpartition("/")[2]
    name = key.rpartition("/")[2]
    return name[: -len(_ending(name))] or name


def _on_card(name: str, files: Sequence[Listed], beside: Sequence[str]) -> OnCard:
    return OnCard(
        name=name,
        path=files[0].path,
        files=tuple([file.path for file in files]),
        beside=tuple(beside),
        size=sum([file.size for file in files]),
        mtime_ns=max([file.mtime_ns for file in files]),
        said=read_name(name),
        sound=_ending(files[0].path) in SOUNDS,
        empty=min([file.size for file in files]) == 0,
    )


def _beside(made: Mapping[str, str], rest: Sequence[Listed]) -> tuple[dict[str, list[str]], list[str]]:
    """The rest, by the clip whose name they carry; and what carries none. `made`: keys of clips to their names."""
    if not made:
        return {}, [file.path for file in rest]
    by_name: dict[str, list[str]] = defaultdict(list)
    for key, clip in made.items():
        by_name[clip.lower()].append(key)
    found: dict[str, list[str]] = defaultdict(list)
    others: list[str] = []
    for file in rest:
        keys = next((by_name[name] for name in _may_be_of(file.path, by_name) if name in by_name), [])
        if len(keys) > 1:  # the same name twice on one card: the nearest folder's
            keys = sorted(keys, key=lambda key: -_shared(key, file.path))[:1]
        if keys:
            found[keys[0]].append(file.path)
        else:
            others.append(file.path)
    return found, others


def _may_be_of(path: str, clips: Collection[str]) -> Iterator[str]:
    """Names of clips, small letters, that a file may lie beside; the likeliest first."""
    stem = without_ending(path.rpartition("/")[2]).lower()
    if stem.startswith("gl") and _ending(path) == ".lrv":  # GoPro: GL010017.LRV is small for GX010017.MP4
        yield next((name for letter in "xhs" if (name := f"g{letter}{stem[2:]}") in clips), stem)
    else:
        yield stem
    if wider := _BESIDE.fullmatch(stem):
        yield wider["clip"]
    if sound := _P2_SOUND.fullmatch(stem):
        yield sound["clip"]
    if folder := _RED_FOLDER.fullmatch(path.rpartition("/")[0].rpartition("/")[2].lower()):
        yield folder["clip"]
    yield f"{stem}01"  # Canon XF: NZ0001.CIF is of the clip whose first stream is NZ000101.MXF


def _shared(one: str, other: str) -> int:
    """How many folders two paths begin with in common."""
    count = 0
    for here, there in zip(one.split("/"), other.split("/"), strict=False):
        if here != there:
            break
        count += 1
    return count


def _red_reel(files: Sequence[Listed]) -> str:
    for folder in dict.fromkeys([file.path.rpartition("/")[0] for file in files]):
        for part in folder.split("/"):
            if found := _RED_CARD.fullmatch(part):
                return found["reel"]
    return ""


def _stills(rest: Sequence[Listed]) -> set[int]:
    """Numbers of stills, which action cameras, drones and phones count together with their clips."""
    numbers = set()
    for file in rest:
        if _ending(file.path) in STILLS and _STILLS_FOLDER.fullmatch(file.path.rpartition("/")[0]):
            numbers.add(read_name(file.path.rpartition("/")[2]).number or 0)
    return numbers


def _gaps(clips: Sequence[OnCard], stills: Collection[int]) -> tuple[Gap, ...]:
    """Numbers that no clip of a reel has, between its first and its last one."""
    by_reel: dict[tuple[str, str], dict[int, OnCard]] = defaultdict(dict)
    for clip in clips:
        if clip.said.number is not None and clip.said.confidence is not Confidence.NUMBER:
            by_reel[clip.said.reel, clip.said.maker].setdefault(clip.said.number, clip)
    gaps: list[Gap] = []
    for (reel, _), numbered in sorted(by_reel.items()):
        taken = sorted(numbered.keys() | {at for at in stills if not reel and min(numbered) < at < max(numbered)})
        called = _called(numbered[min(numbered)])
        gaps += [Gap(reel, one + 1, other - 1, *called) for one, other in pairwise(taken) if other > one + 1]
    return tuple(gaps)


def _called(clip: OnCard) -> tuple[str, int, str]:
    """What stands before a clip's number in its name, how many digits it has, and what stands behind it."""
    reel, number = clip.said.reel, clip.said.number
    if reel:  # A014C003, A001_C003: as the camera spells it, without the date and letters that only that clip has
        spelled = re.match(rf"({re.escape(reel)}_?[A-Z])(0*{number})(?!\d)", clip.name, re.ASCII | re.IGNORECASE)
        return (spelled[1], len(spelled[2]), "") if spelled else (f"{reel}C", 3, "")
    found = re.search(rf"(0*{number})(?=\D*$)", clip.name, re.ASCII)
    return (clip.name[: found.start()], len(found[0]), clip.name[found.end() :]) if found else ("", 1, "")
