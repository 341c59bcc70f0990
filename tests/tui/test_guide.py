"""The guides of the three people name keys, hints and actions that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.actions import ACTIONS, PLACES, Action
from tui.keys import key_map, shown_key
from tui.widgets.action_list import narrowed

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
KEYS = key_map()
PLACE_OF = {title: place for _, place, title in PLACES}
ARROWS = {"←": "Left", "→": "Right", "↑": "Up", "↓": "Down"}
# What walks in lists, ends a text or logs a panel is answered by what has the cursor, and is no action.
NO_ACTION = {"Up", "Down", "PgDn", "Enter", "Esc"}
OF_LOG = {"Left", "Ctrl+S"}


def _named(place: str, shown: str) -> list[Action]:
    """The actions of a place that a key as it is written does."""
    return [
        action for action in ACTIONS if action.place in (place, "all") and shown in map(shown_key, KEYS.keys[action.id])
    ]


def _steps(page: Path) -> list[tuple[str, str, str]]:
    """Place, keys and taps of each step."""
    steps, place = [], ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            place = PLACE_OF[line.removeprefix("## ").split(":")[0]]
        elif line.startswith("| ") and not line.startswith("| what "):
            _, keys, taps = (each.strip() for each in line.strip("|").split(" | "))
            steps.append((place, keys, taps))
    return steps


@pytest.mark.parametrize("page", sorted(GUIDE.glob("*.md")), ids=lambda page: page.stem)
def test_every_key_of_a_guide_does_something_there_and_so_does_every_tap(page: Path) -> None:
    steps = _steps(page)
    assert len(steps) > 20
    assert "|\n\n|" not in page.read_text(encoding="utf-8"), "a table is in two pieces"
    for place, keys, taps in steps:
        assert keys, (place, taps)
        assert taps, (place, keys)
        done: list[Action] = []
        for written in re.findall(r"\*\*([^*]+)\*\*", keys):
            key = ARROWS.get(written, written)
            found = _named(place, key)
            assert found or key in NO_ACTION | (OF_LOG if place == "log" else set()), (
                f"{page.name}: {written} does nothing on {place}"
            )
            done += found
        tapped = re.findall(r"\*([^*]+)\*", taps)
        for word in (each.strip(": `") for each in tapped if each.startswith(":")):
            listed = narrowed(word, place, KEYS)[:5]
            assert set(listed) & set(done), f"{page.name}: {word!r} lists nothing that {keys} does"
        for hint in (each for each in tapped if not each.startswith(":")):
            key = hint.split(" ")[0]
            known = _named(place, key) or _named(place, f"G {key}") or key in ("G", "Esc", "Ctrl+S", "Enter")
            assert known, f"{page.name}: *{hint}* is no hint of {place}"
