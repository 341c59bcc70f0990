"""Devices whose labels tell no time of day: matched by order and length alone, and only where nothing else is possible.

Used by `solve.py` for record run (labels that go on only while it rolls) and for media without a label. All ways to lay
the media in their order along the takes are weighed at once; a pair counts where nearly all of their weight agrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onset.match.device import Device, Numbers, Seconds, around
from onset.match.names import Word
from onset.match.observed import Side

SURE, LIKELY = 0.985, 0.3  # weight of all ways that agree in a pair: taken, or asked about
_GAPLESS_S = 0.25  # labels of record run go on where the last clip ended
_SHARE = 0.7
_STRAY, _UNCLAIMED = -3.0, -3.2  # what a medium without a take and a take without a medium cost, in nats
_ELSEWHERE = -0.9  # the same where the log does not say which cameras were in a take
_THROUGH, _REROLLED = -3.0, -4.0  # what a medium of several takes, and a take in two pieces, cost
_MOST = 2_000_000  # pairs of take and medium: more are not weighed
_HEARD = 0.6  # weight that a pair has to have without what names and reports say
_NOTHING = -1e9
_PIECE = "one of two pieces of this take"


@dataclass(frozen=True, slots=True)
class Placed:
    """A pair that most ways agree in."""

    take: int
    medium: int
    weight: float
    longer_s: float | None
    words: str = ""
    piece: bool = False
    unheard: bool = False  # but for names and reports it would not be here


def records_run(device: Device) -> bool:
    """Whether the labels go on from medium to medium without a gap."""
    same = device.card[1:] == device.card[:-1]
    gap = around(device.start[1:] - device.start[:-1] - device.length[:-1])[same]
    gap = gap[~np.isnan(gap)]
    return len(gap) >= 3 and float(np.mean(np.abs(gap) <= _GAPLESS_S)) >= _SHARE


def without_clock(device: Device) -> bool:
    """Whether too few of the media have a label to speak of."""
    return len(device.media) > 0 and float(np.mean(np.isnan(device.start))) > 0.5


def by_order(device: Device) -> list[Placed]:
    """Pairs by order and length, with how much of all weight they have."""
    rows = np.flatnonzero(device.measured)
    if not len(rows) or not len(device.media) or len(rows) * len(device.media) > _MOST:
        return []
    log = device.clocks[0]
    order = rows[np.argsort(log.start[rows], kind="stable")]
    begin, end = log.start[order], log.end[order]
    usual, wide = (5.0, 4.0) if device.side is Side.SOUND else (1.5, 4.0)
    natural = np.arange(len(device.media))
    ways = _Ways(device, natural, order, begin, end, usual, wide)
    turn, weight = natural, ways.weights()
    if len(set(device.card.tolist())) > 1:  # reels may be named in any order: where does each card lie by itself?
        other = ways.cards_by_place()
        if not np.array_equal(other, natural):
            elsewise = _Ways(device, other, order, begin, end, usual, wide)
            weighed = elsewise.weights()
            if weighed.whole > weight.whole + 1e-6:
                ways, turn, weight = elsewise, other, weighed
    # A second look, with what this device's own pairs say of how much longer than the log it runs.
    longer = ways.longer[weight.one > 0.9]
    longer = longer[~np.isnan(longer)]
    elsewhere = _ELSEWHERE
    if len(longer) >= 5:
        usual = float(np.round(np.median(longer)))  # steps, so that one file more or less changes little
        wide = float(np.clip(np.ceil(2 * 1.4826 * np.median(np.abs(longer - usual))) / 2, 2.0, 4.5))
        held = weight.one.sum() + 2 * weight.two.sum() + 3 * weight.three.sum() + weight.pieces.sum()
        missing = 1.0 - min(1.0, float(held) / len(order))
        elsewhere = float(np.round(np.log(np.clip(missing, 0.03, 0.5))))
        ways = _Ways(device, turn, order, begin, end, usual, wide, elsewhere)
        weight = ways.weights()
    silent = weight
    if device.rows.of_medium or any(label is not None for label in device.labels):
        # What is only true because somebody says so is no evidence of order.
        silent = _Ways(device, turn, order, begin, end, usual, wide, elsewhere, heard=False).weights()
    return _placed(ways, weight, silent)


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """The weight of all ways (`whole`, in nats) and the shares of single steps in it.

    Attributes:
        one: a medium (row) is of a take (column) alone; `two`, `three`: of it and the next one or two.
        pieces: it and the medium before it are two pieces of that take.
    """

    whole: float
    one: Seconds
    two: Seconds
    three: Seconds
    pieces: Seconds


class _Ways:
    """All ways to lay media along takes in order, as sums over a grid."""

    def __init__(
        self, device: Device, turn: Numbers, order: Numbers, begin: Seconds, end: Seconds, usual: float, wide: float,
        elsewhere: float = _ELSEWHERE, *, heard: bool = True,
    ) -> None:  # fmt: skip
        self.turn, self.order = turn, order
        self.place = np.argsort(turn)
        self.card = device.card[turn]
        length, logged = device.length[turn], end - begin
        self.longer = length[:, None] - logged[None, :]
        words = _words(device, order)[turn] if heard else 0.0
        self.one = _fits(length[:, None], logged[None, :], usual, wide) + words
        two = np.full(len(order), np.nan)
        two[:-1] = end[1:] - begin[:-1]
        three = np.full(len(order), np.nan)
        three[:-2] = end[2:] - begin[:-2]
        self.two = _known(_fits(length[:, None], two[None, :], usual, wide, _THROUGH), two[None, :]) + words
        self.three = _known(_fits(length[:, None], three[None, :], usual, wide, 2 * _THROUGH), three[None, :]) + words
        both = np.full(len(length), np.nan)
        both[1:] = np.where(self.card[1:] == self.card[:-1], length[1:] + length[:-1] + 4.0, np.nan)
        self.pieces = _known(_fits(both[:, None], logged[None, :], usual, wide + 1.0, _REROLLED), both[:, None])
        for take, medium in device.refused:
            self._forbid(take, int(self.place[medium]))
        for take, medium in device.ruled:
            place = np.flatnonzero(order == take)
            if len(place):
                self.one[self.place[medium], place[0]] = 60.0
        self.skip = np.where(device.named[order], _UNCLAIMED, elsewhere)

    def _forbid(self, take: int, medium: int) -> None:
        for place in np.flatnonzero(self.order == take).tolist():
            self.one[medium, place] = _NOTHING
            for many, more in ((self.two, 1), (self.three, 2)):
                many[medium, max(0, place - more) : place + 1] = _NOTHING
            self.pieces[medium : medium + 2, place] = _NOTHING

    def cards_by_place(self) -> Numbers:
        """The media, card by card in the order in which the cards lie along the takes, each looked at alone."""
        found = []
        skips = np.concatenate(([0.0], np.cumsum(self.skip)))
        for card in dict.fromkeys(self.card.tolist()):
            rows = np.flatnonzero(self.card == card)
            value, before = np.zeros(len(skips)), np.full(len(skips), _NOTHING)
            for number, at in enumerate(rows.tolist()):
                last, value = value, value + _STRAY
                value[1:] = np.logaddexp(value[1:], last[:-1] + self.one[at])
                value[2:] = np.logaddexp(value[2:], last[:-2] + self.two[at, :-1])
                if number:
                    value[1:] = np.logaddexp(value[1:], before[:-1] + self.pieces[at])
                value = np.logaddexp.accumulate(value - skips) + skips
                before = last
            found.append((int(np.argmax(value)), int(rows[0]), rows))
        found.sort(key=lambda each: each[:2])
        return np.concatenate([rows for _, _, rows in found])

    def weights(self) -> _Weights:
        """How much of the weight of all ways each step has.

        Every way pays for each take that it passes over, so a step is worth what it saves; what is then left to add up
        before a take is a plain sum. Rows are scaled, for weights differ by more than a float holds.
        """
        media, takes = self.one.shape
        stray, skip = float(np.exp(_STRAY)), self.skip
        one, pieces = np.exp(self.one - skip), np.exp(self.pieces - skip)
        two = np.exp(self.two[:, :-1] - skip[:-1] - skip[1:])
        three = np.exp(self.three[:, :-2] - skip[:-2] - skip[1:-1] - skip[2:])
        ahead, back = np.ones((media + 1, takes + 1)), np.ones((media + 1, takes + 1))
        begun, left = np.zeros(media + 1), np.zeros(media + 1)  # logarithms of what the rows were divided by
        for at in range(1, media + 1):
            last = ahead[at - 1]
            value = stray * last
            value[1:] += last[:-1] * one[at - 1]
            value[2:] += last[:-2] * two[at - 1]
            value[3:] += last[:-3] * three[at - 1]
            if at > 1:
                value[1:] += ahead[at - 2, :-1] * pieces[at - 1] * np.exp(begun[at - 2] - begun[at - 1])
            row = np.cumsum(value)
            ahead[at] = row / row[-1]
            begun[at] = begun[at - 1] + np.log(row[-1])
        for at in range(media - 1, -1, -1):
            last = back[at + 1]
            value = stray * last
            value[:-1] += last[1:] * one[at]
            value[:-2] += last[2:] * two[at]
            value[:-3] += last[3:] * three[at]
            if at + 2 <= media:
                value[:-1] += back[at + 2, 1:] * pieces[at + 1] * np.exp(left[at + 2] - left[at + 1])
            row = np.cumsum(value[::-1])[::-1]
            back[at] = row / row[0]
            left[at] = left[at + 1] + np.log(row[0])
        whole = float(begun[media])
        scale = np.exp(begun[:-1] + left[1:] - whole)[:, None]
        found = [np.zeros((media, takes)) for _ in range(4)]
        found[0][:] = ahead[:-1, :-1] * one * back[1:, 1:] * scale
        found[1][:, :-1] = ahead[:-1, :-2] * two * back[1:, 2:] * scale
        found[2][:, :-2] = ahead[:-1, :-3] * three * back[1:, 3:] * scale
        over = np.exp(begun[:-2] + left[2:] - whole)[:, None]
        found[3][1:] = ahead[:-2, :-1] * pieces[1:] * back[2:, 1:] * over
        return _Weights(whole, *found)


def _fits(recorded: Seconds, logged: Seconds, usual: float, wide: float, price: float = 0.0) -> Seconds:
    """How much better than chance a length fits a take's (nats)."""
    chance = 0.55 / np.maximum(logged, 8.0)
    off = (recorded - logged - usual) / wide
    near = 0.85 * np.exp(-0.5 * off**2) / (wide * 2.5066) + 0.10 / (wide * 8.0) * (np.abs(off) < 4.0)
    found = np.log(near / chance + 0.05) + price
    return np.where(np.isnan(found), price, found)


