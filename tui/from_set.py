"""What the set proposes, in the words of the board: a deck records and nothing rolls, or has stopped in a take.

Used by the Log screen and its board; read from the live bus, where the capture service says it once a second.
"""

from __future__ import annotations

from onset.capture.signals import SERVICE, DeckNow, Proposal, Proposed
from onset.domain.take import Board
from onset.text import safe_text
from tui.deps import Live
from tui.keys import KeyMap

_FRESH_NS = 3_000_000_000


def proposed(live: Live | None, board: Board, now_ns: int) -> Proposal | None:
    """The oldest proposal that fits the board as it is; None where nothing is proposed, or no service lives."""
    slot = None if live is None else live.newest(SERVICE, Proposed)
    if slot is None or now_ns - slot.mono_ns > _FRESH_NS:
        return None
    rolling = board.rolling
    for each in slot.proposals:
        if each.unit == board.unit and (each.what == "roll" if rolling is None else each.take_id == rolling.id):
            return each
    return None


def in_words(proposal: Proposal, board: Board, keys: KeyMap) -> str:
    """What the device does, and what the roll key would do about it."""
    device, roll = safe_text(proposal.device), keys.shown("log.roll_cut")
    does = "runs" if device.endswith(".ltc") else "records"  # timecode that runs only while the camera does
    if proposal.what == "cut" and board.rolling is not None:
        return f"{device} has stopped - {roll} cuts {safe_text(board.rolling.label)}"
    if not board.slate:
        return f"{device} {does} - {keys.shown('log.slate')} types the slate, then {roll} rolls"
    return f"{device} {does} - {roll} rolls {safe_text(board.slate)}/{safe_text(board.take)}"


def deck_words(deck: DeckNow) -> str:
    """A deck in a few words: that it takes no orders, what it does, its clip, its timecode."""
    words = ["remote is off"] if deck.remote is False else []
    words += [] if deck.recording else [deck.transport]  # else the column before says it
    words += [deck.clip, deck.tc or ""]
    return "  ".join(safe_text(each) for each in words if each)


def minutes_left(deck: DeckNow) -> float | None:
    """Minutes on the emptiest of its media; None when it does not say."""
    left = [slot.minutes for slot in deck.slots if slot.minutes is not None]
    return max(left) if left else None
