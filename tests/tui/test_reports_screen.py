"""The Reports screen: what is missing comes first and leads to its take, what went out is known with its revision."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from onset.cli.report_desk import ReportDesk
from onset.domain.issue import Issue
from onset.domain.take import Status
from onset.errors import ReportError
from tests.tui.support import CONFIG, At, Set, at_work
from tests.tui.test_hostile import FORBIDDEN, HOSTILE
from tui.paper_desk import Sort
from tui.screens.day import DayScreen
from tui.screens.reports import ReportsScreen
from tui.widgets.paper_view import PaperRow

EDITOR, PARTIAL = Sort("editor"), Sort("progress", "partial")


@pytest.fixture
def place(tmp_path: Path) -> Set:
    (tmp_path / "config.toml").write_text(CONFIG)
    return Set(tmp_path, papers=ReportDesk(tmp_path))


def _reports(at: At) -> ReportsScreen:
    screen = at.app.screen
    assert isinstance(screen, ReportsScreen)
    return screen


async def _go(at: At) -> ReportsScreen:
    await at.press("g", "5")
    screen = _reports(at)
    await at.until(lambda: screen.facts is not None and not screen._reread.busy)
    return screen


async def _issued(at: At) -> Mapping[str, Issue]:
    found = await at.app.hand.desk.read(lambda log: log.issues())
    return {f"{one.report} {one.scope} {one.revision}": one for one in found}


def _full_disk(*_: object) -> Path:
    raise ReportError("No space left on device.")


async def test_report_goes_out_with_a_gap_that_nobody_saw(
    place: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(20)
        await at.press("space")
        at.later()
        screen = await _go(at)
        await at.until(lambda: EDITOR in screen.made)
        await at.settled()
        drawn = at.drawn()
        assert "!42A/1: no confirmed file" in drawn
        assert "It was never issued." in drawn
        assert all(len(line) == 80 for line in drawn.split("\n"))
        for words in ("> editor      never", "Enter into it", "I issue editor", "P partial", "Ctrl+Q quit"):
            assert words in drawn, words

        await at.press("i")
        await at.until(lambda: "is issued as revision 1: " in at.status)
        assert list(await _issued(at)) == ["editor  1"]
        file = tmp_path / "reports" / "Harbour_Lights_day01_editor_rev1.pdf"
        assert file.read_bytes().startswith(b"%PDF-")
        await at.press("i")
        await at.until(lambda: at.status == "It says what revision 1 says, so nothing was issued.")

        with closing(place.open(role="dit")) as other:  # corrected by somebody else
            (take,) = other.takes()
            other.set_take(take.id, {"status": Status.CIRCLED})
        await at.until(lambda: "DIFFERS from rev 1" in at.drawn())
        assert "Draft, differs from revision 1" in at.drawn()
        await at.press("i")
        await at.until(lambda: "is issued as revision 2: " in at.status)
        await at.until(lambda: "> editor      rev 2 21 Nov 12:00 maya" in at.drawn())
        await at.until(lambda: "Before: rev 1 21 Nov 12:00 maya" in at.drawn())
        await at.press("z")
        assert at.status == "revision 2 of the editor report taken out again"
        await at.until(lambda: "!editor      DIFFERS from rev 1" in at.drawn())
        monkeypatch.setattr(ReportDesk, "print_to_file", _full_disk)
        await at.press("i")
        await at.until(lambda: "as revision 2 (Z takes that back), but: No space left on device." in at.status)
        monkeypatch.undo()
        await at.press("z")
        await at.until(lambda: "!editor      DIFFERS from rev 1" in at.drawn())

        await at.press("p")
        await at.until(lambda: at.status.endswith("Harbour_Lights_day01_partial_progress.pdf is written."))
        assert (tmp_path / "reports" / "Harbour_Lights_day01_partial_progress.pdf").read_bytes().startswith(b"%PDF-")
        await at.until(lambda: PARTIAL in screen.made)
        await at.settled()
        assert any("PARTIAL" in line for line in screen.made[PARTIAL].lines)
        assert at.drawn().count("the day goes on") == 1, "a warning of the head is among what is missing"
        assert screen.sort == PARTIAL
        await at.press("o")
        await at.until(lambda: "viewer = " in at.status)
        await at.press("left")
        assert at.status == "There is no day before day 1."
        await at.press("enter")
        assert "Enter go to Day" in at.footer
        await at.press("enter")
        await at.until(lambda: isinstance(at.app.screen, DayScreen))
        await at.press("g", "5", "escape")

        await at.pilot.click("#sorts", offset=(4, 2))
        assert screen.sort == Sort("facing")
        await at.press("up")
        assert screen.sort == EDITOR
        await at.until(lambda: EDITOR in screen.made)
        await at.press("enter")
        await at.until(lambda: "Enter go to the take" in at.footer)
        assert "facing" not in at.drawn()  # 80 cells are the report's alone
        await at.press("escape", "enter")
        await at.pilot.click("#paper", offset=(4, 1))  # what is under the cursor already, a tap opens
        await at.until(lambda: at.app.screen is at.log)
        assert at.log.takes.on_purpose
        assert at.log.target is not None
        assert at.log.target.label == "42A/1"
        await at.press("escape", "space")
        at.later()
        await at.press("space")
        await at.settled()
        at.log.list.stand_on(take.id)
        await at.settled()
        under = [line[2:12] for line in at.drawn().splitlines() if line.startswith(">")]
        assert under == ["42A      1"], "the row that the cursor left is drawn again"


async def test_text_in_a_report_is_obeyed(place: Set) -> None:
    async with at_work(place, size=(120, 40)) as at:
        screen = await _go(at)
        await at.until(lambda: "There is no shooting day 1 yet" in at.drawn())
        screen.paper.show([PaperRow(text, alarm=True) for text in HOSTILE], "[red]\x1b]0;x\x07", anew=True)
        for width in (120, 60, 250):
            await at.pilot.resize_terminal(width, 40)
            await at.pilot.pause()
            assert not set(at.drawn().replace("\n", "")) & set(FORBIDDEN)


async def test_app_without_anybody_who_makes_reports(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        await at.press("space")
        await _go(at)
        await at.until(lambda: "Nobody makes reports here." in at.drawn())
        for key in "ipow":
            await at.press(key)
