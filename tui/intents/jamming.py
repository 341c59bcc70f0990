"""A clock was set to the master's: who was jammed is noted in the log. A verb of the Devices screen.

onset sets nobody's clock. A person goes round with the master, and this is what the log remembers of it.
"""

from __future__ import annotations

import re

from onset.capture.master import CLOCK_SOURCE
from onset.errors import RefusedError
from onset.logbook.days import clock_time, known_zone
from onset.logbook.protocol import Logbook
from tui.seen import Seen

_LABEL = re.compile(r"\d{2}:\d{2}:\d{2}[:;.]\d{2}", re.ASCII)


def note_jam(log: Logbook, seen: Seen, *, text: str) -> str:
    """Who was typed is jammed, to what the master shows now or to the label behind the name.

    Raises:
        RefusedError: nobody was typed, or no timecode of the production's rate.
    """
    words = text.split()
    label = words.pop() if words and _LABEL.fullmatch(words[-1]) else None
    device = " ".join(words)
    if not device:
        raise RefusedError("Nobody was named; no jam is noted.")
    running = seen.stamp.tc if seen.stamp.tc_source != CLOCK_SOURCE else None
    jam = log.jam(device, seen.stamp, tc=label or running, unit=seen.board.unit)
    day = next((each for each in log.days(jam.unit) if each.number == jam.day), None)
    at = clock_time(jam.wall_ns, known_zone(day.timezone if day is not None else ""))
    return f"Day {jam.day}: {jam.device} jammed at {at}{f' to {jam.tc}' if jam.tc else ''}."
