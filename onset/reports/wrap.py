"""The wrap summary of a shooting day: what is settled, what is not, and who said so, as words ready to print.

`wrap_day.py` makes one frozen `WrapSummary` from the reconciliation board, the cards' verdicts, the takes and the day's
events; `html.py`, `pdf.py` and `text.py` only lay out its sections, so they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from onset.reports.day import Totals
from onset.reports.section import Column, Section, SectionPaper
from onset.reports.wrap_pictures import PicturedTake, pictures_section


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneLine:
    """What was shot of a scene that day."""

    scene: str
    heading: str
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """A card with both halves of its verdict.

    Attributes:
        verdict: `cleared`, `safe` or `not safe`; `reasons` why not.
        proved: what `copies` says, but for which of them is mounted now.
        cleared: who cleared it, when, and what that person typed; empty: nobody did.
    """

    card: str
    verdict: str
    copies: str
    proved: str
    log: str
    reasons: tuple[str, ...]
    cleared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceLine:
    """A difference between departments; `where` is the take and the device, or the file that belongs to no take."""

    where: str
    what: str
    cause: str
    cause_is: str
    explanation: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLine:
    """What has not come yet, and the takes that wait for it."""

    what: str
    takes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkLine:
    """A file that is proposed for a take and that nobody has confirmed; `device` is the camera or the recorder."""

    device: str
    take: str
    file: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """Something that happened to a device or a card; `time` is local."""

    time: str
    where: str
    what: str
    alarm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapSummary(SectionPaper):
    """The whole report.

    Attributes:
        clocks: each device's clock against the log's, in words.
        pictured: circled takes, with small pictures where there are some.
    """

    kind: ClassVar[str] = "Wrap summary"
    mark: ClassVar[str] = "onset wrap summary"
    name: ClassVar[str] = "wrap"
    legend: ClassVar[str] = "~ no action stamped, timed from roll to cut"

    scenes: tuple[SceneLine, ...]
    cards: tuple[CardLine, ...]
    open: tuple[DifferenceLine, ...]
    explained: tuple[DifferenceLine, ...]
    pending: tuple[PendingLine, ...]
    links: tuple[LinkLine, ...]
    clocks: tuple[str, ...]
    events: tuple[EventLine, ...]
    pictured: tuple[PicturedTake, ...] = ()

    @property
    def not_cleared(self) -> tuple[CardLine, ...]:
        """Cards that no person has cleared as they are now."""
        return tuple(card for card in self.cards if card.verdict != "cleared")

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        return {
            "takes": self.totals.shot.takes,
            "open": len(self.open),
            "explained": len(self.explained),
            "pending": len(self.pending),
            "links_to_confirm": len(self.links),
            "alarms": sum(line.alarm for line in self.events),
            "cards_not_cleared": len(self.not_cleared),
        }

    @property
    def sections(self) -> tuple[Section, ...]:
        """The report as tables, what needs a hand first."""
        cleared = tuple(card for card in self.cards if card.verdict == "cleared")
        return (
            _cards("Cards not cleared", self.not_cleared, "Every card of the day is cleared." if self.cards else _NONE),
            *([_cards("Cards cleared for formatting", cleared, "")] if cleared else []),
            _open(self.open),
            _links(self.links),
            _pending(self.pending),
            _explained(self.explained),
            _clocks(self.clocks),
            _events(self.events),
            _scenes(self.scenes),
            *([pictures_section(self.pictured)] if self.pictured else []),
        )


# -- the tables -------------------------------------------------------------------------------------------------------

_NONE = "No card was offloaded."
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _cards(heading: str, cards: Sequence[CardLine], empty: str) -> Section:
    columns = (
        Column("Card", 0.1),
        Column("Verdict", 0.09),
        Column("Copies", 0.27, long=True, lead="COPIES: "),
        Column("Log", 0.27, long=True, lead="LOG: "),
        Column("Why, or cleared by", 0.27, long=True),
    )
    rows = tuple(
        (
            (card.card,),
            (card.verdict,),
            (card.copies,),
            (card.log,),
            (f"Cleared by {card.cleared}",) if card.cleared else card.reasons,
        )
        for card in cards
    )
    compared = tuple((*row[:2], (card.proved,), *row[3:]) for card, row in zip(cards, rows, strict=True))
    return Section(heading=heading, columns=columns, rows=rows, empty=empty, bold=(0, 1), compared=compared)


def _open(lines: Sequence[DifferenceLine]) -> Section:
    columns = (
        Column("Take", 0.16),
        Column("Difference", 0.48, long=True),
        Column("Likely cause, or evidence", 0.36, long=True),
    )
    rows = tuple(
        ((line.where,), (line.what,), (f"{line.cause_is}: {line.cause}",) if line.cause else ()) for line in lines
    )
    keys = tuple(f"{line.where}: {line.what}" for line in lines)
    return Section(heading="Open differences", columns=columns, rows=rows, empty="None.", keys=keys)


def _links(lines: Sequence[LinkLine]) -> Section:
    """A row for each device and offset: a day without a camera report may have hundreds of such links."""
    columns = (
        Column("Device", 0.12),
        Column("Found by", 0.33, long=True, lead="found by: "),
        Column("Takes and files", 0.55, long=True),
    )
    alike: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        alike.setdefault((line.device, line.evidence.partition(";")[0]), []).append(f"{line.take}\xa0{line.file}")
    rows = tuple(((device,), (evidence,), (", ".join(pairs),)) for (device, evidence), pairs in alike.items())
    heading = "Links awaiting confirmation"
    keys = tuple(f"{device}, {_uncounted(evidence)}" for device, evidence in alike)
    return Section(heading=heading, columns=columns, rows=rows, empty="None.", things=len(lines), keys=keys)


def _uncounted(words: str) -> str:
    """What a line speaks of, however many files bear it out by now.

    >>> _uncounted("offset +37.2 s found on 61 of 64 files")
    'offset +# s found on # of # files'
    """
    return _NUMBER.sub("#", words)


def _pending(lines: Sequence[PendingLine]) -> Section:
    columns = (Column("Pending", 0.5), Column("Takes that wait for it", 0.5, long=True))
    rows = tuple(((line.what,), (", ".join(line.takes),) if line.takes else ()) for line in lines)
    return Section(heading="Pending", columns=columns, rows=rows, empty="Nothing.")


def _explained(lines: Sequence[DifferenceLine]) -> Section:
    columns = (
        Column("Take", 0.16),
        Column("Difference", 0.42, long=True),
        Column("Explained", 0.42, long=True, lead="explained: "),
    )
    rows = tuple(
        ((line.where,), (line.what,), (f"{line.explanation} ({line.by})" if line.by else line.explanation,))
        for line in lines
    )
    keys = tuple(f"{line.where}: {line.what}" for line in lines)
    return Section(heading="Explained differences", columns=columns, rows=rows, empty="None.", keys=keys)


def _clocks(lines: Sequence[str]) -> Section:
    rows = tuple(((line,),) for line in lines)
    columns = (Column("Against the log's clock", 1.0, long=True),)
    keys = tuple(map(_uncounted, lines))
    empty = "No clock could be compared."
    return Section(heading="Device clocks", columns=columns, rows=rows, empty=empty, bold=(), keys=keys)


def _events(lines: Sequence[EventLine]) -> Section:
    columns = (Column("Time", 0.1), Column("Device", 0.2), Column("What happened", 0.7, long=True))
    rows = tuple(((line.time,), (line.where,), (f"ALARM: {line.what}" if line.alarm else line.what,)) for line in lines)
    keys = tuple(f"{line.time} {line.where}: {line.what}" for line in lines)
    return Section(heading="Gaps and alarms", columns=columns, rows=rows, empty="None.", keys=keys)


def _scenes(lines: Sequence[SceneLine]) -> Section:
    columns = (
        Column("Scene", 0.1),
        Column("Setups", 0.1),
        Column("Takes", 0.1),
        Column("Circled", 0.1),
        Column("Timing", 0.11),
        Column("Circled timing", 0.15),
        Column("Heading", 0.34),
    )
    rows = tuple(
        (
            (line.scene,),
            (str(line.totals.shot.setups),),
            (str(line.totals.shot.takes),),
            (str(line.totals.shot.circled),),
            (line.totals.timing,),
            (line.totals.circled_timing,),
            (line.heading,),
        )
        for line in lines
    )
    return Section(heading="Scenes", columns=columns, rows=rows, empty="None.")
