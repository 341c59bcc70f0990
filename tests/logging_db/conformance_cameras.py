"""What every log must keep of cameras, recorders and votes, and copy from what was shot before; see conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.camera import CAMERA_DATA
from onset.domain.take import Take
from onset.errors import RefusedError, SlateError
from onset.logbook.as_json import take_json
from onset.logbook.terms import CopiedFrom, Next
from tests.logging_db.support import OnSet

EVERYTHING: dict[str, Value] = {name: f"{name} of A" for name in CAMERA_DATA}


def two_cameras(on_set: OnSet, slate: str) -> Take:
    on_set.log.set_next(Next(slate=slate, cameras={"A": True, "B": True}))
    return on_set.shoot()


def data(take: Take) -> dict[str, dict[str, str]]:
    return {angle.camera: angle.data.said() for angle in take.angles if angle.data.said()}


class WhatCamerasHold:
    """Every field of a camera, a recorder and a vote comes back as it was said."""

    def test_every_field_of_a_camera_comes_back(self, on_set: OnSet) -> None:
        take = two_cameras(on_set, "42C")
        said = EVERYTHING | {"clip_name": "A014C003", "note": "flare", "roll": "A014", "rating": "ng"}
        angle = on_set.log.set_angle(take.id, "A", said).angles[0]
        assert angle.data.said() == EVERYTHING
        assert (angle.clip_name, angle.note, angle.roll, angle.lens) == ("A014C003", "flare", "A014", "lens of A")
        kept = on_set.log.take(take.id)
        assert kept is not None
        found = take_json(kept)["angles"]
        assert isinstance(found, list)
        assert isinstance(found[0], dict)
        assert isinstance(found[1], dict)
        assert {name: found[0][name] for name in said} == said
        assert {found[1][name] for name in said} == {None}
        assert on_set.undo() == "42C/1 camera A lens is empty again"

    def test_what_the_mixer_says_of_a_take(self, on_set: OnSet) -> None:
        take = two_cameras(on_set, "42C")
        said: dict[str, Value] = {"tracks": "boom, lav 1", "circled": 1, "note": "plane"}
        (after,) = on_set.log.set_takes([take.id], {}, sound={"MIX": said})
        assert [(one.device, one.tracks, one.circled, one.note) for one in after.sound] == [
            ("MIX", ("boom", "lav 1"), True, "plane")
        ]
        on_set.log.set_takes([take.id], {"status": "hold"}, sound={"MIX": {"tracks": None, "circled": None}})
        (found,) = on_set.log.find_take("42C/1").sound
        assert (found.tracks, found.circled) == ((), None)
        assert on_set.undo() == "42C/1 no longer on hold"
        assert on_set.undo() == "42C/1 recorder MIX taken out again"
        assert on_set.log.find_take("42C/1").sound == ()
        assert on_set.redo() == "42C/1 recorder MIX is in again"

    def test_vote_has_its_reason(self, on_set: OnSet) -> None:
        first, second = two_cameras(on_set, "42C"), on_set.shoot()
        rated = on_set.log.rate_takes([first.id, second.id], "director", "circled", "the look at the door")
        assert [dict(take.ratings) for take in rated] == [{"director": "circled"}] * 2
        assert dict(rated[0].rating_reasons) == {"director": "the look at the door"}
        on_set.log.rate_take(first.id, "director", "circled", "the second line")
        assert on_set.undo() == '42C/1: director\'s reason is "the look at the door" again'
        assert dict(on_set.log.rate_take(first.id, "director", "hold").rating_reasons) == {}
        assert on_set.log.rate_take(first.id, "director", None).ratings == {}
        assert on_set.undo() == '42C/1: director\'s rating is "hold" again'
        assert on_set.undo() == '42C/1: director\'s rating is "circled" again'
        assert on_set.log.find_take("42C/1").rating_reasons == {"director": "the look at the door"}
        assert on_set.undo() == "2 takes of 42C: director's rating taken back"
        for value in ("circled", "ng"):  # what was taken back once can be said again
            assert on_set.log.rate_takes([first.id, second.id], "director", value)[1].ratings == {"director": value}
            assert on_set.log.find_take("42C/1").rating_reasons == {}
            assert on_set.undo() == "2 takes of 42C: director's rating taken back"
        assert on_set.redo() == '2 takes of 42C: director\'s rating is "ng"'

    @pytest.mark.parametrize(
        ("fields", "complaint"),
        [({"stop": 2}, "is text"), ({"aperture": "2.8"}, "no field"), ({"lens": "x\x00"}, "not text")],
    )
    def test_what_no_camera_has_is_refused(self, on_set: OnSet, fields: dict[str, Value], complaint: str) -> None:
        take = two_cameras(on_set, "42C")
        with pytest.raises(RefusedError, match=complaint):
            on_set.log.set_takes([take.id], {"status": "ng"}, angles={"A": fields})
        with pytest.raises(RefusedError):
            on_set.log.set_takes([take.id], {"status": "ng"}, sound={"MIX": {"tracks": "[1]"}})
        with pytest.raises(SlateError):
            on_set.log.set_takes([take.id], {}, sound={"M\x1bX": {"note": "x"}})
        assert on_set.log.take(take.id) == take


class CopiedCameraData:
    """Said once, used again; never written by the program on its own."""

    def test_new_take_does_not_claim_a_lens_that_nobody_saw(self, on_set: OnSet) -> None:
        on_set.log.set_camera_setup("42C", "A", {"lens": "35mm"})
        assert data(two_cameras(on_set, "42C")) == {}

    def test_previous_take_is_copied(self, on_set: OnSet) -> None:
        first = two_cameras(on_set, "42C")
        on_set.log.set_angle(first.id, "A", {"lens": "35mm", "stop": "T2.8", "roll": "A014", "note": "flare"})
        on_set.log.set_angle(first.id, "B", {"lens": "85mm"})
        second = on_set.shoot()
        on_set.log.set_angle(second.id, "A", {"stop": "T4", "filters": "BPM 1/4"})
        (after,) = on_set.log.copy_camera([second.id])
        assert data(after) == {
            "A": {"lens": "35mm", "stop": "T2.8", "filters": "BPM 1/4"},
            "B": {"lens": "85mm"},
        }
        assert [(angle.roll, angle.note) for angle in after.angles] == [(None, None), (None, None)]
        assert on_set.undo() == "camera data of 42C/2 as before"
        assert data(on_set.log.find_take("42C/2")) == {"A": {"stop": "T4", "filters": "BPM 1/4"}}
        assert on_set.redo() == "camera data of 42C/2 changed again"
        assert on_set.log.copy_camera([second.id], cameras=["B"]) == [after]
        with pytest.raises(RefusedError, match="42C/1 is the first of its slate"):
            on_set.log.copy_camera([second.id, first.id])

    def test_setup_gives_what_was_used_before_what_was_meant(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_camera_setup("38A", "A", {"lens": "35mm", "height": "5'6\""})
        log.set_camera_setup("38A", "B", {"lens": "100mm"})
        shot = two_cameras(on_set, "38A")
        log.set_angle(shot.id, "A", {"lens": "32mm", "codec": "ProRes"})
        takes = [two_cameras(on_set, "42C"), on_set.shoot()]
        after = log.copy_camera([take.id for take in takes], CopiedFrom(slate="38A"))
        expected = {"A": {"lens": "32mm", "height": "5'6\"", "codec": "ProRes"}, "B": {"lens": "100mm"}}
        assert [data(take) for take in after] == [expected, expected]
        assert on_set.undo() == "camera data of 2 takes of 42C as before"
        setup = log.copy_camera_to_setup("42C", CopiedFrom(slate="38A"), cameras=["A"])
        assert [(one.camera, one.lens, one.height) for one in setup.cameras] == [("A", "32mm", "5'6\"")]
        assert on_set.undo() == "slate 42C camera A lens is empty again"
        setup = log.copy_camera_to_setup("42D", CopiedFrom(take_id=shot.id))
        assert [(one.camera, one.lens) for one in setup.cameras] == [("A", "32mm")]

    def test_what_is_not_there_is_not_copied(self, on_set: OnSet) -> None:
        log = on_set.log
        empty, take = two_cameras(on_set, "38A"), two_cameras(on_set, "42C")
        log.set_camera_setup("12", "C", {"lens": "14mm"})
        for source, complaint in (
            (CopiedFrom(take_id=empty.id), "Nobody said anything of the cameras of 38A/1"),
            (CopiedFrom(slate="38A"), "Nobody said anything of the cameras of slate 38A"),
            (CopiedFrom(slate="99"), "There is no setup 99"),
            (CopiedFrom(slate="12"), "no data of camera C in common"),
            (CopiedFrom(take_id="0" * 32), "no take with the id"),
        ):
            with pytest.raises(RefusedError, match=complaint):
                log.copy_camera([take.id], source)
        added = log.add_take(slate="42C", take="9", stamp=on_set.stamp())
        assert data(log.copy_camera([added.id], CopiedFrom(slate="12"))[0]) == {"C": {"lens": "14mm"}}
        assert log.take(take.id) == take

    def test_past_setup_is_found_by_its_words(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_setup("38A", {"description": "Wide from the Pier", "size": "WS"}, scene="38")
        log.set_camera_setup("38A", "A", {"lens": "18mm", "filters": "ND 0.6"})
        log.set_setup("12B", {"description": "the pier, reverse"}, scene="12")
        assert [setup.slate for setup in log.find_setups("PIER")] == ["12B", "38A"]
        assert [setup.slate for setup in log.find_setups("18mm pier")] == ["38A"]
        assert log.find_setups("harbour") == []
