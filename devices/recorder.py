"""From a take that rolls to its files: pre-roll, post-roll, several clips at once, and what is reported of them.

Used by `worker.py`, one recorder a device, picture and sound alike. All methods belong to one thread; the files are
written by the disk's thread, so a slow disk never holds up a camera.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Generic, Literal, Protocol, TypeVar

from devices.adapter import NS
from devices.clip_name import create_clip
from devices.disk import MIB, DiskLane
from onset.capture.signals import ClipClosed, ClipOpened, Cut, Fault, Report, Roll, Slated, Uncut
from onset.clock import Clock
from onset.errors import MediumError
from onset.text import safe_text
from onset.timecode import Timecode

_RING_LIMIT = 512 * MIB  # more than 15 s of any feed we know; bounds a broken one
_SYNC_NS = NS  # how much of a recording a power cut may take
_REMEMBERED = 16  # takes that were cut and may still be uncut


class Piece(Protocol):
    """A coded frame or a block of sound."""

    @property
    def mono_ns(self) -> int:
        """When it began."""
        ...

    @property
    def lasts_ns(self) -> int:
        """How long it lasts."""
        ...

    @property
    def key(self) -> bool:
        """Whether a file may begin with it."""
        ...

    @property
    def leads(self) -> bool:
        """Whether a file may end before it."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...


P = TypeVar("P", bound=Piece)
P_contra = TypeVar("P_contra", bound=Piece, contravariant=True)


