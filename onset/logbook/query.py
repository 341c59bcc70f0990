"""What a person types to find takes, as a `TakeFilter` and back: `status:circled camera:B lacks:sound door`.

Used by the command line, by saved filters and by screens that ask for takes. Pure: no log is needed. Words without a
colon are searched as text. A word with one names a filter, and a wrong one is refused with the nearest right one.

Grammar, words parted by blanks:

    status:circled,hold      any of them; camera, roll, tag, rating, has and lacks again mean that all must be so
    day:3  day:3-5  day:-2   a day, days, up to a day; scenes:40-45A likewise, by the order of scenes on paper
    rating:director=circled  by a voter; rating:director any word of that voter, rating:director= none
    has:notes  lacks:sound   see `Part`
    mos:yes  added:no
    "note:boom"  tag:"a b"   quoted: as it stands; a quote or backslash within is written with a backslash before it
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from onset.domain.note import Audience
from onset.domain.take import Kind, State, Status
from onset.errors import UsageError
from onset.logbook.terms import EVERY_TAKE, Part, TakeFilter
from onset.slate import sort_key
from onset.text import safe_text

_Word = TypeVar("_Word", bound=StrEnum)

_KEY = re.compile(r"([A-Za-z_]+):")
_DAY = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_PLAIN = re.compile(r'[^\s",\\]+')  # a value that needs no quotes
_WORD = re.compile(r"\S+")
_VALUE = re.compile(r"[^\s,]*")
_OPTION = re.compile(r"[^,]*")
_SHOWN = 40  # characters of a wrong word
_YES = {"yes": True, "y": True, "no": False, "n": False}


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query: a filter's name (None: text) and the values after it, any of which will do."""

    key: str | None
    values: tuple[str, ...]


def parse(query: str) -> TakeFilter:
    """The filter that a person typed.

    >>> parse("status:circled camera:B door").text
    'door'

    Raises:
        UsageError: no such filter, or a value it cannot have; names the nearest.
    """
    return filter_of(terms(query))


def terms(query: str) -> list[Term]:
    """The words of a query. A quote that is not closed ends with the query: it is being typed."""
    found = []
    place = 0
    while place < len(query):
        if query[place].isspace():
            place += 1
            continue
        key = _KEY.match(query, place)
        if key is None:
            word, place = _text(query, place)
            found.append(Term(None, (word,)))
        else:
            values, place = _values(query, key.end())
            found.append(Term(key[1].lower(), values))
    return found


def option(key: str, typed: str) -> Term:
    """A word as an option of a command has it: blanks are part of its values."""
    if key in _ONCE:
        return Term(key, (typed,))
    return Term(
        key, _values(typed, 0, _OPTION)[0] if '"' in typed else tuple(part.strip() for part in typed.split(","))
    )


def filter_of(words: Iterable[Term], start: TakeFilter = EVERY_TAKE) -> TakeFilter:
    """The filter of these words.

    Raises:
        UsageError: as `parse`.
    """
    wanted = start
    typed: list[str] = []
    said: set[str] = set()
    for word in words:
        if word.key is None:
            typed += word.values
            continue
        if word.key not in _READ:
            raise UsageError(_unknown(word.key))
        if word.key in said and word.key in _ONCE:
            raise UsageError(f"{word.key}: is there twice; a take can have only one.")
        said.add(word.key)
        wanted = _READ[word.key](wanted, word)
    return replace(wanted, text=" ".join(typed)) if typed else wanted


def words_of(wanted: TakeFilter) -> str:
    """The query that `parse` reads as this filter; its page and order are not part of it.

    >>> words_of(parse('DOOR   status:hold,circled tag:"two words"'))
    'status:hold,circled tag:"two words" DOOR'
    """
    found = [
        *_several("status", wanted.statuses),
        *_several("state", wanted.states),
        *_several("kind", wanted.kinds),
        *_one("unit", wanted.unit),
        *([f"day:{wanted.day}"] if wanted.day is not None else []),
        *([f"day:{_days(wanted.days)}"] if wanted.days else []),
        *_one("episode", wanted.episode),
        *_one("scene", wanted.scene),
        *([f"scenes:{_scenes(wanted.scenes)}"] if wanted.scenes else []),
        *_one("slate", wanted.slate),
        *(f"camera:{_listed(any_of)}" for any_of in wanted.cameras),
        *(f"roll:{_listed(any_of)}" for any_of in wanted.rolls),
        *(f"tag:{_listed(any_of)}" for any_of in wanted.tags),
        *(f"rating:{_quoted(voter if value is None else f'{voter}={value}')}" for voter, value in wanted.ratings),
        *_several("audience", wanted.audiences),
        *(f"has:{_quoted(part)}" for part in wanted.has),
        *(f"lacks:{_quoted(part)}" for part in wanted.lacks),
        *_flag("mos", wanted.mos),
        *_flag("tail", wanted.tail_slate),
        *_flag("added", wanted.added),
        *_flag("deleted", wanted.deleted or None),
        *_flag("duplicates", wanted.duplicates or None),
        *(_typed(word) for word in (wanted.text.split(" ") if wanted.text is not None else ())),
    ]
    return " ".join(found)


