"""Key maps: remapping, layouts, and the conflicts that must be an error and not a surprise."""

from __future__ import annotations

import re
from string import ascii_letters, ascii_lowercase, digits

import pytest
from textual.keys import _character_to_key

from onset.errors import ConfigError
from tui.actions import ACTIONS, BARE_DIGITS, LAYOUTS, PLACES
from tui.keys import key_map

FREED = {"log.find": "ctrl+f", "all.keys": "ctrl+k", "all.command": "ctrl+p"}  # they have signs for keys

# What these keyboards type without AltGr, from their standards: ANSI INCITS 154, DIN 2137-1 T1, the French PC layout.
TYPED = {
    "qwerty": "`~1!2@3#4$5%6^7&8*9(0)-_=+[{]}\\|;:'\",<.>/? ",
    "qwertz": "^°1!2\"3§4$5%6&7/8(9)0=ß?´`ü+*öä#'<>,;.:-_ ",
    "azerty": "²&1é2\"3'4(5-6è7_8ç9à0)°=+^¨$£*µù%<>,?;.:/!§ ",
}
ARROWS = {"up", "down", "left", "right", "home", "end", "pageup", "pagedown"}
NAMED = {
    "enter",
    "escape",
    "tab",
    "delete",
    *ARROWS,
    *(f"shift+{each}" for each in ARROWS),
    *(f"f{n}" for n in range(1, 13)),
}


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_every_action_has_a_key_that_the_keyboard_has_and_no_function_key_is_the_only_one(layout: str) -> None:
    typed = {_character_to_key(each) for each in TYPED[layout]} | set(ascii_lowercase)
    ctrl = {f"ctrl+{letter}" for letter in ascii_lowercase if letter not in "himj"}  # those are Tab, Enter, Backspace
    keys = key_map(layout)
    for action in ACTIONS:
        chords = [set(key.split(" ")) for key in keys.keys[action.id]]
        there = [chord for chord in chords if chord <= typed | ctrl | NAMED]
        assert there, action.id
        assert any(not re.fullmatch(r"f\d+", each) for chord in there for each in chord), action.id
        first = keys.keys[action.id][0].split(" ")
        assert set(first) <= typed | ctrl | NAMED, f"the key that the footer names for {action.id}"
        assert "_" not in keys.shown(action.id), f"{action.id} is shown by a name that is on no key"


def test_what_follows_a_key_is_named_in_few_words_that_can_be_tapped() -> None:
    for action in ACTIONS:
        if any(" " in key for key in action.keys):
            assert 0 < len(action.hint) <= 24, action.id
            assert ";" not in action.hint, action.id


def test_a_key_that_begins_a_chord_of_a_place_does_nothing_by_itself_that_cannot_wait() -> None:
    both = {"n", "x", "r"}  # no good, then a reason; in Review a refusal, which has no chord
    for layout in LAYOUTS:
        for (place, key), action in key_map(layout).found.items():
            if " " not in key and key_map(layout).begins_chord(place, key):
                assert key in both, (layout, place, key, action.id)


def test_digits_of_an_azerty_keyboard_need_no_shift() -> None:
    keys = key_map("azerty")
    taken = [keys.action("review", bare) for bare in BARE_DIGITS]
    assert not any(taken), "there they are digits: those of the list of filters"
    second = keys.action("log", "é")
    assert second is not None
    assert second.id == "log.camera.B"


def test_a_sign_in_the_configuration_is_a_dead_key() -> None:
    for sign in set(TYPED["qwerty"] + "§°£") - set(ascii_letters + digits + ", "):  # a comma stands between keys
        keys = key_map("qwerty", {"log.circle": f"ctrl+g, {sign}", **FREED})
        found = keys.action("log", _character_to_key(sign))
        assert found is not None, sign
        assert found.id == "log.circle"
    with pytest.raises(ConfigError, match=r"review\.only_open"):
        key_map("qwerty", {"review.filters": "!"})


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
        ({"all.roll_cut_in_text": "ctrl+e"}, "edits a text"),
        ({"log.circle": "ctrl+i"}, "a terminal sends Ctrl+I as Tab"),
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
