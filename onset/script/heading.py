"""A scene's heading parted into INT or EXT, the set, and the time of day; OMITTED, and the scenes it stands for.

Used by every reader of scripts. Words of other languages are those that stand first in their headings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_IN, _OUT, _BOTH = "INT.", "EXT.", "INT./EXT."
# German, Polish, Russian, Hungarian, Turkish, Greek beside INT and EXT, which most languages share. EST is the
# establishing shot of Fountain, not the Italian "esterno".
_WORDS = {
    **dict.fromkeys(("INT", "INTERIOR", "INNEN", "WNĘTRZE", "WN", "ИНТ", "BELSŐ", "İÇ", "ΕΣΩΤ"), _IN),
    **dict.fromkeys(("EXT", "EXTERIOR", "AUSSEN", "AUẞEN", "AUßEN", "PLENER", "PL", "НАТ", "ЭКСТ"), _OUT),  # noqa: RUF001  Cyrillic is meant
    **dict.fromkeys(("KÜLSŐ", "DIŞ", "ΕΞΩΤ"), _OUT),
    "EST": "EST.",
    "I/E": _BOTH,
    "E/I": "EXT./INT.",
}
_ALONE = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
_PREFIX = re.compile(rf"({_ALONE})\.?\s*(?:[/-]\s*({_ALONE})\.?)?(?=[\s.:]|$)[\s.:]*", re.IGNORECASE)
_DASH = re.compile(r"\s+[-\u2013\u2014]+\s*|\s*[\u2013\u2014]+\s*|\s*-{2,}\s*|[-\u2013\u2014]\s+")
_TIMES = frozenset(
    (
        *("DAY", "NIGHT", "DAWN", "DUSK", "MORNING", "AFTERNOON", "EVENING", "NOON", "MIDDAY", "MIDNIGHT", "SUNRISE"),
        *("SUNSET", "TWILIGHT", "CONTINUOUS", "CONT", "CONT'D", "CONTINUED", "LATER", "SAME", "MOMENTS", "MAGIC"),
        *("TAG", "NACHT", "MORGEN", "ABEND", "DÄMMERUNG", "JOUR", "NUIT", "SOIR", "MATIN", "AUBE", "CRÉPUSCULE"),
        *("DÍA", "DIA", "NOCHE", "TARDE", "MAÑANA", "GIORNO", "NOTTE", "SERA", "MATTINA", "NOITE", "MANHÃ"),
        *("DZIEŃ", "NOC", "NATT", "DAG", "KVÄLL", "NAT", "AFTEN", "AVOND", "OCHTEND"),
        *("ДЕНЬ", "НОЧЬ", "УТРО", "ВЕЧЕР"),  # noqa: RUF001  Cyrillic is meant
    )
)
_OMITTED = re.compile(
    r"(?:SCENES?\s+)?(?P<before>[\w ,&.-]*?\d[\w ,&.-]*?)?[\s.:-]*\b(?:SCENES?\s+)?OMIT(?:TED)?\b[\s.:-]*"
    r"(?:SCENES?\s+)?(?:#\s*(?P<marked>[^#\n]{1,64})#|(?P<after>[\w ,&.-]*\d[\w ,&.-]*))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d{1,5})([A-Z]{0,2})\s*(?:-|\u2013|THRU|THROUGH|TO)\s*(\d{1,5})([A-Z]{0,2})", re.IGNORECASE)
_MOST = 200  # scenes omitted by one line
_LONGEST = 200  # characters of such a line


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in its parts; what it does not say is empty."""

    int_ext: str = ""
    set: str = ""
    time_of_day: str = ""