# -- reading ----------------------------------------------------------------------------------------------------------


def _text(query: str, place: int) -> tuple[str, int]:
    if query[place] == '"':
        return _in_quotes(query, place + 1)
    match = _WORD.match(query, place)
    return (match[0], match.end()) if match else ("", len(query))


def _values(query: str, place: int, bare: re.Pattern[str] = _VALUE) -> tuple[tuple[str, ...], int]:
    found = []
    while True:
        if place < len(query) and query[place] == '"':
            value, place = _in_quotes(query, place + 1)
        else:
            match = bare.match(query, place)
            value, place = (match[0], match.end()) if match else ("", place)
        found.append(value)
        if place >= len(query) or query[place] != ",":
            return tuple(found), place
        place += 1


def _in_quotes(query: str, place: int) -> tuple[str, int]:
    found = []
    while place < len(query) and query[place] != '"':
        if query[place] == "\\" and place + 1 < len(query):
            place += 1
        found.append(query[place])
        place += 1
    return "".join(found), place + 1


def _unknown(key: str) -> str:
    near = get_close_matches(key, _READ, n=1)
    hint = f"do you mean {near[0]}:" if near else f"there are {', '.join(_READ)}"
    shown = _shown(key)
    return f'There is no filter "{shown}:"; {hint}. To search for it as text, put it in quotes: "{shown}:…".'


def _shown(typed: str) -> str:
    return safe_text(typed if len(typed) <= _SHOWN else f"{typed[:_SHOWN]}…")


def _single(word: Term) -> str:
    if len(word.values) > 1:
        raise UsageError(f"{word.key}: takes one value, not {len(word.values)}; put one that has a comma in quotes.")
    return word.values[0]


def _filled(word: Term) -> tuple[str, ...]:
    if "" in word.values:
        raise UsageError(f"{word.key}: needs a value, as in {_EXAMPLES.get(word.key or '', f'{word.key}:A')}.")
    return word.values


def _only(word: Term) -> str:
    _filled(word)
    return _single(word)


_EXAMPLES = {
    "roll": "roll:A014",
    "tag": "tag:stunt",
    "rating": "rating:director=circled",
    "day": "day:3 or day:3-5",
    "scenes": "scenes:40-45A",
    "unit": "unit:Main",
}


def _chosen(word: Term, kind: type[_Word]) -> tuple[_Word, ...]:
    known = {str(member): member for member in kind}
    found = []
    for value in word.values:
        spelled = re.sub(r"[-_\s]+", " ", value.lower())  # false-start
        if spelled not in known:
            near = get_close_matches(spelled, known, n=1)
            hint = f"do you mean {word.key}:{_quoted(near[0])}" if near else f"it is one of {', '.join(known)}"
            raise UsageError(f'{word.key}: cannot be "{_shown(value)}"; {hint}.')
        found.append(known[spelled])
    return tuple(dict.fromkeys(found))


def _yes(word: Term) -> bool:
    value = _single(word).lower()
    if value not in _YES:
        raise UsageError(f'{word.key}: is yes or no, not "{_shown(value)}".')
    return _YES[value]


def _read_days(wanted: TakeFilter, word: Term) -> TakeFilter:
    value = _single(word)
    if _DAY.fullmatch(value):
        return replace(wanted, day=int(value))
    first, dash, last = value.partition("-")
    if not dash or not (first or last) or not all(_DAY.fullmatch(end) for end in (first, last) if end):
        raise UsageError(f'day: is a day\'s number or days, as in day:3 or day:3-5, not "{_shown(value)}".')
    days = (int(first) if first else None, int(last) if last else None)
    if days[0] is not None and days[1] is not None and days[0] > days[1]:
        raise UsageError(f"day:{value} runs backwards; write day:{last}-{first}.")
    return replace(wanted, days=days)


