"""The card's own lists of its clips: Sony's MEDIAPRO.XML, and the ALE that ARRI's cameras lay beside a reel.

Read when a card's clips are opened. A list says what a clip is where its file cannot be opened here, and names clips
that should be on the card. Files from a card are bounded and may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lxml import etree

from onset.camera.sidecar import (
    ISO_NAMES,
    WHITE_BALANCE_NAMES,
    Sidecar,
    fps_of,
    is_too_large,
    label_of,
    read_xml,
    said,
)
from onset.cards.contents import Contents, Kind, Trouble
from onset.reel import clip_key, read_name, same_roll, without_ending
from onset.timecode import RATES, Rate

_MOST = 20_000  # clips; a card of 10 TB has a tenth of them
_LONGEST = 500  # characters of a name
_COLUMNS = 256


@dataclass(frozen=True, slots=True)
class Lists:
    """What a card's lists say.

    Attributes:
        said: of each clip, by `clip_key` of its name.
        troubles: clips that they name and that are not there, and lists that could not be read.
    """

    said: Mapping[str, Sidecar]
    troubles: tuple[Trouble, ...]


def read_lists(contents: Contents, root: Path, rate: Rate) -> Lists:
    """Read the lists of a card.

    Args:
        contents: of the card, or of a copy of it.
        root: where it lies.
        rate: of labels, for a list that tells none.
    """
    found: dict[str, Sidecar] = {}
    troubles: list[Trouble] = []
    there = {clip_key(clip.name) for clip in contents.clips}
    told = {clip_key(each.clip) for each in contents.troubles if each.kind is Kind.LOST}
    for path in contents.lists:
        name = PurePosixPath(path).name
        try:
            if is_too_large(root / path):
                troubles.append(Trouble(Kind.UNREAD, name, "is larger than a camera's list can be; it was not read"))
                continue
            rows = list(_mediapro(root / path) if name.lower() == "mediapro.xml" else _ale(root / path, rate))
        except OSError as error:
            troubles.append(Trouble(Kind.UNREAD, name, f"cannot be read ({error.strerror})"))
            continue
        for clip, sidecar in rows[:_MOST]:
            key = clip_key(clip)
            found.setdefault(key, sidecar)
            if key and key not in there and key not in told and _is_meant(clip, contents):
                told.add(key)
                troubles.append(Trouble(Kind.LISTED, clip, f"is not on the card, though {name} lists it"))
    return Lists(found, tuple(troubles))


def _is_meant(clip: str, contents: Contents) -> bool:
    """Whether a list means a clip of this card: somebody may have laid a list of another reel on it."""
    reel = read_name(clip).reel
    return not reel or not contents.reel or same_roll(reel, contents.reel)


def _mediapro(path: Path) -> Iterator[tuple[str, Sidecar]]:
    """`<Material uri="./CLIP/C0001.MP4" videoType="AVC_3840_2160_HP@L51" fps="23.98p" dur="84" …>`."""
    root = read_xml(path)
    if root is None:
        return
    for element in root.iter(etree.Element):
        if str(etree.QName(element).localname) != "Material":
            continue
        uri, frames = str(element.get("uri") or "")[:_LONGEST], str(element.get("dur") or "")
        if uri:
            yield (
                without_ending(PurePosixPath(uri).name),
                Sidecar(
                    fps=fps_of(str(element.get("fps") or "")),
                    duration_frames=int(frames)
                    if frames.isascii() and frames.isdecimal() and len(frames) < 12
                    else None,
                    codec=str(element.get("videoType") or "")[:_LONGEST],
                ),
            )


def _ale(path: Path, rate: Rate) -> Iterator[tuple[str, Sidecar]]:
    """Avid's log exchange: `Heading`, `Column` and one line of names, `Data` and a line a clip, tabs between cells."""
    raw = path.read_bytes()
    lines = raw.decode("utf-8-sig" if raw.isascii() or _is_utf8(raw) else "latin-1").splitlines()
    heads = [line.strip() for line in lines]
    if "Column" not in heads or "Data" not in heads:
        return
    at = heads.index("Column")
    names = lines[at + 1].split("\t")[:_COLUMNS] if at + 1 < len(lines) else []
    whole = dict(line.split("\t")[:2] for line in lines[:at] if line.count("\t") >= 1)
    for line in lines[heads.index("Data") + 1 :]:
        row = dict(zip(names, (cell.strip()[:_LONGEST] for cell in line.split("\t")), strict=False))
        name = row.get("Name", "")
        if not name:
            continue
        fps = fps_of(row.get("FPS", "") or whole.get("FPS", ""))
        labels = next((each for each in RATES.values() if each.fps == fps and each.drop == rate.drop), rate)
        length = label_of(row.get("Duration", ""), labels)
        yield (
            without_ending(name),
            Sidecar(
                start=label_of(row.get("Start", ""), labels),
                duration_frames=length.frames if length is not None else None,
                fps=fps,
                iso=said(row, ISO_NAMES),
                white_balance=said(row, WHITE_BALANCE_NAMES),
                reel=row.get("Tape", ""),
            ),
        )


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
