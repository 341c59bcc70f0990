"""The Offload screen: starts copies in processes of their own, follows them by their journals, finds them again.

The verdict is two sentences, COPIES and LOG, with their evidence and the time they were true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from onset.domain.card import Card
from onset.errors import OnsetError
from tui.hand import Hand
from tui.messages import Moved
from tui.screens.place import PlaceScreen
from tui.widgets.entry import EntryLine, Purpose
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.rolling_line import RollingLine
from tui.widgets.rows import Row, Rows

if TYPE_CHECKING:
    from onset.offload.journal import JobSummary
    from tui.jobs import Started

LOOK_S = 0.5
CANCEL_S = 5.0
NEW = Row("+ copy a card …")


class OffloadScreen(PlaceScreen):
    """A list of jobs, and all that is known of the one under the cursor."""

    PLACE: ClassVar[str] = "offload"

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self._jobs: list[JobSummary] = []
        self._cards: dict[str, Card] = {}
        self._started: list[Started] = []
        self._card = ""
        self._looking = False
        self._cancel: tuple[str, int] | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        yield Rows("card         state        started", picks=True, id="jobs")
        yield Rows("evidence", wraps=True, id="job")
        yield EntryLine(self.hand.drafts, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        names = ", ".join(target.name for target in self.hand.deps.config.targets) or "none in config.toml"
        self.query_one("#heading", Line).show(
            f"onset  {self.hand.opened.production.title}  Offload", f"targets: {names}"
        )
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self._rows)
        self.set_interval(LOOK_S, self.look_for_jobs)
        self.look_for_jobs()
        self.run_worker(self._read_cards())
        self.refresh_hints()

    def on_unmount(self) -> None:
        for started in self._started:
            started.let_go()

    @property
    def _rows(self) -> Rows:
        return self.query_one("#jobs", Rows)

    @property
    def job(self) -> JobSummary | None:
        """The job under the cursor; the first row starts a new one."""
        number = self._rows.cursor - 1
        return self._jobs[number] if 0 <= number < len(self._jobs) else None

    # -- jobs as they are now ---------------------------------------------------------------------------------------

    def look_for_jobs(self) -> None:
        """Read the journals, unless that is still going on."""
        if self.is_current and not self._looking:
            self._looking = True
            self.run_worker(self._look())

    async def _look(self) -> None:
        from tui import jobs

        try:
            under = self.job
            before = len(self._jobs)
            found = await asyncio.to_thread(jobs.look, self.hand.deps.jobs)
            if not self.alive:
                return
            self._jobs = found
            if under is not None and len(self._jobs) != before:  # stay on the job that one was looking at
                ids = [each.sheet.id for each in self._jobs]
                self._rows.cursor = ids.index(under.sheet.id) + 1 if under.sheet.id in ids else 0
            self._show()
            for started in list(self._started):
                if started.process.poll() is not None:
                    self._started.remove(started)
                    refusal = started.refusal()
                    started.let_go()
                    if refusal:
                        self.say(refusal, True)
                    self.run_worker(self._read_cards())
        finally:
            self._looking = False

    def _show(self) -> None:
        from tui import jobs

        self._rows.show([NEW, *(jobs.job_row(each) for each in self._jobs)])
        job = self.job
        if job is None:
            words = "Enter, then the card's folder and where its copies go. Jobs run on without this screen."
            self.query_one("#job", Rows).show([Row(words, faint=True)], "new copy")
        else:
            card = self._cards.get(job.sheet.fingerprint)
            self.query_one("#job", Rows).show(jobs.detail_rows(job, card), f"{job.sheet.label}  {jobs.state_of(job)}")

    async def _read_cards(self) -> None:
        found = await self.hand.desk.read(lambda log: log.cards())
        self._cards = {card.fingerprint: card for card in found}
        if self.alive:
            self._show()

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        if moved.anew or any(change.entity.startswith("card") for change in moved.changes):
            self.run_worker(self._read_cards())
        self.refresh_hints()

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"start": lambda _: self._start(), "cancel": lambda _: self._cancel_job()}

    def other_key(self, key: str, event: events.Key) -> None:
        if key in ("up", "down"):
            event.stop()
            self._rows.move(-1 if key == "up" else 1)
            self._show()
            self.refresh_hints()

    def on_rows_picked(self) -> None:
        self._show()
        self.refresh_hints()

    def hints(self) -> Sequence[Hint]:
        job = self.job
        again = job is not None and not job.running and job.result is None
        hints = [self.hint("offload.start", f"go on with {job.sheet.label}" if again and job else "copy a card")]
        if job is not None and job.running:
            hints.append(self.hint("offload.cancel", f"cancel {job.sheet.label} (twice)"))
        return [*hints, self.hint("all.undo", "undo"), self.hint("all.keys", "keys"), *self.elsewhere()]

    def _start(self) -> None:
        job = self.job
        entry = self.query_one(EntryLine)
        if job is not None and not job.running and job.result is None:
            self._card = job.sheet.card
            from tui import jobs

            self._ask_targets(jobs.asked_targets(job, self.hand.deps.config.targets))
            return
        entry.open(Purpose("card"), text=self._card, placeholder="the card's folder: /media/A014")
        entry.frame("card", rolling=False)

    def _ask_targets(self, text: str) -> None:
        entry = self.query_one(EntryLine)
        entry.open(
            Purpose("targets", card=self._card),
            text=text,
            placeholder="where to: names or folders, with commas between",
        )
        entry.frame(f"copy {self._card} to", rolling=False)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self.set_focus(self._rows)
        kind, text = message.purpose.kind, message.text.strip()
        if kind == "action":
            self.run_named(text)
        elif not text:
            self._forget_drafts()
            self.say("Nothing was typed; no copy was started.")
        elif kind == "card":
            self._card = text
            self.hand.drafts.keep(("card",), text)  # until the copy runs
            self._ask_targets(", ".join(target.name for target in self.hand.deps.config.targets))
        else:
            self.hand.drafts.keep(("targets", self._card), text)
            self.run_worker(self._begin(self._card, text))

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self.set_focus(self._rows)
        if message.purpose.kind == "action":
            return
        self._forget_drafts()
        self.say("No copy was started.")

    def _forget_drafts(self) -> None:
        self.hand.drafts.forget(("card",), ("targets", self._card))

    async def _begin(self, card: str, text: str) -> None:
        from tui import jobs

        known = [target.name for target in self.hand.deps.config.targets]
        paths, names = jobs.split_targets(text, known)
        try:
            started = await asyncio.to_thread(jobs.start, self.hand.deps.onset, card, paths, names)
        except OnsetError as error:
            self.say(str(error), True)
            return
        self._forget_drafts()
        self._started.append(started)
        self._rows.cursor = 1
        self.say(f"Copying {card}; this goes on without the app.")

    def _cancel_job(self) -> None:
        job = self.job
        if job is None or not job.running:
            self.say("No running copy is under the cursor.")
            return
        asked = self._cancel
        if asked is None or asked[0] != job.sheet.id or self._now() - asked[1] > CANCEL_S * 1_000_000_000:
            self._cancel = (job.sheet.id, self._now())
            key = self.hand.keys.shown("offload.cancel")
            self.say(f"{key} again stops the copy of {job.sheet.label}; what is verified stays.", True)
            return
        self._cancel = None
        from tui import jobs

        try:
            jobs.cancel(job)
        except OnsetError as error:
            self.say(str(error), True)
        else:
            self.say(f"The copy of {job.sheet.label} stops; Enter goes on with it.")
