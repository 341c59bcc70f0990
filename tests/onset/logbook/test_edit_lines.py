"""An edit that goes through a line of text is the same edit, and no line can hurt who reads it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.changes import Change, Edit
from onset.errors import LogError
from onset.logbook.edit_lines import edit_of, line_of
from tests.onset.test_changes import FIRST, FIRST_HASH, SECOND, SECOND_HASH, edits

HASH = bytes.fromhex(FIRST_HASH)


@given(edits, st.binary(min_size=32, max_size=32))
def test_any_edit_comes_back_the_same(edit: Edit, hash: bytes) -> None:
    line = line_of(edit, hash)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert edit_of(line) == (edit, hash)


def test_line_is_as_the_format_page_says() -> None:
    assert json.loads(line_of(SECOND, bytes.fromhex(SECOND_HASH))) == {
        "onset edit": 1,
        "seat": SECOND.seat.hex(),
        "seq": 2,
        "hlc": SECOND.hlc,
        "author": SECOND.author,
        "wall_ns": SECOND.wall_ns,
        "schema": SECOND.schema,
        "verb": SECOND.verb,
        "of": SECOND.of,
        "changes": [
            [
                change.entity,
                change.entity_id.hex(),
                change.field,
                {"bytes": change.value.hex()}
                if isinstance(change.value, bytes)
                else {"float": change.value.hex()}
                if isinstance(change.value, float)
                else change.value,
                [change.base[0].hex(), change.base[1]] if change.base else None,
            ]
            for change in SECOND.changes
        ],
        "hash": SECOND_HASH,
    }


def test_number_keeps_its_last_bit_and_its_kind() -> None:
    values = (0.1, -0.0, 5e-324, 1.7976931348623157e308, 1.0, 1)
    edit = Edit(bytes(16), 1, 1, "M", 1, "set", None, tuple(Change("take", bytes(16), "x", value) for value in values))
    back = [change.value for change in edit_of(line_of(edit, HASH))[0].changes]
    assert [(type(value), repr(value)) for value in back] == [(type(value), repr(value)) for value in values]


WHOLE = json.loads(line_of(FIRST, HASH))


def changed(**fields: object) -> bytes:
    return json.dumps(WHOLE | fields).encode()


def with_change(*parts: object) -> bytes:
    return changed(changes=[list(parts)])


ID = "00" * 16


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\x00" * 4096,
        b"\xff\xfe{}",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"[]",
        b"7",
        b"{}",
        line_of(FIRST, HASH)[:-40],
        line_of(FIRST, HASH)[20:],
        line_of(FIRST, HASH) * 2,
        changed(**{"onset edit": 2}),
        changed(**{"onset edit": True}),
        changed(seat="zz" * 16),
        changed(seat="00" * 15),
        changed(seat=" " * 32),
        changed(seat=7),
        changed(seq=0),
        changed(seq=True),
        changed(seq=1.0),
        changed(seq=1 << 63),
        changed(hlc=-1),
        changed(of=0),
        changed(author=None),
        changed(author="\ud800"),
        changed(verb="a\udfff"),
        changed(changes={}),
        changed(changes=[[]]),
        changed(hash="00" * 31),
        b'{"onset edit":1,"seq":' + b"9" * 5000 + b"}",
        with_change("take", ID, "x", True, None),
        with_change("take", ID, "x", 1.5, None),
        with_change("take", ID, "x", {"float": "nan"}, None),
        with_change("take", ID, "x", {"float": "0x1p99999"}, None),
        with_change("take", ID, "x", {"bytes": "0"}, None),
        with_change("take", ID, "x", {"bytes": "00", "more": 1}, None),
        with_change("take", ID, "x", [], None),
        with_change("take", ID, "x", 1, [ID]),
        with_change("take", ID, "x", 1, [ID, 0]),
        with_change("take", "00", "x", 1, None),
        with_change("take", ID, 5, 1, None),
    ],
)
def test_line_that_is_no_edit_is_refused_in_one_sentence(line: bytes) -> None:
    with pytest.raises(LogError) as refused:
        edit_of(line)
    assert "\n" not in str(refused.value)


def test_line_without_one_of_its_parts_names_it() -> None:
    for key in WHOLE.keys() - {"onset edit"}:
        with pytest.raises(LogError, match=f"without its {key}"):
            edit_of(json.dumps({name: value for name, value in WHOLE.items() if name != key}).encode())
