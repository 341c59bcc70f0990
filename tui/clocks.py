"""Every clock of the set as a line: its label, how far it drifted since it was first seen, how old its last word is."""

from __future__ import annotations

from collections.abc import Sequence

from onset.capture.signals import TimecodeNow
from onset.timecode import Rate
from tui.deps import Live
from tui.widgets.rows import Row

FRESH_NS = 2_000_000_000
_NS = 1_000_000_000


class Clocks:
    """Remembers where each source stood when it was first seen."""

    def __init__(self, master: Sequence[str], rate: Rate) -> None:
        """Take the configured order of sources; the first is the master."""
        self._order = list(master)
        self._rate = rate
        self._first: dict[str, tuple[int, int]] = {}

    def rows(self, live: Live | None, now_ns: int, own_label: str, own_source: str) -> list[Row]:
        """One row a source, the one in use marked with an arrow."""
        names = [*self._order, *(live.sources() if live else [])]
        return [self._row(name, live, now_ns, own_label, used=name == own_source) for name in dict.fromkeys(names)] + (
            [] if own_source in names else [Row(f"▸ {own_source:<8} {own_label}")]
        )

    def _row(self, name: str, live: Live | None, now_ns: int, own_label: str, *, used: bool) -> Row:
        mark = "▸" if used else " "
        if name == "clock":
            return Row(f"{mark} {name:<8} {own_label if used else 'this machine'}", faint=not used)
        slot = live.newest(name, TimecodeNow) if live else None
        if slot is None:
            return Row(f"{mark} {name:<8} not heard", faint=True)
        age_ns = now_ns - slot.mono_ns
        if age_ns > FRESH_NS:
            return Row(f"{mark} {name:<8} lost {age_ns // _NS} s ago", alarm=True)
        from onset.capture.master import label_of

        label = label_of(slot, now_ns, self._rate)
        if label is None:
            return Row(f"{mark} {name:<8} runs at {slot.rate}, not {self._rate.name}", alarm=True)
        frames, at_ns = self._first.setdefault(name, (slot.frames, slot.mono_ns))
        elapsed = (slot.mono_ns - at_ns) * self._rate.fps / _NS
        drift = round(float(slot.frames - frames - elapsed))
        if abs(drift) > self._rate.nominal:  # somebody jammed it anew: start from there
            self._first[name] = (slot.frames, slot.mono_ns)
            drift = 0
        return Row(f"{mark} {name:<8} {label}  {drift:+d} fr")
