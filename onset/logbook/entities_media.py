"""Fields of files, cards, devices' events and other departments' reports. Assembled in `entities.py`."""

from __future__ import annotations

from onset.domain.camera import LinkState, Source
from onset.domain.claim import ClaimSource
from onset.domain.still import TakenBy
from onset.logbook.field import Field, Type, choice, flag, integer, moment, ref, text

_MEDIA = (
    text("name", searched=True),
    text("path", indexed=True),
    text("tc_in"),
    text("tc_source"),
    text("rate"),
    integer("duration_frames", least=0, most=100 * 86_400 * 240),  # a hundred days at 240 frames a second
    flag("interrupted"),
)
# Of files that are not our recorders': where they came from, what they say themselves. An empty flag is unknown.
_ORIGINAL = (
    Field("source", Type.TEXT, tuple(str(member) for member in Source)),  # empty: one of our recorders wrote it
    ref("card"),
    text("unit"),
    integer("day", indexed=True, least=1, most=9_999),
    integer("created_ns"),
    integer("size", least=0),
    text("digest", indexed=True),
    text("unreadable"),
    text("named_scene"),
    text("named_take"),
)

MEDIA: dict[str, tuple[Field, ...]] = {
    "clip": (
        ref("take"),  # of the take that our recorder wrote it for; empty for other files, which only links bind
        *_MEDIA,
        text("camera"),
        integer("dropped", least=0),
        *_ORIGINAL,
        text("fps"),
        text("reel"),
        integer("number", least=0),
        text("proxy"),  # the joined proxy that was made of it, as `path`
    ),
    "sound": (
        ref("take"),
        *_MEDIA,
        text("device"),
        integer("samples", least=0),
        integer("sample_rate", least=1, most=10_000_000),
        text("tracks"),
        *_ORIGINAL,
        text("roll"),
        text("family"),
        integer("pre_record", least=0),
        flag("circled"),
        flag("wild"),
        text("note"),
        text("peak_db"),  # a JSON list of numbers, one a track, of what was heard between roll and cut
        text("rms_db"),
    ),
    "link": (
        ref("take"),
        ref("media"),
        choice("state", LinkState),
        text("method"),
        text("evidence"),
        text("author"),  # who wrote it, for links of our recorders
        text("question"),
        text("decided_by"),
        text("reason"),  # that the person gave
    ),
    "card": (
        text("label"),
        text("fingerprint", indexed=True),
        integer("files"),
        integer("size"),
        text("verdict"),
        text("reasons"),
        integer("wall_ns"),
        text("unit"),
        integer("day", least=1, most=9_999),
        text("camera"),
        text("reel"),
        text("cleared_by"),
        integer("cleared_ns"),
        text("cleared_note"),
        integer("clips", least=0),
        ref("supersedes"),
    ),
    "card_copy": (
        ref("card"),
        text("path"),
        integer("verified"),
        integer("failed"),
        text("read_back"),
        text("manifest"),
        text("disk"),
        # What was found of it since; about the generation `bad_of`, so that a copy made anew is not meant.
        text("bad"),
        text("bad_names"),
        moment("bad_ns"),
        text("bad_of"),
    ),
    "event": (
        ref("take"),
        integer("wall_ns"),
        text("device"),
        text("what"),
        text("detail"),
        flag("alarm"),
        # Of one that lasts: when it came last and when it was over (empty: it stands), and how often it came.
        integer("last_ns"),
        integer("cleared_ns"),
        integer("count", least=1),
    ),
    # A row of another department's report, as it was written: `slate` and `take` are its words, not a take of the log.
    "claim": (
        Field("source", Type.TEXT, tuple(str(member) for member in ClaimSource), needed=True),
        text("report", indexed=True, needed=True),
        integer("row", needed=True, least=1),
        text("unit", needed=True),
        integer("day", indexed=True, needed=True, least=1, most=9_999),
        text("device"),
        text("slate"),
        text("take"),
        text("clip"),
        text("roll"),
        flag("circled"),
        flag("mos"),
        flag("wild"),
        text("tc_in"),
        integer("duration_frames", least=0, most=100 * 86_400 * 240),
        text("rate"),
        text("note"),
    ),
    "explanation": (
        text("key", needed=True),
        text("unit", needed=True),
        integer("day", indexed=True, needed=True, least=1, most=9_999),
        text("text", needed=True),
        text("author"),
        integer("wall_ns"),
    ),
    "still": (
        ref("of_take"),  # not `take`: a person may put it to another one
        ref("setup"),
        ref("continuity"),
        text("unit"),
        integer("day", indexed=True, least=1, most=9_999),
        text("path", indexed=True),
        text("source_path"),
        text("digest", indexed=True),
        integer("taken_ns"),
        Field("taken_by", Type.TEXT, tuple(map(str, TakenBy))),
        text("camera"),
        integer("width", least=0),
        integer("height", least=0),
        text("caption", open=True),
        choice("state", LinkState, open=False),
        text("evidence"),
        text("decided_by"),
    ),
}
