"""Themes: everything can be read at every brightness, and what a person chose at a seat is there again."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.config import THEMES
from tests.tui.support import CONFIG, Set, at_work
from tui.colours import COLOURS
from tui.themes import BRIGHTEST, contrast, palette


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read_on_all_it_stands_on_at_every_brightness(name: str) -> None:
    for brightness in range(1, BRIGHTEST + 1):
        colours = palette(name, brightness)
        least = 4.5 if name != "dark" and brightness == BRIGHTEST else 3.0
        on_grounds = [(letter, ground) for letter in colours.letters for ground in colours.grounds]
        bars = [(colours.ground, bar) for bar in (colours.alarm, colours.doubt, colours.label)]
        for letter, ground in on_grounds + bars:
            assert contrast(letter, ground) >= least, (brightness, letter, ground)


def test_each_step_down_gives_less_light_and_no_dark_theme_has_a_light_area() -> None:
    for name in THEMES:
        steps = [palette(name, brightness) for brightness in range(1, BRIGHTEST + 1)]
        lights = [contrast("#000000", step.ground if name == "day" else step.text) for step in steps]
        assert lights == sorted(set(lights))
    assert contrast("#000000", palette("dark").raised) < 1.5


async def test_a_theme_and_a_brightness_are_chosen_while_a_take_rolls_and_remembered(tmp_path: Path) -> None:
    place = Set(tmp_path, config=CONFIG + '[screen]\ntheme = "day"\n')
    async with at_work(place) as at:
        assert at.app.theme == f"day {BRIGHTEST}"
        await at.press("space", "f12", "f12")
        assert at.status == "Theme: dark."
        await at.press("g", "down", "g", "down")
        assert at.status == f"Brightness {BRIGHTEST - 2} of {BRIGHTEST}."
        await at.press("t", "f12", "f12", "g", "o")  # in a note the key works, and letters are text
        assert at.app.theme == f"high contrast {BRIGHTEST}"
        assert at.log.entry.field.value == "go"
        assert at.board().rolling is not None
    async with at_work(place) as at:
        assert at.app.theme == f"high contrast {BRIGHTEST}"
        await at.press("escape", "f12", "f12")  # round to what is configured: nothing is to be remembered
        assert await at.app.hand.desk.read(lambda log: log.draft(COLOURS)) is None
