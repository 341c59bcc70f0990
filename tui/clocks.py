"""Every clock of the set as a line: its label, whether it agrees with the master, how far apart, how it drifts."""

from __future__ import annotations

from collections.abc import Sequence

from onset.capture.clock_words import clock_words, running_label
from onset.capture.signals import ClockNow, ClocksNow, TimecodeNow
from onset.timecode import Rate
from tui.deps import Live
from tui.widgets.rows import Row

FRESH_NS = 3_000_000_000  # the service compares the clocks twice a second
_OWN = "clock"
_BAD = frozenset({"stopped", "other rate"})


class Clocks:
    """Draws what the capture service says of the clocks, with labels that run."""

    def __init__(self, master: Sequence[str], rate: Rate) -> None:
        """Take the configured order of sources; the first is the master."""
        self._order = list(master)
        self._rate = rate

    def rows(self, live: Live | None, now_ns: int, own_label: str, own_source: str) -> list[Row]:
        """One row a source, the one in use marked with an arrow.

        Args:
            live: the live bus; None where there is none.
            now_ns: the moment that is drawn.
            own_label: what this seat stamps with.
            own_source: where that comes from.
        """
        told = live.newest(_OWN, ClocksNow) if live else None
        if told is None or now_ns - told.mono_ns > FRESH_NS:
            names = dict.fromkeys([*self._order, own_source])
            return [self._alone(name, own_label, used=name == own_source) for name in names]
        return [
            self._row(clock, told.mono_ns, live, now_ns, own_label if clock.source == own_source else "")
            for clock in told.clocks
        ]

    def _alone(self, name: str, own_label: str, *, used: bool) -> Row:
        """Without a service nobody compares clocks."""
        words = own_label if used else "this machine" if name == _OWN else "not heard"
        return Row(f"{'▸' if used else ' '} {name:<7} {words}", faint=not used)

    def _row(self, clock: ClockNow, told_ns: int, live: Live | None, now_ns: int, own_label: str) -> Row:
        """One clock; `own_label` where this seat's stamps come from it."""
        slot = live.newest(clock.source, TimecodeNow) if live else None
        label = own_label or running_label(clock, slot, self._rate, now_ns, told_ns)
        words = clock_words(clock, self._rate.name)
        text = f"{'▸' if own_label else ' '} {clock.source:<7} {label:<11} "
        bad = clock.state in _BAD and (bool(own_label) or clock.source in self._order)
        faint = clock.state == "not heard" or (clock.source == _OWN and not own_label)
        return Row(text, alarm=bad, faint=faint, more=words)
