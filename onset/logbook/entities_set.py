"""Fields of the production, its people, units, days and rolls. Assembled in `entities.py`."""

from __future__ import annotations

from onset.domain.card import RollState
from onset.domain.production import Moment
from onset.logbook.field import Field, Form, Type, choice, flag, integer, moment, ref, said, text
from onset.slate import Overflow

SET: dict[str, tuple[Field, ...]] = {
    "production": (
        text("title", open=True, needed=True),
        text("rate"),
        text("slating"),
        text("skip_letters"),
        *said("code company director dp mixer script_supervisor editor"),
        Field("overflow", Type.TEXT, tuple(map(str, Overflow)), open=True),  # after Z; empty: AA, AB …
        flag("false_start_counts", open=True),  # a false start uses up a take number; empty: it does
        Field("focus_units", Type.TEXT, ("ft", "m"), open=True),
        Field("paper", Type.TEXT, ("A4", "Letter"), open=True),
    ),
    "person": (text("name", open=True, needed=True), *said("role department unit phone email note")),
    "episode": (text("number", indexed=True), *said("title note")),
    "seat": (text("name"), text("role")),
    "unit": (text("name"), text("slate_prefix", open=True)),
    "day": (
        text("unit", indexed=True),
        integer("number"),
        text("date", open=True),
        moment("wrapped_ns"),
        *said("location weather timezone note"),
    ),
    # A moment of a day that a person stamped: call, lunch, a company move …; there may be two of one sort.
    "day_stamp": (
        text("unit", needed=True),
        integer("day", indexed=True, needed=True, least=1, most=9_999),
        choice("what", Moment),
        moment("wall_ns", open=True),
        text("note", open=True),
    ),
    "jam": (  # a device's clock was set to the master's
        text("unit", needed=True),
        integer("day", indexed=True, needed=True, least=1, most=9_999),
        text("device", needed=True),
        moment("wall_ns", open=True),
        text("tc", open=True),
        text("note", open=True),
    ),
    # A camera or sound roll in its life; `card` is what an offload made of it.
    "roll": (
        text("unit", indexed=True),
        text("label", indexed=True, needed=True),
        text("device", open=True),  # camera letter or recorder
        integer("day", open=True, least=1, most=9_999),
        choice("state", RollState),
        *said("serial holder note"),
        integer("loaded_ns"),
        integer("pulled_ns"),
        integer("changed_ns"),  # when it came into this state
        ref("card"),
    ),
    # What was shot before this log began, for someone who joins on day 12.
    "balance": (
        text("unit", needed=True),
        *(
            integer(name, open=True, least=0, most=1_000_000, form=form)
            for name, form in (
                *((name, Form.PLAIN) for name in ("days", "scenes", "setups", "takes", "circled")),
                ("eighths", Form.EIGHTHS),
                ("seconds", Form.SCREEN_TIME),
            )
        ),
        text("note", open=True),
    ),
    "saved_filter": (text("name", needed=True), text("query", open=True, needed=True), text("author")),
}
