"""What may go wrong between the log and the paper: a note for other eyes, a wrong sum, a take out of its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from onset.domain.camera import Angle, LinkState
from onset.domain.note import Audience
from onset.domain.scene import Setup
from onset.domain.sound import SoundTake
from onset.domain.take import Kind, State, Status
from onset.errors import ReportError
from onset.logbook.terms import Conflict
from onset.reports.editor import editor_log
from onset.reports.html import editor_html
from onset.reports.pdf import editor_pdf
from onset.reports.take_words import sound_roll_words
from onset.reports.text import editor_text
from tests.onset.reports.a_day import DAY_THREE, DayLog, a_take, clip, note, run


def test_notes_for_other_eyes_stay_out_of_every_format() -> None:
    log = editor_log(DayLog(), 3)
    assert "budget" not in repr(log)
    assert "forgot" not in repr(log)
    page = editor_html(log).decode() + editor_text(log).decode()
    assert "phone rings" in page
    assert "budget" not in page
    assert "forgot" not in page


def test_a_deleted_note_is_not_printed() -> None:
    gone = replace(note("wrong take, sorry"), deleted=True)
    log = editor_log(DayLog([a_take("42C/1", notes=(gone, note("kept")))]), 3)
    assert log.blocks[0].takes[0].comments == ("kept",)


def test_wild_track_stands_where_it_was_made_and_the_setup_comes_back() -> None:
    blocks = editor_log(DayLog(), 3).blocks
    assert [(block.slate, block.again, len(block.takes)) for block in blocks] == [
        ("42C", False, 3),
        ("42WT", False, 1),
        ("42C", True, 1),
        ("42D", False, 2),
    ]


def test_totals_of_the_day() -> None:
    # By hand: timings 12, 8 + 9, 9, 6 and 20 seconds; the false start and the wild track count for nothing.
    totals = editor_log(DayLog(), 3).totals
    shot = totals.shot
    assert (shot.setups, shot.takes, shot.circled, totals.hold, totals.ng, shot.wild_tracks) == (2, 5, 2, 1, 1, 1)
    assert totals.timing == "~1:04"
    assert totals.circled_timing == "0:21"


def test_timing_of_a_take_without_action_is_marked_as_an_estimate() -> None:
    lines = [take for block in editor_log(DayLog(), 3).blocks for take in block.takes]
    assert [line.timing for line in lines] == ["~0:20", "0:12", "0:17", "~0:20", "0:09", "0:06", "~0:20"]


def test_timing_at_a_pulled_down_rate_is_real_time() -> None:
    # 1438 frames of 24000/1001 are 59.98 s; divided by 24 they would read 59.92, and an hour of them 3.6 s less.
    frames = 86_314  # 3600.01 s
    take = a_take("42C/1", runs=(), rate="23.976", duration_frames=frames)
    assert editor_log(DayLog([take]), 3).blocks[0].takes[0].timing == "~1:00:00"


def test_rolling_take_makes_the_log_say_it_is_not_complete() -> None:
    rolling = a_take("42D/3", state=State.ROLLING, cut_ns=None, duration_frames=None, runs=())
    log = editor_log(DayLog([*DAY_THREE, rolling]), 3)
    assert log.warnings == ("42D/3 is still rolling; this log is not complete.",)
    assert log.blocks[-1].takes[-1].timing == "rolling"


def test_value_that_two_seats_disagree_on_is_pointed_out() -> None:
    mine, other_day = DAY_THREE[1], a_take("99/1", id="d" * 32, day=2)
    conflicts = [
        Conflict(take=take, entity="take", entity_id=take.id, field=field, values=values)
        for take in (mine, other_day)
        for field, values in (("status", ("circled", "ng")), ("cut_ns", (1, 2)))
    ]
    assert editor_log(DayLog(in_conflict=conflicts), 3).warnings == tuple(
        f"Two seats changed 42C/2, {field} without having seen each other; one of the values is printed."
        for field in ("status", "cut")
    )


def test_only_links_that_stand_are_printed_as_clips() -> None:
    clips = (clip("a.mov"), clip("b.mov", link=LinkState.PROPOSED), clip("c.mov", link=LinkState.REFUSED))
    take = a_take("42C/1", angles=(Angle(camera="A", roll=None, clips=clips),), sound=())
    line = editor_log(DayLog([take]), 3).blocks[0].takes[0]
    assert line.clips == ("a.mov", "b.mov (proposed)")
    assert line.camera_rolls == ("A -",)


def test_editor_is_told_of_lost_frames_and_of_a_wrong_slate() -> None:
    clips = (clip("a.mov", dropped=1), clip("b.mov", interrupted=True, dropped=12))
    angle = Angle(camera="A", roll="A012", rating="NG", end="10:00:10:00", clips=clips)
    take = a_take("42C/1", angles=(angle,), slated_as="42B/9", ratings={"director": "circled", "agency": "no"})
    assert editor_log(DayLog([take]), 3).blocks[0].takes[0].comments == (
        "Slated as 42B/9",
        "director: circled",
        "agency: no",
        "A: NG",
        "A cut early, at 10:00:10:00",
        "a.mov lost 1 frame",
        "b.mov was interrupted",
        "b.mov lost 12 frames",
    )


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"kind": Kind.PICKUP, "mos": True}, ("PICKUP", "MOS")),
        ({"runs": (run(0, 3), run(4, 9))}, ("SERIES",)),
        ({"kind": Kind.SERIES, "runs": (run(0, 3), run(4, 9))}, ("SERIES",)),
        ({"tail_slate": True, "state": State.INTERRUPTED}, ("TAIL SLATE", "INTERRUPTED")),
        ({}, ()),
    ],
)
def test_what_a_take_was_is_said_in_words(changes: dict[str, object], flags: tuple[str, ...]) -> None:
    assert editor_log(DayLog([a_take("42C/1", **changes)]), 3).blocks[0].takes[0].flags == flags


def test_status_is_a_word_and_carries_its_reason() -> None:
    takes = [
        a_take("42C/1", status=Status.CIRCLED),
        a_take("42C/2", status=Status.HOLD),
        a_take("42C/3", status=Status.NG, status_reason="camera"),
    ]
    lines = editor_log(DayLog(takes), 3).blocks[0].takes
    assert [(line.status, line.circled) for line in lines] == [
        ("circled", True),
        ("hold", False),
        ("NG (camera)", False),
    ]


def test_day_that_was_never_shot_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match=r"^There is no day 2 of unit Main; the log has day 1, 3\.$"):
        editor_log(DayLog(), 2)


def test_unit_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(ReportError, match=r'^There is no unit "Second"; this log has Main\.$'):
        editor_log(DayLog(), 3, unit="Second")


def test_day_without_a_take_says_so_in_every_format() -> None:
    log = editor_log(DayLog(), 1)
    assert log.warnings == ("No take was logged on day 1.",)
    assert log.totals.timing == "0:00"
    assert b"No take was logged on day 1." in editor_html(log)
    assert b"No take was logged on day 1." in editor_text(log)
    assert editor_pdf(log).startswith(b"%PDF-")


def test_terminal_escapes_and_bidi_overrides_become_visible() -> None:
    take = a_take("42C/1", notes=(note("a\x1b]0;PWNED\x07b\u202ec"), note("boom\x9b3J", audience=Audience.EDITOR)))
    log = editor_log(DayLog([take], title="T\x1b[2J"), 3)
    for page in (editor_text(log), editor_html(log)):
        assert b"\x1b" not in page
        assert "\x9b".encode() not in page
        assert "\u202e".encode() not in page
        assert b"a\\x1b]0;PWNED\\x07b\\u202ec" in page
    assert log.title == "T\\x1b[2J"


def test_block_has_the_setup_of_another_episode() -> None:
    class Series(DayLog):
        def setups(self, *, scene: str | None = None) -> Sequence[Setup]:
            plain = super().setups(scene=scene)[0]
            told = {None: "no episode", "101": "first", "102": "second"}
            return [replace(plain, episode=episode, description=text) for episode, text in told.items()]

    takes = [
        a_take("42C/1", episode="102"),
        a_take("42C/1", episode="101"),
        a_take("42C/1"),
        a_take("42C/1", episode="9"),
    ]
    blocks = editor_log(Series(takes), 3).blocks
    assert [(block.scene, block.description) for block in blocks] == [
        ("102 / 42", "second"),
        ("101 / 42", "first"),
        ("42", "no episode"),
        ("9 / 42", ""),
    ]


def test_roll_is_lost_when_the_mixer_is_noted() -> None:
    take = replace(DAY_THREE[1], sound_roll="S003", sound=(SoundTake(device="MIX", note="hum"),))
    assert sound_roll_words(take) == ("S003",)
    assert sound_roll_words(replace(take, sound_roll=None)) == ("MIX",)
    assert sound_roll_words(replace(take, sound=())) == ("S003",)
    assert sound_roll_words(replace(take, sound=(), mos=True)) == ()
