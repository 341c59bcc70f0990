"""Edits as lines of text: what the second journal and the files of an exchange are made of.

One edit is one line of JSON in UTF-8 with its hash, so that a file can be appended to, cut short by a pulled stick, and
still be read up to the cut. docs/log-format.md describes the form. Nothing a line says is believed: types, ranges and
the hash are checked here, the chain by whoever takes the edit in.
"""

from __future__ import annotations

import json
import math
from typing import TypeAlias

from onset.changes import Change, Edit, Value
from onset.errors import LogError

_VERSION = 1
LONGEST = 64 << 20  # bytes; the import of a whole script is some ten million
_INT64 = 1 << 63
_KEYS = ("seat", "seq", "hlc", "author", "wall_ns", "schema", "verb", "of", "changes", "hash")

_Json: TypeAlias = "bool | int | float | str | list[_Json] | dict[str, _Json] | None"


def line_of(edit: Edit, hash: bytes, *, came: bool = False) -> bytes:
    """The edit and its hash as one line, with the line feed.

    Args:
        edit: what is told.
        hash: of the edit in its seat's chain.
        came: it came from another log into the one that the line is of; a reader that does not know this key passes
            over it, and no hash covers it.

    >>> line_of(Edit(bytes(16), 1, 65536, "Maya", 1_000_000, "next", None, ()), bytes(32))[:27]
    b'{"onset edit":1,"seat":"000'
    """
    told: dict[str, _Json] = {
        "onset edit": _VERSION,
        "seat": edit.seat.hex(),
        "seq": edit.seq,
        "hlc": edit.hlc,
        "author": edit.author,
        "wall_ns": edit.wall_ns,
        "schema": edit.schema,
        "verb": edit.verb,
        "of": edit.of,
        "changes": [_change_told(change) for change in edit.changes],
        "hash": hash.hex(),
    }
    if came:
        told["came"] = 1
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def edit_of(line: bytes) -> tuple[Edit, bytes]:
    """The edit of a line, and the hash that was kept with it. Whether that hash is right, only the chain tells.

    Args:
        line: with or without its line feed.

    Raises:
        LogError: it is no whole edit; says what is wrong with it.
    """
    edit, hash, _ = edit_and_origin(line)
    return edit, hash


def edit_and_origin(line: bytes) -> tuple[Edit, bytes, bool]:
    """As `edit_of`, and whether the line says that the edit came from another log.

    Raises:
        LogError: it is no whole edit; says what is wrong with it.
    """
    told = _told(line)
    if told.get("onset edit") != _VERSION or isinstance(told.get("onset edit"), bool):
        raise LogError("The line is no edit of a log, or one that only a newer onset can read.")
    missing = [key for key in _KEYS if key not in told]
    if missing:
        raise LogError(f"The line is an edit without its {missing[0]}.")
    changes = told["changes"]
    if not isinstance(changes, list):
        raise LogError("The changes of the edit are not a list.")
    of = told["of"]
    edit = Edit(
        seat=_bytes(told["seat"], 16, "seat"),
        seq=_number(told["seq"], "seq", least=1),
        hlc=_number(told["hlc"], "hlc"),
        author=_text(told["author"], "author"),
        wall_ns=_number(told["wall_ns"], "wall_ns", least=-_INT64),
        schema=_number(told["schema"], "schema", most=(1 << 32) - 1),
        verb=_text(told["verb"], "verb"),
        of=None if of is None else _number(of, "of", least=1),
        changes=tuple(_change(change) for change in changes),
    )
    return edit, _bytes(told["hash"], 32, "hash"), told.get("came") == 1


def _told(line: bytes) -> dict[str, _Json]:
    if len(line) > LONGEST:
        raise LogError(f"The line is longer than any edit ({len(line):,} bytes).")
    try:
        told = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise LogError("The line is not JSON in UTF-8; it was cut short, or something else wrote it.") from error
    if not isinstance(told, dict):
        raise LogError("The line is not an edit.")
    return told


def _change_told(change: Change) -> _Json:
    base: _Json = [change.base[0].hex(), change.base[1]] if change.base else None
    return [change.entity, change.entity_id.hex(), change.field, _value_told(change.value), base]


def _change(told: _Json) -> Change:
    if not isinstance(told, list) or len(told) != 5:
        raise LogError("A change of the edit is not five things: kind, id, field, value and base.")
    entity, entity_id, field, value, base = told
    seen = None
    if base is not None:
        if not isinstance(base, list) or len(base) != 2:
            raise LogError("The base of a change is not a seat and a number.")
        seen = (_bytes(base[0], 16, "base"), _number(base[1], "base", least=1))
    return Change(
        _text(entity, "kind of thing"), _bytes(entity_id, 16, "id"), _text(field, "field"), _value(value), seen
    )


def _value_told(value: Value) -> _Json:
    match value:
        case float():
            return {"float": value.hex()}  # exact, and never taken for an integer
        case bytes():
            return {"bytes": value.hex()}
        case _:
            return value


def _value(told: _Json) -> Value:
    match told:
        case None:
            return None
        case bool():
            raise LogError("A value of the edit is true or false; a log keeps 1 and 0.")
        case int():
            return _number(told, "value", least=-_INT64)
        case str():
            return _text(told, "value")
        case {"float": str(text), **rest} if not rest:
            return _float(text)
        case {"bytes": str(text), **rest} if not rest:
            return _bytes(text, None, "value")
        case _:
            raise LogError("A value of the edit is nothing that a log can hold.")


def _float(text: str) -> float:
    try:
        value = float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise LogError("A number of the edit is none.") from error
    if not math.isfinite(value):
        raise LogError("A number of the edit is not finite.")
    return value


def _text(told: _Json, what: str) -> str:
    if not isinstance(told, str):
        raise LogError(f"The {what} of the edit is not text.")
    try:
        told.encode()
    except UnicodeEncodeError as error:
        raise LogError(f"The {what} of the edit holds bytes that are not text.") from error
    return told


def _number(told: _Json, what: str, *, least: int = 0, most: int = _INT64 - 1) -> int:
    if not isinstance(told, int) or isinstance(told, bool) or not least <= told <= most:
        raise LogError(f"The {what} of the edit is not a number that it can be.")
    return told


def _bytes(told: _Json, length: int | None, what: str) -> bytes:
    try:
        raw = bytes.fromhex(told) if isinstance(told, str) and not told.isspace() else None
    except ValueError:
        raw = None
    if raw is None or raw.hex() != told or (length is not None and len(raw) != length):
        raise LogError(f"The {what} of the edit is not the bytes that it should be.")
    return raw
