"""Clips and sound that nobody logged become takes by time, for documentary days (`slating = "none"`).

Used by `onset/reconcile` to propose log entries. A take here lasts as long as any camera of a common clock rolls
without a break; sound joins every take that it was running in. Whether two devices share a clock must be provable from
how often they start and stop together, or they agree as jammed clocks do. Where neither is so, their files stay apart:
a person can bring takes together with one key, but would have to find a wrong union first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

from onset.match.found import FoundClock
from onset.match.observed import Medium, Side

_DAY_S = 86_400.0
_NEAR_S = 2.0  # half of the window in which starts agree: two operators who hear one call
_APART_S = 10.0  # another offset has to be so far away to be another
_LENGTHS_S, _LENGTHS = 10.0, 0.2  # lengths of a common take differ by less than the greater of these
_PAIRS = 4  # files that have to pair for an offset that nothing else speaks for
_PAIRS_JAMMED = 2  # for none at all: clocks that were jammed are the rule, chance seldom gives just that
_JAMMED_S = 15.0  # files of jammed clocks start that near each other: a mixer rolls some seconds before the camera
_TOGETHER = 0.5  # of the shorter clip has to lie in the other: two that touch are two takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Media that make one proposed take.

    Attributes:
        media: their ids, cameras before sound, each in the order of time.
        name: the name of the first clip of the first camera (of the first recording where there is none): what the
            take may be called. Cards of one name can give two takes of one name.
        start_s: label of that first clip, by its own clock, None where it has none.
        length_s: from the first start to the last end, None where no length is known.
        picture, sound: whether there is any.
        evidence: why these belong together, in words; empty for a file alone.
    """

    media: tuple[str, ...]
    name: str
    start_s: float | None
    length_s: float | None
    picture: bool
    sound: bool
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """Whose clock a file's label is: a device's, or a card's where nothing tells the device."""

    side: Side
    device: str
    card: str = ""

    @property
    def words(self) -> str:
        return self.device or f"card {self.card}"


@dataclass(frozen=True, slots=True)
class _Span:
    """A medium on a clock that it shares with the others of its `group`."""

    medium: Medium
    group: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class _Shared:
    """Two sources' clocks: `offset_s` from the first to the second, found on `pairs` files of each.

    Not `proved`: they were jammed, by all that one sees, and the offset is 0.
    """

    first: _Source
    second: _Source
    offset_s: float
    pairs: int
    proved: bool = True

    @property
    def words(self) -> str:
        if self.proved:
            offset = f"{self.second.words} runs {self.offset_s:+.1f} s to {self.first.words}"
            return f"{offset}, {self.pairs} files start and end together"
        files = "the only file" if self.pairs == 1 else f"{self.pairs} files"
        return f"{self.first.words} and {self.second.words} agree on the time of day, by {files} of each"


def takes_of(media: Sequence[Medium], clocks: Iterable[FoundClock] = ()) -> tuple[Together, ...]:
    """Takes for media that belong to none, in one order whatever the order they came in.

    Args:
        media: clips and sound without a take; only these are brought together.
        clocks: clocks of devices that the log's own takes have proved already.
    """
    ordered = sorted(media, key=_canonical)
    clocks = tuple(clocks)
    sources: dict[_Source, list[Medium]] = {}
    for medium in ordered:
        sources.setdefault(_source(medium), []).append(medium)
    timed = {source: held for source, each in sources.items() if (held := _with_time(each))}
    spans, why = _on_common_clocks(timed, clocks)
    alone = set(ordered) - {span.medium for span in spans}
    found = [_proposed([_Span(medium, 0, 0.0, _length(medium))], "") for medium in ordered if medium in alone]
    for group in sorted({span.group for span in spans}):
        of_group = _unrolled([span for span in spans if span.group == group])
        found += [_proposed(each, why[group] if len(each) > 1 else "") for each in _takes(of_group)]
    return tuple(sorted(found, key=lambda take: (take.start_s is None, take.start_s or 0.0, take.name, take.media)))


