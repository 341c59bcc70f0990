"""The frozen encoding against bytes laid out by hand from docs/log-format.md, and the hybrid clock."""

from __future__ import annotations

import hashlib
import struct
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.changes import (
    GENESIS,
    Change,
    Edit,
    Value,
    canonical,
    chained,
    checked,
    derived_id,
    merged,
    new_id,
    tick,
)
from onset.errors import RefusedError

SEAT = bytes(range(16))
OTHER = bytes(range(16, 32))
TAKE = bytes(range(0xA0, 0xB0))

# The first edit of docs/log-format.md, as bytes written down by hand.
FIRST = Edit(
    seat=SEAT,
    seq=1,
    hlc=0x0123_4567_89AB_0002,
    author="Maya",
    wall_ns=1_780_000_000_000_000_000,
    verb="roll",
    of=None,
    changes=(Change("take", TAKE, "slate", "42C"), Change("take", TAKE, "mos", 0)),
    schema=1,
)
FIRST_HEX = (
    "6f6e736574206564697401"  # "onset edit", version 1
    "000102030405060708090a0b0c0d0e0f"  # seat
    "0000000000000001"  # seq
    "0123456789ab0002"  # hlc
    "18b3d491b4320000"  # wall, ns
    "00000001"  # schema
    "00000004" "4d617961"  # author
    "00000004" "726f6c6c"  # verb
    "0000000000000000"  # of: none
    "00000002"  # changes
    "00000004" "74616b65" "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" "00000005" "736c617465"
    "03" "00000003" "343243"  # text "42C"
    "00"  # no base
    "00000004" "74616b65" "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" "00000003" "6d6f73"
    "01" "0000000000000000"  # integer 0
    "00"
)  # fmt: skip
# sha256sum of 32 zero bytes and the bytes above, by coreutils.
FIRST_HASH = "6e890605feaabaca215752e0de32b95e3248522bff1d03b185e2774fc539dc44"
SECOND = Edit(
    seat=SEAT,
    seq=2,
    hlc=0x0123_4567_89AC_0000,
    author="Zoë",
    wall_ns=-1,
    verb="undo",
    of=1,
    changes=(
        Change("note", TAKE, "text", "caf\u00e9 \U0001f3ac", (OTHER, 7)),
        Change("x", TAKE, "n", None, (SEAT, 1)),
        Change("x", TAKE, "r", -2.5),
        Change("x", TAKE, "b", b"\x00\xff"),
        Change("x", TAKE, "i", -(2**63)),
    ),
    schema=1,
)
SECOND_HASH = "4d36fc68b6ff8b1c255ef9587d1d2cb849114fd2878131b21ac3b7a8427cc9c6"


def by_hand(edit: Edit) -> bytes:
    """The encoding once more, from its description and with nothing of onset's."""

    def text(word: str) -> bytes:
        return len(word.encode("utf-8")).to_bytes(4, "big") + word.encode("utf-8")

    def value(held: Value) -> bytes:
        if held is None:
            return b"\x00"
        if isinstance(held, int):
            return b"\x01" + held.to_bytes(8, "big", signed=True)
        if isinstance(held, float):
            return b"\x02" + struct.pack("!d", held)
        if isinstance(held, str):
            return b"\x03" + text(held)
        return b"\x04" + len(held).to_bytes(4, "big") + held

    out = b"onset edit\x01" + edit.seat + edit.seq.to_bytes(8, "big") + edit.hlc.to_bytes(8, "big")
    out += edit.wall_ns.to_bytes(8, "big", signed=True) + edit.schema.to_bytes(4, "big")
    out += text(edit.author) + text(edit.verb) + (edit.of or 0).to_bytes(8, "big")
    out += len(edit.changes).to_bytes(4, "big")
    for change in edit.changes:
        out += text(change.entity) + change.entity_id + text(change.field) + value(change.value)
        out += b"\x00" if change.base is None else b"\x01" + change.base[0] + change.base[1].to_bytes(8, "big")
    return out


