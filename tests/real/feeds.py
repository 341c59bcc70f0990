"""Servers that are not ours: ffmpeg for UDP and HTTP, GStreamer for RTSP, PipeWire for sound."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from onset.clock import SystemClock
from tests.needs import lacking, require

_SYSTEM_PYTHON = "/usr/bin/python3"
_RTSP = """
import sys, gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(f"( filesrc location={sys.argv[1]} ! qtdemux ! h264parse config-interval=-1 "
                   "! rtph264pay name=pay0 pt=96 )")
factory.set_shared(True)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody has now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], **env: str) -> Iterator[subprocess.Popen[str]]:
    """A program that runs meanwhile."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **env},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def udp_feed(film: Path, *, reordered: bool = False) -> Iterator[str]:
    """H.264 in a transport stream over UDP, at real speed, encoded by ffmpeg."""
    require("ffmpeg", "ffmpeg is not installed")
    port = free_port(socket.SOCK_DGRAM)
    with running(udp_command(film, port, reordered=reordered)):
        yield f"udp://127.0.0.1:{port}"


def udp_command(film: Path, port: int, *, reordered: bool = False) -> list[str]:
    """What sends a film to a UDP port, over and over."""
    tuning = ["-bf", "3"] if reordered else ["-tune", "zerolatency"]
    command = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(film), "-c:v", "libx264"]
    return [
        *command, "-preset", "veryfast", *tuning, "-g", "25", "-f", "mpegts", f"udp://127.0.0.1:{port}?pkt_size=1316"
    ]  # fmt: skip


def mjpeg_command(film: Path, url: str) -> list[str]:
    """What serves a film to one client, as pictures by HTTP."""
    command = ["ffmpeg", "-v", "error", "-re", "-i", str(film), "-c:v", "mjpeg", "-q:v", "3"]
    return [*command, "-f", "mpjpeg", "-listen", "1", url]


def rtsp_command(film: Path) -> list[str]:
    """What serves a film by RTSP, and prints its port."""
    return [_SYSTEM_PYTHON, "-c", _RTSP, str(film)]


class MjpegServer:
    """MJPEG over HTTP by ffmpeg, which serves one client and ends: `again` starts it anew."""

    def __init__(self, film: Path, stack: ExitStack) -> None:
        self._film = film
        self._stack = stack
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/picture"

    def again(self) -> None:
        """Serve the next client."""
        self._stack.close()
        self._stack.enter_context(running(mjpeg_command(self._film, self.url)))
        wait_until(lambda: listening(self._port), "ffmpeg did not listen")


@contextmanager
def mjpeg_feed(film: Path) -> Iterator[MjpegServer]:
    """See `MjpegServer`."""
    require("ffmpeg", "ffmpeg is not installed")
    with ExitStack() as stack:
        server = MjpegServer(film, stack)
        server.again()
        yield server


@contextmanager
def rtsp_feed(film: Path) -> Iterator[str]:
    """RTSP by GStreamer's server, which is not FFmpeg's."""
    need_rtsp()
    with running(rtsp_command(film)) as server:
        assert server.stdout is not None
        yield f"rtsp://127.0.0.1:{int(server.stdout.readline())}/live"


def need_rtsp() -> None:
    """Go on only where GStreamer's RTSP server is."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    if subprocess.run([_SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode:
        lacking("GStreamer's RTSP server (gir1.2-gst-rtsp-server-1.0, python3-gi) is not installed")