class ClipFile(Protocol[P_contra]):
    """A file that is being written; belongs to the disk's thread. Its methods raise `MediumError`."""

    def write(self, piece: P_contra, /) -> None:
        """Add a piece."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...

    @property
    def duration_frames(self) -> int:
        """Whole frames it lasts."""
        ...

    @property
    def missing(self) -> int:
        """Frames or samples known to be missing in it."""
        ...

    @property
    def samples(self) -> int | None:
        """Its exact length; None of a picture."""
        ...


@dataclass(frozen=True, slots=True)
class Start(Generic[P]):
    """How a clip begins.

    Attributes:
        pieces: from the ring, the first may have been trimmed to the start of a frame.
        make: opens the file on the disk's thread.
    """

    label: Timecode
    source: str
    pieces: Sequence[P]
    make: Callable[[BinaryIO], ClipFile[P]]


class Film(Protocol[P]):
    """What differs between picture and sound."""

    @property
    def medium(self) -> Literal["picture", "sound"]:
        """Which of the two."""
        ...

    @property
    def suffix(self) -> str:
        """Of its files."""
        ...

    @property
    def tracks(self) -> list[str]:
        """Names of the tracks; none of a picture."""
        ...

    @property
    def sample_rate(self) -> int | None:
        """Samples a second; None of a picture."""
        ...

    def start(self, slated: Slated, pieces: Sequence[P]) -> Start[P] | None:
        """Decide how the clip of `slated` begins that has these pieces of the ring; the first is a key.

        None when more pieces are needed for that.
        """
        ...


@dataclass(slots=True)
class _Take:
    slated: Slated
    rolled_ns: int
    cut_ns: int | None = None
    recorded_to_ns: int | None = None  # where its last clip ended, once there was one
    failed: bool = False


@dataclass(slots=True)
class _Clip(Generic[P]):
    take: _Take
    film: Film[P]
    start: Start[P]
    end_ns: int = 0
    path: str = ""  # below the media folder, known to the disk's thread once the file exists
    raw: BinaryIO | None = None
    file: ClipFile[P] | None = None
    failed: bool = False
    synced_ns: int = 0
    starved: bool = False


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
        """
        self._device = device
        self._media = media
        self._clock = clock
        self._lane = lane
        self._report = report
        self._pre_ns = round(preroll_s * NS)
        self._post_ns = round(postroll_s * NS)
        self._film: Film[P] | None = None
        self._ring: deque[P] = deque()
        self._ring_size = 0
        self._takes: dict[str, _Take] = {}
        self._clips: list[_Clip[P]] = []
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
            following = next((i for i in range(1, len(self._ring)) if self._ring[i].key), None)
            if following is None or (self._ring[following].mono_ns > before_ns and self._ring_size <= _RING_LIMIT):
                return
            for _ in range(following):
                self._ring_size -= self._ring.popleft().size

    def roll(self, order: Roll) -> None:
        """Record this take, from the pre-roll on."""
        if order.slated.take_id not in self._takes:
            self._takes[order.slated.take_id] = _Take(order.slated, order.mono_ns)
            self._open_clips()

    def cut(self, order: Cut) -> None:
        """The take was cut: its clips go on for the post-roll."""
        take = self._takes.get(order.take_id)
        if take is None or take.cut_ns is not None:
            return
        take.cut_ns = order.mono_ns
        if take.recorded_to_ns is None and not take.failed and not any(clip.take is take for clip in self._clips):
            self._fault("nothing recorded", f"nothing of {take.slated.slate} take {take.slated.take} was recorded; "
                        "the device was not there.", take)  # fmt: skip

    def uncut(self, order: Uncut) -> None:
        """The cut was undone. A clip that is still in its post-roll goes on; else a new one joins where it ended."""
        take = self._takes.get(order.take_id)
        if take is not None:
            take.cut_ns = None
            self._open_clips()

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

    def _open(self, take: _Take, film: Film[P]) -> None:
        from_ns = take.rolled_ns - self._pre_ns if take.recorded_to_ns is None else take.recorded_to_ns
        keys = [i for i, piece in enumerate(self._ring) if piece.key]
        if not keys:
            return  # a feed that was joined in the middle of a group: the next key frame opens the file
        begin = next((i for i in reversed(keys) if self._ring[i].mono_ns <= from_ns), keys[0])
        pieces = [self._ring[i] for i in range(begin, len(self._ring))]
        start = film.start(take.slated, pieces)
        if start is None:
            return
        clip = _Clip(take, film, start)
        self._clips.append(clip)
        self._lane.put(0, lambda: self._create(clip))
        for piece in clip.start.pieces:
            self._write(clip, piece)

    def _write(self, clip: _Clip[P], piece: P) -> None:
        clip.end_ns = max(clip.end_ns, piece.mono_ns + piece.lasts_ns)
        if clip.starved and not piece.key:
            self.dropped += 1
        elif not self._lane.has_room(piece.size):
            if not clip.starved:
                clip.starved = True
                self._fault("dropping", "the disk is too slow; frames are being dropped.", clip.take)
            self.dropped += 1
        else:
            clip.starved = False
            self._lane.put(piece.size, lambda: self._put_down(clip, piece))

    def _end(self, clip: _Clip[P], *, interrupted: bool) -> None:
        self._clips.remove(clip)
        clip.take.recorded_to_ns = clip.end_ns
        self._lane.put(0, lambda: self._finish(clip, interrupted=interrupted))

    def _fault(self, what: str, detail: str, take: _Take | None) -> None:
        take_id = take.slated.take_id if take else None
        sentence = f"{safe_text(self._device)}: {detail}"
        self._report(
            Fault(device=self._device, what=what, detail=sentence, mono_ns=self._clock.monotonic_ns(), take_id=take_id)
        )

    # What follows runs on the disk's thread.

    def _create(self, clip: _Clip[P]) -> None:
        try:
            raw, clip.path = create_clip(self._media, clip.take.slated, self._device, clip.film.suffix)
            clip.raw = raw
            clip.file = clip.start.make(raw)
        except (MediumError, OSError) as error:
            self._give_up(clip, error)
            return
        self._report(
            ClipOpened(
                device=self._device,
                take_id=clip.take.slated.take_id,
                path=clip.path,
                medium=clip.film.medium,
                tc_in=clip.start.label.label,
                tc_source=clip.start.source,
                rate=clip.start.label.rate.name,
                tracks=clip.film.tracks,
                mono_ns=clip.start.pieces[0].mono_ns,
            )
        )

    def _put_down(self, clip: _Clip[P], piece: P) -> None:
        if clip.failed or clip.file is None or clip.raw is None:
            return
        try:
            clip.file.write(piece)
            if piece.mono_ns - clip.synced_ns >= _SYNC_NS:
                os.fsync(clip.raw.fileno())
                clip.synced_ns = piece.mono_ns
        except (MediumError, OSError) as error:
            self._give_up(clip, error)

    def _give_up(self, clip: _Clip[P], error: Exception) -> None:
        clip.failed = True
        clip.take.failed = True  # not tried again within this take: the disk would only fail again and again
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        what = safe_text(clip.path or str(self._media))
        self._fault("disk", f"{what} cannot be written any further: {why}.", clip.take)

    def _finish(self, clip: _Clip[P], *, interrupted: bool) -> None:
        if clip.file is None or clip.raw is None:
            return
        try:
            clip.file.close()
        except (MediumError, OSError) as error:
            if not clip.failed:
                self._give_up(clip, error)
        try:
            os.fsync(clip.raw.fileno())
            clip.raw.close()
            _sync_folder((self._media / clip.path).parent)
        except OSError as error:
            if not clip.failed:
                self._give_up(clip, error)
        label = clip.start.label
        self._report(
            ClipClosed(
                device=self._device,
                take_id=clip.take.slated.take_id,
                path=clip.path,
                medium=clip.film.medium,
                tc_in=label.label,
                tc_source=clip.start.source,
                rate=label.rate.name,
                duration_frames=clip.file.duration_frames,
                samples=clip.file.samples,
                sample_rate=clip.film.sample_rate,
                tracks=clip.film.tracks,
                dropped=clip.file.missing,
                interrupted=interrupted or clip.failed,
                mono_ns=clip.end_ns,
            )
        )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
