"""What may go wrong with the numbers that go to production: others than the log's own, a part told as the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from onset.domain.measures import in_eighths
from onset.domain.production import Moment
from onset.domain.scene import Coverage
from onset.errors import ReportError
from onset.reports.cells import cells_of
from onset.reports.html import sections_html
from onset.reports.pdf import sections_pdf
from onset.reports.progress import ProgressReport
from onset.reports.progress_day import progress_report
from onset.reports.revision import compare
from onset.reports.text import sections_text
from tests.logging_db.conformance_merging import another, meet
from tests.logging_db.support import OnSet
from tests.onset.reports.a_film import a_film, shoot


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSet]:
    """Only asked; a test that changes the film has its own."""
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        yield on_set


def _rows(report: ProgressReport, heading: str) -> dict[str, list[str]]:
    section = next(each for each in report.sections if each.heading == heading)
    return {row[0][0]: [" ".join(cell) for cell in row[1:]] for row in section.rows}


def test_numbers_are_other_than_the_logs_own(film: OnSet) -> None:
    own = film.log.totals(day=2)
    rows = _rows(progress_report(film.log, 2), "Progress")
    for what, name in (("Scenes complete", "scenes_complete"), ("Setups", "setups"), ("Takes", "takes")):
        found = [getattr(tally, name) for tally in (own.before, own.today, own.to_date)]
        assert rows[what][1:4] == [str(each) for each in found]
    pages = [in_eighths(each.eighths) for each in (own.before, own.today, own.to_date)]
    assert rows["Pages"][1:4] == pages
    assert rows["Pages"][4].removeprefix("~") == in_eighths(own.remaining.eighths)


def test_opening_balance_or_the_revision_is_left_out(film: OnSet) -> None:
    # By hand, in eighths: white 10+12+30+8+12+19+3+2, blue 2 and 6 more; 20+8+8 before, 4+10+2 today; of 1, 2, 40, 43,
    # 44 and 46 remain 10+12+30+11+3+6, less the 20 that nobody knows the scenes of.
    assert _rows(progress_report(film.log, 2), "Progress") == {
        "Scenes complete": ["9 was 8", "3", "2", "5", "4"],
        "Pages": ["~13 was ~12", "4 4/8", "2", "6 4/8", "6 4/8"],
        "Screen time": ["11:25 was 10:30", "4:20", "2:11", "6:31", "5:24"],
        "Setups": ["", "205", "4", "209", ""],
        "Takes": ["", "902", "5", "907", ""],
        "Circled": ["", "311", "4", "315", ""],
        "Shooting days": ["", "12", "1", "13", ""],
    }


def test_scene_stands_under_the_wrong_result(film: OnSet) -> None:
    rows = _rows(progress_report(film.log, 2), "Scenes scheduled and shot")
    assert {scene: [cells[0], *cells[2:]] for scene, cells in rows.items()} == {
        "42": ["shot", "1 4/8", "1 4/8", "4/8", "with the letter"],
        "43": ["part", "2 5/8", "2 5/8", "1 2/8", ""],
        "44": ["not shot", "3/8", "2/8", "", ""],
        "45": ["added, shot", "~2/8", "", "2/8", ""],
    }


def test_time_over_or_under_is_told_of_a_scene_that_is_not_complete(film: OnSet) -> None:
    assert _rows(progress_report(film.log, 2), "Screen time, estimated and actual") == {
        "42": ["1:30", "0:55", "1:35", "0:05 over"],
        "43": ["2:10", "1:01", "1:01", "in part"],
        "45": ["", "0:15", "0:15", ""],
        "All complete to date (2 scenes)": ["2:30", "", "2:45", "0:15 over"],
    }


def test_what_is_owed_is_what_was_owed_that_night(film: OnSet) -> None:
    first, second = progress_report(film.log, 1), progress_report(film.log, 2)
    assert [(line.what, line.how) for line in first.owed] == [
        ("the letter", "42A/1, day 2"),
        ("out of focus", "41/1, day 2"),
    ]
    assert [(line.what, line.kind) for line in second.owed] == [("gulls", "wild track")]
    assert [(line.what, line.how) for line in second.settled] == [("the letter", "42A/1"), ("out of focus", "41/1")]
    assert [(line.scene, line.setups) for line in second.retakes] == [("41", "41 (1 take)")]


def test_times_that_nobody_stamped_are_marked(film: OnSet) -> None:
    rows = _rows(progress_report(film.log, 2), "Times")
    assert rows["Call"] == ["10:02", ""]  # 08:02 UTC, two hours on at the place
    assert rows["First shot"][1] == "from the takes"
    assert rows["Lunch out"] == ["", "not stamped"]
    assert "Company move" not in rows


def test_rolls_and_wild_tracks_of_the_day(film: OnSet) -> None:
    report = progress_report(film.log, 2)
    assert [(line.device, line.roll, line.takes, line.circled) for line in report.rolls] == [
        ("Camera A", "A013", 5, 4),
        ("Sound", "S001", 5, 4),
    ]
    assert [(line.take, line.circled, line.timing) for line in report.wild_tracks] == [("43WT/1", True, "~0:20")]
    assert [(line.about, line.text) for line in report.remarks] == [("Scene 43", "rain cover asked for")]


def test_warnings_name_what_is_not_whole(film: OnSet) -> None:
    untimed = "Nobody estimated the screen time of 1 scene; its totals are without them."
    assert progress_report(film.log, 2).warnings == ("Day 2 has not ended; these numbers are not its last.", untimed)
    assert progress_report(film.log, 1).warnings == (untimed,)


def test_credits_that_contradict_each_other_are_taken_for_agreed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_film(tmp_path_factory.mktemp("film")) as on_set, another(on_set) as ben:
        on_set.log.credit("43", Coverage.PART, eighths=12, seconds=61)
        ben.log.credit("43", Coverage.PART, eighths=14, seconds=61)
        for seat in (on_set, ben):
            seat.clock.advance(60)
            seat.log.stamp_day(Moment.CALL, seat.stamp(), day=2)
        meet(on_set, ben)
        told = "Two seats said different things ({}); one of them is reckoned with until somebody resolves it."
        wanted = {told.format(what) for what in ("Scene 43, day 2, eighths", "Call, time")}
        assert wanted <= set(progress_report(on_set.log, 2).warnings)


def test_other_units_day_counts_to_what_remains_only(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        on_set.log.add_unit("Second")
        on_set.log.open_day("Second", 1, "2026-05-30")
        on_set.log.credit("44", Coverage.COMPLETE, eighths=3, seconds=20, unit="Second")
        report = progress_report(on_set.log, 2)
        assert _rows(report, "Progress")["Scenes complete"] == ["9 was 8", "3", "2", "5", "3"]
        assert _rows(report, "Scenes scheduled and shot")["44"][0] == "shot (day 1, Second)"
        other = progress_report(on_set.log, 1, unit="Second")
        assert [line.scene for line in other.scheduled] == ["44"]
        assert _rows(other, "Progress")["Pages"][1:4] == ["0", "3/8", "3/8"]


def test_part_of_a_day_is_told_as_the_whole(film: OnSet) -> None:
    report = progress_report(film.log, 2, partial=True)
    assert report.warnings[0].startswith("PARTIAL")
    assert re.fullmatch(r"PARTIAL, as of \d\d:\d\d", report.covers[1])
    assert report.filed == ("day02", "partial")
    assert "PARTIAL, as of" in sections_text(report).decode().splitlines()[1]
    with pytest.raises(ReportError, match=r"^Day 1 ended at .*a part of it is for a day that goes on\.$"):
        progress_report(film.log, 1, partial=True)


def test_every_row_keeps_its_name_between_printings(film: OnSet) -> None:
    for section in progress_report(film.log, 2).sections:
        assert len(section.keys) == len(set(section.keys)) == len(section.rows)


def test_correction_marks_the_cells_that_it_changed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        before = cells_of(progress_report(on_set.log, 1))
        on_set.log.credit("41", Coverage.COMPLETE, eighths=8, seconds=72, day=1)
        on_set.log.stamp_day(Moment.FIRST_SHOT, on_set.stamp(), day=1)
        changed = compare(before, cells_of(progress_report(on_set.log, 1)))
    assert [
        (one.table, one.key, one.column) for one in changed if one.table != "Screen time, estimated and actual"
    ] == [
        ("Times", "first shot", "Time"),
        ("Times", "first shot", "Note"),
        ("Progress", "Screen time", "Today"),
        ("Progress", "Screen time", "To date"),
    ]


@pytest.mark.parametrize("make", [sections_pdf, sections_html, sections_text])
def test_same_log_prints_another_paper(film: OnSet, make: object) -> None:
    assert callable(make)
    assert make(progress_report(film.log, 2)) == make(progress_report(film.log, 2))


def test_private_and_take_notes_stay_where_they_are(film: OnSet) -> None:
    text = sections_text(progress_report(film.log, 2)).decode()
    assert "rain cover" in text
    assert not [each for each in ("forgot", "use the end", "window reflects") if each in text]


def test_day_with_nothing_and_a_shoot_past_midnight(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        log = on_set.log
        log.wrap_day("Main", on_set.stamp())
        on_set.clock.advance(10 * 3600.0)
        log.stamp_day(Moment.CALL, on_set.stamp())
        empty = progress_report(log, 3)
        assert "No take was logged on day 3." in empty.warnings
        assert sections_pdf(empty).startswith(b"%PDF-")
        on_set.clock.advance(16 * 3600.0)
        shoot(on_set, "46", 9.0)
        assert progress_report(log, 3).warnings[1] == "Shot that day and not credited: 46."
        log.set_scene("46", {"heading": "EXT. \x1b[31mQUAY"})
        log.credit("46", Coverage.PART, note="<b>" + "long " * 200)
        page = sections_html(progress_report(log, 3)).decode()
        assert "(next day)" in page
        assert "\\x1b[31mQUAY" in page
        assert "&lt;b&gt;long" in page
