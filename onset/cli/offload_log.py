"""Put a finished offload into the production's log: card, clips, links, alarms; and say what came of it.

Used by `onset offload`. The copies are made already: whatever goes wrong here is said and takes nothing back.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import OnsetError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.matching import Matched
    from onset.domain.camera import LinkState
    from onset.logbook.protocol import Logbook
    from onset.logbook.terms import Event
    from onset.offload.outcome import Outcome
    from onset.offload.record import Recorded
    from onset.reconcile.board import CardVerdict


@dataclass(frozen=True, slots=True)
class InLog:
    """What of an offload is in the log, and what the log says of it.

    Attributes:
        recorded: the card with its clips.
        matched: how its clips and sound files stand.
        alarms: what was told of files that cannot be read, or can be after all.
        verdict: on the card, the log's half included.
        files: each of its clips and sound files, as `--json` shows them.
        journal_only: the log's disk took none of it; it is in the second journal.
    """

    recorded: Recorded
    matched: Matched
    alarms: tuple[Event, ...]
    verdict: CardVerdict
    files: tuple[dict[str, object], ...]
    journal_only: bool = False

    @property
    def sentence(self) -> str:
        """`12 clips: 9 linked, 2 proposed, 1 without a take`."""
        counted = self.matched.sentence.partition(": ")[2]
        number = len(self.files)
        what = "clip" if all(each["medium"] == "picture" for each in self.files) else "file"
        told = f"{number} {what}{'' if number == 1 else 's'}" + (f": {counted}" if counted else "")
        return told if number else "no clips on it"

    def as_json(self) -> dict[str, object]:
        """The key `clips` of `onset offload --json`."""
        shot = self.recorded.shot
        return {
            "unit": shot.unit,
            "day": shot.day,
            "day_because": shot.why,
            "new": self.recorded.new,
            "linked": self.matched.linked,
            "proposed": self.matched.proposed,
            "questions": self.matched.questions,
            "without_take": self.matched.without_take,
            "files": list(self.files),
            "not_copied": list(self.recorded.not_copied),
            "alarms": [event.detail for event in self.alarms],
            "verdict": self.verdict.verdict,
            "sentence": self.verdict.sentence,
            "journal_only": self.journal_only,
        }


def check_day(production: Path, unit: str | None, day: int | None) -> None:
    """Refuse a unit or a day that the log has not, before the first byte.

    Raises:
        OnsetError: no such unit or day, or the log cannot be read.
    """
    if unit is None and day is None:
        return
    from onset.cli.find import open_logbook
    from onset.offload.which_card import shot_on

    logbook = open_logbook(production, role="dit")
    try:
        shot_on(logbook, "", unit=unit, day=day)
    finally:
        logbook.close()


def asks_log(production: Path | None) -> Callable[[], Mapping[str, str]]:
    """Asks what the log knows against copies, by the path of their manifest, as it is at each asking.

    Where the log cannot be asked, the answer is the one before.
    """
    known: Mapping[str, str] = {}

    def ask() -> Mapping[str, str]:
        nonlocal known
        with suppress(OnsetError):  # the copies matter; a log that cannot be read is told with their result
            known = _known_bad(production) if production is not None else {}
        return known

    return ask


def _known_bad(production: Path) -> dict[str, str]:
    from onset.cli.find import open_logbook
    from onset.reconcile.bad_copies import bad_now, found_now
    from onset.reconcile.card_copies import told

    bad: dict[str, str] = {}
    logbook = open_logbook(production, role="dit")
    try:
        copies = [copy for card in logbook.cards() for copy in card.copies if copy.bad is not None]
    finally:
        logbook.close()
    for copy in copies:
        found = bad_now(copy, found_now(copy.manifest or ""))
        if found is not None and copy.manifest is not None:
            bad[copy.manifest] = told(found, 0)
    return bad


@contextmanager
def copying(production: Path | None, label: str, unit: str | None) -> Iterator[None]:
    """While a card is copied the roll of its label says so; a copy that came to nothing leaves it waiting."""
    if production is None:
        yield
        return
    _tell_roll(production, label, unit, going=True)
    try:
        yield
    except BaseException:
        _tell_roll(production, label, unit, going=False)
        raise


def _tell_roll(production: Path, label: str, unit: str | None, *, going: bool) -> None:
    from onset.cli.find import open_logbook
    from onset.offload.which_card import shot_on

    with suppress(OnsetError):  # the copies matter; a log that cannot be written is told with their result
        logbook = open_logbook(production, role="dit")
        try:
            logbook.copying(label, unit=shot_on(logbook, label, unit=unit).unit, going=going)
        finally:
            logbook.close()


def put_into_log(production: Path, outcome: Outcome, *, unit: str | None, day: int | None) -> InLog | None:
    """Write the result into the production's log; None, and a sentence on stderr, where that was not possible."""
    from onset.cli.find import open_logbook, told

    try:
        logbook = open_logbook(production, role="dit")
        try:
            found = _put(logbook, outcome, unit, day)
        finally:
            logbook.close()
            told(logbook, 0)  # the exit code is that of the copies
        return replace(found, journal_only=logbook.elsewhere is not None)
    except Exception as error:  # the copies stand, and their result must still be told
        why = str(error) if isinstance(error, OnsetError) else f"{type(error).__name__}: {error}"
        print(f"onset: the copies are made, but not in the log: {safe_text(why)}", file=sys.stderr)
        return None


