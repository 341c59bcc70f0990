"""The offload report of a shooting day: which cards came in, where their copies are, and what is on them.

`offload_day.py` makes one frozen `OffloadReport` from the log, the jobs' records and the copies; `html.py`, `pdf.py`
and `text.py` only lay out its sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from onset.domain.measures import in_bytes
from onset.reports.section import UNKNOWN, Column, Section, SectionPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """One copy: its folder, the medium it is on, what was proven of it, and the copy it was made from, if it was.

    Attributes:
        key: the path as the log has it; `folder` (and `source`) as paper calls it.
        bad: what was found of it since, empty where nothing was.
    """

    key: str
    folder: str
    disk: str
    read_back: str
    verified: int
    failed: int
    manifest: str
    mounted: bool
    source: str = ""
    bad: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipLine:
    """A clip or sound file of a card.

    Attributes:
        start: label of its first frame, `?` where nothing tells; `length` as a stopwatch reads.
        takes: that it is linked to, a proposed one with a question mark.
        digest: format and digest of its bytes, empty where it was never read.
        trouble: why it cannot be used, empty when it can.
        still: JPEG of its first picture, where a copy could be opened.
    """

    name: str
    start: str
    length: str
    rate: str
    size: int | None
    takes: tuple[str, ...]
    digest: str
    trouble: str
    still: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OffloadedCard:
    """A card with its copies and what is on it.

    Attributes:
        verdict: `cleared`, `safe` or `not safe`; `reasons` why not, or who cleared it.
        copied: when, and how long it took where the job's record is still there.
        gaps: what is not on it that should be, in words; `looked` whether a copy was connected, to be looked at.
    """

    card: str
    camera: str
    reel: str
    fingerprint: str
    files: int
    size: int
    verdict: str
    reasons: tuple[str, ...]
    copied: str
    copies: tuple[CopyLine, ...]
    clips: tuple[ClipLine, ...]
    gaps: tuple[str, ...]
    looked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OffloadReport(SectionPaper):
    """The whole report."""

    kind: ClassVar[str] = "Offload report"
    mark: ClassVar[str] = "onset offload report"
    name: ClassVar[str] = "offload"
    legend: ClassVar[str] = "direct: read back around the cache; cache: not proven to be on the medium"

    cards: tuple[OffloadedCard, ...]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in the order they are printed."""
        good = sum(card.verdict != "not safe" for card in self.cards)
        return (
            ("Cards", str(len(self.cards))),
            ("Safe or cleared", str(good)),
            ("Clips", str(sum(len(card.clips) for card in self.cards))),
            ("Files", str(sum(card.files for card in self.cards))),
            ("Size", in_bytes(sum(card.size for card in self.cards))),
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        return {
            "cards": len(self.cards),
            "not_safe": sum(card.verdict == "not safe" for card in self.cards),
            "clips": sum(len(card.clips) for card in self.cards),
        }

    @property
    def sections(self) -> tuple[Section, ...]:
        """The cards in one table, then each with its copies, its gaps and its clips."""
        return (_cards(self.cards), *(section for card in self.cards for section in _card(card)))


# -- the tables -------------------------------------------------------------------------------------------------------


def _cards(cards: Sequence[OffloadedCard]) -> Section:
    columns = (
        Column("Card", 0.12),
        Column("Verdict", 0.1),
        Column("Files", 0.07),
        Column("Size", 0.09),
        Column("Copied", 0.22, long=True, lead="Copied: "),
        Column("Why, or cleared by", 0.4, long=True),
    )
    rows = tuple(
        (
            (card.card, *([f"camera {card.camera}"] if card.camera else [])),
            (card.verdict,),
            (str(card.files),),
            (in_bytes(card.size),),
            (card.copied,),
            card.reasons,
        )
        for card in cards
    )
    return Section(heading="Cards", columns=columns, rows=rows, empty="No card was offloaded.", bold=(0, 1))


def _card(card: OffloadedCard) -> Iterator[Section]:
    yield _copies(card)
    gaps = card.gaps if card.looked else ("No copy is connected now: what is on it was not looked at.", *card.gaps)
    if gaps:
        columns = (Column("Not as it should be", 1.0, long=True),)
        rows = tuple(((gap,),) for gap in gaps)
        unknown = () if card.looked else (((UNKNOWN,),),) * len(rows)
        yield Section(heading=f"{card.card}: gaps", columns=columns, rows=rows, empty="", bold=(), compared=unknown)
    yield _clips(card)


def _copies(card: OffloadedCard) -> Section:
    columns = (
        Column("Folder", 0.36, long=True),
        Column("Disk", 0.16),
        Column("Read back", 0.1),
        Column("Verified", 0.09),
        Column("Failed", 0.07),
        Column("Manifest", 0.22, long=True, lead="Manifest: "),
    )
    rows = tuple(
        (
            (
                copy.folder,
                *([f"made from {copy.source}"] if copy.source else []),
                *([copy.bad] if copy.bad else []),
                *([] if copy.mounted else ["not connected now"]),
            ),
            (copy.disk,),
            (copy.read_back,),
            (str(copy.verified),),
            (str(copy.failed),),
            (copy.manifest,),
        )
        for copy in card.copies
    )
    return Section(
        heading=f"{card.card}: copies",
        columns=columns,
        rows=rows,
        empty="There is no copy of it.",
        bold=(),
        keys=tuple(copy.key for copy in card.copies),
        compared=tuple(
            (each[0][: 1 + bool(copy.source) + bool(copy.bad)], *each[1:])
            for copy, each in zip(card.copies, rows, strict=True)
        ),
    )


def _clips(card: OffloadedCard) -> Section:
    pictures = any(clip.still for clip in card.clips)
    columns = (
        *([Column("", 0.14)] if pictures else []),
        Column("Clip", 0.24 if pictures else 0.3),
        Column("Start", 0.11),
        Column("Length", 0.07),
        Column("Rate", 0.07),
        Column("Size", 0.08),
        Column("Takes", 0.1),
        Column("Digest", 0.19 if pictures else 0.27, long=True),
    )
    rows = tuple(
        (
            *([()] if pictures else []),
            (clip.name, *([clip.trouble] if clip.trouble else [])),
            (clip.start,),
            (clip.length,),
            (clip.rate,),
            (in_bytes(clip.size) if clip.size is not None else "",),
            clip.takes,
            (clip.digest,) if clip.digest else (),
        )
        for clip in card.clips
    )
    return Section(
        heading=f"{card.card}: clips",
        columns=columns,
        rows=rows,
        empty="No clip or sound file was found on it.",
        bold=(1 if pictures else 0,),
        pictures=tuple(clip.still for clip in card.clips) if pictures else (),
    )
