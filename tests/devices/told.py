"""A deck, a trigger box or a clock that is read in a thread, so that a test may wait for what it says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devices.adapter import DeckDevice, DeckFormat, Told
from onset.errors import DeviceError

_PATIENCE_S = 10.0


class Listener:
    """Reads until the device ends it; `told` has every word, `end` the sentence of the end."""

    def __init__(self, device: DeckDevice) -> None:
        self._device = device
        self._came = threading.Condition()
        self.told: list[Told] = []
        self.end: str | None = None
        self.form: DeckFormat = device.open()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while True:
                word = self._device.read()
                with self._came:
                    self.told.append(word)
                    self._came.notify_all()
        except DeviceError as error:
            with self._came:
                self.end = str(error)
                self._came.notify_all()

    def wait(self, like: Callable[[Told], bool] = lambda word: True, *, after: int = 0) -> Told:
        """The first word that is like that, of those from number `after` on; waits for it."""
        with self._came:
            ready = self._came.wait_for(lambda: self.end is not None or any(map(like, self.told[after:])), _PATIENCE_S)
            assert ready, self.told[-5:]
            found = next(filter(like, self.told[after:]), None)
            assert found is not None, self.end
            return found

    def wait_for_end(self) -> str:
        """The sentence with which reading ended; waits for it."""
        with self._came:
            assert self._came.wait_for(lambda: self.end is not None, _PATIENCE_S)
            assert self.end is not None
            return self.end

    def stop(self) -> None:
        """Close the device and wait until reading has ended."""
        self._device.close()
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive()


@contextmanager
def listening(device: DeckDevice) -> Iterator[Listener]:
    """The device open and read; closed, whatever happens."""
    listener = Listener(device)
    try:
        yield listener
    finally:
        listener.stop()
