"""What makes nobody believe any paper: two reports of one day that count its setups, takes or rolls differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from onset.cli.log_day_lines import day_lines
from onset.domain.take import Kind
from onset.logbook.terms import Next
from onset.logbook.totals import Tally
from onset.reconcile.compare import board_of
from onset.reports.camera import CameraReport
from onset.reports.camera_day import camera_report
from onset.reports.day import DayPaper, takes_of
from onset.reports.editor import editor_log
from onset.reports.facing_pages import pages_of_day, pages_of_scene
from onset.reports.progress_day import progress_report
from onset.reports.section import SectionPaper
from onset.reports.sound import SoundReport
from onset.reports.sound_day import sound_report
from onset.reports.text import editor_text, sections_text
from onset.reports.wrap_day import wrap_summary
from tests.logging_db.support import OnSet
from tests.onset.reports.a_film import a_film, shoot
from tui.day_tally import DayTally, fitted

# By hand, of day 2 of the film (5 takes in 4 setups, 4 circled; a false start and a wild track) and of what is shot
# below: 43 again under another scene, two takes of 41+122A, a plate, a circled false start, a chart, one deleted.
SHOT = Tally(setups=6, takes=9, circled=7, false_starts=2, wild_tracks=1, charts=1)
_WORDS = {
    "Setups": SHOT.setups,
    "Takes": SHOT.takes,
    "Circled": SHOT.circled,
    "False starts": SHOT.false_starts,
    "Wild tracks": SHOT.wild_tracks,
    "Charts": SHOT.charts,
}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSet]:
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        log = on_set.log
        log.set_next(Next(rolls={"A": "A013", "B": "B007"}))
        (filed_elsewhere,) = shoot(on_set, "43", 30.0)
        log.set_take(filed_elsewhere, {"scene": "44"})
        log.set_next(Next(scene="41+122", slate="41+122A"))
        shoot(on_set, "41+122A", 9.0, 9.0)
        log.set_next(Next(rolls={"A": "A014"}))
        shoot(on_set, "44P", 9.0, kind=Kind.PLATE)
        shoot(on_set, "44P", 2.0, kind=Kind.FALSE_START)
        shoot(on_set, "44C", 4.0, kind=Kind.CHART, circle=False)
        (deleted,) = shoot(on_set, "47", 4.0)
        log.delete(deleted)
        yield on_set


def _papers(on_set: OnSet) -> Mapping[str, DayPaper]:
    log = on_set.log
    board = board_of(log, "Main", 2)
    return {
        "editor": editor_log(log, 2),
        "wrap": wrap_summary(log, board, ()),
        "camera": camera_report(log, board, ()),
        "sound": sound_report(log, board, ()),
    }


def _rows(paper: DayPaper, heading: str) -> list[list[str]]:
    assert isinstance(paper, SectionPaper)
    section = next(each for each in paper.sections if each.heading == heading)
    return [[" ".join(cell) for cell in row] for row in section.rows]


def test_heads_of_two_papers_differ(film: OnSet) -> None:
    own = film.log.totals(day=2).today
    assert {label: getattr(own, label.lower().replace(" ", "_")) for label in _WORDS} == _WORDS
    for name, paper in _papers(film).items():
        facts = dict(paper.facts)
        heard = {label: number for label, number in _WORDS.items() if label in facts}
        assert {label: int(facts[label]) for label in heard} == heard, name
        assert {"Takes", "Circled", "False starts", "Charts"} <= heard.keys(), name
    progress = {row[0]: row[3] for row in _rows(progress_report(film.log, 2), "Progress")}
    assert [progress[label] for label in ("Setups", "Takes", "Circled")] == ["6", "9", "7"]
    timings = [dict(_papers(film)[name].facts)["Circled timing"] for name in ("editor", "wrap")]
    assert timings[0] == timings[1]


def test_scenes_of_the_wrap_summary_add_up_to_another_day(film: OnSet) -> None:
    rows = _rows(_papers(film)["wrap"], "Scenes")
    assert [sum(int(row[column]) for row in rows) for column in (2, 3)] == [SHOT.takes, SHOT.circled]


def test_roll_has_other_takes_on_its_sheet_than_on_the_progress_report(film: OnSet) -> None:
    papers = _papers(film)
    sheets = {}
    for paper in (papers["camera"], papers["sound"]):
        assert isinstance(paper, CameraReport | SoundReport)
        for roll in paper.rolls:
            said = {label: value for facts in roll.about for label, value in facts}
            sheets[roll.roll] = (said["Takes"], said["Circled"])
    assert {row[1]: (row[2], row[3]) for row in _rows(progress_report(film.log, 2), "Rolls used")} == sheets
    assert sheets == {"A013": ("8", "6"), "A014": ("1", "1"), "B007": ("4", "3"), "S001": ("9", "7")}


def test_facing_pages_count_otherwise_than_the_log_to_date(film: OnSet) -> None:
    facts = dict(pages_of_day(film.log, 2).facts)
    shot = film.log.totals(day=2).today + film.log.totals(day=1).today  # of day 1 the pages of day 2 have all
    assert (int(facts["Takes"]), int(facts["Circled"]), int(facts["False starts"])) == (
        shot.takes,
        shot.circled,
        shot.false_starts,
    )
    assert "Setups" not in facts
    assert dict(pages_of_scene(film.log, ("41", None)).facts)["Takes"] == "3"


def test_line_of_text_is_broken_again_by_a_mail_or_a_terminal_of_80_columns(film: OnSet) -> None:
    take = next(one for one in takes_of(film.log, 2, "Main") if one.kind is Kind.CHART)  # counts for nothing
    words = "这条很好但结尾的对白有点赶 the boat drifts left before the line " * 4
    film.log.set_take(take.id, {"status": "ng", "status_reason": words[:90]})
    film.log.set_setup(take.slate, {"description": words}, scene=take.scene)
    film.log.set_angle(
        take.id, "A", {"lens": "24-290mm Angenieux Optimo", "filters": "1/8 BPM, ND.9", "focus": "5'6\""}
    )
    film.log.note(take.id, words)
    for name, paper in (*_papers(film).items(), ("progress", progress_report(film.log, 2))):
        text = sections_text(paper) if isinstance(paper, SectionPaper) else editor_text(editor_log(film.log, 2))
        lines = text.decode().splitlines()[1:]  # the first is known again by its end
        # 78 (RFC 5322, 2.1.1); each Han character has two columns (UAX #11).
        assert [line for line in lines if len(line) + len(re.findall("[\u4e00-\u9fff]", line)) > 78] == [], name
        assert name != "camera" or any("Lens: 24-290mm" in line for line in lines)


def test_screen_and_command_line_count_otherwise_than_paper(film: OnSet) -> None:
    takes = takes_of(film.log, 2, "Main")
    tally = DayTally(2, takes)
    assert fitted(tally.parts(), 200).startswith("day 2  setups 6  takes 9  circled 7  ")
    (day,) = [each for each in film.log.days() if each.number == 2]
    line = day_lines(day, (), (), takes)[-1]
    assert line == "  9 takes of 6 setups, 7 circled, 2 false starts, 1 wild track, 1 chart"
