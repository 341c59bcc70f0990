"""Bring links up to date after media, reports or takes changed; called by every command that changes them.

`onset offload`, `onset import`, the verbs of `onset log` that move a take, and, so that nothing stale is shown,
`onset reconcile`, `onset card` and `onset report`. Days without foreign files and reports cost one short read.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onset.domain.camera import LinkState
from onset.errors import OnsetError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.logbook.protocol import Logbook
    from onset.match.solve import Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """How the files of some days stand after a match. Files of our own recorders do not count.

    Attributes:
        changed: links that the match changed.
        linked: files with a confirmed link; `proposed` those with a proposed one that nothing speaks against.
        questions: files of which a person has to say where they belong.
        without_take: files that belong to no take, as far as is known.
    """

    changed: int = 0
    linked: int = 0
    proposed: int = 0
    questions: int = 0
    without_take: int = 0

    @property
    def files(self) -> int:
        """All of them."""
        return self.linked + self.proposed + self.questions + self.without_take

    @property
    def sentence(self) -> str:
        """`12 files: 9 linked, 2 proposed, 1 without a take`; empty without files."""
        if not self.files:
            return ""
        counted = (
            (self.linked, "linked"),
            (self.proposed, "proposed"),
            (self.questions, f"question{'' if self.questions == 1 else 's'}"),
            (self.without_take, "without a take"),
        )
        said = ", ".join(f"{count} {what}" for count, what in counted if count)
        return f"{self.files} file{'' if self.files == 1 else 's'}: {said}"


def match_days(
    logbook: Logbook,
    unit: str | None = None,
    days: Collection[int] | None = None,
    *,
    only: Collection[str] = (),
    matcher: Matcher | None = None,
) -> Matched:
    """Match days and write their links.

    Args:
        logbook: of this thread; one that may only be read is left as it is.
        unit: of this unit; None: of all.
        days: these, and those beside them where a file waits for a take; None: all.
        only: count these files (ids) in the answer; empty: all of the days.
        matcher: kept by whoever asks on; a new one otherwise.

    Returns:
        How their files stand now.
    """
    total = Matched()
    for name in [unit] if unit is not None else [one.name for one in logbook.units()]:
        for number in _with_media(logbook, name, days):
            total = plus(total, _match(logbook, name, number, only, matcher))
    return total


def match_after(logbook: Logbook, unit: str, day: int | None) -> None:
    """Match a day (None: every day) after an edit that is in the log already, whatever comes of the match."""
    try:
        match_days(logbook, unit, None if day is None else {day})
    except Exception as error:  # the take was cut; a script that reads the exit code must not roll it again
        why = str(error) if isinstance(error, OnsetError) else f"{type(error).__name__}: {error}"
        print(f"onset: done, but the links are not up to date: {safe_text(why)}", file=sys.stderr)


def _with_media(logbook: Logbook, unit: str, days: Collection[int] | None) -> list[int]:
    """Days with foreign files or reports, in order."""
    known = sorted(day.number for day in logbook.days(unit))
    if days is None:
        busy = {one.day for one in logbook.media(unit=unit)} | {claim.day for claim in logbook.claims(unit=unit)}
        return [number for number in known if number in busy]
    found = {
        number
        for number in known
        if number in days and (logbook.media(unit=unit, day=number) or logbook.claims(unit=unit, day=number))
    }
    for place, number in enumerate(known):
        near = known[max(0, place - 1) : place + 2]
        if number not in days and any(one in days for one in near) and _waiting(logbook, unit, number):
            found.add(number)
    return sorted(found)


def _waiting(logbook: Logbook, unit: str, day: int) -> bool:
    """Whether a file of the day has no take of that day: it may belong to the one that changed."""
    files = {one.id for one in logbook.media(unit=unit, day=day)}
    if not files:
        return False
    return not files <= {link.media_id for link in logbook.links(unit=unit, day=day)}


def _match(logbook: Logbook, unit: str, day: int, only: Collection[str], matcher: Matcher | None) -> Matched:
    from onset.reconcile.day import bring_up_to_date
    from onset.reconcile.sight import see

    changed = bring_up_to_date(logbook, unit, day, matcher)
    seen = see(logbook, unit, next(one for one in logbook.days(unit) if one.number == day))
    standing: dict[str, str] = {
        one.id: "without_take"
        for one in seen.media.values()
        if (one.unit, one.day) == (unit, day) and (not only or one.id in only)
    }
    better = ("without_take", "questions", "proposed", "linked")
    for link in seen.links:
        if link.media_id in standing and link.state is not LinkState.REFUSED:
            how = "linked" if link.state is LinkState.CONFIRMED else "questions" if link.question else "proposed"
            standing[link.media_id] = max(standing[link.media_id], how, key=better.index)
    counts = {how: sum(one == how for one in standing.values()) for how in better}
    return Matched(changed=changed, **counts)


def plus(one: Matched, other: Matched) -> Matched:
    """Both together."""
    return Matched(
        changed=one.changed + other.changed,
        linked=one.linked + other.linked,
        proposed=one.proposed + other.proposed,
        questions=one.questions + other.questions,
        without_take=one.without_take + other.without_take,
    )
