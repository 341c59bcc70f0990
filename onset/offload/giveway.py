"""The one gate before each block and each batch of small files: recorders come first, a paused job stands still.

Used by the job, the copy engine and the read-back. Whether anything rolls is asked of whoever started the job, whether
it is paused or waits for its turn is what the queue says (turn.py).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from onset.errors import OnsetError
from onset.offload.progress import Tally
from onset.offload.readback import BLOCK
from onset.offload.turn import Hold

_ASK_EVERY_S = 1.0
_ASK_AGAIN_S = 5.0  # a log that could not be asked; opening it takes more than asking
_FIRST_ANSWER_S = 5.0
_WAIT_S = 0.5  # before each 8 MiB of a stream: some 16 MB/s, so that it still goes on
_LEAST = 64 << 10  # a small file costs a disk as much as so many bytes
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who may not be disturbed.

    Attributes:
        folder: where recordings go.
        rolling: makes an answerer that says at each asking whether a take rolls; made, asked and closed in one thread.
        pauses: while a take rolls the job stands still; else it goes on slowly.
    """

    folder: Path
    rolling: Callable[[], Generator[bool, None, None]]
    pauses: bool = False


class GiveWay:
    """`take_turn` waits a little while a take rolls and altogether while the job is held; any thread may call it.

    A stream is what is read in one go: the card's first read, its second one, what is read back of one target. Each has
    a pace of its own, however many threads read it.
    """

    def __init__(
        self, recorder: Recorder | None, tally: Tally, stop: threading.Event, warn: Callable[[str], None]
    ) -> None:
        """Nothing rolls and nothing is held.

        Args:
            recorder: who may not be disturbed; None: nobody.
            tally: is told why the job goes slowly or stands still.
            stop: set when the job is to end.
            warn: hears once, from another thread, why nobody knows whether a take rolls.
        """
        self._recorder = recorder
        self._tally = tally
        self._stop = stop
        self._warn = warn
        self._warned = False
        self._lock = threading.Lock()
        self._rolls = self._stands = self._held = False
        self._quick = threading.Event()  # nothing rolls
        self._open = threading.Event()
        self._quick.set()
        self._open.set()
        self._answered = threading.Event()
        self._paces: defaultdict[int | str, threading.Lock] = defaultdict(threading.Lock)

    def take_turn(self, size: int, stream: int | str, files: int = 1) -> None:
        """Before (or after) so many bytes of a stream, in one file or several."""
        if not self._quick.is_set() and not self._stop.is_set():
            with self._lock:
                pace = self._paces[stream]
            with pace:
                self._quick.wait(_WAIT_S * min(1.0, max(size, files * _LEAST) / BLOCK))
        self.hold()

    def hold(self) -> None:
        """Wait while the job stands still; a job that is to stop finds that out where it always does."""
        while not self._open.is_set() and not self._stop.is_set():
            self._open.wait(_LOOK_EVERY_S)

    def follow(self, hold: Hold) -> None:
        """Do what the queue says: go, stand still, or stop."""
        self._tally.holds(paused=hold.paused, waits_for=hold.waits_for)
        self._settle(held=not hold.goes)
        if hold.cancelled:
            self._stop.set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Ask about once a second while the block runs."""
        if self._recorder is None:
            yield
            return
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(self._recorder, ended), name="recorder")
        watcher.start()
        try:
            self._answered.wait(_FIRST_ANSWER_S)  # nor do the first blocks disturb a take that rolls already
            yield
        finally:
            ended.set()
            watcher.join()
            self._set(rolls=False)

    def _watch(self, recorder: Recorder, ended: threading.Event) -> None:
        """Ask until the job ends. A log that cannot be asked holds no copy up, nor does it let one disturb a take."""
        try:
            while not ended.is_set():
                try:
                    with closing(recorder.rolling()) as answers:
                        for rolls in answers:
                            self._set(rolls=rolls)
                            if ended.wait(_ASK_EVERY_S):
                                return
                except OnsetError as error:
                    self._set(rolls=True, asked=False)
                    self._warn_once(error)
                    ended.wait(_ASK_AGAIN_S)
        finally:
            self._set(rolls=False)

    def _warn_once(self, error: OnsetError) -> None:
        if not self._warned:
            self._warned = True
            self._warn(f"it went slowly for a time, because the log could not be asked whether a take rolls: {error}")

    def _set(self, *, rolls: bool, asked: bool = True) -> None:
        """What the log says; or (not `asked`) nobody knows, and the job goes slowly, but goes on."""
        stands = rolls and asked and self._recorder is not None and self._recorder.pauses
        self._tally.gives_way(rolls, stands=stands, asked=asked)
        self._settle(rolls=rolls, stands=stands)
        self._answered.set()

    def _settle(self, *, rolls: bool | None = None, stands: bool | None = None, held: bool | None = None) -> None:
        with self._lock:
            self._rolls = self._rolls if rolls is None else rolls
            self._stands = self._stands if stands is None else stands
            self._held = self._held if held is None else held
            for event, on in ((self._quick, not self._rolls), (self._open, not self._held and not self._stands)):
                if on:
                    event.set()
                else:
                    event.clear()
