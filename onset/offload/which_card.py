"""Which card an offload brought: for which unit and shooting day, and whether it is a later state of one the log has.

Used by record.py. A label is not a card and a date on a file is a weak hint: what decides is said with the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from onset.domain.camera import Clip
from onset.domain.card import Card
from onset.domain.production import Day
from onset.domain.sound import SoundFile
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.reel import clip_key, same_roll
from onset.text import safe_text

_NS = 1_000_000_000
_LONGEST_SHOOT = 730  # days by which footage may be older than the oldest that came before it


DATES_INSIDE = "by the dates inside its files"


@dataclass(frozen=True, slots=True)
class ShotOn:
    """The unit and shooting day of a card.

    Attributes:
        day: None where the log has no day yet.
        why: what decided, in words.
    """

    unit: str
    day: int | None
    why: str


def shot_on(
    logbook: Logbook,
    label: str,
    *,
    named: Collection[str] = (),
    inside: Collection[str] = (),
    files: Collection[str] = (),
    unit: str | None = None,
    day: int | None = None,
) -> ShotOn:
    """Find the unit and the day: as they were given, else by dates, else the newest day.

    Args:
        logbook: of the production.
        label: of the card, or its reel: a unit whose takes name it is the card's.
        named: ISO dates in the names of clips; they beat those that the clips hold, and these the files' own.
        inside: dates in the clips.
        files: dates of the files.
        unit: overrules what is found.
        day: likewise.

    Raises:
        RefusedError: no such unit or day.
    """
    units = [each.name for each in logbook.units()]
    if unit is not None and unit not in units:
        raise RefusedError(f'There is no unit "{safe_text(unit)}"; there is {", ".join(map(safe_text, units))}.')
    name = unit or _unit_of(logbook, units, label)
    days = logbook.days(name)
    if day is not None:
        if all(each.number != day for each in days):
            raise RefusedError(f"Unit {safe_text(name)} has no day {day}; its days are {_numbers(days)}.")
        return ShotOn(name, day, "as it was said")
    for dates, why in (
        (named, "by the dates in its clips' names"),
        (inside, DATES_INSIDE),
        (files, "by the dates of its files"),
    ):
        found = _day_of(days, dates)
        if found is not None:
            return ShotOn(name, found, why)
    if not days:
        return ShotOn(name, None, "the first roll or call opens one")
    return ShotOn(name, days[-1].number, "the newest day, as no date on it fits another")


def day_of_footage(
    logbook: Logbook, shot: ShotOn, dates: Sequence[Collection[str]], *, today: str, dry_run: bool = False
) -> ShotOn:
    """Where nobody logs (`slating = "none"`) no take opens a day, so footage of a date that has none does.

    Days are numbered as their footage arrives; cards that come in another order than they were shot make the same days.
    The footage of a night is of two days then, as nobody has said that the first went on.

    Args:
        logbook: of the production.
        shot: as `shot_on` found it, where nobody said the day.
        dates: ISO dates of the footage, the kind that is believed most first.
        today: no later date is believed, nor one of years before the production's first: a clock that was never set.
        dry_run: say the day, open none.

    Returns:
        The day that was opened; `shot` where the footage is of a day that the log has, or where takes are logged.
    """
    days = logbook.days(shot.unit)
    if logbook.production().slating != "none":
        return shot
    known = {day.date for day in days}
    earliest = _before(min(known), _LONGEST_SHOOT) if known else ""
    believed = [each for kind in dates for each in _most_first(kind) if earliest <= each <= today]
    found = believed[0] if believed else today
    if days and (not believed or found in known):
        return shot
    number = max((day.number for day in days), default=0) + 1
    if not dry_run:
        logbook.open_day(shot.unit, number, found)
    return ShotOn(shot.unit, number, f"the first footage of {found}")


def iso_day(wall_ns: int) -> str:
    """The date of a moment on this machine's calendar; empty where no calendar has it."""
    try:
        return datetime.fromtimestamp(wall_ns / _NS, UTC).astimezone().date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""


def _unit_of(logbook: Logbook, units: Sequence[str], label: str) -> str:
    """The unit whose board or newest takes name this roll."""
    for name in units if len(units) > 1 else ():
        rolls = {camera.roll for camera in logbook.board(name).cameras}
        newest = logbook.takes(TakeFilter(unit=name, limit=200))
        rolls |= {angle.roll for take in newest for angle in take.angles} | {take.sound_roll for take in newest}
        if any(roll and same_roll(roll, label) for roll in rolls):
            return name
    return units[0] if units else "Main"


def _day_of(days: Sequence[Day], dates: Collection[str]) -> int | None:
    """The day with the date that most files have; a night's files carry the date after its day's."""
    by_date = {each.date: each.number for each in days}
    for written in _most_first(dates):
        if written in by_date:
            return by_date[written]
        before = _before(written, 1)
        if before in by_date:
            return by_date[before]
    return None


def _before(written: str, days: int) -> str:
    """The date some days before; the first of the calendar where there is none."""
    try:
        return (date.fromisoformat(written) - timedelta(days=days)).isoformat()
    except OverflowError:
        return date.min.isoformat()


def _most_first(dates: Collection[str]) -> list[str]:
    return [each for each, _ in Counter(sorted(each for each in dates if each)).most_common()]


def _numbers(days: Sequence[Day]) -> str:
    return ", ".join(str(each.number) for each in days) or "none yet"


def earlier_state(
    cards: Sequence[Card],
    media: Sequence[Clip | SoundFile],
    label: str,
    fingerprint: str,
    held: Mapping[str, str | None],
) -> str | None:
    """Id of the newest state of this very card that the log has, None for a card that is new to it.

    Args:
        cards: of the log, newest first.
        media: of the log, all days.
        label: of the card at hand.
        fingerprint: likewise.
        held: names of its clips and sound files, with their digests where they could be read.
    """
    known = next((card for card in cards if card.fingerprint == fingerprint), None)
    if known is not None:
        return known.supersedes
    names = {clip_key(name): digest for name, digest in held.items()}
    sharing = set()
    for medium in media:
        mine = names.get(clip_key(medium.name), "")
        if medium.card is None or mine == "":
            continue
        if mine is not None and medium.digest is not None:
            if mine == medium.digest:
                sharing.add(medium.card)
        elif any(card.id == medium.card and same_roll(card.label, label) for card in cards):
            sharing.add(medium.card)
    return next((card.id for card in cards if card.id in sharing), None)
