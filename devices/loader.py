"""Opens, fills and closes the files of clips, and tells what became of them.

Used by `recorder.py`. Everything here runs on the disk's thread, one job after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic

from devices.adapter import NS
from devices.clip import Clip, Moment, P, Take, Written
from devices.clip_name import create_clip
from devices.disk import sync_folder
from onset.capture.signals import ClipClosed, ClipOpened, Fault, Mark, Report, Said
from onset.clock import Clock
from onset.errors import MediumError
from onset.text import safe_text

_SYNC_NS = NS  # how much of a recording a power cut may take


class Loader(Generic[P]):
    """Writes the clips of one device."""

    def __init__(self, device: str, media: Path, clock: Clock, report: Callable[[Report], None], *, names: str) -> None:
        """Nothing is touched before `create`.

        Args:
            device: its name.
            media: folder for recordings; never made, because where it is missing its disk may be.
            clock: for the stamps of faults.
            report: told of every file and fault; must be quick.
            names: template of file names (`clip_name.py`).
        """
        self._device = device
        self._media = media
        self._clock = clock
        self._report = report
        self._names = names

    def create(self, clip: Clip[P]) -> None:
        """Make the clip's files and report them."""
        start, slated = clip.start, clip.take.slated
        try:
            tails = [part.tail for part in start.parts]
            made = create_clip(self._media, slated, self._device, clip.film.suffix, names=self._names, tails=tails)
            clip.path = made[0][1]
            for part, (raw, path) in zip(start.parts, made, strict=True):
                clip.files.append(Written(part, path, raw, part.make(raw, os.path.basename(path))))
        except (MediumError, OSError) as error:
            self._give_up(clip, error)
            return
        for each in clip.files:
            self._report(
                ClipOpened(
                    device=self._device,
                    take_id=slated.take_id,
                    path=each.path,
                    medium=clip.film.medium,
                    tc_in=start.label.label,
                    tc_source=start.source,
                    rate=start.label.rate.name,
                    tracks=list(each.part.tracks),
                    family=start.family,
                    mono_ns=start.pieces[0].mono_ns,
                )
            )

    def put_down(self, clip: Clip[P], piece: P) -> None:
        """Add a piece to every file of the clip."""
        if clip.failed:
            return
        try:
            for each in clip.files:
                each.file.write(piece)
            if piece.mono_ns - clip.synced_ns >= _SYNC_NS:
                for each in clip.files:
                    os.fsync(each.raw.fileno())
                clip.synced_ns = piece.mono_ns
        except (MediumError, OSError) as error:
            self._give_up(clip, error)

    def _give_up(self, clip: Clip[P], error: Exception) -> None:
        if clip.failed:
            return
        clip.failed = True
        clip.take.failed = True  # not tried again within this take: the disk would only fail again and again
        why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
        what = safe_text(clip.path or str(self._media))
        self.fault("disk", f"{what} cannot be written any further: {why}.", clip.take)

    def fault(self, what: str, detail: str, take: Take | None) -> None:
        """Tell a person; from any thread."""
        sentence = f"{safe_text(self._device)}: {detail}"
        now_ns = self._clock.monotonic_ns()
        take_id = take.slated.take_id if take else None
        self._report(Fault(device=self._device, what=what, detail=sentence, mono_ns=now_ns, take_id=take_id))

    def finish(self, clip: Clip[P], marks: Sequence[Mark], said: Said, *, interrupted: bool) -> None:
        """Close the clip's files with the marks that lie in them, make them durable and report them.

        Args:
            clip: has ended.
            marks: of its take, in any order.
            said: of its take by now.
            interrupted: it ended before the cut.
        """
        begun_ns = clip.start.pieces[0].mono_ns
        moments = [Moment(mark.mono_ns - begun_ns, mark.text) for mark in marks if mark.mono_ns >= begun_ns]
        for each in clip.files:
            try:
                each.file.close(moments, said)
            except (MediumError, OSError) as error:
                self._give_up(clip, error)
            try:
                os.fsync(each.raw.fileno())
                sync_folder((self._media / each.path).parent)
            except OSError as error:
                self._give_up(clip, error)
            with suppress(OSError):
                each.raw.close()
        channel = 0
        for each in clip.files:
            tracks = slice(channel, channel + len(each.part.tracks))
            channel = tracks.stop
            self._tell_closed(clip, each, tracks, interrupted=interrupted or clip.failed)

    def _tell_closed(self, clip: Clip[P], written: Written[P], tracks: slice, *, interrupted: bool) -> None:
        label, file = clip.start.label, written.file
        self._report(
            ClipClosed(
                device=self._device,
                take_id=clip.take.slated.take_id,
                path=written.path,
                medium=clip.film.medium,
                tc_in=label.label,
                tc_source=clip.start.source,
                rate=label.rate.name,
                duration_frames=file.duration_frames,
                samples=file.samples,
                sample_rate=clip.film.sample_rate,
                tracks=list(written.part.tracks),
                family=clip.start.family,
                dropped=file.missing,
                interrupted=interrupted,
                mono_ns=clip.end_ns,
                peak_db=clip.levels[0][tracks],
                rms_db=clip.levels[1][tracks],
            )
        )
