"""Which medium belongs to which take, once the media lie on the log's clock.

Used by `solve.py`. A medium is first explained by itself (it starts with a take, ends with one, runs through several);
then each take looks at all that want it, for two pieces of one take fit together and two answers do not.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from onset.match.clocks import DeviceClock
from onset.match.device import Device, Seconds
from onset.match.observed import Side

_LATE_SHARE = 0.36  # of a take a camera has to have, where it starts late or stops early
_PIECES_S = 12.0  # between two pieces of one take
_CLOSE_S, _SPLIT_S = 7.0, 0.3
_LONGEST_S = 7_200.0
_NO_CHANCE_S = 25.0  # that two recordings have in common seldom by chance; takes under `_SHORT_S` do
_SHORT_S = 15.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A take and a medium by their numbers.

    Attributes:
        apart_s: start of the medium after the roll of the take, None where it began with an earlier take.
        words: what is special about it; `question` why a person has to look.
    """

    take: int
    medium: int
    apart_s: float | None
    words: str = ""
    question: str | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """How a medium explains itself: takes `first` to `last`, whose start or end it fits."""

    medium: int
    takes: tuple[int, ...]
    starts: bool
    ends: bool
    cost: float


@dataclass(slots=True)
class _Line:
    """The takes on the log's clock as plain lists, in order of time."""

    order: list[int]
    start: list[float]
    end: list[float]
    known: list[bool]


def align(device: Device, clock: DeviceClock) -> list[Pair]:
    """Pairs by time alone, those that rest on memory or on half a fit with a question."""
    line = _line(device, clock)
    start_s, end_s, usual_end = _tolerances(device, clock)
    media = [number for number in range(len(device.media)) if not np.isnan(clock.start[number])]
    media.sort(key=lambda number: (float(clock.start[number]), number))
    begins = [float(clock.start[number]) for number in media]
    lengths = device.length
    wishes: list[_Wish] = []
    for at, number in enumerate(media):
        begin, length = begins[at], float(lengths[number])
        following = next((each for each in begins[at + 1 : at + 4] if each > begin + 1.0), None)
        wish = _explained(
            device, line, number, begin, length, following, start_s=start_s, end_s=end_s, usual_end=usual_end
        )
        if wish is not None:
            wishes.append(wish)
    return _granted(device, clock, line, wishes, usual_end)


def _line(device: Device, clock: DeviceClock) -> _Line:
    order = [int(number) for number in np.argsort(clock.log.start, kind="stable") if device.measured[number]]
    start, end, known = [], [], []
    for number in order:
        says = device.takes[number].cameras.get(device.name) if device.side is Side.PICTURE else None
        roll, cut = float(clock.log.start[number]), float(clock.log.end[number])
        late, early = (max(says.late_s, 0.0), max(says.early_s, 0.0)) if says else (0.0, 0.0)
        known.append(cut == cut)
        cut = cut if cut == cut else roll + 15.0
        start.append(roll + late if roll + late < cut else roll)
        end.append(cut - early if cut - early > start[-1] else cut)
    return _Line(order, start, end, known)


def _tolerances(device: Device, clock: DeviceClock) -> tuple[float, float, float]:
    """How far starts and ends may be off, and how long after the cut this device usually stops."""
    spans, ends = _nearest(clock, device), []
    for take, medium in spans:
        end = float(clock.end[medium] - clock.log.end[take])
        if end == end and abs(end) < 45:
            ends.append(end)
    starts = [float(clock.start[medium] - clock.log.start[take]) for take, medium in spans]
    start_s = min(11.0, max(5.5, 4 * _spread(starts)))
    if len(ends) < 5:
        return start_s, 12.0 if device.side is Side.SOUND else 8.0, 5.0 if device.side is Side.SOUND else 1.5
    # Ends of another kind (cut early, off-speed, through two takes) lie far off on both sides.
    usual = float(np.median(ends))
    close = [end for end in ends if abs(end - usual) < 12]
    return start_s, min(12.0, max(7.0, 4 * _spread(close))), float(np.median(close or [usual]))


