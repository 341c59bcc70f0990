"""Sound levels with peak hold and clip marks, a bar and a number for each track. Used by the Devices screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from onset.capture.signals import Levels
from onset.text import safe_text

FLOOR_DB = -60.0
HOLD_NS = 1_500_000_000
CLIP_HOLD_NS = 5_000_000_000
FRESH_NS = 1_000_000_000
NAME_CELLS = 8
ONE_A_ROW = 4  # tracks of a device; more than these share rows, so that all of them are seen on 80 x 24
TWO_CELLS = 44  # of width, in which two meters can be read


@dataclass(slots=True)
class Track:
    """What a meter remembers of one track; levels in dBFS."""

    name: str
    peak_db: float = -200.0
    rms_db: float = -200.0
    held_db: float = -200.0
    held_at_ns: int = 0
    clipped_at_ns: int | None = None


class Holding:
    """The levels of one device, with their holds."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._mono_ns = -1

    def hear(self, levels: Levels, now_ns: int) -> None:
        """Take in the newest levels; older than a second they count as silence."""
        names = [f"{number} {name}" for number, name in enumerate(levels.tracks, 1)]
        if [each.name for each in self.tracks] != names:
            self.tracks = [Track(name) for name in names]
        fresh = now_ns - levels.mono_ns < FRESH_NS
        for track, peak, rms, clipped in zip(self.tracks, levels.peak_db, levels.rms_db, levels.clipped, strict=False):
            track.peak_db, track.rms_db = (peak, rms) if fresh else (-200.0, -200.0)
            if track.peak_db >= track.held_db or now_ns - track.held_at_ns > HOLD_NS:
                track.held_db, track.held_at_ns = track.peak_db, now_ns
            if fresh and clipped and levels.mono_ns != self._mono_ns:
                track.clipped_at_ns = now_ns
            if track.clipped_at_ns is not None and now_ns - track.clipped_at_ns > CLIP_HOLD_NS:
                track.clipped_at_ns = None
        self._mono_ns = levels.mono_ns


def bar(track: Track, cells: int) -> tuple[str, str]:
    """A track's bar in `cells` cells (`█` level, `│` held peak, `·` nothing) and its number.

    >>> bar(Track("1 boom", peak_db=-30, rms_db=-30, held_db=-12), 12)
    ('██████···│··', ' -12')
    >>> bar(Track("2 lav"), 6)
    ('······', '-inf')
    """
    lit = _cells(track.rms_db, cells)
    text = ["█"] * lit + ["·"] * (cells - lit)
    held = _cells(track.held_db, cells)
    if held > 0 and held > lit:
        text[held - 1] = "│"
    number = "CLIP" if track.clipped_at_ns is not None else "-inf" if track.held_db < -99 else f"{track.held_db:4.0f}"
    return "".join(text), number


def _cells(level_db: float, cells: int) -> int:
    return max(0, min(cells, round((level_db - FLOOR_DB) / -FLOOR_DB * cells)))


@dataclass(frozen=True, slots=True)
class _Meter:
    """One track as it is drawn; without a bar it is the name of a device."""

    name: str
    bar: str = ""
    number: str = ""
    clips: bool = False


class MetersView(Widget):
    """The tracks of every sound device: one a row, or two where a device has more than four and there is room."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"meters--name", "meters--bar", "meters--clip"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: list[list[_Meter]] = []

    def show(self, devices: dict[str, Holding]) -> None:
        """Draw these levels, if they moved."""
        rows: list[list[_Meter]] = []
        for device, holding in devices.items():
            rows.append([_Meter(safe_text(device))])
            beside = 2 if len(holding.tracks) > ONE_A_ROW and self.size.width >= TWO_CELLS else 1
            cells = max(4, self.size.width // beside - NAME_CELLS - 6)
            meters = [_meter(track, cells) for track in holding.tracks]
            down = -(-len(meters) // beside)
            rows += [meters[y::down] for y in range(down)]
        if rows != self._drawn:
            grown = len(rows) != len(self._drawn)
            self._drawn = rows
            self.refresh(layout=grown)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row a device, and those of its tracks."""
        return len(self._drawn)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        name_style = self.get_component_rich_style("meters--name")
        meters = self._drawn[y] if y < len(self._drawn) else []
        beside = max(1, len(meters))
        strips = [self._drawn_meter(meter).adjust_cell_length(width // beside, name_style) for meter in meters]
        return Strip([segment for strip in strips for segment in strip]).adjust_cell_length(width, name_style)

    def _drawn_meter(self, meter: _Meter) -> Strip:
        name_style = self.get_component_rich_style("meters--name")
        style = self.get_component_rich_style("meters--clip" if meter.clips else "meters--bar")
        first = Strip([Segment(meter.name, name_style)])
        if not meter.bar:
            return first
        first = first.adjust_cell_length(NAME_CELLS, name_style)
        return Strip([*first, Segment(meter.bar, style), Segment(f" {meter.number}", style)])


def _meter(track: Track, cells: int) -> _Meter:
    text, number = bar(track, cells)
    return _Meter(safe_text(track.name), text, number, track.clipped_at_ns is not None)
