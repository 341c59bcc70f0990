"""Sound interfaces through PortAudio, by PyAudio in callback mode.

An ordinary adapter of kind `pyaudio`. PyAudio is an extra, because it is compiled where it is installed. Its blocking
mode crashed on JACK and is never used; a device is found by its name, because indices move.
"""

from __future__ import annotations

import ctypes
import os
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import numpy as np

from devices.adapter import LATE_NS, NS, Block, Options, SoundFormat, Surroundings
from devices.alsa import hold_plug_ins
from devices.timing import ArrivalFit
from onset.errors import ConfigError, DeviceError
from onset.text import safe_text

if TYPE_CHECKING:
    import pyaudio

_BLOCKS_A_SECOND = 50
_WAITING = 100  # blocks between the callback and the reader; more means that nobody reads
_PATIENCE_S = 2.0
_LOOKS = 8  # within the patience, at whether the stream still runs: one of a pulled-out interface ends by itself
_SETTLING_S = 10  # after connecting

_Callback = Callable[[bytes | None, int, Mapping[str, float], int], tuple[None, int]]

_quiet: list[object] = []  # the libraries keep pointers to these functions


def be_quiet() -> None:
    """Keep ALSA and JACK from writing a hundred lines to standard error while PortAudio looks for devices."""
    if _quiet:
        return
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    alsa_says = ctypes.CFUNCTYPE(None, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p)(
        lambda *_: None
    )
    jack_says = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(lambda _: None)
    _quiet.extend((alsa_says, jack_says))
    for library, setters, function in (
        ("libasound.so.2", ("snd_lib_error_set_handler",), alsa_says),
        ("libjack.so.0", ("jack_set_error_function", "jack_set_info_function"), jack_says),
    ):
        try:
            loaded = ctypes.CDLL(library)
        except OSError:
            continue  # not on this system: then it says nothing either
        for setter in setters:
            getattr(loaded, setter)(function)


