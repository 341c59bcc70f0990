"""Which key does what: the table of `actions.py`, the keyboard's layout, and the changes of `[keys]` in the config.

Used by every screen to answer a key, by footers and `?` to name it. Two actions on one key are an error.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import punctuation

from textual.keys import KEY_NAME_REPLACEMENTS

from onset.errors import ConfigError
from onset.text import safe_text
from tui.actions import ACTIONS, LAYOUTS, Action
from tui.widgets.entry import EDITING

CHORD_S = 2.0  # after this a digit means itself again
LISTED_S = 8.0  # the same while what may follow stands on the screen: nine phrases are not read in two seconds
_NAMED = {" ": "space", "return": "enter", "esc": "escape"}
_KEY = re.compile(r"(?:(?:ctrl|alt|shift)\+)*(?:[a-z_]+|f\d{1,2}|\S)", re.IGNORECASE)
_NO_LETTER = re.compile(r"(?:ctrl|alt)\+\S+|f\d{1,2}")
_SAME = {"ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+j": "Enter", "ctrl+h": "Backspace"}


def _name_of(sign: str) -> str:
    """What Textual calls the key of a sign: `exclamation_mark`."""
    name = unicodedata.name(sign, sign).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_SHOWN = {_name_of(sign): sign for sign in punctuation} | {
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "end": "End",
    "left": "Left",
    "right": "Right",
    "up": "Up",
    "down": "Down",
    "pageup": "PgUp",
    "pagedown": "PgDn",
}


@dataclass(frozen=True, slots=True)
class KeyMap:
    """The keys of all places.

    Attributes:
        keys: action id to its keys.
        found: (place, key or chord) to action.
    """

    keys: Mapping[str, tuple[str, ...]]
    found: Mapping[tuple[str, str], Action]

    def action(self, place: str, key: str) -> Action | None:
        """What a key (or `g 1`) does in a place, None for nothing."""
        return self.found.get((place, key)) or self.found.get(("all", key))

    def begins_chord(self, place: str, key: str) -> bool:
        """Whether another key may follow this one."""
        start = f"{key} "
        return any(where in (place, "all") and each.startswith(start) for where, each in self.found)

    def chords(self, place: str, key: str) -> list[tuple[str, Action]]:
        """What may follow a key: the second key as shown, and its action."""
        start = f"{key} "
        return [
            (shown_key(each.removeprefix(start)), action)
            for (where, each), action in self.found.items()
            if where in (place, "all") and each.startswith(start)
        ]

    def shown(self, action_id: str) -> str:
        """The first key of an action as a footer writes it."""
        keys = self.keys.get(action_id, ())
        return shown_key(keys[0]) if keys else ":"

    def shown_in_text(self, action_id: str) -> str:
        """The first key that does an action while one types, as a footer writes it; empty where none does."""
        action = next((each for each in ACTIONS if each.id == action_id), None)
        keys = self.keys[action_id] if action is not None and action.in_text else ()
        return next((shown_key(key) for key in keys if _NO_LETTER.fullmatch(key)), "")


def key_map(layout: str = "qwerty", changed: Mapping[str, str] | None = None) -> KeyMap:
    """The keys of a keyboard's layout with the changes of the configuration.

    Args:
        layout: a name of `LAYOUTS`.
        changed: action id to key; several keys with commas between.

    Raises:
        ConfigError: no such layout or action, no such key, two actions on one key of a place, or one that is needed
            in a text on a key that edits it.
    """
    if layout not in LAYOUTS:
        raise ConfigError(f'config.toml: [screen] keyboard "{safe_text(layout)}" is none of {", ".join(LAYOUTS)}.')
    keys = {action.id: LAYOUTS[layout].get(action.id, action.keys) for action in ACTIONS}
    for action_id, text in (changed or {}).items():
        if action_id not in keys:
            near = difflib.get_close_matches(action_id, keys, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else "."
            raise ConfigError(f'config.toml: [keys] knows no action "{safe_text(action_id)}"{hint}')
        keys[action_id] = tuple(_read(action_id, each) for each in text.split(",") if each.strip())
    found: dict[tuple[str, str], Action] = {}
    for action in ACTIONS:
        for key in keys[action.id]:
            places = {place for place, each in found if each == key}
            if action.place in places or (places if action.place == "all" else "all" in places):
                other = next(found[place, each] for place, each in found if each == key)
                raise ConfigError(
                    f"config.toml: [keys] puts {action.id} and {other.id} on one key, {shown_key(key)}; change one."
                )
            if action.in_text and key in EDITING:
                raise ConfigError(
                    f"config.toml: [keys] puts {action.id} on {shown_key(key)}, which edits a text; choose another."
                )
            found[action.place, key] = action
    return KeyMap(keys, found)


def pressed(key: str, character: str | None) -> str:
    """A key press as the map names it: letters in lower case, whatever Caps Lock says.

    >>> pressed("C", "C"), pressed("upper_c", "C"), pressed("ctrl+r", None), pressed("slash", "/")
    ('c', 'c', 'ctrl+r', 'slash')
    """
    if character is not None and len(character) == 1 and character.isalnum():
        return character.lower()
    return key


@cache  # the footer asks for a score of them at every key
def shown_key(key: str) -> str:
    """A key as a person reads it.

    >>> shown_key("ctrl+r"), shown_key("g 1"), shown_key("c"), shown_key("f9"), shown_key("question_mark")
    ('Ctrl+R', 'G 1', 'C', 'F9', '?')
    """
    return " ".join("+".join(_part(each) for each in stroke.split("+")) for stroke in key.split(" "))


def _part(name: str) -> str:
    return _SHOWN.get(name) or (name.upper() if len(name) <= 3 else name.capitalize())


def _read(action_id: str, text: str) -> str:
    typed = text.strip().lower().split(" ") if text.strip() else []
    strokes = [
        _NAMED.get(each) or (_name_of(each) if len(each) == 1 and not each.isalnum() else each) for each in typed
    ]
    if not 1 <= len(strokes) <= 2 or not all(_KEY.fullmatch(each) for each in strokes):
        raise ConfigError(
            f'config.toml: [keys] {action_id} = "{safe_text(text.strip())}" is no key; write "c", "ctrl+r" or "g 1".'
        )
    for each in strokes:
        if each in _SAME:
            raise ConfigError(f"config.toml: [keys] {action_id}: a terminal sends {shown_key(each)} as {_SAME[each]}.")
    return " ".join(strokes)
