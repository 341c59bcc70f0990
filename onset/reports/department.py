"""What the camera and the sound report have alike: a sheet a roll, its card, and where script was not agreed with."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from onset.domain.card import Card
from onset.domain.take import Status
from onset.reconcile.board import CardVerdict, Department, Standing, TakeClaims
from onset.reel import same_roll
from onset.reports.day import cleared_words
from onset.reports.section import SectionPaper
from onset.text import safe_text


@dataclass(frozen=True, slots=True, kw_only=True)
class RollReport(SectionPaper, ABC):
    """A report with a sheet a roll; `asked` says of which rolls, where it is not of all."""

    wide: ClassVar[bool] = True

    asked: tuple[str, ...] = ()

    @property
    def covers(self) -> tuple[str, ...]:
        """The day, and what of it was asked for."""
        return (*super(RollReport, self).covers, *self.asked)

    @property
    def filed(self) -> tuple[str, ...]:
        """The same for the name of its file."""
        return (*super(RollReport, self).filed, *(each[:20] for each in self.asked))


def is_of_roll(card: Card, roll: str) -> bool:
    """Whether a card was that roll, by what is written on it or by the camera's own name for it."""
    return bool(roll) and any(same_roll(name, roll) for name in (card.label, card.reel) if name)


def card_name(card: Card) -> str:
    """`A014 (90949c7d)`: the label, and by what two cards of one label are told apart."""
    return safe_text(f"{card.label} ({card.fingerprint.rpartition(':')[2][:8]})")


def condition(verdict: CardVerdict, timezone: str, *, several: bool = False) -> str:
    """The verdict on a card and what it rests on; with its label where a roll is on `several`."""
    cleared = cleared_words(verdict, timezone)
    why = f"cleared by {cleared}" if cleared else "; ".join(map(safe_text, verdict.reasons))
    words = f"{safe_text(verdict.verdict)}: {why}" if why else safe_text(verdict.verdict)
    return f"{safe_text(verdict.card)} {words}" if several else words


def differences(claims: TakeClaims | None, department: Department, device: str) -> Iterator[str]:
    """Where this department does not agree with script about a take, and nobody has explained it.

    What a device lacks and questions about links are told by the files' names.
    """
    if claims is None:
        return
    script = claims.status is Status.CIRCLED
    circles = any(
        each.department is department and each.circled is not None and each.circled is not script
        for each in claims.claims
    )
    for difference in claims.differences:
        about = circles if difference.field == "circled" else difference.device == device
        if about and difference.standing is Standing.OPEN and difference.field not in ("link", "file"):
            yield safe_text(difference.what)