def _known(fits: Seconds, length: Seconds) -> Seconds:
    """Several takes, or pieces, need a length that is known."""
    return np.where(np.isnan(length), _NOTHING, fits)


def _words(device: Device, order: Numbers) -> Seconds:
    """What files and reports say, as weights."""
    found = np.zeros((len(device.media), len(order)))
    place = {take: at for at, take in enumerate(order.tolist())}
    for medium, label in enumerate(device.labels):
        if label is None:
            continue
        found[medium] -= 1.0
        for take in device.slates.numbers.get(label, ()):
            if take in place and device.word(take, medium) is Word.AGREES:
                found[medium, place[take]] += 4.0
    for medium, takes in device.rows.of_medium.items():
        found[medium] -= 1.0
        for take in takes:
            if take in place:
                found[medium, place[take]] += 4.0
    return found


def _placed(ways: _Ways, weight: _Weights, silent: _Weights) -> list[Placed]:
    first, second, through, total = _by_take(weight)
    unheard = _by_take(silent)[-1] < _HEARD
    found = []
    for medium, at in zip(*np.nonzero(total > LIKELY), strict=True):
        words = ""
        if through[medium, at] > 0.5 * total[medium, at]:
            words = "it goes on through several takes"
        elif first[medium, at] + second[medium, at] > 0.5 * total[medium, at]:
            words = _PIECE
        longer = float(ways.longer[medium, at])
        found.append(
            Placed(
                take=int(ways.order[at]),
                medium=int(ways.turn[medium]),
                weight=min(1.0, float(total[medium, at])),
                longer_s=longer if not words and longer == longer else None,
                words=words,
                piece=words == _PIECE,
                unheard=bool(unheard[medium, at]),
            )
        )
    return found


def _by_take(weight: _Weights) -> tuple[Seconds, Seconds, Seconds, Seconds]:
    """For each medium and take: the weights of first pieces, second pieces and going through, and of everything."""
    takes = weight.one.shape[1]
    first = np.zeros_like(weight.pieces)
    first[:-1] = weight.pieces[1:]
    through = np.zeros_like(weight.one)
    for many, more in ((weight.two, 1), (weight.three, 2)):
        for step in range(more + 1):
            through[:, step:] += many[:, : takes - step]
    return first, weight.pieces, through, weight.one + first + weight.pieces + through
