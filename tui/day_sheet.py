"""The sheet of a shooting day: its moments, what is scheduled and credited, what is owed, who is there, how it ends.

Used by the Day screen: `read_sheet` on a thread, the rest is pure. An item's name says what a key on it is about:
`stamp:lunch out`, `scene:42`, `owed:ID`, `person:NAME`, `exchange:`, `end:…`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from onset.domain.credit import Credit, CreditProposal, Owed
from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.production import Day, DayStamp, Moment, Person, out_of_order
from onset.domain.scene import Coverage, Scene, scene_label
from onset.domain.take import Kind, Take
from onset.errors import RefusedError
from onset.logbook.days import clock_time, known_zone
from onset.logbook.protocol import Logbook
from onset.logbook.totals import Totals
from onset.text import safe_text
from tui.widgets.items import Item
from tui.widgets.lines import fitted

SECTIONS = ("stamp", "scene", "owed", "person", "exchange", "end")
_UNFILMED = (Kind.WILD_TRACK, Kind.CHART)
_SEEN_NS = 24 * 3_600 * 1_000_000_000
_OFTEN = ("state", "status", "text", "name")  # one of these is in nearly all that a seat writes; the whole day is long
_CHANGES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySheet:
    """What the sheet is made from.

    Attributes:
        day: None before the first; `number` is then the day to come.
        totals: None before the first day.
        scheduled: labels of the scenes planned for the day, in order; `added`: shot or credited without a plan.
        eighths: of a scene that are planned, by its label.
        shot: labels of the scenes of which a camera filmed a take.
        proposals: what a scene that nobody credited could be credited with.
        seats: that wrote something of note in the last 24 hours, with the moment of the last.
        lines: name of the line that shows a thing of the log, by the thing's id.
    """

    day: Day | None
    number: int
    stamps: tuple[DayStamp, ...] = ()
    totals: Totals | None = None
    scheduled: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    eighths: Mapping[str, int] = field(default_factory=dict)
    shot: frozenset[str] = frozenset()
    scenes: Mapping[str, Scene] = field(default_factory=dict)
    credits: Mapping[str, Credit] = field(default_factory=dict)
    proposals: Mapping[str, CreditProposal] = field(default_factory=dict)
    owed: tuple[Owed, ...] = ()
    people: tuple[Person, ...] = ()
    seats: tuple[tuple[str, int], ...] = ()
    lines: Mapping[str, str] = field(default_factory=dict)

    def stamped(self, what: Moment) -> list[DayStamp]:
        """The stamps of a moment, those from the takes too."""
        return [one for one in self.stamps if one.what is what]


def read_sheet(log: Logbook, unit: str, day: Day | None, takes: Sequence[Take], now_ns: int) -> DaySheet:
    """Read it all; takes a moment, so never on the event loop."""
    number = day.number if day is not None else 1
    scenes = {scene.label: scene for scene in log.scenes()}
    planned = log.planned(unit=unit, day=number)
    credits = {one.label: one for one in log.credits(unit=unit, day=number)} if day is not None else {}
    filmed = [take for take in takes if take.scene and take.kind not in _UNFILMED]
    shot = dict.fromkeys(scene_label(take.scene, take.episode) for take in filmed)
    scheduled = tuple(one.label for one in planned)
    added = tuple(label for label in dict.fromkeys((*shot, *credits)) if label not in scheduled)
    proposals: dict[str, CreditProposal] = {}
    for label in (*scheduled, *added):
        if day is None or label in credits or label not in scenes:
            continue
        scene = scenes[label]
        try:
            proposals[label] = log.propose_credit(scene.number, episode=scene.episode, unit=unit, day=number)
        except RefusedError:  # of several scenes at once, say: nothing is proposed
            continue
    newest: dict[str, int] = {}
    for name in _OFTEN:
        for change in log.history(limit=_CHANGES, since_ns=now_ns - _SEEN_NS, field=name):
            newest[change.seat_name] = max(newest.get(change.seat_name, 0), change.wall_ns)
    stamps = log.day_stamps(number, unit=unit) if day is not None else ()
    owed, people = log.owed(), log.people()
    return DaySheet(
        day=day,
        number=number,
        stamps=tuple(stamps),
        totals=log.totals(unit=unit, day=number) if day is not None else None,
        scheduled=scheduled,
        added=added,
        eighths={one.label: one.eighths for one in planned if one.eighths is not None},
        shot=frozenset(shot),
        scenes={label: scenes[label] for label in (*scheduled, *added) if label in scenes},
        credits=credits,
        proposals=proposals,
        owed=tuple(owed),
        people=tuple(people),
        seats=tuple(sorted(newest.items(), key=lambda one: -one[1])),
        lines={one.id: f"scene:{one.label}" for one in planned}
        | {one.id: f"scene:{label}" for label, one in credits.items()}
        | {scenes[label].id: f"scene:{label}" for label in (*scheduled, *added) if label in scenes}
        | {one.id: _stamp_line(one) for one in stamps}
        | {one.id: f"owed:{one.id}" for one in owed}
        | {one.id: f"person:{one.name}" for one in people},
    )


def sheet_items(sheet: DaySheet, exchange: Sequence[Item], end: Sequence[Item]) -> list[Item]:
    """The sections, each under its head."""
    return [
        _head("times"),
        *_times(sheet),
        _head(_schedule_head(sheet)),
        *_schedule(sheet),
        _head("owed"),
        *_owed(sheet),
        _head("people and seats"),
        *_people(sheet),
        _head("exchange with other laptops"),
        *exchange,
        _head("end of the day"),
        *_before_the_end(sheet),
        *end,
    ]


def _head(text: str) -> Item:
    return Item(text, faint=True, head=True)


def _time(sheet: DaySheet, wall_ns: int) -> str:
    return clock_time(wall_ns, known_zone(sheet.day.timezone if sheet.day else ""))


def _times(sheet: DaySheet) -> Iterator[Item]:
    doubted = {after: f"before the {before}?" for after, before in out_of_order(sheet.stamps)}
    for what in Moment:
        found = sheet.stamped(what)
        if not found or what is Moment.COMPANY_MOVE:  # there may be another
            yield Item("-" if not found else "- another", f"stamp:{what}", faint=True, lead=f"  {what:<23}")
        for one in found:
            said = ["from the takes" if one.derived else one.note, doubted.get(what, "")]
            yield Item(
                " · ".join(filter(None, (_time(sheet, one.wall_ns), *said))),
                _stamp_line(one),
                faint=one.derived,
                lead=f"  {what:<23}",
            )


def _stamp_line(one: DayStamp) -> str:
    return f"stamp:{one.what}:{one.id}" if one.what is Moment.COMPANY_MOVE else f"stamp:{one.what}"


def _schedule_head(sheet: DaySheet) -> str:
    if sheet.totals is None:
        return f"scheduled for day {sheet.number}"
    today, planned = sheet.totals.today, sheet.totals.planned_eighths
    of = f" of {in_eighths(planned)} scheduled" if sheet.scheduled else ""
    return f"scenes  {in_eighths(today.eighths)} pages{of} and {in_screen_time(today.seconds)} are credited"


def _schedule(sheet: DaySheet) -> Iterator[Item]:
    for label in (*sheet.scheduled, *sheet.added):
        scene = sheet.scenes.get(label)
        pages = sheet.eighths.get(label, scene.eighths if scene else None)
        length = "?" if pages is None else in_eighths(pages)
        words = [credit_words(sheet, label), *([] if label in sheet.scheduled else ["added"])]
        heading = f" · {scene.heading}" if scene and scene.heading else ""
        yield Item(f"{', '.join(words)}{heading}", f"scene:{label}", lead=f"  {safe_text(label):<8} {length:>6}  ")
    if not sheet.scheduled and not sheet.added:
        yield Item("  nothing is scheduled or shot; onset import schedule, or onset log plan", faint=True)


def credit_words(sheet: DaySheet, label: str) -> str:
    """How far a scene is credited, in a few words."""
    credit = sheet.credits.get(label)
    if credit is None:
        return "shot, not credited" if label in sheet.shot else "not shot yet"
    words = [credit.state.upper() if credit.state is Coverage.COMPLETE else str(credit.state)]
    words += [] if credit.eighths is None else [in_eighths(credit.eighths)]
    words += [] if credit.seconds is None else [in_screen_time(credit.seconds)]
    return " ".join(words) + (f" ({credit.note})" if credit.note else "")


def typed_credit(sheet: DaySheet, label: str) -> str:
    """What the line holds at first: the credit as it is, else the one that is proposed."""
    credit = sheet.credits.get(label)
    if credit is not None:
        state, eighths, seconds, note = credit.state, credit.eighths, credit.seconds, credit.note
    else:
        proposal = sheet.proposals.get(label, CreditProposal())
        state, eighths, seconds, note = Coverage.COMPLETE, proposal.eighths, proposal.seconds, ""
    pages = "" if eighths is None else in_eighths(eighths)
    time = "" if seconds is None else in_screen_time(seconds)
    return " ".join(part for part in (state, pages, time, note) if part)


def _owed(sheet: DaySheet) -> Iterator[Item]:
    for one in sheet.owed:
        found = ", ".join(take.label for take in one.proposed)
        asks = f"; was it {found}?" if found else ""
        words = f"{one.kind}: {one.text} (since day {one.day or '?'}){asks}"
        yield Item(words, f"owed:{one.id}", lead=f"  {safe_text(one.label):<8} ")
    if not sheet.owed:
        yield Item("  nothing is owed", "owed:", faint=True)


def _people(sheet: DaySheet) -> Iterator[Item]:
    for one in sheet.people:
        said = ", ".join(part for part in (one.role, one.department, one.unit, one.phone, one.email, one.note) if part)
        yield Item(said or "-", f"person:{one.name}", lead=f"  {fitted(safe_text(one.name), 22)} ")
    if not sheet.people:
        yield Item("  nobody is on the list", "person:", faint=True)
    for name, wall_ns in sheet.seats:
        yield Item(f"wrote last at {_time(sheet, wall_ns)}", faint=True, lead=f"  seat {fitted(safe_text(name), 17)} ")


def _before_the_end(sheet: DaySheet) -> Iterator[Item]:
    """What the log itself says is missing; the rest is asked for with a key."""
    if sheet.day is None or not sheet.shot:
        return
    stamped = {one.what for one in sheet.stamps if not one.derived}
    if Moment.CALL not in stamped:
        yield Item("  nobody stamped the call", f"end:stamp:{Moment.CALL}")
    if not stamped & {Moment.CAMERA_WRAP, Moment.COMPANY_WRAP}:
        yield Item("  nobody stamped the camera wrap", f"end:stamp:{Moment.CAMERA_WRAP}")
    for label in (*sheet.scheduled, *sheet.added):
        if label in sheet.shot and label not in sheet.credits:
            yield Item(f"  scene {label} was shot and nobody credited it", f"end:scene:{label}")
