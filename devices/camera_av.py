"""Cameras and feeds by network or file: UDP transport streams, RTSP, MJPEG over HTTP, anything FFmpeg demuxes.

An ordinary adapter of kind `av`. H.264 and HEVC are recorded as they come, at next to no cost; the rest is decoded and
encoded anew. PyAV's containers are no thread's but the reader's: `close` from elsewhere only asks for it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Literal

import av
from av import VideoFrame
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from devices.adapter import NS, Coded, Options, PictureFormat, Shot, Surroundings
from devices.feed_timecode import label_in
from devices.feed_url import allowed_protocols, is_file, is_film, may_open, protocol_of, shown, without_secrets
from devices.timing import ArrivalFit, FrameGrid, exact_rate, wait_until
from onset.errors import DeviceError

_COPIED = ("h264", "hevc")
_BROKEN = 200  # packets in a row that cannot be read; then it is no feed, or another one began
_MOST_PIXELS = 12_288 * 8_192  # beyond every camera; a second of more would take gigabytes of memory
_QUICK = {"fpsprobesize": "3"}  # frames from which the rate is told: open in 0.5 s by RTSP, else (20 frames) in 1.2 s
_LEAP_S = 5  # a step in the feed's own time beyond that means that it began anew


class AVFeed:
    """A network camera, an encoder, or a film file, which is shown again and again.

    Options: `url` (needed), `transport` ("tcp" or "udp", RTSP only), `format` (FFmpeg's name, where it cannot be
    guessed), `fps` (where the feed does not tell, else the project's), `timeout` (seconds to connect), `encode` (never
    copy).
    """

    medium: Literal["picture"] = "picture"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._name = name
        self._around = around
        self._url = options.text("url")
        whitelist = may_open(self._url)
        if whitelist is None:
            raise options.wrong("url", f"a file, or an address by {', '.join(allowed_protocols())}")
        self._transport = options.text("transport", "tcp")
        if self._transport not in ("tcp", "udp"):
            raise options.wrong("transport", '"tcp" or "udp"')
        self._format = options.text("format", "auto")
        self._fps = options.number("fps", 0.0, least=0.0, most=240.0)
        self._timeout_s = options.number("timeout", 5.0, least=0.5, most=10.0)
        self._encode = options.flag("encode", False)
        options.done()
        self._library_options = _low_latency(self._url, whitelist, self._transport)
        self._closing = threading.Event()
        self._in_use = threading.Lock()  # held by whoever may touch the container
        self._box: InputContainer | None = None
        self._shots: Iterator[Shot] = iter(())
        self._known: PictureFormat | None = None  # as it was open last, until something else answers

    def open(self) -> PictureFormat:
        """Connect and find the picture. See `PictureDevice.open`."""
        with self._in_use:
            self._closing.clear()
            known = self._known
            quick = known is not None and protocol_of(self._url).startswith("rtsp")
            form = self._opened(_QUICK if quick else {})
            if quick and known is not None and _shape(form) != _shape(known):
                form = self._opened({})  # three frames are enough to know it again, but not to know another one
            self._known = form
            return form

    def _opened(self, more: Mapping[str, str]) -> PictureFormat:
        self._let_go()
        try:
            box = av.open(
                self._url,
                "r",
                format=None if self._format == "auto" else self._format,
                options={**self._library_options, **more},
                timeout=(self._timeout_s, 2.0),
            )
        except (OSError, av.FFmpegError, ValueError) as error:
            raise DeviceError(f"{self._name}: {shown(self._url)} cannot be opened: {self._why(error)}.") from error
        self._box, self._known = box, None
        if not box.streams.video:
            self._let_go()
            raise DeviceError(f"{self._name}: {shown(self._url)} carries no picture.")
        stream = box.streams.video[0]
        form = self._form(stream)
        self._shots = self._shoot(box, stream, form)
        return form

    def _form(self, stream: VideoStream) -> PictureFormat:
        context = stream.codec_context
        timed = not _is_untimed(self._box)
        told = stream.average_rate or stream.guessed_rate
        fps = exact_rate(told) if timed and told else None
        if self._fps:
            fps = exact_rate(Fraction(self._fps))
        fps = fps or self._around.rate.fps
        template = None
        if timed and not self._encode and context.name in _COPIED and context.extradata:
            # A template of our own: the feed's stream dies with its container, and files may still be made from it.
            template = av.open("/dev/null", "w", format="null").add_stream_from_template(stream)
        if not context.width or not context.height:
            self._let_go()
            raise DeviceError(f"{self._name}: {shown(self._url)} has not shown a whole picture in time.")
        if context.width * context.height > _MOST_PIXELS:
            self._let_go()
            size = f"{context.width} x {context.height}"
            raise DeviceError(f"{self._name}: {shown(self._url)} says that its picture is {size}; no camera's is.")
        return PictureFormat(context.width, context.height, fps, template)

    def read(self) -> Shot:
        """The next frame. See `PictureDevice.read`."""
        with self._in_use:
            try:
                shot = next(self._shots, None)
            except (OSError, av.FFmpegError) as error:
                self._let_go()
                raise DeviceError(f"{self._name}: {shown(self._url)} went away: {self._why(error)}.") from error
            except _BeganAnewError as error:
                self._let_go()
                raise DeviceError(f"{self._name}: {shown(self._url)} began anew: {error}; opening it again.") from error
            if shot is None or self._closing.is_set():
                self._let_go()
                what = "was closed" if self._closing.is_set() else "has ended" + self._no_more()
                raise DeviceError(f"{self._name}: {shown(self._url)} {what}.")
            return shot

    def _shoot(self, box: InputContainer, stream: VideoStream, form: PictureFormat) -> Iterator[Shot]:
        clock = self._around.clock
        line = _TimeLine(form.fps, None if _is_untimed(box) else stream.time_base)
        faults = 0
        newest: VideoFrame | None = None
        keyed = False
        highest = -1
        started_ns = clock.monotonic_ns()
        for packet in self._packets(box, stream):
            if self._closing.is_set():
                return
            if packet is None or packet.is_corrupt:
                faults += 1
                continue
            if packet.size == 0 and not is_file(self._url):
                continue  # the end; that of a film has the decoder hand out what it still holds
            keyed = keyed or packet.is_keyframe
            if not keyed:
                continue  # joined in the middle of a group: nothing can be decoded yet
            if is_file(self._url) and packet.dts is not None and packet.time_base:
                due_ns = started_ns + line.since_start_ns(packet.dts, packet.time_base)
                wait_until(due_ns, clock, self._closing)
            arrival_ns = clock.monotonic_ns()
            coded = _copied(packet, form, stream)
            try:
                frames = packet.decode()
            except av.FFmpegError:  # a damaged packet; the next key frame puts it right
                faults += 1
                frames = []
            for frame in frames:
                if (frame.width, frame.height) != (form.width, form.height):
                    raise _BeganAnewError(f"its picture is {frame.width} x {frame.height} now")
            newest = frames[-1] if frames else newest
            if form.template is not None:
                if coded is None:
                    continue
                number, mono_ns = line.place(coded.pts, arrival_ns)
                told = replace(coded, number=number, mono_ns=mono_ns, leads=number > highest)
                highest = max(highest, number)
                decoded = frames[-1] if frames else None
                label = None if decoded is None else label_in(decoded, form.fps, self._around.rate)
                if label is not None and decoded is not None and packet.pts is not None and decoded.pts is not None:
                    # What is decoded is not what has just come, where frames travel out of their order.
                    label = label.later(round((packet.pts - decoded.pts) * (stream.time_base or 0) * form.fps))
                yield Shot(number, mono_ns, decoded, told, label=label, faults=faults)
                faults = 0
            else:
                for frame in frames:
                    number, mono_ns = line.place(frame.pts, arrival_ns)
                    yield Shot(
                        number, mono_ns, frame, label=label_in(frame, form.fps, self._around.rate), faults=faults
                    )
                    faults = 0

    def _packets(self, box: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream] | None]:
        """What comes; None for something broken: a feed goes on after rubbish on its wire."""
        broken = 0
        loop = _Loop(stream)
        while True:
            try:
                for packet in box.demux(stream):
                    broken = 0
                    loop.lay(packet)
                    yield packet
            except av.error.InvalidDataError:
                broken += 1
                if broken > _BROKEN or is_file(self._url):
                    raise
                yield None
            else:
                if not is_film(self._url) or not loop.wind_back(box):
                    return

    def close(self) -> None:
        """Ask the reader to stop; a `read` that waits ends within its time-out of two seconds."""
        self._closing.set()
        if self._in_use.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._in_use.release()

    def _let_go(self) -> None:
        box, self._box = self._box, None
        self._shots = iter(())
        if box is not None:
            box.close()

    def identify(self) -> str:
        """What it is."""
        return f"Feed {self._name} from {shown(self._url)}."

    def _no_more(self) -> str:
        """Of a film that is not shown again: nothing in it says when a frame is due."""
        return " and cannot be wound back" if is_film(self._url) else ""

    def _why(self, error: Exception) -> str:
        if isinstance(error, av.error.ExitError):
            return "nothing came in time"
        text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return without_secrets(text, self._url)


class _BeganAnewError(Exception):
    """What comes is not what was opened: the sender was started again, or changed its picture."""


class _Loop:
    """Lays each showing of a film behind the one before: its end is no fault, and a recording runs on across it."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._offset = 0  # of this showing, in the stream's time base
        self._first: int | None = None
        self._end = 0

    def lay(self, packet: Packet[VideoStream]) -> None:
        """Give a packet its time in all showings together."""
        at = packet.dts if packet.pts is None else packet.pts
        if at is None:
            return
        self._first = at if self._first is None else min(self._first, at)
        self._end = max(self._end, at + (packet.duration or 1))
        if self._offset:
            packet.pts = None if packet.pts is None else packet.pts + self._offset
            packet.dts = None if packet.dts is None else packet.dts + self._offset

    def wind_back(self, box: InputContainer) -> bool:
        """Go to the beginning; False where that cannot be, or nothing came that has a time."""
        if self._first is None:
            return False
        try:
            box.seek(self._stream.start_time or 0, stream=self._stream)
        except (OSError, av.FFmpegError):
            return False
        self._offset += self._end - self._first
        self._first, self._end = None, 0
        return True


