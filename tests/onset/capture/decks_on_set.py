"""Two decks and a mixer in memory, and what they say of rolling; for tests of rolls from the set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest

from onset.capture.bus import run_folder
from onset.capture.set_rules import Rule
from onset.capture.signals import Sign
from onset.domain.take import State, Take
from tests.onset.capture.pretend import OnSet, an_onset

What = Literal["record", "stop", "mark", "running", "standing", "named"]


class DecksOnSet:
    """Two decks and a mixer, and what they say."""

    def __init__(self, on_set: OnSet) -> None:
        self.on_set = on_set
        self.log = on_set.log

    def says(self, what: What, device: str = "DECK", *, ago: float = 0.0, clip: str = "", first: bool = False) -> None:
        now_ns = self.on_set.clock.monotonic_ns() - round(ago * 1e9)
        tc = "10:00:00:00" if what == "record" else None
        sign = Sign(
            device=device, what=what, mono_ns=now_ns, clip=clip, at_first=first, tc=tc, rate="25" if tc else None
        )
        self.on_set.says(device, sign)

    def later(self, seconds: float) -> None:
        self.on_set.clock.advance(seconds)
        self.on_set.turn()
        self.on_set.turn()  # what the first one wrote is in the log now

    @property
    def takes(self) -> list[Take]:
        return list(self.log.on_paper.values())

    @property
    def rolling(self) -> list[Take]:
        return [take for take in self.takes if take.state is State.ROLLING]

    @property
    def proposals(self) -> list[tuple[str, str]]:
        return [(each.device, each.what) for each in self.on_set.session.status().proposals]


@pytest.fixture
def a_set(tmp_path: Path) -> Iterator[Callable[..., DecksOnSet]]:
    made: list[OnSet] = []

    def make(**rules: Rule) -> DecksOnSet:
        named = {name.replace("_", "."): rule for name, rule in rules.items()}
        made.append(an_onset(tmp_path, run_folder("from set"), ("DECK", "TWO", "MIX"), rules=named))
        made[0].session.open()
        for device in ("DECK", "TWO"):
            made[0].live(device, "deck")
        made[0].live("MIX", "sound")
        return DecksOnSet(made[0])

    yield make
    for each in made:
        for line in each.lines:
            line.ended = "ended"
        each.session.close()
        each.box.close()


Make = Callable[..., DecksOnSet]
