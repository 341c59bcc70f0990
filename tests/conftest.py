"""Every test has its own home, its own state and one time zone, so that none sees or leaves anything of the user's."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.fresh_tables import tables_are_made_once
from tests.in_memory import ROOMS, Homes, homes

__all__ = ["homes", "tables_are_made_once"]

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


# Thousands of tests lie in memory for good: the garbage collector need not look through them again and again.
gc.disable()


def pytest_collection_finish() -> None:
    """All tests are there; what they make is looked through as ever."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_home(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    home = homes.home()
    monkeypatch.setenv("HOME", str(home))
    for name, (room, _) in ROOMS.items():
        monkeypatch.setenv(name, str(home / room))
    for name in _OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ONSET_RESERVE", "65536")  # thousands of logs with a reserve of 64 MB would fill the disk
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
