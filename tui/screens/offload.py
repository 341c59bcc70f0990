"""The Offload screen: starts copies in processes of their own, follows them by their journals, finds them again.

The verdict is two sentences, COPIES and LOG, with their evidence and the time they were true. What runs and the cards
of this log come first, copies that other productions made on this machine last. A person clears the card under the
cursor by typing a name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from onset.errors import OnsetError
from onset.logbook.terms import LoggedChange
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
    from onset.offload.orders import Order
    from tui.cards import Known
    from tui.jobs import Started

LOOK_S = 0.5
CANCEL_S = 5.0
CARDS_AFTER_S = 1.0  # a burst of changes is read once
DISKS_S = 10.0
# A verdict depends on all of these.
OF_CARDS = frozenset(("card", "card_copy", "clip", "sound", "link", "take", "angle", "sound_take", "explanation"))
NEW = Row("+ copy a card …")


class OffloadScreen(PlaceScreen):
    """A list of jobs, and all that is known of the one under the cursor."""

    PLACE: ClassVar[str] = "offload"

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self._jobs: list[JobSummary] = []
        self._cards: Mapping[str, Known] = {}
        self._disks: frozenset[str] = frozenset()
        self._reading = False
        self._stale = False
        self._started: list[Started] = []
        self._card = ""
        self._looking = False
        self._cancel: tuple[str, int] | None = None
        self._before: frozenset[str] | None = None

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
        self.set_interval(DISKS_S, self.read_cards)
        self.read_cards()
        self.refresh_hints()

    def on_screen_resume(self) -> None:
        self.read_cards()

    def on_unmount(self) -> None:
        for started in self._started:
            started.let_go()

    @property
    def _rows(self) -> Rows:
        return self.query_one("#jobs", Rows)

    @property
    def job(self) -> JobSummary | None:
        """The job under the cursor; the first row starts a new one."""
        return self._picked()[0]

    @property
    def known(self) -> Known | None:
        """The card under the cursor as the log has it: that of a job, or one that no job tells of any more."""
        return self._picked()[1]

    def _picked(self) -> tuple[JobSummary | None, Known | None]:
        number = self._rows.cursor - 1
        listed = self._listed()
        return listed[number] if 0 <= number < len(listed) else (None, None)

    def _listed(self) -> list[tuple[JobSummary | None, Known | None]]:
        """What runs or was stopped and this log's cards; below them what other productions have copied here."""
        jobs = [(job, self._cards.get(job.sheet.fingerprint)) for job in self._jobs]
        ours = [(job, known) for job, known in jobs if known is not None or job.result is None]
        elsewhere = [(job, known) for job, known in jobs if known is None and job.result is not None]
        return [*ours, *((None, known) for known in self._others()), *elsewhere]

    def _others(self) -> list[Known]:
        told = {job.sheet.fingerprint for job in self._jobs}
        return [known for fingerprint, known in self._cards.items() if fingerprint not in told]

    # -- jobs as they are now ---------------------------------------------------------------------------------------

    def look_for_jobs(self) -> None:
        """Read the journals, unless that is still going on."""
        if self.is_current and not self._looking:
            self._looking = True
            self.run_worker(self._look())

    async def _look(self) -> None:
        from tui import jobs

        try:
            found = await asyncio.to_thread(jobs.look, self.hand.deps.jobs)
            if not self.alive:
                return
            under = self._under()
            self._jobs = found
            self._stay(under)
            self._go_to_new()
            self._show()
            self.refresh_hints()  # a job that paused or got its turn has other keys
            for started in list(self._started):
                if started.process.poll() is not None:
                    self._started.remove(started)
                    refusal = started.refusal()
                    started.let_go()
                    if refusal:
                        self.say(refusal, True)
                    self.read_cards()
        finally:
            self._looking = False

    def _under(self) -> tuple[str, str]:
        """What the cursor is on, by what it is and not by where it stands."""
        job, known = self.job, self.known
        return (job.sheet.id if job is not None else "", known.card.fingerprint if known is not None else "")

    def _stay(self, under: tuple[str, str]) -> None:
        """Keep the cursor on the job or card that one was looking at, when rows came or went."""
        rows = [
            (job.sheet.id if job else "", job.sheet.fingerprint if job else known.card.fingerprint if known else "")
            for job, known in self._listed()
        ]
        same = [number for number, (job, card) in enumerate(rows, 1) if under[0] and job == under[0]]
        same += [number for number, (_, card) in enumerate(rows, 1) if under[1] and card == under[1]]
        if any(under):
            self._rows.cursor = same[0] if same else 0

    def _go_to_new(self) -> None:
        """Put the cursor on the copy that was started here, once it has its record."""
        for number, (job, _) in enumerate(self._listed(), 1):
            if self._before is not None and job is not None and job.sheet.id not in self._before:
                self._before = None
                self._rows.cursor = number

    def _show(self) -> None:
        from tui import cards, jobs

        rows = []
        for job, known in self._listed():
            if job is not None:
                rows.append(jobs.job_row(job, known))
            elif known is not None:
                rows.append(cards.card_row(known))
        self._rows.show([NEW, *rows])
        job, known = self.job, self.known
        if job is None and known is not None:
            rows = [*cards.log_rows(known), *cards.copy_rows(known)]
            self.query_one("#job", Rows).show(rows, f"{known.card.label}  {known.word}")
        elif job is None:
            words = "Enter, then the card's folder and where its copies go. Jobs run on without this screen."
            self.query_one("#job", Rows).show([Row(words, faint=True)], "new copy")
        else:
            state = known.word if known is not None and job.result is not None else jobs.state_of(job)
            self.query_one("#job", Rows).show(jobs.detail_rows(job, known), f"{job.sheet.label}  {state}")

    def read_cards(self) -> None:
        """Read the cards and their verdicts, unless that is still going on: then once more after it."""
        if self._reading:
            self._stale = True
        elif self.is_current:
            self._reading = True
            self.run_worker(self._read_cards())

    async def _read_cards(self) -> None:
        from tui import cards

        try:
            now_ns = self.hand.deps.clock.wall_ns()
            listed = await self.hand.desk.read(lambda log: log.cards())
            seen = await cards.look_for_disks(listed)
            found = await self.hand.aside.ask(lambda log, _: cards.read_cards(log, now_ns, seen))
            if self.alive:
                under = self._under()
                self._cards, self._disks = found, seen
                self._stay(under)
                self._show()
                self.refresh_hints()
        except OnsetError as error:
            self.say(str(error), True)
        finally:
            self._reading = False
            if self._stale:
                self._stale = False
                self.set_timer(CARDS_AFTER_S, self.read_cards)

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        if moved.anew or any(self._concerns(change) for change in moved.changes):
            self.set_timer(CARDS_AFTER_S, self.read_cards)
        self.refresh_hints()

    @staticmethod
    def _concerns(change: LoggedChange) -> bool:
        return change.entity in OF_CARDS

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "start": lambda _: self._start(),
            "cancel": lambda _: self._cancel_job(),
            "pause": lambda _: self._pause_job(),
            "first": lambda _: self._move_job(first=True),
            "last": lambda _: self._move_job(first=False),
            "clear": lambda _: self._clear(),
        }

    def other_key(self, key: str, event: events.Key) -> None:
        if key in ("up", "down"):
            event.stop()
            self._before = None
            self._rows.move(-1 if key == "up" else 1)
            self._show()
            self.refresh_hints()

    def on_rows_picked(self) -> None:
        self._before = None
        self._show()
        self.refresh_hints()

    def hints(self) -> Sequence[Hint]:
        job = self.job
        again = job is not None and not job.running and job.result is None
        hints = [self.hint("offload.start", f"go on with {job.sheet.label}" if again and job else "copy a card")]
        if job is not None and job.running:
            hints += self._queue_hints(job)
            hints.append(self.hint("offload.cancel", f"cancel {job.sheet.label} (twice)"))
        known = self.known
        if known is not None and not known.verdict.superseded:
            words = "not cleared" if known.verdict.verdict == "cleared" else "clear"
            hints.append(self.hint("offload.clear", f"{words} {known.card.label} …"))
        return [*hints, self.hint("all.undo", "undo"), self.hint("all.keys", "keys"), *self.elsewhere()]

    def _queue_hints(self, job: JobSummary) -> list[Hint]:
        from tui import jobs

        state = jobs.state_of(job)
        hints = [self.hint("offload.pause", f"{'resume' if state == 'paused' else 'pause'} {job.sheet.label}")]
        return [*hints, self.hint("offload.first", f"{job.sheet.label} first")] if state == "waits" else hints

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
            placeholder="where to: names or folders, with commas; > before those filled from a copy",
        )
        entry.frame(f"copy {self._card} to", rolling=False)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self.set_focus(self._rows)
        kind, text = message.purpose.kind, message.text.strip()
        if kind == "action":
            self.run_named(text)
        elif kind in ("clear", "clear_note", "not_cleared"):
            self._answered(message.purpose, text)
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
        if message.purpose.kind in ("clear", "clear_note", "not_cleared"):
            self.say("Nothing was changed.")
            return
        self._forget_drafts()
        self.say("No copy was started.")

    def _forget_drafts(self) -> None:
        self.hand.drafts.forget(("card",), ("targets", self._card))

    async def _begin(self, card: str, text: str) -> None:
        from tui import jobs

        known = [target.name for target in self.hand.deps.config.targets]
        paths, names, then = jobs.split_targets(text, known)
        try:
            started = await asyncio.to_thread(jobs.start, self.hand.deps.onset, card, paths, names, then)
        except OnsetError as error:
            self.say(str(error), True)
            return
        self._forget_drafts()
        self._card = ""  # the next one is another card
        self._started.append(started)
        self._before = frozenset(job.sheet.id for job in self._jobs)
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
        from onset.offload.orders import Order

        self.run_worker(self._ask(job, Order.CANCEL, f"The copy of {job.sheet.label} stops; Enter goes on with it."))

    def _pause_job(self) -> None:
        from tui import jobs

        job = self.job
        if job is None or not job.running:
            self.say("No running copy is under the cursor.")
        else:
            self.run_worker(self._ask(job, jobs.pause_or_resume(job)))

    def _move_job(self, *, first: bool) -> None:
        from onset.offload.orders import Order

        job = self.job
        if job is None or not job.running:
            self.say("No copy that waits is under the cursor.")
        else:
            self.run_worker(self._ask(job, Order.FIRST if first else Order.LAST))

    async def _ask(self, job: JobSummary, what: Order, told: str = "") -> None:
        """Ask something of a job, and say what happens now."""
        from tui import jobs

        folder = self.hand.deps.jobs
        if folder is None:
            return
        try:
            answer = await asyncio.to_thread(jobs.ask, folder, job, what)
        except OnsetError as error:
            self.say(str(error), True)
        else:
            self.say(told or answer)

    # -- clearing a card --------------------------------------------------------------------------------------------

    def _clear(self) -> None:
        """The first step: whose name. A card that cannot be cleared says why at once."""
        known = self.known
        if known is None or known.verdict.superseded:
            self.say("No card of the log is under the cursor, or it came back since; move to the one to be cleared.")
            return
        label = known.card.label
        if known.verdict.verdict == "cleared":
            self._ask_clearing("not_cleared", known, f"{label} is NOT cleared any more, says")
        elif not known.verdict.copies.ok:
            self.say(f"{known.verdict.sentence} Bad copies are never cleared.", True)
        else:
            self._ask_clearing("clear", known, f"clear {label} for formatting, says")

    def _ask_clearing(self, kind: str, known: Known, frame: str, *, name: str = "") -> None:
        entry = self.query_one(EntryLine)
        held = "the reason for what the log still misses" if name else "a person's name; Enter, or Esc to leave it"
        entry.open(Purpose(kind, card=name or None, key=known.card.fingerprint), placeholder=held)
        entry.frame(frame, rolling=False)

    def _answered(self, purpose: Purpose, text: str) -> None:
        """A name, or a reason, was typed."""
        known = self._cards.get(purpose.key or "")
        if known is None or not text:
            self.say("Nothing was typed; nothing was changed.")
        elif purpose.kind == "not_cleared":
            self.run_worker(self._take_back(known, text))
        elif purpose.kind == "clear" and not known.verdict.log.ok:
            self._ask_clearing(
                "clear_note", known, f"{known.card.label}: {known.verdict.reasons[0]}, because", name=text
            )
        elif purpose.kind == "clear":
            self.run_worker(self._write_clearing(known, text, ""))
        else:
            self.run_worker(self._write_clearing(known, purpose.card or "", text))

    async def _write_clearing(self, known: Known, by: str, note: str) -> None:
        from onset.reconcile.card import clear, consent

        card, seen, now_ns = known.card, self._disks, self.hand.deps.clock.wall_ns()
        try:
            gaps = await self.hand.aside.ask(
                lambda log, _: consent(log, card, by=by, note=note, as_of_ns=now_ns, mounted=seen.__contains__)
            )
            await self.hand.desk.write(lambda log: clear(log, card, gaps, by=by, note=note))
        except OnsetError as error:
            self.say(str(error), True)
        else:
            self.say(f"{card.label} is cleared for formatting by {by}.")
        self.read_cards()

    async def _take_back(self, known: Known, by: str) -> None:
        card = known.card
        try:
            await self.hand.desk.write(lambda log: log.clear_card(card.id, by=by, cleared=False))
        except OnsetError as error:
            self.say(str(error), True)
        else:
            self.say(f"{card.label} is not cleared any more, says {by}.")
        self.read_cards()
