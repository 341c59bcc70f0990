"""Which clip and which sound file is which take: the whole pure matcher, and one that remembers.

Used by `onset/reconcile`. Each device is matched against the log alone, so that a new clip costs only its device. The
order of what was observed makes no difference; where two answers are nearly as good, the link carries a question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from onset.match.align import align
from onset.match.clocks import DeviceClock, Stretch, agreement, find_clock
from onset.match.device import DAY_S, Device, Seconds, arrays, in_log_order, in_own_order, log_clocks
from onset.match.evidence import Reason, left_over, links_of
from onset.match.found import Evidence, Found, FoundClock, FoundLink, Unmatched
from onset.match.names import Rows, Slates, label_of
from onset.match.observed import LoggedTake, Medium, Observed, Ruling, Said, Side
from onset.match.recrun import SURE, by_order, records_run, without_clock
from onset.reel import camera_of_roll, read_name

_MADE_SUPPORT = 0.75  # of the files whose times of making have to fit before they are taken for a clock


@dataclass(frozen=True, slots=True)
class _Inputs:
    """All that the answer about one device depends on."""

    side: Side
    name: str
    takes: tuple[LoggedTake, ...]
    media: tuple[Medium, ...]
    said: tuple[Said, ...]
    rulings: tuple[Ruling, ...]
    reported_as: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Answer:
    links: tuple[FoundLink, ...]
    clocks: tuple[FoundClock, ...]
    unmatched: tuple[Unmatched, ...]


def match(observed: Observed) -> Found:
    """The answer about a day; the same for the same day in any order."""
    return Matcher().match(observed)


class Matcher:
    """Keeps what it found of each device until something about that device changes."""

    def __init__(self) -> None:
        self._known: dict[tuple[Side, str], tuple[_Inputs, _Answer]] = {}

    def match(self, observed: Observed) -> Found:
        """The answer about a day; devices of which nothing changed since the last call are not matched again."""
        takes = in_log_order(observed.takes)
        known: dict[tuple[Side, str], tuple[_Inputs, _Answer]] = {}
        for inputs in _devices(observed, takes):
            key = inputs.side, inputs.name
            before = self._known.get(key)
            known[key] = before if before is not None and before[0] == inputs else (inputs, _matched(inputs))
        self._known = known
        answers = [answer for _, answer in known.values()]
        sounding = {
            link.take_id for (side, _), (_, answer) in known.items() if side is Side.SOUND for link in answer.links
        }
        recorders = {name for side, name in known if side is Side.SOUND}
        place = {take.id: number for number, take in enumerate(takes)}
        return Found(
            links=tuple(
                sorted(
                    (link for answer in answers for link in answer.links),
                    key=lambda link: (place[link.take_id], link.camera, link.medium_id),
                )
            ),
            clocks=tuple(
                sorted(
                    (clock for answer in answers for clock in answer.clocks),
                    key=lambda clock: (clock.side, clock.device, clock.from_s, clock.card),
                )
            ),
            unmatched=tuple(
                sorted(
                    (each for answer in answers for each in answer.unmatched
                     if not (each.device in recorders and each.take_id in sounding)),
                    key=lambda each: (
                        place.get(each.take_id or "", len(place)), each.device, each.medium_id or "", each.why,
                    ),
                )
            ),
        )  # fmt: skip


def _devices(observed: Observed, takes: tuple[LoggedTake, ...]) -> Iterable[_Inputs]:
    media: dict[tuple[Side, str], list[Medium]] = defaultdict(list)
    letters = {letter for take in takes for letter in take.cameras}
    letters |= {medium.device for medium in observed.media if medium.side is Side.PICTURE and medium.device}
    owners = _owners([medium for medium in observed.media if not medium.device], letters)
    for medium in observed.media:
        media[medium.side, medium.device or owners.get((medium.side, medium.card), "")].append(medium)
    for take in takes:
        if take.picture:
            for letter in take.cameras:
                media[Side.PICTURE, letter]  # a camera of which nothing is here still misses its clips
    said: dict[tuple[Side, str], list[Said]] = defaultdict(list)
    for row in observed.said:
        said[row.side, row.device].append(row)
    rulings: dict[str, list[Ruling]] = defaultdict(list)
    for ruling in observed.rulings:
        rulings[ruling.medium_id].append(ruling)
    for side, name in sorted(media):
        own = in_own_order(media[side, name])
        rows = list(said[side, name])
        if name:
            rows += said[side, ""]
        else:
            rows = [row for key in sorted(said) if key[0] is side for row in said[key]]
        if side is Side.SOUND:  # a sound report seldom says which recorder
            rows = [row for key in sorted(said) if key[0] is Side.SOUND for row in said[key]]
        # A report of the only recorder is about it, whatever it calls it.
        alone = side is Side.SOUND and sum(key[0] is side for key in media) == 1
        yield _Inputs(
            reported_as=frozenset({name, *(row.device for row in rows if alone)} - ({""} if not alone else set())),
            side=side,
            name=name,
            takes=takes,
            media=own,
            said=tuple(sorted(rows, key=lambda row: (row.slate, row.take, row.name, row.roll, row.device))),
            rulings=tuple(
                sorted(
                    (ruling for medium in own for ruling in rulings.get(medium.id, ())),
                    key=lambda ruling: (ruling.take_id, ruling.medium_id, ruling.belongs),
                )
            ),
        )


def _owners(nameless: Iterable[Medium], letters: set[str]) -> dict[tuple[Side, str], str]:
    """Whose the cards are of which the files do not say it: by the reel or by the names, where all of a card agree."""
    said: dict[tuple[Side, str], set[str]] = defaultdict(set)
    for medium in nameless:
        if medium.side is Side.PICTURE:
            letter = camera_of_roll(medium.reel) or read_name(medium.name).camera
            said[medium.side, medium.card].add(letter if letter in letters else "")
    return {card: next(iter(names)) for card, names in said.items() if len(names) == 1}


def device_of(inputs: _Inputs) -> Device:
    """A device's part of the day, as arrays."""
    numbers = {take.id: number for number, take in enumerate(inputs.takes)}
    ruled_in = {numbers[each.take_id] for each in inputs.rulings if each.belongs and each.take_id in numbers}
    may = [number for number, take in enumerate(inputs.takes) if number in ruled_in or _may_have(inputs, take)]
    takes = tuple(inputs.takes[number] for number in may)
    own = {take.id: number for number, take in enumerate(takes)}
    media = {medium.id: number for number, medium in enumerate(inputs.media)}
    card, start, length = arrays(inputs.media)
    clocks = log_clocks(inputs.takes)
    some = np.array(may, dtype=np.int64)
    clocks = tuple(type(clock)(clock.name, clock.start[some], clock.end[some]) for clock in clocks)
    slates = Slates(takes)
    pairs = {(own[each.take_id], media[each.medium_id]): each.belongs for each in inputs.rulings if each.take_id in own}
    return Device(
        side=inputs.side,
        name=inputs.name,
        takes=takes,
        measured=np.array([take.measured for take in takes], dtype=np.bool_),
        named=np.array([inputs.side is Side.SOUND or inputs.name in take.cameras for take in takes], dtype=np.bool_),
        media=inputs.media,
        card=card,
        start=start,
        length=length,
        clocks=clocks,
        slates=slates,
        rows=Rows(inputs.said, inputs.media, slates, inputs.reported_as),
        labels=tuple(label_of(medium) for medium in inputs.media),
        ruled=frozenset(pair for pair, belongs in pairs.items() if belongs),
        refused=frozenset(pair for pair, belongs in pairs.items() if not belongs),
    )