def wait_until(there: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Wait until `there()` is true."""
    clock = SystemClock()
    began_ns = clock.monotonic_ns()
    while not there():
        if clock.monotonic_ns() - began_ns > timeout_s * 1e9:
            raise AssertionError(what)
        clock.sleep(0.05)


def listening(port: int) -> bool:
    """Whether somebody listens on a TCP port, or serves there already and takes no other client."""
    # Looked up, not connected to: ffmpeg serves one client only, and a probe would be that one.
    wanted = f":{port:04X} "
    lines = [line for line in _tcp_lines() if wanted in line.split(":", 1)[1]]
    return any(" 0A " in line or " 01 " in line for line in lines)


def _tcp_lines() -> list[str]:
    return Path("/proc/net/tcp").read_text().splitlines()[1:]


_ASOUND = """
pcm_type.pulse {{ lib "{plugin}" }}
pcm.onset_mic {{ type pulse device "onset.monitor" }}
pcm.default {{ type null }}
pcm.dmix {{ type null }}
ctl.default {{ type null }}
"""

_FILE_ASOUND = """
pcm.onset_mic {{ type file slave.pcm {{ type null }} file "/dev/null" infile "{raw}" format "raw" }}
pcm.default {{ type null }}
pcm.dmix {{ type null }}
ctl.default {{ type null }}
"""


def alsa_file(folder: Path, raw: Path) -> dict[str, str]:
    """Environment in which ALSA has an input `onset_mic` that plays a raw file as fast as it is read."""
    config = folder / "asound.conf"
    config.write_text(_FILE_ASOUND.format(raw=raw))
    return {"ALSA_CONFIG_PATH": str(config)}


class SoundServer:
    """PipeWire with a null sink into which a sound is played; ALSA has its monitor as the input `onset_mic`."""

    def __init__(self, folder: Path, sound: Path, stack: ExitStack) -> None:
        for program in ("pipewire", "wireplumber", "pipewire-pulse", "pactl", "paplay", "dbus-daemon"):
            require(program, f"{program} is not installed")
        plugin = next(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so"), None)
        if plugin is None:
            lacking("ALSA's pulse plugin (libasound2-plugins) is not installed")
        config = folder / "asound.conf"
        config.write_text(_ASOUND.format(plugin=plugin))
        # Short, because a socket's path may have 107 bytes; private, as PipeWire demands.
        self._runtime = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pw", ignore_cleanup_errors=True)))
        self.env = {"XDG_RUNTIME_DIR": str(self._runtime), "ALSA_CONFIG_PATH": str(config)}
        address = f"--address=unix:path={self._runtime}/bus"  # in the temp folder itself it would stay
        command = ["dbus-daemon", "--session", "--nofork", "--print-address", address]
        dbus = stack.enter_context(running(command, **self.env))
        assert dbus.stdout is not None
        self.env["DBUS_SESSION_BUS_ADDRESS"] = dbus.stdout.readline().strip()
        self._sound = sound
        self._servers = stack.enter_context(ExitStack())
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> None:
        """Start it, and play."""
        env = self.env
        self._run("pipewire")
        wait_until((self._runtime / "pipewire-0").exists, "PipeWire did not start")
        self._run("wireplumber")
        self._run("pipewire-pulse")
        wait_until(lambda: _pactl(env, "info"), "PipeWire's pulse server did not answer")
        assert _pactl(env, "load-module", "module-null-sink", "sink_name=onset", "rate=48000", "channels=2")
        self._run("paplay", "-d", "onset", str(self._sound))
        wait_until(lambda: "onset" in _pactl_text(env, "list", "short", "sink-inputs"), "paplay did not play", 10)

    def _run(self, *command: str) -> None:
        self.processes.append(self._servers.enter_context(running(list(command), **self.env)))

    def kill(self) -> None:
        """End it at once."""
        self._servers.close()
        self.processes.clear()
        for socket_file in self._runtime.glob("pipewire-0*"):
            socket_file.unlink(missing_ok=True)


@contextmanager
def pipewire_input(folder: Path, sound: Path) -> Iterator[dict[str, str]]:
    """The environment of a `SoundServer` that runs."""
    with ExitStack() as stack:
        server = SoundServer(folder, sound, stack)
        server.start()
        yield server.env


def _pactl(env: dict[str, str], *args: str) -> bool:
    return bool(shutil.which("pactl")) and _pactl_run(env, *args).returncode == 0


def _pactl_text(env: dict[str, str], *args: str) -> str:
    found = _pactl_run(env, *args).stdout
    return f"onset {found}" if found.strip() else ""


def _pactl_run(env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["pactl", *args], env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=10
    )
