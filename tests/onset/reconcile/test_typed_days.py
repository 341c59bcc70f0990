"""Days that were typed in afterwards: times from memory, from a sheet, or to the frame."""

from __future__ import annotations

import pytest

from onset.domain.take import Stamp
from tests.onset.reconcile.shooting import MIDNIGHT, NS, Shooting, label

STARTS = (36_010.0, 36_211.0, 36_366.0, 37_205.0, 37_363.0, 38_465.0)
LENGTHS = (14, 22, 18, 9, 31, 12)


def type_in(day: Shooting, source: str, *, off: tuple[float, ...] = (0.0,) * 6) -> None:
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        at = start + off[n]
        stamp = Stamp(wall_ns=MIDNIGHT + round(at * NS), mono_ns=0, tc=label(at), tc_source=source)
        take = day.log.add_take(slate="42", take=str(n + 1), stamp=stamp, duration_frames=length * 25)
        day.takes.append(take)


def bring_clips(day: Shooting) -> None:
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        day.bring(day.clip(f"A014C{n + 1:03d}", start - 1.0, length + 2.0))
    day.match()


@pytest.mark.parametrize("source", ["typed", "clock"])
def test_a_whole_day_typed_from_a_sheet_finds_its_clips(shooting: Shooting, source: str) -> None:
    type_in(shooting, source)
    bring_clips(shooting)
    assert shooting.links().keys() == {(f"42/{n + 1}", f"A014C{n + 1:03d}.mov") for n in range(6)}


def test_times_remembered_to_the_minute_make_no_links_of_their_own(shooting: Shooting) -> None:
    """Rounded to the minute they are up to half a minute off: a clip between two of them may be either's."""
    type_in(shooting, "clock", off=tuple(-(start % 60) for start in STARTS))
    bring_clips(shooting)
    assert all(take == f"42/{int(clip[5:8])}" for take, clip in shooting.links()), "no link is wrong"
