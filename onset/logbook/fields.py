"""What may be set in the log, checked: a value fits its field, or it is refused with a sentence that names both."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from onset.changes import Value, checked
from onset.domain.measures import eighths_of, in_eighths, in_screen_time, screen_time_of
from onset.errors import RefusedError
from onset.logbook.entities import ENTITIES, FIELDS, Field, Type
from onset.logbook.field import Form
from onset.text import safe_text

_NS = 1_000_000_000
_LONGEST = 20_000  # characters that a file or a report may say in one field


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
            what, shown = entity.replace("_", " "), safe_text(name)
            article = "An" if what[0] in "aeiou" else "A"
            raise RefusedError(f'{article} {what} has no field "{shown}" to set; there are {", ".join(_open(entity))}.')
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
    return _listed(value, what) if field.form is Form.NAMES and isinstance(value, str) else value


def _listed(text: str, what: str) -> str | None:
    """Names, as a person types them or as JSON, in the form the log keeps."""
    names: object = text.split(",")
    if text.startswith("["):
        try:
            names = json.loads(text)
        except (ValueError, RecursionError):
            names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RefusedError(f"{what} are names with commas between them.")
    kept = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    return str(checked(json.dumps(kept, ensure_ascii=False), what)) if kept else None


def written(field: Field, value: Value) -> str:
    """A value as people write it."""
    match field.form:
        case Form.EIGHTHS if isinstance(value, int):
            return in_eighths(value)
        case Form.SCREEN_TIME if isinstance(value, int):
            return in_screen_time(value)
        case Form.NAMES if isinstance(value, str):
            return ", ".join(map(str, json.loads(value)))
        case Form.MOMENT if isinstance(value, int):
            return f"{datetime.fromtimestamp(value // _NS, UTC).astimezone():%m-%d %H:%M:%S}"
        case _ if field.type is Type.FLAG:
            return "yes" if value == 1 else "no"
        case _:
            return str(value)


def value_words(entity: str, name: str, value: Value) -> str:
    """A value of any field as a person reads it; an empty one says so. Safe to show."""
    if value is None or value == "":
        return "empty"
    field = FIELDS.get(entity, {}).get(name)
    return safe_text(written(field, value) if field is not None else str(value))


def field_name(entity: str, name: str) -> str:
    """What a field is called: `status`; of a moment `time`, `cut` and not the nanoseconds that it is kept in."""
    field = FIELDS.get(entity, {}).get(name)
    if field is None or field.form is not Form.MOMENT:
        return name
    return "time" if name == "wall_ns" else name.removesuffix("_ns")


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
        elif field.form is Form.EIGHTHS:
            value = eighths_of(text)
        elif field.form is Form.SCREEN_TIME:
            value = screen_time_of(text)
        elif field.type is Type.INTEGER and _NUMBER.fullmatch(text):
            value = int(text)
    return checked_fields(entity, {name: value})[name]
