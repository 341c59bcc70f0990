"""Which take or setup a still was taken at, by its time: a proposal with its evidence in words, never more.

Used by `onset import stills`. Within a take: that take. Soon after a cut: the take before. Later on the same day: the
setup before. Where two units shot at that moment, nobody can tell, and nothing is proposed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from onset.domain.still import Still, TakenBy
from onset.domain.take import Take
from onset.stills.clocks import Correction, Span, correction_of

_NS = 1_000_000_000
_SOON_NS = 10 * 60 * _NS  # after a cut: people still stand where they stood
_LATE_NS = 3 * 3600 * _NS  # of the setup before; after a longer time it is another thing that is photographed
_NO_CUT_NS = 3600 * _NS  # how long a take that still rolls may have run
_HELD = (TakenBy.EXIF, TakenBy.EXIF_ZONE)  # clocks of cameras, which may be off; a file's own time is none
_WEAK = {TakenBy.NAME: "; by its name alone", TakenBy.FILE: "; by the file's own time alone, which a copy may change"}


@dataclass(frozen=True, slots=True)
class Shooting:
    """What was shot, as far as stills are looked at.

    Attributes:
        takes: of the days in question, of every unit asked about.
        setups: id of a setup by (episode, slate).
        days: date to (unit, number) of the days that were opened.
    """

    takes: Sequence[Take]
    setups: Mapping[tuple[str | None, str], str]
    days: Mapping[str, Sequence[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Placed:
    """Stills with their proposals, and how far the clock of each camera was found to be off."""

    stills: tuple[Still, ...]
    corrections: Mapping[str, Correction]


def place(stills: Sequence[Still], shooting: Shooting, *, offset_ns: int | None = None) -> Placed:
    """Propose what each still belongs to.

    Args:
        stills: with `taken_ns` and `taken_by` as the files say it.
        shooting: see there.
        offset_ns: what a person says must be added to the cameras' clocks; None: they vote, each for itself.
    """
    cameras: dict[str, list[int]] = defaultdict(list)
    for still in stills:
        if still.taken_by in _HELD and still.taken_ns is not None:
            cameras[still.camera].append(still.taken_ns)
    corrections: dict[str, Correction] = {}
    for camera, taken_ns in cameras.items():
        found = Correction(offset_ns) if offset_ns else None
        if offset_ns is None:
            found = correction_of(taken_ns, [_span(take) for take in shooting.takes])
        if found is not None:
            corrections[camera] = found
    by_unit: dict[str, list[Take]] = defaultdict(list)
    for take in sorted(shooting.takes, key=lambda one: (one.rolled_ns, one.id)):
        by_unit[take.unit].append(take)
    placed = [_placed(still, corrections.get(still.camera), by_unit, shooting) for still in stills]
    return Placed(tuple(placed), corrections)


def _placed(
    still: Still, correction: Correction | None, by_unit: Mapping[str, Sequence[Take]], shooting: Shooting
) -> Still:
    if still.taken_ns is None:
        return still
    corrected = correction if still.taken_by in _HELD else None
    at_ns = still.taken_ns + (corrected.offset_ns if corrected else 0)
    still = replace(still, taken_ns=at_ns)
    because = _WEAK.get(still.taken_by, "") if still.taken_by else ""
    because += f"; its clock corrected by {in_words(corrected.offset_ns)}" if corrected else ""
    before = {unit: found for unit, takes in by_unit.items() if (found := _before(at_ns, takes)) is not None}
    during = {unit: take for unit, take in before.items() if at_ns <= _span(take)[1]}
    meant = during or before
    if len(meant) > 1:
        names = " and ".join(f"{take.label} of {unit}" for unit, take in sorted(meant.items()))
        when = "during" if during else "after"
        return _on_its_day(still, shooting, f"taken {_time(at_ns)}, {when} {names}: say which with --unit{because}")
    if not meant:
        return _on_its_day(still, shooting, f"taken {_time(at_ns)}, with no take before it on that day{because}")
    ((unit, take),) = meant.items()
    after_ns = at_ns - _span(take)[1]
    still = replace(still, unit=unit, day=take.day)
    if after_ns <= 0:
        return replace(still, take_id=take.id, evidence=f"taken {_time(at_ns)} during {take.label}{because}")
    evidence = f"taken {_time(at_ns)}, {_length(after_ns)} after the cut of {take.label}{because}"
    if after_ns <= _SOON_NS:
        return replace(still, take_id=take.id, evidence=evidence)
    setup_id = shooting.setups.get((take.episode, take.slate))
    return replace(still, setup_id=setup_id, evidence=evidence)


def _before(at_ns: int, takes: Sequence[Take]) -> Take | None:
    """The newest take that had rolled by then and was not cut too long ago."""
    rolled = [take for take in takes if take.rolled_ns <= at_ns]
    return rolled[-1] if rolled and at_ns - _span(rolled[-1])[1] <= _LATE_NS else None


def _on_its_day(still: Still, shooting: Shooting, evidence: str) -> Still:
    """No take; the day by its date where only one unit has such a day."""
    date = datetime.fromtimestamp((still.taken_ns or 0) // _NS).astimezone().date().isoformat()
    there = shooting.days.get(date, ())
    if len(there) == 1:
        still = replace(still, unit=there[0][0], day=there[0][1])
    return replace(still, evidence=evidence)


def _span(take: Take) -> Span:
    return take.rolled_ns, max(take.rolled_ns, take.rolled_ns + _NO_CUT_NS if take.cut_ns is None else take.cut_ns)


# -- in words ---------------------------------------------------------------------------------------------------------


def in_words(offset_ns: int) -> str:
    """`+1:00:00`, `-0:00:37`, `+2557 days 1:12:01`.

    >>> in_words(3600 * 10**9), in_words(-37 * 10**9), in_words((2557 * 86400 + 4321) * 10**9)
    ('+1:00:00', '-0:00:37', '+2557 days 1:12:01')
    """
    days, seconds = divmod(abs(offset_ns) // _NS, 86_400)
    far = f"{days} days " if days else ""
    return f"{'-' if offset_ns < 0 else '+'}{far}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _time(at_ns: int) -> str:
    return f"{datetime.fromtimestamp(at_ns // _NS).astimezone():%Y-%m-%d %H:%M:%S}"


def _length(length_ns: int) -> str:
    seconds = length_ns // _NS
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
