"""Files and differences on the Review screen: confirm, refuse, choose another file, explain.

What a key means comes from `tui/review_meant.py`, what it does to the log from `tui/intents/linking.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from onset.reconcile.board import Difference
from tui.intents import linking
from tui.player import play
from tui.review_meant import asked_file, difference_under, file_under, moment_under, question_about, unquestioned
from tui.review_page import choices_for, device_of, difference_text, differences_of, files_of, name_of
from tui.screens.review_part import ReviewPart
from tui.widgets.items import Item

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Links(ReviewPart):
    """A person's word on files and differences."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._choosing: tuple[str, tuple[str, str] | None] | None = None  # take, and the file that was asked about

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "confirm": lambda _: self._confirm(),
            "refuse": lambda _: self._decide(linking.refuse),
            "other": lambda _: self._choose(),
            "explain": lambda _: self._explain(),
        }

    # -- what is meant ----------------------------------------------------------------------------------------------

    def file(self) -> tuple[str, str] | None:
        """The file that a key means (id, name)."""
        screen = self.screen
        return file_under(screen.page, screen.row, screen.under) if screen.page is not None else None

    def _difference(self) -> Difference | None:
        return difference_under(self.screen.row, self.screen.under)

    @property
    def playable(self) -> bool:
        """Under the cursor of the evidence is something that the player may open."""
        return (self.screen.under or "").startswith(("file:", "note:"))

    def play(self) -> None:
        """Open what is under the cursor of the evidence: a file, also that of a difference, or a mark's moment."""
        screen = self.screen
        if (file := self.file()) is not None:
            screen.run_worker(play(screen.hand, screen.take_id, file[0], screen.say))
        elif (moment := moment_under(screen.row, screen.under)) is not None:
            screen.run_worker(play(screen.hand, screen.take_id, moment[0], screen.say, at=moment[1]))
        elif (screen.under or "").startswith("note:"):
            screen.say("No file of this take can be played yet.")
        else:
            screen.say("Enter plays a file or a mark; there is none on this line.")

    # -- confirming, refusing, explaining ---------------------------------------------------------------------------

    def _confirm(self) -> None:
        """From the list all files of a take at once, where nothing speaks against any of them."""
        screen = self.screen
        files = unquestioned(screen.page, screen.row) if screen.page is not None and not screen.inside else []
        if screen.take_id is not None and len(files) > 1:
            screen.log_it(partial(linking.confirm_all, take_id=screen.take_id, files=files))
        else:
            self._decide(linking.confirm)

    def _decide(self, verb: Callable[..., str]) -> None:
        screen = self.screen
        row, take_id, file = screen.row, screen.take_id, self.file()
        if take_id is None:
            key = screen.hand.keys.shown("review.other")
            stray = row is not None and row.stray is not None
            screen.say(f"{key} types the take that this file is of." if stray else "No take is under the cursor.")
        elif file is not None:
            screen.log_it(partial(verb, take_id=take_id, media_id=file[0], name=file[1]))
        elif files_of(row) and not screen.inside:
            screen.go_inside()
            screen.say(f"{row.label if row else ''} has several files; pick one and press the key again.")
        else:
            screen.say("There is no file here to decide about.")

    def _explain(self) -> None:
        screen = self.screen
        row, difference = screen.row, self._difference()
        if row is not None and difference is not None and screen.page is not None:
            screen.before_typing()
            screen.entry.explain(row, difference, screen.page.board.day)
            screen.say(difference_text(difference))
        elif differences_of(row) and not screen.inside:
            screen.go_inside()
            screen.say(f"Pick the difference; {screen.hand.keys.shown('review.explain')} explains it.")
        else:
            screen.say("There is no difference here to explain.")

    # -- another file -----------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        screen = self.screen
        row = screen.row
        if row is None or screen.page is None:
            return
        if row.stray is not None:
            screen.before_typing()
            screen.entry.stray(row, row.stray.media_id)
            return
        take_id, old = screen.take_id, asked_file(screen.page, row, screen.under)
        if take_id is None:
            screen.say("No take is under the cursor.")
        elif not choices_for(screen.page, row, question_about(row, old)):
            screen.say(f"There is no other file that could be {row.label}.")
        else:
            self._choosing = (take_id, old)
            screen.go_inside()

    def detail(self) -> tuple[str, Sequence[Item]] | None:
        """The files to choose from, while one is chosen."""
        page, row = self.screen.page, self.screen.row
        if self._choosing is None or page is None or row is None:
            return None
        take_id, old = self._choosing
        items = choices_for(page, row, question_about(row, old))
        if row.claims is None or row.claims.take_id != take_id or not items:
            self._choosing = None
            return None
        instead = f" instead of {old[1]}" if old else ""
        return f"which file is {row.label}{instead}? Enter takes it, Esc goes back", items

    def hints(self) -> Sequence[tuple[str, str]] | None:
        row = self.screen.row
        if self._choosing is None:
            return None
        return [("open", f"take this file for {row.label if row is not None else '-'}")]

    def enter(self) -> bool:
        """Take the file under the cursor, where one is chosen."""
        screen = self.screen
        if self._choosing is None or not screen.inside:
            return False
        name = screen.detail.name_under
        if screen.page is not None and name.startswith("choice:"):
            take_id, old = self._choosing
            media_id = name.removeprefix("choice:")
            if old is not None and device_of(screen.page, old[0]) != device_of(screen.page, media_id):
                old = None  # another camera's file is one more, not another
            self._choosing = None
            screen.show_detail()
            chosen = name_of(screen.page, media_id)
            screen.log_it(partial(linking.instead, take_id=take_id, media_id=media_id, name=chosen, old=old))
        return True

    def let_go(self) -> bool:
        if self._choosing is None:
            return False
        self._choosing = None
        self.screen.show_detail()
        return True

    def forget(self) -> None:
        self._choosing = None