def _nearest(clock: DeviceClock, device: Device) -> list[tuple[int, int]]:
    """Each medium that fits with the take whose roll is nearest."""
    fit = np.concatenate([stretch.fit for stretch in clock.stretches]) if clock.stretches else np.zeros(0, np.int64)
    rows = np.flatnonzero(device.measured)
    order = rows[np.argsort(clock.log.start[rows], kind="stable")]
    rolls = clock.log.start[order]
    found = []
    for medium in fit.tolist():
        place = int(np.searchsorted(rolls, clock.start[medium]))
        near = [at for at in (place - 1, place) if 0 <= at < len(rolls)]
        best = min(near, key=lambda at: abs(float(rolls[at] - clock.start[medium])))
        if abs(float(rolls[best] - clock.start[medium])) < 12:
            found.append((int(order[best]), medium))
    return found


def _spread(misfits: list[float]) -> float:
    if len(misfits) < 5:
        return 1.8
    values: Seconds = np.array(misfits)
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def _explained(
    device: Device,
    line: _Line,
    number: int,
    begin: float,
    length: float,
    following: float | None,
    *,
    start_s: float,
    end_s: float,
    usual_end: float,
) -> _Wish | None:
    """What this medium says of itself, looked at alone."""
    unknown = length != length
    finish = begin + length - usual_end if not unknown else begin
    # A device does not roll twice at once: where its next medium begins, the length is of another speed.
    if following is not None and finish + usual_end > following + 2.0:
        unknown, finish = True, begin
    first = bisect_left(line.start, begin - _LONGEST_S)
    last = bisect_right(line.start, max(finish, begin) + start_s)
    near = [
        at
        for at in range(first, last)
        if line.end[at] > begin - end_s and (line.order[at], number) not in device.refused
    ]
    if not near:
        return None
    fits = sorted((abs(begin - line.start[at]), at) for at in near if abs(begin - line.start[at]) <= start_s)
    fits = [
        (off, at)
        for off, at in fits
        if unknown or min(finish + usual_end, line.end[at]) - max(begin, line.start[at]) > 0
    ]
    begun = fits[0][1] if fits else None
    ended = None
    if not unknown:
        ends = sorted(
            (abs(finish - line.end[at]), at) for at in near if line.known[at] and abs(finish - line.end[at]) <= end_s
        )
        ends = [(off, at) for off, at in ends if begun is None or at >= begun]
        ended = ends[0][1] if ends else None
        if begun is not None and any(at == begun for _, at in ends):
            ended = begun
    if begun is not None:
        cost = fits[0][0] + (abs(finish - line.end[ended]) if ended is not None else 10.0)
        takes = (begun, *(at for at in near if at > begun and _goes_on(line, at, begin, finish, ended)))
        return _Wish(number, takes, True, ended is not None, cost)
    inside = [at for at in near if line.start[at] < begin < line.end[at]]
    if ended is not None:
        takes = tuple(at for at in near if line.end[at] > begin and at <= ended)
        share = _share(line, takes[0], begin, finish) if takes else 0.0
        if share < _LATE_SHARE:
            takes = takes[1:] or takes
        return _Wish(number, takes, False, True, 20.0 + abs(finish - line.end[ended])) if takes else None
    if unknown:
        return _Wish(number, (inside[0],), False, False, 60.0) if inside else None
    covered = tuple(at for at in near if _share(line, at, begin, finish) > 0.8)
    if covered:
        return _Wish(number, covered, False, False, 50.0)
    if inside and finish <= line.end[inside[0]] + end_s:
        return _Wish(number, (inside[0],), False, False, 60.0)
    return None


def _goes_on(line: _Line, at: int, begin: float, finish: float, ended: int | None) -> bool:
    """Whether a medium that began with an earlier take is of this one too."""
    return at <= ended if ended is not None else _share(line, at, begin, finish) > 0.8


def _share(line: _Line, at: int, begin: float, finish: float) -> float:
    """How much of a take lies between two moments."""
    length = max(line.end[at] - line.start[at], 1.0)
    return (min(finish, line.end[at]) - max(begin, line.start[at])) / length


def _granted(device: Device, clock: DeviceClock, line: _Line, wishes: list[_Wish], usual_end: float) -> list[Pair]:
    """Which wishes hold beside those of the others."""
    wanted: dict[int, list[_Wish]] = defaultdict(list)
    for wish in wishes:
        for at in wish.takes:
            wanted[at].append(wish)
    pairs: list[Pair] = []
    for at in sorted(wanted):
        pairs += _for_take(device, clock, line, at, wanted[at], usual_end)
    return pairs


