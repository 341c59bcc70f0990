"""What every log must do with continuity: part of conformance.py."""

from __future__ import annotations

import pytest

from onset.errors import RefusedError, SlateError
from tests.logging_db.support import OnSet


def script(on_set: OnSet, *scenes: tuple[str, str], episode: str | None = None) -> None:
    """Scenes in script order, with their story days."""
    for place, (number, story_day) in enumerate(scenes):
        on_set.log.set_scene(number, {"story_day": story_day, "ordinal": place}, episode=episode)


class ContinuityPages:
    """How a character looks from scene to scene."""

    def test_look_is_as_in_the_scene_before_of_that_story_day(self, on_set: OnSet) -> None:
        script(on_set, ("38", "D1"), ("39", "D1"), ("40", "N1"), ("41", "D1"))
        log = on_set.log
        log.write_continuity("MARA", "38", {"wardrobe": "apron"})
        log.write_continuity("MARA", "39", {"wardrobe": "navy coat", "props": "umbrella, open"})
        log.write_continuity("MARA", "40", {"wardrobe": "nightgown"})
        log.write_continuity("TOM", "39", {"wardrobe": "oilskin"})
        before = log.arrival()
        look = log.look("MARA", "41")
        assert look is not None
        assert (look.id, look.scene, look.story_day) == (None, "41", "D1")
        assert (look.wardrobe, look.props) == ("navy coat", "umbrella, open")
        assert look.carried == {"wardrobe": "39", "props": "39"}
        assert log.arrival() == before  # nothing is written until a person says so

    def test_costume_is_not_carried_into_another_story_day(self, on_set: OnSet) -> None:
        script(on_set, ("39", "D1"), ("40", "N1"), ("41", ""))
        on_set.log.write_continuity("MARA", "39", {"wardrobe": "navy coat"})
        assert on_set.log.look("MARA", "40") is None
        assert on_set.log.look("MARA", "41") is None  # its story day is not known
        assert on_set.log.look("MARA", "41", story_day="d1") is not None
        assert on_set.log.look("TOM", "39") is None

    def test_costume_is_not_carried_backwards(self, on_set: OnSet) -> None:
        script(on_set, ("39", "D1"), ("41", "D1"))
        on_set.log.write_continuity("MARA", "41", {"wardrobe": "torn coat"})
        assert on_set.log.look("MARA", "39") is None

    def test_script_order_is_not_the_order_of_numbers(self, on_set: OnSet) -> None:
        script(on_set, ("41", "D1"), ("39", "D1"), ("42", "D1"))
        on_set.log.write_continuity("MARA", "41", {"wardrobe": "coat"})
        on_set.log.write_continuity("MARA", "39", {"wardrobe": "coat, wet"})
        look = on_set.log.look("MARA", "42")
        assert look is not None
        assert look.carried == {"wardrobe": "39"}
        assert [one.scene for one in on_set.log.continuity(character="MARA")] == ["41", "39"]

    def test_scene_that_the_script_does_not_place_stands_behind_the_number_before(self, on_set: OnSet) -> None:
        script(on_set, ("39", "D1"), ("41", "D1"), ("42", "D1"))
        for scene in ("42", "39", "41A", "41"):
            on_set.log.write_continuity("MARA", scene, {"wardrobe": f"coat {scene}", "story_day": "D1"})
        assert [one.scene for one in on_set.log.continuity()] == ["39", "41", "41A", "42"]

    def test_without_a_script_numbers_are_the_order(self, on_set: OnSet) -> None:
        for scene in ("10", "9", "10A"):
            on_set.log.write_continuity("MARA", scene, {"wardrobe": scene, "story_day": "D1"})
        look = on_set.log.look("MARA", "11", story_day="D1")
        assert look is not None
        assert look.wardrobe == "10A"
        assert [one.scene for one in on_set.log.continuity(story_day="D1")] == ["9", "10", "10A"]

    def test_new_entry_takes_over_what_was_seen_and_later_changes_stay_apart(self, on_set: OnSet) -> None:
        script(on_set, ("39", "D1"), ("41", "D1"))
        log = on_set.log
        log.write_continuity("MARA", "39", {"wardrobe": "navy coat", "props": "umbrella", "action": "left hand"})
        made = log.write_continuity("MARA", "41", {"props": "umbrella, broken", "action": None})
        assert (made.wardrobe, made.props, made.action) == ("navy coat", "umbrella, broken", "")
        assert made.carried == {"wardrobe": "39"}
        log.write_continuity("MARA", "39", {"wardrobe": "black coat"})
        kept = log.look("MARA", "41")
        assert kept is not None
        assert (kept.id, kept.wardrobe, kept.carried) == (made.id, "navy coat", {})

    def test_confirming_without_a_word_needs_something_to_confirm(self, on_set: OnSet) -> None:
        script(on_set, ("39", "D1"), ("41", "D1"))
        with pytest.raises(RefusedError, match="Nothing is known of how MARA looks in scene 41"):
            on_set.log.write_continuity("MARA", "41", {})
        with pytest.raises(RefusedError, match="Nothing is known"):
            on_set.log.write_continuity("MARA", "41", {"wardrobe": None, "story_day": "D1"})
        assert on_set.log.continuity() == []
        on_set.log.write_continuity("MARA", "39", {"wardrobe": "navy coat"})
        assert on_set.log.write_continuity("MARA", "41", {}).wardrobe == "navy coat"

    def test_one_character_in_two_spellings_is_one(self, on_set: OnSet) -> None:
        first = on_set.log.write_continuity("Mara Lind", "41", {"wardrobe": "coat"})
        again = on_set.log.write_continuity(" MARA  LIND", "41", {"props": "key"})
        assert again.id == first.id
        assert [(one.character, one.wardrobe, one.props) for one in on_set.log.continuity()] == [
            ("Mara Lind", "coat", "key")
        ]

    def test_episodes_do_not_share_their_costumes(self, on_set: OnSet) -> None:
        for episode in ("101", "102"):
            script(on_set, ("1", "D1"), ("2", "D1"), episode=episode)
        on_set.log.write_continuity("MARA", "1", {"wardrobe": "coat"}, episode="101")
        assert on_set.log.look("MARA", "2", episode="102") is None
        assert on_set.log.look("MARA", "2", episode="101") is not None
        assert on_set.log.continuity(episode="102") == []

    def test_person_says_another_story_day_than_the_script(self, on_set: OnSet) -> None:
        """A memory within a scene: the character is dressed for another day."""
        script(on_set, ("39", "D1"), ("41", "D2"))
        on_set.log.write_continuity("MARA", "39", {"wardrobe": "navy coat"})
        entry = on_set.log.write_continuity("MARA", "41", {"story_day": "D1"})
        assert (entry.wardrobe, entry.story_day) == ("navy coat", "D1")
        assert [one.scene for one in on_set.log.continuity(story_day="D1")] == ["39", "41"]

    @pytest.mark.parametrize(
        ("words", "scenes"),
        [
            ("navy", ["39"]),
            ("COAT", ["39", "41"]),
            ("coat umb", ["41"]),
            ("oa", []),
            ("zoe", ["7"]),
            ("d'or", ["7"]),
            ("%", ["7", "39", "41"]),  # no word: everything is meant
            ("coat' OR 1=1 --", []),
            ("\x00", ["7", "39", "41"]),
        ],
    )
    def test_entries_are_found_by_words(self, on_set: OnSet, words: str, scenes: list[str]) -> None:
        on_set.log.write_continuity("Zoë", "7", {"props": "l'épée d’or"})
        on_set.log.write_continuity("MARA", "39", {"wardrobe": "Navy coat"})
        on_set.log.write_continuity("MARA", "41", {"wardrobe": "grey coat", "props": "umbrella"})
        assert sorted((one.scene for one in on_set.log.continuity(text=words)), key=int) == scenes

    def test_undo_of_continuity_says_what_it_undid(self, on_set: OnSet) -> None:
        log = on_set.log
        log.write_continuity("MARA", "41", {"wardrobe": "navy coat"})
        log.write_continuity("MARA", "41", {"wardrobe": "black coat"})
        log.write_continuity("MARA", "41", {"hair_makeup": "wet", "props": "key"})
        log.delete_continuity("MARA", "41")
        assert log.continuity() == []
        said = []
        for _ in range(4):
            preview = log.undo_preview()
            said.append(on_set.undo())
            assert preview == said[-1]
        assert said == [
            "continuity of MARA in scene 41 is back",
            "MARA in scene 41: hair and makeup, props are as before",
            'MARA in scene 41: wardrobe is "navy coat" again',
            "continuity of MARA in scene 41 taken back",
        ]
        assert log.continuity() == []
        assert [on_set.redo() for _ in range(2)] == [
            "continuity of MARA in scene 41 is back",
            'MARA in scene 41: wardrobe is "black coat"',
        ]

    def test_entry_that_was_taken_back_does_not_haunt_the_next_one(self, on_set: OnSet) -> None:
        log = on_set.log
        log.write_continuity("MARA", "41", {"wardrobe": "navy coat", "note": "bruise", "story_day": "D7"})
        on_set.undo()
        again = log.write_continuity("MARA", "41", {"props": "key"})
        assert (again.wardrobe, again.note, again.props, again.story_day) == ("", "", "key", "")
        assert on_set.undo() == "continuity of MARA in scene 41 taken back"
        assert log.continuity() == []

    def test_history_names_the_character_and_the_scene(self, on_set: OnSet) -> None:
        on_set.log.write_continuity("MARA", "41", {"wardrobe": "navy coat"})
        (line,) = [one for one in on_set.log.history() if one.field == "wardrobe"]
        assert (line.entity, line.about, line.new) == ("continuity", "MARA in scene 41", "navy coat")

    def test_what_cannot_be_written_is_refused_and_nothing_changes(self, on_set: OnSet) -> None:
        before = on_set.log.arrival()
        for character, scene, fields in (
            ("", "41", {"wardrobe": "coat"}),
            (" \t", "41", {"wardrobe": "coat"}),
            ("x" * 81, "41", {"wardrobe": "coat"}),
            ("MA\x1bRA", "41", {"wardrobe": "coat"}),
            ("MARA", "41", {"shoes": "boots"}),
            ("MARA", "41", {"character": "TOM"}),
            ("MARA", "41", {"wardrobe": "co\x00at"}),
            ("MARA", "41", {"wardrobe": "\udcff"}),
        ):
            with pytest.raises(RefusedError) as refused:
                on_set.log.write_continuity(character, scene, fields)
            assert "\x1b" not in str(refused.value)
        with pytest.raises(SlateError):
            on_set.log.write_continuity("MARA", " ", {"wardrobe": "coat"})
        with pytest.raises(RefusedError, match="no continuity of MARA in scene 41"):
            on_set.log.delete_continuity("MARA", "41")
        assert on_set.log.arrival() == before
