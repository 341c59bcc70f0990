"""The cards of a shooting day, asked of the log, of the jobs' records and of the copies, and put in words.

Used by `onset report offload`. All words pass `safe_text` here. A still is taken from a copy that is connected; one
that cannot be decoded costs the picture, not the report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from onset.domain.camera import Clip, Link, LinkState
from onset.domain.card import Card, Copy
from onset.domain.measures import in_bytes
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.errors import MediumError
from onset.logbook.terms import LoggedChange
from onset.media import MediaReader
from onset.reconcile.board import CardVerdict
from onset.reports.day import DayBook, cleared_words, day_of, moment, stopwatch, takes_of, totals_of
from onset.reports.files import length_of, places, recorded_rate
from onset.reports.offload import ClipLine, CopyLine, OffloadedCard, OffloadReport
from onset.text import safe_text

_WIDTH = 192  # pixels of a still, three times what a printer needs


@dataclass(frozen=True, slots=True)
class CopyRun:
    """A job that copied a card.

    Attributes:
        at_ns: when it ended, wall clock.
        seconds: how long it took.
        again_ns: when a later one ended, which read all of it once more.
    """

    at_ns: int
    seconds: float
    again_ns: int | None = None


class OffloadBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def cards(self) -> Sequence[Card]: ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]: ...

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]: ...

    def take(self, take_id: str) -> Take | None: ...

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]: ...


def offload_report(
    logbook: OffloadBook,
    day: int,
    verdicts: Sequence[CardVerdict],
    *,
    unit: str = "Main",
    company: str = "",
    director: str = "",
    reader: MediaReader | None = None,
    run: Callable[[str], CopyRun | None] = lambda _: None,
    mounted: Callable[[str], bool] = lambda _: True,
    gaps: Callable[[Card], Sequence[str]] = lambda _: (),
    made_from: Callable[[Card, Copy], str] = lambda _card, _copy: "",
    called: Callable[[str], str] = lambda path: path,
) -> OffloadReport:
    """Put the cards of a day in words.

    Args:
        logbook: asked on the caller's thread.
        day: its number.
        verdicts: of the day's cards; superseded ones are history and left out.
        unit: whose day.
        company: as the configuration has it; empty leaves the line out.
        director: the same.
        reader: opens copies for stills; None leaves them out.
        run: the job that copied a card, by its fingerprint; None where its record is gone.
        mounted: whether a path can be seen now.
        gaps: what is missing on a card or was odd about it, in words.
        made_from: folder of the copy that a copy was made from; empty for one that was made from the card.
        called: what paper calls a folder of a copy.

    Raises:
        ReportError: there is no such unit or day; names those there are.
    """
    found = day_of(logbook, day, unit)
    takes = takes_of(logbook, day, unit)
    production = logbook.production()
    newest = logbook.history(limit=1)
    cards = {card.id: card for card in logbook.cards()}
    of_card: dict[str | None, list[Clip | SoundFile]] = {}
    for medium in logbook.media(unit=unit, day=None):
        of_card.setdefault(medium.card, []).append(medium)
    linked = _linked(logbook, unit)
    lines = []
    for verdict in verdicts:
        card = cards.get(verdict.card_id)
        if card is None or verdict.superseded:
            continue
        clips = [
            _clip_line(one, linked.get(one.id, ()), _still(one, card, reader, mounted) if reader else None)
            for one in of_card.get(card.id, ())
        ]
        lines.append(
            OffloadedCard(
                card=safe_text(card.label),
                camera=safe_text(card.camera),
                reel=safe_text(card.reel),
                fingerprint=safe_text(card.fingerprint),
                files=card.files,
                size=card.size,
                verdict=safe_text(verdict.verdict),
                reasons=_reasons(verdict, found.timezone),
                copied=_copied(card, run(card.fingerprint), found.timezone),
                copies=tuple(
                    _copy_line(copy, mounted, made_from(card, copy), called, verdict.copies.bad.get(copy.path, ""))
                    for copy in card.copies
                ),
                clips=tuple(clips),
                gaps=tuple(map(safe_text, gaps(card))),
                looked=not card.copies or any(mounted(copy.path) for copy in card.copies),
            )
        )
    return OffloadReport(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        totals=totals_of(takes),
        warnings=tuple(
            f"{_called(card, lines)} must not be formatted." for card in lines if card.verdict == "not safe"
        ),
        as_of=f"Log as of {moment(newest[0].wall_ns, found.timezone)}" if newest else "",
        cards=tuple(lines),
    )


def _linked(logbook: OffloadBook, unit: str) -> Mapping[str, tuple[str, ...]]:
    """File to the takes that it is of."""
    found: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for link in logbook.links(unit=unit, day=None):
        if link.state is LinkState.REFUSED:
            continue
        if link.take_id not in labels:
            take = logbook.take(link.take_id)
            labels[link.take_id] = take.label if take is not None and not take.deleted else ""
        label = labels[link.take_id]
        if label:
            found.setdefault(link.media_id, []).append(
                safe_text(label if link.state is LinkState.CONFIRMED else f"{label}?")
            )
    return {media: tuple(dict.fromkeys(names)) for media, names in found.items()}


def _called(card: OffloadedCard, lines: Sequence[OffloadedCard]) -> str:
    """A card by its label, and by its fingerprint too where another has that label."""
    alike = sum(each.card == card.card for each in lines) > 1
    return f"{card.card} ({card.fingerprint[:8]})" if alike else card.card


def _reasons(verdict: CardVerdict, timezone: str) -> tuple[str, ...]:
    if cleared := cleared_words(verdict, timezone):
        return (f"Cleared by {cleared}",)
    return tuple(map(safe_text, verdict.reasons or (verdict.copies.sentence,)))


def _copied(card: Card, run: CopyRun | None, timezone: str) -> str:
    """When, how fast, and when it was all read once more since then."""
    if run is None or run.seconds <= 0:
        return f"verified {moment(card.wall_ns, timezone)}"
    took = f"{run.seconds:.1f} s" if run.seconds < 60 else stopwatch(Fraction(run.seconds))
    again = f"; verified again {moment(run.again_ns, timezone)}" if run.again_ns is not None else ""
    return f"{moment(run.at_ns, timezone)}, in {took} ({in_bytes(card.size / run.seconds)}/s){again}"


def _copy_line(
    copy: Copy, mounted: Callable[[str], bool], source: str, called: Callable[[str], str], bad: str
) -> CopyLine:
    return CopyLine(
        key=copy.path,
        folder=safe_text(called(copy.path)),
        disk=safe_text(copy.disk or "?"),
        read_back=safe_text(copy.read_back),
        verified=copy.verified,
        failed=copy.failed,
        manifest=safe_text(copy.manifest.rpartition("/")[2]) if copy.manifest else "none",
        mounted=mounted(copy.path),
        source=safe_text(called(source)) if source else "",
        bad=safe_text(bad),
    )


def _clip_line(medium: Clip | SoundFile, takes: Sequence[str], still: bytes | None) -> ClipLine:
    return ClipLine(
        name=safe_text(medium.name),
        start=safe_text(medium.tc_in or "?"),
        length=length_of(medium),
        rate=recorded_rate(medium),
        size=medium.size,
        takes=tuple(takes),
        digest=safe_text(medium.digest or ""),
        trouble=safe_text(medium.unreadable),
        still=still,
    )


def _still(medium: Clip | SoundFile, card: Card, reader: MediaReader, mounted: Callable[[str], bool]) -> bytes | None:
    """The first picture, from the first copy that is connected and can be decoded."""
    if isinstance(medium, SoundFile) or medium.unreadable:
        return None
    for path in places(medium.path, card):
        if mounted(path):
            try:
                return reader.jpeg(Path(path), 0, _WIDTH)
            except MediumError:
                continue
    return None
