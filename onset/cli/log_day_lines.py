"""What `onset log day` and its like show a person, in 80 columns. `log.py` makes every line safe to print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from onset.cli.log_lines import fitted, folded
from onset.domain.production import Day, DayStamp, Jam, out_of_order
from onset.domain.take import Take
from onset.logbook.days import clock_time, known_zone
from onset.logbook.totals import shot_in
from onset.text import safe_text


def stamp_line(stamp: DayStamp, day: Day | None) -> str:
    """`  lunch out               13:05`."""
    also = "  (from the takes)" if stamp.derived else f"  {safe_text(stamp.note)}" if stamp.note else ""
    return f"  {stamp.what:<24} {_time(stamp.wall_ns, day)}{also}"


def jam_line(jam: Jam, day: Day | None) -> str:
    """`  MIX jammed               08:12  to 08:12:00:00`."""
    to = f"  to {jam.tc}" if jam.tc else ""
    note = f"  {safe_text(jam.note)}" if jam.note else ""
    return f"  {jam.device + ' jammed':<24} {_time(jam.wall_ns, day)}{to}{note}"


def _time(wall_ns: int, day: Day | None) -> str:
    return clock_time(wall_ns, known_zone(day.timezone if day is not None else ""))


def day_lines(day: Day, stamps: Sequence[DayStamp], jams: Sequence[Jam], takes: Sequence[Take]) -> list[str]:
    """One day on a page."""
    return list(_page(day, stamps, jams, takes))


def _page(day: Day, stamps: Sequence[DayStamp], jams: Sequence[Jam], takes: Sequence[Take]) -> Iterator[str]:
    ended = f"ended {_time(day.wrapped_ns, day)}" if day.wrapped_ns is not None else "open"
    yield f"Day {day.number}, {day.date}, unit {day.unit}, {ended}"
    for what, said in (("location", day.location), ("weather", day.weather), ("time zone", day.timezone)):
        if said:
            yield from folded(f"  {what:<24}", said)
    if day.note:
        yield from folded(" ", day.note)
    for stamp in stamps:
        yield fitted(stamp_line(stamp, day))
    for jam in jams:
        yield fitted(jam_line(jam, day))
    yield f"  {_counts(takes)}"
    for after, before in out_of_order(stamps):
        yield f"  ? {after} is before {before}"


def _counts(takes: Sequence[Take]) -> str:
    shot = shot_in(takes)
    said = [f"{_number(shot.takes, 'take')} of {_number(shot.setups, 'setup')}"]
    said += [f"{shot.circled} circled"] if shot.circled else []
    apart = ((shot.false_starts, "false start"), (shot.wild_tracks, "wild track"), (shot.charts, "chart"))
    return ", ".join([*said, *(_number(number, what) for number, what in apart if number)])


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def days_lines(days: Sequence[Day]) -> list[str]:
    """A line a day."""
    lines = []
    for day in days:
        ended = f"ended {_time(day.wrapped_ns, day)}" if day.wrapped_ns is not None else "open"
        lines.append(fitted(f"{day.number:>3}  {day.date}  {ended:<12} {safe_text(day.location)}".rstrip()))
    return lines or ["No day yet; the first roll or call opens one."]
