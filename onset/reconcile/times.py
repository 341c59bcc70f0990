"""When files start and how long they run, against the log and against reports.

Used by agree.py. A file's start is compared on its device's clock as the matches have it, never label with label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onset.domain.camera import Clip
from onset.domain.sound import SoundFile
from onset.domain.take import State, Take
from onset.match.found import FoundClock
from onset.reconcile.board import Difference
from onset.reconcile.claimed import DayClaims, Hand, hands_of
from onset.reconcile.clock_lines import ENOUGH, amount, around_midnight, expected_start_s, pairs_of
from onset.reconcile.differing import differing, enumerated
from onset.reconcile.sight import MediaFile, card_of, device_of, label_s, length_s, parsed, rate_of
from onset.reel import same_clip_name

_EARLY_S, _LATE_S = 20.0, 8.0  # a file may start before the key (pre-roll, a slow clapper), less far after it
_SHORTER_S, _LONGER_S, _LONGER = 5.0, 60.0, 0.5
_REPORTED_S = 1.0  # reports round to the second
_HOUR_S = 3600.0


def times_differ(day: DayClaims, take: Take) -> Iterable[Difference]:
    """Starts and lengths of a take's files that are not as the log or a report has them."""
    yield from _reported_times(day, take)
    for hand in day.hands.get(take.id, ()):
        if not hand.link.question and not hand.file.unreadable:
            yield from _start(day, take, hand)
    yield from _durations(day, take)


def _reported_times(day: DayClaims, take: Take) -> Iterable[Difference]:
    """A report's start and length against those of the file that it speaks of."""
    for row in day.rows.get(take.id, ()):
        hands = [hand for hand in hands_of(day, take, row) if not hand.link.question]
        if row.clip:
            hands = [hand for hand in hands if any(same_clip_name(row.clip, one.name) for one in hand.members)]
        labelled_at = rate_of(row.rate) if row.rate else None
        if len(hands) != 1 or hands[0].file.unreadable:
            continue
        file = hands[0].file
        if labelled_at is None:
            labelled_at = rate_of(file.rate)
        if labelled_at is None:
            continue
        begins, said = _begins_s(file), label_s(row.tc_in, labelled_at)
        if begins is not None and said is not None and abs(off := around_midnight(said - begins)) > _REPORTED_S:
            yield differing(
                "start",
                f"the {row.source} starts {file.name} at {row.tc_in}, the file itself at {file.tc_in}",
                _why_start(off, file),
                by=[str(row.source), row.tc_in or "", file.tc_in or ""],
                take=take,
                media_id=file.id,
                device=device_of(file),
            )
        runs = length_s(file)
        if runs is not None and row.duration_frames is not None:
            reported = float(labelled_at.seconds_for(row.duration_frames))
            if abs(reported - runs) > max(_REPORTED_S, 0.002 * runs):  # 23.976 counted as 24 is no difference
                yield differing(
                    "duration",
                    f"{file.name} lasts {amount(reported)} in the {row.source} and {amount(runs)} in the file",
                    by=[str(row.source), str(row.duration_frames), str(round(runs))],
                    take=take,
                    media_id=file.id,
                    device=device_of(file),
                )


def _start(day: DayClaims, take: Take, hand: Hand) -> Iterable[Difference]:
    """Where a file starts, against the roll of its take on its device's clock as the matches have it."""
    file = hand.file
    begins = _begins_s(file)
    misfit = None if begins is None else _misfit(day, take, file, begins)
    if (
        misfit is None
        or begins is None
        or take.added
        or len(day.holds.get(file.id, ())) > 1
        or _later_piece(day, take, file)
    ):
        return
    if -_EARLY_S <= misfit <= _LATE_S + _logged_late(take, file):
        return
    yield differing(
        "start",
        f"{file.name} starts {amount(misfit)} {'after' if misfit > 0 else 'before'} the roll of {take.label}",
        _why_start(misfit, file),
        by=[file.tc_in or "", take.tc_in or ""],
        take=take,
        media_id=file.id,
        device=device_of(file),
    )


def _begins_s(file: MediaFile) -> float | None:
    labelled_at = rate_of(file.rate)
    return label_s(file.tc_in, labelled_at) if labelled_at else None


def _misfit(day: DayClaims, take: Take, file: MediaFile, begins: float) -> float | None:
    """Seconds after the expected start; None where the device's clock is not known for this moment.

    The log has two clocks, its labels and its machine's time of day, and a found clock may stand for either: the
    smaller misfit is the one that was meant.
    """
    readings = [(take.rolled_ns - day.seen.zero_ns) / 1e9]
    label = label_s(take.tc_in, take.frame_rate)
    readings += [label] if label is not None else []
    ahead = 0.0
    if isinstance(file, SoundFile) and file.pre_record and file.sample_rate:
        ahead = file.pre_record / file.sample_rate
    misfits = [
        around_midnight(begins + ahead - expected_start_s(clock, log_s))
        for clock in _clocks(day, file)
        for log_s in readings
    ]
    return min(misfits, key=abs, default=None)


