"""Cut! comes on whatever screen and in whatever field somebody is: one key answers it everywhere (screen rule 3)."""

from __future__ import annotations

from pathlib import Path

from tests.tui.support import At, Set, at_work
from tui.actions import PLACES
from tui.screens.place import PlaceScreen
from tui.widgets.entry import EntryLine
from tui.widgets.field_panel import FieldPanel
from tui.widgets.lines import Line


def _frame(at: At) -> Line:
    return at.app.screen.query_one("#entry-frame", Line)


def _rolling(at: At) -> str:
    running = at.board().rolling
    return "" if running is None else running.label


async def _go(at: At, digit: int, place: str) -> None:
    await at.press("g", str(digit))
    await at.until(lambda: isinstance(at.app.screen, PlaceScreen) and place == at.app.screen.PLACE)
    await at.settled()


async def test_a_take_is_rolled_and_cut_from_a_field_of_every_place(tmp_path: Path) -> None:
    """And what was typed there is still typed, and a second press within a second does nothing, wherever it comes."""
    async with at_work(Set(tmp_path)) as at:
        for number, (digit, place, _) in enumerate(PLACES, 1):
            await _go(at, digit, place)
            await at.press("p" if place == "day" else "colon")
            await at.type("half")
            assert _frame(at).text.startswith("Ctrl+R rolls"), place
            at.later()
            await at.press("ctrl+r")
            assert _rolling(at) == f"42A/{number}", place
            assert _frame(at).text.startswith(f"● 42A/{number}, Ctrl+R cuts"), place
            assert _frame(at).has_class("rolling"), place
            await at.press("f9")
            assert _rolling(at), "the second half of a double press"
            at.later()
            await at.press("f9")
            assert not _rolling(at), place
            assert at.status == f"42A/{number} cut.", place
            assert at.app.screen.query_one(EntryLine).field.value == "half", place
            await at.press("escape")
        await at.press("g", "1", "d")
        at.later()
        await at.press("ctrl+r")
        panel = at.log.query_one("#setup", FieldPanel)
        assert "Ctrl+R cuts" in "".join(segment.text for segment in panel.render_line(0))
