"""What a person types on the command line of `onset log`, as values: fields, cameras, slates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from onset.errors import UsageError
from onset.logbook.entities import ENTITIES, FIELDS
from onset.logbook.fields import from_text
from onset.logbook.terms import UNSET, Unset, Value
from onset.text import safe_text


def fields_of(
    words: Sequence[str], thing: str = "take", part: str | None = "angle"
) -> tuple[dict[str, Value], dict[str, dict[str, Value]]]:
    """`status=circled B.roll=B003`: the fields of a take (or another thing), and of each of its cameras.

    Args:
        words: as typed.
        thing: the entity they are of.
        part: the entity of a camera's fields; None where there are none.

    Raises:
        UsageError: a word without `=`.
        RefusedError: no such field, or a value it cannot hold.
    """
    fields: dict[str, Value] = {}
    cameras: dict[str, dict[str, Value]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            example = "status=circled" if thing == "take" else "note=raining"
            raise UsageError(f'"{safe_text(word)}" is not FIELD=VALUE, as in {example}.')
        camera, dot, field = name.rpartition(".")
        if dot and part is not None:
            cameras.setdefault(camera, {})[field] = from_text(part, field, value)
        else:
            fields[name] = from_text(thing, name, value)
    return fields, cameras


def values_of(entity: str, words: Sequence[str]) -> dict[str, Value]:
    """`director="Ana Reyes" paper=A4` as fields of a thing; a field that it has not is left for the log to refuse.

    Raises:
        UsageError: a word without `=`.
        RefusedError: a value that its field cannot hold.
    """
    fields: dict[str, Value] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f'"{safe_text(word)}" is not FIELD=VALUE, as in note="by the door".')
        known = FIELDS[entity].get(name)
        fields[name] = from_text(entity, name, value) if known is not None and known.open else value
    return fields


@dataclass(frozen=True, slots=True)
class OfATake:
    """What was said of takes: of themselves, of each camera, of each sound recorder."""

    fields: Mapping[str, Value]
    cameras: Mapping[str, Mapping[str, Value]]
    recorders: Mapping[str, Mapping[str, Value]]


def said_of_a_take(words: Sequence[str], recorders: Collection[str]) -> OfATake:
    """`status=circled B.stop=2.8 MIX.tracks="boom, lav 1"`.

    The name before the dot is a recorder's where only sound has such a field, or where it is one of `recorders`; else
    a camera's.

    Raises:
        UsageError: a word without `=`.
        RefusedError: no such field, or a value it cannot hold.
    """
    of_sound = {field.name for field in ENTITIES["sound_take"] if field.open}
    of_cameras = {field.name for field in ENTITIES["angle"] if field.open}

    def is_recorders(word: str) -> bool:
        device, dot, field = word.partition("=")[0].rpartition(".")
        return bool(dot) and field in of_sound and (device in recorders or field not in of_cameras)

    fields, cameras = fields_of([word for word in words if not is_recorders(word)])
    _, sound = fields_of([word for word in words if is_recorders(word)], part="sound_take")
    return OfATake(fields, cameras, sound)


def pairs_of(words: Sequence[str]) -> dict[str, str]:
    """`A=A014` as camera and roll."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name or not value:
            raise UsageError(f'"{safe_text(word)}" is not CAMERA=VALUE, as in A=A014.')
        found[name] = value
    return found


def switches_of(words: Sequence[str]) -> dict[str, bool]:
    """`B=off` as camera and whether it is in the next take."""
    found = pairs_of(words)
    for camera, value in found.items():
        if value not in ("on", "off"):
            raise UsageError(f'Camera {safe_text(camera)} is on or off, not "{safe_text(value)}".')
    return {camera: value == "on" for camera, value in found.items()}


def slate_of(text: str) -> tuple[str, str | Unset]:
    """`42C`, and of which episode where that was typed with it.

    >>> slate_of("101:42C"), slate_of("42C")[0]
    (('42C', '101'), '42C')
    """
    episode, colon, slate = text.rpartition(":")
    return (slate, episode) if colon and episode.strip() else (text, UNSET)
