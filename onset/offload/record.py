"""Turn a finished offload into edits on a log: the card, its copies, its clips and sound files, and the result.

Used by `onset offload` inside a production, on a `Logbook` it is given; outside of one an offload works alone. Clips
are opened in the first copy that was verified, never on the card. The same offload again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from onset.domain.card import Card, Copy
from onset.logbook.protocol import Logbook
from onset.media import MediaReader
from onset.offload.outcome import Outcome
from onset.offload.which_card import ShotOn, iso_day, shot_on


@dataclass(frozen=True, slots=True)
class Recorded:
    """What of an offload is in the log now.

    Attributes:
        card: as the log has it.
        shot: the unit and day, and what decided.
        media: ids of the card's clips and sound files; `new` of them were not in the log before.
        unreadable: names of those that could not be read.
        not_copied: names of clips that are in no copy yet, for a reason that is not the card's.
    """

    card: Card
    shot: ShotOn
    media: tuple[str, ...]
    new: int
    unreadable: tuple[str, ...]
    not_copied: tuple[str, ...]


def card_of(outcome: Outcome) -> Card:
    """The card as the log remembers it; targets without a single verified file are no copies."""
    copies = tuple(
        Copy(
            path=target.path,
            verified=target.verified,
            failed=target.failed,
            read_back=target.read_back.value,
            manifest=target.manifest,
            disk=target.disk or "+".join(sorted(target.disks)) or None,
        )
        for target in outcome.targets
        if target.read_back is not None
    )
    return Card(
        id="",
        label=outcome.label,
        fingerprint=outcome.fingerprint,
        files=outcome.files,
        size=outcome.bytes,
        verdict=outcome.verdict,
        reasons=outcome.reasons,
        wall_ns=outcome.as_of_ns,
        copies=copies,
    )


def record_outcome(
    logbook: Logbook, outcome: Outcome, reader: MediaReader, *, unit: str | None = None, day: int | None = None
) -> Recorded:
    """Write card, copies, clips and verdict into the log; the same card again updates what is there.

    Args:
        logbook: of the production.
        outcome: of the job, with its contents.
        reader: opens the copies.
        unit: whose card it is, where the person said so.
        day: likewise.

    Raises:
        RefusedError: no such unit or day.
        LogError: the log could not take it; the copies stand nevertheless.
    """
    dates = [iso_day(each.mtime_ns) for each in outcome.contents]
    card = card_of(outcome)
    shot = shot_on(logbook, outcome.label, files=dates, unit=unit, day=day)
    known = next((one for one in logbook.cards() if one.fingerprint == card.fingerprint), None)
    if known is not None and known.day is not None and unit is None and day is None:
        shot = ShotOn(known.unit, known.day, "as when it was offloaded before")
    card = logbook.record_card(replace(card, unit=shot.unit, day=shot.day))
    return Recorded(card, shot, (), 0, (), ())