def _for_take(
    device: Device, clock: DeviceClock, line: _Line, at: int, wishes: list[_Wish], usual_end: float
) -> list[Pair]:
    take = line.order[at]

    def pair(wish: _Wish, words: str = "", question: str | None = None) -> Pair:
        apart = float(clock.start[wish.medium]) - line.start[at]
        begins = wish.takes[0] == at
        if not begins and not words:
            words = "it goes on from the take before"
        return Pair(take, wish.medium, apart if begins else None, words, question)

    # The first take of a file needs its start, the last its end; what lies between hangs on the end.
    whole = [
        wish
        for wish in wishes
        if (wish.starts and (wish.ends or len(wish.takes) > 1) if wish.takes[0] == at else wish.ends)
    ]
    if whole:
        whole.sort(key=lambda wish: (wish.cost, wish.medium))
        found = [pair(whole[0])]
        for other in whole[1:]:
            found.append(pair(other, question=_another(device, whole[0])))
            if other.cost < whole[0].cost + 3.0:
                found[0] = pair(whole[0], question=_another(device, other))
        return found
    wishes.sort(key=lambda wish: (float(clock.start[wish.medium]), wish.medium))
    chain = _pieces(device, clock, line, at, wishes, usual_end)
    if chain is not None:
        pieces, sure = chain
        question = None if sure else "two files share this take, or one of them is no piece of it"
        return [
            pair(wish, f"piece {number} of {len(pieces)} of this take", question)
            for number, wish in enumerate(pieces, 1)
        ]
    wishes.sort(key=lambda wish: (wish.cost, wish.medium))
    best = wishes[0]
    begin = float(clock.start[best.medium])
    length = float(device.length[best.medium])
    share = 1.0 if length != length else _share(line, at, begin, begin + length - usual_end)
    # Where the log does not say that this camera was in the take, a short file may lie there by chance.
    expected = bool(device.named[take]) or share * (line.end[at] - line.start[at]) > _NO_CHANCE_S
    if best.takes[0] != at:
        return [pair(best, question="it runs on over this take, but does not end with one")]
    if best.starts:
        if not line.known[at]:
            return [pair(best)]
        fine = expected and share > 0.25
        words = "its length is another"
        return [pair(best, words, None if fine else f"it starts with the take, {words}")]
    early = line.start[at] - begin
    if best.ends and early > 0:
        words = "it runs from before the take to its end"
        by_chance = device.side is Side.PICTURE and early > 8.0 and line.end[at] - line.start[at] < _SHORT_S
        return [pair(best, words, None if expected and share > 0.8 and not by_chance else words)]
    if best.ends:
        words = f"it starts {-early:.0f} s into the take and ends with it"
        return [pair(best, words, None if expected and share > _LATE_SHARE else words)]
    if share > 0.8 and best.takes[0] == at:
        return [pair(best, question="it runs on over this take, but neither starts nor ends with it")]
    if share > 0.5:
        return [pair(best, question="it lies within this take, but neither starts nor ends with it")]
    return []


def _pieces(
    device: Device, clock: DeviceClock, line: _Line, at: int, wishes: list[_Wish], usual_end: float
) -> tuple[list[_Wish], bool] | None:
    """A take whose camera was cut and rolled again: pieces close behind each other, the first with its start.

    Returns:
        The pieces, and whether they fill the take as pieces do; None when there are not two.
    """
    chain: list[_Wish] = []
    for wish in wishes:
        begin = float(clock.start[wish.medium])
        if not chain:
            if wish.starts and len(wish.takes) == 1:
                chain = [wish]
            continue
        behind = begin - float(clock.end[chain[-1].medium])
        if -1.5 <= behind <= _PIECES_S and not wish.starts:
            chain.append(wish)
    if len(chain) < 2 or not chain[-1].ends:
        return None
    begins = [float(clock.start[wish.medium]) for wish in chain]
    ends = [float(clock.end[wish.medium]) for wish in chain]
    shares = [_share(line, at, begin, end) for begin, end in zip(begins, ends, strict=True)]
    gaps = [after - before for after, before in zip(begins[1:], ends[:-1], strict=True)]
    # A recorder that splits its files leaves no gap at all, and a last one of any length.
    split = max(gaps) < _SPLIT_S
    sure = split or (max(gaps) <= _CLOSE_S and min(shares) > 0.2)
    return chain, sure and ends[-1] - usual_end > line.start[at]


def _another(device: Device, other: _Wish) -> str:
    return f"{device.media[other.medium].name} fits the same take"