def _canonical(medium: Medium) -> tuple[str, str, float, str, str]:
    return (medium.side, medium.device, medium.start_s or 0.0, medium.name, medium.id)


def _source(medium: Medium) -> _Source:
    return _Source(medium.side, medium.device, "" if medium.device else medium.card)


def _with_time(media: list[Medium]) -> list[Medium]:
    """Those whose label is a time of day: none where labels count on while rolling, or begin anew with every card.

    A device cannot record two files at once: labels that say so do not say when. Nor do labels of which nearly each
    goes on where the file before ended; some do, in chapters of one long recording.
    """
    timed = sorted(
        (each for each in media if each.start_s is not None and 0 < (each.length_s or 0.0) < _DAY_S), key=_start
    )
    overlapping = sum(_start(after) < _end(before) - 1 for before, after in pairwise(timed))
    cards: dict[str, list[Medium]] = {}
    for medium in timed:
        cards.setdefault(medium.card, []).append(medium)
    steps = [abs(_start(after) - _end(before)) for card in cards.values() for before, after in pairwise(card)]
    going_on = sum(step < 0.5 for step in steps)
    if overlapping * 5 > len(timed) or (steps and going_on * 5 >= len(steps) * 4):
        return []
    return timed


def _start(medium: Medium) -> float:
    """When it began without its pre-record, by its own label."""
    return (medium.start_s or 0.0) + medium.ahead_s


def _length(medium: Medium) -> float:
    return max(0.0, (medium.length_s or 0.0) - medium.ahead_s)


def _end(medium: Medium) -> float:
    return _start(medium) + _length(medium)


# -- clocks -----------------------------------------------------------------------------------------------------------


def _on_common_clocks(
    timed: Mapping[_Source, list[Medium]], clocks: tuple[FoundClock, ...]
) -> tuple[list[_Span], dict[int, str]]:
    """Every medium on the clock of its group, and for each group why its sources share one, in words."""
    known = {source: on for source, media in timed.items() if (on := _by_the_log(source, media, clocks))}
    group_of = {source: (0 if source in known else number) for number, source in enumerate(timed, 1)}
    shift = dict.fromkeys(timed, 0.0)
    words: dict[int, list[str]] = {}
    if len(known) > 1:
        words[0] = ["each device's clock is known from the log"]

    def time_of(source: _Source) -> Callable[[Medium], float]:
        on_log = known.get(source)
        return on_log if on_log else _start

    shared = [
        found
        for first, second in combinations(timed, 2)
        if not (first in known and second in known)
        and (found := _shared_clock(first, timed[first], time_of(first), second, timed[second], time_of(second)))
    ]
    # The best-proved first; a pair of sources that are in one group by then adds nothing.
    shared.sort(
        key=lambda each: (not each.proved, -each.pairs, abs(each.offset_s), each.first.words, each.second.words)
    )
    for each in shared:
        here, there = group_of[each.first], group_of[each.second]
        if here == there:
            continue
        keep, join = sorted((here, there))
        # What has to be taken from times of the joining group to be on the kept one's clock.
        sign = 1 if join == there else -1
        by = sign * (each.offset_s + shift[each.first] - shift[each.second])
        for source in [source for source, group in group_of.items() if group == join]:
            group_of[source] = keep
            shift[source] += by
        words.setdefault(keep, []).extend(words.pop(join, []))
        words[keep].append(each.words)
    spans = []
    for source, media in timed.items():
        for medium in media:
            begin = time_of(source)(medium) - shift[source]
            spans.append(_Span(medium, group_of[source], begin, begin + _length(medium)))
    return spans, {group: "; ".join(words.get(group, [])) for group in group_of.values()}


