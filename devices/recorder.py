"""From a take that rolls to its clips: pre-roll, post-roll, several at once.

Used by `worker.py`, one recorder a device, picture and sound alike. All methods belong to one thread; the files are
written by the disk's thread (`loader.py`), so a slow disk never holds up a camera.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Generic

import msgspec

from devices.adapter import NS
from devices.clip import Clip, Film, P, Take
from devices.disk import MIB, DiskLane
from devices.loader import Loader
from onset.capture.signals import Cut, Mark, Remark, Report, Roll, Uncut, Unmark
from onset.clock import Clock
from onset.config import CLIP_NAMES

_RING_LIMIT = 512 * MIB  # more than 15 s of any feed we know; bounds a broken one
_REMEMBERED = 16  # takes that were cut and may still be uncut


class Recorder(Generic[P]):
    """Keeps the last seconds of a device, and makes files of them when takes roll."""

    def __init__(
        self,
        device: str,
        media: Path,
        clock: Clock,
        lane: DiskLane,
        report: Callable[[Report], None],
        *,
        preroll_s: float,
        postroll_s: float,
        names: str = CLIP_NAMES,
    ) -> None:
        """Take what stays the same while the device comes and goes.

        Args:
            device: its name.
            media: folder for recordings; never made, because where it is missing its disk may be.
            clock: for the stamps of faults.
            lane: where files are written.
            report: called from this thread and from the disk's; must be quick.
            preroll_s: how much of the past a clip begins with.
            postroll_s: how long after the cut it goes on.
            names: template of file names (`clip_name.py`).
        """
        self._lane = lane
        self._loader: Loader[P] = Loader(device, media, clock, report, names=names)
        self._pre_ns = round(preroll_s * NS)
        self._post_ns = round(postroll_s * NS)
        self._film: Film[P] | None = None
        self._ring: deque[P] = deque()
        self._ring_size = 0
        self._takes: dict[str, Take] = {}
        self._clips: list[Clip[P]] = []
        self.dropped = 0

    @property
    def recording(self) -> str | None:
        """The path of the newest clip that is open, as far as its file exists."""
        return next((clip.path for clip in reversed(self._clips) if clip.path and not clip.failed), None)

    @property
    def bytes_a_second(self) -> float:
        """What the device delivers, measured over the ring; 0 while it is empty."""
        if len(self._ring) < 2:
            return 0.0
        span_ns = self._ring[-1].mono_ns - self._ring[0].mono_ns
        return self._ring_size * NS / span_ns if span_ns > 0 else 0.0

    def load(self, film: Film[P]) -> None:
        """The device is open and delivers this; what it delivered before is gone."""
        self._film = film
        self._ring.clear()
        self._ring_size = 0

    def take_in(self, piece: P) -> None:
        """Keep `piece`, record it where takes roll, and end the clips that are over."""
        if self._ring or piece.key:  # before the first key nothing can begin
            self._ring.append(piece)
            self._ring_size += piece.size
            self._forget(piece.mono_ns - self._pre_ns)
        if piece.leads:
            self.tick(piece.mono_ns)
        for clip in self._clips:
            self._write(clip, piece)
        self._open_clips()

    def _forget(self, before_ns: int) -> None:
        # The ring begins with the last key at or before the pre-roll point, so a clip can reach all of it.
        while len(self._ring) > 1:
            following = next((i for i, piece in enumerate(islice(self._ring, 1, None), 1) if piece.key), None)
            if following is None and self._ring_size > _RING_LIMIT:
                self._ring.clear()
                self._ring_size = 0
                what = (
                    "no key frame has come for so long that no recording can begin; have its sender make one a second."
                )
                self._loader.fault("no key frames", what, None)
                return
            if following is None or (self._ring[following].mono_ns > before_ns and self._ring_size <= _RING_LIMIT):
                return
            for _ in range(following):
                self._ring_size -= self._ring.popleft().size

    def roll(self, order: Roll) -> None:
        """Record this take, from the pre-roll on."""
        if order.slated.take_id not in self._takes:
            self._takes[order.slated.take_id] = Take(order.slated, order.mono_ns)
            self._open_clips()

    def cut(self, order: Cut) -> None:
        """The take was cut: its clips go on for the post-roll."""
        take = self._takes.get(order.take_id)
        if take is None or take.cut_ns is not None:
            return
        take.cut_ns = order.mono_ns
        if take.recorded_to_ns is None and not take.failed and not any(clip.take is take for clip in self._clips):
            what = f"nothing of {take.slated.slate} take {take.slated.take} was recorded; the device was not there."
            self._loader.fault("nothing recorded", what, take)

    def uncut(self, order: Uncut) -> None:
        """The cut was undone. A clip that is still in its post-roll goes on; else a new one joins where it ended."""
        take = self._takes.get(order.take_id)
        if take is not None:
            take.cut_ns = None
            self._open_clips()

    def mark(self, order: Mark) -> None:
        """Remember a moment of a take; it is written when a clip ends."""
        take = self._takes.get(order.take_id)
        if take is not None:
            take.marks[order.id] = order

    def unmark(self, order: Unmark) -> None:
        """Forget a moment, or remember it again."""
        for take in self._takes.values():
            if order.id in take.marks:
                (take.unmarked.add if order.gone else take.unmarked.discard)(order.id)

    def remark(self, order: Remark) -> None:
        """Remember what is said of a take by now; it is written when a clip ends."""
        take = self._takes.get(order.take_id)
        if take is not None:
            take.slated = msgspec.structs.replace(take.slated, said=order.said)

    def tick(self, now_ns: int) -> None:
        """End the clips whose post-roll is over, whether or not the device still delivers."""
        for clip in list(self._clips):
            cut_ns = clip.take.cut_ns
            if cut_ns is not None and now_ns >= cut_ns + self._post_ns:
                self._end(clip, interrupted=False)
        done = [key for key, take in self._takes.items() if take.cut_ns is not None]
        for key in done[:-_REMEMBERED]:
            del self._takes[key]

    def lost(self) -> None:
        """The device went away: what is open ends here; a take that still rolls gets a new clip when it is back."""
        for clip in list(self._clips):
            self._end(clip, interrupted=clip.take.cut_ns is None)
        self._film = None

    def finish(self) -> None:
        """End all clips and forget all takes (the worker is told to end)."""
        self.lost()
        self._takes.clear()

    def _open_clips(self) -> None:
        if self._film is None or not self._ring:
            return
        rolling = [t for t in self._takes.values() if t.cut_ns is None and not t.failed]
        for take in rolling:
            if not any(clip.take is take for clip in self._clips):
                self._open(take, self._film)

    def _open(self, take: Take, film: Film[P]) -> None:
        from_ns = take.rolled_ns - self._pre_ns if take.recorded_to_ns is None else take.recorded_to_ns
        keys = [i for i, piece in enumerate(self._ring) if piece.key]
        if not keys:
            return  # a feed that was joined in the middle of a group: the next key frame opens the file
        begin = next((i for i in reversed(keys) if self._ring[i].mono_ns <= from_ns), keys[0])
        pieces = [self._ring[i] for i in range(begin, len(self._ring))]
        start = film.start(take.slated, pieces, take.rolled_ns)
        if start is None:
            return
        clip = Clip(take, film, start)
        self._clips.append(clip)
        self._lane.put(0, lambda: self._loader.create(clip))
        for piece in clip.start.pieces:
            self._write(clip, piece)

    def _write(self, clip: Clip[P], piece: P) -> None:
        clip.end_ns = max(clip.end_ns, piece.mono_ns + piece.lasts_ns)
        if clip.start.gauge is not None:
            clip.start.gauge.hear(piece, clip.take.rolled_ns, clip.take.cut_ns)
        if clip.starved and not piece.key:
            self.dropped += 1
        elif not self._lane.has_room(piece.size):
            if not clip.starved:
                clip.starved = True
                self._loader.fault("dropping", "the disk is too slow; frames are being dropped.", clip.take)
            self.dropped += 1
        else:
            clip.starved = False
            self._lane.put(piece.size, lambda: self._loader.put_down(clip, piece))

    def _end(self, clip: Clip[P], *, interrupted: bool) -> None:
        self._clips.remove(clip)
        clip.take.recorded_to_ns = clip.end_ns
        if clip.start.gauge is not None:
            clip.levels = clip.start.gauge.read(clip.take.rolled_ns, clip.take.cut_ns)
        marks, said = clip.take.marked(), clip.take.slated.said
        self._lane.put(0, lambda: self._loader.finish(clip, marks, said, interrupted=interrupted))
