"""What every log must know of reports that were given to others; part of conformance.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.domain.issue import Printed
from onset.errors import RefusedError
from onset.logbook.as_json_issues import issue_json
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet

EDITOR = Printed(report="editor", unit="Main", day=1, cells="eJw=", digest="ab" * 32)
SOUND = replace(EDITOR, report="sound", scope="roll S01")


class ReportsThatWereIssued:
    """An issue is an edit: who, when, what it said, and how far the log went."""

    def test_second_printing_passes_for_the_first(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        first, other = on_set.log.issue([EDITOR, SOUND], note="  by mail ")
        assert (first.report, first.revision, first.scope, first.note) == ("editor", 1, "", "by mail")
        assert (other.report, other.revision, other.scope) == ("sound", 1, "roll S01")
        assert (first.author, first.wall_ns) == (on_set.log.seat.name.split(",")[0], on_set.clock.wall_ns())
        assert on_set.log.issued_cells(first.id) == EDITOR.cells
        (second,) = on_set.log.issue([replace(EDITOR, cells="eJz=", digest="cd" * 32, after=1)])
        assert [(one.report, one.revision) for one in on_set.log.issues()] == [
            ("editor", 1),
            ("editor", 2),
            ("sound", 1),
        ]
        assert on_set.log.issued_cells(second.id) == "eJz="
        assert list(on_set.log.issues(day=2)) == list(on_set.log.issues(unit="Second")) == []

    def test_issue_does_not_say_what_the_log_held(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        before = on_set.log.history(limit=1)[0]
        (issued,) = on_set.log.issue([EDITOR])
        of_issue = [one for one in on_set.log.history(limit=1) if one.field == "revision"]
        assert [(one.about, one.verb) for one in of_issue] == [("editor of day 1, revision 1", "issue")]
        position = issued.position[on_set.log.seat.id]
        assert sum(issued.position.values()) == before.arrival  # edits of all seats, and no more
        assert position >= 1
        assert issue_json(issued)["position"] == dict(issued.position)

    def test_two_seats_issue_one_revision(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        on_set.other_seat().issue([EDITOR])
        with pytest.raises(RefusedError, match="Another seat issued revision 1 of the editor report meanwhile"):
            on_set.log.issue([SOUND, EDITOR])
        assert [one.report for one in on_set.log.issues()] == ["editor"], "nothing of a refused edit stays"

    def test_issue_by_mistake_cannot_be_taken_back(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        on_set.log.issue([EDITOR, SOUND])
        assert on_set.undo() == "revision 1 of the editor report taken out again, and 1 more likewise"
        assert list(on_set.log.issues()) == []
        assert on_set.redo() == "revision 1 of the editor report is in again, and 1 more likewise"
        assert len(on_set.log.issues()) == 2

    @pytest.mark.parametrize(
        "paper",
        [replace(EDITOR, unit="Splinter"), replace(EDITOR, day=0), replace(EDITOR, cells="x" * ((16 << 20) + 1))],
        ids=["unit", "day", "length"],
    )
    def test_issue_of_nothing_is_kept(self, on_set: OnSet, paper: Printed) -> None:
        with pytest.raises(RefusedError):
            on_set.log.issue([paper])
        with pytest.raises(RefusedError):
            on_set.log.issue([EDITOR], note="n" * 2_001)
        with pytest.raises(RefusedError):
            on_set.log.issue([])
        assert list(on_set.log.issues()) == []