def test_first_vector_byte_for_byte() -> None:
    assert canonical(FIRST).hex() == FIRST_HEX
    assert chained(GENESIS, FIRST).hex() == FIRST_HASH


def test_second_vector_with_every_kind_of_value() -> None:
    assert chained(bytes.fromhex(FIRST_HASH), SECOND).hex() == SECOND_HASH
    assert hashlib.sha256(bytes.fromhex(FIRST_HASH) + by_hand(SECOND)).hexdigest() == SECOND_HASH


values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(max_size=40),
)
ids = st.binary(min_size=16, max_size=16)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
counters = st.integers(1, 2**63 - 1)
edits = st.builds(
    Edit,
    seat=ids,
    seq=counters,
    hlc=counters,
    author=words,
    wall_ns=st.integers(-(2**63), 2**63 - 1),
    verb=words,
    of=st.none() | counters,
    changes=st.lists(
        st.builds(Change, words, ids, words, values, st.none() | st.tuples(ids, counters)), max_size=4
    ).map(tuple),
)


@given(edits)
def test_any_edit_is_encoded_as_described(edit: Edit) -> None:
    assert canonical(edit) == by_hand(edit)


@given(edits, edits)
def test_two_different_edits_never_share_their_bytes(one: Edit, other: Edit) -> None:
    same = repr(one) == repr(other)  # 1 and 1.0 are equal in Python and two values in the log
    assert (canonical(one) == canonical(other)) == same


@given(st.integers(0, 2**62), st.integers(0, 2**60))
def test_clock_set_back_never_repeats_an_hour(seen: int, wall_ns: int) -> None:
    hlc = tick(seen, wall_ns)
    assert hlc > seen
    assert hlc >> 16 >= wall_ns // 1_000_000
    assert hlc >> 16 <= max(wall_ns // 1_000_000, (seen + 1) >> 16)


def test_clock_a_day_ahead_does_not_drag_ours() -> None:
    now_ns = 1_780_000_000_000_000_000
    tomorrow = tick(0, now_ns + 86_400 * 1_000_000_000)
    seen, ahead_ms = merged(tick(0, now_ns), tomorrow, now_ns)
    assert (seen >> 16) - now_ns // 1_000_000 == 5 * 60 * 1000
    assert ahead_ms == 86_400_000 - 5 * 60 * 1000


def test_believable_clock_is_followed() -> None:
    now_ns = 1_780_000_000_000_000_000
    remote = tick(0, now_ns + 60 * 1_000_000_000)
    assert merged(tick(0, now_ns), remote, now_ns) == (remote, 0)
    assert tick(remote, now_ns) == remote + 1


def test_our_own_clock_ahead_is_never_turned_back_by_a_merge() -> None:
    ours = tick(0, 2_000_000_000_000)
    assert merged(ours, tick(0, 1_000_000_000_000), 1_000_000_000_000) == (ours, 0)


@pytest.mark.parametrize("value", ["a\x00b", "half \ud800", float("nan"), float("inf"), 2**63, -(2**63) - 1])
def test_value_that_no_database_keeps_is_refused(value: Value) -> None:
    with pytest.raises(RefusedError, match="The note"):
        checked(value, "The note")


def test_ids_are_those_of_rfc_9562() -> None:
    made = uuid.UUID(bytes=new_id(1_645_557_742_000_000_000))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.hex.startswith("017f22e279b0")  # the time of the RFC's own example, A.6
    derived = uuid.UUID(bytes=derived_id("tag", "stunt"))
    assert (derived.version, derived.variant) == (8, uuid.RFC_4122)


def test_derived_ids_meet_and_never_collide_by_concatenation() -> None:
    assert derived_id("tag", "a", "b") == derived_id("tag", "a", "b")
    assert derived_id("tag", "ab", "") != derived_id("tag", "a", "b")