def _read_scenes(wanted: TakeFilter, word: Term) -> TakeFilter:
    value = _single(word)
    first, dash, last = value.partition(".." if ".." in value else "-")
    if not dash or not (first or last):
        raise UsageError(f'scenes: are two scenes, as in scenes:40-45A, not "{_shown(value)}".')
    if ".." not in value and "-" in last:
        raise UsageError(f'Scenes with "-" in them are parted by dots, as scenes:40-1..42, not "{_shown(value)}".')
    if first and last and sort_key(first) > sort_key(last):
        raise UsageError(f"scenes:{_shown(value)} runs backwards; the earlier scene comes first.")
    return replace(wanted, scenes=(first or None, last or None))


def _read_rating(wanted: TakeFilter, word: Term) -> TakeFilter:
    voter, equals, value = _only(word).partition("=")
    if not voter:
        raise UsageError("rating: is a voter and a value, as in rating:director=circled.")
    return replace(wanted, ratings=(*wanted.ratings, (voter, value if equals else None)))


_READ: dict[str, Callable[[TakeFilter, Term], TakeFilter]] = {
    "status": lambda wanted, word: replace(wanted, statuses=_with(wanted.statuses, _chosen(word, Status))),
    "state": lambda wanted, word: replace(wanted, states=_with(wanted.states, _chosen(word, State))),
    "kind": lambda wanted, word: replace(wanted, kinds=_with(wanted.kinds, _chosen(word, Kind))),
    "unit": lambda wanted, word: replace(wanted, unit=_only(word)),
    "day": _read_days,
    "episode": lambda wanted, word: replace(wanted, episode=_single(word)),
    "scene": lambda wanted, word: replace(wanted, scene=_single(word)),
    "scenes": _read_scenes,
    "slate": lambda wanted, word: replace(wanted, slate=_single(word)),
    "camera": lambda wanted, word: replace(wanted, cameras=(*wanted.cameras, _filled(word))),
    "roll": lambda wanted, word: replace(wanted, rolls=(*wanted.rolls, _filled(word))),
    "tag": lambda wanted, word: replace(wanted, tags=(*wanted.tags, _filled(word))),
    "rating": _read_rating,
    "audience": lambda wanted, word: replace(wanted, audiences=_with(wanted.audiences, _chosen(word, Audience))),
    "has": lambda wanted, word: replace(wanted, has=_with(wanted.has, _chosen(word, Part))),
    "lacks": lambda wanted, word: replace(wanted, lacks=_with(wanted.lacks, _chosen(word, Part))),
    "mos": lambda wanted, word: replace(wanted, mos=_yes(word)),
    "tail": lambda wanted, word: replace(wanted, tail_slate=_yes(word)),
    "added": lambda wanted, word: replace(wanted, added=_yes(word)),
    "deleted": lambda wanted, word: replace(wanted, deleted=_yes(word)),
    "duplicates": lambda wanted, word: replace(wanted, duplicates=_yes(word)),
}
_ONCE = frozenset(
    ("unit", "day", "episode", "scene", "scenes", "slate", "mos", "tail", "added", "deleted", "duplicates")
)
KEYS: Collection[str] = tuple(_READ)


def _with(known: Collection[_Word] | None, more: Sequence[_Word]) -> tuple[_Word, ...]:
    return tuple(dict.fromkeys((*(known or ()), *more)))


# -- writing ----------------------------------------------------------------------------------------------------------


def _several(key: str, values: Collection[Any] | None) -> list[str]:
    return [] if values is None else [f"{key}:{_listed([str(value) for value in values])}"]


def _one(key: str, value: str | None) -> list[str]:
    return [] if value is None else [f"{key}:{_quoted(value)}"]


def _flag(key: str, value: bool | None) -> list[str]:
    return [] if value is None else [f"{key}:{'yes' if value else 'no'}"]


def _listed(values: Collection[str]) -> str:
    return ",".join(map(_quoted, values))


def _days(days: tuple[int | None, int | None]) -> str:
    return "-".join("" if day is None else str(day) for day in days)


def _scenes(scenes: tuple[str | None, str | None]) -> str:
    ends = [end or "" for end in scenes]
    dotted = any("-" in end or ".." in end for end in ends)
    return _quoted((".." if dotted else "-").join(ends))


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _typed(word: str) -> str:
    bare = word and not word.startswith('"') and not _KEY.match(word) and not any(map(str.isspace, word))
    return word if bare else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
