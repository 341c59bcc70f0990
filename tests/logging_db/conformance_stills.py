"""What every log must do with stills: part of conformance.py."""

from __future__ import annotations

import dataclasses

import pytest

from onset.domain.camera import LinkState
from onset.domain.still import Still, TakenBy
from onset.errors import RefusedError
from onset.logbook.terms import Next, SaidOfStill
from tests.logging_db.support import NOON, OnSet


def a_still(number: int = 1, **fields: object) -> Still:
    plain = Still(
        id="",
        path=f"media/stills/IMG_{number:04}.jpg",
        source_path=f"/media/CAMERA/DCIM/IMG_{number:04}.jpg",
        digest=f"xxh128:{number:032x}",
        unit="Main",
        day=1,
        taken_ns=NOON + number,
        taken_by=TakenBy.EXIF,
        camera="Canon EOS R6",
        width=4000,
        height=6000,
        evidence="taken during 42C/1",
    )
    return dataclasses.replace(plain, **fields)  # type: ignore[arg-type]  # fields of Still, by name


class StillsOfTakes:
    """Stills: each once, proposed until a person decides."""

    def test_still_comes_back_as_it_was_brought_in(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        one = a_still(2, take_id=take.id)
        nothing = a_still(1, unit="", day=None, taken_ns=None, taken_by=None, camera="", width=None, height=None)
        assert on_set.log.bring_in_stills([one, nothing]) == (2, 0)
        found = on_set.log.stills()
        assert [dataclasses.replace(still, id="") for still in found] == [one, nothing]  # no time: at the end
        assert on_set.log.find_take("last").stills == (found[0],)
        assert on_set.log.stills(day=1) == on_set.log.stills(unit="Main") == found[:1]
        assert on_set.log.stills(day=2) == []

    def test_still_of_our_own_camera_is_certain_and_an_import_does_not_move_it(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take, other = on_set.shoot(), on_set.shoot()
        own = a_still(1, take_id=take.id, state=LinkState.CONFIRMED, taken_by=TakenBy.RECORDER)
        on_set.log.bring_in_stills([own])
        on_set.log.bring_in_stills([a_still(1, take_id=other.id)])
        (still,) = on_set.log.stills()
        assert (still.take_id, still.state, still.decided_by) == (take.id, LinkState.CONFIRMED, "")
        on_set.log.say_of_still(still.id, SaidOfStill(take_id=other.id))
        assert on_set.log.stills()[0].take_id == other.id, "a person may"

    def test_same_still_again_is_no_second_one(self, on_set: OnSet) -> None:
        assert on_set.log.bring_in_stills([a_still(1), a_still(2)]) == (2, 0)
        before = on_set.log.arrival()
        assert on_set.log.bring_in_stills([a_still(1), a_still(2)]) == (0, 2)
        assert on_set.log.bring_in_stills([a_still(1, path="x.jpg", source_path="/elsewhere")]) == (0, 1)
        assert on_set.log.bring_in_stills([]) == (0, 0)
        assert on_set.log.arrival() == before

    def test_import_never_overrules_a_person(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        first, second = on_set.shoot(), on_set.shoot()
        on_set.log.bring_in_stills([a_still(1, take_id=first.id)])
        on_set.log.bring_in_stills([a_still(1, take_id=second.id)])
        (still,) = on_set.log.stills()
        assert still.take_id == second.id  # nobody had decided: the better proposal counts
        said = on_set.log.say_of_still(still.id, SaidOfStill(take_id=first.id, state=LinkState.CONFIRMED))
        assert (said.take_id, said.state, said.decided_by) == (first.id, LinkState.CONFIRMED, on_set.log._author)
        on_set.log.bring_in_stills([a_still(1, take_id=second.id)])
        assert on_set.log.find_still(still.id) == said

    def test_still_that_is_moved_shows_on_its_new_take_alone(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        first, second = on_set.shoot(), on_set.shoot()
        on_set.log.bring_in_stills([a_still(1, take_id=first.id)])
        still = on_set.log.find_still("IMG_0001")
        on_set.log.say_of_still(still.id, SaidOfStill(take_id=second.id, state=LinkState.CONFIRMED))
        stills = {take.take: take.stills for take in on_set.log.takes()}
        assert [one.id for one in stills["2"]] == [still.id]
        assert stills["1"] == ()

    def test_refused_still_is_not_of_the_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        on_set.log.bring_in_stills([a_still(1, take_id=take.id)])
        still = on_set.log.find_still("IMG_0001.jpg")
        refused = on_set.log.say_of_still(still.id, SaidOfStill(state=LinkState.REFUSED))
        assert (refused.state, refused.take_id) == (LinkState.REFUSED, take.id)
        assert on_set.log.find_take("last").stills == ()
        assert on_set.undo() == "IMG_0001.jpg is only proposed for 42C/1"
        assert on_set.log.find_take("last").stills == (still,)

    def test_still_of_a_setup_and_of_a_continuity_entry(self, on_set: OnSet) -> None:
        log = on_set.log
        setup = log.set_setup("42C", {})
        log.write_continuity("MARA", "41", {"wardrobe": "coat", "story_day": "D1"})
        log.bring_in_stills([a_still(1, setup_id=setup.id)])
        still = log.find_still("IMG_0001")
        shown = log.say_of_still(still.id, SaidOfStill(continuity=("mara", "41", None), caption="collar"))
        assert (shown.setup_id, shown.state, shown.caption) == (setup.id, LinkState.PROPOSED, "collar")
        look = log.look("MARA", "41")
        assert look is not None
        assert look.stills == (shown,)
        carried = log.look("MARA", "43", story_day="D1")
        assert carried is not None
        assert carried.stills == (shown,)  # the picture of scene 41 answers the question about 43
        assert log.say_of_still(still.id, SaidOfStill(continuity=None)).continuity_id is None
        assert log.continuity()[0].stills == ()

    def test_undo_of_what_was_said_of_a_still(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="42C"))
        take, other = on_set.shoot(), on_set.shoot()
        log.write_continuity("MARA", "41", {"wardrobe": "coat"})
        log.bring_in_stills([a_still(1, take_id=take.id)])
        still = log.find_still("IMG_0001")
        log.say_of_still(still.id, SaidOfStill(state=LinkState.CONFIRMED))
        log.say_of_still(still.id, SaidOfStill(take_id=other.id, state=LinkState.CONFIRMED))
        log.say_of_still(still.id, SaidOfStill(continuity=("MARA", "41", None)))
        log.say_of_still(still.id, SaidOfStill(caption="collar"))
        said = []
        for _ in range(4):
            preview = log.undo_preview()
            said.append(on_set.undo())
            assert preview == said[-1]
        assert said == [
            "caption of IMG_0001.jpg is empty again",
            "IMG_0001.jpg is no longer put to MARA in scene 41",
            "IMG_0001.jpg belongs to 42C/1",
            "IMG_0001.jpg is only proposed for 42C/1",
        ]
        assert log.find_still("IMG_0001") == still
        assert [on_set.redo() for _ in range(4)] == [
            "IMG_0001.jpg belongs to 42C/1",
            "IMG_0001.jpg belongs to 42C/2",
            "IMG_0001.jpg is put to MARA in scene 41",
            'caption of IMG_0001.jpg is "collar"',
        ]

    def test_one_that_cannot_be_confirmed_leaves_all_as_they_were(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        on_set.log.bring_in_stills([a_still(1, take_id=take.id), a_still(2)])
        before = on_set.log.arrival()
        with pytest.raises(RefusedError, match="is proposed for no take"):
            on_set.log.confirm_stills([one.id for one in on_set.log.stills()])
        assert on_set.log.arrival() == before

    def test_import_is_not_taken_back_by_a_key(self, on_set: OnSet) -> None:
        on_set.log.bring_in_stills([a_still(1)])
        assert on_set.log.undo_preview() is None

    def test_still_of_two_names_is_asked_for_by_id(self, on_set: OnSet) -> None:
        on_set.log.bring_in_stills([a_still(1), a_still(2, path="media/stills/b/IMG_0001.jpg")])
        first = on_set.log.find_still("media/stills/IMG_0001.jpg")
        with pytest.raises(RefusedError, match=f"2 stills.*{first.id}"):
            on_set.log.find_still("IMG_0001.jpg")
        assert on_set.log.find_still(first.id) == first
        for nothing in ("", "last", "IMG_0009.jpg", "\x1b[2J"):
            with pytest.raises(RefusedError, match="There is no still") as refused:
                on_set.log.find_still(nothing)
            assert "\x1b" not in str(refused.value)

    @pytest.mark.parametrize(
        "bad",
        [
            a_still(take_id="0" * 32),
            a_still(setup_id="0" * 32),
            a_still(unit="Third"),
            a_still(day=0),
            a_still(digest=""),
            a_still(digest="rm -rf /"),
            a_still(path=" "),
            a_still(path="a\x00.jpg"),
            a_still(source_path="\udcff"),
            a_still(width=-1),
            a_still(taken_ns=2**70),
            a_still(camera="x" * 30_000),
        ],
    )
    def test_still_that_cannot_be_is_refused_with_all_of_its_batch(self, on_set: OnSet, bad: Still) -> None:
        before = on_set.log.arrival()
        with pytest.raises(RefusedError):
            on_set.log.bring_in_stills([a_still(7), bad])
        assert (on_set.log.stills(), on_set.log.arrival()) == ([], before)

    def test_word_on_a_still_that_makes_no_sense_changes_nothing(self, on_set: OnSet) -> None:
        on_set.log.bring_in_stills([a_still(1)])
        still = on_set.log.find_still("IMG_0001")
        before = on_set.log.arrival()
        for said, why in (
            (SaidOfStill(state=LinkState.CONFIRMED), "proposed for no take"),
            (SaidOfStill(state=LinkState.REFUSED), "proposed for no take"),
            (SaidOfStill(take_id="0" * 32, state=LinkState.CONFIRMED), "no take"),
            (SaidOfStill(setup_id="0" * 32, state=LinkState.CONFIRMED), "no setup"),
            (SaidOfStill(continuity=("MARA", "41", None)), "no continuity of MARA in scene 41"),
            (SaidOfStill(caption="a\x00b"), "not text"),
        ):
            with pytest.raises(RefusedError, match=why):
                on_set.log.say_of_still(still.id, said)
        with pytest.raises(RefusedError, match="no still"):
            on_set.log.say_of_still("0" * 32, SaidOfStill(caption="x"))
        assert on_set.log.arrival() == before

    def test_history_names_the_file(self, on_set: OnSet) -> None:
        on_set.log.bring_in_stills([a_still(1)])
        assert {one.about for one in on_set.log.history() if one.entity == "still"} == {"media/stills/IMG_0001.jpg"}
