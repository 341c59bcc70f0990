"""What every log must do with notes on setups, scenes and moments; part of conformance.py."""

from __future__ import annotations

import pytest

from onset.domain.note import Anchor, AnchoredNote, Audience
from onset.errors import OnsetError, RefusedError, SlateError
from onset.logbook.terms import Next, NoteFilter
from tests.logging_db.support import OnSet


def shown(notes: list[AnchoredNote] | object) -> list[tuple[str, str, str]]:
    assert isinstance(notes, list)
    return [(str(one.anchor), one.about, one.note.text) for one in notes]


class NotesOnWhatIsNoTake:
    """A note is about a take, a setup, a scene or a moment, and is found by any of these."""

    def test_note_is_about_something_else(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        log.note(take.id, "soft", audience=Audience.PRIVATE)
        setup = log.note_setup("42C", " eyeline high ", author="Ann")
        scene = log.note_scene("42", "Straße: rain", audience=Audience.PRODUCTION)
        moment = log.note_moment("10:20:00:00", "plane overhead")
        assert (setup.anchor, setup.about, setup.unit, setup.day) == (Anchor.SETUP, "42C", "Main", 1)
        assert (setup.note.text, setup.note.author, setup.note.audience) == ("eyeline high", "Ann", Audience.EDITOR)
        assert (scene.anchor, scene.about) == (Anchor.SCENE, "42")
        assert (moment.anchor, moment.about, moment.note.tc, moment.about_id) == (
            Anchor.MOMENT,
            "10:20:00:00",
            "10:20:00:00",
            None,
        )
        assert shown(log.notes()) == [
            ("take", "42C/1", "soft"),
            ("setup", "42C", "eyeline high"),
            ("scene", "42", "Straße: rain"),
            ("moment", "10:20:00:00", "plane overhead"),
        ]
        assert [note.text for note in log.find_take("last").notes] == ["soft"]
        for anchor, about in ((Anchor.TAKE, "42C/1"), (Anchor.SETUP, "42C"), (Anchor.SCENE, "42")):
            (only,) = log.notes(NoteFilter(anchor=anchor))
            assert only.about == about
            assert list(log.notes(NoteFilter(about_id=only.about_id))) == [only]
        assert shown(log.notes(NoteFilter(anchor=Anchor.MOMENT))) == [("moment", "10:20:00:00", "plane overhead")]
        assert len(log.notes(NoteFilter(audience=Audience.EDITOR))) == 2
        assert shown(log.notes(NoteFilter(text="STRASSE rai"))) == [("scene", "42", "Straße: rain")]
        assert log.notes(NoteFilter(text="rain dog")) == []
        assert shown(log.notes(NoteFilter(limit=1))) == [("moment", "10:20:00:00", "plane overhead")]

    def test_note_of_another_day_is_found(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_scene("42", {})
        before = log.note_scene("42", "think of rain")
        assert before.day is None
        log.set_next(Next(slate="42"))
        log.note(on_set.shoot().id, "soft")
        log.note_scene("42", "one")
        log.wrap_day("Main", on_set.stamp())
        on_set.shoot()
        log.note_scene("42", "two")
        log.note_moment("09:00:00:00", "yesterday", day=1)
        assert [one.note.text for one in log.notes(NoteFilter(day=1))] == ["soft", "one", "yesterday"]
        assert [one.note.text for one in log.notes(NoteFilter(day=2, unit="Main"))] == ["two"]
        assert log.notes(NoteFilter(unit="Second")) == []

    def test_notes_of_a_deleted_take_are_shown(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42"))
        take = on_set.shoot()
        on_set.log.note(take.id, "soft")
        on_set.log.delete(take.id)
        assert on_set.log.notes() == []

    def test_notes_on_a_plan_stay_behind_when_it_is_shot(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        plan = on_set.log.plan_setup("over Tom", {}, scene="42")
        noted = on_set.log.note_setup("over Tom", "mind the lamp")
        assert (noted.about, noted.about_id) == ('"over Tom"', plan.id)
        on_set.log.slate_plan("over Tom", "42C")
        assert shown(on_set.log.notes()) == [("setup", "42C", "mind the lamp")]
        on_set.undo()
        assert shown(on_set.log.notes()) == [("setup", '"over Tom"', "mind the lamp")]

    def test_undo_does_not_say_what_the_note_was_on(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        on_set.log.note_setup("42C", "high")
        on_set.log.note_scene("42", "rain")
        on_set.log.note_moment("10:20:00:00", "plane")
        assert on_set.undo() == 'note on 10:20:00:00 taken back: "plane"'
        assert on_set.undo() == 'note on scene 42 taken back: "rain"'
        assert on_set.redo() == 'note on scene 42 is back: "rain"'
        on_set.undo()
        assert on_set.undo() == 'note on slate 42C taken back: "high"'
        assert on_set.log.notes() == []

    def test_note_on_nothing_is_kept(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_scene("42", {})
        log.set_setup("42C", {})
        with pytest.raises(RefusedError, match="There is no setup 43A"):
            log.note_setup("43A", "x")
        with pytest.raises(RefusedError, match="There is no setup 42C"):
            log.note_setup("42C", "x", episode="101")
        with pytest.raises(RefusedError, match="There is no setup"):
            log.note_setup(" ", "x")
        with pytest.raises(RefusedError, match="There is no scene 43"):
            log.note_scene("43", "x")
        with pytest.raises(RefusedError, match="no shooting day yet"):
            log.note_moment("10:00:00:00", "x")
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        with pytest.raises(RefusedError, match="does not exist at 25"):
            log.note_moment("10:00:00:25", "x")
        with pytest.raises(RefusedError, match="not opened day 7"):
            log.note_moment("10:00:00:00", "x", day=7)
        for text in ("", " \n "):
            with pytest.raises(RefusedError, match="needs some words"):
                log.note_scene("42", text)
        with pytest.raises(RefusedError, match="not text"):
            log.note_setup("42C", "a\x00")
        with pytest.raises(SlateError, match="must not be empty"):
            log.note_scene("", "x")
        with pytest.raises(OnsetError, match='no unit "Second"'):
            log.note_scene("42", "x", unit="Second")
        assert log.notes() == []