def _clocks(day: DayClaims, file: MediaFile) -> list[FoundClock]:
    side = "picture" if isinstance(file, Clip) else "sound"
    own = [one for one in day.found.clocks if one.side == side and one.device == device_of(file) and not one.rec_run]
    if pairs_of(own) < ENOUGH:
        return []
    return [one for one in own if one.card == card_of(file)] or own


def _later_piece(day: DayClaims, take: Take, file: MediaFile) -> bool:
    """The second clip of a take starts where the first one ended."""
    pieces = [hand.file for hand in day.hands.get(take.id, ()) if device_of(hand.file) == device_of(file)]
    starts = [(begins, one.id) for one in pieces if type(one) is type(file) and (begins := _begins_s(one)) is not None]
    return len(starts) > 1 and min(starts)[1] != file.id


def _logged_late(take: Take, file: MediaFile) -> float:
    """How long after the take the log says that this camera started."""
    for angle in take.angles:
        begins, late = parsed(take.tc_in, take.frame_rate), parsed(angle.start, take.frame_rate)
        if angle.camera == device_of(file) and begins and late:
            return float(take.frame_rate.seconds_for(late.since(begins, over_midnight=True)))
    return 0.0


def _came_late(day: DayClaims, take: Take, file: MediaFile) -> float:
    """How long after the take it started, by the log or by its clock; that is told as its start and not once more."""
    begins = _begins_s(file)
    misfit = None if begins is None else _misfit(day, take, file, begins)
    return max(_logged_late(take, file), misfit or 0.0)


def _why_start(off: float, file: MediaFile) -> str:
    hours = round(off / _HOUR_S)
    if hours and abs(off - hours * _HOUR_S) < 60:
        return "whole hours apart: another time zone, or summer time"
    if abs(off) > _HOUR_S:
        return "hours apart: another day, or a clock that was never jammed"
    if isinstance(file, SoundFile) and -30.0 <= off < 0:
        return "sound pre-roll"
    if isinstance(file, Clip) and 0 < off < 120:
        return f"camera {file.camera or '?'} started late"
    if abs(off) <= 0.001 * 43_200 + 1:
        return "drift, or 23.976 against 24"
    return "the clock was set in between"


def _durations(day: DayClaims, take: Take) -> Iterable[Difference]:
    """What a device recorded of a take, against its length in the log."""
    if take.duration_frames is None or take.state is not State.CUT or take.added:
        return
    logged = float(take.frame_rate.seconds_for(take.duration_frames))
    for device in sorted({device_of(hand.file) for hand in day.hands.get(take.id, ())}):
        pieces = [hand for hand in day.hands[take.id] if device_of(hand.file) == device]
        lengths = [length_s(hand.file) for hand in pieces]
        if any(hand.link.question or hand.file.unreadable for hand in pieces) or None in lengths:
            continue
        if any(len(day.holds.get(hand.file.id, ())) > 1 for hand in pieces):
            continue
        runs = sum(length for length in lengths if length is not None)
        absent = _came_late(day, take, pieces[0].file) + _logged_early(take, pieces[0].file)
        if runs < logged - absent - _SHORTER_S:
            cause = "it was cut early or started late, or goes on in a file that is not here"
            yield _duration(take, pieces, device, runs, logged, "shorter", cause)
        elif runs > logged + max(_LONGER_S, _LONGER * logged):
            yield _duration(
                take, pieces, device, runs, logged, "longer", "it ran on after the cut, or holds another take"
            )


def _logged_early(take: Take, file: MediaFile) -> float:
    for angle in take.angles:
        end, cut = parsed(angle.end, take.frame_rate), parsed(take.tc_out, take.frame_rate)
        if angle.camera == device_of(file) and end and cut:
            return float(take.frame_rate.seconds_for(cut.since(end, over_midnight=True)))
    return 0.0


def _duration(
    take: Take, pieces: Sequence[Hand], device: str, runs: float, logged: float, word: str, cause: str
) -> Difference:
    names = enumerated([hand.file.name for hand in pieces])
    return differing(
        "duration",
        f"{names} is {amount(runs - logged)} {word} than {take.label}",
        cause,
        by=[word, str(round(runs)), str(round(logged))],
        take=take,
        media_id=pieces[0].file.id,
        device=device,
    )
