"""A roll changes hands: out of its camera, or from one person to the next. Verbs of the Offload screen."""

from __future__ import annotations

from onset.domain.card import Roll, RollState
from onset.logbook.protocol import Logbook
from onset.text import safe_text
from tui.seen import Seen


def hand_over(log: Logbook, seen: Seen, *, roll: Roll, to: str, unit: str) -> str:
    """Somebody has the roll now; one that is loaded comes out of its camera by that.

    Raises:
        RefusedError: the log has no such roll any more.
    """
    to = to.strip()
    label, name = safe_text(roll.label), safe_text(to)
    if roll.state is RollState.LOADED:
        log.pull(roll.label, seen.stamp, to=to, unit=unit)
        return f"{label} is pulled, {name} has it: it waits for its copy."
    log.hand(roll.label, to, unit=unit)
    return f"{name} has {label} now."
