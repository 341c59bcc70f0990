"""Key maps: remapping, layouts, and the conflicts that must be an error and not a surprise."""

from __future__ import annotations

import pytest

from onset.errors import ConfigError
from tui.actions import ACTIONS, LAYOUTS, PLACES
from tui.keys import key_map


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_shipped_layouts_have_no_conflict_and_every_action_a_key(layout: str) -> None:
    keys = key_map(layout)
    for action in ACTIONS:
        assert keys.keys[action.id], action.id


def test_digits_of_an_azerty_keyboard_need_no_shift() -> None:
    keys = key_map("azerty")
    second = keys.action("log", "é")
    assert second is not None
    assert second.id == "log.camera.B"


def test_an_action_gets_another_key_and_loses_its_own() -> None:
    keys = key_map("qwerty", {"log.circle": "y", "log.find": "ctrl+f, /"})
    found = keys.action("log", "y")
    assert found is not None
    assert found.id == "log.circle"
    assert keys.action("log", "c") is None
    assert keys.shown("log.find") == "Ctrl+F"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"log.circle": "h"}, "log.hold"),
        ({"log.circle": "z"}, "all.undo"),
        ({"all.undo": "c"}, "log.circle"),
        ({"log.circel": "c"}, 'did you mean "log.circle"'),
        ({"log.circle": "what is this"}, "is no key"),
    ],
)
def test_a_conflict_or_a_wrong_key_is_named(changed: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        key_map("qwerty", changed)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_two_verbs_of_one_name_hide_each_other() -> None:
    verbs = [(action.place, action.verb) for action in ACTIONS]
    everywhere = {verb for place, verb in verbs if place == "all"}
    for _, place, _ in PLACES:
        assert not everywhere & {verb for where, verb in verbs if where == place}
