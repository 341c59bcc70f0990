"""What is typed on the Log screen: notes, continuity, the slate line, slated-as, missed takes, find; and its drafts.

A note belongs to the take of its first keystroke and carries the timecode of that moment (screen rule 3). Drafts are
kept in the log beside the edits, so they survive the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from onset.domain.note import Audience
from onset.domain.take import Board, Stamp, Take
from onset.errors import OnsetError, RefusedError
from onset.slate import Slating
from tui.hand import Hand
from tui.intents import upcoming, words
from tui.seen import Seen, Verb
from tui.widgets.entry import EntryLine, Purpose

DRAFT = "log-entry"


class LogEntry(EntryLine):
    """The entry line with the purposes of the Log screen."""

    def __init__(
        self,
        hand: Hand,
        look: Callable[[Stamp], Seen],
        log_it: Callable[[Verb, Callable[[], None], Callable[[], None]], None],
        say: Callable[[str], None],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._hand = hand
        self._look = look
        self._log_it = log_it
        self._say = say
        self._drafts: dict[tuple[str, str], tuple[Purpose, str]] = {}

    @property
    def _slating(self) -> Slating:
        production = self._hand.opened.production
        return Slating(production.slating, production.skip_letters)

    # -- opening ----------------------------------------------------------------------------------------------------

    def note(self) -> None:
        """A note on the take that rolls, else on the one that the footer names."""
        self._about_take("note", "what the editor should know; Enter keeps it")

    def continuity(self) -> None:
        """A continuity note: of the take, for the production and not for the editor."""
        self._about_take("continuity", "continuity: wardrobe, props, action; Enter keeps it")

    def _about_take(self, kind: str, placeholder: str) -> None:
        try:
            take = words.noted(self._seen())
        except RefusedError as error:
            self._say(str(error))
            return
        draft = self._drafts.get((kind, take.id))
        if draft is not None:
            self.open(draft[0], text=draft[1], placeholder=placeholder)
        else:
            self.open(Purpose(kind, kept=True), placeholder=placeholder, bind=lambda: self._bound(kind, take.id))
        self.show_board(self._hand.board)

    def _bound(self, kind: str, opened_on: str) -> Purpose:
        """The first key: the take that rolls now, else the one the line was opened for."""
        stamp = self._hand.deps.stamp()
        rolling = self._hand.board.rolling
        purpose = Purpose(kind, rolling.id, stamp, kept=True) if rolling else Purpose(kind, opened_on, kept=True)
        self.call_later(self.show_board, self._hand.board)
        return purpose

    def _seen(self) -> Seen:
        return self._look(Stamp(wall_ns=0, mono_ns=0))

    def slate(self) -> None:
        """Enter takes the next setup, typing takes any scene, slate or take; a rolling take is left alone."""
        self.open(Purpose("slate"), placeholder="Enter: next setup; or 42D, 42D/3, /5, or scene 42D/3")
        self.show_board(self._hand.board)

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
        self.show_board(board)

    def insert(self) -> None:
        """A take that was missed."""
        rolling = self._hand.board.rolling
        if rolling is not None:
            self._say(f"{rolling.label} rolls; a missed take is inserted after the cut.")
            return
        self.open(
            Purpose("insert"), placeholder=f"the missed take: {self._hand.board.slate}/4, or Enter for the next number"
        )
        self.show_board(self._hand.board)

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
        key = self._hand.keys.shown("log.roll_cut_in_text")
        rolling = f"● {board.rolling.label}, {key} cuts  " if board.rolling else f"{key} rolls  "
        self.frame(f"{rolling}{self._what(purpose)}  ", rolling=board.rolling is not None)

    def _what(self, purpose: Purpose) -> str:
        if purpose.kind in ("note", "continuity"):
            seen = self._seen()
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
        verb = self._verb(purpose, text)
        if verb is None:
            self._forget(purpose)
            self._say("Nothing was typed.")
            return
        if purpose.kept:
            self.keep(purpose, text)
        self._log_it(verb, lambda: self._forget(purpose), lambda: self._again(purpose, text))

    def _again(self, purpose: Purpose, text: str) -> None:
        if self.purpose is None:
            self.open(purpose, text=text)
            self.show_board(self._hand.board)

    def _verb(self, purpose: Purpose, text: str) -> Verb | None:
        take_id, stamp = purpose.take_id, purpose.stamp
        slating = self._slating
        match purpose.kind:
            case "slate":
                return lambda log, seen: upcoming.slate(log, seen, text, slating)
            case "insert":
                return lambda log, seen: words.insert(log, seen, text, slating)
            case "slated_as" if take_id is not None:
                return lambda log, seen: words.slated_as(log, seen, text, take_id=take_id)
            case "note" | "continuity" if take_id is not None and text.strip():
                audience = Audience.PRODUCTION if purpose.kind == "continuity" else Audience.EDITOR
                return lambda log, seen: words.note(log, seen, text, take_id=take_id, stamp=stamp, audience=audience)
        return None

    def leave(self, purpose: Purpose, text: str) -> None:
        """Escape: nothing is logged, and nothing typed is lost."""
        if purpose.kept and text.strip():
            self._say(f"Kept as a draft; {self._hand.keys.shown('log.note')} brings it back.")

    # -- drafts -----------------------------------------------------------------------------------------------------

    def keep(self, purpose: Purpose, text: str) -> None:
        """Keep what is typed so far, with the take and the moment it belongs to."""
        if purpose.take_id is None:
            return
        key = (purpose.kind, purpose.take_id)
        if text.strip():
            self._drafts[key] = (purpose, text)
        else:
            self._drafts.pop(key, None)
        self._save()

    def keep_now(self) -> None:
        """Keep it without waiting for 0.4 s."""
        if self.purpose is not None and self.purpose.kept:
            self.keep(self.purpose, self.field.value)

    def _forget(self, purpose: Purpose) -> None:
        if purpose.take_id is not None and self._drafts.pop((purpose.kind, purpose.take_id), None) is not None:
            self._save()

    def _save(self) -> None:
        kept = [asdict(purpose) | {"text": text} for purpose, text in self._drafts.values()]
        self._hand.keep_draft(DRAFT, json.dumps(kept) if kept else None)

    async def offer_draft(self) -> None:
        """Open the line again with what was half typed when the program ended."""
        try:
            kept = await self._hand.desk.read(lambda log: log.draft(DRAFT))
        except OnsetError:
            return  # the screen has said so already
        self._drafts = read_drafts(kept)
        if self._drafts and self.purpose is None:
            purpose, text = list(self._drafts.values())[-1]
            self.open(purpose, text=text)
            self.show_board(self._hand.board)
            self._say("This was half written when onset ended; Enter logs it, Esc keeps it for later.")


def read_drafts(kept: str | None) -> dict[tuple[str, str], tuple[Purpose, str]]:
    """Drafts as they were kept; one that another version wrote differently is passed over."""
    found: dict[tuple[str, str], tuple[Purpose, str]] = {}
    try:
        for each in json.loads(kept or "[]"):
            stamp = Stamp(**each["stamp"]) if each["stamp"] else None
            purpose = Purpose(str(each["kind"]), str(each["take_id"]), stamp, kept=True)
            found[purpose.kind, str(each["take_id"])] = (purpose, str(each["text"]))
    except (ValueError, TypeError, KeyError):
        return found
    return found
