"""The Log screen: where a script supervisor spends the day. Its rules and keys are those of the user guide.

It puts widgets together and answers keys; what a key means for the log stands in `tui/intents`, what is typed in
`log_entry.py`, which takes the list shows in `log_list.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from onset.domain.take import Board, Kind, Stamp, Status, Take
from onset.logbook.days import still_open
from onset.logbook.protocol import Logbook
from tui.actions import PHRASES
from tui.day_tally import DayTally
from tui.from_set import in_words, proposed
from tui.hand import Hand
from tui.intents import judging, rolling, upcoming, words
from tui.messages import Moved
from tui.recording import recording_devices
from tui.screens.log_around import LogAround
from tui.screens.log_entry import LogEntry
from tui.screens.log_list import LogList
from tui.screens.place import PlaceScreen
from tui.seen import Seen, Verb
from tui.widgets.board import BoardView
from tui.widgets.cell_edit import CellEdit
from tui.widgets.entry import EntryLine, SafeInput
from tui.widgets.field_panel import FieldPanel
from tui.widgets.first_run import FirstRun
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine, WrappedLine
from tui.widgets.setup_panel import SetupPanel
from tui.widgets.take_list import TakeList
from tui.widgets.take_panel import TakePanel
from tui.widgets.take_row import clock_text

RECORDING_EVERY_S = 0.5


class LogScreen(PlaceScreen):
    """Board, takes, totals, a line to type into, what happened last, and the keys."""

    PLACE: ClassVar[str] = "log"
    # Screen moves the focus on Tab; here Tab has nowhere to go.
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("tab", "app.nothing", show=False),
        Binding("shift+tab", "app.nothing", show=False),
    ]

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self.list = LogList(self, hand, self._list_begun)
        self._around = LogAround(self, hand)
        self._proposed = ""  # what was said of the board, while nothing else was said

    def compose(self) -> ComposeResult:
        deps = self.hand.deps
        yield Line(id="heading")
        yield BoardView(deps.clock, deps.label_at, deps.config.capture.timecode[0], id="board")
        with Vertical(id="middle"):
            yield TakeList(id="takes")
            yield FirstRun(id="first")
            yield SetupPanel(self.hand.drafts, id="setup")
            yield TakePanel(self.hand.drafts, id="fields")
            yield KeysPanel(id="keys")
        yield WrappedLine(id="planned")
        yield Line(id="totals")
        yield LogEntry(self.hand, self.look, self.log_typed, self.say, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield CellEdit(self.hand.drafts, id="cell")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        self.set_interval(RECORDING_EVERY_S, self._show_recording)
        self.set_focus(self.takes)
        self._show_board()
        self.list.read()
        self._around.begin()
        read_only = self.hand.opened.read_only
        if read_only:
            self.say(read_only, True)
        else:
            self._propose("is still rolling")
            if self.hand.board.rolling is None:
                self.run_worker(self._tell_open_yesterday())
        self.call_after_refresh(self.entry.offer_draft)

    def shown_again(self) -> None:
        self._around.resume()

    def on_resize(self, event: events.Resize) -> None:
        if self.alive:
            self._show_totals()
            self.call_after_refresh(self._place_cell)

    def _propose(self, rolls: str = "rolls") -> None:
        """Say what Space does, as the board is now; `rolls` of a take that does."""
        board, keys = self.hand.board, self.hand.keys
        running = board.rolling
        if running is not None:
            left = f"; {keys.shown('log.interrupted')} closes it as interrupted"
            left = left if running.id in self.hand.broken_off else ""
            self._proposed = f"{running.label} {rolls}; Space cuts it{left}."
        elif board.slate:
            self._proposed = f"Space rolls {board.slate}/{board.take}."
        else:
            self._proposed = "S types the first slate, then Space rolls."
        self.say(self._proposed)

    # -- parts ----------------------------------------------------------------------------------------------------

    @property
    def takes(self) -> TakeList:
        return self.query_one(TakeList)

    @property
    def tally(self) -> DayTally:
        """The day's takes, counted."""
        return self._around.tally

    @property
    def entry(self) -> LogEntry:
        return self.query_one(LogEntry)

    @property
    def _panels(self) -> tuple[FieldPanel, FieldPanel]:
        return self.query_one(SetupPanel), self.query_one(TakePanel)

    @property
    def board_view(self) -> BoardView:
        return self.query_one(BoardView)

    @property
    def target(self) -> Take | None:
        """The take that status keys act on: the last cut one, unless the cursor was moved on purpose."""
        return self.takes.take if self.takes.on_purpose else self.hand.board.last_cut

    def _mean(self) -> None:
        """The list knows which take keys mean while nobody moves the cursor: the one that rolls, else the last cut."""
        meant = self.hand.board.rolling or self.hand.board.last_cut
        self.takes.meant = meant.id if meant else None

    def look(self, stamp: Stamp) -> Seen:
        self.draw_undrawn()  # a key that had to wait is asked about when another place is shown, too
        return Seen(board=self.hand.board, target=self.target, stamp=stamp, confirm=self.hand.confirms())

    # -- keys -----------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        def edit(verb: Verb) -> Callable[[str], None]:
            return lambda _: self.log_it(verb)

        def edit_with(verb: Callable[[Logbook, Seen, str], str]) -> Callable[[str], None]:
            return lambda argument: self.log_it(lambda log, seen: verb(log, seen, argument))

        return {
            "roll_cut": lambda _: self.roll_or_cut(),
            "action": lambda _: self._action(),
            "earlier": edit(rolling.earlier),
            "interrupted": lambda _: self._close_interrupted(),
            "mark": edit(rolling.mark),
            "camera": edit_with(rolling.camera),
            "sound": edit(rolling.sound),
            "tail": edit(rolling.tail_slate),
            "mos": edit(rolling.mos),
            "circle": edit(partial(judging.judge, status=Status.CIRCLED)),
            "hold": edit(partial(judging.judge, status=Status.HOLD)),
            "ng": edit(partial(judging.judge, status=Status.NG)),
            "reason": edit_with(judging.reason),
            "false_start": edit(judging.false_start),
            "pickup": edit(partial(upcoming.kind, wanted=Kind.PICKUP)),
            "wild": edit(partial(upcoming.kind, wanted=Kind.WILD_TRACK)),
            "roll_label": edit_with(upcoming.roll_label),
            "phrase": lambda n: self.log_it(lambda log, seen: words.phrase(log, seen, PHRASES[int(n) - 1])),
            "note": lambda _: self.entry.note(),
            "continuity": lambda _: self.entry.continuity(),
            "slate": lambda _: self.entry.slate(),
            "slated_as": lambda _: self.entry.slated_as(),
            "insert": lambda _: self.entry.insert(),
            "find": lambda _: self.entry.find(self.list.filter.text or ""),
            "setup": lambda _: self._open_setup(),
            "fields": lambda _: self._open_fields(),
            "keys": lambda _: self._toggle_keys(),
            "edit": lambda _: self._edit_cell(),
        }

    def log_it(self, verb: Verb) -> None:
        """An edit made on this screen: of the take that is picked now, though keys that follow may let it go."""
        picked = self.takes.take if self.takes.on_purpose else None

        def look(stamp: Stamp) -> Seen:
            seen = self.look(stamp)
            return replace(seen, target=self.takes.newest(picked) if picked is not None else seen.board.last_cut)

        self.hand.intend(verb, look, self.say, place=self.PLACE)

    def log_typed(self, verb: Verb, done: Callable[[], None], failed: Callable[[], None]) -> None:
        """An edit that was typed; told whether the log has it, so that no word is lost."""
        self.hand.intend(verb, self.look, self.say, place=self.PLACE, done=done, failed=failed)

    def about_to_roll(self) -> None:
        self.takes.let_go()  # what was picked before this take is not what the next key means
        self.board_view.rehearsal_ns = None

    def _close_interrupted(self) -> None:
        running = self.hand.board.rolling
        if running is None or running.id not in self.hand.broken_off:
            self.say("No take was left rolling; Space cuts one that rolls.")
        else:
            self.log_it(rolling.interrupted)

    def _action(self) -> None:
        if self.hand.board.rolling is not None or not self.hand.idle:
            self.log_it(rolling.action)
            return
        view = self.board_view
        if view.rehearsal_ns is None:
            view.rehearsal_ns = self._now()
            self.say("Rehearsal runs; A stops it.")
        else:
            duration_ns = self._now() - view.rehearsal_ns
            view.rehearsal_ns = None
            self.log_it(partial(rolling.rehearsal, duration_ns=duration_ns))
        view.tick()

    def other_key(self, key: str, event: events.Key) -> None:
        takes = self.takes
        moves: dict[str, Callable[[], None]] = {
            "up": lambda: takes.move(-1),
            "down": lambda: takes.move(1),
            "left": lambda: takes.move(cells=-1),
            "right": lambda: takes.move(cells=1),
            "pageup": lambda: takes.move(-takes.page_rows()),
            "pagedown": lambda: takes.move(takes.page_rows()),
            "home": lambda: takes.pick(0),
            "end": takes.let_go,
            "escape": self._let_go,
        }
        if key in moves and self.focused is takes:
            event.stop()
            moves[key]()

    def _let_go(self) -> None:
        if self.list.filter.text:
            self.list.find("")
        else:
            self.takes.let_go()
            self.say("")

    @property
    def leaves(self) -> bool:
        return super().leaves or bool(self.list.filter.text) or self.takes.on_purpose

    def hints(self) -> Sequence[Hint]:
        board, target = self.hand.board, self.target
        amber = self.takes.on_purpose and target is not None
        name = target.label if target else "-"
        running = board.rolling
        proposed = f"roll {board.slate}/{board.take}" if board.slate else "roll"
        roll = f"cut {running.label}" if running else proposed
        return [
            self.hint("log.roll_cut", roll),
            self.hint("log.action", "action" if running else "rehearse"),
            self.hint("log.circle", f"circles {name}", amber=amber),
            self.hint("log.hold", "hold"),
            self.hint("log.ng", "no good"),
            self.hint("log.false_start", "false start"),
            self.hint("log.note", f"note {running.label if running else name}"),
            self.hint("log.slate", "slate"),
            *([self.hint("log.mark", "mark")] if running else []),
            self.hint("all.undo", "undo"),
            self.hint("log.find", "find"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
            self.hint("log.setup", "setup"),
            self.hint("log.edit", "edit"),
            self.hint("log.fields", "all fields"),
        ]

    # -- what the log says ------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self._show_board()
        if self._proposed and self.query_one(StatusLine).text == self._proposed:
            self._propose()
        found = self.list.log_moved(moved)
        self._around.log_moved(moved, found)
        self._show_first()
        self.refresh_hints()

    def contest(self) -> None:
        super().contest()
        if self.alive:
            self._around.mark()
            self._show_totals()

    def _show_board(self) -> None:
        hand = self.hand
        self._mean()
        self.board_view.show(hand.board)
        self.takes.show_cameras([each.camera for each in hand.board.cameras] or ["A"])
        self._show_heading()
        self.entry.show_board(hand.board)
        for each in (*self._panels, self.query_one(CellEdit)):
            each.show_roll(hand.board, hand.keys.shown("all.roll_cut_in_text"))

    def ring(self) -> None:
        """The heading may not say that an edit is saved while an alarm says that it is not."""
        super().ring()
        if self.alive:
            self._show_heading()

    def _show_heading(self) -> None:
        hand = self.hand
        production, seat = hand.opened.production, hand.opened.seat
        saved = hand.unsaved or (f"saved {clock_text(hand.saved_ns)}" if hand.saved_ns else production.rate.name)
        title = f"onset  {production.title}  day {hand.board.day}  {hand.board.unit}"
        self.query_one("#heading", Line).show(title, f"{seat.name}  {saved}")

    def _show_totals(self) -> None:
        text = self.list.filter.text
        self._around.show(f"find {text}: {self.takes.pages.count}   Esc ends" if text else "")
        self._show_first()

    def _show_first(self) -> None:
        """What a newcomer needs, while the log is empty and nothing lies where it would stand."""
        beside = any(each.display for each in (self.query_one(KeysPanel), *self._panels))
        empty = not (self.takes.pages.count or self.list.filter.text or self.hand.board.rolling)
        self._around.show_first(empty and not beside)

    def _toggle_keys(self) -> None:
        self.query_one(KeysPanel).toggle(self.PLACE, self.hand.keys)
        self._show_first()

    def _show_recording(self) -> None:
        if self.hand.deps.live is not None and self.is_current:
            live, board, now = self.hand.deps.live, self.hand.board, self._now()
            self.board_view.show_recording(recording_devices(live, board, now))
            proposal = proposed(live, board, now)
            self.board_view.show_proposal("" if proposal is None else in_words(proposal, board, self.hand.keys))

    async def _tell_open_yesterday(self) -> None:
        """A day that nobody ended is offered for closing before today's first roll goes on it."""
        now_ns, unit = self.hand.deps.clock.wall_ns(), self.hand.deps.unit
        found = await self.hand.desk.read(lambda log: log.open_yesterday(now_ns=now_ns, unit=unit))
        if found is not None and self.alive and self.hand.board.rolling is None:
            place, wrap = (self.hand.keys.shown(each) for each in ("all.place.day", "day.wrap"))
            self.say(f"{still_open(found)}; {place}, {wrap} twice wraps it.", True)

    # -- the list ---------------------------------------------------------------------------------------------------

    def _list_begun(self) -> None:
        self._show_totals()
        self.refresh_hints()

    def on_take_list_missing(self, message: TakeList.Missing) -> None:
        self.list.fetch(message.page)

    def on_take_list_picked(self, message: TakeList.Picked) -> None:
        self.refresh_hints()
        if message.again:
            self._edit_cell()

    def on_take_list_sought(self, message: TakeList.Sought) -> None:
        self.list.seek(message.take_id)

    def on_take_list_gone(self, message: TakeList.Gone) -> None:
        if message.take.id == self.entry.inserted:  # taken back where it was inserted
            self.takes.let_go()
        else:
            near = f"the cursor is on {message.near.label}" if message.near else "the cursor is let go"
            self.say(f"{message.take.label} was deleted; {near}.")

    # -- typing -----------------------------------------------------------------------------------------------------

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self._back_to_takes()
        if message.purpose.kind == "action":
            self.run_named(message.text)
        elif message.purpose.kind != "find":
            self.entry.finish(message.purpose, message.text)

    def on_log_entry_inserted(self, message: LogEntry.Inserted) -> None:
        self.takes.pick_take(message.take_id)  # on purpose, until the next roll: what was missed has yet to be judged

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self._back_to_takes()
        if message.purpose.kind == "find":
            self.list.find("")
        else:
            self.entry.leave(message.purpose, message.text)

    def on_entry_line_changed(self, message: EntryLine.Changed) -> None:
        if message.purpose.kind == "find":
            self.list.find(message.text)

    def _back_to_takes(self) -> None:
        if not (isinstance(self.focused, SafeInput) and self.focused.reading):  # a later key opened another field
            self.set_focus(self.takes)

    def _edit_cell(self) -> None:
        take, column = self.takes.take, self.takes.column
        if take is None:
            self.say("There is no take to edit.")
        else:
            refused = self.query_one(CellEdit).open(take, column, self.takes.cell_region(), self.size.width)
            if refused:
                self.say(refused)

    def _place_cell(self) -> None:
        cell = self.query_one_optional(CellEdit)
        if cell is not None and cell.display:
            cell.place(self.takes.cell_region(), self.size.width)

    def on_cell_edit_done(self, message: CellEdit.Done) -> None:
        self._back_to_takes()
        if message.text is not None:
            take_id, column, camera = message.about
            self.log_typed(
                partial(words.cell, text=message.text, take_id=take_id, column=column, camera=camera),
                lambda: self.hand.drafts.forget(message.spot),
                lambda: None,  # what was refused is still there when the cell is opened again
            )

    def _open_setup(self) -> None:
        board = self.hand.board
        slate = board.rolling.slate if board.rolling else board.slate
        self.query_one(TakePanel).put_away()
        self.run_worker(self._show_setup(slate, board))

    async def _show_setup(self, slate: str, board: Board) -> None:
        await self.query_one(SetupPanel).open(self.hand, slate, board)
        self._show_first()

    def _open_fields(self) -> None:
        take = self.takes.take
        if take is None:
            self.say("There is no take whose fields could be shown.")
        else:
            self.query_one(SetupPanel).put_away()
            self.run_worker(self.query_one(TakePanel).open(self.hand, take.id))

    def on_field_panel_done(self, message: FieldPanel.Done) -> None:
        self._back_to_takes()
        self._show_first()
        if message.verb is not None:
            self.log_typed(message.verb, lambda: self.hand.drafts.forget(*message.spots), message.again)
