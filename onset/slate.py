"""What is written on the board: slates, setups and takes, and which label comes next.

Used by the log (assigning numbers inside its transaction), the screens (the proposed slate) and the reports (order).
A label is kept as it was written, because `41+122A`, `2PK` and `49WT` are what the cutting room will look for; the
`sort_key` beside it is for order and for finding the same slate in another spelling. Identity is never a label.

Systems (facts on slating): US, scene plus letter, the master bare (24, 24A … 24Z, 24AA), letters that look like digits
skipped; European, one running number for the whole production, never reset by a scene; none, for documentary.
"""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from onset.errors import SlateError
from onset.text import safe_text

System = Literal["us", "eu", "none"]
SYSTEMS: tuple[System, ...] = ("us", "eu", "none")

MAX_LABEL = 32

# Words beside a number that say what kind of take it is (pickup, series, reset, wild track; false start, plate, room
# tone). The short ones of the second row need a blank: 10FC is setup C of the inserted scene 10F. No setup gets letters
# that would read as one of the first row, though 49WT is only the 518th setup away.
_KIND_WORDS = "PICKUP|SERIES|FALSE|PLATE|RESET|WILD|TAIL|MOS|SER|PK|PU|WT"
_KIND_APART = "FC|FS|PL|RT"
_KIND_LAST = re.compile(
    rf"(?:(?<=\d)|(?<=\s)|^)({_KIND_WORDS})$|(?:(?<=\s)|^)({_KIND_APART})$", re.ASCII | re.IGNORECASE
)
_KIND_FIRST = re.compile(rf"^({_KIND_WORDS})\s*(?=\d)|^({_KIND_APART})\s+(?=\d)", re.ASCII | re.IGNORECASE)
_PICKUP = re.compile(r"(?<![A-Z])P/U\b", re.ASCII | re.IGNORECASE)  # the one word with a slash that parts nothing
_PART = re.compile(r"([A-Z]*)\s*(\d*)\s*([A-Z]*)(.*)", re.ASCII | re.DOTALL)
_RUNS = re.compile(r"\d+|\D+", re.ASCII)
_RUNNING_NUMBER = re.compile(r"(?:.*/)?\s*[A-Z]*(\d+)\s*[A-Z]?", re.ASCII | re.IGNORECASE)


class Overflow(StrEnum):
    """What follows slate Z."""

    AA_AB = "AA AB"
    AA_BB = "AA BB"


@dataclass(frozen=True, slots=True)
class Slating:
    """How a unit of a production numbers its setups.

    Attributes:
        system: `"us"`, `"eu"` or `"none"`.
        skip_letters: letters that no setup gets, upper case, in order (US only).
        overflow: what follows Z: counting on (AA, AB … AZ, BA), or doubled letters (AA, BB … ZZ, AAA); US only.
        prefix: stands before every slate of the unit (`X42C` of a second unit); not with `"none"`.
    """

    system: System = "us"
    skip_letters: str = "IO"
    overflow: Overflow = Overflow.AA_AB
    prefix: str = ""

    def __post_init__(self) -> None:
        check_prefix(self.prefix)
        if self.system not in SYSTEMS:
            raise SlateError(f'There is no slating "{safe_text(str(self.system))}"; use us, eu or none.')
        skipped = "".join(sorted(set(self.skip_letters.upper())))
        if set(skipped) - set(string.ascii_uppercase):
            raise SlateError(f'Skipped letters are A to Z, not "{safe_text(self.skip_letters)}".')
        if len(skipped) > 24:
            raise SlateError("At least two letters must be left for setups; skip fewer.")
        object.__setattr__(self, "skip_letters", skipped)

    @property
    def letters(self) -> str:
        """The letters that setups get, in order."""
        return "".join(c for c in string.ascii_uppercase if c not in self.skip_letters)


