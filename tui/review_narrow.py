"""What the list of the Review screen is narrowed to: `scene:42 camera:B lacks:sound door`, the grammar of `query.py`.

Words without a colon are looked for in all that Review shows of a row, and in what was said of the take, its scene and
its setup; the other filters are the log's, and only takes can have them. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from onset.logbook.around import folded
from onset.logbook.query import KEYS, parse
from onset.logbook.terms import EVERY_TAKE, TakeFilter
from tui.widgets.claims_row import ReviewRow


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was typed, as it is looked for.

    Attributes:
        text: as it was typed.
        words: in any order, all of them; `begun` is the last one while it may become the name of a filter, and counts
            only where it is found.
        asked: what the log is asked for; None: every row can be found.
        found: the takes (ids) that the log found for it, in the same place.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    begun: str = ""
    asked: TakeFilter | None = None
    found: frozenset[str] | None = None

    def rows(self, rows: Sequence[ReviewRow], texts: Mapping[str, str]) -> list[ReviewRow]:
        """Those of the rows that are looked for; `texts` is what each holds, by its name."""
        fitting = [row for row in rows if self._holds(row, texts.get(row.name, ""))]
        return [row for row in fitting if self.begun in texts.get(row.name, "")] or fitting

    def _holds(self, row: ReviewRow, text: str) -> bool:
        if self.found is not None and (row.claims is None or row.claims.take_id not in self.found):
            return False
        return all(word in text for word in self.words)


def narrowed(typed: str, *, typing: bool = False) -> Narrowed:
    """Read what was typed, or is being typed.

    >>> narrowed("Door day:3 küche").words
    ('door', 'kuche')
    >>> narrowed("door stat", typing=True).begun
    'stat'

    Raises:
        UsageError: no such filter, or a value it cannot have; names the nearest.
    """
    wanted = parse(typed)
    words = folded(wanted.text or "").split()
    begun = ""
    if typing and words and typed.casefold().endswith(words[-1]) and any(key.startswith(words[-1]) for key in KEYS):
        begun = words.pop()
    asked = replace(wanted, text=None, limit=None)
    return Narrowed(typed, tuple(words), begun, None if asked == replace(EVERY_TAKE, limit=None) else asked)


def of_day(asked: TakeFilter, unit: str, day: int) -> TakeFilter:
    """The same of a unit's day, unless it names its own."""
    other = asked.day is not None or asked.days is not None
    return replace(asked, unit=asked.unit or unit, day=asked.day if other else day)
