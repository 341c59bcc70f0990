"""Waiting until an app has nothing left to do, known from its event loop instead of guessed from the processor's time.

Used by support.py. Textual's pilot takes an app for idle when the process used less than 1 ms of the last 20; two such
sleeps follow each key and each pause, four fifths of what a screen's test took, and on a busy machine, where a process
may use no time because it gets none, they end too early. Here an app is quiet when its loop has nothing to call, its
screen is drawn, and, after a pause, nothing that it asked of the log is unanswered.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar, cast
from unittest.mock import patch

import textual.app
import textual.pilot
from textual.app import App

from onset.logbook.protocol import Logbook
from onset.logbook.terms import LoggedChange
from tui.desk import Desk

T = TypeVar("T")
LOOK_S = 0.001
# Fewer than fit into a second of an idle machine: one that gives the app none of that second ends no waiting.
LOOKS = 400


class WatchedDesk(Desk):
    """A desk that knows how many of the questions and edits it was given are unanswered."""

    unanswered = 0

    async def write(self, verb: Callable[[Logbook], T]) -> T:
        with self._counted():
            return await super().write(verb)

    async def read(self, question: Callable[[Logbook], T]) -> T:
        with self._counted():
            return await super().read(question)

    async def poll(self) -> Sequence[LoggedChange]:
        with self._counted():
            return await super().poll()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.unanswered += 1
        try:
            yield
        finally:
            self.unanswered -= 1


class _Loop(Protocol):
    """What asyncio's loop keeps to itself: what it calls in this turn and the next."""

    _ready: deque[object]


async def quiet(app: App[None], busy: Callable[[], bool] = lambda: False, longest: float = 1.0) -> None:
    """Wait until the app does nothing before a clock, a thread or a person gives it something to do.

    Args:
        app: runs in this loop.
        busy: what else to wait for.
        longest: seconds after which an app that is never quiet, at `LOOKS` looks, is left alone, as the pilot does.
    """
    loop = cast(_Loop, asyncio.get_running_loop())
    give_up = time.monotonic() + longest
    looks = 0
    while looks < LOOKS or time.monotonic() < give_up:
        looks += 1
        await asyncio.sleep(0)  # behind all that is ready now
        if loop._ready:
            continue
        # Textual holds back drawing for 50 ms after a change of screens, and a new size for 8
        if busy() or app._batch_count or app._resize_event is not None:
            await asyncio.sleep(LOOK_S)
            continue
        app.screen._on_timer_update()  # the frame that a timer would draw within 17 ms
        if not loop._ready:
            return


@contextmanager
def waited_for(app: App[None], desk: WatchedDesk) -> Iterator[None]:
    """Inside, a pilot waits in this way: between keys for the app, as quick fingers do, in a pause for the log too."""

    async def between_keys(min_sleep: float = 0, max_sleep: float = 1) -> None:
        del min_sleep
        await quiet(app, longest=max_sleep)

    async def in_a_pause(min_sleep: float = 0, max_sleep: float = 1) -> None:
        del min_sleep
        await quiet(app, lambda: desk.unanswered > 0, max_sleep)

    with (
        patch.object(textual.app, "wait_for_idle", between_keys),
        patch.object(textual.pilot, "wait_for_idle", in_a_pause),
    ):
        yield
