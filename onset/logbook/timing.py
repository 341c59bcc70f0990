"""The stamps of one take agree: roll, runs, cut and length. undo.py asks before it moves one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from onset.changes import Value
from onset.domain.take import State
from onset.logbook.engine import Row, Transaction
from onset.timecode import rate

SECOND_NS = 1_000_000_000


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


def with_fields(row: Row, fields: Mapping[str, Value]) -> Row:
    """The row as it would be."""
    return Row(row.id, row.arrival, {**row.fields, **fields})


def _open(take: Row) -> bool:
    ends = (take.maybe_number("cut_ns"), take.maybe_number("duration_frames"))
    return take.text("state") == State.ROLLING and ends == (None, None)


def _order(run: Row) -> tuple[int, int]:
    return run.number("action_ns"), run.arrival