def check_label(text: str, what: str = "slate") -> str:
    """A label that can be written on a board, without the blanks around it and otherwise as it was written.

    Raises:
        SlateError: empty, longer than `MAX_LABEL`, or with characters that no board shows.
    """
    label = text.strip()
    if not label:
        raise SlateError(f"A {what} must not be empty.")
    if len(label) > MAX_LABEL:
        raise SlateError(f'The {what} "{safe_text(label[:MAX_LABEL])}…" is longer than {MAX_LABEL} characters.')
    if not label.isprintable():
        raise SlateError(f'The {what} "{safe_text(label)}" holds characters that cannot be shown.')
    return label


def new_label(text: str, what: Literal["slate", "take"] = "slate") -> str:
    """A slate or take number that somebody enters, and can type again: `SLATE/TAKE` is parted at its last slash.

    Those that a log has already are only to be checked by `check_label`.

    >>> new_label("27/7"), new_label("3 P/U", "take")
    ('27/7', '3 P/U')

    Raises:
        SlateError: as for `check_label`, or its slashes would be read as others.
    """
    label = check_label(text, what)
    if what == "take":
        if split_take(f"1/{label}") != ("1", label):
            raise SlateError(f'The take number "{safe_text(label)}" must not hold a slash; that parts slate and take.')
    elif split_take(f"{label}/1") != (label, "1") or not all(part.strip() for part in label.split("/")):
        raise SlateError(f'The slate "{safe_text(label)}" has a slash with nothing beside it; write it as in 27/7.')
    return label


def check_prefix(text: str) -> str:
    """What may stand before every slate of a unit: nothing, or up to four letters that are no word for a kind of take.

    Raises:
        SlateError: it would hide the number, or turn every slate into a wild track.
    """
    prefix = text.strip()
    if (prefix and not (prefix.isascii() and prefix.isalpha() and len(prefix) <= 4)) or _without_kind(f"{prefix}1")[1]:
        raise SlateError(f'A slate prefix is one to four letters, such as X, not "{safe_text(text[:MAX_LABEL])}".')
    return prefix


def split_take(label: str) -> tuple[str, str]:
    """Slate and take of `SLATE/TAKE`, two empty texts where it is none; the slash of `P/U` parts nothing.

    >>> split_take("42C/3"), split_take("27/7/3 P/U"), split_take("42C")
    (('42C', '3'), ('27/7', '3 P/U'), ('', ''))
    """
    at = _PICKUP.sub("P-U", label).rfind("/")
    slate, take = label[: max(at, 0)].strip(), label[at + 1 :].strip()
    return (slate, take) if slate and take else ("", "")


def first_setup(scene: str, slating: Slating, taken: Collection[str] = ()) -> str:
    """The slate proposed when a scene is begun.

    Args:
        scene: the scene's number as in the script.
        slating: the production's system.
        taken: every slate in use that must not be given twice: of the unit for US, of the production for EU.

    >>> first_setup("24", Slating()), first_setup("24", Slating(), taken=["24", "24A"])
    ('24', '24B')
    >>> first_setup("4", Slating("eu"), taken=["1", "2", "3"]), first_setup("42", Slating(prefix="X"), taken=["42"])
    ('4', 'X42')
    """
    if slating.system == "eu":
        return check_label(slating.prefix + _after_all(taken))
    if slating.system == "none":
        label = check_label(scene, "scene") if scene.strip() else "1"
    else:
        label = check_label(slating.prefix + check_label(scene, "scene"))
    return label if sort_key(label) not in _keys(taken) else next_setup(label, scene, slating, taken)


