"""What a card is and what is wrong with it, from names, folders and sizes alone: nothing is opened.

Used by `onset offload` before the first byte and again with its result. Clips, sound and side-cars are told apart by
`onset/camera/clips.py`; here the card's layout is recognised and each clip compared with what that layout promises.
Any tree at all has an answer: a card that fits no row is unknown, and copied just the same.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from onset.camera.clips import FRAMES, Gap, Listed, OnCard, clips_on
from onset.cards.layouts import LAYOUTS, SOUND_LAYOUTS, UNKNOWN, Layout, Member, Need
from onset.reel import Confidence, read_name, roll_key, without_ending
from onset.text import safe_text

# What a camera lays beside a clip of the same name, whatever the layout.
_SIDE_CARS = frozenset((".xml", ".xmp", ".rmd", ".thm", ".lrv", ".srt", ".sidecar", ".cif", ".cpi", ".clpi", ".bim"))
_SEGMENT = re.compile(r".+_(?P<segment>\d{3})", re.ASCII | re.DOTALL)
_FRAME = re.compile(r"(?P<number>\d{1,12})$", re.ASCII)
_FIRST_OF_GOPRO = re.compile(r"GOPR\d{4}", re.ASCII | re.IGNORECASE)
_NAMED = 6  # clips that a sentence names; beyond that it counts


class Kind(StrEnum):
    """What a trouble is about, the gravest first."""

    EMPTY = "empty"  # a clip without a byte
    LOST = "lost"  # side-cars or a folder of a clip that has no picture
    SEGMENT = "segment"  # a file in the middle of a clip that was cut into several
    FRAMES = "frames"  # pictures in the middle of a sequence of frames
    LISTED = "listed"  # the card's own list names a clip that is not there
    GAP = "gap"  # a clip number between others: deleted in the camera, or missing
    MEMBER = "member"  # a clip without its side-car
    WHOLE = "whole"  # a file of the card as a whole
    MIXED = "mixed"  # clips of several cameras or reels
    UNREAD = "unread"  # a side-car that is not one


_KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong with a card: a clip's name, empty for the card itself, and the rest of a sentence."""

    kind: Kind
    clip: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a card holds.

    Attributes:
        layout: row of the table that it fits.
        maker: of the camera or recorder, empty where nothing tells.
        camera, reel: as most clips name them; empty where none does.
        clips, sounds: in the order in which the camera numbered them, with members and side-cars.
        beside: files of the card as a whole and what belongs to no clip.
        gaps: numbers that no clip has, as far as they are worth a word.
        troubles: what else is wrong with it, the gravest first.
    """

    layout: Layout
    maker: str
    camera: str
    reel: str
    clips: tuple[OnCard, ...] = ()
    sounds: tuple[OnCard, ...] = ()
    beside: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    troubles: tuple[Trouble, ...] = ()

    @property
    def lists(self) -> tuple[str, ...]:
        """What looks like the card's own list of its clips: Sony's MEDIAPRO.XML, and ALE."""
        return tuple(path for path in self.beside if path[-4:].lower() in (".xml", ".ale") and _is_list(path))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong in sentences, those of one kind in one; safe to show."""
        named = [read_name(each.clip) for each in self.troubles if each.kind in (Kind.LOST, Kind.LISTED)]
        told = {(said.reel and roll_key(said.reel), said.number) for said in named if said.number is not None}
        left = [part for gap in self.gaps for part in _without(gap, told)]
        return in_words(graver_first([*self.troubles, *(Trouble(Kind.GAP, str(gap), "") for gap in left)]))


def card_contents(
    files: Iterable[Listed],
    folders: Iterable[str] = (),
) -> Contents:
    """Recognise a card and compare its clips with what its layout promises.

    Args:
        files: all of its regular files, by paths relative to its top.
        folders: of its folders, those that hold nothing too.

    >>> from onset.camera.clips import CardFile
    >>> card = card_contents([CardFile("PRIVATE/M4ROOT/CLIP/C0001.MP4", 9), CardFile("PRIVATE/M4ROOT/MEDIAPRO.XML", 9)])
    >>> card.maker, card.layout.name, card.problems
    ('Sony', 'M4ROOT', ('C0001 has no C0001M01.XML',))
    """
    listed = list(files)
    found = clips_on(listed)
    all_folders = _with_parents(folders, listed)
    layout = _layout(listed, all_folders, found.maker, only_sound=bool(found.sounds) and not found.clips)
    sizes = {file.path: file.size for file in listed} if layout.members else {}
    clips = found.clips
    present = {clip.name.lower() for clip in clips}
    troubles = [Trouble(Kind.EMPTY, name, "holds no byte") for name in found.empty]
    troubles += _lost(layout, found.others, all_folders, clips, present)
    troubles += [*_segments(clips), *_frames(clips)]
    troubles += _members(layout, clips, sizes)
    if clips:
        for form, called in layout.whole:
            if not any(form.fullmatch(path) for path in found.others):
                troubles.append(Trouble(Kind.WHOLE, "", f"{called} is missing, which {layout.name} cards have"))
        troubles += _mixed(clips)
    return Contents(
        layout=layout,
        maker=layout.maker or found.maker,
        camera=found.camera,
        reel=found.reel,
        clips=clips,
        sounds=found.sounds,
        beside=found.others,
        gaps=found.gaps if layout.counts else (),
        troubles=graver_first(troubles),
    )


