"""Recorders come first: while a take rolls, a job that shares a disk with the recordings reads slowly.

Used by the job, the copy engine and the read-back. Whether anything rolls is asked of whoever started the job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from onset.errors import OnsetError
from onset.offload.progress import Tally

_ASK_EVERY_S = 1.0
_FIRST_ANSWER_S = 5.0
_WAIT_S = 0.5  # before each block of 8 MiB or batch of small files: some 16 MB/s a stream, so that it still goes on


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who may not be disturbed.

    Attributes:
        folder: where recordings go.
        rolling: makes an answerer that says at each asking whether a take rolls; made, asked and closed in one thread.
    """

    folder: Path
    rolling: Callable[[], Generator[bool, None, None]]


class GiveWay:
    """`take_turn` waits a little while a take rolls; any thread may call it."""

    def __init__(self, recorder: Recorder | None, tally: Tally) -> None:
        self._recorder = recorder
        self._tally = tally
        self._free = threading.Event()
        self._free.set()
        self._answered = threading.Event()

    def take_turn(self) -> None:
        self._free.wait(_WAIT_S)

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
        try:
            with closing(recorder.rolling()) as answers:
                for rolls in answers:
                    self._set(rolls=rolls)
                    if ended.wait(_ASK_EVERY_S):
                        return
        except OnsetError:
            pass  # a log that cannot be asked holds no copy up
        finally:
            self._set(rolls=False)

    def _set(self, *, rolls: bool) -> None:
        self._tally.gives_way(rolls)
        if rolls:
            self._free.clear()
        else:
            self._free.set()
        self._answered.set()
