"""Roll, action, cut, mark: the stamps of a take (screen rules 1 and 2)."""

from __future__ import annotations

from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.clock_set import clock_was_set
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Next
from onset.timecode import Timecode
from tui.seen import Seen

EARLIER_S = 5
AT_ONCE_S = 3  # a camera's key pressed again within this corrects the first press


def roll_or_cut(log: Logbook, seen: Seen) -> str:
    """Roll what the board proposed, or cut the take that was seen rolling."""
    take = seen.board.rolling
    if take is None:
        if not seen.board.slate:
            raise RefusedError("The board has no slate yet; S types the first one.")
        last = seen.board.last_cut
        doubt = clock_was_set(last, seen.stamp) if last is not None else None
        rolled = log.roll(seen.stamp, unit=seen.board.unit)
        return f"{rolled.label} rolls. {doubt}" if doubt else f"{rolled.label} rolls."
    if seen.confirm:
        return f"{take.label} rolls already; the key confirms it."
    log.cut(take.id, seen.stamp)
    return f"{take.label} cut."


def interrupted(log: Logbook, seen: Seen) -> str:
    """Close a take whose cut nobody saw; its length is for a person to say."""
    take = log.close_take(seen.rolling.id, None)
    return f"{take.label} closed as interrupted, of unknown length."


def action(log: Logbook, seen: Seen) -> str:
    """Action; again while rolling is a reset, a new run of the same take."""
    take = log.action(seen.rolling.id, seen.stamp)
    if len(take.runs) > 1:
        return f"Reset: run {len(take.runs)} of {take.label}, a series."
    return f"Action on {take.label}."


def earlier(log: Logbook, seen: Seen) -> str:
    """The newest stamp came 5 s late: put it where it belongs, once a press."""
    take = seen.board.rolling or seen.board.last_cut
    if take is None:
        raise RefusedError("There is no stamp yet that could have been earlier.")
    log.earlier(take.id, EARLIER_S)
    return f"The {_newest_stamp(take)} of {take.label} was {EARLIER_S} s earlier."


def _newest_stamp(take: Take) -> str:
    if take.added:
        return "time"  # it goes as a whole
    if take.cut_ns is not None:
        return "cut"
    return "action" if take.runs else "roll"


def mark(log: Logbook, seen: Seen) -> str:
    """A timecoded mark within the rolling take."""
    if seen.board.rolling is None:
        raise RefusedError("A mark needs a rolling take; T notes without one.")
    log.mark(seen.board.rolling.id, seen.stamp)
    return f"Mark in {seen.board.rolling.label} at {seen.stamp.tc or 'no timecode'}."


def rehearsal(log: Logbook, seen: Seen, duration_ns: int) -> str:
    """The stopwatch of a rehearsal was stopped: keep it on the setup and the scene."""
    setup = log.rehearsal(duration_ns, unit=seen.board.unit)
    return f"Rehearsal of {setup.slate} took {duration_ns // 60_000_000_000}:{duration_ns // 1_000_000_000 % 60:02d}."


def camera(log: Logbook, seen: Seen, name: str) -> str:
    """A camera goes in or out of the next take; while rolling it starts or cuts now."""
    rolling = seen.board.rolling
    if rolling is None:
        known = {each.camera: each.in_next for each in seen.board.cameras}
        wanted = not known.get(name, False)
        log.set_next(Next(cameras={name: wanted}), unit=seen.board.unit)
        return f"Camera {name} {'is in' if wanted else 'is out of'} the next take."
    angle = next((each for each in rolling.angles if each.camera == name), None)
    label = seen.stamp.tc
    if label is None:
        raise RefusedError(f"There is no timecode now to say when camera {name} started or cut.")
    start, end = (angle.start, angle.end) if angle else (None, None)
    # It rolls since the take was rolled, unless it was not in the take: that one can only have come late.
    if start is None and end is None:
        log.set_angle(rolling.id, name, {"start": label})
        return f"Camera {name} late on {rolling.label}: started at {label} (at once again: it cut then)."
    if end is not None:
        log.set_angle(rolling.id, name, {"end": None})
        return f"Camera {name} still rolls on {rolling.label}."
    expected = any(each.camera == name and each.in_next for each in seen.board.cameras)
    at_once = start is not None and _frames_between(rolling, start, label) < AT_ONCE_S * rolling.frame_rate.nominal
    if expected and at_once:
        log.set_angle(rolling.id, name, {"start": None, "end": start})
        return f"Camera {name} cut on {rolling.label} at {start}; it had started with the take."
    log.set_angle(rolling.id, name, {"end": label})
    return f"Camera {name} cut on {rolling.label} at {label}."


def _frames_between(take: Take, start: str, end: str) -> int:
    rate = take.frame_rate
    return Timecode.parse(end, rate).since(Timecode.parse(start, rate), over_midnight=True)


def sound(log: Logbook, seen: Seen) -> str:
    """Sound in or out of the next take; a rolling take turns MOS or has sound again."""
    rolling = seen.board.rolling
    if rolling is not None:
        return mos(log, seen)
    wanted = not seen.board.sound_in_next
    log.set_next(Next(sound=wanted), unit=seen.board.unit)
    return f"Sound {'is in' if wanted else 'is out of'} the next take."


def tail_slate(log: Logbook, seen: Seen) -> str:
    """The slate comes at the end: of this take while it rolls, else of the next."""
    rolling = seen.board.rolling
    if rolling is not None:
        log.set_take(rolling.id, {"tail_slate": not rolling.tail_slate})
        return f"{rolling.label} {'has its head slate' if rolling.tail_slate else 'gets a tail slate'}."
    log.set_next(Next(tail_slate=not seen.board.tail_slate), unit=seen.board.unit)
    return f"The next take {'has its head slate' if seen.board.tail_slate else 'gets a tail slate'}."


def mos(log: Logbook, seen: Seen) -> str:
    """Without sound: this take while it rolls, else the next."""
    rolling = seen.board.rolling
    if rolling is not None:
        log.set_take(rolling.id, {"mos": not rolling.mos})
        return f"{rolling.label} {'has sound' if rolling.mos else 'is MOS'}."
    log.set_next(Next(mos=not seen.board.mos), unit=seen.board.unit)
    return f"The next take {'has sound' if seen.board.mos else 'is MOS'}."
