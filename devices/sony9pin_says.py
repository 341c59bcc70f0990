"""What is wrong with a 9-pin deck by its status bits, in sentences.

Used by `sony9pin_deck.py`.
"""

from __future__ import annotations

from devices.adapter import Wrong
from devices.sony9pin import Status
from onset.capture.signals import SlotNow
from onset.errors import DeviceError

_NEAR_END = "near end of medium"  # a deck records on


def slot_of(status: Status) -> SlotNow:
    """The deck's one medium; 9-pin tells no minutes."""
    if status.no_medium:
        return SlotNow(name="1", state="none")
    if status.at_end:
        return SlotNow(name="1", state="full")
    if status.inhibited:
        return SlotNow(name="1", state="protected")
    return SlotNow(name="1", state="near end" if status.near_end else "ready")


def wrong_with(name: str, status: Status) -> tuple[Wrong, ...]:
    """What keeps the deck of that name (safe to show) from recording, or soon will; the gravest first."""
    found = []
    if status.local:
        found.append(Wrong("local", f"{name} is in LOCAL and takes no orders from here; switch it to REMOTE."))
    if status.no_medium:
        found.append(Wrong("no medium", f"{name} has no medium; put one in."))
    if status.inhibited:
        sentence = f"{name} is not allowed to record; look for its record inhibit or a tab."
        found.append(Wrong("record inhibit", sentence))
    if status.at_end:
        found.append(Wrong("end of medium", f"{name} has come to the end of its medium; put in another one."))
    elif status.near_end:
        found.append(Wrong(_NEAR_END, f"{name} is near the end of its medium; have another one ready."))
    return tuple(found)


def refuse(name: str, status: Status) -> None:
    """Nothing, where the deck could record.

    Raises:
        DeviceError: it could not; says why and what to do.
    """
    for each in wrong_with(name, status):
        if each.what != _NEAR_END:
            raise DeviceError(each.detail)
