"""The desk of a camera: encode or copy, keep the newest picture, take stills.

Used by `worker.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from av import VideoFrame

from devices.adapter import NS, Block, Coded, Form, PictureDevice, PictureFormat, Shot, Surroundings, Told
from devices.clip_name import file_safe
from devices.desk import Bus, Desk, Labels
from devices.disk import DiskLane
from devices.encoder import PictureEncoder
from devices.jpeg import jpeg
from devices.opencv import cv2
from devices.picture_file import PictureFilm
from devices.recorder import Recorder
from devices.stills import keep_still, write_small
from devices.thumbs import TakeThumbs
from devices.watch_picture import PictureWatch
from onset.capture.signals import (
    Ask,
    ClipClosed,
    ClipOpened,
    Cut,
    Fault,
    Picture,
    Report,
    Roll,
    Setup,
    StillTaken,
    TimecodeNow,
    Uncut,
)
from onset.errors import DeviceError
from onset.media import thumbnails
from onset.timecode import Timecode

_THUMB_WIDE, _THUMB_HIGH, _THUMB_QUALITY = 320, 180, 5
_OLD_NS = 2 * NS  # a feed is lost by then
_WIDE, _HIGH = 96, 54  # the picture of a terminal: 96 columns, two pixels a line


class PictureDesk(Desk):
    """Records a camera and shows its newest frame."""

    def __init__(
        self,
        setup: Setup,
        device: PictureDevice,
        around: Surroundings,
        bus: Bus,
        labels: Labels,
        lane: DiskLane,
        report: Callable[[Report], None],
    ) -> None:
        """Take the parts; nothing is opened yet."""
        media = Path(setup.media)
        self._thumbs = TakeThumbs()
        self._begins: dict[str, int] = {}  # of clips that are open, by their paths; the disk's thread alone uses it
        self._recorder: Recorder[Coded] = Recorder(
            setup.device, media, around.clock, lane, self._recorded,
            preroll_s=setup.preroll_s, postroll_s=setup.postroll_s, names=setup.names,
        )  # fmt: skip
        super().__init__(setup, device, around, bus, report, self._recorder, lane)
        self._labels = labels
        self._encoder: PictureEncoder | None = None
        self._newest: Shot | None = None
        self._own_label: tuple[Timecode, int] | None = None  # the newest, and the moment of its frame
        self._shown = -1
        self._numbers = _Numbers()
        self._watch = PictureWatch(setup.device, setup.watch, report)

    def opened(self, form: Form) -> None:
        """Get ready to encode what the camera delivers, or to copy it."""
        if not isinstance(form, PictureFormat):
            raise DeviceError(f"{self._setup.device} is a camera and delivers sound.")
        template = form.template
        if template is None:
            self._encoder = PictureEncoder(form)
            template = self._encoder.template
        self._recorder.load(PictureFilm(self._setup.device, template, form.fps, self._labels))
        self._numbers = _Numbers()
        project = self._around.rate
        if form.fps != project.fps:
            sentence = (
                f"{self._setup.device} runs at {float(form.fps):g} frames a second, the project at {project.name}; "
                "its clips keep their own rate."
            )
            now_ns = self._around.clock.monotonic_ns()
            self._report(Fault(device=self._setup.device, what="rate", detail=sentence, mono_ns=now_ns))

    def gone(self) -> None:
        """End the clips; the newest picture stays, its stamp says how old it is."""
        self._recorder.lost()
        self._watch.gone(self._around.clock.monotonic_ns())
        if self._encoder is not None:
            self._lane.put(0, self._encoder.close)  # after the files that were made from its template
            self._encoder = None

    def take_in(self, piece: Shot | Block | Told) -> None:
        """Record the frame."""
        if not isinstance(piece, Shot):
            return
        self._lost += self._numbers.missing(piece.number) + piece.faults
        if piece.label is not None:
            self._own_label = piece.label, piece.mono_ns
        if piece.image is not None:
            self._newest = piece
            self._watch.see(piece, rolling=bool(self._rolling))
            if self._rolling:
                self._thumbs.see(piece.mono_ns, lambda: small_jpeg(piece))
        if piece.coded is not None:
            self._recorder.take_in(piece.coded)
        elif self._encoder is not None:
            try:
                for coded in self._encoder.encode(piece):
                    self._recorder.take_in(coded)
            except DeviceError as error:
                self._lost += 1
                self._report(Fault(device=self._setup.device, what="encoder", detail=str(error), mono_ns=piece.mono_ns))

    def roll(self, order: Roll) -> None:
        """A take rolls."""
        if not order.slated.folder:  # a recording without a log has nobody who would look at them
            self._thumbs.roll(order.slated.take_id, order.mono_ns)
        super().roll(order)

    def cut(self, order: Cut) -> None:
        """A take was cut; the frame of now is its last."""
        shot = self._newest
        if shot is not None:
            self._thumbs.cut(order.take_id, order.mono_ns, shot.mono_ns, lambda: small_jpeg(shot))
        super().cut(order)

    def uncut(self, order: Uncut) -> None:
        """A cut was undone."""
        self._thumbs.uncut(order.take_id)
        super().uncut(order)

    def _recorded(self, report: Report) -> None:
        """Pass on what the recorder tells; a clip that is finished gets its small pictures. On the disk's thread."""
        self._report(report)
        if isinstance(report, ClipOpened):
            self._begins[report.path] = report.mono_ns
        elif isinstance(report, ClipClosed):
            begins_ns = self._begins.pop(report.path, report.mono_ns)
            pictures = self._thumbs.of_clip(report.take_id, begins_ns, report.mono_ns)
            for path, content in zip(thumbnails(report.path), pictures, strict=False):
                with suppress(OSError):  # the disk is full or gone, which is told already; the clip is what counts
                    write_small(Path(self._setup.media) / path, content)

    def show(self, now_ns: int) -> None:
        """Publish the newest frame, small, when it is a new one; and the camera's own timecode while it has one."""
        if self._own_label is not None:
            label, mono_ns = self._own_label
            name = self._setup.device
            self._bus.publish(TimecodeNow(source=name, frames=label.frames, rate=label.rate.name, mono_ns=mono_ns))
        shot = self._newest
        if shot is None or shot.image is None or shot.mono_ns == self._shown:
            return
        self._shown = shot.mono_ns
        frame = _as_frame(shot)
        scale = min(_WIDE / frame.width, _HIGH / frame.height)
        width, height = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
        small = frame.reformat(width, height, "rgb24", interpolation="AREA")
        self._bus.publish(
            Picture(
                device=self._setup.device,
                width=width,
                height=height,
                rgb=small.to_ndarray().tobytes(),
                frame=shot.number,
                mono_ns=shot.mono_ns,
            )
        )

    def still(self, ask: Ask) -> None:
        """Write the newest frame as a JPEG; the answer is its path below the media folder."""
        shot = self._newest
        if shot is None or shot.image is None:
            self._reply(ask, False, f"{self._setup.device} has shown no picture yet.")
            return
        old_ns = self._around.clock.monotonic_ns() - shot.mono_ns
        if old_ns > _OLD_NS:  # else a picture from before the roll would be one of the take
            self._reply(ask, False, f"{self._setup.device} has shown no picture for {old_ns // NS} s.")
            return
        label, source = self._labels.label_at(shot.mono_ns)
        if shot.label is not None:
            label, source = shot.label, self._setup.device
        self._lane.put(0, lambda: self._write_still(ask, shot, label, source))

    def _write_still(self, ask: Ask, shot: Shot, label: Timecode, source: str) -> None:
        device, frame = self._setup.device, _as_frame(shot)
        name = f"{file_safe(device)}_{file_safe(label.label.replace(':', '.').replace(';', '.'))}"
        try:
            kept = keep_still(Path(self._setup.media), name, jpeg(frame))
        except OSError as error:
            self._reply(ask, False, f"The still {name} cannot be written: {error.strerror or error}.")
            return
        self._report(
            StillTaken(
                device=device,
                path=kept.path,
                digest=kept.digest,
                width=frame.width,
                height=frame.height,
                tc=label.label,
                tc_source=source,
                mono_ns=shot.mono_ns,
            )
        )
        self._reply(ask, True, kept.path)


