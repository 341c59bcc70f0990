"""When an event or alarm was, in words: from, to, and how often. Screens, reports and the command line say it alike."""

from __future__ import annotations

from collections.abc import Callable

from onset.logbook.terms import Event


def when_words(event: Event, at: Callable[[int], str]) -> str:
    """`14:03:10`, `14:03:10-14:03:22 x3`, `since 14:03:10`.

    Args:
        event: or alarm.
        at: a wall stamp as people read it.

    >>> when_words(Event(wall_ns=5, device="B", what="black", detail="", last_ns=7, cleared_ns=9, count=2), str)
    '5-9 x2'
    >>> when_words(Event(wall_ns=5, device="B", what="black", detail="", last_ns=5), str)
    'since 5'
    """
    often = f" x{event.count}" if event.count > 1 else ""
    if event.stands:
        return f"since {at(event.wall_ns)}{often}"
    began, ended = at(event.wall_ns), at(event.wall_ns if event.cleared_ns is None else event.cleared_ns)
    return f"{began}-{ended}{often}" if ended != began else f"{began}{often}"
