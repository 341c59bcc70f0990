"""Sound levels with peak hold and clip marks, a bar and a number for each track. Used by the Devices screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
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
ONE_A_ROW = 4  # tracks of a device; more than these share rows, and these too where there is no room otherwise
TWO_CELLS = 44  # of width, in which two meters can be read
NAMED_CELLS = 20  # of width; a narrower meter has its number for a name
LEAST_CELLS = 10  # of width: number, two cells of bar, level


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
    cells: int = 0  # that it has of its row; 0: all


class MetersView(Widget):
    """The tracks of every sound device: one a row, or as many beside each other as it takes to have all of them seen.

    32 tracks of a mixer fit into the 55 x 8 cells that are left on a terminal of 80 x 24.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"meters--name", "meters--bar", "meters--clip"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: list[list[_Meter]] = []

    def show(self, devices: dict[str, Holding], room: int) -> None:
        """Draw these levels, if they moved; in `room` rows, where that can be."""
        rows = laid_out(devices, self.size.width, room)
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
        strips = [self._drawn_meter(meter).adjust_cell_length(meter.cells or width, name_style) for meter in meters]
        return Strip([segment for strip in strips for segment in strip]).adjust_cell_length(width, name_style)

    def _drawn_meter(self, meter: _Meter) -> Strip:
        name_style = self.get_component_rich_style("meters--name")
        style = self.get_component_rich_style("meters--clip" if meter.clips else "meters--bar")
        first = Strip([Segment(meter.name, name_style)])
        if not meter.bar:
            return first
        first = first.adjust_cell_length(_name_cells(meter.cells), name_style)
        return Strip([*first, Segment(meter.bar, style), Segment(f" {meter.number}", style)])


def laid_out(devices: Mapping[str, Holding], width: int, room: int) -> list[list[_Meter]]:
    """Meters row by row: as few beside each other as fit into `room` rows, never narrower than can be read."""
    rows: list[list[_Meter]] = []
    for few, least in product((ONE_A_ROW, 1), range(1, max(1, width // LEAST_CELLS) + 1)):
        rows = []
        for device, holding in devices.items():
            many = len(holding.tracks) > few
            two = many and width >= TWO_CELLS
            beside = max(least if many else 1, 2 if two else 1)
            meters = [_meter(track, width // beside) for track in holding.tracks]
            down = -(-len(meters) // beside)
            rows += [[_Meter(safe_text(device))], *(meters[y::down] for y in range(down))]
        if len(rows) <= room:
            return rows
    hidden = [meter for row in rows[max(1, room - 1) :] for meter in row if meter.bar]
    clips = any(each.clips for each in hidden)
    more = f"{len(hidden)} more tracks{', one of them CLIPS' if clips else ''}"
    return [*rows[: max(1, room - 1)], [_Meter(more, clips=clips)]] if hidden else rows


def _name_cells(cells: int) -> int:
    return NAME_CELLS if cells >= NAMED_CELLS else 2


def _meter(track: Track, cells: int) -> _Meter:
    named = _name_cells(cells)
    text, number = bar(track, max(2, cells - named - 6))
    name = safe_text(track.name)[: named - 1] if named == NAME_CELLS else f"{track.name.partition(' ')[0]:>{named}}"
    return _Meter(name, text, number, track.clipped_at_ns is not None, cells)
