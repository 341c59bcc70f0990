"""What every report of a shooting day begins with: whose day it is, the day in numbers, what a reader must know first.

Used by `editor.py` and `wrap.py`. Words from outside have passed `safe_text` where they are put into a `DayPaper`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from onset.domain.production import Day, Production, Unit
from onset.domain.take import State, Status, Take
from onset.errors import ReportError
from onset.logbook.days import known_zone
from onset.logbook.fields import field_name
from onset.logbook.terms import Conflict, TakeFilter
from onset.logbook.totals import APART, Tally, shot_in
from onset.reconcile.board import CardVerdict
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.reports.revision import Revision

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The day in numbers, as `onset.logbook.totals` counts them: false starts, wild tracks and charts apart.

    Attributes:
        hold, ng: takes that count.
        timing, circled_timing: theirs, `12:31`; with `~` when a part of it is an estimate.
    """

    shot: Tally
    hold: int
    ng: int
    timing: str
    circled_timing: str

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in the order they are printed."""
        return (
            ("Setups", str(self.shot.setups)),
            ("Takes", str(self.shot.takes)),
            ("Circled", str(self.shot.circled)),
            ("Hold", str(self.hold)),
            ("NG", str(self.ng)),
            *apart(self.shot),
            ("Timing", self.timing),
            ("Circled timing", self.circled_timing),
        )


def apart(shot: Tally, *, wild_tracks: bool = True) -> Iterable[tuple[str, str]]:
    """What is counted apart from takes, as label and value; but for `wild_tracks` only where there are any."""
    if shot.false_starts:
        yield "False starts", str(shot.false_starts)
    if shot.wild_tracks or wild_tracks:
        yield "Wild tracks", str(shot.wild_tracks)
    if shot.charts:
        yield "Charts", str(shot.charts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPaper:
    """The head of a report; `warnings` are what a reader must know before trusting it (a take still rolling).

    `revision` says how this printing stands to what was issued; None: nothing was. `logo` is a PNG for the head.
    """

    title: str
    unit: str
    day: int
    date: str
    rate: str
    company: str
    director: str
    totals: Totals
    warnings: tuple[str, ...]
    revision: Revision | None = None
    logo: bytes | None = None

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Company and director, as far as they are known."""
        both = (("Company", self.company), ("Director", self.director))
        return tuple((what, name) for what, name in both if name)

    @property
    def covers(self) -> tuple[str, ...]:
        """What it is about, for its head; what comes first is enough to tell it from others of its kind."""
        return f"Day {self.day}", self.date, f"{self.unit} unit"

    @property
    def about(self) -> str:
        """What it is about, within a sentence: `day 3`."""
        first = self.covers[0]
        return first[:1].lower() + first[1:]

    @property
    def part(self) -> str | None:
        """What part of the production it is of, however somebody spelled that; None: as it was asked for."""
        return None

    @property
    def filed(self) -> tuple[str, ...]:
        """The same for the name of its file, before what kind it is."""
        return f"day{self.day:02d}", *([self.unit[:20]] if self.unit != "Main" else [])

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The day's numbers as label and value."""
        return self.totals.facts


class DayBook(Protocol):
    """The questions that every report of a day asks; every `Logbook` answers them."""

    def production(self) -> Production: ...

    def units(self) -> Sequence[Unit]: ...

    def days(self, unit: str = "Main") -> Sequence[Day]: ...

    def takes(self, wanted: TakeFilter = ...) -> Sequence[Take]: ...

    def conflicts(self) -> Sequence[Conflict]: ...


def day_of(logbook: DayBook, number: int, unit: str) -> Day:
    """A day of a unit.

    Raises:
        ReportError: there is no such unit or day; names those there are.
    """
    units = [each.name for each in logbook.units()]
    if unit not in units:
        raise ReportError(f'There is no unit "{safe_text(unit)}"; this log has {_listed(units)}.')
    days = logbook.days(unit)
    for day in days:
        if day.number == number:
            return day
    known = [str(day.number) for day in days]
    there_are = f"the log has day {_listed(known)}" if known else "no shooting day has been opened yet"
    raise ReportError(f"There is no day {number} of unit {safe_text(unit)}; {there_are}.")