class _Numbers:
    """Watches the numbers of frames, which come in the order of decoding: P8 before the B5 to B7 that it frames."""

    def __init__(self) -> None:
        self._leads: tuple[int, int] | None = None  # the two highest that led
        self._between = 0

    def missing(self, number: int) -> int:
        """Frames that are now known never to come: those between the last two leading ones."""
        if self._leads is None:
            self._leads = (number - 1, number)
            return 0
        before, highest = self._leads
        if number < highest:
            self._between += 1
            return 0
        lost = max(0, highest - before - 1 - self._between)
        self._leads, self._between = (highest, number), 0
        return lost


def small_jpeg(shot: Shot) -> bytes:
    """At most 320 x 180, its shape kept."""
    image = shot.image
    if image is None:
        raise ValueError("a shot without a picture")
    wide, high = (image.width, image.height) if isinstance(image, VideoFrame) else (image.shape[1], image.shape[0])
    scale = min(1.0, _THUMB_WIDE / wide, _THUMB_HIGH / high)
    width, height = (max(2, round(side * scale) // 2 * 2) for side in (wide, high))
    if isinstance(image, VideoFrame):
        return jpeg(image.reformat(width, height, interpolation="AREA"), quality=_THUMB_QUALITY)
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)  # of RGB ten times as fast as libswscale
    return jpeg(VideoFrame.from_ndarray(np.asarray(small, np.uint8), format="rgb24"), quality=_THUMB_QUALITY)


def _as_frame(shot: Shot) -> VideoFrame:
    if isinstance(shot.image, VideoFrame):
        return shot.image
    if shot.image is None:
        raise ValueError("a shot without a picture")
    return VideoFrame.from_ndarray(shot.image, format="rgb24")
