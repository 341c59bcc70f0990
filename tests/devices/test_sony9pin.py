"""The language of 9-pin: published blocks to the byte, and no block that was not sent, whatever lies around it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.sony9pin import (
    ACK,
    DEVICE_TYPE,
    LOCAL_OFF,
    LOCAL_ON,
    PLAY,
    RECORD,
    STATUS,
    STOP,
    TIMES,
    Block,
    BlockReader,
    DeckTime,
    Status,
    is_answer,
    is_order,
    model_of,
    nak_reason,
)
from onset.errors import TimecodeError
from onset.timecode import Timecode, rate

# From the command tables of Davies' summary and the RS-422 chapter of the HyperDeck manuals, sums worked out by hand.
# The last three stand with their sums in Datavideo's manual of the HDR-60/70 recorders, page 29.
PUBLISHED = [
    (STOP, "20 00 20"),
    (PLAY, "20 01 21"),
    (RECORD, "20 02 22"),
    (DEVICE_TYPE, "00 11 11"),
    (LOCAL_OFF, "00 0c 0c"),
    (LOCAL_ON, "00 1d 1d"),
    (STATUS, "61 20 09 8a"),
    (TIMES["ltc"][0], "61 0c 01 6e"),
    (TIMES["vitc"][0], "61 0c 02 6f"),
    (TIMES["generator"][0], "61 0a 01 6c"),
    (ACK, "10 01 11"),
    (Block(1, 0x12, b"\x04"), "11 12 04 27"),
    (Block(1, 0x11, b"\xf0\xe0"), "12 11 f0 e0 f3"),
    (Block(7, 0x04, bytes.fromhex("12345610")), "74 04 12 34 56 10 24"),
    (Block(6, 0x20, b"\x0f"), "61 20 0f 90"),
    (Block(6, 0x0C, b"\x04"), "61 0c 04 71"),
    (Block(1, 0x01), "10 01 11"),
]
ANSWERS = [block for block, _ in PUBLISHED if is_answer(block.group, block.command, len(block.data))]

blocks = st.builds(
    Block,
    st.just(7),
    st.just(0x20),
    st.binary(min_size=1, max_size=15),
) | st.sampled_from(ANSWERS)
# Every other noise is made of bytes that begin, continue or nearly end a block.
likely = st.lists(st.sampled_from(b"\x10\x01\x11\x12\x04\x27\x74\x78\x71\x20\x00\x22\x91"), max_size=40).map(bytes)
noise = st.binary(max_size=40) | likely
quiet_noise = st.lists(st.integers(0, 255).filter(lambda byte: byte >> 4 not in (1, 7)), max_size=40).map(bytes)


@pytest.mark.parametrize(("block", "wire"), PUBLISHED, ids=lambda each: each if isinstance(each, str) else "")
def test_a_block_differs_from_the_published_one(block: Block, wire: str) -> None:
    assert block.coded().hex(" ") == wire
    reader = BlockReader(is_order if is_order(block.group, block.command, 0) else is_answer)
    assert reader.feed(bytes.fromhex(wire)) == [block]
    assert reader.broken == 0


def _fed(reader: BlockReader, stream: bytes, cuts: list[int]) -> list[Block]:
    found: list[Block] = []
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        found += reader.feed(stream[start:end])
    return found


def _stand_in_order(found: list[Block], stream: bytes) -> bool:
    """Whether the blocks lie in the stream one after the other, none overlapping another."""
    at = 0
    for block in found:
        at = stream.find(block.coded(), at)
        if at < 0:
            return False
        at += len(block.coded())
    return True


@given(st.lists(noise | blocks.map(Block.coded), max_size=8).map(b"".join), st.lists(st.integers(0, 400)))
@settings(deadline=None)
def test_noise_becomes_a_block(stream: bytes, cuts: list[int]) -> None:
    reader = BlockReader(is_answer)
    found = _fed(reader, stream, cuts) + reader.silence()
    assert _stand_in_order(found, stream)
    assert all(is_answer(block.group, block.command, len(block.data)) for block in found)


@given(st.lists(st.tuples(quiet_noise, blocks), max_size=6), quiet_noise, st.lists(st.integers(0, 400)))
@settings(deadline=None)
def test_a_block_between_noise_is_missed(parts: list[tuple[bytes, Block]], after: bytes, cuts: list[int]) -> None:
    stream = b"".join(before + block.coded() for before, block in parts) + after
    reader = BlockReader(is_answer)
    assert _fed(reader, stream, cuts) == [block for _, block in parts]


@given(noise, st.lists(blocks, min_size=1, max_size=4), st.lists(st.integers(0, 400)))
@settings(deadline=None)
def test_what_follows_a_pause_is_spoilt_by_what_came_before(before: bytes, sent: list[Block], cuts: list[int]) -> None:
    """The thread is found again within one block: a pause ends whatever noise has begun."""
    reader = BlockReader(is_answer)
    reader.feed(before)
    reader.silence()
    assert _fed(reader, b"".join(block.coded() for block in sent), cuts) == sent


@pytest.mark.parametrize("block", ANSWERS, ids=lambda block: block.coded().hex())
def test_a_wrong_checksum_is_accepted(block: Block) -> None:
    coded = block.coded()
    for wrong in range(256):
        if wrong != coded[-1]:
            reader = BlockReader(is_answer)
            found = reader.feed(coded[:-1] + bytes((wrong,))) + reader.silence()
            assert block not in found


def test_a_half_block_swallows_the_answer_behind_it() -> None:
    reader = BlockReader(is_answer)
    half = bytes.fromhex("79 20 00 22")
    assert reader.feed(half + ACK.coded()) == []  # the nine bytes may still come
    assert reader.silence() == [ACK]
    assert reader.broken == 1


@pytest.mark.parametrize(
    ("byte", "bit", "field"),
    [
        (0, 0x20, "no_medium"),
        (0, 0x01, "local"),
        (1, 0x02, "recording"),
        (8, 0x20, "near_end"),
        (8, 0x10, "at_end"),
        (8, 0x01, "inhibited"),
    ],
)
def test_a_status_bit_means_another_thing(byte: int, bit: int, field: str) -> None:
    data = bytearray(9)
    data[byte] = bit
    status = Status.of(data)
    flags = ("recording", "local", "no_medium", "inhibited", "near_end", "at_end")
    assert [name for name in flags if getattr(status, name)] == [field]
    assert not any(getattr(Status.of(bytes(9)), name) for name in flags)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("00 20", "stopped"),
        ("00 01", "play"),
        ("00 03", "record"),
        ("00 80", "standby"),
        ("00 08", "rewind"),
        ("00 04", "forward"),
        ("00 10", "eject"),
        ("00 01 02", "still"),
        ("00 00", ""),
        ("", ""),
    ],
)
def test_a_transport_is_called_something_else(data: str, words: str) -> None:
    assert Status.of(bytes.fromhex(data)).transport == words


@given(st.sampled_from(["record", "play", "stopped"]), st.tuples(*[st.booleans()] * 5))
def test_a_status_changes_on_the_wire(transport: str, flags: tuple[bool, bool, bool, bool, bool]) -> None:
    status = Status(transport, transport == "record", *flags)
    assert Status.of(status.coded()) == status


@pytest.mark.parametrize("name", ["23.976", "24", "25", "29.97", "29.97df", "30"])
@given(number=st.integers(0, 86_400 * 30))
def test_a_label_changes_on_the_wire(name: str, number: int) -> None:
    label = Timecode(number % rate(name).frames_a_day, rate(name))
    wire = DeckTime.shown(label).coded()
    read = DeckTime.of(wire)
    assert read is not None
    assert (read.at(rate(name)), read.drop) == (label, rate(name).drop)
    flagged = DeckTime.of(bytes((wire[0] | 0x80, *wire[1:])))  # the colour frame flag is no digit
    assert flagged == read


def test_digits_that_are_none_become_a_label() -> None:
    assert DeckTime.of(bytes.fromhex("0a 00 00 00")) is None
    # The byte order as a public Node controller read it from the wire: 12 34 56 10 is 10:56:34:12.
    read = DeckTime.of(bytes.fromhex("12 34 56 10"))
    assert read is not None
    assert str(read.at(rate("25"))) == "10:56:34:12"
    beyond = DeckTime.of(bytes.fromhex("28 00 00 00"))
    assert beyond is not None
    with pytest.raises(TimecodeError):
        beyond.at(rate("25"))


@pytest.mark.parametrize(
    ("kind", "model"),
    [("10 00", "BVU-800"), ("21 00", "BVW-10"), ("30 10", "DVR-2000"), ("f2 e0", "HyperDeck")],
)
def test_a_model_is_mistaken_for_another(kind: str, model: str) -> None:
    assert model_of(bytes.fromhex(kind)) == model


@pytest.mark.parametrize(
    ("bits", "why"),
    [(0x01, "unknown command"), (0x04, "checksum"), (0x10, "parity"), (0x20, "overrun"), (0x40, "framing")],
)
def test_a_refusal_gives_another_reason(bits: int, why: str) -> None:
    assert nak_reason(bits) == why


@pytest.mark.parametrize("may_be", [is_answer, is_order])
def test_a_long_stream_of_noise_is_kept_in_memory(may_be: Callable[[int, int, int], bool]) -> None:
    reader = BlockReader(may_be)
    for number in range(2000):
        reader.feed(bytes((number * 37 & 0xFF, number * 91 & 0xFF, 0x7F)))
    assert len(reader._held) < 18
