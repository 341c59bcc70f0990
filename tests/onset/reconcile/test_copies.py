"""The COPIES half of a card's verdict: what must not be counted as a copy."""

from __future__ import annotations

from pathlib import Path

from onset.domain.camera import LinkState
from onset.reconcile.compare import board_of
from tests.onset.reconcile.a_card import Day


def test_a_copy_that_failed_before_is_counted_as_complete(tmp_path: Path) -> None:
    """The card was copied again, to enough other disks; one of the first time still lies there and is not whole."""
    day = Day(tmp_path)
    take = day.shoot()
    card = day.card(clips=1)
    day.clip(card, 1, take)
    day.log.record_card(day.failed(card))
    assert day.verdict(card).sentence.startswith("A014 may be formatted: 1 complete copy, the expected clip linked")


def test_the_answer_to_a_question_about_a_link_excuses_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    day = Day(tmp_path)
    take = day.shoot()
    card = day.card(clips=1)
    day.clip(card, 1, take, unreadable="its head is damaged", state=LinkState.PROPOSED, question="its time fits none")
    assert day.verdict(card).log.unreadable == ("A014C001",)
    asked = next(each for each in board_of(day.log, "Main", 1).differences if each.field == "link")
    day.log.explain(asked.key, "the slate can be heard", unit="Main", day=1)
    verdict = day.verdict(card)
    assert (verdict.verdict, verdict.log.unreadable) == ("not safe", ("A014C001",))
