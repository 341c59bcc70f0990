"""What was found of a card's copies after they were made; part of conformance.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from logging_db.logbook import SqliteLogbook
from onset.domain.card import Card, Copy, FoundBad, RollState
from onset.errors import RefusedError
from onset.logbook.terms import LookedAt
from tests.logging_db.conformance_merging import another, in_conflict, meet
from tests.logging_db.originals import a_card
from tests.logging_db.support import NOON, OnSet

FAILED = FoundBad(what="1 file failed when it was verified", names="A014C007.mov", at_ns=NOON + 5)


def a_copy(disk: str, run: str = "2026-05-29_115900Z") -> Copy:
    manifest = f"/media/{disk}/A014/ascmhl/0001_A014_{run}.mhl"
    return Copy(path=f"/media/{disk}/A014", verified=9, failed=0, read_back="direct", manifest=manifest, disk=disk)


def offload(on_set: OnSet, *copies: Copy, wall_ns: int = NOON) -> Card:
    return on_set.log.record_card(a_card(copies=copies, wall_ns=wall_ns))


def find(log: SqliteLogbook, bad: FoundBad | None = FAILED, number: int = 0) -> None:
    (card,) = log.cards()
    log.copies_looked_at([LookedAt(card_id=card.id, copy=card.copies[number], bad=bad)])


def stands(log: SqliteLogbook) -> tuple[list[FoundBad | None], list[str], RollState]:
    """What was found of each copy, which of them hold the card back, and its roll's state."""
    (card,) = log.cards()
    (roll,) = log.rolls()
    return [copy.bad for copy in card.copies], [copy.path for copy in card.held_back_by], roll.state


class CopiesFoundBad:
    """The log remembers it, wherever the disk is."""

    def test_copy_found_bad_is_forgotten_or_its_roll_is_safe(self, on_set: OnSet) -> None:
        log = on_set.log
        card = offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        log.set_roll("A014", {"serial": "R-77"})
        log.clear_card(card.id, by="Dana")
        find(log)
        bad = ([FAILED, None], ["/media/RAID/A014"], RollState.WAITING)
        assert stands(log) == bad
        with pytest.raises(RefusedError, match=r"R-77 holds A014, of which a copy .* state=reused"):
            log.load("A", "A015", on_set.stamp(), serial="R-77")
        with pytest.raises(RefusedError, match="A014 cannot be cleared: one of its copies was found bad"):
            log.clear_card(card.id, by="Kim")
        newest = log.arrival()
        find(log)
        assert log.arrival() == newest, "it was said before"
        offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        assert stands(log) == bad, "the same run told once more is no new copy"
        find(log, None)
        assert stands(log) == ([None, None], [], RollState.CLEARED)

    def test_copy_made_anew_is_still_bad(self, on_set: OnSet) -> None:
        old = offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        find(on_set.log)
        offload(on_set, a_copy("RAID", "2026-05-29_130000Z"), wall_ns=NOON + 9)
        assert stands(on_set.log) == ([None, None], [], RollState.SAFE)
        on_set.log.copies_looked_at([LookedAt(card_id=old.id, copy=old.copies[0], bad=FAILED)])
        assert stands(on_set.log)[0] == [None, None], "what was seen of the old one is told of the new one"

    def test_copy_of_an_earlier_run_that_the_newest_did_without_holds_the_card_back(self, on_set: OnSet) -> None:
        offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        find(on_set.log)
        again = (a_copy("SHUTTLE", "2026-05-29_130000Z"), a_copy("ATTIC", "2026-05-29_130000Z"))
        offload(on_set, *again, wall_ns=NOON + 9)
        assert stands(on_set.log) == ([FAILED, None, None], [], RollState.SAFE)
        find(on_set.log, replace(FAILED, at_ns=NOON + 10))
        assert stands(on_set.log)[1:] == (["/media/RAID/A014"], RollState.WAITING)

    def test_finding_of_another_laptop_is_lost_or_asked_about(self, on_set: OnSet) -> None:
        offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        later = FoundBad(what="1 file was gone when it was verified", names="A014C001.mov", at_ns=NOON + 7)
        with another(on_set) as ben:
            find(ben.log)
            meet(on_set, ben)
            assert stands(on_set.log) == stands(ben.log) == ([FAILED, None], ["/media/RAID/A014"], RollState.WAITING)
            find(ben.log, number=1)
            on_set.clock.advance(1)
            find(on_set.log, later, number=1)
            meet(on_set, ben)
            assert in_conflict(on_set.log) == in_conflict(ben.log) == []
            assert stands(on_set.log) == stands(ben.log)
            assert stands(ben.log)[0] == [FAILED, later], "of two looks the newest, whole"

    def test_older_look_is_written_over_what_was_found_meanwhile(self, on_set: OnSet) -> None:
        card = offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        find(on_set.log)
        (before,) = on_set.log.cards()
        later = replace(FAILED, at_ns=NOON + 9)
        find(on_set.log, later)
        for looked in (card.copies[0], before.copies[0]):
            for bad in (None, replace(FAILED, names="A014C001.mov")):
                on_set.log.copies_looked_at([LookedAt(card_id=card.id, copy=looked, bad=bad)])
                assert stands(on_set.log)[0] == [later, None]

    def test_newest_look_is_mixed_with_what_another_laptop_put_right(self, on_set: OnSet) -> None:
        offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        find(on_set.log)
        later = replace(FAILED, at_ns=NOON + 9)  # in the same words
        with another(on_set) as ben:
            find(ben.log, None)
            on_set.clock.advance(1)
            find(on_set.log, later)
            meet(on_set, ben)
            assert stands(on_set.log)[0] == stands(ben.log)[0] == [later, None]

    def test_copy_made_anew_is_bad_because_another_laptop_knew_the_old_one(self, on_set: OnSet) -> None:
        offload(on_set, a_copy("RAID"), a_copy("SHUTTLE"))
        with another(on_set) as ben:
            offload(on_set, a_copy("RAID", "2026-05-29_130000Z"), wall_ns=NOON + 9)
            find(ben.log)
            meet(on_set, ben)
            for log in (on_set.log, ben.log):
                assert stands(log)[:2] == ([None, None], [])