def _by_the_log(
    source: _Source, media: Iterable[Medium], clocks: Iterable[FoundClock]
) -> Callable[[Medium], float] | None:
    """How labels of this source become the log's time, None unless that is known for all its cards."""
    held: dict[str, list[FoundClock]] = {}
    for clock in clocks:
        if (clock.side, clock.device) == (source.side, source.device) and not clock.rec_run and source.device:
            held.setdefault(clock.card, []).append(clock)
    if not held or any(medium.card not in held and "" not in held for medium in media):
        return None

    def on_log(medium: Medium) -> float:
        """By the stretch that it lies in, or is nearest to."""
        label = _start(medium)
        best = (float("inf"), label)
        for clock in held.get(medium.card) or held[""]:
            zero = clock.from_s + clock.offset_s
            since = (label - zero + _DAY_S / 2) % _DAY_S - _DAY_S / 2
            at = clock.from_s + since / float(Fraction(clock.ratio_name))
            best = min(best, (max(clock.from_s - at, at - clock.to_s, 0.0), at))
        return best[1]

    return on_log


def _shared_clock(
    first: _Source, firsts: Sequence[Medium], first_time: Callable[[Medium], float],
    second: _Source, seconds: Sequence[Medium], second_time: Callable[[Medium], float],
) -> _Shared | None:  # fmt: skip
    """The offset between two sources' clocks, None unless it is far better than the next best."""
    others = sorted((_length(medium), number) for number, medium in enumerate(seconds))
    differences: list[tuple[float, int, int]] = []
    for number, medium in enumerate(firsts):
        length = _length(medium)
        within = max(_LENGTHS_S, _LENGTHS * length)
        for other_length, other in others[bisect_right(others, (length - within, -1)) :]:
            if other_length > length + within:
                break
            differences.append(((second_time(seconds[other]) - first_time(medium)) % _DAY_S, number, other))
    differences.sort()
    windows = _windows(differences)
    return (
        _proved(first, second, windows, min(len(firsts), len(seconds)))
        or _agreeing(first, firsts, first_time, second, seconds, second_time, windows)
    )  # fmt: skip


def _proved(first: _Source, second: _Source, windows: Sequence[tuple[int, float]], files: int) -> _Shared | None:
    if not windows:
        return None
    pairs, offset = max(windows, key=lambda each: (each[0], -min(each[1], _DAY_S - each[1])))
    rival = max((count for count, at in windows if _round_the_day(at - offset) > _APART_S), default=0)
    offset = _within_the_day(offset)
    needed = _PAIRS_JAMMED if abs(offset) <= _NEAR_S else _PAIRS
    if pairs < needed or pairs < 2 * rival or pairs * 4 < files:
        return None
    return _Shared(first, second, offset, pairs)


def _agreeing(
    first: _Source, firsts: Sequence[Medium], first_time: Callable[[Medium], float],
    second: _Source, seconds: Sequence[Medium], second_time: Callable[[Medium], float],
    windows: Iterable[tuple[int, float]],
) -> _Shared | None:  # fmt: skip
    """Jammed clocks: files that run together at no offset, more of them than at any offset that is none of a jam."""
    running = [
        (one, other)
        for one, medium in enumerate(firsts)
        for other, heard in enumerate(seconds)
        if _alike(_within_the_day(second_time(heard) - first_time(medium)), _length(medium), _length(heard))
    ]
    pairs = min(len({one for one, _ in running}), len({other for _, other in running}))
    rival = max((count for count, at in windows if _round_the_day(at) > _JAMMED_S), default=0)
    needed = 1 if len(firsts) == len(seconds) == 1 else _PAIRS_JAMMED
    if pairs < needed or pairs <= rival or pairs * 4 < min(len(firsts), len(seconds)):
        return None
    return _Shared(first, second, 0.0, pairs, proved=False)


def _alike(later_s: float, length: float, other: float) -> bool:
    """Whether two files, of which the second begins `later_s` after the first, are the most of each other."""
    common = min(length, later_s + other) - max(0.0, later_s)
    return abs(later_s) <= _JAMMED_S and common > _TOGETHER * max(length, other)


