"""Numbers for scenes that have none, and what is wrong with those that have one. Used by take_in.py."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from onset.errors import ScriptError
from onset.script.identity import KnownScene
from onset.script.screenplay import DraftScene
from onset.slate import check_label
from onset.text import safe_text

_PARTS = re.compile(r"(\d+)(.*)", re.DOTALL)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # as slates, without those that look like digits


def clean_number(number: str | None) -> str | None:
    """As written, without the dot or the signs that only set it apart.

    >>> clean_number(" 12. "), clean_number("10aA"), clean_number("##")
    ('12', '10aA', None)
    """
    return (number or "").strip().strip("#.").strip() or None


def check_numbers(scenes: Sequence[DraftScene], name: str) -> None:
    """Refuse what no log can hold.

    Raises:
        ScriptError: two scenes have one number; names both.
        SlateError: a number that cannot be written on a board.
    """
    there: dict[str, DraftScene] = {}
    for scene in scenes:
        if scene.number is None:
            continue
        check_label(scene.number, "scene")
        if scene.number in there:
            first, second = (_where(one) for one in (there[scene.number], scene))
            raise ScriptError(
                f"{name} has scene {safe_text(scene.number)} twice, {first} and {second}; give one of them another "
                "number, or demote one."
            )
        there[scene.number] = scene


def _where(scene: DraftScene) -> str:
    line = f" in line {scene.line}" if scene.line else ""
    return f'"{safe_text(scene.heading[:60] or "OMITTED")}"{line}'


def number_scenes(
    scenes: Sequence[DraftScene], pairs: Sequence[int | None], known: Sequence[KnownScene]
) -> tuple[list[str], list[str]]:
    """Give every scene a number.

    One that the version before had keeps the number it had there. A first version without any numbers is counted
    from 1; everything else gets a number as an inserted scene gets it (12A after 12), never one that was used before.

    Returns:
        All numbers, and those that the file did not have.
    """
    written = {scene.number for scene in scenes if scene.number is not None}
    used = written | {one.number for one in known}
    numbers = [scene.number for scene in scenes]
    for place, old in enumerate(pairs):
        if numbers[place] is None and old is not None and known[old].number not in written:
            numbers[place] = known[old].number
    if not written and not any(one.from_script for one in known):
        free = (str(number) for number in range(1, 2 * len(scenes) + len(used) + 1) if str(number) not in used)
        numbers = [number or next(free) for number in numbers]
    found: list[str] = []
    for place, number in enumerate(numbers):
        if number is None:
            following = next((later for later in numbers[place + 1 :] if later is not None), None)
            number = _inserted(found[-1] if found else None, following, used)
            used.add(number)
        found.append(number)
    return found, [number for number, scene in zip(found, scenes, strict=True) if scene.number is None]


def _inserted(before: str | None, after: str | None, used: Collection[str]) -> str:
    """The number between two.

    >>> _inserted("12", "13", []), _inserted("12A", "13", ["12A"]), _inserted("10", "10A", ["10", "10A"])
    ('12A', '12B', '10aA')
    >>> _inserted(None, "1", ["1"]), _inserted("24Z", "25", ["24Z"])
    ('A1', '24ZA')
    """
    first, second = _PARTS.fullmatch(before or ""), _PARTS.fullmatch(after or "")
    letters = _LETTERS
    if first is None:
        base, end = "", after or "1"
    elif second is not None and first[1] == second[1] and second[2].isalpha():
        base, end, letters = first[1], second[2], _LETTERS.lower()
    else:
        base, end = first[1], ""
        last = first[2].upper()
        if last and last[-1] in _LETTERS[:-1] and len(last) == 1:
            letters = _LETTERS[_LETTERS.index(last) + 1 :]
        elif last:
            base = before or ""
    for letter in (*letters, *(one + two for one in letters for two in letters)):
        if f"{base}{letter}{end}" not in used:
            return f"{base}{letter}{end}"
    return _inserted(f"{base}{letters[-1]}", None, used)
