"""The lines of the HyperDeck protocol, cut anywhere, broken anywhere."""

from __future__ import annotations

import random

import pytest

from devices.hyperdeck_lines import Command, CommandReader, Message, MessageReader, write_command, write_message

# As the maker's manual prints them (protocol 1.11, "Protocol details").
_TRANSPORT = (
    b"208 transport info:\r\nstatus: record\r\nspeed: 100\r\nslot id: 1\r\nclip id: none\r\nsingle clip: false\r\n"
    b"display timecode: 01:00:00:00\r\ntimecode: 00:00:00:00\r\nvideo format: 1080i5994\r\nloop: false\r\n\r\n"
)
_STREAM = (
    b"500 connection info:\r\nprotocol version: 1.11\r\nmodel: HyperDeck Studio Mini\r\n\r\n200 ok\r\n" + _TRANSPORT
)


def test_an_answer_that_arrives_in_pieces_is_lost() -> None:
    whole = MessageReader().feed(_STREAM)
    assert [message.code for message in whole] == [500, 200, 208]
    assert whole[2].values["display timecode"] == "01:00:00:00"
    for cut in range(1, len(_STREAM)):
        reader = MessageReader()
        assert reader.feed(_STREAM[:cut]) + reader.feed(_STREAM[cut:]) == whole
        assert reader.faults == 0


def test_a_change_between_a_command_and_its_answer_is_taken_for_the_answer() -> None:
    codes = [m.code for m in MessageReader().feed(b"508 transport info:\r\nstatus: record\r\n\r\n200 ok\r\n")]
    assert codes == [508, 200]
    assert [Message(code, "").unasked for code in codes] == [True, False]


def test_a_lost_empty_line_swallows_the_next_answer() -> None:
    reader = MessageReader()
    found = reader.feed(b"508 transport info:\r\nstatus: record\r\n200 ok\r\n")
    assert (found, reader.faults) == ([Message(200, "ok")], 1)


def test_a_line_without_an_end_fills_the_memory() -> None:
    reader = MessageReader()
    for _ in range(1000):
        assert reader.feed(b"x" * 10_000) == []
    assert len(reader._lines._rest) <= 10_000
    assert reader.feed(b"\r\n200 ok\r\n") == [Message(200, "ok")]
    assert reader.faults == 1


@pytest.mark.parametrize("seed", range(30))
def test_noise_ends_the_reading_for_good(seed: int) -> None:
    dice = random.Random(seed)
    noise = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 3000)))
    reader = MessageReader()
    reader.feed(_TRANSPORT + noise + b"\r\n\r\n")
    assert reader.feed(_TRANSPORT)[-1].values["video format"] == "1080i5994"


def test_text_that_is_no_utf8_ends_the_reading() -> None:
    (message,) = MessageReader().feed(b"202 slot info:\r\nslot id: 1\r\nvolume name: caf\xe9\r\n\r\n")
    assert message.values["volume name"] == "caf\ufffd"


@pytest.mark.parametrize(
    "written",
    [
        b"record: name: 42C-3 the door\n",
        b"record: name: 42C-3 the door\r\n",
        b"record:\r\nname: 42C-3 the door\r\n\r\n",
    ],
)
def test_one_of_the_ways_to_write_a_command_is_not_understood(written: bytes) -> None:
    assert CommandReader().feed(written) == [Command("record", {"name": "42C-3 the door"})]


def test_keys_of_two_words_are_cut_in_two() -> None:
    (command,) = CommandReader().feed(b"notify: dropped frames: true display timecode: false slot: true\n")
    assert command.values == {"dropped frames": "true", "display timecode": "false", "slot": "true"}


def test_a_clip_name_with_line_ends_gives_further_commands() -> None:
    written = write_command("record", {"name": "a\r\n\r\nstop\r\n"})
    assert CommandReader().feed(written) == [Command("record", {"name": "a stop"})]


def test_a_message_is_read_back_otherwise_than_it_was_written() -> None:
    for message in (Message(200, "ok"), Message(502, "slot info", {"slot id": "2", "volume name": "A: B"})):
        assert MessageReader().feed(write_message(message)) == [message]