def part_heading(text: str) -> Heading:
    """INT or EXT, the set, and the time of day: what stands after the last dash, if that is a time.

    >>> part_heading("INT. MARA'S FLAT - KITCHEN - NIGHT")
    Heading(int_ext='INT.', set="MARA'S FLAT - KITCHEN", time_of_day='NIGHT')
    >>> part_heading("I/E CAR -- moments later"), part_heading("EXT. ROOF - WATER TANK")
    (Heading(int_ext='INT./EXT.', set='CAR', time_of_day='MOMENTS LATER'), \
Heading(int_ext='EXT.', set='ROOF - WATER TANK', time_of_day=''))
    """
    words = " ".join(text.split())
    int_ext = ""
    prefix = _PREFIX.match(words)
    if prefix is not None:
        first, second = _WORDS.get(prefix[1].upper(), ""), _WORDS.get((prefix[2] or "").upper(), "")
        int_ext = "/".join(dict.fromkeys(word for word in (first, second) if word))
        words = words[prefix.end() :]
    dashes = list(_DASH.finditer(words))
    at = None
    for dash in reversed(dashes[-2:]):  # NIGHT - CONTINUOUS are two, and both are the time
        end = next((later.start() for later in dashes if later.start() > dash.start()), len(words))
        if not _is_time(words[dash.end() : end]):
            break
        at = dash
    if at is not None:
        return Heading(int_ext, words[: at.start()].strip(" .,"), words[at.end() :].strip(" .").upper())
    close, _, last = words.rpartition("-")  # HOUSE-DAY
    if not dashes and last.strip(" .").upper() in _TIMES:
        return Heading(int_ext, close.strip(" .,"), last.strip(" .").upper())
    return Heading(int_ext, words.strip(" .,"), "")


def _is_time(words: str) -> bool:
    """A time stands first or last: LATER THAT NIGHT, DAY (1985), but not in MARA'S DAY OFF."""
    parts = [part.strip(".,()[]") for part in words.upper().split()]
    return 0 < len(parts) <= 6 and (parts[0] in _TIMES or parts[-1] in _TIMES)


def looks_like_heading(text: str) -> bool:
    """Whether a line begins as headings do, and is in capitals as they are: for formats that only know English ones.

    >>> looks_like_heading("INNEN. KÜCHE - TAG"), looks_like_heading("Int. the writer hesitates")
    (True, False)
    """
    line = text.strip()
    prefix = _PREFIX.match(line) if "\n" not in line and line == line.upper() else None
    return prefix is not None and prefix.end() < len(line) and ("." in prefix[0] or len(prefix[1]) > 2)


def omitted_numbers(text: str) -> tuple[str, ...] | None:
    """The scenes that a line says are omitted; empty where it names none, None where it says no such thing.

    >>> omitted_numbers("OMITTED 15-17"), omitted_numbers("15A-15C OMITTED"), omitted_numbers("OMITTED")
    (('15', '16', '17'), ('15A', '15B', '15C'), ())
    >>> omitted_numbers("OMITTED #2-B#"), omitted_numbers("He omitted 3 of them.")
    (('2-B',), None)
    """
    line = text.strip()
    found = _OMITTED.fullmatch(line) if len(line) <= _LONGEST else None
    if found is None:
        return None
    words = " ".join(part for part in (found["before"], found["marked"] or found["after"]) if part)
    return scenes_of(words)


def scenes_of(words: str) -> tuple[str, ...]:
    """`15-17`, `15 & 16`, `15A-15C` as single numbers; what is no range stays as it is.

    >>> scenes_of("15-17"), scenes_of("3, 5 & 7"), scenes_of("10aA"), scenes_of("17-15")
    (('15', '16', '17'), ('3', '5', '7'), ('10aA',), ('17-15',))
    """
    found: list[str] = []
    for part in re.split(r"\s*(?:,|&|\band\b)\s*", words.strip(), flags=re.IGNORECASE):
        span = _RANGE.fullmatch(part.strip(" ."))
        if span is not None:
            found += _between(span) or [part.strip(" .")]
        elif part.strip(" ."):
            found.append(part.strip(" ."))
    return tuple(dict.fromkeys(found))


def _between(span: re.Match[str]) -> list[str]:
    first, last = int(span[1]), int(span[3])
    if not span[2] and not span[4] and first < last < first + _MOST:
        return [str(number) for number in range(first, last + 1)]
    if first == last and len(span[2]) <= 1 and len(span[4]) == 1 and span[2].upper() < span[4].upper():
        letters = range(ord(span[2].upper()) if span[2] else ord("A"), ord(span[4].upper()) + 1)
        return [str(first)] * (not span[2]) + [f"{first}{chr(letter)}" for letter in letters]
    return []
