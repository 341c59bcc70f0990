"""A production whose app can start copies, with a card to copy; for tests of the Offload screen."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from onset.offload.journal import jobs_folder
from tests.tui.support import At, Set
from tests.tui.terminal import onset
from tui.deps import Deps
from tui.screens.offload import OffloadScreen


class Cart(Set):
    """A set whose app can start jobs."""

    def deps(self) -> Deps:
        started = onset("-p", str(self.folder))
        jobs = jobs_folder(os.environ)
        return dataclasses.replace(super().deps(), jobs=jobs, onset=started)


def cart_in(tmp_path: Path) -> Cart:
    """A production that is only made."""
    folder = tmp_path / "production"
    folder.mkdir()
    (folder / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "24"\n')
    return Cart(folder)


def card_in(tmp_path: Path) -> Path:
    """A card of five clips."""
    card = tmp_path / "A014"
    (card / "CLIPS").mkdir(parents=True)
    for number in range(5):
        (card / "CLIPS" / f"A014C{number:03d}.mov").write_bytes(os.urandom(40_000))
    return card


def offload_screen(at: At) -> OffloadScreen:
    """The Offload screen that is shown."""
    screen = at.app.screen
    assert isinstance(screen, OffloadScreen)
    return screen


async def open_offload(at: At) -> None:
    """Go there, and wait until it is drawn."""
    await at.press("g", "3")
    await at.until(lambda: isinstance(at.app.screen, OffloadScreen) and at.app.screen.is_mounted)
    await at.settled()