def _may_have(inputs: _Inputs, take: LoggedTake) -> bool:
    if inputs.side is Side.SOUND:
        return take.sound
    return take.picture and (not take.cameras or not inputs.name or inputs.name in take.cameras)


def _matched(inputs: _Inputs) -> _Answer:
    device = device_of(inputs)
    reasons: dict[tuple[int, int], Reason] = {}
    clocks: list[FoundClock] = []
    clock = None
    if records_run(device) or without_clock(device):
        reasons, clocks = _without_labels(device)
    elif (clock := find_clock(device, device.start)) is not None:
        reasons, clocks = _reasons(device, clock), _found_clocks(device, clock)
    if not device.name and device.side is Side.PICTURE:
        nobody = "nothing tells which camera it is of"
        reasons = {
            pair: replace(reason, question="; ".join(filter(None, (reason.question, nobody))))
            for pair, reason in reasons.items()
        }
    links = links_of(device, reasons, _timed(clock))
    return _Answer(tuple(links), tuple(clocks), tuple(left_over(device, links, _why(device, clock), near_s=12.0)))


def _timed(clock: DeviceClock | None) -> frozenset[int]:
    """Media that lie on a clock which is certain."""
    if clock is None:
        return frozenset()
    sure = (stretch.numbers.tolist() for stretch in clock.stretches if stretch.certain)
    return frozenset(medium for numbers in sure for medium in numbers if not np.isnan(clock.start[medium]))