def _put(logbook: Logbook, outcome: Outcome, unit: str | None, day: int | None) -> InLog:
    from devices.media_av import AvMediaReader
    from onset.cli.import_files import recorder_of
    from onset.cli.matching import Matched, match_days
    from onset.config import load_config
    from onset.offload.record import record_outcome
    from onset.reconcile.bad_copies import looked_at
    from onset.reconcile.card import card_verdict
    from onset.reconcile.unreadable import tell_unreadable

    recorder = partial(recorder_of, load_config(logbook.folder))
    recorded = record_outcome(logbook, outcome, AvMediaReader(), recorder=recorder, unit=unit, day=day)
    shot, clock = recorded.shot, SystemClock()
    matched = Matched()
    if shot.day is not None and recorded.media:
        matched = match_days(logbook, shot.unit, {shot.day}, only=recorded.media)
    alarms = tell_unreadable(logbook, shot.unit, wall_ns=clock.wall_ns())
    (card,) = looked_at(logbook, [recorded.card], clock.wall_ns())  # copies of earlier runs are among its own
    verdict = card_verdict(logbook, card, as_of_ns=clock.wall_ns())
    return InLog(recorded, matched, tuple(alarms), verdict, _files(logbook, recorded))


def _files(logbook: Logbook, recorded: Recorded) -> tuple[dict[str, object], ...]:
    """The card's files with the takes they are linked to."""
    from onset.domain.camera import Clip, LinkState
    from onset.reconcile.card_log import device_of

    wanted = set(recorded.media)
    of: dict[str, list[tuple[str, LinkState]]] = {}
    for link in logbook.links(unit=recorded.shot.unit, day=None):
        if link.media_id in wanted and link.state is not LinkState.REFUSED:
            take = logbook.take(link.take_id)
            of.setdefault(link.media_id, []).append((take.label if take is not None else "", link.state))
    return tuple(
        {
            "name": each.name,
            "medium": "picture" if isinstance(each, Clip) else "sound",
            "device": device_of(each),
            "takes": [label for label, _ in of.get(each.id, [])],
            "link": str(min(state for _, state in of[each.id])) if each.id in of else None,
            "unreadable": each.unreadable or None,
        }
        for each in logbook.media(unit=recorded.shot.unit, day=None)
        if each.id in wanted
    )


def tell(found: InLog) -> None:
    """What the log makes of it, for people."""
    recorded = found.recorded
    day = f"day {recorded.shot.day}" if recorded.shot.day is not None else "no day yet"
    where = "in the journal only" if found.journal_only else "in the log"
    print(f"{where}, {day} of {safe_text(recorded.shot.unit)} ({recorded.shot.why}): {found.sentence}")
    if recorded.not_copied:
        print(f"  in no copy yet: {', '.join(safe_text(name) for name in recorded.not_copied[:8])}")
    for event in found.alarms:
        print(f"  {'ALARM: ' if event.alarm else ''}{event.detail}")
    print(found.verdict.sentence)