def _windows(differences: list[tuple[float, int, int]]) -> list[tuple[int, float]]:
    """For each window of differences that begins with one: how many files of each side it pairs, and its middle one."""
    around = [*differences, *((at + _DAY_S, first, second) for at, first, second in differences)]
    firsts, seconds = Counter[int](), Counter[int]()
    found, end = [], 0
    for begin, (at, first, second) in enumerate(differences):
        while end < len(around) and around[end][0] - at <= 2 * _NEAR_S and end - begin < len(differences):
            firsts[around[end][1]] += 1
            seconds[around[end][2]] += 1
            end += 1
        found.append((min(len(firsts), len(seconds)), around[(begin + end) // 2][0] % _DAY_S))
        for counted, number in ((firsts, first), (seconds, second)):
            counted[number] -= 1
            if not counted[number]:
                del counted[number]
    return found


def _within_the_day(seconds: float) -> float:
    """From half a day back to half a day on."""
    return (seconds + _DAY_S / 2) % _DAY_S - _DAY_S / 2


def _round_the_day(seconds: float) -> float:
    return abs(_within_the_day(seconds))


# -- takes ------------------------------------------------------------------------------------------------------------


def _unrolled(spans: list[_Span]) -> list[_Span]:
    """The day cut open at its longest pause, so that midnight lies in the middle of nothing."""
    ordered = sorted(
        (_Span(each.medium, each.group, each.start_s % _DAY_S, each.start_s % _DAY_S + each.end_s - each.start_s)
         for each in spans),
        key=lambda each: (each.start_s, _canonical(each.medium)),
    )  # fmt: skip
    pauses = []
    latest = max(each.end_s for each in ordered) - _DAY_S
    for number, each in enumerate(ordered):
        pauses.append((each.start_s - latest, -number))
        latest = max(latest, each.end_s)
    cut = -max(pauses)[1]
    later = [_Span(each.medium, each.group, each.start_s + _DAY_S, each.end_s + _DAY_S) for each in ordered[:cut]]
    return [*ordered[cut:], *later]


def _takes(spans: list[_Span]) -> list[list[_Span]]:
    """Unions of pictures that overlap, each with its sound; sound that runs without picture is a take of its own."""
    pictures = _overlapping([each for each in spans if each.medium.side is Side.PICTURE])
    sounds = [each for each in spans if each.medium.side is Side.SOUND]
    heard: set[Medium] = set()
    found = []
    for group in pictures:
        running = [each for each in sounds if any(_together(each, picture) for picture in group)]
        heard |= {each.medium for each in running}
        found.append([*group, *running])
    return [*found, *_overlapping([each for each in sounds if each.medium not in heard])]


def _overlapping(spans: list[_Span]) -> list[list[_Span]]:
    """Unions of spans of different sources that overlap, directly or by others."""
    found: list[list[_Span]] = []
    for span in spans:
        joined = [
            group
            for group in found
            if any(_source(other.medium) != _source(span.medium) and _together(span, other) for other in group)
        ]
        found = [group for group in found if group not in joined]
        found.append([*(other for group in joined for other in group), span])
    return found


def _together(one: _Span, other: _Span) -> bool:
    common = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    return common > 0 and common >= _TOGETHER * min(one.end_s - one.start_s, other.end_s - other.start_s)


def _proposed(spans: Iterable[_Span], evidence: str) -> Together:
    """The take of these media."""
    spans = sorted(spans, key=lambda each: (each.medium.side is Side.SOUND, each.start_s, _canonical(each.medium)))
    media = [each.medium for each in spans]
    side = media[0].side
    leading = min((each for each in media if each.side is side), key=lambda each: each.device)
    known = any(each.length_s is not None for each in media)
    return Together(
        media=tuple(each.id for each in media),
        name=leading.name,
        start_s=leading.start_s,
        length_s=max(each.end_s for each in spans) - min(each.start_s for each in spans) if known else None,
        picture=side is Side.PICTURE,
        sound=media[-1].side is Side.SOUND,
        evidence=evidence,
    )
