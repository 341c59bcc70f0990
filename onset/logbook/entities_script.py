"""Fields of the script, what is planned and shot of it, and how characters look. Assembled in `entities.py`."""

from __future__ import annotations

from onset.domain.scene import Coverage, OwedKind
from onset.logbook.field import Field, choice, eighths, flag, integer, names, ref, said, screen_time, text

SCRIPT: dict[str, tuple[Field, ...]] = {
    "scene": (
        text("episode"),
        text("number", indexed=True),
        text("heading", open=True, searched=True),
        eighths(),
        integer("rehearsal_ns", open=True, least=0),
        *said("int_ext set time_of_day story_day", searched=True),
        text("pages", open=True),
        text("note", open=True, searched=True),
        names("characters", searched=True),
        flag("eighths_estimated", open=True),  # counted by us, not by the script's own program
        screen_time("estimate_s"),  # what the cut scene should run
        flag("omitted", open=True),
        integer("ordinal", open=True, least=0),  # place in the script
        ref("version"),
        ref("predecessor"),  # what the scene was in the version before, when its number changed
    ),
    "script_version": (
        text("name", open=True, needed=True),
        *said("colour date file note"),
        text("episode"),
        text("digest", indexed=True),
        integer("wall_ns"),
    ),
    "script_element": (
        ref("version"),
        text("scene", indexed=True),
        text("episode"),
        integer("ordinal", least=0),
        text("key", indexed=True),  # stays the same from version to version while the text does
        text("kind"),
        text("character"),
        text("text"),
        text("page"),
        integer("line", least=0),
    ),
    "setup": (
        text("episode"),
        text("scene", indexed=True),
        text("slate", indexed=True),
        text("description", open=True, searched=True),
        text("size", open=True, searched=True),
        flag("vfx", open=True, searched=True),
        integer("rehearsal_ns", open=True, least=0),
        text("name", open=True, searched=True),  # while it is only planned and has no slate
        names("characters", searched=True),
        *said("vfx_note begins ends sound_note note", searched=True),  # begins, ends: words or an element's key
        text("storyboard", open=True),
        flag("mos", open=True),
        flag("planned", open=True),  # on a shot list, whether shot or not
        integer("planned_day", open=True, least=1, most=9_999),
        text("unit", open=True),
    ),
    "camera_setup": (
        ref("setup"),
        text("camera"),
        text("lens", open=True, searched=True),
        *said("height tilt"),
        text("filters", open=True, searched=True),
        names("characters", searched=True),
        *said("size description", searched=True),
        *said("stop iso shutter white_balance tint fps focus nd"),
        *said("rig operator", searched=True),
    ),
    "plan": (  # a scene on a day's schedule
        text("unit", needed=True),
        integer("day", indexed=True, needed=True, least=1, most=9_999),
        text("episode"),
        text("scene", needed=True),
        integer("ordinal", open=True, least=0),
        eighths(),
        text("note", open=True),
    ),
    # A person credits a scene with what of it was shot on a day; totals sum these and never takes.
    "credit": (
        ref("scene"),
        text("episode"),
        text("number", indexed=True),
        text("unit", needed=True),
        integer("day", indexed=True, needed=True, least=1, most=9_999),
        choice("state", Coverage),
        eighths(),
        screen_time("seconds"),
        text("note", open=True),
        text("author"),
        integer("wall_ns"),
    ),
    "owed": (
        choice("kind", OwedKind),
        text("unit", open=True),
        text("episode", open=True),
        text("scene", indexed=True, open=True),
        text("slate", open=True),
        text("text", open=True, needed=True),
        integer("day", open=True, least=1, most=9_999),  # since when it is owed
        text("author"),
        integer("wall_ns"),
        ref("shot"),  # the take that settled it
        flag("dropped", open=True),
    ),
    # How one character looks in one scene; those of one story day make a page.
    "continuity": (
        text("episode"),
        text("scene", indexed=True, needed=True),
        text("character", indexed=True, needed=True),
        *said("story_day wardrobe hair_makeup props action note"),
    ),
}
