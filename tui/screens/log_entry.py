"""What is typed on the Log screen: notes, continuity, the slate line, slated-as, missed takes, find; and its drafts.

A note belongs to the take of its first keystroke and carries the timecode of that moment (screen rule 3). Drafts are
kept in the log beside the edits, so they survive the program (`tui/drafts.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from onset.domain.note import Audience
from onset.domain.take import Board, Stamp, Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.slate import Slating
from tui.hand import Hand
from tui.intents import upcoming, words
from tui.seen import Seen, Verb
from tui.widgets.entry import EntryLine, Purpose

# Escape ends the typing of a note, and its words stay for later; in the other lines it drops what was typed.
STAYS = frozenset(("note", "continuity"))


class LogEntry(EntryLine):
    """The entry line with the purposes of the Log screen."""

    @dataclass
    class Inserted(Message):
        """The log has a take that was missed (id)."""

        take_id: str

    def __init__(
        self,
        hand: Hand,
        look: Callable[[Stamp], Seen],
        log_it: Callable[[Verb, Callable[[], None], Callable[[], None]], None],
        say: Callable[[str], None],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(hand.drafts, id=id)
        self._hand = hand
        self._look = look
        self._log_it = log_it
        self._say = say
        self.planned = ""  # the planned setup that comes next, in a few words
        self.inserted: str | None = None  # the take that was inserted last
        # Notes begun while the log was still asked to roll, each with what it is about once that is known
        self._coming: dict[Purpose, Purpose | None] = {}

    @property
    def _slating(self) -> Slating:
        return self._hand.opened.production.numbering()

    # -- opening ----------------------------------------------------------------------------------------------------

    def note(self) -> None:
        """A note on the take that rolls, else on the one that the footer names."""
        self._about_take("note", "what the editor should know; Enter keeps it")

    def continuity(self) -> None:
        """A continuity note: of the take, for the production and not for the editor."""
        self._about_take("continuity", "continuity: wardrobe, props, action; Enter keeps it")

    def _about_take(self, kind: str, placeholder: str) -> None:
        if self._rolls_soon:
            self._say("")
            self.open(Purpose(kind), placeholder=placeholder, bind=lambda: self._bound(kind, None))
            self.show_board(self._hand.board)
            return
        try:
            take = words.noted(self._seen())
        except RefusedError as error:
            self._say(str(error))
            return
        self._say("")
        if self.drafts.at((kind, take.id)) is not None:
            self.open(Purpose(kind, take.id), placeholder=placeholder)
        else:
            self.open(Purpose(kind), placeholder=placeholder, bind=lambda: self._bound(kind, take.id))
        self.show_board(self._hand.board)

    @property
    def _rolls_soon(self) -> bool:
        """A key that may roll waits for the log: the board does not know yet which take rolls now."""
        return self._hand.board.rolling is None and not self._hand.idle

    def _bound(self, kind: str, opened_on: str | None) -> Purpose:
        """The first key: the take that rolls now, else the one the line was opened for."""
        stamp = self._hand.deps.stamp()
        self.call_later(self.show_board, self._hand.board)
        if not self._rolls_soon:
            return self._on_take(kind, opened_on, stamp)
        purpose = Purpose(kind, stamp=stamp)
        self._coming[purpose] = None
        self._hand.when_written(lambda: self._came(purpose, opened_on))
        return purpose

    def _on_take(self, kind: str, opened_on: str | None, stamp: Stamp | None) -> Purpose:
        rolling = self._hand.board.rolling
        if rolling is not None:
            return Purpose(kind, rolling.id, stamp)
        target = self._seen().target
        return Purpose(kind, opened_on or (target.id if target is not None else None))

    def _came(self, purpose: Purpose, opened_on: str | None) -> None:
        """The log has the keys before the first letter of a note: it is of the take that they left rolling."""
        self._coming[purpose] = bound = self._on_take(purpose.kind, opened_on, purpose.stamp)
        if self.purpose is purpose:
            self.purpose = bound
            self.keep(bound, self.field.value)
            self.show_board(self._hand.board)

    def keep(self, purpose: Purpose, text: str) -> None:
        """A note whose take is not known yet is kept when it is."""
        if purpose not in self._coming:
            super().keep(purpose, text)

    def _when_known(self, purpose: Purpose, end: Callable[[Purpose], None]) -> None:
        """End a text when it is known what it is about: now, unless the log is still asked."""
        if purpose in self._coming:
            self._hand.when_written(lambda: end(self._coming.pop(purpose) or purpose))
        else:
            end(purpose)

    def _seen(self) -> Seen:
        return self._look(Stamp(wall_ns=0, mono_ns=0))

    def slate(self) -> None:
        """Enter takes the next setup, typing takes any scene, slate or take; a rolling take is left alone."""
        plan = f'+: planned "{self.planned}"; ' if self.planned else ""
        self.open(Purpose("slate"), placeholder=f"Enter: next setup; {plan}or 42D, 42D/3, /5, or scene 42D/3")
        self._opened()

    def slated_as(self) -> None:
        """What picture and sound say when the board was wrong."""
        board = self._hand.board
        take = board.rolling or self._seen().target
        if take is None:
            self._say("No take is there that could have been slated wrong.")
            return
        self.open(
            Purpose("slated_as", take.id), text=take.slated_as or "", placeholder="what the clapper board said: 42B/3"
        )
        self._opened()

    def insert(self) -> None:
        """A take that was missed."""
        rolling = self._hand.board.rolling
        if rolling is not None:
            self._say(f"{rolling.label} rolls; a missed take is inserted after the cut.")
            return
        self.open(
            Purpose("insert"),
            placeholder=f"the missed take: {self._hand.board.slate}/4 at 17:20 for 45; Enter: the next number, now",
        )
        self._opened()

    def _opened(self) -> None:
        self.show_board(self._hand.board)
        half = self.purpose is not None and self.drafts.at(self.purpose.spot) is not None
        self._say("This was half typed before; Enter takes it, Esc drops it." if half else "")

    def find(self, text: str) -> None:
        """Narrow the list as one types."""
        self.open(
            Purpose("find"), text=text, placeholder="words in slates, notes, tags; Enter keeps the list, Esc ends"
        )
        self.show_board(self._hand.board)

    # -- the frame --------------------------------------------------------------------------------------------------

    def show_board(self, board: Board) -> None:
        """The frame says what is typed, for which take, and how to cut from here."""
        purpose = self.purpose
        if purpose is None:
            return
        self.show_roll(board, self._hand.keys.shown("all.roll_cut_in_text"))
        self.frame(self._what(purpose))

    def _what(self, purpose: Purpose) -> str:
        if purpose.kind in ("note", "continuity"):
            seen = self._seen()
            if purpose.take_id is None and self._rolls_soon:
                return f"{purpose.kind} of the take that the log is asked for"
            take = self._known(purpose.take_id) if purpose.take_id else seen.board.rolling or seen.target
            at = f" {purpose.stamp.tc}" if purpose.stamp and purpose.stamp.tc else ""
            return f"{purpose.kind} {take.label if take else ''}{at}"
        return purpose.kind.replace("_", " ")

    def _known(self, take_id: str | None) -> Take | None:
        seen = self._seen()
        known = [each for each in (seen.board.rolling, seen.board.last_cut, seen.target) if each is not None]
        return next((each for each in known if each.id == take_id), None)

    # -- closing ----------------------------------------------------------------------------------------------------

    def finish(self, purpose: Purpose, text: str) -> None:
        """Enter: log what was typed. A draft goes only when the log has it; what it refuses is there to be mended."""
        self._when_known(purpose, lambda known: self._finish(known, text))

    def _finish(self, purpose: Purpose, text: str) -> None:
        if purpose.kind in STAYS and purpose.take_id is None:  # what it was to be of did not roll
            purpose = self._on_take(purpose.kind, None, purpose.stamp)
        verb = self._verb(purpose, text)
        if verb is None and text.strip() and purpose.kind in STAYS:
            self.open(purpose, text=text)
            self._say("No take is there that this could be noted on; Enter notes it when one is.")
            return
        if verb is None:
            self.drafts.forget(purpose.spot)
            self._say("Nothing was typed.")
            return
        self.keep(purpose, text)
        self._log_it(verb, lambda: self._done(purpose), lambda: self._again(purpose))

    def _done(self, purpose: Purpose) -> None:
        self.drafts.forget(purpose.spot)
        if purpose.kind == "insert" and self.inserted is not None:
            self.post_message(self.Inserted(self.inserted))

    def _again(self, purpose: Purpose) -> None:
        if self.purpose is None:
            self.open(purpose)
            self.show_board(self._hand.board)

    def _verb(self, purpose: Purpose, text: str) -> Verb | None:
        take_id, stamp = purpose.take_id, purpose.stamp
        slating = self._slating
        match purpose.kind:
            case "slate":
                return lambda log, seen: upcoming.slate(log, seen, text, slating)
            case "insert":
                return lambda log, seen: self._insert(log, seen, text)
            case "slated_as" if take_id is not None:
                return lambda log, seen: words.slated_as(log, seen, text, take_id=take_id)
            case "note" | "continuity" if take_id is not None and text.strip():
                audience = Audience.PRODUCTION if purpose.kind == "continuity" else Audience.EDITOR
                return lambda log, seen: words.note(log, seen, text, take_id=take_id, stamp=stamp, audience=audience)
        return None

    def _insert(self, log: Logbook, seen: Seen, text: str) -> str:
        """On the writer's thread; `finish` shows the take when the log has it."""
        take = words.insert(log, seen, text)
        self.inserted = take.id
        return f"{take.label} inserted."

    def leave(self, purpose: Purpose, text: str) -> None:
        """Escape: nothing is logged. The words of a note stay, those of another line are dropped on purpose."""
        self._when_known(purpose, lambda known: self._leave(known, text))

    def _leave(self, purpose: Purpose, text: str) -> None:
        if purpose.kind not in STAYS or not text.strip():
            self.drafts.forget(purpose.spot)
        else:
            self.keep(purpose, text)
            self._say(f"Kept as a draft; {self._hand.keys.shown('log.note')} brings it back.")

    def offer_draft(self) -> None:
        """Open the line again with the note that was half typed when the program ended, or say what else was."""
        kept = self.drafts.spots()
        notes = [spot for spot in kept if spot[0] in STAYS]
        if self.purpose is not None or not kept or self._hand.opened.read_only:
            return
        rolling = self._hand.board.rolling
        still = f"{rolling.label} is still rolling. " if rolling else ""
        if notes:
            kind, take_id = notes[-1]
            self.open(Purpose(kind, take_id))
            self.show_board(self._hand.board)
            self._say(f"{still}This was half written when onset ended; Enter logs it, Esc keeps it for later.")
        else:
            what = ", ".join(dict.fromkeys(_SPOT_NAMES.get(spot[0], spot[0]) for spot in kept))
            self._say(f"{still}Half typed when onset ended: {what}. It is there when opened again.")


_SPOT_NAMES = {
    "slate": "the slate line",
    "slated_as": "a slated-as",
    "insert": "a missed take",
    "cell": "a cell of the list",
    "setup": "the setup panel",
    "fields": "the fields of a take",
    "card": "a copy's card",
    "targets": "a copy's targets",
    "tag": "a tag",
    "tags": "tags of several takes",
    "filter": "the name of a filter",
    "explain": "a reason for a difference",
    "stray": "the take of a stray file",
    "stamp": "a time of the day",
    "credit": "a credit",
    "settle": "the take of an owed shot",
    "owe": "an owed shot",
    "person": "a person",
    "jam": "a jam",
}
