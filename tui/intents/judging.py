"""What the director said of a take: circled, hold, no good, false start (screen rule 4)."""

from __future__ import annotations

from onset.domain.take import Kind, Status
from onset.logbook.protocol import Logbook
from tui.seen import Seen

_SAID = {Status.CIRCLED: "circled", Status.HOLD: "on hold", Status.NG: "no good"}


def judge(log: Logbook, seen: Seen, status: Status) -> str:
    """Give the named take a status; the same again clears it."""
    take = seen.aimed
    if take.status is status:
        log.set_take(take.id, {"status": str(Status.NONE), "status_reason": None})
        return f"{take.label} no longer {_SAID[status]}."
    log.set_take(take.id, {"status": str(status), "status_reason": None})
    return f"{take.label} {_SAID[status]}."


def reason(log: Logbook, seen: Seen, why: str) -> str:
    """Why the named take is no good."""
    take = seen.aimed
    log.set_take(take.id, {"status": str(Status.NG), "status_reason": why})
    return f"{take.label} no good: {why}."


def false_start(log: Logbook, seen: Seen) -> str:
    """This take, which rolls on, or the one that the footer named, was a false start; again clears."""
    take = seen.board.rolling or seen.aimed
    if take.kind is Kind.FALSE_START:
        log.set_take(take.id, {"kind": str(Kind.NORMAL)})
        return f"{take.label} is no false start."
    log.set_take(take.id, {"kind": str(Kind.FALSE_START)})
    return f"{take.label} is a false start{' and rolls on' if seen.board.rolling else ''}."
