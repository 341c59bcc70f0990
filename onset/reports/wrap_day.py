"""The end of a shooting day, asked of the log and put in words: the `WrapSummary` that `wrap.py` sets in tables.

Used by `onset report wrap` and the rehearsal. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

from onset.domain.camera import LinkState
from onset.domain.production import Day
from onset.domain.scene import Scene
from onset.domain.take import Take
from onset.logbook.days import known_zone
from onset.logbook.terms import Event, LoggedChange
from onset.reconcile.board import Board, CardVerdict, Claimed, Difference, Standing, TakeClaims
from onset.reports.day import DayBook, cleared_words, day_of, local, moment, takes_of, totals_of, warnings_of
from onset.reports.wrap import (
    CardLine,
    DifferenceLine,
    EventLine,
    LinkLine,
    PendingLine,
    SceneLine,
    WrapSummary,
)
from onset.reports.wrap_pictures import Small, pictured
from onset.text import safe_text

_NS = 1_000_000_000
_QUIET_EVENTS = 60  # events that are no alarm, printed before the rest is only counted
_EVENTS = 10_000


class WrapBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...

    def events(self, *, take_id: str | None = None, limit: int = 100) -> Sequence[Event]: ...

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]: ...


def wrap_summary(
    logbook: WrapBook,
    board: Board,
    cards: Sequence[CardVerdict],
    *,
    company: str = "",
    director: str = "",
    small: Small | None = None,
) -> WrapSummary:
    """Put the end of a day in words.

    Args:
        logbook: asked on the caller's thread.
        board: of the day.
        cards: verdicts of the day's cards; superseded ones are history and left out.
        company: as the configuration has it; empty leaves the line out.
        director: the same.
        small: gives the small pictures of clips; None: the report has none.

    Raises:
        ReportError: there is no such unit or day; names those there are.
    """
    found = day_of(logbook, board.day, board.unit)
    takes = takes_of(logbook, board.day, board.unit)
    production = logbook.production()
    newest = logbook.history(limit=1)
    return WrapSummary(
        title=safe_text(production.title),
        unit=safe_text(board.unit),
        day=board.day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        totals=totals_of(takes),
        warnings=tuple(warnings_of(takes, found, logbook.conflicts())),
        as_of=f"Log as of {moment(newest[0].wall_ns, found.timezone)}" if newest else "",
        scenes=tuple(_scene_lines(logbook, takes)),
        cards=tuple(_card_line(card, found.timezone) for card in cards if not card.superseded),
        open=tuple(_differences(board, Standing.OPEN)),
        explained=tuple(_differences(board, Standing.EXPLAINED)),
        pending=tuple(_pending_lines(board)),
        links=tuple(_link_lines(board)),
        clocks=tuple(map(safe_text, board.clock_lines)),
        events=tuple(_event_lines(logbook, found, takes)),
        pictured=pictured(takes, small or (lambda _: None)),
    )


def _scene_lines(logbook: WrapBook, takes: Sequence[Take]) -> Iterable[SceneLine]:
    by_scene: dict[tuple[str | None, str], list[Take]] = {}
    for take in takes:
        by_scene.setdefault((take.episode, take.scene), []).append(take)
    for (episode, number), those in by_scene.items():
        scene = logbook.scene(number, episode=episode)
        yield SceneLine(
            scene=safe_text(f"{episode} / {number}" if episode else number),
            heading=safe_text(scene.heading) if scene else "",
            totals=totals_of(those),
        )


def _card_line(card: CardVerdict, timezone: str) -> CardLine:
    return CardLine(
        card=safe_text(card.card),
        verdict=safe_text(card.verdict),
        copies=safe_text(card.copies.sentence),
        proved=safe_text(card.copies.proved),
        log=safe_text(card.log.sentence),
        reasons=tuple(map(safe_text, card.reasons)),
        cleared=cleared_words(card, timezone),
    )


def _differences(board: Board, standing: Standing) -> Iterable[DifferenceLine]:
    for take in board.takes:
        for each in take.differences:
            if each.standing is standing:
                yield _difference(" ".join(filter(None, (take.label, each.device))), each)
    for stray in board.strays:
        if stray.difference.standing is standing:
            yield _difference(stray.name, stray.difference)
    for each in board.others:
        if each.standing is standing:
            yield _difference(each.device, each)


def _pending_lines(board: Board) -> Iterable[PendingLine]:
    """One line for each thing that has not come, however many takes wait for it."""
    waiting: dict[str, list[str]] = {}
    for line in _differences(board, Standing.PENDING):
        waiting.setdefault(line.what, []).append(line.where)
    for roll in map(safe_text, board.rolls_pending):
        if not any(what.startswith(roll) for what in waiting):
            waiting[f"{roll} has not come yet"] = []
    for what, takes in waiting.items():
        yield PendingLine(what=what, takes=tuple(filter(None, dict.fromkeys(takes))))


def _difference(where: str, each: Difference) -> DifferenceLine:
    return DifferenceLine(
        where=safe_text(where),
        what=safe_text(each.what),
        cause=safe_text(each.cause),
        cause_is=each.cause_is,
        explanation=safe_text(each.explanation),
        by=safe_text(each.explained_by),
    )


def _link_lines(board: Board) -> Iterable[LinkLine]:
    """Proposed links, but for those that a difference asks about already."""
    for take in board.takes:
        asked = {each.media_id for each in take.differences if each.field == "link"}
        proposed = [claim for claim in take.claims if claim.link is LinkState.PROPOSED and claim.media_id not in asked]
        for _, same in groupby(proposed, key=lambda claim: (claim.device, claim.clip)):
            yield _link_line(take, next(same))


def _link_line(take: TakeClaims, claim: Claimed) -> LinkLine:
    return LinkLine(
        device=safe_text(claim.device),
        take=safe_text(take.label),
        file=safe_text(claim.clip or ""),
        evidence=safe_text(claim.evidence),
    )


def _event_lines(logbook: WrapBook, day: Day, takes: Sequence[Take]) -> Iterable[EventLine]:
    labels = {take.id: take.label for take in takes}
    begin, end = _span(logbook, day, takes)
    events = [
        event
        for event in logbook.events(limit=_EVENTS)
        if (event.take_id in labels if event.take_id else begin <= event.wall_ns < end)
    ]
    events.sort(key=lambda event: (event.wall_ns, event.device, event.what))
    quiet = 0
    for event in events:
        rings = event.alarm and not event.passed
        quiet += not rings
        if not rings and quiet > _QUIET_EVENTS:
            continue
        where = " ".join(filter(None, (event.device, labels.get(event.take_id or "", ""))))
        yield EventLine(
            time=f"{local(event.wall_ns, day.timezone):%H:%M:%S}",
            where=safe_text(where),
            what=safe_text(event.detail or event.what) + _until(event, day.timezone),
            alarm=rings,
        )
    if quiet > _QUIET_EVENTS:
        yield EventLine(time="", where="", what=f"… and {quiet - _QUIET_EVENTS} more that were no alarm", alarm=False)


def _until(event: Event, timezone: str) -> str:
    """` (until 14:03:22, 3 times)`; nothing of what happened once."""
    often = f"{event.count} times" if event.count > 1 else ""
    if event.stands:
        until = "no end is known"
    elif event.cleared_ns is not None:
        until = f"until {local(event.cleared_ns, timezone):%H:%M:%S}"
    else:
        until = ""
    words = ", ".join(filter(None, (until, often)))
    return f" ({words})" if words else ""


def _span(logbook: WrapBook, day: Day, takes: Sequence[Take]) -> tuple[int, int]:
    """When the day was, for what belongs to no take: a night's shoot goes on after midnight, until its last cut."""
    begin = _midnight(day)
    before = [each for each in logbook.days(day.unit) if each.number == day.number - 1]
    if before:
        begin = max(begin, _last_cut(takes_of(logbook, before[0].number, day.unit)))
    after = [each for each in logbook.days(day.unit) if each.number == day.number + 1]
    if not after:
        return begin, 1 << 63
    return begin, max(_midnight(after[0]), _last_cut(takes))


def _last_cut(takes: Sequence[Take]) -> int:
    return max((take.cut_ns or take.rolled_ns for take in takes), default=0)


def _midnight(day: Day) -> int:
    """The midnight with which its date begins there; the beginning of time where the date cannot be read."""
    try:
        begins, zone = datetime.fromisoformat(day.date), known_zone(day.timezone)
        return int((begins.replace(tzinfo=zone) if zone else begins.astimezone()).timestamp()) * _NS
    except (ValueError, OverflowError, OSError):
        return 0
