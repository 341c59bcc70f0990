"""The COPIES half of a card's verdict: what must not be counted as a copy."""

from __future__ import annotations

from pathlib import Path

from tests.onset.reconcile.a_card import Day


def test_a_copy_that_failed_before_is_counted_as_complete(tmp_path: Path) -> None:
    """The card was copied again, to enough other disks; one of the first time still lies there and is not whole."""
    day = Day(tmp_path)
    take = day.shoot()
    card = day.card(clips=1)
    day.clip(card, 1, take)
    day.log.record_card(day.failed(card))
    assert day.verdict(card).sentence.startswith("A014 may be formatted: 1 complete copy, all 1 expected clip linked")
