"""The stamps of one take agree: roll, runs, cut, labels and length.

undo.py asks before it moves one alone; takes.py lets the others follow the one that a person sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from onset.changes import Value
from onset.domain.take import State
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.text import safe_text
from onset.timecode import Rate, Timecode, rate

SECOND_NS = 1_000_000_000
_SPAN = ("tc_in", "tc_out", "duration_frames")


def runs_of(tx: Transaction, take_id: str) -> list[Row]:
    """The runs of a take in the order of their actions."""
    return sorted(tx.find("run", {"take": take_id}), key=_order)


def agree(take: Row, runs: Sequence[Row]) -> bool:
    """Whether the stamps could have been made on set.

    A rolling take has no end and only its newest run is open; a cut take has no open run, and lasts from roll to cut.

    Args:
        take: with its fields as they would be.
        runs: those of them that are not deleted, in any order.
    """
    runs = sorted(runs, key=_order)
    begins = take.number("rolled_ns")
    for run in runs:
        if run.number("action_ns") < begins:
            return False
        ends = run.maybe_number("cut_ns")
        if ends is None:
            return run is runs[-1] and _open(take)
        begins = ends
    cut_ns = take.maybe_number("cut_ns")
    if take.text("state") == State.ROLLING:
        return not runs and _open(take)
    if cut_ns is None:
        return False
    frames = take.maybe_number("duration_frames")
    length = Fraction(cut_ns - take.number("rolled_ns"), SECOND_NS)
    return begins <= cut_ns and (frames is None or frames == rate(take.text("rate")).frames_in(length))


def length_ns(frames: int, project: Rate, name: str) -> int:
    """Nanoseconds of so many frames, rounded up, so that counting frames in them gives the same number.

    Raises:
        RefusedError: more than a day.
    """
    if frames > project.frames_a_day:
        raise RefusedError(f"{name} cannot last {frames} frames; a day has {project.frames_a_day}.")
    return int(-(-project.seconds_for(frames) * SECOND_NS // 1))


def settled(tx: Transaction, take: Row, given: Mapping[str, Value]) -> dict[str, Value]:
    """What follows when a person sets `tc_in`, `tc_out` or `duration_frames` of a take, the given fields included.

    `tc_out` is `tc_in` and the length. One alone given: `tc_in` takes `tc_out` along, `tc_out` and the length follow
    each other. Two given: the third follows. The moment of the cut, and the end of the last run, go with the length;
    the moment of the roll stays. A field that is emptied stays empty. Labels are of the take's rate.

    Raises:
        RefusedError: all three given and they contradict each other; an end for a rolling take; a length beyond a day,
            or one that ends before the last action.
    """
    said = {name: given[name] for name in _SPAN if name in given}
    if all(take.fields.get(name) == value for name, value in said.items()):
        return {}
    name = safe_text(f"{take.text('slate')}/{take.text('take')}")
    if take.text("state") == State.ROLLING:
        if said.get("tc_out") is not None or said.get("duration_frames") is not None:
            raise RefusedError(f"{name} rolls; it has no end and no length before it is cut.", take.id)
        return said
    project = rate(take.text("rate"))
    found = _span(Row(take.id, take.arrival, {**take.fields, **said}), said, project, name)
    frames = found["duration_frames"]
    if isinstance(frames, int) and frames != take.maybe_number("duration_frames"):
        cut_ns = take.number("rolled_ns") + length_ns(frames, project, name)
        runs = runs_of(tx, take.id)
        if runs and cut_ns < runs[-1].number("action_ns"):
            raise RefusedError(f"{name} cannot end before its last action.", take.id)
        if runs:
            tx.set("run", runs[-1].id, {"cut_ns": cut_ns, "cut": found["tc_out"]})
        found["cut_ns"] = cut_ns
    return found


def _span(take: Row, said: Mapping[str, Value], project: Rate, name: str) -> dict[str, Value]:
    """In, out and length, with what was not said put right; `take` has what was said already."""
    begins, ends = (
        Timecode.parse(text, project) if text else None
        for text in (take.maybe_text("tc_in"), take.maybe_text("tc_out"))
    )
    frames = take.maybe_number("duration_frames")
    told = {field for field, value in said.items() if value is not None}
    emptied = said.keys() - told
    out_leads = "tc_out" in told and ("tc_in" in told or "duration_frames" not in told)
    if out_leads and begins and ends and "duration_frames" not in emptied:
        span = ends.since(begins, over_midnight=True)
        if "duration_frames" in told and frames is not None and (frames - span) % project.frames_a_day:
            raise RefusedError(f"{name}: from {begins} to {ends} are {span} frames, not {frames}.", take.id)
        frames = span if "duration_frames" not in told else frames
    elif "tc_out" in told and ends and frames is not None and "tc_in" not in emptied:
        begins = ends.later(-frames)
    elif "tc_out" not in said and begins and frames is not None:
        ends = begins.later(frames)
    return {
        "tc_in": begins.label if begins else None,
        "tc_out": ends.label if ends else None,
        "duration_frames": frames,
    }


def with_fields(row: Row, fields: Mapping[str, Value]) -> Row:
    """The row as it would be."""
    return Row(row.id, row.arrival, {**row.fields, **fields})


def _open(take: Row) -> bool:
    ends = (take.maybe_number("cut_ns"), take.maybe_number("duration_frames"))
    return take.text("state") == State.ROLLING and ends == (None, None)


def _order(run: Row) -> tuple[int, int]:
    return run.number("action_ns"), run.arrival