def next_setup(slate: str, scene: str, slating: Slating, taken: Collection[str] = ()) -> str:
    """The slate after `slate` that nobody has used.

    Args:
        slate: the slate now on the board.
        scene: the scene it belongs to; `""` reads it from the slate.
        slating: the production's system.
        taken: as for `first_setup`.

    >>> next_setup("24", "24", Slating()), next_setup("24H", "24", Slating()), next_setup("24Z", "24", Slating())
    ('24A', '24J', '24AA')
    >>> next_setup("10AB", "10A", Slating()), next_setup("41+122A", "41+122", Slating())
    ('10AC', '41+122B')
    >>> next_setup("27/7", "27", Slating("eu"), taken=["27/6", "27/7", "3/8"])
    '27/9'
    >>> next_setup("X24", "24", Slating(prefix="X")), next_setup("24Z", "24", Slating(overflow=Overflow.AA_BB))
    ('X24A', '24AA')
    >>> next_setup("KITCHEN", "", Slating("none")), next_setup("7", "", Slating("none"), taken=["8"])
    ('KITCHEN 2', '9')

    Raises:
        SlateError: the label that would come next is too long for a board.
    """
    slate = check_label(slate)
    if slating.system == "eu":
        number = slating.prefix + _after_all([*taken, slate])
        return check_label(f"{slate.rpartition('/')[0]}/{number}" if "/" in slate else number)
    used = _keys(taken)
    if slating.system == "none":
        return _next_word(slate, used)
    scene = scene.strip() or scene_of(slate, prefix=slating.prefix)
    stem = slating.prefix + scene
    letters = _setup_letters(slate, stem)
    if letters is None:  # slated without the unit's prefix; or the board shows another scene: begin this one
        letters = _setup_letters(slate, scene) or ""
    while True:
        letters = _letters_after(letters, slating.letters, slating.overflow)
        label = check_label(stem + letters)
        if sort_key(label) not in used and not _without_kind(label)[1]:
            return label


def false_start_label(number: str, taken: Collection[str]) -> str:
    """The label of a false start whose number is given again: `3 FS`, and `3 FS 2` where there is one already.

    >>> false_start_label("3", ["3"]), false_start_label("3", ["3", "3 FS"])
    ('3 FS', '3 FS 2')
    """
    used = _keys(taken)
    label, count = f"{number} FS", 1
    while sort_key(label) in used:
        count += 1
        label = f"{number} FS {count}"
    return check_label(label, "take")


def next_take(existing: Iterable[str]) -> str:
    """The take number after every one that the setup has; takes are labels, so suffixes and part takes count too.

    >>> next_take([]), next_take(["1", "2", "3 PU"]), next_take(["2.1", "2.2"]), next_take(["FALSE"])
    ('1', '4', '3', '1')
    """
    numbers = (re.match(r"\D*(\d+)", label, re.ASCII) for label in existing)
    return str(max((int(match[1]) for match in numbers if match), default=0) + 1)


def scene_of(slate: str, scenes: Collection[str] = (), prefix: str = "") -> str:
    """The scene a US slate, or a `scene/slate` label, belongs to.

    Args:
        slate: a label.
        scenes: scene numbers of the script; `10AB` is setup B of scene 10A only if there is a 10A.
        prefix: of the unit whose slate it is.

    >>> scene_of("24B"), scene_of("41+122A"), scene_of("27/7"), scene_of("49WT"), scene_of("A10B")
    ('24', '41+122', '27', '49', 'A10')
    >>> scene_of("10AB", scenes=["10", "10A"]), scene_of("10AB"), scene_of("X42C", prefix="X"), scene_of("X42C")
    ('10A', '10', '42', 'X42')
    """
    slate = _without_prefix(check_label(slate), prefix)
    stem = slate.rpartition("/")[0].strip() or _without_kind(slate)[0] or slate
    known = [scene for scene in scenes if _setup_letters(stem, scene) is not None]
    if known:
        return max(known, key=len)
    match = re.fullmatch(r"(.*\d)\D*", stem, re.ASCII)
    return match[1] if match else stem


@lru_cache(maxsize=16384)  # a roll asks for those of every take of its slate
def sort_key(label: str) -> str:
    """Text whose plain order (of code points, as SQLite's BINARY) is the order of labels on paper.

    Numbers count, letters follow (9, 10, 10A … 10Z, 10AA, 11); inserted scenes stand before what they were inserted
    before (A10A and 10aA before 10A); a kind word follows what it stands beside (10, 10WT, 10A); labels without a
    number come last. Case, blanks and leading zeros make no difference: equal keys mean one slate in two spellings.

    >>> sorted(["11", "10aA", "10AA", "10", "9", "WT", "10A", "10WT", "10Z"], key=sort_key)
    ['9', '10', '10WT', '10aA', '10A', '10Z', '10AA', '11', 'WT']
    >>> sort_key("049 wt") == sort_key("49WT") == sort_key("WT 49")
    True
    """
    return " ".join(_part_key(part) for part in re.split(r"\s*[+/]\s*", _PICKUP.sub("PU", label.strip())))


