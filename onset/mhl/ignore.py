"""Ignore patterns of a history: gitignore syntax relative to the scope; from generation to generation they only grow.

Used when listing what a history covers. The machine that understands all patterns (pathspec) takes longer to load than
most histories to read, and plain names do without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# What the standard asks for at least. The two spellings are what the reference tool writes.
DEFAULT_PATTERNS = (".DS_Store", "ascmhl", "ascmhl/")
_GLOB = frozenset("*?[]!\\/#")


def grown(patterns: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Both lists as one, in order, nothing twice.

    >>> grown(["a", "b"], ["b", "c"])
    ('a', 'b', 'c')
    """
    return tuple(dict.fromkeys([*patterns, *more]))


def seen_from(scope: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """The patterns as a folder below has to write them to mean the same there; what cannot match there is left out.

    >>> seen_from("Cards/A001", ["*.tmp", "/notes.txt", "Cards/A001/x", "/Cards/*/y", "**/z", "!keep", "Cards/"])
    ('*.tmp', '/x', '**/z', '!keep', 'Cards/')
    """
    seen = []
    for pattern in patterns:
        mark = "!" if pattern.startswith("!") else ""
        rule = pattern.removeprefix("!")
        inside = rule.removeprefix("/").removeprefix(f"{scope}/")
        if "/" not in rule.removesuffix("/") or rule.startswith("**/"):
            seen.append(pattern)
        elif inside and inside != rule.removeprefix("/"):
            seen.append(f"{mark}/{inside}")
    return tuple(seen)


def seen_above(scope: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """The other way round: what a folder below leaves out, as a folder above has to write it.

    >>> seen_above("A001", ["*.tmp", "/x", "Clips/y", "**/z", "!keep"])
    ('/A001/**/*.tmp', '/A001/x', '/A001/Clips/y', '/A001/**/z', '!/A001/**/keep')
    """
    seen = []
    for pattern in patterns:
        mark, rule = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        deep = "**/" if "/" not in rule.removesuffix("/") else ""
        seen.append(f"{mark}/{scope}/{deep}{rule.removeprefix('/')}")
    return tuple(seen)


def usable(pattern: str) -> bool:
    """Whether it is a pattern at all.

    >>> usable("*.tmp"), usable("a["), usable("!"), usable("[z-a]")
    (True, True, False, False)
    """
    if not _GLOB & set(pattern.replace("/", "")):
        return True
    try:
        _machine([pattern])
    except (ValueError, re.error):  # pathspec lets the latter through
        return False
    return True


def _machine(patterns: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


class IgnoreRules:
    """Decides what a history does not cover.

    >>> rules = IgnoreRules([".DS_Store", "ascmhl/", "*.tmp", "/top.txt", "/lost+found/"])
    >>> rules("Clips/.DS_Store", False), rules("Clips/ascmhl", True), rules("Clips/ascmhl", False)
    (True, True, False)
    >>> rules("a/b.tmp", False), rules("top.txt", False), rules("a/top.txt", False)
    (True, True, False)
    >>> rules("lost+found", True), rules("lost+found", False), rules("a/lost+found", True), rules("", False)
    (True, False, False, False)
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(pattern for pattern in patterns if usable(pattern))  # what git refuses matches nothing
        # Plain names need no pattern machine, and a card of 100,000 files asks 100,000 times.
        plain = [pattern for pattern in self.patterns if pattern and not _GLOB & set(pattern.removesuffix("/"))]
        if any(pattern.startswith("!") for pattern in self.patterns):
            plain = []  # a later "!" can take an earlier name back: order counts
        # "/name" and "/name/" are plain names at the top, which is how litter of a volume is left out.
        inner = {pattern: pattern[1:].removesuffix("/") for pattern in self.patterns if pattern.startswith("/")}
        tops = {pattern for pattern, name in inner.items() if plain and name and not _GLOB & set(name)}
        self._tops = frozenset(pattern[1:] for pattern in tops if not pattern.endswith("/"))
        self._folder_tops = frozenset(pattern[1:].removesuffix("/") for pattern in tops)
        self._names = frozenset(pattern for pattern in plain if not pattern.endswith("/"))
        self._folder_names = frozenset(pattern.removesuffix("/") for pattern in plain)
        rest = [pattern for pattern in self.patterns if pattern and pattern not in plain and pattern not in tops]
        self._spec = _machine(rest) if rest else None

    def __call__(self, path: str, is_folder: bool) -> bool:
        name = path.rpartition("/")[2]
        if name in (self._folder_names if is_folder else self._names):
            return True
        if path in (self._folder_tops if is_folder else self._tops):
            return True
        return self._spec is not None and bool(self._spec.match_file(f"{path}/" if is_folder else path))