def _listed(names: Sequence[str]) -> str:
    return safe_text(", ".join(names)) or "none"


def takes_of(logbook: DayBook, day: int, unit: str) -> Sequence[Take]:
    """All takes of a day in shooting order."""
    return logbook.takes(TakeFilter(unit=unit, day=day, limit=None, oldest_first=True))


def totals_of(takes: Sequence[Take]) -> Totals:
    """Takes in numbers."""
    counted = [take for take in takes if take.kind not in APART]
    return Totals(
        shot=shot_in(takes),
        hold=sum(take.status is Status.HOLD for take in counted),
        ng=sum(take.status is Status.NG for take in counted),
        timing=_sum_timing(counted),
        circled_timing=_sum_timing([take for take in counted if take.status is Status.CIRCLED]),
    )


def _sum_timing(takes: Sequence[Take]) -> str:
    timed = [(take, frames) for take in takes if (frames := take.timing_frames) is not None]
    total = sum((take.frame_rate.seconds_for(frames) for take, frames in timed), Fraction(0))
    return ("~" if any(take.timing_estimated for take, _ in timed) else "") + stopwatch(total)


def stopwatch(seconds: Fraction) -> str:
    """Minutes and seconds as a stopwatch reads, rounded to the nearest second.

    >>> stopwatch(Fraction(47)), stopwatch(Fraction(3723)), stopwatch(Fraction(1, 2))
    ('0:47', '1:02:03', '0:01')
    """
    minutes, rest = divmod(int(seconds + Fraction(1, 2)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def take_timing(take: Take) -> str:
    """Its length as printed: with `~` where no action was stamped; empty where nobody knows it."""
    if take.state is State.ROLLING:
        return "rolling"
    frames = take.timing_frames
    if frames is None:
        return ""
    return ("~" if take.timing_estimated else "") + stopwatch(take.frame_rate.seconds_for(frames))


def warnings_of(takes: Sequence[Take], day: Day, conflicts: Sequence[Conflict]) -> Iterable[str]:
    """What makes a report of this day less than complete."""
    if not takes:
        yield f"No take was logged on day {day.number}."
    yield from doubts_of(takes, conflicts)


def doubts_of(takes: Sequence[Take], conflicts: Sequence[Conflict]) -> Iterable[str]:
    """What may change yet of these takes."""
    for take in takes:
        if take.state is State.ROLLING:
            yield f"{safe_text(take.label)} is still rolling; this log is not complete."
    ids = {take.id for take in takes}
    for conflict in conflicts:
        if conflict.take is not None and conflict.take.id in ids:
            what = f"{conflict.take.label}, {field_name(conflict.entity, conflict.field)}"
            yield f"Two seats changed {safe_text(what)} without having seen each other; one of the values is printed."


def local(wall_ns: int, timezone: str) -> datetime:
    """A moment on a clock at the place of a day, `Day.timezone`; empty: of this machine."""
    return datetime.fromtimestamp(wall_ns // _NS, UTC).astimezone(known_zone(timezone))


def moment(wall_ns: int, timezone: str) -> str:
    """`2026-03-05 18:20:07`, on that clock."""
    return f"{local(wall_ns, timezone):%Y-%m-%d %H:%M:%S}"


def cleared_words(card: CardVerdict, timezone: str) -> str:
    """Who cleared a card, when on that clock, and what that person typed; empty: nobody did, as it is now."""
    if not card.cleared_by or card.verdict != "cleared":
        return ""
    when = f", {moment(card.cleared_ns, timezone)}" if card.cleared_ns is not None else ""
    note = f": {card.cleared_note}" if card.cleared_note else ""
    return safe_text(f"{card.cleared_by}{when}{note}")
