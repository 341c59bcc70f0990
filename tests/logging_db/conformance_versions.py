"""What every log must do when a version of the script comes in; part of conformance.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.domain.scene import Coverage
from onset.domain.script import ScriptElement, ScriptScene, ScriptVersion
from onset.errors import OnsetError, RefusedError
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet

WHITE = ScriptVersion(name="White", date="2026-05-01", file="white.fdx", digest="a1")
BLUE = ScriptVersion(name="Blue", colour="blue", file="blue.fdx", digest="b2")
SCENES = [
    ScriptScene(number="1", heading="EXT. HARBOUR - DAY", eighths=4, characters=("MARA",)),
    ScriptScene(number="2", heading="INT. KITCHEN - NIGHT", eighths=12, characters=("MARA", "TOM"), pages="1-2"),
    ScriptScene(number="3", heading="INT. KITCHEN - NIGHT", eighths=2, story_day="N1", estimate_s=10),
]
ELEMENTS = [
    ScriptElement(key="a", scene="1", kind="action", text="Gulls.", page="1", line=3),
    ScriptElement(key="b", scene="2", kind="character", text="TOM", character="TOM"),
    ScriptElement(key="c", scene="2", kind="dialogue", text="You came.", character="TOM"),
    ScriptElement(key="d", scene="3", kind="action", text="She sits."),
    ScriptElement(key="e", scene="3", kind="action", text="She stands."),
]


def numbers(on_set: OnSet, *, omitted: bool = False) -> list[str]:
    return [scene.number for scene in on_set.log.scenes() if scene.omitted == omitted]


class VersionsOfTheScript:
    """A revision changes the script, and nothing of what was shot and credited."""

    def test_script_comes_in_otherwise_than_it_was(self, on_set: OnSet) -> None:
        diff = on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        assert (diff.added, diff.omitted, diff.changed, diff.elements_added) == (("1", "2", "3"), (), (), 5)
        second = on_set.log.scene("2")
        assert second is not None
        assert (second.heading, second.eighths, second.characters) == ("INT. KITCHEN - NIGHT", 12, ("MARA", "TOM"))
        assert (second.pages, second.ordinal, second.version) == ("1-2", 1, diff.version.id)
        assert list(on_set.log.script_elements("2")) == ELEMENTS[1:3]
        assert list(on_set.log.script_elements("1")) == ELEMENTS[:1]
        assert list(on_set.log.versions()) == [diff.version]
        assert replace(diff.version, id="", wall_ns=0) == WHITE
        assert diff.version.wall_ns == on_set.clock.wall_ns()

    def test_same_script_again_changes_something(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        before = on_set.log.arrival()
        on_set.clock.advance(60)
        diff = on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        assert diff == type(diff)(version=diff.version)
        assert on_set.log.arrival() == before
        assert len(on_set.log.versions()) == 1

    def test_preview_writes_something_or_says_something_else(self, on_set: OnSet) -> None:
        expected = on_set.log.take_script(WHITE, SCENES, ELEMENTS, preview=True)
        assert (on_set.log.scenes(), on_set.log.versions(), on_set.log.arrival()) == ([], [], 1)
        assert on_set.log.take_script(WHITE, SCENES, ELEMENTS) == expected

    def test_scene_that_is_gone_takes_its_takes_and_credits_with_it(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES)
        on_set.log.set_scene("9", {"note": "an idea"})  # typed in: no script ever had it
        on_set.log.set_next(Next(slate="2A"))
        take = on_set.shoot()
        on_set.log.credit("2", Coverage.COMPLETE, eighths=12, seconds=60)
        diff = on_set.log.take_script(BLUE, [SCENES[0], SCENES[2]])
        assert (diff.omitted, diff.credited, diff.added) == (("2",), ("2",), ())
        assert (numbers(on_set), numbers(on_set, omitted=True)) == (["1", "3", "9"], ["2"])
        assert on_set.log.take(take.id) == take
        assert [one.eighths for one in on_set.log.credits()] == [12]
        totals = on_set.log.totals()
        assert (totals.script.scenes, totals.script.eighths, totals.remaining.eighths) == (3, 6, 6)
        back = on_set.log.take_script(ScriptVersion(name="Pink"), SCENES)
        assert (back.restored, back.omitted, back.added) == (("2",), (), ())
        assert numbers(on_set, omitted=True) == []
        assert on_set.log.totals().remaining.eighths == 6

    def test_script_says_itself_that_a_scene_is_omitted(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES)
        diff = on_set.log.take_script(BLUE, [SCENES[0], ScriptScene(number="2", omitted=True), SCENES[2]])
        assert (diff.omitted, diff.changed) == (("2",), ())
        second = on_set.log.scene("2")
        assert second is not None
        assert (second.omitted, second.heading) == (True, "INT. KITCHEN - NIGHT")
        assert on_set.log.take_script(BLUE, [SCENES[0], ScriptScene(number="2", omitted=True), SCENES[2]]).omitted == ()

    def test_changed_scene_is_not_told(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES)
        longer = replace(SCENES[1], eighths=16, characters=("MARA",), heading="INT. KITCHEN - DAY")
        (changed,) = on_set.log.take_script(BLUE, [SCENES[0], longer, SCENES[2]]).changed
        assert (changed.number, changed.fields) == (
            "2",
            (
                ("heading", "INT. KITCHEN - NIGHT", "INT. KITCHEN - DAY"),
                ("characters", "MARA, TOM", "MARA"),
                ("eighths", "1 4/8", "2"),
            ),
        )

    def test_what_a_person_said_is_lost_when_the_script_says_nothing(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES)
        on_set.log.set_scene("1", {"story_day": "D1", "estimate_s": 25, "note": "gulls"})
        on_set.log.take_script(BLUE, SCENES)
        first = on_set.log.scene("1")
        assert first is not None
        assert (first.story_day, first.estimate_s, first.note) == ("D1", 25, "gulls")

    def test_estimate_takes_the_place_of_a_count(self, on_set: OnSet) -> None:
        guessed = [replace(scene, eighths=7, eighths_estimated=True) for scene in SCENES]
        on_set.log.take_script(WHITE, guessed)
        on_set.log.set_scene("1", {"eighths": 4, "eighths_estimated": 0})
        on_set.log.take_script(BLUE, [replace(scene, eighths=8) for scene in guessed])
        found = [(one.eighths, one.eighths_estimated) for one in on_set.log.scenes()]
        assert found == [(4, False), (8, True), (8, True)]
        on_set.log.take_script(ScriptVersion(name="Pink"), SCENES)
        assert [(one.eighths, one.eighths_estimated) for one in on_set.log.scenes()] == [
            (4, False),
            (12, False),
            (2, False),
        ]

    def test_renumbered_scene_is_taken_for_a_new_one(self, on_set: OnSet) -> None:
        """By its text, by the script's own word, or by a heading of its own; never by a heading that two have."""
        on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        moved = [replace(one, scene="3A" if one.scene == "3" else one.scene) for one in ELEMENTS]
        diff = on_set.log.take_script(BLUE, [*SCENES[:2], replace(SCENES[2], number="3A")], moved)
        assert (diff.renumbered, diff.added, diff.omitted) == ((("3", "3A"),), (), ())
        old, new = on_set.log.scene("3"), on_set.log.scene("3A")
        assert old is not None
        assert new is not None
        assert (old.omitted, new.predecessor) == (True, old.id)
        assert [one.key for one in on_set.log.script_elements("3A")] == ["d", "e"]
        told = [
            replace(SCENES[0], number="1A"),
            replace(SCENES[1], number="7", was="2"),
            replace(SCENES[2], number="3A"),
        ]
        diff = on_set.log.take_script(ScriptVersion(name="Pink"), told)
        assert set(diff.renumbered) == {("1", "1A"), ("2", "7")}
        alike = [told[0], replace(SCENES[1], number="8"), replace(SCENES[2], number="9")]
        diff = on_set.log.take_script(ScriptVersion(name="Green"), alike)
        assert (diff.renumbered, diff.added, diff.omitted) == ((), ("8", "9"), ("7", "3A"))

    def test_scene_that_was_parted_counts_as_the_one_it_came_from(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES)
        parted = ScriptScene(number="2A", heading="INT. PANTRY - NIGHT", eighths=6, was="2")
        diff = on_set.log.take_script(BLUE, [*SCENES, parted])
        assert (diff.renumbered, diff.added) == ((), ("2A",))
        found = on_set.log.scene("2A")
        assert found is not None
        assert found.predecessor is None

    def test_paragraph_loses_its_identity(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        said = replace(ELEMENTS[2], text="You came back.")
        new = ScriptElement(key="x", scene="2", kind="action", text="She nods.")
        diff = on_set.log.take_script(BLUE, SCENES, [ELEMENTS[0], ELEMENTS[1], new, said, ELEMENTS[4]])
        assert (diff.elements_added, diff.elements_changed, diff.elements_gone) == (1, 1, 1)
        assert list(on_set.log.script_elements("2")) == [ELEMENTS[1], new, said]
        assert list(on_set.log.script_elements("3")) == [ELEMENTS[4]]
        diff = on_set.log.take_script(ScriptVersion(name="Pink"), SCENES, ELEMENTS)
        assert (diff.elements_added, diff.elements_changed, diff.elements_gone) == (1, 1, 1)
        assert list(on_set.log.script_elements("3")) == ELEMENTS[3:]
        on_set.log.take_script(ScriptVersion(name="Green"), SCENES)  # without text: what is there stays
        assert list(on_set.log.script_elements("3")) == ELEMENTS[3:]

    def test_episodes_omit_each_others_scenes(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        diff = on_set.log.take_script(replace(WHITE, episode="101"), SCENES[:1], ELEMENTS[:1])
        assert (diff.added, diff.omitted) == (("1",), ())
        assert [scene.label for scene in on_set.log.scenes()] == ["1", "2", "3", "101:1"]
        assert [one.key for one in on_set.log.script_elements("1", episode="101")] == ["a"]
        assert [version.episode for version in on_set.log.versions()] == [None, "101"]

    def test_script_is_taken_out_in_parts(self, on_set: OnSet) -> None:
        on_set.log.take_script(WHITE, SCENES, ELEMENTS)
        before = on_set.log.scenes(), on_set.log.versions(), on_set.log.script_elements("3")
        on_set.log.take_script(BLUE, [replace(SCENES[0], eighths=5), SCENES[1]], ELEMENTS[:3])
        after = on_set.log.scenes()
        assert on_set.undo() == 'script "Blue" taken out again'
        assert (on_set.log.scenes(), on_set.log.versions(), on_set.log.script_elements("3")) == before
        assert on_set.redo() == 'script "Blue" is in again'
        assert on_set.log.scenes() == after
        on_set.undo()
        assert on_set.undo() == 'script "White" taken out again'
        assert (on_set.log.scenes(), on_set.log.versions(), on_set.log.script_elements("3")) == ([], [], [])
        assert on_set.log.take_script(WHITE, SCENES, ELEMENTS).added == ("1", "2", "3")
        assert (on_set.log.scenes(), on_set.log.versions(), on_set.log.script_elements("3")) == before

    @pytest.mark.parametrize(
        ("scenes", "elements", "said"),
        [
            ([], [], "has no scenes"),
            ([SCENES[0], SCENES[0]], [], "scene 1 twice"),
            ([replace(SCENES[0], number="")], [], "must not be empty"),
            ([replace(SCENES[0], eighths=-1)], [], "at least 0"),
            ([replace(SCENES[0], heading="a\x00")], [], "not text"),
            ([replace(SCENES[0], heading="x" * 20_001)], [], "longer than 20,000"),
            (SCENES, [ELEMENTS[0], ELEMENTS[0]], "element a twice"),
            (SCENES[:1], ELEMENTS, "text of scene 2, but no such scene"),
        ],
    )
    def test_script_that_cannot_be_is_taken_in_half(
        self, on_set: OnSet, scenes: list[ScriptScene], elements: list[ScriptElement], said: str
    ) -> None:
        with pytest.raises(OnsetError, match=said):
            on_set.log.take_script(WHITE, scenes, elements)
        with pytest.raises(RefusedError, match="cannot be empty"):
            on_set.log.take_script(ScriptVersion(name=" ", digest="a1"), SCENES)
        assert (on_set.log.scenes(), on_set.log.versions()) == ([], [])
