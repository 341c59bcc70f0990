"""Half-typed texts of one seat: kept in the log beside the edits, so that they survive any key, screen or crash.

Used by every field that a person types into. All of them lie under one key of `Logbook.draft` and are read once, so
that a field opens with its draft at once, without asking the disk.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from onset.domain.take import Stamp

DRAFTS = "typed"

Spot = tuple[str, ...]
"""Where a text is typed: the kind of field, then what it is about, e.g. `("cell", take_id, "roll", "A")`."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text, and the moment of its first key where that matters."""

    text: str
    stamp: Stamp | None = None


class Drafts:
    """The drafts of a seat, oldest first."""

    def __init__(self, save: Callable[[str, str | None], None]) -> None:
        """`save` puts a text under a key of the log (None: nothing); it does not wait for the disk."""
        self._save = save
        self._kept: dict[Spot, Draft] = {}

    def load(self, kept: str | None) -> None:
        """Take what the log had."""
        self._kept = read_drafts(kept)

    def at(self, spot: Spot) -> Draft | None:
        """What was half typed there."""
        return self._kept.get(spot)

    def spots(self) -> list[Spot]:
        """Where something is half typed, oldest first."""
        return list(self._kept)

    def keep(self, spot: Spot, text: str, *, before: str = "", stamp: Stamp | None = None) -> None:
        """Keep a text, unless it is what the field held anyway (`before`) or nothing at all."""
        if text == before or not (text.strip() or before):
            self.forget(spot)
        elif self._kept.get(spot) != (draft := Draft(text, stamp)):
            self._kept.pop(spot, None)  # the newest is the last
            self._kept[spot] = draft
            self._write()

    def forget(self, *spots: Spot) -> None:
        """The log has these, or the person dropped them."""
        if [spot for spot in spots if self._kept.pop(spot, None) is not None]:
            self._write()

    def _write(self) -> None:
        kept = [{"spot": spot, **asdict(draft)} for spot, draft in self._kept.items()]
        self._save(DRAFTS, json.dumps(kept) if kept else None)


def read_drafts(kept: str | None) -> dict[Spot, Draft]:
    """Drafts as they were kept; one that another version wrote differently is passed over."""
    found: dict[Spot, Draft] = {}
    try:
        for each in json.loads(kept or "[]"):
            stamp = Stamp(**each["stamp"]) if each["stamp"] else None
            found[tuple(str(part) for part in each["spot"])] = Draft(str(each["text"]), stamp)
    except (ValueError, TypeError, KeyError):
        return found
    return found
