"""Every test has its own home, its own state and one time zone, so that none sees or leaves anything of the user's."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: two cores shared by many tests make any one example slow. In CI the same examples on every run.
settings.register_profile("onset", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("onset")

# A shell starts what it runs in the background with Ctrl-C ignored, and programs inherit that; tests send it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_OURS = ("ONSET_PRODUCTION", "ONSET_SEAT", "NO_COLOR", "COLUMNS", "LINES")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take long begins first: at the end one worker would be at it while the others have nothing to do."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


def pytest_collection_finish() -> None:
    """Thousands of tests lie in memory for good: the garbage collector need not look through them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(_folder(home / name.lower())))
    for name in _OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ONSET_RESERVE", "65536")  # thousands of logs with a reserve of 64 MB would fill the disk
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def _own_run_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets go to a folder of this test; short, because a socket's path may have 107 bytes."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(_folder(tmp_path_factory.mktemp("run"), 0o700)))


def _folder(path: Path, mode: int = 0o755) -> Path:
    path.mkdir(exist_ok=True)
    path.chmod(mode)
    return path