class PyAudioInput:
    """An input that PortAudio knows.

    Options: `match` (the device's name or a part of it, needed), `api` (part of the host API's name), `channels` (a
    table of track = channel, counted from 1; without it all channels), `sample_rate` (48000).
    """

    medium: Literal["sound"] = "sound"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._name = name
        self._around = around
        self._match = options.text("match")
        self._api = options.text("api", "any")
        self._rate = options.whole("sample_rate", 48_000, least=8_000, most=384_000)
        self._channels = _channel_map(options)
        options.done()
        self._lock = threading.Lock()
        self._closed = True
        self._looked = False
        self._blocks: queue.SimpleQueue[tuple[bytes, int, bool, int] | None] = queue.SimpleQueue()
        self._portaudio: pyaudio.PyAudio | None = None
        self._stream: pyaudio.Stream | None = None
        self._columns: list[int] = []
        self._opened = 1
        self._fit = ArrivalFit()
        self._count = 0
        self._found = ""
        self._alike = 1

    def open(self) -> SoundFormat:
        """Find the device and start it. See `SoundDevice.open`."""
        be_quiet()
        try:
            import pyaudio
        except ImportError as error:
            raise DeviceError(
                f'{self._name}: sound needs PyAudio, which is not installed; run "make audio" (or install the '
                '"audio" extra).'
            ) from error
        with self._lock:
            self._let_go()
            if self._looked:  # it is looked for all day, perhaps
                hold_plug_ins()
            self._looked = True
            self._portaudio = portaudio = pyaudio.PyAudio()
            try:
                index, channels = self._find(portaudio)
                columns = self._columns_of(channels)
                self._opened = min(channels, max(columns.values()) + 1)
                self._columns = list(columns.values())
                self._blocks = queue.SimpleQueue()
                self._fit, self._count, self._closed = ArrivalFit(), 0, False
                self._stream = portaudio.open(
                    rate=self._rate,
                    channels=self._opened,
                    format=pyaudio.paInt32,
                    input=True,
                    input_device_index=index,
                    frames_per_buffer=self._rate // _BLOCKS_A_SECOND,
                    stream_callback=self._receiver(pyaudio.paContinue, pyaudio.paInputOverflow),
                )
            except (OSError, ValueError) as error:
                self._let_go()
                why = safe_text(str(error.args[-1] if isinstance(error, OSError) and error.args else error))
                raise DeviceError(
                    f'{self._name}: "{safe_text(self._found or self._match)}" cannot be opened at {self._rate} Hz: '
                    f"{why}."
                ) from error
            except DeviceError:
                self._let_go()
                raise
            return SoundFormat(self._rate, tuple(columns))

    def _find(self, portaudio: pyaudio.PyAudio) -> tuple[int, int]:
        """Index and channels of the input of that name, or of the first whose name and host API match."""
        inputs, heard = [], []
        for index in range(portaudio.get_device_count()):
            told = portaudio.get_device_info_by_index(index)
            channels, name = int(told["maxInputChannels"]), str(told["name"])
            api = str(portaudio.get_host_api_info_by_index(int(told["hostApi"]))["name"])
            if channels < 1:
                continue
            heard.append(name)
            wanted_api = self._api == "any" or self._api.lower() in api.lower()
            if self._match.lower() in name.lower() and wanted_api:
                inputs.append((name.lower() != self._match.lower(), index, channels, name))
        if inputs:
            _, index, channels, self._found = min(inputs)
            self._alike = len(inputs)
            return index, channels
        there = (
            f"inputs are {', '.join(safe_text(name) for name in heard[:8])}" if heard else "there is no input at all"
        )
        raise DeviceError(f'{self._name}: no sound input is called "{safe_text(self._match)}"; {there}.')

    def _columns_of(self, channels: int) -> dict[str, int]:
        if not self._channels:
            return {f"ch{i + 1}": i for i in range(min(channels, 32))}
        beyond = [f"{track} = {channel + 1}" for track, channel in self._channels.items() if channel >= channels]
        if beyond:
            raise DeviceError(f'{self._name}: "{safe_text(self._found)}" has {channels} channels, not {beyond[0]}.')
        return self._channels

    def _receiver(self, go_on: int, overflow: int) -> _Callback:
        blocks, clock, unread = self._blocks, self._around.clock, 0

        def receive(data: bytes | None, count: int, _times: Mapping[str, float], status: int) -> tuple[None, int]:
            nonlocal unread
            if blocks.qsize() >= _WAITING:
                unread += count
            elif data is not None:
                blocks.put((data, clock.monotonic_ns(), bool(status & overflow), unread))
                unread = 0
            return None, go_on

        return receive

    def read(self) -> Block:
        """The next block. See `SoundDevice.read`."""
        if self._closed:
            raise DeviceError(f'{self._name}: "{safe_text(self._match)}" is closed.')
        item = self._next()
        if item is None:
            raise DeviceError(f'{self._name}: "{safe_text(self._match)}" was closed.')
        data, arrival_ns, overflowed, unread = item
        samples = np.frombuffer(data, np.int32).reshape(-1, self._opened)[:, self._columns]
        lost = max(unread, self._lost_by(len(samples), arrival_ns) if overflowed else 0)
        first = self._count + lost
        self._count = first + len(samples)
        self._fit.saw(self._count * NS // self._rate, arrival_ns)  # a block arrives when its last sample is over
        late_ns = self._fit.late_ns()
        if late_ns > LATE_NS and self._count < _SETTLING_S * self._rate:
            self._fit.fit_anew()  # a busy server drops sound while it connects us; later that might be in a recording
        at_ns = self._fit.at(first * NS // self._rate)
        return Block(np.ascontiguousarray(samples), first, at_ns, self._rate, lost, late_ns)

    def _next(self) -> tuple[bytes, int, bool, int] | None:
        for _ in range(_LOOKS):
            with suppress(queue.Empty):
                return self._blocks.get(timeout=_PATIENCE_S / _LOOKS)
            if not self._runs():
                self.close()
                raise DeviceError(f'{self._name}: "{safe_text(self._found)}" went away.')
        self.close()
        raise DeviceError(f'{self._name}: nothing came from "{safe_text(self._found)}" for two seconds.')

    def _runs(self) -> bool:
        stream = self._stream
        try:
            return self._closed or (stream is not None and stream.is_active())
        except OSError:
            return False

    def _lost_by(self, length: int, arrival_ns: int) -> int:
        """Samples that the clock misses when the system says that some were lost; a server's delay alone loses none."""
        if not self._count:
            return 0
        behind_ns = arrival_ns - self._fit.at((self._count + length) * NS // self._rate)
        return max(0, behind_ns * self._rate // NS)

    def close(self) -> None:
        """Stop; a waiting `read` ends at once."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        self._closed = True
        self._blocks.put(None)
        stream, self._stream = self._stream, None
        portaudio, self._portaudio = self._portaudio, None
        try:
            if stream is not None:
                stream.close()
        except OSError:
            pass  # a device that was pulled out cannot be stopped any more
        finally:
            if portaudio is not None:
                portaudio.terminate()

    def identify(self) -> str:
        """What it is."""
        alike = f" (one of {self._alike} that match; write its whole name)" if self._alike > 1 else ""
        return f'Sound input {self._name}: "{safe_text(self._found or self._match)}"{alike}, {self._rate} Hz.'


def _channel_map(options: Options) -> dict[str, int]:
    given = options.raw("channels")
    if given is None:
        return {}
    wrong: ConfigError = options.wrong("channels", "a table of tracks and channels, e.g. { boom = 1, ltc = 4 }")
    if not isinstance(given, dict) or not given:
        raise wrong
    channels: dict[str, int] = {}
    for track, channel in given.items():
        if not isinstance(track, str) or isinstance(channel, bool) or not isinstance(channel, int):
            raise wrong
        if not 1 <= channel <= 128 or channel - 1 in channels.values():
            raise wrong
        channels[track] = channel - 1
    return channels
