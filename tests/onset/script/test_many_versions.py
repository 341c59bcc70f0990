"""Scripts that are cut, moved and rewritten at random: what must be so of every version after every other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from onset.script.take_in import Incoming
from tests.onset.script.written import in_the_log, keys, taken

WORDS = (
    "quay",
    "lamp",
    "turns",
    "slowly",
    "water",
    "counts",
    "money",
    "nobody",
    "tonight",
    "rain",
    "glass",
    "paper",
    "fog",
)
Scene = tuple[str, list[str]]


def line(chance: random.Random) -> str:
    return f"{' '.join(chance.choices(WORDS, k=chance.randint(2, 12))).capitalize()} {chance.random():.6f}."


def a_scene(chance: random.Random) -> Scene:
    heading = (
        f"{chance.choice(('INT.', 'EXT.'))} {chance.choice(('KITCHEN', 'QUAY'))} - {chance.choice(('DAY', 'NIGHT'))}"
    )
    cues = ("", "", "TOM\n", "MARA\n")
    return heading, [chance.choice(cues) + line(chance) for _ in range(chance.randint(1, 6))]


def revised(scenes: list[Scene], chance: random.Random) -> list[Scene]:
    found: list[Scene] = []
    for heading, lines in scenes:
        draw = chance.random()
        if draw < 0.08:
            continue
        if draw < 0.2:
            lines[chance.randrange(len(lines))] = line(chance)
        if draw > 0.9:
            found.append(a_scene(chance))
        found.insert(max(0, len(found) - 3) if 0.2 < draw < 0.26 else len(found), (heading, lines))
    return found or [a_scene(chance)]


def as_text(scenes: list[Scene]) -> str:
    return "\n\n".join("\n\n".join((heading, *lines)) for heading, lines in scenes)


def own_lines(incoming: Incoming) -> dict[str, str]:
    """Keys of the lines that stand once: action and dialogue, which have a number of their own here."""
    return {
        text: key for text, key in keys(incoming).items() if text.endswith(".") and not text.startswith(("INT", "EXT"))
    }


def places(incoming: Incoming) -> dict[str, str]:
    """Scene of each of them."""
    own = own_lines(incoming)
    return {one.text: one.scene for one in incoming.elements if one.text in own}


@pytest.mark.parametrize("seed", range(12))
def test_keys_and_numbers_are_given_once_and_text_keeps_its_key(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    scenes = [a_scene(chance) for _ in range(chance.randint(1, 15))]
    before = taken(tmp_path, as_text(scenes))
    for _ in range(3):
        scenes = revised(scenes, chance)
        now = taken(tmp_path, as_text(scenes), in_the_log(before))
        assert len({one.key for one in now.elements}) == len(now.elements)
        assert len({one.number for one in now.scenes}) == len(now.scenes)
        assert [one.heading for one in now.scenes if not one.omitted] == [heading for heading, _ in scenes]
        assert {one.number for one in before.scenes} <= {one.number for one in now.scenes}
        old, new = own_lines(before), own_lines(now)
        omitted = {one.number for one in now.scenes if one.omitted}
        assert {text for text, scene in places(before).items() if scene in omitted} <= {*new}
        assert all(new[text] == key for text, key in old.items() if text in new)
        again = taken(tmp_path, as_text(scenes), in_the_log(now))
        assert (again.elements, again.text) == (now.elements, ())
        before = now
