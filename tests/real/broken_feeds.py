"""Feeds that go wrong on request: servers that are not ours, and the wires between them and the adapter.

Used by test_feed_faults.py. Each feed can be stalled (SIGSTOP), killed, brought back, fed with rubbish, slowed down and
made to refuse.
"""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import threading
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from pathlib import Path

from onset.clock import SystemClock
from tests.needs import require
from tests.real.feeds import (
    SoundServer,
    free_port,
    listening,
    mjpeg_command,
    need_rtsp,
    rtsp_command,
    running,
    udp_command,
    wait_until,
)

_DICE = random.Random(1)


class Feed(ABC):
    """A source of pictures or sound, and all that can go wrong with it."""

    name: str

    def __init__(self) -> None:
        self._servers = ExitStack()
        self._processes: list[subprocess.Popen[str]] = []

    @abstractmethod
    def start(self) -> None:
        """Serve (again)."""

    @property
    @abstractmethod
    def device(self) -> str:
        """Its `[[device]]` without the name."""

    @abstractmethod
    def garble(self) -> None:
        """Put rubbish on the wire."""

    @abstractmethod
    def refuse(self) -> None:
        """Not be there, or be something else, until `start`."""

    def _run(self, command: list[str], **env: str) -> subprocess.Popen[str]:
        process = self._servers.enter_context(running(command, **env))
        self._processes.append(process)
        return process

    def kill(self) -> None:
        """End the server at once, without a word."""
        self._servers.close()
        self._processes.clear()

    def stop(self) -> None:
        """SIGSTOP: its connections stay, and nothing comes."""
        for process in self._processes:
            process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a stopped server run on."""
        for process in self._processes:
            process.send_signal(signal.SIGCONT)

    def wake(self) -> None:
        """After so long a stop that the adapter gave it up."""
        self.go_on()

    def keep(self) -> None:  # noqa: B027 - most servers go on without their client
        """Serve again where the server has ended with its client; called now and then."""

    def hiccup(self, seconds: float) -> None:
        """A server that gets the processor now and then only."""
        clock = SystemClock()
        until_ns = clock.monotonic_ns() + round(seconds * 1e9)
        while clock.monotonic_ns() < until_ns:
            self.stop()
            clock.sleep(0.25)
            self.go_on()
            clock.sleep(0.15)

    def close(self) -> None:
        """End it for good."""
        self.kill()


class UdpFeed(Feed):
    """H.264 in a transport stream by ffmpeg."""

    name = "U"

    def __init__(self, film: Path) -> None:
        super().__init__()
        require("ffmpeg", "ffmpeg is not installed")
        self._film = film
        self._port = free_port(socket.SOCK_DGRAM)

    def start(self) -> None:
        self.kill()
        self._run(udp_command(self._film, self._port))

    @property
    def device(self) -> str:
        return f'kind = "av"\nurl = "udp://127.0.0.1:{self._port}"\n'

    def garble(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            for _ in range(60):
                wire.sendto(_DICE.randbytes(1316), ("127.0.0.1", self._port))

    def refuse(self) -> None:
        """Sound alone, where pictures are wanted."""
        self.kill()
        command = ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "sine", "-c:a", "mp2", "-f", "mpegts"]
        self._run([*command, f"udp://127.0.0.1:{self._port}?pkt_size=1316"])


class Wire:
    """A TCP connection that passes everything on, until it is told otherwise."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.to = 0
        self.refusal: bytes | None = None
        self._garble = 0
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def garble(self, pieces: int) -> None:
        """Make rubbish of the next pieces that come from the server."""
        self._garble = pieces

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            if self.refusal is not None:
                near.recv(4096)
                near.sendall(self.refusal)
                return
            with socket.create_connection(("127.0.0.1", self.to), 5) as far:
                far.settimeout(None)
                self._open |= {near, far}
                up = threading.Thread(target=self._pass, args=(near, far, False), daemon=True)
                up.start()
                self._pass(far, near, True)
                up.join()
                self._open -= {near, far}

    def _pass(self, source: socket.socket, target: socket.socket, downwards: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(8192):
                if downwards and self._garble > 0:
                    self._garble -= 1
                    piece = _DICE.randbytes(len(piece))
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End all connections."""
        for end in list(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes `accept`
        self._listener.close()
        self.cut()
        self._thread.join(5)


class _WiredFeed(Feed):
    """A feed by TCP, with a wire of ours in between."""

    refusal: bytes

    def __init__(self, film: Path) -> None:
        super().__init__()
        self._film = film
        self.wire = Wire()

    def garble(self) -> None:
        self.wire.garble(12)

    def refuse(self) -> None:
        self.kill()
        self.wire.refusal = self.refusal
        self.wire.cut()

    def close(self) -> None:
        super().close()
        self.wire.close()


class MjpegFeed(_WiredFeed):
    """Pictures by HTTP from ffmpeg, which serves one client and ends; so it is started for each."""

    name = "H"
    refusal = b"HTTP/1.0 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"

    def start(self) -> None:
        require("ffmpeg", "ffmpeg is not installed")
        self.kill()
        port = free_port()
        self._run(mjpeg_command(self._film, f"http://127.0.0.1:{port}/picture"))
        wait_until(lambda: listening(port), "ffmpeg did not listen")
        self.wire.to = port  # not before: who looks for it would be served, and nobody would be seen to listen any more
        self.wire.refusal = None

    def wake(self) -> None:
        self.start()  # its one client gave up meanwhile

    def keep(self) -> None:
        if self._processes and self._processes[0].poll() is not None:
            self.start()

    @property
    def device(self) -> str:
        return f'kind = "av"\nurl = "http://127.0.0.1:{self.wire.port}/picture"\n'


class RtspFeed(_WiredFeed):
    """RTSP from GStreamer."""

    name = "R"
    refusal = b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n"

    def start(self) -> None:
        need_rtsp()
        self.kill()
        server = self._run(rtsp_command(self._film))
        assert server.stdout is not None
        self.wire.to = int(server.stdout.readline())
        self.wire.refusal = None

    @property
    def device(self) -> str:
        return f'kind = "av"\nurl = "rtsp://127.0.0.1:{self.wire.port}/live"\n'


class SoundFeed(Feed):
    """Sound from PipeWire; nobody else can write on its wire."""

    name = "MIX"

    def __init__(self, folder: Path, sound: Path) -> None:
        super().__init__()
        self._stack = ExitStack()
        self.server = SoundServer(folder, sound, self._stack)

    def start(self) -> None:
        self.server.kill()
        self.server.start()
        self._processes = self.server.processes

    @property
    def device(self) -> str:
        return 'kind = "pyaudio"\nmatch = "onset_mic"\nchannels = { boom = 1, ltc = 2 }\n'

    def kill(self) -> None:
        self.server.kill()

    def garble(self) -> None:
        """Nothing: what is played is samples, whatever they are."""

    def refuse(self) -> None:
        self.kill()

    def close(self) -> None:
        self._stack.close()
