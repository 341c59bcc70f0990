"""A wrong file costs more than a missing one: what may be an event, and where in its file a take lies."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import hypothesis
import pytest
from hypothesis import strategies as st

from onset.domain.camera import Angle, CameraData, LinkState, Source
from onset.domain.note import Audience
from onset.domain.scene import Scene
from onset.domain.take import Kind, State, Status
from onset.editorial.day import days_of, editorial_day
from onset.editorial.event import Part
from onset.editorial.options import Order, Wanted, check_pattern
from onset.editorial.words import keywords, status_words
from onset.errors import ExportError, UsageError
from onset.timecode import rate
from tests.onset.editorial.a_log import Book, a_take, clip, day_with, note, one_event, sound
from tests.onset.editorial.generated import LABELLED, days, said_of, shot_in_file


def test_proposed_file_is_no_fact_and_is_named() -> None:
    unsure = clip("A012C001.mov", link=LinkState.PROPOSED)
    refused = clip("A012C009.mov", link=LinkState.REFUSED)
    day = day_with(a_take("42C/1", angles=(Angle(camera="A", clips=(unsure, refused)),)))
    assert [event.media for event in day.events] == [None]
    assert [str(one) for one in day.left_out] == ["A012C001.mov (42C/1 A): its link to the take is only proposed"]
    assert [one.what for one in day.without_file] == ["42C/1 A"]
    assert "A012C009" not in repr(day)


def test_proposed_sound_stands_beside_no_picture() -> None:
    take = a_take(
        "42C/1",
        angles=(Angle(camera="A", clips=(clip("A.mov"),)),),
        sound=(sound("T1.wav"), sound("T2.wav", link=LinkState.PROPOSED)),
    )
    day = day_with(take)
    assert [file.name for file in day.events[0].sound] == ["T1.wav"]
    assert [one.what for one in day.left_out] == ["T2.wav (42C/1 MIX)"]


def test_original_stands_in_place_of_our_own_recording() -> None:
    own = clip("42C-1_A.mov", source=Source.RECORDER, reel="")
    angle = Angle(camera="A", roll="A012", clips=(own, clip("A012C001.mov")))
    assert [event.media and event.media.name for event in day_with(a_take("42C/1", angles=(angle,))).events] == [
        "A012C001.mov"
    ]
    unsure = replace(angle, clips=(own, clip("A012C001.mov", link=LinkState.PROPOSED)))
    (event,) = day_with(a_take("42C/1", angles=(unsure,))).events
    assert event.media is not None
    assert (event.media.name, event.media.own, event.media.reel, event.roll) == ("42C-1_A.mov", True, "", "A012")


def test_mixers_original_stands_in_place_of_our_recording_of_another_name() -> None:
    own, original = sound("own.wav"), sound("M.wav")
    own = replace(own, files=(replace(own.files[0], source=Source.RECORDER),))
    original = replace(original, device="633", files=(replace(original.files[0], source=Source.FOLDER),))
    wild = a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(own, original))
    synced = a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=(own, original))
    day = day_with(wild, synced)
    assert [event.name for event in day.events] == ["M", "A"]
    assert [file.name for file in day.events[1].sound] == ["M.wav"]
    unsure = replace(original, files=(replace(original.files[0], link=LinkState.PROPOSED),))
    assert [event.name for event in day_with(replace(wild, sound=(own, unsure))).events] == ["own"]


def test_mos_take_has_no_sound_roll_though_one_was_loaded() -> None:
    take = a_take("42C/1", mos=True, sound_roll="S003", angles=(Angle(camera="A", clips=(clip("A.mov"),)),), sound=())
    assert day_with(take).events[0].sound_rolls == ()
    assert day_with(replace(take, mos=False)).events[0].sound_rolls == ("S003",)


def test_file_that_cannot_be_read_is_left_out_by_name() -> None:
    day = day_with(
        a_take("42C/1", angles=(Angle(camera="A", clips=(clip("A.mov", unreadable="Input/output error"),)),))
    )
    assert [str(one) for one in day.left_out] == ["A.mov (42C/1 A): it cannot be read: Input/output error"]
    assert [event.media for event in day.events] == [None]


def test_notes_for_other_eyes_are_nowhere() -> None:
    notes = (
        note("for the cut"),
        note("over budget", audience=Audience.PRODUCTION),
        note("he forgot it all", audience=Audience.PRIVATE, mark=True, tc="10:00:03:00"),
        replace(note("wrong take"), deleted=True),
    )
    angle = Angle(camera="A", note="operator was late", clips=(clip("A.mov"),))
    day = day_with(a_take("42C/1", notes=notes, angles=(angle,)))
    for words in ("budget", "forgot", "wrong take", "was late"):
        assert words not in repr(day)
    assert day.events[0].comments == ("for the cut",)


def test_take_that_rolls_or_was_deleted_is_not_exported() -> None:
    day = day_with(a_take("42C/1", state=State.ROLLING), a_take("42C/2", deleted=True))
    assert day.events == ()
    assert [str(one) for one in day.left_out] == ["42C/1: it still rolls"]


def test_one_clip_holds_two_takes() -> None:
    # By hand at 24: the clip begins 2 s before the first take; takes of 5 s, 10 s apart.
    long = clip("A012C001.mov", frames=24 * 30)
    angle = Angle(camera="A", clips=(long,))
    day = day_with(
        a_take("42C/1", tc_in="10:00:00:00", tc_out="10:00:05:00", angles=(angle,)),
        a_take("42C/2", tc_in="10:00:10:00", tc_out="10:00:15:00", angles=(angle,)),
    )
    assert [(event.shared, event.own_part) for event in day.events] == [(True, Part(48, 168)), (True, Part(288, 408))]


def test_clip_that_ran_on_into_the_next_day_holds_a_take_of_each() -> None:
    angle = Angle(camera="A", clips=(clip("A012C001.mov", frames=24 * 30),))
    last = a_take("42C/1", tc_in="10:00:00:00", tc_out="10:00:05:00", angles=(angle,))
    first = replace(last, id="f" * 32, day=4, tc_in="10:00:10:00", tc_out="10:00:15:00")
    book = Book([last, first])
    (event,) = editorial_day(book, days_of(book, "Main", 3)[0]).events
    assert (event.shared, event.own_part) == (True, Part(48, 168))


def test_camera_that_was_rolled_again_has_an_event_for_each_clip() -> None:
    clips = (clip("A012C002.mov", "10:00:08:00", 240, number=2), clip("A012C001.mov", frames=200, number=1))
    day = day_with(a_take("42C/1", angles=(Angle(camera="A", clips=clips),)))
    assert [(event.name, event.roll_part) for event in day.events] == [
        ("A012C001", Part(48, 200)),
        ("A012C002", Part(0, 240)),
    ]


def test_wild_track_is_an_event_for_each_file() -> None:
    day = day_with(a_take("42WT/1", kind=Kind.WILD_TRACK, angles=(), sound=(sound("T1.wav", tracks=("boom",)),)))
    (event,) = day.events
    assert event.media is not None
    assert (event.camera, event.media.sound, event.media.tracks, event.roll_part) == (
        "",
        True,
        ("boom",),
        Part(48, 480),
    )


def test_take_that_became_a_wild_track_is_sound_alone() -> None:
    take = a_take("42C/1", kind=Kind.WILD_TRACK, angles=(Angle(camera="A", roll="A012"),), sound=(sound("T1.wav"),))
    assert [(event.camera, event.name) for event in day_with(take).events] == [("", "T1")]


def test_what_went_wrong_is_told() -> None:
    broken = replace(clip("A.mov", source=Source.RECORDER), interrupted=True, dropped=1)
    take = a_take("42C/1", state=State.INTERRUPTED, duplicate=True, angles=(Angle(camera="A", clips=(broken,)),))
    day = day_with(take, replace(take, deleted=True))
    assert day.events[0].comments == ("nobody saw the cut", "A.mov was interrupted", "A.mov lost 1 frame")
    assert day.warnings == ("Two seats gave the number 42C/1; both takes are exported.",)


@pytest.mark.parametrize(
    ("at", "start", "tc_in", "tc_out", "part"),
    [
        ("25", "23:59:50:00", "23:59:55:00", "00:00:03:00", Part(125, 325)),
        ("25", "23:59:59:00", "00:00:00:00", "00:00:03:00", Part(25, 100)),
        ("29.97df", "00:59:58;00", "01:00:00;00", "01:01:00;02", Part(60, 1860)),  # minutes of 1800, two not counted
        ("23.976", "10:00:00:00", "10:00:01:00", "10:00:02:12", Part(24, 60)),
    ],
)
def test_take_is_found_in_its_file_to_the_frame(at: str, start: str, tc_in: str, tc_out: str, part: Part) -> None:
    event = one_event(clip("A.mov", start, 2000, at=at), tc_in, tc_out, at=at)
    assert event.roll_part == part


def test_clip_of_twice_the_rate_is_compared_in_real_time() -> None:
    event = one_event(clip("A.mov", "10:00:00:00", 1000, at="50"), "10:00:01:00", "10:00:03:00", at="25")
    assert event.roll_part == Part(50, 150)


def test_clock_that_counts_otherwise_tells_nothing() -> None:
    assert one_event(clip("A.mov", at="24"), "10:00:00:00", "10:00:10:00", at="23.976").roll_part is None
    assert one_event(clip("A.mov", "04:00:00:00"), "10:00:00:00", "10:00:10:00").roll_part is None
    assert one_event(clip("A.mov", None), "10:00:00:00", "10:00:10:00").roll_part is None


def test_clock_that_is_wrong_by_less_than_a_take_gives_no_wrong_ins_and_outs() -> None:
    # Takes of 60 s whose clips begin 17 s after the roll by A's own clock: most of each overlaps, all is wrong.
    takes = [
        a_take(
            f"42C/{n}",
            tc_in=f"10:{n:02}:00:00",
            tc_out=f"10:{n:02}:58:00",
            notes=(note("door", mark=True, tc=f"10:{n:02}:30:00"),),
            angles=(
                Angle(camera="A", roll="A012", clips=(clip(f"A{n}.mov", f"10:{n:02}:17:00", 1440),)),
                Angle(camera="B", roll="B007", clips=(clip(f"B{n}.mov", f"10:{n:02}:00:12", 1440, camera="B"),)),
            ),
        )
        for n in range(1, 4)
    ]
    day = day_with(*takes)
    assert [event.roll_part for event in day.events if event.camera == "A"] == [None] * 3
    assert [event.roll_part for event in day.events if event.camera == "B"] == [Part(0, 1380)] * 3
    assert [marker.frame for event in day.events[:2] for marker in event.markers] == [None, 708]
    assert day.warnings == (
        "The timecode of A on A012 is about 17 s ahead of the log's, so nothing tells where takes lie in its files.",
    )


def test_camera_that_was_late_and_cut_early() -> None:
    angle = Angle(camera="B", start="10:00:04:00", end="10:00:08:00")
    event = one_event(clip("B.mov", "10:00:03:00", 240), "10:00:00:00", "10:00:20:00", angle=angle)
    assert event.roll_part == Part(24, 120)


def test_overcranked_take_is_longer_in_the_file() -> None:
    angle = Angle(camera="A", data=CameraData(fps="48 fps"))
    event = one_event(clip("A.mov", "10:00:00:00", 1200), "10:00:01:00", "10:00:11:00", angle=angle)
    assert event.sensor_fps == Fraction(48)
    assert event.roll_part == Part(48, 528)


def test_sensor_at_the_rate_by_its_short_name_is_not_off_speed() -> None:
    angle = Angle(camera="A", data=CameraData(fps="24"))
    original = clip("A.mov", "10:00:00:00", 90_000, at="23.976")
    event = one_event(original, "10:00:00:00", "11:00:00:00", at="23.976", angle=angle)
    assert (event.sensor_fps, event.data.fps, event.roll_part) == (None, "24", Part(0, 86_400))


def test_own_recording_that_ended_early_is_placed_and_another_clock_is_not() -> None:
    own = clip("42C-1_A.mov", "09:59:50:00", 280, source=Source.RECORDER)  # 10 s before the roll, 40 frames of the take
    assert one_event(own, "10:00:00:00", "10:00:20:00").roll_part == Part(240, 280)
    assert one_event(replace(own, source=Source.CARD), "10:00:00:00", "10:00:20:00").roll_part is None


def test_handles_end_where_the_file_does() -> None:
    event = one_event(clip("A.mov", frames=300), "10:00:00:00", "10:00:10:00", handles=100)
    assert (event.roll_part, event.part) == (Part(48, 288), Part(0, 300))


def test_rate_is_renamed_where_the_labels_stay_and_refused_elsewhere() -> None:
    event = one_event(clip("A.mov", at="23.976"), "10:00:00:00", "10:00:10:00", at="23.976", rate=rate("24"))
    assert event.media is not None
    assert repr(event.media.start) == "Timecode('09:59:58:00', '24')"
    assert event.roll_part == Part(48, 288)
    for other, wanted in (("25", "24"), ("29.97df", "30"), ("29.97", "29.97df"), ("50", "25")):
        label = "10:00:00;00" if other.endswith("df") else "10:00:00:00"
        with pytest.raises(ExportError, match=r"A\.mov of 42C/1: labels at \S+ cannot be renamed to"):
            one_event(clip("A.mov", label, at=other), label, label, at=other, rate=rate(wanted))


def test_masters_label_that_cannot_be_renamed_is_no_silent_exception() -> None:
    take = a_take("42C/1", tc_in="10:00:00;00", tc_out=None, angles=(), sound=())
    with pytest.raises(ExportError, match=r"^42C/1: labels at 29\.97df cannot be renamed to 30"):
        day_with(take, at="29.97df", rate=rate("30"))


def test_file_of_a_rate_without_labels_has_no_timecode() -> None:
    event = one_event(clip("A.mov", "10:00:00:00", at="120"), "10:00:00:00", "10:00:10:00")
    assert event.media is not None
    assert (event.media.start, event.roll_part) == (None, None)


def test_offset_moves_labels_and_not_the_take() -> None:
    marked = (note("", mark=True, tc="10:00:01:00"),)
    take = a_take("42C/1", notes=marked, angles=(Angle(camera="A", clips=(clip("A.mov", "00:00:01:00"),)),))
    take = replace(take, tc_in="00:00:03:00", tc_out="00:00:08:00", notes=(replace(marked[0], tc="00:00:04:00"),))
    (event,) = day_with(take, offset=-48).events
    assert str(event.label(0)) == "23:59:59:00"
    assert event.roll_part == Part(48, 168)
    assert [(one.frame, str(one.tc)) for one in event.markers] == [(72, "00:00:02:00")]


def test_only_circled_takes_a_circled_camera_of_another_take() -> None:
    takes = (
        a_take("42C/1", status=Status.CIRCLED, angles=(Angle(camera="A", clips=(clip("1.mov"),)),)),
        a_take("42C/2", angles=(Angle(camera="A", clips=(clip("2.mov"),)), Angle(camera="B", rating="circled"))),
        a_take("42C/3", angles=(Angle(camera="A", clips=(clip("3.mov", link=LinkState.PROPOSED),)),)),
    )
    day = day_with(*takes, circled=True)
    assert [(event.take.label, event.camera) for event in day.events] == [("42C/1", "A"), ("42C/2", "B")]
    assert day.left_out == ()


def test_keywords_are_what_a_cutting_room_looks_for() -> None:
    take = a_take("42C/1", mos=True, tail_slate=True, kind=Kind.PICKUP, tags=("rain",), angles=(Angle(camera="A"),))
    (event,) = day_with(take).events
    assert event.setup is not None
    event = replace(event, setup=replace(event.setup, vfx=True))
    assert keywords(event) == ("rain", "pickup", "MOS", "tail slate", "VFX")


def test_camera_that_has_nothing_good_of_a_circled_take() -> None:
    angles = (
        Angle(camera="A", clips=(clip("A.mov"),)),
        Angle(camera="B", rating="ng", clips=(clip("B.mov", camera="B"),)),
    )
    take = a_take("42C/1", status=Status.CIRCLED, status_reason="eyes", angles=angles)
    a, b = day_with(take).events
    assert (a.circled, status_words(a), keywords(a)) == (True, "circled (eyes)", ("circled",))
    assert (b.circled, status_words(b), keywords(b)) == (False, "NG", ("NG",))
    assert b.comments == ("camera B: ng", "the take: circled")
    assert [event.camera for event in day_with(take, circled=True).events] == ["A"]


def test_camera_that_was_asked_for_comes_without_the_others_and_without_sound() -> None:
    angles = (Angle(camera="A", clips=(clip("A.mov"),)), Angle(camera="B", clips=(clip("B.mov", camera="B"),)))
    wild = a_take("42WT/1", kind=Kind.WILD_TRACK, angles=())
    assert [event.name for event in day_with(a_take("42C/1", angles=angles), wild, camera="b").events] == ["B"]


def test_episode_that_was_asked_for_comes_alone() -> None:
    takes = [a_take(f"42C/{n}", episode=episode, angles=(), sound=()) for n, episode in enumerate((None, "101", "102"))]
    day = day_with(*takes, episode="102", pattern="{episode}_{take}")
    assert [event.name for event in day.events] == ["102_2"]


def test_name_follows_the_pattern() -> None:
    take = a_take("42C/3", angles=(Angle(camera="A", roll="A012", clips=(clip("A012C001.mov"),)),))
    assert day_with(take, pattern="{episode}_{scene}_{take}_{camera}").events[0].name == "42_3_A"
    with pytest.raises(UsageError, match=r'\{slat\} is no part of a clip\'s name; did you mean "slate"\?'):
        check_pattern("{slat}-{take}")
    with pytest.raises(UsageError, match="names all takes alike"):
        check_pattern("{scene}")
    with pytest.raises(UsageError, match="brace without its partner"):
        check_pattern("{take")


def test_pattern_that_calls_two_files_alike_is_told() -> None:
    one = Angle(camera="A", clips=(clip("A1.mov"),))
    other = Angle(camera="A", clips=(clip("A2.mov"),))
    takes = (a_take("42A/1", angles=(one,)), a_take("42B/1", angles=(other,)), a_take("42C/2", angles=(other,)))
    assert day_with(*takes, pattern="{scene}_{take}_{camera}").warnings == (
        "2 clips are called 42_1_A (42A/1 A, 42B/1 A); {slate}, {take} and {camera} in --name tell them apart.",
    )
    assert day_with(*takes).warnings == ()


def test_scenes_stand_as_the_script_has_them() -> None:
    scenes = [
        Scene(id=f"{n}" * 32, episode=None, number=number, ordinal=n) for n, number in enumerate(("7", "3", "12"))
    ]
    takes = [a_take(f"{number}/1", scene=number, angles=(), sound=()) for number in ("12", "3", "99", "7")]
    book = Book(takes, scenes_of_script=scenes)
    day = editorial_day(book, days_of(book, "Main", 3)[0], Wanted(order=Order.SCENE))
    assert [event.take.scene for event in day.events] == ["7", "3", "12", "99"]
    angles = tuple(Angle(camera=camera) for camera in "BA")
    shot = [a_take("42C/1", angles=angles), a_take("42WT/1", kind=Kind.WILD_TRACK, angles=())]
    by_camera = day_with(*shot, a_take("42C/2", angles=angles), order=Order.CAMERA).events
    assert [f"{event.camera}{event.take.take}" for event in by_camera] == ["A1", "A2", "B1", "B2", "1"]


def test_day_or_unit_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ExportError, match=r"^There is no day 2 of unit Main; the log has day 1, 3\.$"):
        days_of(Book(), "Main", 2)
    with pytest.raises(ExportError, match=r'^There is no unit "Third"; this log has Main, Second\.$'):
        days_of(Book(), "Third", None)
    with pytest.raises(ExportError, match=r"^No shooting day of unit Second has been opened yet\.$"):
        days_of(Book(), "Second", None)
    assert [day.number for day in days_of(Book(), "Main", None)] == [1, 3]
    assert editorial_day(Book(), days_of(Book(), "Main", 1)[0]).warnings == ("No take was logged on day 1.",)


@pytest.mark.parametrize("at", LABELLED)
@hypothesis.settings(max_examples=3, deadline=None)
@hypothesis.given(data=st.data(), midnight=st.booleans(), handles=st.integers(0, 120))
def test_every_take_of_a_day_is_found_in_its_files(at: str, data: st.DataObject, midnight: bool, handles: int) -> None:
    day = data.draw(days(at, midnight=midnight, handles=st.just(handles)))
    assert {one.take.id for one in day.events if one.camera} == {one.take.id for one in day.sync_sound}
    for event in (*day.events, *day.sync_sound):
        assert event.media is not None
        assert event.media.frames is not None
        shot = shot_in_file(event)
        assert event.roll_part == shot
        assert event.part == Part(max(shot.first - handles, 0), min(shot.last + handles, event.media.frames))
        assert event.status == said_of(event)
        shares = [other.media for other in (*day.events, *day.sync_sound)].count(event.media)
        assert (event.shared, event.own_part) == ((True, event.part) if shares > 1 else (False, event.whole))
    assert (day.left_out, day.warnings) == ((), ())
