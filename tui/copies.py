"""What the Offload screen does with jobs: starts them, asks things of them, hears why one did not begin.

A job runs in a process of its own and goes on without the app.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import OnsetError
from onset.text import safe_path, safe_text
from tui.hand import Hand

if TYPE_CHECKING:
    from onset.offload.journal import JobSheet, JobSummary
    from onset.offload.orders import Order
    from tui.jobs import Started

TWICE_S = 5.0


class Copies:
    """The copies that this screen started, and orders to any."""

    def __init__(self, hand: Hand, say: Callable[[str, bool], None], work: Callable[[Awaitable[None]], object]) -> None:
        """`say` gets sentences, and whether they are alarms; `work` runs what takes its time."""
        self._hand = hand
        self._say = say
        self._work = work
        self._started: list[Started] = []
        self._cancelled: set[int] = set()  # processes that were asked from here to stop
        self._named: tuple[str, str, int] | None = None  # what was asked once, of which job, when

    async def begin(self, card: str, text: str, preset: str = "") -> bool:
        """Start a copy; whether it was started. What it refuses later `hear` tells.

        Args:
            card: its folder.
            text: where to, as it was typed.
            preset: whose digests and checks hold; empty for none.
        """
        from tui import jobs

        known = [target.name for target in self._hand.deps.config.targets]
        paths, names, then = jobs.split_targets(text, known)
        if preset and not names:
            self._say(f"Preset {preset} copies to targets of config.toml; name one, or choose no preset.", True)
            return False
        try:
            started = await asyncio.to_thread(jobs.start, self._hand.deps.onset, card, paths, names, then, preset)
        except OnsetError as error:
            self._say(str(error), True)
            return False
        self._started.append(started)
        self._say(f"Copying {card}; this goes on without the app.", False)
        return True

    def go_on(self, job: JobSummary) -> None:
        """Go on with a sending that was stopped: the same command again."""
        self._work(self._send_on(job.sheet))

    async def _send_on(self, sheet: JobSheet) -> None:
        from tui import jobs

        if not await asyncio.to_thread(is_same_folder, sheet.card, self._hand.deps.production):
            self._say(f"{safe_text(sheet.label)} is of {safe_path(sheet.card)}; go on with it there.", False)
            return
        words = [sheet.sends[0], "--progress", "jsonl", *sheet.sends[1:]]
        try:
            started = await asyncio.to_thread(jobs.start_words, self._hand.deps.onset, words, sheet.label)
        except OnsetError as error:
            self._say(str(error), True)
            return
        self._started.append(started)
        self._say(f"Sending {safe_text(sheet.label)}; this goes on without the app.", False)

    def hear(self) -> bool:
        """Say that a copy that was started here is done, or why it is not; whether one of them ended."""
        ended = [started for started in self._started if started.process.poll() is not None]
        for started in ended:
            self._started.remove(started)
            refusal = started.refusal()
            started.let_go()
            stopped = started.process.pid in self._cancelled
            self._cancelled.discard(started.process.pid)
            if refusal and stopped:
                self._say(f"{started.label} was stopped; Enter goes on with it.", False)
            elif refusal:
                self._say(refusal, True)
            else:
                self._say(f"{started.label}: all is copied and read back; the verdict stands beside it.", False)
        return bool(ended)

    def let_go(self) -> None:
        """The app ends, and the jobs go on."""
        for started in self._started:
            started.let_go()

    # -- orders -----------------------------------------------------------------------------------------------------

    def cancel(self, job: JobSummary | None) -> None:
        """Stop a running copy, at the second press."""
        if job is None or not job.running:
            self._say("No running copy is under the cursor.", False)
        elif self._twice("cancel", job, f"stops the copy of {job.sheet.label}; what is verified stays."):
            from onset.offload.orders import Order

            self._cancelled.add(job.sheet.pid)
            told = f"The copy of {job.sheet.label} stops; Enter goes on with it."
            self._work(self._ask(job, Order.CANCEL, told))

    def pause_or_resume(self, job: JobSummary | None) -> None:
        """Let a copy stand still, or go on."""
        from tui import jobs

        if job is None or not job.running:
            self._say("No running copy is under the cursor.", False)
        else:
            self._work(self._ask(job, jobs.pause_or_resume(job)))

    def move(self, job: JobSummary | None, *, first: bool) -> None:
        """Put a copy before or after the others that wait."""
        from onset.offload.orders import Order

        if job is None or not job.running:
            self._say("No copy that waits is under the cursor.", False)
        else:
            self._work(self._ask(job, Order.FIRST if first else Order.LAST))

    def dismiss(self, job: JobSummary | None) -> None:
        """Take a stopped copy off the list, at the second press."""
        if job is None or job.running or job.finished:
            self._say("No copy that was stopped is under the cursor.", False)
        elif self._twice("dismiss", job, f"takes the stopped copy of {job.sheet.label} off the list; files stay."):
            self._work(self._dismiss(job))

    async def _dismiss(self, job: JobSummary) -> None:
        from onset.offload.dismissed import dismiss

        try:
            self._say(await asyncio.to_thread(dismiss, job), False)
        except OnsetError as error:
            self._say(str(error), True)

    def _twice(self, what: str, job: JobSummary, means: str) -> bool:
        """Whether this was asked of this job a moment ago; the first time it only says what it means."""
        now, before = self._hand.deps.clock.monotonic_ns(), self._named
        if before is not None and before[:2] == (what, job.sheet.id) and now - before[2] < TWICE_S * 1_000_000_000:
            self._named = None
            return True
        self._named = (what, job.sheet.id, now)
        self._say(f"{self._hand.keys.shown(f'offload.{what}')} again {means}", True)
        return False

    async def _ask(self, job: JobSummary, what: Order, told: str = "") -> None:
        """Ask something of a job, and say what happens now."""
        from tui import jobs

        folder = self._hand.deps.jobs
        if folder is None:
            return
        try:
            answer = await asyncio.to_thread(jobs.ask, folder, job, what)
        except OnsetError as error:
            self._cancelled.discard(job.sheet.pid)  # a refusal of its own is not what somebody wanted
            self._say(str(error), True)
        else:
            self._say(told or answer, False)


def is_same_folder(one: str, other: Path) -> bool:
    """Whether both are one folder; False too where one of them is gone, or its disk. Asks the disk."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
