"""What a deck is known to be, from what it has said."""

from __future__ import annotations

from fractions import Fraction

import pytest

from devices.adapter import NS
from devices.hyperdeck_lines import Message
from devices.hyperdeck_state import DeckState, read_label
from onset.errors import TimecodeError
from onset.timecode import rate


def _transport(status: str, label: str = "", fmt: str = "1080p25", code: int = 508) -> Message:
    values = {"status": status, "video format": fmt}
    return Message(code, "transport info", {**values, "display timecode": label} if label else values)


def _clips(*names: str) -> Message:
    clips = {str(n): f"{name} 01:00:00:00 00:00:10:00" for n, name in enumerate(names, 1)}
    return Message(205, "clips info", {"clip count": str(len(names)), **clips})


def _shown(state: DeckState, mono_ns: int) -> str | None:
    found = state.label_at(mono_ns)
    return None if found is None else found[0].label


def test_a_colon_at_29_97_is_taken_for_drop_frame() -> None:
    # Older manuals print ":" for every label; only ";" says that labels are dropped.
    assert read_label("01:00:00:02", rate("29.97")).rate.name == "29.97"
    assert read_label("01:00:00;02", rate("29.97")).rate.name == "29.97df"
    assert read_label("01:00:00:02", rate("29.97df")).rate.name == "29.97df"  # the configuration says so
    with pytest.raises(TimecodeError):
        read_label("01:01:00;00", rate("29.97"))


def test_a_timecode_that_stands_is_shown_as_running() -> None:
    state = DeckState(None)
    state.take(_transport("preview", "10:00:00:00"), 0)
    assert state.label_at(NS) is None  # seen once: nobody knows
    state.take(_transport("preview", "10:00:00:05"), NS // 5)
    assert _shown(state, NS) == "10:00:01:00"
    state.take(_transport("preview", "10:00:00:05"), NS)
    assert state.label_at(NS) is None


def test_the_first_label_of_a_recording_is_lost() -> None:
    """Timecode that runs only while the deck records stands before it: its first label is the take's."""
    state = DeckState(None)
    for quarter in range(4):
        state.take(_transport("preview", "01:00:00:00"), quarter * NS // 4)
    state.take(_transport("record", "01:00:00:00"), NS)
    assert _shown(state, NS) == "01:00:00:00"


def test_a_clip_that_is_played_sets_the_clock_of_the_set() -> None:
    state = DeckState(None)
    state.take(_transport("play", "03:00:00:00"), 0)
    state.take(_transport("play", "03:00:00:05"), NS // 5)
    assert state.label_at(NS // 5) is None


@pytest.mark.parametrize("rate_name", ["25", "23.976", "29.97df", "50"])
def test_a_label_that_is_looked_at_late_trembles(rate_name: str) -> None:
    counted = rate(rate_name)
    state = DeckState(counted)
    state.take(Message(508, "transport info", {"status": "record"}), 0)
    seen = []
    for look in range(200):
        mono_ns = look * 257_000_000
        frame = int(Fraction(mono_ns, NS) * counted.fps)
        mark = ";" if counted.drop else ":"
        label = read_label("10:00:00" + mark + "00", counted).later(frame)
        state.take(Message(513, "display timecode", {"display timecode": label.label}), mono_ns)
        found = state.label_at(mono_ns)
        assert found is not None
        seen.append(found[0].since(label))
    assert set(seen[20:]) == {0}


def test_a_clip_that_was_there_before_is_taken_for_the_new_one() -> None:
    state = DeckState(None)
    state.take(_transport("preview"), 0)
    state.take(_clips("A001_0001.mov"), 0)
    state.take(_transport("record"), NS)
    assert state.stale_clips
    state.take(_clips("A001_0001.mov"), NS)
    assert state.clip == ""
    state.take(_transport("stopped"), 9 * NS)
    state.take(_clips("A001_0001.mov"), 9 * NS)  # its file is not closed yet
    assert (state.clip, state.stale_clips) == ("", True)
    state.take(_clips("A001_0001.mov", "A001_0002.mov"), 9 * NS)
    assert state.clip == "A001_0002.mov"


def test_the_name_of_the_clip_before_is_told_of_this_one() -> None:
    state = DeckState(None)
    state.take(_transport("preview"), 0)
    state.take(_clips(), 0)
    state.ordered("42C-3")
    state.take(_transport("record"), NS)
    assert state.clip == "42C-3"
    state.take(_transport("stopped"), 2 * NS)
    state.take(_clips("42C-3.mov"), 2 * NS)
    state.take(_transport("record"), 3 * NS)
    assert state.clip == ""


@pytest.mark.parametrize(
    ("listed", "clip"), [("42C-3.mov", "42C-3"), ("42C-3_0001.mov", "42C-3_0001.mov"), ("A001_0009.mov", "42C-3")]
)
def test_a_deck_that_adds_a_number_to_the_name_it_was_given_is_not_believed(listed: str, clip: str) -> None:
    state = DeckState(None)
    state.take(_transport("preview"), 0)
    state.take(_clips("A001_0001.mov"), 0)
    state.ordered("42C-3")
    state.take(_transport("record"), NS)
    state.take(_transport("stopped"), 2 * NS)
    state.take(_clips("A001_0001.mov", listed), 2 * NS)
    assert state.clip == clip


def test_a_list_of_clips_that_never_grows_is_asked_for_for_ever() -> None:
    state = DeckState(None)
    state.take(_clips(), 0)
    state.take(_transport("preview"), 0)
    state.take(_transport("record"), NS)
    state.take(_transport("stopped"), 2 * NS)
    asked = 0
    while state.stale_clips:
        state.stale_clips = False
        state.take(_clips(), 2 * NS)
        asked += 1
    assert asked < 20


def test_a_card_that_is_pulled_while_the_lamp_is_on_passes_unsaid() -> None:
    state = DeckState(None)
    state.take(_transport("record"), 0)
    state.take(Message(502, "slot info", {"slot id": "1", "status": "mounted", "recording time": "3000"}), 0)
    state.take(Message(502, "slot info", {"slot id": "1", "status": "empty"}), 0)
    assert state.remarks() == ("Slot 1 is empty while the deck records.",)
    assert state.slots[0].minutes is None


def test_a_deck_that_cannot_record_or_obey_says_so_once_and_is_forgotten() -> None:
    state = DeckState(None)

    def wrong() -> list[str]:
        return [each.what for each in state.wrong("DECK")]

    def remote(enabled: str) -> None:
        state.take(Message(510, "remote info", {"enabled": enabled}), 0)

    def slot(number: str, status: str) -> None:
        state.take(Message(502, "slot info", {"slot id": number, "status": status}), 0)

    state.take(Message(204, "device info", {"slot count": "2"}), 0)
    remote("false")  # its operator wants it so: it tells everything all the same
    slot("1", "empty")
    assert wrong() == [], "of its second slot nobody knows yet"
    slot("2", "empty")
    remote("true")
    assert wrong() == ["no medium"]
    remote("false")
    assert wrong() == ["remote off", "no medium"]
    slot("2", "mounted")
    remote("true")
    assert wrong() == []


def test_frames_that_the_deck_lost_are_not_counted() -> None:
    state = DeckState(None)
    state.take(Message(512, "dropped frames", {"count": "3"}), 0)
    state.take(Message(512, "dropped frames"), 0)
    assert state.lost == 4