def _why(device: Device, clock: DeviceClock | None) -> dict[int, str]:
    """Why a medium without a take may have none."""
    found = {}
    for number in range(len(device.media)):
        if np.isnan(device.start[number]):
            found[number] = "it has no timecode, and nothing else names its take"
        elif clock is not None and np.isnan(clock.start[number]):
            found[number] = "no offset lays its card beside the log"
    return found


def _without_labels(device: Device) -> tuple[dict[tuple[int, int], Reason], list[FoundClock]]:
    """Labels tell no time: the files' own times of making may, else order and length."""
    created = np.array([np.nan if each.created_s is None else each.created_s for each in device.media])
    # Some devices stamp a file when it is begun, some when it ends: the one that more files agree in goes first.
    ways = sorted((created, _begun(device, created)), key=lambda starts: -agreement(device, starts))
    for starts in ways:
        clock = find_clock(device, starts, _MADE_SUPPORT / 2)
        if clock is None or clock.support < _MADE_SUPPORT or not all(each.certain for each in clock.stretches):
            continue
        return _reasons(device, clock, made=True), [_rec_run(device, sum(len(each.fit) for each in clock.stretches))]
    found = {}
    for pair in by_order(device):
        words = "order and length" + (f", {abs(pair.longer_s):.1f} s apart" if pair.longer_s is not None else "")
        words += f"; {pair.words}" if pair.words else ""
        question = None if pair.weight >= SURE else "other takes fit by order and length nearly as well"
        if pair.piece:
            question = "by length alone two files make up this take"
        against = "by order and length alone it would be elsewhere" if pair.unheard else None
        found[pair.take, pair.medium] = Reason(Evidence.ORDER, words, against, question)
    sure = {medium for (_, medium), reason in found.items() if reason.doubt is None}
    return found, [_rec_run(device, len(sure))]


def _begun(device: Device, ended: Seconds) -> Seconds:
    """When files began that were stamped at their end; NaN where that would be before the end of the file before.

    No device records two files at once: such a length was counted at another speed, and tells no beginning.
    """
    begun = ended - device.length
    order = np.argsort(ended, kind="stable")
    order = order[~np.isnan(ended[order])]
    begun[order[1:]] = np.where(begun[order[1:]] < ended[order[:-1]] - 2.0, np.nan, begun[order[1:]])
    return begun


def _rec_run(device: Device, pairs: int) -> FoundClock:
    log = device.clocks[0].start if device.clocks and len(device.takes) else np.zeros(1)
    return FoundClock(
        device=device.name, side=device.side, card="", offset_s=0.0, ratio_name="1", drift_ppm=None, pairs=pairs,
        of=len(device.media), spread_s=0.0, from_s=float(log.min()), to_s=float(log.max()), rec_run=True,
    )  # fmt: skip


