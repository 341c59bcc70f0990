"""Trouble that lasts: one kind of it on one device, told when it has lasted long enough and when it is over.

Used by watch_picture.py, watch_sound.py and the desks. Pure: it is told the moments, and asks no clock.
"""

from __future__ import annotations

from collections.abc import Callable

from devices.adapter import NS
from onset.capture.signals import Alarm

Say = Callable[[Alarm], None]


class Trouble:
    """One kind of trouble of one device.

    The alarm says that it began when the first bad moment was, and that it was over with the first good one.
    """

    def __init__(self, device: str, what: str, detail: str, after_s: float, say: Say, *, over_s: float = 0.0) -> None:
        """All is well.

        Args:
            device: whose.
            what: the alarm's name, in a word or two.
            detail: its sentence, which begins with the device's name.
            after_s: how long it must last; 0: it is never told.
            say: takes the alarm.
            over_s: how long it must be good before it is over.
        """
        self._device = device
        self._what = what
        self._detail = detail
        self._after_ns = round(after_s * NS)
        self._over_ns = round(over_s * NS)
        self._say = say
        self._bad_ns: int | None = None
        self._good_ns: int | None = None
        self._told = False

    @property
    def told(self) -> bool:
        """Whether the alarm stands."""
        return self._told

    def judge(self, bad: bool, now_ns: int) -> None:
        """How it is at `now_ns`."""
        if not self._after_ns:
            return
        if bad:
            self._good_ns = None
            self._bad_ns = now_ns if self._bad_ns is None else self._bad_ns
            if not self._told and now_ns - self._bad_ns >= self._after_ns:
                self._told = True
                self._say(Alarm(device=self._device, what=self._what, detail=self._detail, mono_ns=self._bad_ns))
            return
        self._good_ns = now_ns if self._good_ns is None else self._good_ns
        if not self._told:
            self._bad_ns = None
        elif now_ns - self._good_ns >= self._over_ns:
            self.end(self._good_ns)

    def judge_take(self, bad: bool, now_ns: int, *, rolling: bool) -> None:
        """As `judge`, for what is trouble only while a take rolls; its cut ends the alarm, whatever comes then."""
        if rolling:
            self.judge(bad, now_ns)
        else:
            self.end(now_ns, "The take was cut.")

    def end(self, now_ns: int, words: str = "") -> None:
        """It is over, or nobody can tell any more."""
        if self._told:
            self._say(Alarm(device=self._device, what=self._what, detail=words, mono_ns=now_ns, over=True))
        self._told, self._bad_ns, self._good_ns = False, None, None
