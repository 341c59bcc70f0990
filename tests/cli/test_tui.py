"""`onset` at a terminal (a pseudo-terminal here): what a crash, a wrong unit or a missing device must not do."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onset.capture.lock import lock_holder, service_running
from onset.cli.capture import stop_service
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.new import config_text, make_production
from onset.clock import SystemClock
from onset.domain.take import State
from tests.needs import require

ONSET = [sys.executable, "-P", "-m", "onset"]
PATIENCE_S = 30.0
CONTROL = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|[@-_])", re.DOTALL)


class Terminal:
    """A program on a terminal of 100 x 30."""

    def __init__(self, *arguments: str) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            [*ONSET, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
        os.close(theirs)
        self._ours = ours
        self._written = b""

    def wait_for(self, text: str) -> None:
        """Until `text` was written since the last call; drawing control codes are left out."""
        self._until(lambda: text in CONTROL.sub(b"", self._written).decode("utf-8", "replace"), f'"{text}" to be shown')
        self._written = b""

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def left_with(self) -> int:
        """Wait for the end; the exit code."""
        self._until(lambda: self.process.poll() is not None, "the program to end")
        return self.process.wait()

    @property
    def written(self) -> str:
        return CONTROL.sub(b"", self._written).decode("utf-8", "replace")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, (
                f"waited {PATIENCE_S} s for {what}; on the screen: {self.written[-2000:]!r}"
            )
            readable, _, _ = select.select([self._ours], [], [], 0.05)
            if readable:
                with contextlib.suppress(OSError):  # Linux: EIO once the other side is closed
                    self._written += os.read(self._ours, 65536)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def open_terminal(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


@pytest.fixture
def production(tmp_path: Path) -> Path:
    make_production(tmp_path / "Harbour", config_text("Harbour Lights", "25", "us"))
    for words in (["roll", "42C"], ["cut"]):
        assert main(["-p", str(tmp_path / "Harbour"), "log", *words]) == 0
    return tmp_path / "Harbour"


def states(production: Path) -> list[State]:
    logbook = open_logbook(production)
    try:
        return [take.state for take in reversed(logbook.takes())]
    finally:
        logbook.close()


def test_take_is_lost_when_the_app_is_killed(production: Path, terminal: Callable[..., Terminal]) -> None:
    app = terminal("-p", str(production))
    app.wait_for("Space rolls 42C/2")
    app.press(" ")
    app.wait_for("Space cut")
    app.process.send_signal(signal.SIGKILL)
    assert app.left_with() == -signal.SIGKILL
    assert states(production) == [State.CUT, State.ROLLING]
    again = terminal("-p", str(production))
    again.wait_for("42C/2")
    assert states(production) == [State.CUT, State.ROLLING]


def test_leaving_the_app_ends_with_another_code(production: Path, terminal: Callable[..., Terminal]) -> None:
    app = terminal("-p", str(production), "tui", "--role", "dit", "--seat", "cart 2")
    app.wait_for("Harbour Lights")
    app.press("\x11")  # Ctrl+Q
    assert app.left_with() == 0
    assert not service_running(production)


def test_app_that_cannot_open_leaves_the_terminal_in_pieces(
    production: Path, terminal: Callable[..., Terminal]
) -> None:
    """The key map is read last of all, by the app itself."""
    with (production / "config.toml").open("a") as file:
        file.write('[keys]\n"no-such-action" = "c"\n')
    app = terminal("-p", str(production))
    assert app.left_with() == 2
    app._until(lambda: "no-such-action" in app.written, "no-such-action")
    assert "Traceback" not in app.written
    assert app.written.strip().count("\n") == 0


@pytest.mark.parametrize(
    ("arguments", "config", "said"),
    [
        (["tui", "--unit", "Splinter"], "", 'There is no unit "Splinter"; there are Main.'),
        ([], "[production", "TOML"),
    ],
    ids=["unit", "syntax"],
)
def test_app_opens_all_the_same(
    arguments: list[str],
    config: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_production(tmp_path / "Harbour", config_text("Harbour Lights", "25", "us"))
    with (tmp_path / "Harbour" / "config.toml").open("a") as file:
        file.write(config)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("tui.app.run_app", lambda deps: pytest.fail("it opened"))
    assert main(["-p", str(tmp_path / "Harbour"), *arguments]) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.faults
def test_recording_ends_with_the_app(tmp_path: Path, terminal: Callable[..., Terminal]) -> None:
    """kill -9 of the app while a take rolls: the capture service goes on, and the next app finds the take rolling."""
    require(sys.platform == "linux", "looks at processes")
    folder = tmp_path / "Harbour"
    devices = '[[device]]\nname = "A"\nkind = "sim-camera"\nwidth = 320\nheight = 180\n'
    make_production(folder, config_text("Harbour Lights", "25", "us", devices=devices))
    try:
        app = terminal("-p", str(folder))
        app.wait_for("Harbour Lights")
        subprocess.run([*ONSET, "-p", str(folder), "log", "roll", "7"], check=True, capture_output=True)
        app.wait_for("Space cut")
        before = lock_holder(folder)
        assert before is not None
        app.process.send_signal(signal.SIGKILL)
        app.left_with()
        terminal("-p", str(folder)).wait_for("Space cut")
        assert lock_holder(folder) == before
        subprocess.run([*ONSET, "-p", str(folder), "log", "cut", "--wait"], check=True, capture_output=True)
        shown = subprocess.run(
            [*ONSET, "-p", str(folder), "log", "show", "7/1", "--json"], check=True, capture_output=True, text=True
        )
        [angle] = json.loads(shown.stdout)["take"]["angles"]
        [clip] = angle["clips"]
        assert (folder / clip["path"]).stat().st_size > 0
    finally:
        stop_service(folder, SystemClock())


def test_app_stays_closed_or_silent_when_nothing_can_be_recorded(
    tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    """The service cannot write its lock; the log still opens, and says so."""
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour", "25", "us", devices='[[device]]\nname = "A"\nkind = "sim-camera"\n'))
    (folder / "capture.lock").mkdir()
    app = terminal("-p", str(folder))
    app.wait_for("Nothing is recorded")
    app.press("\x11")
    assert app.left_with() == 0
