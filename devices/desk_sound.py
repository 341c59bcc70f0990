"""The desk of a mixer: record, meter, and listen to the timecode on its track.

Used by `worker.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from devices.adapter import LATE_NS, Block, Form, Samples, Shot, SoundDevice, SoundFormat, Surroundings, Told
from devices.desk import Bus, Desk, Labels
from devices.disk import DiskLane
from devices.gauge import decibels
from devices.recorder import Recorder
from devices.sound_file import SoundFilm
from devices.timecode_lamp import TimecodeLamp
from devices.timecode_track import LTC_TRACK, TimecodeTrack
from devices.watch import Trouble
from devices.watch_sound import SoundWatch
from onset.capture.signals import Fault, Levels, Report, Roll, Setup
from onset.text import safe_text

_CLIPPED = 2**31 - 2**15  # the last steps of 16 bits: where converters and 16 bit sources stop


class Meter:
    """Levels of what came since they were last read."""

    def __init__(self, tracks: Sequence[str]) -> None:
        self._tracks = list(tracks)
        self._reset()

    def _reset(self) -> None:
        self._peak = np.zeros(len(self._tracks))
        self._power = np.zeros(len(self._tracks))
        self._clipped = np.zeros(len(self._tracks), np.int64)
        self._count = 0

    def hear(self, samples: Samples) -> None:
        """Take in a block."""
        scaled = samples / 2.0**31
        size = np.abs(scaled)
        self._peak = np.maximum(self._peak, size.max(axis=0, initial=0.0))
        self._power += np.square(scaled).sum(axis=0)
        self._clipped += (np.abs(samples.astype(np.int64)) >= _CLIPPED).sum(axis=0)
        self._count += len(samples)

    def read(self, device: str, mono_ns: int) -> Levels | None:
        """The levels, and begin anew; None when nothing has come."""
        if not self._count:
            return None
        levels = Levels(
            device=device,
            tracks=self._tracks,
            peak_db=[decibels(peak) for peak in self._peak],
            rms_db=[decibels(math.sqrt(power / self._count)) for power in self._power],
            clipped=[int(count) for count in self._clipped],
            mono_ns=mono_ns,
        )
        self._reset()
        return levels


class SoundDesk(Desk):
    """Records a mixer and shows its levels."""

    _unit = "samples"

    def __init__(
        self,
        setup: Setup,
        device: SoundDevice,
        around: Surroundings,
        bus: Bus,
        labels: Labels,
        lane: DiskLane,
        report: Callable[[Report], None],
    ) -> None:
        """Take the parts; nothing is opened yet."""
        self._recorder: Recorder[Block] = Recorder(
            setup.device, Path(setup.media), around.clock, lane, report,
            preroll_s=setup.preroll_s, postroll_s=setup.postroll_s, names=setup.names,
        )  # fmt: skip
        super().__init__(setup, device, around, bus, report, self._recorder, lane)
        self._labels = labels
        self._meter = Meter(())
        self._ltc: TimecodeTrack | None = None
        self._lamp = TimecodeLamp(setup.device, report)
        self._next: int | None = None
        self._late = False
        self._watch: SoundWatch | None = None
        self._peaks: dict[str, float] = {}  # of the day's files, as the newest roll told
        detail = f"{safe_text(setup.device)}: no timecode comes on its track."
        self._had_timecode = False
        self._no_timecode = Trouble(setup.device, "no timecode", detail, setup.watch.timecode_s, report, over_s=1.0)

    def opened(self, form: Form) -> None:
        """Get ready for its tracks."""
        if not isinstance(form, SoundFormat):
            return
        around = self._around
        self._meter = Meter(form.tracks)
        track = next((i for i, name in enumerate(form.tracks) if name.lower() == LTC_TRACK), None)
        self._ltc = None if track is None else TimecodeTrack(track, form.sample_rate, around)
        self._watch = SoundWatch(self._setup.device, form.tracks, track, self._setup.watch, self._report)
        self._watch.remember(self._peaks)
        self._recorder.load(
            SoundFilm(
                self._setup.device,
                form.tracks,
                form.sample_rate,
                self._labels,
                around.clock,
                around.utc_offset_s,
                mono=self._setup.files == "mono",
            )
        )

    def gone(self) -> None:
        """End the files."""
        self._recorder.lost()
        self._next = None
        self._lamp.gone()
        now_ns = self._around.clock.monotonic_ns()
        self._no_timecode.end(now_ns, "The device went away.")
        self._had_timecode = False
        if self._watch is not None:
            self._watch.gone(now_ns)

    def roll(self, order: Roll) -> None:
        """A take rolls; a track that had sound today is expected to have some."""
        self._peaks = order.slated.peaks
        if self._watch is not None:
            self._watch.remember(self._peaks)
        super().roll(order)

    def take_in(self, piece: Shot | Block | Told) -> None:
        """Record, meter, listen."""
        if not isinstance(piece, Block):
            return
        if self._next is not None:
            self._lost += max(0, piece.first - self._next)
        self._next = piece.first + len(piece.samples)
        self._judge(piece)
        if self._ltc is not None:
            self._ltc.hear(piece)
        self._recorder.take_in(piece)
        self._meter.hear(piece.samples)

    def _judge(self, block: Block) -> None:
        """Tell once that the stamps of the sound cannot be right any more."""
        if block.late_ns > LATE_NS and not self._late:
            name = safe_text(self._setup.device)
            detail = (
                f"{name}: its sound has come {block.late_ns // 1_000_000} ms late for two seconds: its server lost "
                "that much without a word, or delays it. Picture and sound may be apart by that."
            )
            now_ns = self._around.clock.monotonic_ns()
            self._report(Fault(device=self._setup.device, what="late", detail=detail, mono_ns=now_ns))
        self._late = block.late_ns > (LATE_NS // 2 if self._late else LATE_NS)

    def show(self, now_ns: int) -> None:
        """Publish the levels of the last tenth of a second, and the timecode where it runs."""
        levels = self._meter.read(self._setup.device, now_ns)
        if levels is not None:
            self._bus.publish(levels)
            if self._watch is not None:
                self._watch.hear(levels, rolling=bool(self._rolling))
        running = self._ltc.running(f"{self._setup.device}.{LTC_TRACK}", now_ns) if self._ltc else None
        if running is not None:
            self._bus.publish(running)
        if self._ltc is not None and self._state() == "live":
            self._lamp.judge(running, now_ns)
            self._had_timecode = self._had_timecode or running is not None  # one that stops later is the clocks' matter
            self._no_timecode.judge(not self._had_timecode and bool(self._rolling), now_ns)
