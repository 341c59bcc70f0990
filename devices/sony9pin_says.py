"""What a 9-pin deck complains of, in sentences: each once, until it is mended and comes again.

Used by `sony9pin_deck.py`.
"""

from __future__ import annotations

from devices.sony9pin import Status
from onset.capture.signals import SlotNow
from onset.errors import DeviceError


def slot_of(status: Status) -> SlotNow:
    """The deck's one medium; 9-pin tells no minutes."""
    if status.no_medium:
        return SlotNow(name="1", state="none")
    if status.at_end:
        return SlotNow(name="1", state="full")
    if status.inhibited:
        return SlotNow(name="1", state="protected")
    return SlotNow(name="1", state="near end" if status.near_end else "ready")


class Complaints:
    """The complaints of one deck; they outlive a lost connection."""

    def __init__(self, name: str) -> None:
        """Take the deck's name, safe to show."""
        self._name = name
        self._standing: set[str] = set()
        self._new: list[str] = []

    def add(self, what: str, sentence: str) -> None:
        """Complain of something, unless that was said already."""
        if what not in self._standing:
            self._standing.add(what)
            self._new.append(sentence)

    def refuse(self, status: Status) -> None:
        """Nothing, where the deck could record.

        Raises:
            DeviceError: it could not; says why and what to do.
        """
        for what, sentence in self._reasons(status):
            if what not in ("near end",):
                raise DeviceError(sentence)

    def news(self, status: Status) -> tuple[str, ...]:
        """What has to be said now."""
        reasons = dict(self._reasons(status))
        self._standing = {what for what in self._standing if what == "rate" or what in reasons}
        for what, sentence in reasons.items():
            self.add(what, sentence)
        new, self._new = tuple(self._new), []
        return new

    def _reasons(self, status: Status) -> list[tuple[str, str]]:
        found = []
        if status.local:
            found.append(("local", f"{self._name} is in LOCAL and takes no orders from here; switch it to REMOTE."))
        if status.no_medium:
            found.append(("no medium", f"{self._name} has no medium; put one in."))
        if status.inhibited:
            found.append(("inhibit", f"{self._name} is not allowed to record; look for its record inhibit or a tab."))
        if status.at_end:
            found.append(("end", f"{self._name} has come to the end of its medium; put in another one."))
        elif status.near_end:
            found.append(("near end", f"{self._name} is near the end of its medium; have another one ready."))
        return found
