"""What the sound report asks of others than the log: the day's board, verdicts on cards, and the heads of files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.report import matched_day, names_of, verdicts_of
from onset.cli.report_camera import day_of_roll

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onset.domain.card import Card
    from onset.domain.sound import SoundFile
    from onset.logbook.protocol import Logbook
    from onset.reports.sound import SoundReport
    from onset.sound.wave import Wave


def sound_report_of(
    logbook: Logbook, production: Path, day: int | None, unit: str, *, roll: str | None = None
) -> SoundReport:
    """The sound report of a day: the newest one that has the roll, or the newest; verdicts as in the wrap summary."""
    from onset.reconcile.compare import board_of
    from onset.reports.sound_day import sound_report

    number = matched_day(logbook, day_of_roll(logbook, unit, roll) if day is None and roll else day, unit)
    company, director = names_of(logbook, production)
    cards = {card.id: card for card in logbook.cards()}
    return sound_report(
        logbook,
        board_of(logbook, unit, number),
        verdicts_of(logbook, production, number, unit),
        roll=roll,
        company=company,
        director=director,
        heard=lambda file: _heard(production, cards, file),
    )


def _heard(production: Path, cards: Mapping[str, Card], file: SoundFile) -> Wave | None:
    """The head of a file, from the first place that is connected; None where it cannot be read."""
    from onset.errors import MediumError
    from onset.reports.files import places
    from onset.sound.wave import read_wave

    card = cards.get(file.card or "")
    for path in places(file.path, card) if card else [str(production / file.path)]:
        if Path(path).is_file():
            try:
                return read_wave(Path(path))
            except MediumError:
                continue
    return None