def but_elsewhere(contents: Contents, elsewhere: Collection[tuple[str, int]]) -> Contents:
    """The same card, without gaps in which other cards of its reel have their clips.

    Args:
        contents: of the card.
        elsewhere: `roll_key` of the reel and number of each clip that another card holds.
    """
    of_reels = {(reel, number) for reel, number in elsewhere if reel}  # without a reel numbers tell no cards apart
    return replace(contents, gaps=tuple(part for gap in contents.gaps for part in _without(gap, of_reels)))


def graver_first(troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """In the order of `Kind`; those of one kind as they came."""
    return tuple(sorted(troubles, key=lambda each: _KINDS.index(each.kind)))


def _is_list(path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return name == "mediapro.xml" or (name.endswith(".ale") and not name.startswith("."))


# -- which layout ------------------------------------------------------------------------------------------------------


def _with_parents(folders: Iterable[str], files: Iterable[Listed]) -> list[str]:
    found: set[str] = set()
    for folder in (*folders, *{file.path.rpartition("/")[0] for file in files}):
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(found)


def _layout(files: Sequence[Listed], folders: Sequence[str], maker: str, *, only_sound: bool) -> Layout:
    if only_sound:
        with_folder = (row for row in SOUND_LAYOUTS if row.folders and any(map(row.folders.fullmatch, folders)))
        return next(with_folder, SOUND_LAYOUTS[-1])
    endings = {f".{ending.lower()}" for ending in {file.path.rpartition(".")[2] for file in files}}
    by_folder = (row for row in LAYOUTS if row.folders is not None and any(map(row.folders.fullmatch, folders)))
    by_ending = (row for row in LAYOUTS if row.endings & endings)
    by_name = (row for row in LAYOUTS if row.by_name and maker and row.maker == maker)
    return next(by_folder, None) or next(by_ending, None) or next(by_name, UNKNOWN)


# -- what is wrong -----------------------------------------------------------------------------------------------------


def _lost(
    layout: Layout, others: Sequence[str], folders: Sequence[str], clips: Sequence[OnCard], present: Collection[str]
) -> Iterator[Trouble]:
    """Clips of which only something beside them, or their folder, is there."""
    left: dict[str, list[str]] = defaultdict(list)
    whole = [form for form, _ in layout.whole]
    for path in others:
        clip = next((found["clip"] for member in layout.members if (found := member.form.fullmatch(path))), "")
        if not clip and f".{path.rpartition('.')[2].lower()}" not in _SIDE_CARS:
            continue
        name = path.rpartition("/")[2]
        if name.startswith(".") or any(form.fullmatch(path) for form in whole):
            continue
        if not clip:
            said = read_name(name)
            clip = without_ending(name) if said.confidence is not Confidence.NUMBER and not said.short else ""
        if clip and clip.lower() not in present:
            left[clip].append(name)
    if layout.clip_folders is not None:
        held = {folder for clip in clips for path in clip.files for folder in _parents(path)}
        for folder in folders:
            if (found := layout.clip_folders.fullmatch(folder)) and folder not in held:
                left.setdefault(found["clip"], [])
    for clip, names in sorted(left.items()):
        beside = f"only {names[0]} is there" if names else "its folder holds no picture"
        yield Trouble(Kind.LOST, clip, f"is missing: {beside}")


def _parents(path: str) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _segments(clips: Sequence[OnCard]) -> Iterator[Trouble]:
    """Files missing in a recording that a camera cut into several: RED's in one clip, chapters of others in several."""
    spanned: dict[tuple[str, str, str, int | None], list[tuple[int, str]]] = defaultdict(list)
    for clip in clips:
        if clip.path.lower().endswith(".r3d"):
            stems = [path.rpartition("/")[2].rpartition(".")[0] for path in clip.files]
            numbers = [int(found["segment"]) for stem in stems if (found := _SEGMENT.fullmatch(stem))]
            yield from _missing(clip.name, numbers, 1)
        elif clip.said.segment is not None or _FIRST_OF_GOPRO.fullmatch(clip.name):
            folder = clip.path.rpartition("/")[0]
            key = (folder, clip.said.maker, clip.said.reel, clip.said.number)
            spanned[key].append((clip.said.segment or 0, clip.name))
    for chapters in spanned.values():
        first = 0 if any(_FIRST_OF_GOPRO.fullmatch(name) for _, name in chapters) else 1
        if all(name.upper().startswith("GP") for _, name in chapters):
            first = 0  # GP010017 goes on from GOPR0017
        yield from _missing(chapters[0][1], [number for number, _ in chapters], first)


def _missing(clip: str, numbers: Collection[int], first: int) -> Iterator[Trouble]:
    there = set(numbers)
    gone = [number for number in range(first, max(there, default=0)) if number not in there]
    if gone:
        shown = ", ".join(map(str, gone[:_NAMED])) + (" and more" if len(gone) > _NAMED else "")
        yield Trouble(Kind.SEGMENT, clip, f"lacks part {shown} of {max(there)}")


def _frames(clips: Sequence[OnCard]) -> Iterator[Trouble]:
    for clip in clips:
        if len(clip.files) < 2 or f".{clip.path.rpartition('.')[2].lower()}" not in FRAMES:
            continue
        stems = [path.rpartition("/")[2].rpartition(".")[0] for path in clip.files]
        numbers = {int(found["number"]) for stem in stems if (found := _FRAME.search(stem))}
        gone = max(numbers) - min(numbers) + 1 - len(numbers) if numbers else 0
        if 0 < gone <= len(numbers):  # more are missing than are there: the numbers count something else
            yield Trouble(Kind.FRAMES, clip.name, f"lacks {gone} of its {gone + len(numbers)} frames")


def _without(gap: Gap, known: Collection[tuple[str, int | None]]) -> Iterator[Gap]:
    """What remains of a gap without the numbers of its reel (by `roll_key`) that something is known of."""
    key = gap.reel and roll_key(gap.reel)
    first = gap.first
    numbers = [number for reel, number in known if reel == key and number and gap.first <= number <= gap.last]
    for number in (*sorted(numbers), gap.last + 1):
        if number > first:
            yield replace(gap, first=first, last=number - 1)
        first = number + 1


def _members(layout: Layout, clips: Sequence[OnCard], sizes: dict[str, int]) -> Iterator[Trouble]:
    for member in layout.members:
        meant = [clip for clip in clips if _has_one(clip, member)]
        lacking = [clip for clip in meant if not any(map(member.form.fullmatch, clip.beside))]
        others = len(meant) - len(lacking)
        if member.need is Need.AS_OTHERS and others <= len(lacking):
            continue
        for clip in lacking:
            named = member.called.replace("*", clip.name)
            yield Trouble(Kind.MEMBER, clip.name, f"has no {named}")
        for clip in meant:
            for path in clip.beside:
                if sizes[path] == 0 and member.form.fullmatch(path):
                    yield Trouble(Kind.MEMBER, clip.name, f"has an empty {path.rpartition('/')[2]}")


def _has_one(clip: OnCard, member: Member) -> bool:
    return not member.endings or f".{clip.path.rpartition('.')[2].lower()}" in member.endings


def _mixed(clips: Sequence[OnCard]) -> Iterator[Trouble]:
    """A card that was not formatted before it went into another camera, or copied together from two."""
    reels = Counter(clip.said.reel for clip in clips if clip.said.reel)
    by_key: dict[str, str] = {}
    for reel in sorted(reels):
        by_key.setdefault(roll_key(reel), reel)
    if len(by_key) > 1:
        shown = ", ".join(list(by_key.values())[:_NAMED])
        yield Trouble(Kind.MIXED, "", f"clips of {len(by_key)} reels on one card: {shown}")


# -- in words ----------------------------------------------------------------------------------------------------------


def in_words(troubles: Sequence[Trouble]) -> tuple[str, ...]:
    """Sentences without their full stop: those of one kind together, as many named as a person reads; safe to show.

    >>> in_words([Trouble(Kind.GAP, "A014C003", ""), Trouble(Kind.GAP, "A014C006 to A014C008", "")])
    ('no A014C003, A014C006 to A014C008: deleted in the camera, or missing',)
    """
    grouped: dict[Kind, list[Trouble]] = defaultdict(list)
    for each in troubles:
        grouped[each.kind].append(each)
    lines: list[str] = []
    for kind, each_kind in grouped.items():
        if kind is Kind.GAP:
            names = ", ".join(each.clip for each in each_kind[:_NAMED])
            lines.append(f"no {names}{_more(each_kind)}: deleted in the camera, or missing")
        else:
            said = [f"{each.clip} {each.what}" if each.clip else each.what for each in each_kind[:_NAMED]]
            lines.append("; ".join(said) + _more(each_kind))
    return tuple(safe_text(line) for line in lines)


def _more(troubles: Sequence[Trouble]) -> str:
    return f" and {len(troubles) - _NAMED} more" if len(troubles) > _NAMED else ""
