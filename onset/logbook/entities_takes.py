"""Fields of the board and its takes. Assembled in `entities.py`."""

from __future__ import annotations

from onset.domain.note import Audience
from onset.domain.take import Kind, State, Status
from onset.logbook.field import Field, choice, flag, integer, moment, names, ref, said, text

TAKES: dict[str, tuple[Field, ...]] = {
    "board": (
        text("unit"),
        text("episode"),
        text("scene"),
        text("slate"),
        text("take"),
        choice("kind", Kind),
        flag("mos"),
        flag("tail_slate"),
        flag("sound_in_next"),
        text("sound_roll"),
        text("back_slate"),
        text("back_scene"),
    ),
    "board_camera": (text("unit"), text("camera"), text("roll"), flag("in_next")),
    "take": (
        text("unit"),
        integer("day", open=True, needed=True, least=1, most=9_999),  # with the roll in an index of shooting order
        text("episode", open=True),
        text("scene", searched=True, indexed=True, open=True, needed=True),
        text("slate", searched=True, indexed=True, open=True, needed=True),
        text("take", searched=True, open=True, needed=True),
        integer("ordinal"),
        choice("state", State, open=False),
        choice("status", Status),
        text("status_reason", searched=True, open=True),
        choice("kind", Kind),
        flag("mos", open=True, needed=True),
        flag("tail_slate", open=True, needed=True),
        text("slated_as", searched=True, open=True),
        text("description", searched=True, open=True),
        text("rate"),
        moment("rolled_ns"),
        integer("rolled_mono_ns"),
        text("boot"),
        text("program"),  # that rolled it and stayed: gone while the take rolls, nobody sees the cut
        moment("cut_ns"),
        text("tc_in", open=True),
        text("tc_out", open=True),
        text("tc_source"),
        text("tc_out_source"),
        text("user_bits"),  # of the timecode at the roll, eight hex digits
        integer("duration_frames", open=True, least=0),  # at most a day, at the take's rate: see timing.py
        text("sound_roll", searched=True),  # as the board had it at the roll; sound files that come in later are on it
        text("rolled_by"),  # the device that started it; empty: a person
        text("cut_by"),
        flag("added"),  # entered afterwards, not stamped at the moment
    ),
    "run": (
        ref("take"),
        text("action"),
        text("action_source"),
        text("cut"),
        text("cut_source"),
        moment("action_ns"),
        moment("cut_ns"),
    ),
    "note": (
        ref("take"),  # what it is about: a take, a setup, a scene, or only a moment of a day
        ref("setup"),
        ref("scene"),
        text("unit"),
        integer("day", indexed=True, least=1, most=9_999),
        text("text", searched=True, open=True),
        text("author"),
        choice("audience", Audience),
        integer("wall_ns"),
        text("tc"),
        text("tc_source"),
        integer("offset_ns"),
        flag("mark"),
    ),
    "tag": (ref("take"), text("tag", searched=True, indexed=True), text("place")),  # see onset/domain/selects.py
    "rating": (ref("take"), text("voter"), text("value"), text("reason", open=True)),
    "angle": (
        ref("take"),
        text("camera"),
        text("roll", searched=True, open=True),
        text("start", open=True),
        text("end", open=True),
        text("rating", open=True),
        *said("lens stop filters nd iso white_balance tint shutter fps focus height tilt rig codec body operator"),
        text("clip_name", searched=True, open=True),  # as the camera's assistant reports it
        text("note", searched=True, open=True),
    ),
    "sound_take": (
        ref("take"),
        text("device"),
        text("roll", searched=True, open=True),
        names("tracks"),  # in channel order
        flag("circled", open=True),
        text("note", searched=True, open=True),
    ),
}
