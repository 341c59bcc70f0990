"""Two laptops issue one report without having met: neither issue is lost, and the next is a revision of both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from logging_db.taking_in import edits_after, take_in, vector
from onset.domain.issue import newest_first
from onset.logbook.terms import Next
from tests.logging_db.conformance_issues import EDITOR
from tests.logging_db.support import OnSet, apart


def pull(to: OnSet, frm: OnSet) -> None:
    here = to.log._writer
    assert take_in(here, edits_after(frm.log._writer, vector(here)), to.clock.wall_ns()).refused == ()


def test_issue_of_another_laptop_is_lost(tmp_path: Path) -> None:
    with apart(tmp_path, 2) as (maya, ben):
        maya.log.set_next(Next(slate="42"))
        maya.shoot()
        pull(ben, maya)
        (hers,) = maya.log.issue([EDITOR], note="hers")
        ben.clock.advance(60)
        (his,) = ben.log.issue([replace(EDITOR, cells="eJz=", digest="cd" * 32)], note="his")
        assert (hers.revision, his.revision) == (1, 1)
        pull(ben, maya)
        pull(maya, ben)
        for log in (maya.log, ben.log):
            assert [one.note for one in newest_first(log.issues())] == ["his", "hers"]
            assert [log.issued_cells(one.id) for one in (hers, his)] == ["eJw=", "eJz="]
        assert his.position[maya.log.seat.id] == hers.position[maya.log.seat.id], "what both had seen then"
        (third,) = maya.log.issue([replace(EDITOR, digest="ef" * 32, after=1)])
        assert third.revision == 2
        assert third.position[ben.log.seat.id] >= 1
        pull(ben, maya)
        assert newest_first(ben.log.issues())[0] == third
