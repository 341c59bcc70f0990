"""The Offload screen: the card board, the targets, and all that is known of the card under the cursor.

Copies run in processes of their own and are found again by their journals. The verdict is two sentences, COPIES and
LOG, with their evidence and the time they were true. A person clears a card by typing a name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from onset.logbook.terms import LoggedChange
from tui.card_papers import CardPapers
from tui.clearing import Clearing
from tui.copies import Copies
from tui.hand import Hand
from tui.intents.handing import hand_over
from tui.messages import Moved
from tui.offload_looks import Looks
from tui.screens.offload_entry import CLEARING, OffloadEntry, preset_words, typed_targets
from tui.screens.place import PlaceScreen, loaded
from tui.widgets.entry import EntryLine, Purpose
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.rolling_line import RollingLine
from tui.widgets.rows import Row, Rows

if TYPE_CHECKING:
    from onset.offload.journal import JobSummary
    from onset.targets import PresetConfig
    from tui.card_board import Entry
    from tui.cards import Known

# A verdict depends on all of these.
OF_CARDS = frozenset(
    ("card", "card_copy", "clip", "sound", "link", "take", "angle", "sound_take", "explanation", "roll")
)
_TARGETS = 4  # so many have room on the smallest screen; the others stand below
_NEW_WORDS = "Enter, then the card's folder and where its copies go. Copies run on without this screen."


class OffloadScreen(PlaceScreen):
    """The cards in their life, and the copies of them."""

    PLACE: ClassVar[str] = "offload"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012  # Textual declares it so

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self.looks = Looks(self, hand, self._list_anew)
        self._listed: list[Entry] = []
        self._preset = 0  # number of the preset in the configuration, counted from 1; 0 for none
        self._before: frozenset[str] | None = None
        self._manifest: tuple[Entry, list[Row]] | None = None  # of the card under the cursor, while it is read
        self._papers = CardPapers(hand, self.say)
        self._copies = Copies(hand, self.say, self.run_worker)
        self._clearing = Clearing(hand, self.say)

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        yield Rows("target", id="targets")
        yield Rows("card", picks=True, id="jobs")
        yield Rows("evidence", wraps=True, id="job")
        yield OffloadEntry(self.hand, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    async def on_mount(self) -> None:
        await loaded("tui.card_board", "tui.targets_now", "tui.jobs", "tui.cards", "onset.offload.in_reader")
        self.hand.shows.append(self)
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self._rows)
        self.looks.begin()
        self._show_preset()
        self._show()

    def shown_again(self) -> None:
        self.looks.read_cards()
        self.looks.look_at_disks()

    def on_unmount(self) -> None:
        self._copies.let_go()

    @property
    def _rows(self) -> Rows:
        return self.query_one("#jobs", Rows)

    @property
    def _entry(self) -> OffloadEntry:
        return self.query_one("#entry", OffloadEntry)

    @property
    def entry(self) -> Entry | None:
        """The card under the cursor; the first row starts a new copy."""
        number = self._rows.cursor - 1
        return self._listed[number] if 0 <= number < len(self._listed) else None

    @property
    def job(self) -> JobSummary | None:
        """The job under the cursor."""
        return self.entry.job if self.entry is not None else None

    @property
    def known(self) -> Known | None:
        """The card under the cursor as the log has it: that of a job, or one that no job tells of any more."""
        return self.entry.known if self.entry is not None else None

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        if moved.anew or any(self._concerns(change) for change in moved.changes):
            self.looks.read_cards_soon()
        self.refresh_hints()

    def contest(self) -> None:
        super().contest()
        if self.alive:
            self._show()

    @staticmethod
    def _concerns(change: LoggedChange) -> bool:
        return change.entity in OF_CARDS

    # -- the board --------------------------------------------------------------------------------------------------

    def _list_anew(self) -> None:
        """List the cards; the cursor stays on what one was looking at, or goes to the copy that was started here."""
        if self._copies.hear():
            self.looks.read_cards()
        under = self.entry
        self._listed = self.looks.listed()
        if under is not None:
            self._rows.cursor = _row_of(under, self._listed)
        for number, each in enumerate(self._listed, 1):
            if self._before is not None and each.job is not None and each.job.sheet.id not in self._before:
                self._before = None
                self._rows.cursor = number
        self._show()

    def _show(self) -> None:
        from tui import card_board, targets_now

        targets = targets_now.target_rows(self.looks.targets, silent=self.looks.silent)
        self.query_one("#targets", Rows).show(targets)
        contested = self.hand.contested.found
        rows = [card_board.board_row(each, contested) for each in self._listed]
        self._rows.show([card_board.new_row(self.looks.rolls, self.looks.cards), *rows], card_board.HEAD)
        if self.entry is None:
            evidence, title = [Row(_NEW_WORDS, faint=True), *targets[_TARGETS:]], "new copy"
        else:
            evidence, title = card_board.evidence(self.entry, self.looks.targets or (), contested)
            if self._manifest is not None and _row_of(self._manifest[0], [self.entry]):
                evidence, title = self._manifest[1], f"{self.entry.label}  manifests"
            else:
                self._manifest = None
        self.query_one("#job", Rows).show(evidence, title)
        self.refresh_hints()

    def _show_preset(self) -> None:
        presets = self.hand.deps.config.offload.presets
        name = presets[self._preset - 1].name if self._preset else "none"
        words = f"preset {name}: {typed_targets(self.hand.deps.config, self._chosen)}" if presets else ""
        self.query_one("#heading", Line).show(f"onset  {self.hand.opened.production.title}  Offload", words)

    @property
    def _chosen(self) -> PresetConfig | None:
        return self.hand.deps.config.offload.presets[self._preset - 1] if self._preset else None

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "start": lambda _: self._start(),
            "new": lambda _: self._entry.ask_card(self._reader),
            "preset": lambda _: self._next_preset(),
            "cancel": lambda _: self._copies.cancel(self.job),
            "pause": lambda _: self._copies.pause_or_resume(self.job),
            "first": lambda _: self._copies.move(self.job, first=True),
            "last": lambda _: self._copies.move(self.job, first=False),
            "dismiss": lambda _: self._copies.dismiss(self.job),
            "clear": lambda _: self._clear(),
            "hand": lambda _: self._hand_over(),
            "manifest": lambda _: self._show_manifest(),
            "report": lambda _: self._print_report(),
        }

    def other_key(self, key: str, event: events.Key) -> None:
        steps = {"up": -1, "down": 1}
        evidence = self.query_one("#job", Rows)
        pages = {"pageup": -evidence.page_rows(), "pagedown": evidence.page_rows()}
        if key in steps and self.has_class("inside"):
            evidence.scroll_by(steps[key])
        elif key in steps:
            self._before = None
            self._rows.move(steps[key])
            self._show()
        elif key in pages:
            evidence.scroll_by(pages[key])
        elif key == "escape":
            self._go_back()
        else:
            return
        event.stop()

    def on_rows_picked(self, message: Rows.Picked) -> None:
        self._before = None
        self._show()
        if message.again and message.rows is self._rows:
            self._start()

    def _go_back(self) -> None:
        """From the evidence to the board, from there to its first row."""
        if self._manifest is not None or self.has_class("inside"):
            self._manifest = None
            self.remove_class("inside")
            self.query_one("#job", Rows).to_top()  # what must be read stands there
        else:
            self._before = None
            self._rows.cursor = 0
        self._show()

    def hints(self) -> Sequence[Hint]:
        entry, job, known = self.entry, self.job, self.known
        hints = [self.hint("offload.start", self._enter_words())]
        if entry is not None and not self._starts_new:
            again = self._reader and not entry.unfinished and (job is not None or known is not None)
            hints.append(self.hint("offload.new", "copy again" if again else "new copy"))
        if self.hand.deps.config.offload.presets:
            hints.append(self.hint("offload.preset", "preset"))
        if job is not None and job.running:
            hints += self._queue_hints(job)
            hints.append(self.hint("offload.cancel", f"cancel {job.sheet.label} (twice)"))
        elif job is not None and not job.finished:
            hints.append(self.hint("offload.dismiss", "dismiss (twice)"))
        if known is not None and not known.verdict.superseded:
            words = "not cleared" if known.verdict.verdict == "cleared" else "clear"
            hints.append(self.hint("offload.clear", f"{words} {known.card.label} …"))
        if job is not None or known is not None:
            hints += [self.hint("offload.manifest", "manifest"), self.hint("offload.report", "report")]
        if entry is not None and entry.roll is not None:
            hints.append(self.hint("offload.hand", "hand over"))
        return [*hints, self.hint("all.undo", "undo"), self.hint("all.keys", "keys"), *self.elsewhere()]

    def _queue_hints(self, job: JobSummary) -> list[Hint]:
        from tui import jobs

        state = jobs.state_of(job)
        hints = [
            self.hint("offload.pause", f"{'resume' if state in ('paused', 'suspended') else 'pause'} {job.sheet.label}")
        ]
        return [*hints, self.hint("offload.first", f"{job.sheet.label} first")] if state == "waits" else hints

    # -- copying ----------------------------------------------------------------------------------------------------

    @property
    def _starts_new(self) -> bool:
        """Enter asks for a card: nothing of the one under the cursor can be opened or gone on with."""
        entry = self.entry
        return entry is None or (entry.job is None and entry.known is None and not self._reader)

    @property
    def _reader(self) -> str:
        """Where the card under the cursor is mounted; empty where it is in no reader, or is no card."""
        here = self.entry.here if self.entry is not None else None
        return here.path if here is not None and not here.trouble else ""

    def _enter_words(self) -> str:
        entry = self.entry
        if entry is None or self._starts_new:
            return "copy a card"
        if entry.job is not None and entry.unfinished and not entry.job.running:
            return f"go on with {entry.label}"
        if entry.job is None and entry.known is None:
            return f"copy {entry.label}"
        return "back" if self.has_class("inside") else f"open {entry.label}"

    def _start(self) -> None:
        """Start a copy, go on with one, or open what is known of a card."""
        entry = self.entry
        if entry is None or self._starts_new:
            self._entry.ask_card()
        elif entry.job is not None and entry.unfinished and not entry.job.running:
            from tui import jobs

            if entry.job.sheet.sends:
                self._copies.go_on(entry.job)
                return
            typed = jobs.asked_targets(entry.job, self.hand.deps.config.targets)
            self._entry.ask_targets(entry.job.sheet.card, typed)
        elif entry.job is None and entry.known is None:
            self._ask_targets(self._reader)
        else:
            self.toggle_class("inside")
            self.query_one("#job", Rows).to_top()
            self.refresh_hints()

    def _ask_targets(self, card: str) -> None:
        chosen = self._chosen
        text = typed_targets(self.hand.deps.config, chosen)
        self._entry.ask_targets(card, text, preset=chosen.name if chosen is not None else "")

    def _next_preset(self) -> None:
        presets = self.hand.deps.config.offload.presets
        if not presets:
            self.say("config.toml has no [offload.preset.NAME].")
            return
        self._preset = (self._preset + 1) % (len(presets) + 1)
        self._show_preset()
        chosen = self._chosen
        self.say(preset_words(chosen) if chosen is not None else "No preset: copies go to every target.")

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self.set_focus(self._rows)
        purpose, text = message.purpose, message.text.strip()
        if purpose.kind == "action":
            self.run_named(text)
        elif purpose.kind in CLEARING:
            self._answered(purpose, text)
        elif purpose.kind == "hand":
            self._write_hand(purpose, text)
        elif not text:
            self._entry.forget()
            self.say("Nothing was typed; no copy was started.")
        elif purpose.kind == "card":
            self._entry.take_card(text)
            self._ask_targets(text)
        else:
            self.hand.drafts.keep(purpose.spot, text)
            self.run_worker(self._begin(self._entry.card, text, self._entry.preset))

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self.set_focus(self._rows)
        kind = message.purpose.kind
        if kind in (*CLEARING, "hand"):
            self.say("Nothing was changed.")
        elif kind != "action":
            self._entry.forget()
            self.say("No copy was started.")

    async def _begin(self, card: str, text: str, preset: str) -> None:
        before = frozenset(job.sheet.id for job in self.looks.jobs)
        if await self._copies.begin(card, text, preset):
            self._entry.forget()
            self._entry.card = ""  # the next one is another card
            self._before = before

    # -- paper ------------------------------------------------------------------------------------------------------

    def _show_manifest(self) -> None:
        """The manifests of the card under the cursor in place of its evidence; again shows that."""
        entry = self.entry
        if entry is None:
            self.say("No card is under the cursor.")
        elif self._manifest is not None:
            self._go_back()
        else:
            self.run_worker(self._read_manifest(entry))

    async def _read_manifest(self, entry: Entry) -> None:
        rows = await self._papers.read_manifests(entry)
        if rows is not None and self.alive:
            self._manifest = (entry, rows)
            self.add_class("inside")
            self._show()

    def _print_report(self) -> None:
        entry = self.entry
        day = entry.day if entry is not None else None
        self.run_worker(self._papers.print_report(day or self.hand.board.day))

    # -- clearing a card, handing a roll over -----------------------------------------------------------------------

    def _clear(self) -> None:
        """The first step: whose name. A card that cannot be cleared says why at once."""
        known = self.known
        if known is None or known.verdict.superseded:
            self.say("No card of the log is under the cursor, or it came back since; move to the one to be cleared.")
            return
        label = known.card.label
        if known.verdict.verdict == "cleared":
            self._entry.ask_clearing("not_cleared", known, f"{label} is NOT cleared any more, says")
        elif not known.verdict.copies.ok:
            self.say(f"{known.verdict.sentence} Bad copies are never cleared.", True)
        else:
            self._entry.ask_clearing("clear", known, f"clear {label} for formatting, says")

    def _answered(self, purpose: Purpose, text: str) -> None:
        """A name, or a reason, was typed."""
        known = self.looks.cards.get(purpose.key or "")
        if known is None or not text:
            self.say("Nothing was typed; nothing was changed.")
        elif purpose.kind == "not_cleared":
            self.run_worker(self._write(self._clearing.take_back(known, text)))
        elif purpose.kind == "clear" and not known.verdict.log.ok:
            frame = f"{known.card.label}: {known.verdict.reasons[0]}, because"
            self._entry.ask_clearing("clear_note", known, frame, name=text)
        else:
            by, note = (text, "") if purpose.kind == "clear" else (purpose.card or "", text)
            self.run_worker(self._write(self._clearing.clear(known, by, note, self.looks.disks)))

    async def _write(self, said: Awaitable[None]) -> None:
        await said
        self.looks.read_cards()

    def _hand_over(self) -> None:
        roll = self.entry.roll if self.entry is not None else None
        if roll is None:
            self.say("No roll of the log is under the cursor.")
        else:
            self._entry.ask_holder(roll)

    def _write_hand(self, purpose: Purpose, text: str) -> None:
        roll = next((each for each in self.looks.rolls if each.id == purpose.key), None)
        if roll is None or not text:
            self.say("Nobody was named; nothing was changed.")
            return
        verb = partial(hand_over, roll=roll, to=text, unit=self.hand.deps.unit)
        self.hand.intend(verb, self.look, self.say, place=self.PLACE)


def _row_of(under: Entry, listed: Sequence[Entry]) -> int:
    """Where the card is now that one was looking at: the same job, else the same card, roll or reader; else the top."""
    for part, which in enumerate(under.spot):
        for number, each in enumerate(listed, 1):
            if which and each.spot[part] == which:
                return number
    return 0
