"""The Day page: *ready*, or what is missing and where it is mended. Read on a thread (`read_day`), the rest is pure.

Used by the Day screen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from onset.domain.production import Day
from onset.domain.take import State, Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.reconcile.board import Board, CardVerdict, Standing
from onset.text import safe_text
from tui.day_morning import Morning, advice_items, is_due, morning_items, read_morning
from tui.day_sheet import DaySheet, read_sheet, sheet_items
from tui.deps import Deps
from tui.widgets.items import Item

if TYPE_CHECKING:
    from onset.match.solve import Matcher

_NS = 1_000_000_000
QUIET_NS = 6 * 3_600 * _NS
_NAMED = 6  # names in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """What a page of the day is made from.

    Attributes:
        day: the newest shooting day, None before the first take.
        board: that day, compared; None without one.
        earlier: days before it that nobody wrapped.
        uncut: takes of that day that roll, or whose cut nobody saw.
        cards: verdicts on the unit's cards in their newest state, without those that were cleared on earlier days.
        sheet: the day's times, scenes, people.
        morning: what has to be there before the first roll; None while nobody asks for it, in the evening.
        newest_ns: when the newest take of the day rolled, 0 without one.
        as_of_ns: when it was read.
    """

    day: Day | None
    board: Board | None
    earlier: tuple[Day, ...]
    uncut: tuple[Take, ...]
    cards: tuple[CardVerdict, ...]
    as_of_ns: int
    sheet: DaySheet
    morning: Morning | None = None
    newest_ns: int = 0


def read_day(
    log: Logbook, matcher: Callable[[int], Matcher], deps: Deps, now_ns: int, *, may_write: bool = False
) -> DayFacts:
    """Read it all; takes a moment, so never on the event loop. What disks say of copies is written, where it may be."""
    from onset.reconcile.bad_copies import looked_at
    from onset.reconcile.card import CLEARED, card_verdicts
    from onset.reconcile.compare import board_of

    unit = deps.unit
    days = sorted(log.days(unit), key=lambda each: each.number)
    day = days[-1] if days else None
    takes: Sequence[Take] = ()
    if day is not None:
        takes = log.takes(TakeFilter(unit=unit, day=day.number, limit=None, oldest_first=True))
    cards = tuple(card for card in log.cards() if card.unit == unit)
    cards = looked_at(log, cards, now_ns) if may_write else cards
    verdicts = card_verdicts(log, cards, as_of_ns=now_ns)
    number = day.number if day is not None else None
    return DayFacts(
        day=day,
        board=board_of(log, unit, day.number, matcher(day.number)) if day is not None else None,
        earlier=tuple(each for each in days[:-1] if each.wrapped_ns is None),
        uncut=tuple(take for take in takes if take.state is not State.CUT),
        cards=tuple(
            each for each in verdicts if not each.superseded and (each.day in (None, number) or each.verdict != CLEARED)
        ),
        as_of_ns=now_ns,
        sheet=read_sheet(log, unit, day, takes, now_ns),
        morning=read_morning(log, deps, number or 1) if is_due(day, now_ns) else None,
        newest_ns=max((take.rolled_ns for take in takes), default=0),
    )


def day_items(
    facts: DayFacts,
    sources: Sequence[Item],
    alarms: Sequence[Item] = (),
    exchange: Sequence[Item] = (),
    end: Sequence[Item] = (),
    source: str = "",
) -> tuple[str, list[Item]]:
    """Head and items: what is missing first, then how things stand, then the sheet of the day.

    The name of an item is what mends it (`review`, `log`, `offload`, `devices`, `wrap`, `service`), then what about; or
    what it is on the sheet (`tui/day_sheet.py`). `source`: where the running timecode comes from.
    """
    morning, sheet = facts.morning, facts.sheet
    missing = [*alarms, *_missing(facts), *(morning_items(morning, sheet, source) if morning is not None else ())]
    loose = [item for item in missing if item.alarm]
    if facts.day is None:
        head = "no shooting day yet"
    elif facts.day.wrapped_ns is not None:
        head = f"day {facts.day.number} was wrapped at {_clock(facts.day.wrapped_ns)}"
    else:
        head = f"day {facts.day.number}  {safe_text(facts.day.date)}"
    to_come = [item for item in missing if item.name and not item.alarm]
    if loose:
        head += f"  NOT READY: {len(loose)} {'thing is' if len(loose) == 1 else 'things are'} open"
    elif to_come:
        head += f"  NOT YET READY: {len(to_come)} {'thing is' if len(to_come) == 1 else 'things are'} still to come"
    else:
        head += "  READY: nothing is missing"
    advice = advice_items(morning, sheet) if morning is not None else ()
    items = [*missing, *advice, *_standing(facts)]
    if sources:
        items += [Item("timecode now", head=True), *sources]
    return head, [*items, *sheet_items(facts.sheet, exchange, end)]


def _missing(facts: DayFacts) -> list[Item]:
    found: list[Item] = []
    for day in facts.earlier:
        words = f"day {day.number} ({day.date}) was never wrapped"
        found.append(Item(words, faint=True))
    quiet = facts.as_of_ns - facts.newest_ns > QUIET_NS  # a night that is still being shot is no yesterday
    if facts.day is not None and facts.day.wrapped_ns is None and quiet and _date(facts.as_of_ns) > facts.day.date:
        words = f"yesterday is still open: day {facts.day.number} of {facts.day.date}"
        found.append(Item(f"{words}; wrap it, and the next roll opens a day", "wrap:", alarm=True, waits=True))
    for take in facts.uncut:
        if take.state is State.ROLLING:
            found.append(Item(f"{take.label} rolls", f"log:{take.id}", faint=True))
        else:
            words = f"{take.label} has no cut that anybody saw; Log sets it"
            found.append(Item(words, f"log:{take.id}", alarm=True, waits=True))
    board = facts.board
    if board is not None:
        opened = [each for each in board.differences if each.standing is Standing.OPEN]
        if opened:
            noun = "difference is" if len(opened) == 1 else "differences are"
            words = f"{len(opened)} {noun} open: {_some([each.what.rstrip('.') for each in opened], 2, '; ')}"
            found.append(Item(words, "review:open", alarm=True, waits=True))
        pending = board.count(Standing.PENDING)
        if board.rolls_pending:
            words = f"rolls to come: {_some(board.rolls_pending, _NAMED)}"
            found.append(Item(words, "offload:rolls"))
        elif pending:
            found.append(Item(f"{pending} {'difference waits' if pending == 1 else 'differences wait'}", "review:"))
    for card in facts.cards:
        if card.verdict != "cleared":  # a card that is safe waits for the person who clears it
            found.append(Item(card.sentence, f"offload:{card.card_id}", alarm=card.verdict == "not safe"))
    return found


def _standing(facts: DayFacts) -> list[Item]:
    """What is in order."""
    found: list[Item] = []
    if facts.day is None:
        found.append(Item("its call or its first take opens day 1", faint=True))
    cleared = [card for card in facts.cards if card.verdict == "cleared"]
    if cleared:
        found.append(Item("cards that are cleared", faint=True))
        found += [Item(card.sentence, f"offload:{card.card_id}") for card in cleared]
    if facts.board is not None and facts.board.clock_lines:
        found.append(Item("clocks against the log", faint=True))
        found += [Item(line) for line in facts.board.clock_lines]
    if facts.board is not None:
        explained = facts.board.count(Standing.EXPLAINED)
        takes = len(facts.board.takes)
        differences = "difference" if explained == 1 else "differences"
        words = f"{takes} take{'' if takes == 1 else 's'} compared, {explained} {differences} explained"
        found.append(Item(words, "review:", faint=True))
    return found


def _some(words: Sequence[str], most: int, between: str = ", ") -> str:
    shown = between.join(safe_text(each) for each in words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"


def _clock(wall_ns: int) -> str:
    return datetime.fromtimestamp(wall_ns / _NS, UTC).astimezone().strftime("%H:%M")


def _date(wall_ns: int) -> str:
    found: date = datetime.fromtimestamp(wall_ns / _NS, UTC).astimezone().date()
    return found.isoformat()