class _TimeLine:
    """Numbers and stamps of frames, from the feed's own times where it has them."""

    def __init__(self, fps: Fraction, time_base: Fraction | None) -> None:
        self._fps = fps
        self._time_base = time_base
        self._first: int | None = None
        self._start: int | None = None
        self._newest = Fraction(0)
        self._fit = ArrivalFit()
        self._grid = FrameGrid(fps)

    def since_start_ns(self, dts: int, time_base: Fraction) -> int:
        """How long after the first packet this one is due."""
        if self._start is None:
            self._start = dts
        return round((dts - self._start) * time_base * NS)

    def place(self, pts: int | None, arrival_ns: int) -> tuple[int, int]:
        """The number of a frame and when it was there.

        Raises:
            _BeganAnewError: the feed's time made a leap; it must be opened anew.
        """
        if self._time_base is None or pts is None:
            number = self._grid.number(arrival_ns)
            position_ns = round(number * NS / self._fps)
        else:
            if self._first is None:
                self._first = pts
            at = (pts - self._first) * self._time_base
            if abs(at - self._newest) > _LEAP_S:
                raise _BeganAnewError("its own time made a leap")
            self._newest = at
            number = round(at * self._fps)
            position_ns = round(at * NS)
        self._fit.saw(position_ns, arrival_ns)
        return number, self._fit.at(position_ns)


