"""What may go wrong with facing pages: a take that is on no page, a private note on one, two scenes on one sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from onset.domain.note import Audience
from onset.domain.scene import Coverage
from onset.domain.script import ScriptScene, ScriptVersion
from onset.domain.take import Kind
from onset.errors import ReportError
from onset.logbook.terms import Next
from onset.reports.cells import cells_of
from onset.reports.facing import FacingPages, FacingScene
from onset.reports.facing_pages import pages_of_all, pages_of_day, pages_of_scene
from onset.reports.html import sections_html
from onset.reports.pdf import sections_pdf
from onset.reports.revision import compare
from onset.reports.text import sections_text
from tests.logging_db.support import OnSet, memory_log
from tests.onset.reports.a_film import a_film, shoot


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSet]:
    """Only asked; a test that changes the film has its own."""
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        yield on_set


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnSet]:
    with a_film(tmp_path_factory.mktemp("film")) as on_set:
        yield on_set


def _one(on_set: OnSet, number: str) -> FacingScene:
    (scene,) = pages_of_scene(on_set.log, (number, None)).scenes
    return scene


def _takes(scene: FacingScene) -> list[str]:
    slates = [setup.heading for setup in scene.setups]
    return [f"{slate}/{t.number}" for slate, setup in zip(slates, scene.setups, strict=True) for t in setup.takes]


def _headings(paper: FacingPages) -> list[str]:
    return [section.heading for section in paper.sections if section.new_page]


def test_every_take_of_the_film_is_on_a_page_once(film: OnSet) -> None:
    pages = pages_of_all(film.log)
    shown = [take.key for scene in pages.scenes for setup in scene.setups for take in setup.takes]
    shown += [take.key for scene in pages.scenes for take in scene.wild_tracks]
    assert sorted(shown) == sorted(take.id for take in film.log.takes())


def test_scene_of_two_days_has_the_takes_and_credits_of_both(film: OnSet) -> None:
    scene = _one(film, "42")
    assert _takes(scene) == ["42/1", "42/2", "42A/1"]
    assert [take.day for setup in scene.setups for take in setup.takes] == ["1", "1", "2"]
    assert [(line.day, line.state, line.pages, line.time) for line in scene.credits] == [
        ("1", "part", "1", "0:40"),
        ("2", "complete", "4/8", "0:55"),
    ]


def test_page_begins_each_scene_and_none_is_empty(film: OnSet) -> None:
    pages = pages_of_all(film.log)
    assert _headings(pages) == [
        "Scene 41",
        "Scene 42",
        "Scene 43",
        "Scene 45",
    ]
    assert b"/Count 4" in sections_pdf(pages)
    assert sections_html(pages).count(b'<section class="sheet">') == 4


def test_wild_track_stands_at_the_end_and_in_no_setup(film: OnSet) -> None:
    scene = _one(film, "43")
    assert _takes(scene) == ["43/1", "43/2", "43/3"]
    assert [(take.number, take.circled) for take in scene.wild_tracks] == [("43WT/1", True)]
    assert [section.heading for section in pages_of_scene(film.log, ("43", None)).sections][
        -1
    ] == "Scene 43: wild tracks"


def test_private_note_is_on_no_page(film: OnSet) -> None:
    text = sections_text(pages_of_all(film.log)).decode()
    assert "use the end only" in text
    assert "Production: window reflects" in text
    assert "Production: rain cover asked for" in text
    assert "forgot" not in text


def test_setup_says_how_its_cameras_stood(film: OnSet) -> None:
    (setup,) = _one(film, "43").setups
    assert setup.heading == "43"
    assert setup.about == ((("Size", "WS"), ("Description", "Master, from the door")), (("A", "35mm"),))
    assert [(take.number, take.circled, take.status) for take in setup.takes] == [
        ("1", False, ()),
        ("2", True, ("circled",)),
        ("3", False, ("FALSE START",)),
    ]


def test_day_brings_the_scenes_that_it_touched_with_all_their_days(film: OnSet) -> None:
    first, second = pages_of_day(film.log, 1), pages_of_day(film.log, 2)
    assert _headings(first) == ["Scene 41", "Scene 42"]
    assert len(second.scenes) == 4
    assert "42/1" in _takes(second.scenes[1])
    assert (second.filed, second.covers[0]) == (("day02",), "Scenes of day 2")
    assert (first.day, first.date) == (1, "2026-05-29")  # though its pages have takes of day 2


def test_slate_of_two_scenes_is_on_the_pages_of_both(own: OnSet) -> None:
    own.log.set_next(Next(scene="41+44", slate="41+44A"))
    shoot(own, "41+44A", 9.0)
    assert _takes(_one(own, "41"))[-1] == "41+44A/1"
    assert _takes(_one(own, "44")) == ["41+44A/1"]
    pages = pages_of_all(own.log)
    assert not [heading for heading in _headings(pages) if "41+44" in heading]
    assert pages.counts == {"scenes": 5, "setups": 6, "takes": 8, "wild_tracks": 1}


def test_scene_that_was_only_shot_together_with_others(own: OnSet) -> None:
    """`122` is in no script: what was shot of it stands on the page of 41, and of slates of its own."""
    for slate in ("41+122A", "122+130B"):
        own.log.set_next(Next(scene=slate[:-1], slate=slate))
        shoot(own, slate, 9.0)
    pages = pages_of_scene(own.log, ("122", None))
    assert [_takes(scene)[-1] for scene in pages.scenes] == ["41+122A/1", "122+130B/1"]
    assert (pages.covers, pages.filed) == (("Scenes 41, 122+130",), ("scene", "41", "122+130"))
    assert pages_of_scene(own.log, ("130", None)).covers == ("Scene 122+130",)


def test_scene_under_a_new_number_left_its_takes_behind(own: OnSet) -> None:
    scenes = [ScriptScene(number="47", was="42", eighths=12), ScriptScene(number="43", eighths=21)]
    own.log.take_script(ScriptVersion(name="pink", digest="p"), scenes)
    renumbered = _one(own, "47")
    assert [line.state for line in renumbered.credits] == ["part", "complete"]
    assert (renumbered.about[0][0], _takes(renumbered)) == (("Was", "42"), ["42/1", "42/2", "42A/1"])
    assert pages_of_scene(own.log, ("42", None)).covers == ("Scene 47",)
    assert "Scene 42" not in _headings(pages_of_all(own.log))


def test_page_of_a_scene_before_its_first_take(film: OnSet) -> None:
    text = sections_text(pages_of_scene(film.log, ("40", None))).decode()
    assert "Nobody has credited it." in text
    assert pages_of_scene(film.log, ("040", None)).filed == ("scene", "40")


def test_correction_marks_the_row_that_it_is_about_and_no_other(own: OnSet) -> None:
    before = cells_of(pages_of_all(own.log))
    own.log.set_take(own.log.find_take("42/1").id, {"status": "ng", "status_reason": "focus"})
    own.log.set_setup("43", {"description": "From the window"})
    changed = compare(before, cells_of(pages_of_all(own.log)))
    assert [(one.table, one.column, one.was, one.now, one.row) for one in changed] == [
        ("42", "Status", "", "NG (focus)", False),
        ("43, head", "", "Master, from the door", "From the window", False),
    ]


def test_film_before_its_first_take_is_an_empty_sheet_that_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    with memory_log(tmp_path_factory.mktemp("new")) as on_set:
        pages = pages_of_all(on_set.log)
    assert pages.warnings == ("Nothing of any scene was shot or credited; there is nothing to file.",)
    assert b"/Count 1" in sections_pdf(pages)


def test_scene_that_nobody_knows(film: OnSet) -> None:
    with pytest.raises(ReportError, match=r'^There is no scene 411 in the script or the log; did you mean "41"\?\.$'):
        pages_of_scene(film.log, ("411", None))


def test_letters_of_a_number_stay_as_they_were_written(own: OnSet) -> None:
    own.log.set_scene("10aA", {})
    shoot(own, "10aA", 9.0)
    text = sections_text(pages_of_scene(own.log, ("10aA", None))).decode()
    assert "\nScene 10aA\n" in text
    assert "\n10aA (1)\n" in text


@pytest.mark.parametrize("make", [sections_pdf, sections_html, sections_text])
def test_same_log_prints_another_paper(film: OnSet, make: object) -> None:
    assert callable(make)
    assert make(pages_of_all(film.log)) == make(pages_of_all(film.log))


def test_every_row_keeps_its_name_between_printings(film: OnSet) -> None:
    for section in pages_of_all(film.log).sections:
        assert len(section.keys) == len(set(section.keys)) == len(section.rows)


def test_hostile_words_and_a_note_longer_than_a_page(own: OnSet) -> None:
    (take,) = shoot(own, "44", 5.0)
    own.log.note(take, "\x1b]0;PWNED\x07<script>alert(1)</script>", audience=Audience.PRODUCTION)
    own.log.note(take, "long " * 3000)
    own.log.set_setup("44", {"description": "x" * 900}, cameras={"A": {"lens": "<b>50"}})
    (wild,) = shoot(own, "44WT", 5.0, kind=Kind.WILD_TRACK)
    own.log.credit("44", Coverage.PART, note="a\u202eb")
    page = sections_html(pages_of_scene(own.log, ("44", None))).decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]|<script>|<b>50", page)
    assert own.log.take(wild) is not None
    assert int(re.findall(rb"/Count (\d+)", sections_pdf(pages_of_scene(own.log, ("44", None))))[0]) > 2
