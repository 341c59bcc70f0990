"""The takes of the setup side by side, in place of the list: keys mean the take whose column is under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from onset.domain.take import Take
from onset.errors import OnsetError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.reconcile.board import TakeClaims
from onset.text import safe_text
from tui.player import play
from tui.screens.review_part import ReviewPart
from tui.stills import clips_of
from tui.widgets.claims_list import ClaimsList
from tui.widgets.claims_row import ReviewRow
from tui.widgets.entry import Purpose
from tui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Beside(ReviewPart):
    """Whether takes stand side by side, and which."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self.open = False

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"beside": lambda _: self._toggle()}

    @property
    def view(self) -> SideBySide:
        """The columns."""
        return self.screen.query_one(SideBySide)

    # -- opening and closing ----------------------------------------------------------------------------------------

    def _toggle(self) -> None:
        take = self.screen.row.take if self.screen.row is not None else None
        if self.open:
            self.close()
        elif take is None:
            self.screen.say("Only takes stand side by side; the arrows pick one.")
        else:
            self.screen.run_worker(self._read(take, opens=True), group="beside", exclusive=True)

    async def _read(self, of: Take, *, opens: bool = False) -> None:
        screen = self.screen
        try:
            takes = await screen.hand.desk.read(partial(takes_of_setup, of=of))
        except OnsetError as error:
            screen.say(str(error), True)
            return
        if not screen.alive or not (self.open or opens):
            return
        self.view.show(takes, of.id if opens else None)
        if opens:
            self.open = True
            screen.takes.let_go()  # what was selected in the list is not what keys mean here
            screen.add_class("beside")
            screen.set_focus(self.view)
        screen.show_totals()
        screen.refresh_hints()

    def close(self) -> None:
        """The list again, its cursor on the take that the eye is on."""
        if self.open:
            name = f"take:{self.view.take.id}" if self.view.take is not None else ""
            self.open = False
            screen = self.screen
            screen.remove_class("beside")
            screen.set_focus(screen.takes)
            at = next((number for number, row in enumerate(screen.takes.rows) if row.name == name), None)
            if at is not None:
                with screen.takes.prevent(ClaimsList.Picked):
                    screen.takes.pick(at)
            screen.show_detail()
            screen.show_totals()

    def turn(self) -> None:
        """Another picture of each take."""
        self.view.turn()
        self.screen.show_totals()

    # -- what the screen asks ---------------------------------------------------------------------------------------

    def row(self) -> ReviewRow | None:
        take = self.view.take if self.open else None
        if take is None:
            return None
        known = next((row for row in self.screen.takes.rows if row.name == f"take:{take.id}"), None)
        return known or row_of(take, self.screen.judging.voter)

    def read_again(self) -> None:
        if self.open and self.view.take is not None:
            self.screen.run_worker(self._read(self.view.take), group="beside", exclusive=True)

    def key(self, key: str) -> bool:
        view = self.view
        moves: dict[str, Callable[[], None]] = {
            "left": lambda: view.move(-1),
            "right": lambda: view.move(1),
            "up": lambda: view.scroll_text(-1),
            "down": lambda: view.scroll_text(1),
            "pageup": lambda: view.move(-len(view.in_view)),
            "pagedown": lambda: view.move(len(view.in_view)),
            "home": lambda: view.pick(0),
            "end": lambda: view.pick(len(view.takes) - 1),
        }
        if not self.open or key not in moves:
            return False
        moves[key]()
        return True

    def enter(self) -> bool:
        if not self.open:
            return False
        take, screen = self.view.take, self.screen
        files = [clip.id for _, clip in clips_of(take)] if take is not None else []
        files += [file.id for sound in take.sound for file in sound.files] if take is not None else []
        if take is None or not files:
            screen.say(f"{take.label if take is not None else 'Nothing'} has no file yet that could be played.")
        else:
            screen.run_worker(play(screen.hand, take.id, files[0], screen.say))
        return True

    def let_go(self) -> bool:
        was = self.open
        self.close()
        return was

    def forget(self) -> None:
        self.close()

    def changed(self, purpose: Purpose, text: str) -> None:
        if purpose.kind == "find" and text:
            self.close()  # what is looked for stands in the list

    def hints(self) -> Sequence[tuple[str, str]] | None:
        if not self.open:
            return None
        label = self.view.take.label if self.view.take is not None else "-"
        voter = self.screen.judging.voter
        return [
            ("open", f"plays {label}"), ("circle", f"{voter} circles {label}"), ("hold", "holds"), ("ng", "no good"),
            ("tag", "tag"), ("pictures", "other picture"), ("beside", "back to the list"),
        ]  # fmt: skip

    @property
    def position(self) -> str:
        """Which of the setup's takes are seen, in place of the day's numbers; empty while the list is."""
        take = self.view.take if self.open else None
        return "" if take is None else safe_text(f"setup {take.slate}  {self.view.position}")


def takes_of_setup(log: Logbook, of: Take) -> Sequence[Take]:
    """All takes of a take's setup, of whatever day, in shot order; the newest where there are very many."""
    newest = log.takes(TakeFilter(unit=of.unit, slate=of.slate))
    return [take for take in reversed(newest) if take.episode == of.episode]


def row_of(take: Take, voter: str) -> ReviewRow:
    """A take that the list does not have: of another day, or narrowed away."""
    claims = TakeClaims(
        take_id=take.id, label=take.label, scene=take.scene, state=take.state, status=take.status, kind=take.kind,
        claims=(), differences=(),
    )  # fmt: skip
    return ReviewRow(f"take:{take.id}", claims=claims, take=take, voter=voter)
