"""What every log must know of the script and of the setups it is shot in; part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.scene import Scene
from onset.errors import RefusedError, SlateError
from onset.logbook.as_json_script import scene_json, setup_json
from onset.logbook.entities import ENTITIES
from onset.logbook.terms import Next, SetupPlan
from tests.logging_db.support import OnSet


class ScenesOfTheScript:
    """What is said of a scene stays as it was said."""

    def test_field_of_a_scene_is_lost(self, on_set: OnSet) -> None:
        said: dict[str, Value] = {
            "heading": "INT. KITCHEN - NIGHT",
            "int_ext": "INT.",
            "set": "KITCHEN",
            "time_of_day": "NIGHT",
            "story_day": "D1",
            "pages": "22A-23",
            "characters": "MARA, TOM",
            "note": "rain outside",
            "eighths": 12,
            "eighths_estimated": 1,
            "estimate_s": 80,
            "rehearsal_ns": 70_000_000_000,
            "omitted": 1,
            "ordinal": 7,
        }
        assert said.keys() == {field.name for field in ENTITIES["scene"] if field.open}
        scene = on_set.log.set_scene("42", said, episode="101")
        shown = {**scene_json(scene), "characters": ", ".join(scene.characters)}
        assert {name: shown[name] for name in said} == said
        assert scene.label == "101:42"
        assert on_set.log.scene("42", episode="101") == scene
        assert on_set.log.scene("42") is None
        assert list(on_set.log.scenes()) == [scene]

    def test_scene_typed_in_by_hand_stands_at_the_end_of_the_script(self, on_set: OnSet) -> None:
        for place, number in enumerate(("1", "3", "2", "10")):
            on_set.log.set_scene(number, {"ordinal": place})
        for number in ("2A", "A1", "11"):
            on_set.log.set_scene(number, {})
        on_set.log.set_scene("1", {}, episode="101")
        assert [scene.label for scene in on_set.log.scenes()] == ["A1", "1", "3", "2", "2A", "10", "11", "101:1"]

    def test_scene_that_was_taken_out_cannot_come_back(self, on_set: OnSet) -> None:
        on_set.log.set_scene("42", {"eighths": 12})
        assert on_set.undo() == "scene 42 taken out again"
        assert on_set.log.scenes() == []
        assert on_set.redo() == "scene 42 is in again"
        assert [scene.eighths for scene in on_set.log.scenes()] == [12]
        on_set.undo()
        assert on_set.log.set_scene("42", {"note": "again"}).note == "again"
        assert [scene.number for scene in on_set.log.scenes()] == ["42"]

    def test_undo_says_what_a_scene_measures(self, on_set: OnSet) -> None:
        for fields in ({"eighths": 12}, {"eighths": 2}, {"estimate_s": 80}, {"characters": "MARA, TOM"}, {"note": ""}):
            on_set.log.set_scene("42", fields, episode="7")
        on_set.log.set_scene("42", {"characters": None, "estimate_s": None}, episode="7")
        assert on_set.undo() == 'scene 7:42 characters is "MARA, TOM" again'
        on_set.undo()
        on_set.undo()
        on_set.undo()
        assert on_set.undo() == 'scene 7:42 eighths is "1 4/8" again'
        assert on_set.redo() == 'scene 7:42 eighths is "2/8"'

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"eighths": -1}, "at least 0"),
            ({"eighths": 10_000}, "at most 9999"),
            ({"eighths": "2/8"}, "whole number"),
            ({"characters": "[1]"}, "names with commas"),
            ({"characters": '["\\ud800"]'}, "not text"),
            ({"characters": "[" * 20_000}, "names with commas"),
            ({"version": "x"}, 'no field "version"'),
        ],
    )
    def test_scene_holds_what_it_cannot(self, on_set: OnSet, fields: dict[str, Value], said: str) -> None:
        with pytest.raises(RefusedError, match=said):
            on_set.log.set_scene("42", fields)
        assert on_set.log.scenes() == []

    def test_scene_without_a_number_is_made(self, on_set: OnSet) -> None:
        for number, episode in (("", None), ("x" * 33, None), ("42", "e\x00")):
            with pytest.raises(SlateError):
                on_set.log.set_scene(number, {}, episode=episode)

    def test_names_are_kept_otherwise_than_typed(self, on_set: OnSet) -> None:
        def characters(text: str) -> tuple[str, ...]:
            found: Scene = on_set.log.set_scene("42", {"characters": text})
            return found.characters

        assert characters(" MARA ,TOM,, MARA") == ("MARA", "TOM")
        assert characters('["DR. WEISS, MD", "ŽOFIE"]') == ("DR. WEISS, MD", "ŽOFIE")
        assert characters(" , ") == ()


class SetupsPlannedAndShot:
    """A setup is what was meant; its takes are what was shot."""

    def test_field_of_a_setup_is_lost(self, on_set: OnSet) -> None:
        said: dict[str, Value] = {
            field.name: {"integer": 3, "flag": 1}.get(field.type, f"its {field.name}")
            for field in ENTITIES["setup"]
            if field.open
        }
        camera = {field.name: f"A {field.name}" for field in ENTITIES["camera_setup"] if field.open}
        setup = on_set.log.set_setup("42C", said | {"characters": "MARA, TOM"}, cameras={"A": camera, "B": {}})
        shown = setup_json(setup)
        assert {name: shown[name] for name in said} == said | {"characters": ["MARA", "TOM"]}
        assert (setup.scene, setup.shot) == ("42", False)
        a, b = setup.cameras
        assert {name: getattr(a, name) for name in camera} == camera | {"characters": ("A characters",)}
        assert (b.camera, b.lens) == ("B", "")
        assert on_set.log.setup("42C") == setup
        assert on_set.log.setup("42C", episode="101") is None

    def test_setup_and_its_cameras_are_two_edits(self, on_set: OnSet) -> None:
        on_set.log.set_setup("42C", {"size": "CU"})
        before = on_set.log.setups()
        on_set.log.set_setup("42C", {"size": "MS"}, cameras={"A": {"lens": "35mm"}})
        assert on_set.undo() == 'slate 42C size is "CU" again'
        assert on_set.log.setups() == before

    def test_setup_counts_as_shot_without_a_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        on_set.log.set_setup("42D", {"planned": 1})
        take = on_set.shoot()
        on_set.log.set_next(Next(episode="101", slate="42D"))
        assert {setup.slate: setup.shot for setup in on_set.log.setups()} == {"42C": True, "42D": False}
        on_set.shoot()  # 42D of episode 101
        shot = {(setup.episode, setup.slate): setup.shot for setup in on_set.log.setups()}
        assert shot == {(None, "42C"): True, (None, "42D"): False, ("101", "42D"): True}
        on_set.log.delete(take.id)
        assert not on_set.log.setups()[0].shot

    def test_setup_is_made_in_another_scene_than_said(self, on_set: OnSet) -> None:
        assert on_set.log.set_setup("42C", {}).scene == "42"
        assert on_set.log.set_setup("42C", {}, scene="41").scene == "41"
        assert on_set.log.set_setup("42C", {"size": "CU"}).scene == "41"

    def test_plan_without_a_slate_stands_in_the_way_of_slates(self, on_set: OnSet) -> None:
        on_set.log.plan_setup("over Tom's shoulder", {"size": "OTS"}, scene="42")
        assert on_set.log.setups() == []
        assert on_set.log.set_next(Next(scene="42")).slate == "42"
        on_set.shoot()
        assert on_set.log.next_setup().slate == "42A"

    def test_plan_is_made_twice(self, on_set: OnSet) -> None:
        first = on_set.log.plan_setup("over Tom", {"size": "OTS"}, scene="42", cameras={"A": {"lens": "50mm"}})
        again = on_set.log.plan_setup(" over Tom ", {"storyboard": "12"}, scene="42")
        other = on_set.log.plan_setup("over Tom", {}, scene="43")
        assert (again.id, again.size, again.storyboard, again.cameras) == (first.id, "OTS", "12", first.cameras)
        assert [setup.id for setup in on_set.log.planned_setups()] == [first.id, other.id]
        with pytest.raises(RefusedError, match="Scenes 42, 43 each have"):
            on_set.log.slate_plan("over Tom", "43A")
        assert on_set.log.slate_plan("over Tom", "43A", scene="43").id == other.id

    def test_plan_gets_its_slate_before_it_is_shot(self, on_set: OnSet) -> None:
        plan = on_set.log.plan_setup("over Tom", {"size": "OTS"}, scene="42")
        on_set.log.slate_plan("over Tom", "42C")
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        setup = on_set.log.setup("42C")
        assert setup is not None
        assert (setup.id, setup.name, setup.size, setup.planned, setup.shot) == (plan.id, "over Tom", "OTS", True, True)
        with pytest.raises(RefusedError, match='no planned setup "over Tom"'):
            on_set.log.slate_plan("over Tom", "42D")

    def test_plan_of_a_setup_that_was_shot_already_overwrites_what_was_seen(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        on_set.log.set_setup("42C", {"size": "MS"}, cameras={"A": {"lens": "35mm"}})
        plan = {"size": "OTS", "storyboard": "12"}
        on_set.log.plan_setup("over Tom", plan, scene="42", cameras={"A": {"lens": "50mm", "rig": "dolly"}, "B": {}})
        setup = on_set.log.slate_plan("over Tom", "42C")
        assert (setup.size, setup.storyboard, setup.planned, setup.shot) == ("MS", "12", True, True)
        assert [(one.camera, one.lens, one.rig) for one in setup.cameras] == [("A", "35mm", "dolly"), ("B", "", "")]
        assert [one.slate for one in on_set.log.planned_setups()] == ["42C"]
        assert on_set.undo() == '"over Tom" has no slate again'
        assert [one.slate for one in on_set.log.planned_setups()] == [""]
        assert on_set.redo() == '"over Tom" is slate 42C'
        assert on_set.log.setup("42C") == setup

    def test_plan_is_taken_back(self, on_set: OnSet) -> None:
        on_set.log.plan_setup("over Tom", {"size": "OTS"}, scene="42")
        on_set.log.slate_plan("over Tom", "42C")
        assert on_set.undo() == '"over Tom" has no slate again'
        assert on_set.undo() == 'setup "over Tom" no longer planned'
        assert on_set.log.planned_setups() == []
        assert on_set.redo() == 'setup "over Tom" is again planned'
        assert [one.size for one in on_set.log.planned_setups()] == ["OTS"]

    def test_shot_list_comes_in_by_halves_or_is_taken_back_by_halves(self, on_set: OnSet) -> None:
        over = SetupPlan(name="over Tom", scene="42", fields={"size": "OTS"}, cameras={"A": {"lens": "50mm"}})
        with pytest.raises(RefusedError):
            on_set.log.plan_setups([over, SetupPlan(name="", scene="42")])
        assert on_set.log.planned_setups() == []
        found = on_set.log.plan_setups([over, SetupPlan(name="door", scene="42", episode="101")])
        by_name = {one.name: one for one in found}
        assert sorted((one.name, one.episode or "", one.size) for one in found) == [
            *(("door", "101", ""), ("over Tom", "", "OTS")),
        ]
        assert [camera.lens for camera in by_name["over Tom"].cameras] == ["50mm"]
        assert on_set.undo() == "2 setups no longer planned"
        assert on_set.log.planned_setups() == []

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\x1b[2J", "a\x00"])
    def test_working_name_that_nobody_can_say(self, on_set: OnSet, name: str) -> None:
        with pytest.raises(RefusedError):
            on_set.log.plan_setup(name, {}, scene="42")
        assert on_set.log.planned_setups() == []

    def test_setup_is_made_in_an_episode_that_no_board_shows(self, on_set: OnSet) -> None:
        for episode in ("x" * 33, "a\x1b", " "):
            with pytest.raises(SlateError):
                on_set.log.plan_setup("over Tom", {}, scene="42", episode=episode)
            with pytest.raises(SlateError):
                on_set.log.set_setup("42C", {}, episode=episode)
        assert (on_set.log.setups(), on_set.log.planned_setups()) == ([], [])
