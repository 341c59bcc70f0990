"""What may go wrong with continuity on paper: a costume of another story day, a still at the wrong scene."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from onset.domain.camera import LinkState
from onset.domain.still import Still
from onset.errors import ReportError
from onset.logbook.terms import SaidOfStill
from onset.reports.continuity import ContinuityReport
from onset.reports.continuity_pages import Wanted, continuity_report
from onset.reports.html import sections_html
from onset.reports.pdf import sections_pdf
from onset.reports.text import sections_text
from onset.stills.small import small_still
from tests.logging_db.support import NOON, OnSet, memory_log
from tests.onset.stills.pictures import jpeg


@pytest.fixture
def on_set(tmp_path: Path) -> Iterator[OnSet]:
    """Scene 41A is a night between two scenes of one day."""
    with memory_log(tmp_path) as on_set:
        log = on_set.log
        for number, story_day in (("41", "D1"), ("42", "D1"), ("41A", "N2")):
            log.set_scene(
                number, {"story_day": story_day, "heading": f"INT. ROOM {number}", "characters": "MARA, NOOR"}
            )
        log.write_continuity("MARA", "41", {"wardrobe": "navy coat", "props": "umbrella, open"})
        log.write_continuity("MARA", "41A", {"wardrobe": "nightgown"})
        log.write_continuity("EDWARD", "42", {"wardrobe": "oilskin", "note": "scar\nright cheek"})
        yield on_set


def a_still(number: int, **fields: object) -> Still:
    plain: dict[str, object] = {
        "id": "", "path": f"stills/IMG_{number}.jpg", "source_path": f"/phone/IMG_{number}.jpg",
        "digest": f"xxh128:{number:032x}", "taken_ns": NOON + number, "unit": "Main", "day": 1,
    }  # fmt: skip
    return Still(**{**plain, **fields})  # type: ignore[arg-type]  # fields of Still, by name


def brought(on_set: OnSet, *stills: Still) -> list[str]:
    on_set.log.bring_in_stills(stills)
    known = {one.path: one.id for one in on_set.log.stills()}
    return [known[one.path] for one in stills]


def headings(report: ContinuityReport) -> Sequence[str]:
    return [scene.heading for scene in report.scenes]


def test_story_days_stand_together_in_the_order_of_their_scenes(on_set: OnSet) -> None:
    made = continuity_report(on_set.log, Wanted())
    assert headings(made) == [
        "D1 · Scene 41 · INT. ROOM 41", "D1 · Scene 42 · INT. ROOM 42", "N2 · Scene 41A · INT. ROOM 41A",
    ]  # fmt: skip
    assert [scene.not_written for scene in made.scenes] == [("NOOR",), ("MARA", "NOOR"), ("NOOR",)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(scene="042"), ["Scene 42"]),
        (Wanted(character=" mara"), ["Scene 41", "Scene 41A"]),
        (Wanted(story_day="d1"), ["Scene 41", "Scene 42"]),
        (Wanted(character="MARA", story_day="N2"), ["Scene 41A"]),
    ],
)
def test_only_what_was_asked_for(on_set: OnSet, wanted: Wanted, found: list[str]) -> None:
    assert [scene.scene for scene in continuity_report(on_set.log, wanted).scenes] == found


def test_day_is_the_scenes_that_were_shot_on_it(on_set: OnSet) -> None:
    on_set.log.add_take(slate="41AB", take="1", stamp=on_set.stamp(), scene="41A")
    made = continuity_report(on_set.log, Wanted(day=1))
    assert [scene.scene for scene in made.scenes] == ["Scene 41A"]
    assert made.covers[0] == "All scenes of day 1"
    with pytest.raises(ReportError, match=r"^There is no day 7 of unit Main;"):
        continuity_report(on_set.log, Wanted(day=7))


def test_who_is_not_known_is_told_who_is(on_set: OnSet) -> None:
    said = r"^No continuity is written of OLAF in scene 41; the log has that of EDWARD, MARA\.$"
    with pytest.raises(ReportError, match=said):
        continuity_report(on_set.log, Wanted(character="OLAF", scene="41"))


def test_stills_stand_at_what_they_show_once(on_set: OnSet) -> None:
    log = on_set.log
    take = log.add_take(slate="41A", take="1", stamp=on_set.stamp(), scene="41")
    one, two, three, four = brought(
        on_set, *(a_still(n, take_id=take.id, caption=f"coat {n}") for n in (1, 2, 3)), a_still(4)
    )
    for still in (one, two):
        log.say_of_still(still, SaidOfStill(continuity=("MARA", "41", None)))
    log.say_of_still(three, SaidOfStill(state=LinkState.CONFIRMED))
    made = continuity_report(log, Wanted(), picture=lambda still: still.name.encode())
    (look,) = made.scenes[0].looks
    assert [still.key for still in look.stills] == [one, two]
    assert [(still.key, still.of) for still in made.scenes[0].stills] == [(three, "41A/1")]
    looks, stills = made.sections[:2]
    assert looks.pictures == (b"IMG_1.jpg", b"IMG_2.jpg")
    assert looks.keys == (look.key, f"{look.key} {two}")
    assert "coat 2" in looks.rows[1][-1][0]
    assert stills.pictures == (b"IMG_3.jpg",)
    assert four not in {still.key for scene in made.scenes for still in scene.stills}
    log.say_of_still(three, SaidOfStill(state=LinkState.REFUSED))
    assert continuity_report(log, Wanted()).scenes[0].stills == ()


def test_still_that_is_only_proposed_says_so(on_set: OnSet) -> None:
    take = on_set.log.add_take(slate="44A", take="1", stamp=on_set.stamp(), scene="44")
    brought(on_set, a_still(1, take_id=take.id))
    made = continuity_report(on_set.log, Wanted(scene="44"))
    assert [still.of for still in made.scenes[0].stills] == ["44A/1?"]
    assert "Nothing was written of anybody in this scene." in sections_text(made).decode()


def test_still_that_is_gone_costs_the_picture_and_is_told(on_set: OnSet, tmp_path: Path) -> None:
    (one,) = brought(on_set, a_still(1))
    on_set.log.say_of_still(one, SaidOfStill(continuity=("MARA", "41", None)))
    made = continuity_report(on_set.log, Wanted(scene="41"), picture=lambda still: small_still(tmp_path / still.path))
    assert "IMG_1.jpg (the file is gone or cannot be read)" in sections_text(made).decode()
    assert "gone" not in sections_text(continuity_report(on_set.log, Wanted(scene="41"))).decode()


def test_paper_is_the_same_twice_and_holds_nothing_as_it_came(on_set: OnSet) -> None:
    on_set.log.write_continuity("MARA", "41", {"wardrobe": "\x1b[31m<b>\u202ecoat"})
    made = continuity_report(on_set.log, Wanted())
    assert "\\x1b[31m<b>\\u202ecoat" in sections_text(made).decode()
    assert b"<b>" not in sections_html(made)
    assert sections_pdf(made) == sections_pdf(continuity_report(on_set.log, Wanted()))


def test_small_still_is_turned_as_it_was_held_and_no_bigger_than_its_print(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(size=(1600, 800), orientation=6))
    made = small_still(path, 200)
    assert made is not None
    with Image.open(BytesIO(made)) as image:
        assert (image.format, image.size) == ("JPEG", (100, 200))
    assert made == small_still(path, 200)


@pytest.mark.parametrize("content", [b"", b"no picture", jpeg()[:-200]])
def test_what_is_no_whole_picture_has_no_small_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert small_still(path) is None
    assert small_still(tmp_path / "gone.jpg") is None


def test_still_of_a_setup_in_a_scene_that_no_script_has(on_set: OnSet) -> None:
    setup = on_set.log.set_setup("50A", {"description": "the pier"}, scene="50")
    brought(on_set, a_still(1, setup_id=setup.id))
    made = continuity_report(on_set.log, Wanted(scene="50"))
    assert [(scene.heading, scene.stills[0].of) for scene in made.scenes] == [("Scene 50", "50A?")]


def test_who_is_only_left_out_of_the_report_is_not_called_unwritten(on_set: OnSet) -> None:
    log = on_set.log
    log.write_continuity("NOOR", "41", {"wardrobe": "apron"}, episode=None)
    log.write_continuity("NOOR", "41", {"story_day": "D9"})
    made = continuity_report(log, Wanted(scene="41"))
    assert [(scene.heading[:2], scene.not_written) for scene in made.scenes] == [("D1", ()), ("D9", ())]
    (alone,) = continuity_report(log, Wanted(scene="42", character="EDWARD")).scenes
    assert alone.not_written == ()
