"""What the camera report asks of others than the log: the day's board, verdicts on cards, and clips that are there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.report import matched_day, names_of, verdicts_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onset.domain.camera import Clip
    from onset.domain.card import Card
    from onset.logbook.protocol import Logbook
    from onset.media import MediaInfo
    from onset.reports.camera import CameraReport


def camera_report_of(
    logbook: Logbook,
    production: Path,
    day: int | None,
    unit: str,
    *,
    roll: str | None = None,
    camera: str | None = None,
) -> CameraReport:
    """The camera report of a day: the newest one that has the roll, or the newest; verdicts as in the wrap summary."""
    from onset.reconcile.compare import board_of
    from onset.reports.camera_day import camera_report

    number = matched_day(logbook, day_of_roll(logbook, unit, roll) if day is None and roll else day, unit)
    company, director = names_of(logbook, production)
    cards = {card.id: card for card in logbook.cards()}
    return camera_report(
        logbook,
        board_of(logbook, unit, number),
        verdicts_of(logbook, production, number, unit),
        roll=roll,
        camera=camera,
        company=company,
        director=director,
        probe=lambda clip: _probe(production, cards, clip),
    )


def day_of_roll(logbook: Logbook, unit: str, roll: str) -> int | None:
    """The newest day on which a take was logged on it, or on which it was loaded or copied."""
    from onset.logbook.terms import TakeFilter
    from onset.reel import same_roll

    known = [one.day for one in logbook.rolls(unit=unit) if one.day is not None and same_roll(one.label, roll)]
    known += [one.day for one in logbook.cards() if one.unit == unit and one.day and same_roll(one.label, roll)]
    if known:
        return max(known)
    takes = logbook.takes(TakeFilter(unit=unit, limit=None))
    shot = [(take.day, angle.roll) for take in takes for angle in take.angles]
    shot += [(take.day, sound.roll) for take in takes for sound in take.sound]
    return max((day for day, label in shot if label and same_roll(label, roll)), default=None)


def _probe(production: Path, cards: Mapping[str, Card], clip: Clip) -> MediaInfo | None:
    """What a clip says of itself, from the first place that is connected; None where it cannot be read."""
    from devices.media_av import AvMediaReader
    from onset.errors import MediumError
    from onset.reconcile.card_copies import is_there
    from onset.reports.files import places

    card = cards.get(clip.card or "")
    for path in places(clip.path, card) if card else [str(production / clip.path)]:
        if not clip.unreadable and is_there(path):
            try:
                return AvMediaReader().probe(Path(path))
            except MediumError:
                continue
    return None
