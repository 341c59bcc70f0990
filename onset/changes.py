"""Edits and changes: the append-only truth of a log, its hybrid clock and its chain of hashes.

`logging_db` stores them, a merge exchanges them. The byte encoding under the hash is frozen; docs/log-format.md
describes it byte by byte, with test vectors.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
from dataclasses import dataclass

from onset.errors import RefusedError

Value = None | int | float | str | bytes

# Of the meaning of entities and fields; stored with each edit. 1: takes, and files of our own recorders. 2: also files
# that only links bind to takes, claims and explanations. 3: script, credits, days' stamps, rolls, continuity, stills.
# 5: alarms that last, levels, proxies, what rolled a take. 6: reports that were issued. It is the version of the log (4
# changed no meaning).
SCHEMA = 6
GENESIS = bytes(32)  # the hash before a seat's first edit
_MAGIC = b"onset edit\x01"
_COUNTER_BITS = 16
BOUND_MS = 5 * 60 * 1000  # a clock that is further ahead than this is wrong
_INT64 = 1 << 63


@dataclass(frozen=True, slots=True)
class Change:
    """One field that an edit sets.

    Attributes:
        entity: kind of thing (`take`); `entity_id` 16 bytes.
        base: (seat id, seq) of the change that the editing seat saw as the field's value; None: there was none.
    """

    entity: str
    entity_id: bytes
    field: str
    value: Value
    base: tuple[bytes, int] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One transaction of one seat.

    Attributes:
        seat: 16 bytes; `seq` counts the seat's edits from 1 without a gap.
        hlc: hybrid clock, see `tick`; orders edits of seats that did not see each other.
        wall_ns: the seat's wall clock, for people.
        verb: what was asked for (`cut`, `undo`).
        of: for `undo` and `redo` the seq of the own edit concerned; else None.
    """

    seat: bytes
    seq: int
    hlc: int
    author: str
    wall_ns: int
    verb: str
    of: int | None
    changes: tuple[Change, ...]
    schema: int = SCHEMA


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">I", len(raw)) + raw


def _value(value: Value) -> bytes:
    match value:
        case None:
            return b"\x00"
        case int():
            return b"\x01" + struct.pack(">q", value)
        case float():
            return b"\x02" + struct.pack(">d", value)
        case str():
            return b"\x03" + _text(value)
        case bytes():
            return b"\x04" + struct.pack(">I", len(value)) + value


def canonical(edit: Edit) -> bytes:
    """The bytes that are hashed for this edit (frozen: docs/log-format.md)."""
    parts = [
        _MAGIC,
        edit.seat,
        struct.pack(">QQqI", edit.seq, edit.hlc, edit.wall_ns, edit.schema),
        _text(edit.author),
        _text(edit.verb),
        struct.pack(">QI", edit.of or 0, len(edit.changes)),
    ]
    for change in edit.changes:
        parts += (_text(change.entity), change.entity_id, _text(change.field), _value(change.value))
        if change.base is None:
            parts.append(b"\x00")
        else:
            seat, seq = change.base
            parts += (b"\x01", seat, struct.pack(">Q", seq))
    return b"".join(parts)


def chained(previous: bytes, edit: Edit) -> bytes:
    """The edit's hash: SHA-256 over the seat's previous hash (`GENESIS` before the first) and the canonical bytes."""
    return hashlib.sha256(previous + canonical(edit)).digest()


def checked(value: Value, what: str) -> Value:
    """`value` as the log can hold it for ever: a bool becomes 0 or 1.

    Raises:
        RefusedError: text with a NUL or a half surrogate, an integer beyond 64 bits, or a number that is none.
    """
    match value:
        case bool():
            return int(value)
        case int() if not -_INT64 <= value < _INT64:
            raise RefusedError(f"{what} is too large a number for the log.")
        case float() if not math.isfinite(value):
            raise RefusedError(f"{what} must be a finite number.")
        case str() if "\x00" in value or not (value.isascii() or _is_text(value)):
            raise RefusedError(f"{what} holds bytes that are not text; type it again in plain characters.")
        case _:
            return value


def _is_text(value: str) -> bool:
    return not any(0xD800 <= ord(char) <= 0xDFFF for char in value)


def tick(seen: int, wall_ns: int) -> int:
    """The hybrid clock of a new edit: 48 bits of milliseconds, 16 of counter; always greater than `seen`.

    >>> tick(0, 5_000_000) >> 16, tick(tick(0, 5_000_000), 4_000_000) & 0xFFFF
    (5, 1)
    """
    return max((wall_ns // 1_000_000) << _COUNTER_BITS, seen + 1)


def newest_believable(wall_ns: int) -> int:
    """The greatest hybrid time another seat may drag ours to: five minutes ahead of our own wall clock."""
    return ((wall_ns // 1_000_000 + BOUND_MS) << _COUNTER_BITS) | 0xFFFF


def merged(seen: int, remote: int, wall_ns: int) -> tuple[int, int]:
    """What we have seen after taking in an edit with the hybrid time `remote`.

    Returns:
        The new `seen`, never beyond five minutes ahead of our wall clock for another's sake, and by how many
        milliseconds the other clock is ahead of that bound (0: it is believable).
    """
    bound = newest_believable(wall_ns)
    ahead_ms = max(0, (remote >> _COUNTER_BITS) - (bound >> _COUNTER_BITS))
    return max(seen, min(remote, bound)), ahead_ms


def new_id(wall_ns: int) -> bytes:
    """A UUIDv7 (RFC 9562, 5.7): milliseconds first, then 74 random bits."""
    milliseconds = (wall_ns // 1_000_000) & ((1 << 48) - 1)
    raw = bytearray(milliseconds.to_bytes(6, "big") + os.urandom(10))
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)


def derived_id(*names: str) -> bytes:
    """The same UUIDv8 (RFC 9562, 5.8) for the same names: two seats apart that rate one take meet in one row.

    Only for things whose whole identity is what they belong to and what they are called (the tag "stunt" of a take).
    """
    raw = bytearray(hashlib.sha256(b"".join(_text(name) for name in names)).digest()[:16])
    raw[6] = 0x80 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return bytes(raw)
