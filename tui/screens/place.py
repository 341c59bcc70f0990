"""What all screens share: keys and chords, the footer, the status line, undo, going elsewhere, quitting.

Used by every screen. A key is looked up in the key map and answered by the method that `doing` names for its action.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import ClassVar

from textual import events
from textual.screen import Screen
from textual.timer import Timer

from onset.domain.take import Stamp
from tui.actions import ACTIONS, PLACES, Action
from tui.contested import in_conflict
from tui.hand import Hand
from tui.intents import resolving, rolling
from tui.keys import CHORD_S, LISTED_S, pressed, shown_key
from tui.messages import Moved
from tui.seen import Seen
from tui.widgets.action_list import ActionList
from tui.widgets.alarm_line import AlarmLine
from tui.widgets.conflicts_panel import ConflictsPanel
from tui.widgets.entry import DRAFTED, EntryLine, Purpose, SafeInput
from tui.widgets.field_panel import FieldPanel
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, StatusLine, WrappedLine

QUIT_S = 5.0
TINY, SLIM = 18, 60  # rows and columns of a terminal below which some things have no room at all
WRITTEN_S = 10.0  # so long the end waits for keys that the log has not taken yet
_NS = 1_000_000_000
_DONE, _LOG, _LEAVE = "text.done", "text.log", "text.leave"  # what the footer ends a text with
_BACK = "back"  # the footer's Esc
_SAME_IN_TEXT = {"log.roll_cut": "all.roll_cut_in_text"}
_FOLLOWED = "chord."  # before a key of the footer that shows what may follow it
_WALK = {"up": -1, "down": 1, "pageup": -1, "pagedown": 1}  # in the list of actions


class PlaceScreen(Screen[None]):
    """A place that `G` and a digit lead to."""

    PLACE: ClassVar[str]

    def __init__(self, hand: Hand) -> None:
        super().__init__()
        self.hand = hand
        self._chord: tuple[str, int] | None = None  # the first key, and until when
        self._unlist: Timer | None = None  # takes what may follow it off the screen
        self._quit_at: int | None = None
        self._ending = False
        self._undrawn: Moved | None = None
        self.doing: dict[str, Callable[[str], None]] = {
            "place": self.go_to,
            "roll_cut_in_text": lambda _: self.roll_or_cut(),
            "seen": lambda _: self.say(self.hand.acknowledge()),
            "undo": lambda _: self.hand.undo(self.PLACE, self.look, self.say),
            "redo": lambda _: self.hand.redo(self.look, self.say),
            "conflicts": lambda _: self.open_conflicts(),
            "keys": lambda _: self.query_one(KeysPanel).toggle(self.PLACE, self.hand.keys),
            "command": lambda _: self.open_action_line(),
            "theme": lambda _: self.say(self.hand.colours.change()),
            "dimmer": lambda _: self.say(self.hand.colours.step(-1)),
            "brighter": lambda _: self.say(self.hand.colours.step(1)),
            "quit": lambda _: self.quit(),
            **self.actions(),
        }

    # -- what a place adds ----------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        """The verbs of this place: what each does with its argument."""
        return {}

    def hints(self) -> Sequence[Hint]:
        """The keys that the footer names."""
        return ()

    @property
    def leaves(self) -> bool:
        """Whether Esc goes back from something; the footer then has a tap for it."""
        return self.query_one(KeysPanel).display or any(each.display for each in self.query(ConflictsPanel))

    def keep_drafts(self) -> None:
        """Keep what is half typed without waiting; called before the app ends or shows another place."""
        for field in self.query(SafeInput):
            if field.reading:
                field.keep_now()

    def draw_log(self, moved: Moved) -> None:
        """Draw the log as it is now."""
        self.refresh_hints()

    def shown_again(self) -> None:
        """This place is shown, for the first time or again; it has drawn the log as it is."""

    # -- what all share ---------------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether there is something to draw on: answers of threads may come when the app is on its way out."""
        return self.is_running and len(self.children) > 0

    def log_moved(self, moved: Moved) -> None:
        """Draw the log as it is now, if this screen is still there; a hidden one does so when it is shown again."""
        if self.alive:
            self._undrawn = moved if self._undrawn is None else self._undrawn.then(moved)
            if self.is_current:
                self.draw_undrawn()

    def draw_undrawn(self) -> None:
        """Draw what came while nobody saw this screen."""
        moved, self._undrawn = self._undrawn, None
        if moved is not None:
            self._show_roll()
            self.draw_log(moved)

    def on_screen_resume(self) -> None:
        if self.alive:
            self.draw_undrawn()  # Textual holds the first frame back until this is done
        self.shown_again()

    def look(self, stamp: Stamp) -> Seen:
        """What this screen shows now."""
        board = self.hand.board
        return Seen(board=board, target=board.last_cut, stamp=stamp, confirm=self.hand.confirms())

    # -- rolling --------------------------------------------------------------------------------------------------

    def roll_or_cut(self) -> None:
        """Roll or cut, unless the same key did so less than a second ago on any screen."""
        if not self.hand.roll_key():
            return
        if self.hand.board.rolling is None:
            for each in self.hand.shows:
                if isinstance(each, PlaceScreen):
                    each.about_to_roll()
        self.hand.intend(rolling.roll_or_cut, self.look, self.say, place=self.PLACE)

    def about_to_roll(self) -> None:
        """This seat's roll key is about to roll the next take."""

    def _show_roll(self) -> None:
        """Every field says what rolls and how to cut from inside it (screen rule 3)."""
        line = self.query_one_optional(EntryLine)  # found again without a walk through the screen, which `query` takes
        if line is not None:
            line.show_roll(self.hand.board, self.hand.keys.shown("all.roll_cut_in_text"))

    # -- alarms ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> Awaitable[None] | None:
        """Textual calls this after the place's own: every place has the line on which alarms stand."""
        self.mount(AlarmLine(id="alarm"), before="#status")
        self.mount(ActionList(self.PLACE, self.hand.keys, id="actions"))
        self._show_roll()
        self.ring()
        return None

    def ring(self) -> None:
        """Show what rings, or take it off."""
        for line in self.query(AlarmLine):
            alarms = self.hand.alarms
            line.ring(alarms.sentence, len(alarms.ringing), self.hand.keys.shown("all.seen"))

    def on_alarm_line_tapped(self) -> None:
        self.say(self.hand.acknowledge())

    # -- conflicts ------------------------------------------------------------------------------------------------

    def contest(self) -> None:
        """Fields came into conflict, or somebody picked."""
        for panel in self.query(ConflictsPanel):
            panel.show_conflicts(self.hand.contested.found)
        self.refresh_hints()

    def open_conflicts(self) -> None:
        """Show who said what, beside the work; no key waits for it."""
        found = self.hand.contested.found
        if not found:
            self.say("Nothing is in conflict.")
            return
        self.say("")
        for panel in self.query(ConflictsPanel):
            panel.open(found)
            return
        host = next(iter(self.query("#middle")), self)
        host.mount(ConflictsPanel(found, id="conflicts"))

    def on_conflicts_panel_taken(self, message: ConflictsPanel.Taken) -> None:
        self.hand.intend(
            partial(resolving.take, conflict=message.conflict, number=message.number),
            self.look,
            self.say,
            place=self.PLACE,
        )

    # -- words ----------------------------------------------------------------------------------------------------

    def say(self, sentence: str, alarm: bool = False) -> None:
        """Say a sentence on the status line."""
        if not self.alive:
            return
        self.query_one(StatusLine).say(sentence, alarm=alarm)
        self.refresh_hints()

    def refresh_hints(self) -> None:
        """Name the keys as they are now."""
        if self.alive:
            hints, found = list(self.hints()), self.hand.contested.found
            if found:
                hints.insert(1, self.hint("all.conflicts", in_conflict(len(found)), amber=True))
            back = [Hint("Esc", "back", _BACK)] if self.leaves else []
            always = [*back, *self._places_hint(), self.hint("all.command", "actions"), self.hint("all.quit", "quit")]
            if typing := self._typing_hints():
                hints, always = [*typing, *self._in_text(hints)], self._in_text(always)
            self.query_one(Footer).show(hints, always)

    def _typing_hints(self) -> Sequence[Hint]:
        """How what is typed ends: a tablet's keyboard may have no Esc."""
        field = self.focused
        if not (isinstance(field, SafeInput) and field.reading):
            return ()
        if isinstance(field.parent, FieldPanel):
            return (Hint("Enter", "next", _DONE), Hint("Ctrl+S", "log it", _LOG), Hint("Esc", "leave", _LEAVE))
        return (Hint("Enter", "done", _DONE), Hint("Esc", "leave", _LEAVE))

    def _in_text(self, hints: Sequence[Hint]) -> list[Hint]:
        """Those that a key does while one types, with that key: the others are letters there."""
        keys = [self.hand.keys.shown_in_text(_SAME_IN_TEXT.get(each.action, each.action)) for each in hints]
        return [replace(each, key=key) for each, key in zip(hints, keys, strict=True) if key]

    def on_descendant_focus(self) -> None:
        self.refresh_hints()

    def hint(self, action_id: str, text: str, *, amber: bool = False) -> Hint:
        """A key for the footer."""
        return Hint(self.hand.keys.shown(action_id), text, action_id, amber)

    def _places_hint(self) -> Sequence[Hint]:
        """The key that all places follow, if they have one."""
        keys = self.hand.keys
        first = {key.split(" ")[0] for _, place, _ in PLACES for key in keys.keys[f"all.place.{place}"] if " " in key}
        return [Hint(shown_key(key), "places", f"{_FOLLOWED}{key}") for key in sorted(first)]

    def elsewhere(self) -> list[Hint]:
        """The other places."""
        return [self.hint(f"all.place.{place}", title) for _, place, title in PLACES if place != self.PLACE]

    # -- keys -----------------------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        if not self.is_current:  # pressed right after the key that went to another place, and sent to this one
            event.stop()
            self.app.screen.post_message(events.Key(event.key, event.character))
            return
        key = pressed(event.key, event.character)
        field = self.focused if isinstance(self.focused, SafeInput) and self.focused.reading else None
        typing = field is not None
        if key in _WALK and self._naming:
            event.stop()
            actions = self.query_one(ActionList)
            actions.move(_WALK[key] * (actions.page_rows() if key.startswith("page") else 1))
            return
        if field is not None and (event.is_printable or key in ("enter", "escape")):
            event.stop()  # pressed right after the key that opened the field, and sent to what had the focus then
            if event.is_printable and event.character:
                field.insert_text_at_cursor(event.character)
            else:
                field.end(entered=key == "enter")
            return
        keys = self.hand.keys
        if not typing and self._chord is not None:
            first, until_ns = self._chord
            self._chord = None
            action = keys.action(self.PLACE, f"{first} {key}")
            if action is not None and self._now() < until_ns:
                event.stop()
                self.run(action)
                return
        action = keys.action(self.PLACE, key)
        if action is not None and (action.in_text or not typing):
            event.stop()
            event.prevent_default()
            self.run(action)
        elif not typing and not keys.begins_chord(self.PLACE, key):
            self._answer_other(key, event)
        if not typing and keys.begins_chord(self.PLACE, key):
            event.stop()
            if action is None:
                self._list_chord(key)
            else:
                self._chord = (key, self._now() + int(CHORD_S * _NS))

    def answer_in_text(self, key: str) -> bool:
        """Do what a key means while one types, before any later key is answered; False where it means nothing there."""
        action = self.hand.keys.action(self.PLACE, key)
        if action is None or not action.in_text:
            return False
        self.run(action)
        return True

    def _list_chord(self, key: str) -> None:
        """Show what may follow a key, for as long as it may; each can be tapped."""
        self._chord = (key, self._now() + int(LISTED_S * _NS))
        following = self.hand.keys.chords(self.PLACE, key)
        status = self.query_one("#status", StatusLine)
        status.offer(shown_key(key), [Hint(second, each.hint or each.title, each.id) for second, each in following])
        self.refresh_hints()
        text = status.text
        if self._unlist is not None:
            self._unlist.stop()  # the same list may stand there from before
        self._unlist = self.set_timer(LISTED_S, lambda: self.say("") if status.text == text else None)

    def _answer_other(self, key: str, event: events.Key) -> None:
        if self.query_one(KeysPanel).turn(key):
            event.stop()
        else:
            self.other_key(key, event)
        if key == "escape":
            self.refresh_hints()

    def _escape(self) -> None:
        """Esc was tapped."""
        escape = events.Key("escape", None)
        conflicts = [each for each in self.query(ConflictsPanel) if each.display]
        if conflicts:
            conflicts[0].post_message(escape)
        else:
            self._answer_other("escape", escape)

    def other_key(self, key: str, event: events.Key) -> None:
        """A key that is no action here: arrows, Escape."""

    def run(self, action: Action) -> None:
        """Do what an action says."""
        if action.verb != "quit":
            self._quit_at = None
        doing = self.doing.get(action.verb)
        if doing is not None and action.place in (self.PLACE, "all"):
            doing(action.argument)
            self.refresh_hints()
        self._show_actions()

    def _now(self) -> int:
        return self.hand.deps.clock.monotonic_ns()

    def on_footer_tapped(self, message: Footer.Tapped) -> None:
        action = next((each for each in ACTIONS if each.id == message.action), None)
        field = self.focused
        if message.action.startswith(_FOLLOWED):
            self._list_chord(message.action.removeprefix(_FOLLOWED))
        elif message.action == _BACK:
            self._escape()
        elif action is not None:
            self.run(action)
        elif isinstance(field, SafeInput) and field.reading:
            if message.action == _LOG and isinstance(field.parent, FieldPanel):
                field.parent.log_fields()
            else:
                field.end(entered=message.action == _DONE)

    # -- everywhere -----------------------------------------------------------------------------------------------

    def go_to(self, place: str) -> None:
        """Show another place."""
        self.keep_drafts()
        if self.query_one("#status", StatusLine).offers:
            self.say("")  # what may follow a key is no news when one comes back
        self.app.switch_mode(place)

    def quit(self) -> None:
        """End the app; only at the second press while a take rolls (recording goes on) or a key waits for the log."""
        running = self.hand.board.rolling
        asked = self._quit_at is not None and self._now() - self._quit_at < QUIT_S * _NS
        if not asked and (running is not None or not self.hand.idle):
            self._quit_at = self._now()
            key = self.hand.keys.shown("all.quit")
            goes_on = f"{running.label} rolls and goes on without this screen" if running is not None else ""
            self.say(f"{goes_on or 'The log has not taken your last key yet'}; {key} again quits.", True)
            return
        if self.hand.idle:
            self.keep_drafts()
            self.app.exit()
        elif not self._ending:
            self._ending = True
            self.say("onset ends when the log has your last keys.", True)
            self.run_worker(self._end_when_written())

    async def _end_when_written(self) -> None:
        written = await self.hand.all_written(WRITTEN_S)
        self.keep_drafts()
        lost = f"The log did not take your last keys within {WRITTEN_S:.0f} s; onset log list tells what it has."
        self.app.exit(message=None if written else lost)

    # -- every action by name -------------------------------------------------------------------------------------

    def open_action_line(self) -> None:
        """Type the name of any action, or pick it from the list; what is half typed elsewhere stays a draft."""
        entry, field = self.query_one(EntryLine), self.focused
        if isinstance(field, SafeInput) and field.reading and field is not entry.field:
            self.say("Enter or Esc ends what is typed here; then the list of actions opens.")
            return
        if entry.purpose is not None and entry.purpose.kind in DRAFTED and entry.field.value:
            self.say("What you typed is kept as a draft.")
        entry.open(Purpose("action"), placeholder="an action by name; up, down, Enter runs it")
        entry.frame("action")
        self.query_one(ActionList).narrow("")
        self._show_actions()

    @property
    def _naming(self) -> bool:
        """Whether the name of an action is being typed."""
        purpose = self.query_one(EntryLine).purpose
        return purpose is not None and purpose.kind == "action"

    def _show_actions(self) -> None:
        """The list stands on the line that is typed into while that names an action."""
        actions = self.query_one_optional(ActionList)
        if actions is not None:
            actions.display = self._naming
            if actions.display:
                below = [each for each in (*self.query(WrappedLine), *self.query(Footer)) if each.display]
                actions.styles.margin = (0, 0, 1 + sum(each.size.height for each in below), 0)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height < TINY, "-tiny")
        self.set_class(event.size.width < SLIM, "-slim")
        self.call_after_refresh(self._show_actions)
        self.call_after_refresh(self.refresh_hints)  # some keys are of a small screen only

    def on_entry_line_changed(self, message: EntryLine.Changed) -> None:
        if message.purpose.kind == "action":
            self.query_one(ActionList).narrow(message.text)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self._show_actions()

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self._show_actions()

    def on_action_list_chosen(self, message: ActionList.Chosen) -> None:
        self.query_one(EntryLine).field.end(entered=True)  # as Enter on that row; what has the cursor then is the same

    def run_named(self, text: str) -> None:
        """Run the action under the list's cursor, after what was typed."""
        found = self.query_one(ActionList).narrow(text)
        if found is not None:
            self.run(found)
        else:
            self.say(f'There is no action "{text.strip()}" here; {self.hand.keys.shown("all.keys")} lists them.')


async def loaded(*modules: str) -> None:
    """Load what a place needs from its first moment: off the event loop, which that would hold for up to 0.1 s."""
    if missing := [each for each in modules if each not in sys.modules]:
        await asyncio.to_thread(lambda: [import_module(each) for each in missing])
