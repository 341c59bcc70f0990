"""The continuity gate behind the readers of timecode: no label leaves it that its neighbours do not bear out.

A raw reader gives labels out of noise and codecs, and a wrong label in the log is worse than none. What follows
upon the label that was trusted last, in count and in time, is let through; what lies between the two was there and is
marked as inferred. Anything else waits for others that agree with it: two that touch while nothing is trusted, three
otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from devices.ltc_word import Heard, clock_of, count_of, follows, number_of
from onset.timecode import Rate

_BRIDGED = 30  # frames between two that agree, which are inferred
_TRUSTED_FOR = 60  # frames after which a trusted label proves nothing any more
_CHAINS = 12


class Gate:
    """Judges labels in the order of their time."""

    def __init__(self, sample_rate: int) -> None:
        """Trust nothing yet."""
        self._sample_rate = sample_rate
        self._trusted: Heard | None = None
        self._chains: list[list[Heard]] = []
        self._nominal: int | None = None  # labels a second, as seen at the end of one

    def has(self, heard: Heard) -> bool:
        """Whether that moment was judged already: it was read twice."""
        trusted = self._trusted
        return trusted is not None and heard.sample < trusted.sample + trusted.length / 2

    def continues(self, heard: Heard) -> bool:
        """Whether it is the very next one."""
        return self._trusted is not None and self._steps(self._trusted, heard) == 1

    def judge(self, heard: Heard) -> Iterator[Heard]:
        """What has become certain with this one, in order of time."""
        trusted = self._trusted
        if trusted is not None:
            if heard.inferred or self.has(heard):
                return
            steps = self._steps(trusted, heard)
            if steps is not None and steps <= _TRUSTED_FOR:
                yield from self._trust([trusted, heard])
                return
        chain = self._joined(heard)
        if self._enough(chain):
            first = next(i for i, each in enumerate(chain) if trusted is None or each.sample > trusted.sample)
            yield chain[first]
            yield from self._trust(chain[first:])

    def _enough(self, chain: list[Heard]) -> bool:
        """Whether these bear each other out."""
        sure = [each for each in chain if not each.inferred]
        if len(sure) < 2:
            return False
        trusted = self._trusted
        alone = trusted is None or sure[-1].sample - trusted.sample > _TRUSTED_FOR * trusted.length
        return len(sure) >= 3 or (alone and self._steps(sure[0], sure[1]) == 1)

    def _joined(self, heard: Heard) -> list[Heard]:
        """The chain that this label belongs to, with it."""
        self._chains = [each for each in self._chains if heard.sample - each[-1].sample < 12 * each[-1].length]
        for chain in self._chains:
            steps = self._steps(chain[-1], heard)
            if steps is not None and steps <= 10:
                if not heard.inferred:
                    chain.append(heard)
                return chain
        self._chains = [*self._chains[1 - _CHAINS :], [heard]]
        return self._chains[-1]

    def _trust(self, chain: list[Heard]) -> Iterator[Heard]:
        """All after the first one of a chain that is believed, and what lies between them."""
        for before, after in pairwise(chain):
            first, second = (after, before) if after.reverse else (before, after)
            if first.seconds != second.seconds and self._steps(before, after) == 1:
                self._nominal = first.frames + 1
            yield from self._between(before, after)
            yield after
        self._trusted = chain[-1]
        self._chains.clear()

    def _between(self, before: Heard, after: Heard) -> Iterator[Heard]:
        steps = self._steps(before, after) or 1
        count = self._count(before, after)
        number = None if count is None else number_of(before, count)
        if not 2 <= steps <= _BRIDGED:
            return
        length = (after.sample - before.sample) / steps
        way = -1 if before.reverse else 1
        for i in range(1, steps):
            if count is not None and number is not None:
                hours, minutes, seconds, frames = clock_of(number + way * i, count)
            else:
                hours, minutes, seconds, frames = before.hours, before.minutes, before.seconds, before.frames + way * i
            yield replace(
                before, sample=before.sample + i * length, length=length, inferred=True,
                hours=hours, minutes=minutes, seconds=seconds, frames=frames,
            )  # fmt: skip

    def _steps(self, before: Heard, after: Heard) -> int | None:
        """How many frames lie from one to the other, when count and time both say the same; else None."""
        if before.reverse != after.reverse or before.drop != after.drop:
            return None
        gap = after.sample - before.sample
        steps = round(2 * gap / (before.length + after.length))
        if steps < 1 or not 0.8 < after.length / before.length < 1.25:
            return None
        if abs(gap - steps * (before.length + after.length) / 2) > (0.2 + 0.01 * min(steps, 20)) * before.length:
            return None
        first, second = (after, before) if before.reverse else (before, after)
        if steps == 1 and follows(first, second):
            return 1 if first.seconds == second.seconds or self._may_end_second(first) else None
        if (first.hours, first.minutes, first.seconds) == (second.hours, second.minutes, second.seconds):
            return steps if second.frames - first.frames == steps else None
        count = self._count(before, after)
        if count is None:
            return None
        one, two = number_of(first, count), number_of(second, count)
        if one is None or two is None or (two - one - steps) % count.frames_a_day:
            return None
        return steps if steps > 1 else None  # a step of one was judged above

    def _may_end_second(self, last: Heard) -> bool:
        """Whether a second can end with that label: one that was trusted is no misread 29."""
        length_says = self._sample_rate / last.length
        ends = [nominal for nominal in (24, 25, 30) if abs(length_says - nominal) < 0.02 * nominal]
        ends += [self._nominal] if self._nominal else []
        return last is self._trusted or not ends or last.frames + 1 in ends

    def _count(self, before: Heard, after: Heard) -> Rate | None:
        """How many labels a second these count: as was seen, or as their length says at normal speed."""
        if self._nominal is not None:
            return count_of(self._nominal, before.drop)
        fps = 2 * self._sample_rate / (before.length + after.length)
        near = min((24, 25, 30), key=lambda nominal: abs(nominal - fps))
        return count_of(near, before.drop) if abs(fps - near) < 0.02 * near else None