def _reasons(device: Device, clock: DeviceClock, *, made: bool = False) -> dict[tuple[int, int], Reason]:
    """Pairs by time, with the clock they rest on."""
    stretch_of: dict[int, Stretch] = {}
    for stretch in clock.stretches:
        for medium in stretch.numbers.tolist():
            stretch_of[medium] = stretch
    found = {}
    aligned = align(device, clock)
    takes_of = Counter(pair.medium for pair in aligned)
    for pair in aligned:
        stretch = stretch_of[pair.medium]
        words = f"offset {_signed(stretch.offset_s)} s found on {len(stretch.fit)} of {len(stretch.numbers)} files"
        doubt = None
        if made:
            if takes_of[pair.medium] > 1:
                doubt = "by the time of its making it goes through several takes"
            words = f"the time of its making: {words}"
        if pair.apart_s is not None:
            words += f"; start {abs(pair.apart_s):.1f} s apart"
        if pair.words:
            words += f"; {pair.words}"
        if not stretch.certain:
            doubt = f"the clock of {device.name or 'this card'} is not certain"
            if stretch.other_s is not None:
                doubt += f": offset {_signed(stretch.other_s)} s fits nearly as well"
        found[pair.take, pair.medium] = Reason(Evidence.TIME, words, pair.question, doubt)
    return found


def _signed(seconds: float) -> str:
    return f"{(seconds + DAY_S / 2) % DAY_S - DAY_S / 2:+.1f}"


def _found_clocks(device: Device, clock: DeviceClock) -> list[FoundClock]:
    found = []
    for stretch in clock.stretches:
        cards = [int(card) for card in dict.fromkeys(device.card[stretch.numbers].tolist())]
        alone = len(clock.stretches) == 1
        for card in [None] if alone else cards:
            of = stretch.numbers if card is None else stretch.numbers[device.card[stretch.numbers] == card]
            fit = stretch.fit if card is None else stretch.fit[device.card[stretch.fit] == card]
            made = _found_clock(device, clock, stretch, of, fit, alone=alone)
            if made is not None:
                found.append(made)
    return found


def _found_clock(
    device: Device,
    clock: DeviceClock,
    stretch: Stretch,
    of: Sequence[int] | np.ndarray,
    fit: np.ndarray,
    *,
    alone: bool,
) -> FoundClock | None:
    rows = np.flatnonzero(device.measured)
    pairs = []
    for medium in fit.tolist():
        near = int(rows[int(np.argmin(np.abs(clock.log.start[rows] - clock.start[medium])))])
        if abs(float(clock.log.start[near] - clock.start[medium])) < 12:
            pairs.append((float(clock.log.start[near]), float(device.start[medium])))
    if not pairs:
        return None
    pairs.sort()
    log = np.array([pair[0] for pair in pairs])
    shown = np.array([pair[1] for pair in pairs])
    expected = log * clock.ratio + stretch.offset_s
    off = (shown - expected + DAY_S / 2) % DAY_S - DAY_S / 2
    drift = None
    if len(pairs) >= 8 and log[-1] - log[0] >= 3600:
        slope = float(np.polyfit(log - log[0], off, 1)[0])
        drift = slope * 1e6
        off = off - slope * (log - log[0])
    middle = float(np.median(off))
    first = (float(log[0]) * (clock.ratio - 1) + stretch.offset_s + middle + DAY_S / 2) % DAY_S - DAY_S / 2
    return FoundClock(
        device=device.name,
        side=device.side,
        card="" if alone else device.media[int(of[0])].card,
        offset_s=first,
        ratio_name=clock.ratio_name,
        drift_ppm=drift,
        pairs=len(pairs),
        of=len(of),
        spread_s=float(np.median(np.abs(off - middle))),
        from_s=float(log[0]),
        to_s=float(log[-1]),
    )
