"""A simulated device on a serial port: its bytes on a pseudo terminal, and the real adapter at the other end.

Used by the simulated 9-pin deck and the simulated trigger box, which say what speaks and what listens.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from devices.adapter import DeckFormat, Told
from devices.simulated.pty_end import PtyEnd
from devices.simulated.script import Fault, Script
from onset.capture.signals import Slated
from onset.errors import DeviceError


class FarEnd(Protocol):
    """What speaks at the far end of the cable."""

    script: Script

    def seconds(self) -> float:
        """Since it was first heard of; what the script's times count from."""
        ...

    def plugged_in(self) -> None:
        """The cable is in; what has its power from it starts anew."""
        ...

    def hear(self, data: bytes) -> bytes:
        """What it says to that, and to the time that has passed."""
        ...


class RealAdapter(Protocol):
    """The adapter that a real one would have."""

    def open(self) -> DeckFormat:
        """See `DeckDevice`."""
        ...

    def read(self) -> Told:
        """See `DeckDevice`."""
        ...

    def close(self) -> None:
        """See `DeckDevice`."""
        ...

    def record(self, clip: str) -> str:
        """See `Obeying`."""
        ...

    def stop(self) -> str:
        """See `Obeying`."""
        ...


class Plugged:
    """A far end and the real adapter, with a cable between them that the script may pull."""

    medium: Literal["deck"] = "deck"

    def __init__(
        self, name: str, what: str, far: FarEnd, adapter_on: Callable[[str], RealAdapter], *, pause_s: float
    ) -> None:
        """Nothing is plugged in before `open`.

        Args:
            name: of the device.
            what: it is, after "Simulated" in a sentence.
            far: the simulated end.
            adapter_on: makes the real adapter for a port.
            pause_s: how often the far end is asked when nothing comes.
        """
        self._name = name
        self._what = what
        self._far = far
        self._adapter_on = adapter_on
        self._pause_s = pause_s
        self._adapter = adapter_on("unplugged")
        self._end: PtyEnd | None = None
        self._lock = threading.Lock()

    def open(self) -> DeckFormat:
        """Plug the cable in and open it; refused while the script says that it is out."""
        self.close()
        if self._is_pulled():
            raise DeviceError(f"Simulated {self._what} {self._name} is not plugged in.")
        self._far.plugged_in()
        end = PtyEnd(f"{self._name} far end", self._hear, pause_s=self._pause_s)
        adapter = self._adapter_on(end.path)
        with self._lock:
            self._end, self._adapter = end, adapter
        try:
            return adapter.open()
        except DeviceError:
            self.close()
            raise

    def _is_pulled(self) -> bool:
        return self._far.script.now("disconnect", self._far.seconds()) is not None

    def _hear(self, data: bytes) -> bytes | None:
        return None if self._is_pulled() else self._far.hear(data)

    def read(self) -> Told:
        """What it says."""
        return self._adapter.read()

    def close(self) -> None:
        """Close the port and pull the cable."""
        with self._lock:
            end, self._end = self._end, None
            adapter = self._adapter
        adapter.close()
        if end is not None:
            end.pull()

    def identify(self) -> str:
        """What it is."""
        return f"Simulated {self._what} {self._name}, behind the adapter of real ones."

    def record(self, clip: str) -> str:
        """Record, or light the lamp."""
        return self._adapter.record(clip)

    def stop(self) -> str:
        """Stop, or put the lamp out."""
        return self._adapter.stop()

    def fault(self, kind: str, args: Mapping[str, str]) -> str:
        """Let `kind` begin now."""
        fault = self._far.script.add(kind, self._far.seconds(), args)
        return f"{self._name}: {kind}{self._how_long(fault)}."

    def _how_long(self, fault: Fault) -> str:
        return f", {fault.seconds:g} s"

    def clap(self, slated: Slated, mono_ns: int) -> None:
        """It has no slate."""