def _shape(form: PictureFormat) -> tuple[int, int, Fraction, bool]:
    return form.width, form.height, form.fps, form.template is not None


def _is_untimed(box: InputContainer | None) -> bool:
    """MJPEG over HTTP has no times of its own: FFmpeg invents 25 frames a second."""
    return box is not None and box.format.name in ("mpjpeg", "mjpeg", "image2pipe", "jpeg_pipe")


def _copied(packet: Packet[VideoStream], form: PictureFormat, stream: VideoStream) -> Coded | None:
    pts, time_base = packet.pts, packet.time_base or stream.time_base
    if form.template is None or pts is None or time_base is None:
        return None
    duration = packet.duration or round(1 / form.fps / time_base)
    dts = packet.dts if packet.dts is not None else pts
    return Coded(bytes(packet), pts, dts, duration, time_base, packet.is_keyframe, 0, 0)


def _low_latency(url: str, whitelist: str, transport: str) -> dict[str, str]:
    options = {
        "protocol_whitelist": whitelist,
        "fflags": "nobuffer",
        "flags": "low_delay",
        "analyzeduration": "3000000",  # microseconds: a key frame must come by, and groups may be long
        "probesize": "2000000",
    }
    if is_file(url):
        return {"protocol_whitelist": whitelist}
    if protocol_of(url).startswith("rtsp"):
        options["rtsp_transport"] = transport
    if protocol_of(url) == "udp":
        options["fifo_size"] = "50000"  # packets of 188 bytes: half a second of a fast feed
        options["overrun_nonfatal"] = "1"
    return options
