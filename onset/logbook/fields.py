"""The fields of everything in the log: the one table from which checks, projections and JSON are derived.

An engine makes one table for each entity here and one column for each field. A new field is a new line; a field is
never renamed or given another meaning (old edits keep theirs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from onset.changes import Value, checked
from onset.domain.camera import LinkState, Source
from onset.domain.claim import ClaimSource
from onset.domain.note import Audience
from onset.domain.take import Kind, State, Status
from onset.errors import RefusedError
from onset.text import safe_text


class Type(StrEnum):
    """What a field holds."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"  # 0 or 1
    REF = "ref"  # the id of another entity: 32 hex digits above the engine, 16 bytes within


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        choices: the texts it may hold; empty: any.
        searched: full-text search finds its words.
        indexed: verbs look things up by it.
        open: a person may set it directly (`set_take` and its like).
        least: of a number; `most` likewise.
    """

    name: str
    type: Type = Type.TEXT
    choices: tuple[str, ...] = ()
    searched: bool = False
    indexed: bool = False
    open: bool = False
    needed: bool = False
    least: int | None = None
    most: int | None = None


def _of_type(kind: Type) -> Callable[..., Field]:
    return partial(Field, type=kind)


_text, _integer, _flag = (_of_type(kind) for kind in (Type.TEXT, Type.INTEGER, Type.FLAG))


def _ref(name: str) -> Field:
    return Field(name, Type.REF)


_LONGEST = 20_000  # characters that a file or a report may say in one field


def _choice(name: str, kind: type[StrEnum], *, open: bool = True, indexed: bool = False) -> Field:
    return Field(name, Type.TEXT, tuple(str(member) for member in kind), open=open, indexed=indexed, needed=True)


_DELETED = _flag("deleted")
_MEDIA = (
    _text("name", searched=True),
    _text("path", indexed=True),
    _text("tc_in"),
    _text("tc_source"),
    _text("rate"),
    _integer("duration_frames", least=0, most=100 * 86_400 * 240),  # a hundred days at 240 frames a second
    _flag("interrupted"),
)
# Of files that are not our recorders': where they came from, what they say themselves. An empty flag is unknown.
_ORIGINAL = (
    Field("source", Type.TEXT, tuple(str(member) for member in Source)),  # empty: one of our recorders wrote it
    _ref("card"),
    _text("unit"),
    _integer("day", indexed=True, least=1, most=9_999),
    _integer("created_ns"),
    _integer("size", least=0),
    _text("digest", indexed=True),
    _text("unreadable"),
    _text("named_scene"),
    _text("named_take"),
)

# A field `take` of type REF names the take that an entity belongs to: its history and its words are that take's.
ENTITIES: dict[str, tuple[Field, ...]] = {
    "production": (_text("title"), _text("rate"), _text("slating"), _text("skip_letters")),
    "seat": (_text("name"), _text("role")),
    "unit": (_text("name"), _text("slate_prefix")),
    "day": (_text("unit", indexed=True), _integer("number"), _text("date"), _integer("wrapped_ns")),
    "board": (
        _text("unit"),
        _text("episode"),
        _text("scene"),
        _text("slate"),
        _text("take"),
        _choice("kind", Kind),
        _flag("mos"),
        _flag("tail_slate"),
        _flag("sound_in_next"),
        _text("sound_roll"),
        _text("back_slate"),
        _text("back_scene"),
    ),
    "board_camera": (_text("unit"), _text("camera"), _text("roll"), _flag("in_next")),
    "scene": (
        _text("episode"),
        _text("number", indexed=True),
        _text("heading", open=True),
        _integer("eighths", open=True, least=0, most=9_999),
        _integer("rehearsal_ns", open=True, least=0),
    ),
    "setup": (
        _text("episode"),
        _text("scene", indexed=True),
        _text("slate", indexed=True),
        _text("description", open=True),
        _text("size", open=True),
        _flag("vfx", open=True),
        _integer("rehearsal_ns", open=True, least=0),
    ),
    "camera_setup": (
        _ref("setup"),
        _text("camera"),
        _text("lens", open=True),
        _text("height", open=True),
        _text("tilt", open=True),
        _text("filters", open=True),
    ),
    "take": (
        _text("unit"),
        _integer("day", indexed=True, open=True, needed=True, least=1, most=9_999),
        _text("episode", open=True),
        _text("scene", searched=True, indexed=True, open=True, needed=True),
        _text("slate", searched=True, indexed=True, open=True, needed=True),
        _text("take", searched=True, open=True, needed=True),
        _integer("ordinal"),
        _choice("state", State, open=False),
        _choice("status", Status),
        _text("status_reason", searched=True, open=True),
        _choice("kind", Kind),
        _flag("mos", open=True, needed=True),
        _flag("tail_slate", open=True, needed=True),
        _text("slated_as", searched=True, open=True),
        _text("description", searched=True, open=True),
        _text("rate"),
        _integer("rolled_ns"),
        _integer("rolled_mono_ns"),
        _text("boot"),
        _integer("cut_ns"),
        _text("tc_in", open=True),
        _text("tc_out", open=True),
        _text("tc_source"),
        _integer("duration_frames", open=True, least=0),  # at most a day, at the take's rate: see timing.py
        _text("sound_roll"),  # as the board had it at the roll; sound files that come in later are on it
        _flag("added"),  # entered afterwards, not stamped at the moment
    ),
    "run": (
        _ref("take"),
        _text("action"),
        _text("cut"),
        _integer("action_ns"),
        _integer("cut_ns"),
    ),
    "note": (
        _ref("take"),
        _text("text", searched=True, open=True),
        _text("author"),
        _choice("audience", Audience),
        _integer("wall_ns"),
        _text("tc"),
        _integer("offset_ns"),
        _flag("mark"),
    ),
    "tag": (_ref("take"), _text("tag", searched=True, indexed=True)),
    "rating": (_ref("take"), _text("voter"), _text("value")),
    "angle": (
        _ref("take"),
        _text("camera"),
        _text("roll", searched=True, open=True),
        _text("start", open=True),
        _text("end", open=True),
        _text("rating", open=True),
        _text("lens", open=True),
    ),
    "sound_take": (_ref("take"), _text("device"), _text("roll", searched=True)),
    "clip": (
        _ref("take"),  # of the take that our recorder wrote it for; empty for other files, which only links bind
        *_MEDIA,
        _text("camera"),
        _integer("dropped", least=0),
        *_ORIGINAL,
        _text("fps"),
        _text("reel"),
        _integer("number", least=0),
    ),
    "sound": (
        _ref("take"),
        *_MEDIA,
        _text("device"),
        _integer("samples", least=0),
        _integer("sample_rate", least=1, most=10_000_000),
        _text("tracks"),
        *_ORIGINAL,
        _text("roll"),
        _text("family"),
        _integer("pre_record", least=0),
        _flag("circled"),
        _flag("wild"),
        _text("note"),
    ),
    "link": (
        _ref("take"),
        _ref("media"),
        _choice("state", LinkState),
        _text("method"),
        _text("evidence"),
        _text("author"),  # who wrote it, for links of our recorders
        _text("question"),
        _text("decided_by"),
        _text("reason"),  # that the person gave
    ),
    "card": (
        _text("label"),
        _text("fingerprint", indexed=True),
        _integer("files"),
        _integer("size"),
        _text("verdict"),
        _text("reasons"),
        _integer("wall_ns"),
        _text("unit"),
        _integer("day", least=1, most=9_999),
        _text("camera"),
        _text("reel"),
        _text("cleared_by"),
        _integer("cleared_ns"),
        _text("cleared_note"),
        _integer("clips", least=0),
        _ref("supersedes"),
    ),
    "card_copy": (
        _ref("card"),
        _text("path"),
        _integer("verified"),
        _integer("failed"),
        _text("read_back"),
        _text("manifest"),
        _text("disk"),
    ),
    "event": (_ref("take"), _integer("wall_ns"), _text("device"), _text("what"), _text("detail"), _flag("alarm")),
    # A row of another department's report, as it was written: `slate` and `take` are its words, not a take of the log.
    "claim": (
        Field("source", Type.TEXT, tuple(str(member) for member in ClaimSource), needed=True),
        _text("report", indexed=True, needed=True),
        _integer("row", needed=True, least=1),
        _text("unit", needed=True),
        _integer("day", indexed=True, needed=True, least=1, most=9_999),
        _text("device"),
        _text("slate"),
        _text("take"),
        _text("clip"),
        _text("roll"),
        _flag("circled"),
        _flag("mos"),
        _flag("wild"),
        _text("tc_in"),
        _integer("duration_frames", least=0, most=100 * 86_400 * 240),
        _text("rate"),
        _text("note"),
    ),
    "explanation": (
        _text("key", needed=True),
        _text("unit", needed=True),
        _integer("day", indexed=True, needed=True, least=1, most=9_999),
        _text("text", needed=True),
        _text("author"),
        _integer("wall_ns"),
    ),
}
ENTITIES = {entity: (*fields, _DELETED) for entity, fields in ENTITIES.items()}
FIELDS: dict[str, dict[str, Field]] = {
    entity: {field.name: field for field in fields} for entity, fields in ENTITIES.items()
}


def _open(entity: str) -> tuple[str, ...]:
    return tuple(field.name for field in ENTITIES[entity] if field.open)


TAKE_FIELDS = _open("take")
ANGLE_FIELDS = _open("angle")
SETUP_FIELDS = _open("setup")
CAMERA_SETUP_FIELDS = _open("camera_setup")
SCENE_FIELDS = _open("scene")


def checked_fields(entity: str, fields: Mapping[str, Value]) -> dict[str, Value]:
    """What a person may set, checked and in the form the log keeps.

    Raises:
        RefusedError: no such field, or a value it cannot hold; names both.
    """
    known = FIELDS[entity]
    result: dict[str, Value] = {}
    for name, value in fields.items():
        field = known.get(name)
        if field is None or not field.open:
            raise RefusedError(f'A {entity} has no field "{name}" to set; there are {", ".join(_open(entity))}.')
        result[name] = _fitting(entity, field, value)
    return result


def fitting(entity: str, fields: Mapping[str, Value]) -> dict[str, Value]:
    """What a file or a report says, checked as `checked_fields` does; any field may be set.

    Raises:
        RefusedError: a value that its field cannot hold; names both.
    """
    for name, value in fields.items():
        if isinstance(value, str) and len(value) > _LONGEST:
            raise RefusedError(f"The {name} of a {entity} is longer than {_LONGEST:,} characters.")
    return {name: _fitting(entity, FIELDS[entity][name], value) for name, value in fields.items()}


def _fitting(entity: str, field: Field, value: Value) -> Value:
    what = f"The {field.name} of a {entity.replace('_', ' ')}"
    value = checked(value, what)
    if value is None:
        if field.needed:
            raise RefusedError(f"{what} cannot be empty.")
        return None
    match field.type:
        case Type.FLAG if value not in (0, 1):
            raise RefusedError(f"{what} is yes or no.")
        case Type.INTEGER if not isinstance(value, int):
            raise RefusedError(f"{what} is a whole number.")
        case Type.TEXT if not isinstance(value, str):
            raise RefusedError(f"{what} is text.")
    if isinstance(value, int) and field.least is not None and value < field.least:
        raise RefusedError(f"{what} is at least {field.least}, not {value}.")
    if isinstance(value, int) and field.most is not None and value > field.most:
        raise RefusedError(f"{what} is at most {field.most}, not {value}.")
    if field.choices and value not in field.choices:
        raise RefusedError(f'{what} cannot be "{safe_text(str(value))}"; it is one of {", ".join(field.choices)}.')
    return value


_NUMBER = re.compile(r"-?\d{1,30}", re.ASCII)
_YES = frozenset(("yes", "y", "true", "1", "on"))
_NO = frozenset(("no", "n", "false", "0", "off"))


def from_text(entity: str, name: str, text: str) -> Value:
    """The value a person means who typed `text` for a field; empty text means empty.

    Raises:
        RefusedError: no such field, or it cannot hold that.
    """
    field = FIELDS[entity].get(name)
    value: Value = text or None
    if field is not None and text:
        if field.type is Type.FLAG:
            word = text.lower()
            value = 1 if word in _YES else 0 if word in _NO else text
        elif field.type is Type.INTEGER and _NUMBER.fullmatch(text):
            value = int(text)
    return checked_fields(entity, {name: value})[name]