def _part_key(part: str) -> str:
    inserted = re.match(r"(\d+)\s*([a-z]+)(?=[A-Z])", part, re.ASCII)  # 10aA stands before 10A
    if inserted:
        part = inserted[1] + part[inserted.end() :]
    text, kind = _without_kind(part.upper())
    match = _PART.fullmatch(text)
    prefix, number, letters, rest = match.groups() if match else ("", "", "", text)
    if not number:
        prefix, letters = "", prefix + letters
    before = inserted[2] if inserted else prefix
    runs = [_counted(run.lstrip("0")) if run.isdecimal() else f"={run.strip()}" for run in _RUNS.findall(rest.strip())]
    return "".join(
        [
            _counted(number.lstrip("0")) if number else "99",
            _counted(letters),
            _counted(before) if before else "~",  # ~ follows every letter and digit
            *runs,
            f"~{kind}" if kind else "",
        ]
    )


def _counted(text: str) -> str:
    """Length first, so that plain order puts 9 before 10 and Z before AA."""
    return f"{min(len(text), 98):02d}{text}"


def _without_kind(text: str) -> tuple[str, str]:
    """The label without its kind word, and that word."""
    text = text.strip()
    match = _KIND_LAST.search(text) or _KIND_FIRST.search(text)
    if match is None:
        return text, ""
    return (text[: match.start()] + text[match.end() :]).strip(), (match[1] or match[2]).upper()


def _setup_letters(slate: str, scene: str) -> str | None:
    """The letters that `slate` adds to `scene`; None when it is not a slate of that scene."""
    written, stem = ("".join(text.split()).upper() for text in (_without_kind(slate)[0], scene))
    if not stem or not written.startswith(stem):
        return None
    letters = written[len(stem) :]
    return letters if not letters or (letters.isascii() and letters.isalpha()) else None


def _without_prefix(slate: str, prefix: str) -> str:
    """The slate as it would read without the unit's prefix, which counts only before a number."""
    rest = slate[len(prefix) :]
    return rest if prefix and slate.upper().startswith(prefix.upper()) and rest[:1].isdecimal() else slate


def _letters_after(letters: str, alphabet: str, overflow: Overflow) -> str:
    """The next letters, A … Z and on as `overflow` says; a letter that is skipped counts on to the next that is not."""
    if overflow is Overflow.AA_BB and letters:
        later = [c for c in alphabet if c > letters[0]]
        return later[0] * len(letters) if later else alphabet[0] * (len(letters) + 1)
    done = list(letters)
    for place in reversed(range(len(done))):
        later = [c for c in alphabet if c > done[place]]
        if later:
            done[place] = later[0]
            break
        done[place] = alphabet[0]
    else:
        done.insert(0, alphabet[0])
    return "".join(done)


def _after_all(labels: Collection[str]) -> str:
    """The running number after the greatest of any unit; `49WT` is a wild track of scene 49 and no running number."""
    matches = (_RUNNING_NUMBER.fullmatch(label.strip()) for label in labels if not _without_kind(label)[1])
    return str(max((int(match[1]) for match in matches if match), default=0) + 1)


def _next_word(slate: str, used: Collection[str]) -> str:
    """A documentary label counted on: KITCHEN, KITCHEN 2, KITCHEN 3."""
    match = re.fullmatch(r"(.*?)(\d+)", slate, re.ASCII)
    stem, number = (match[1], int(match[2])) if match else (f"{slate} ", 1)
    while True:
        number += 1
        label = check_label(f"{stem}{number}")
        if sort_key(label) not in used:
            return label


def _keys(labels: Collection[str]) -> frozenset[str]:
    return frozenset(map(sort_key, labels))
