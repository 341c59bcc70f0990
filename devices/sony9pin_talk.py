"""Question and answer with a 9-pin deck: one question at a time, late and spoilt answers, refusals.

Used by `sony9pin_deck.py`, which knows what is asked and what the answers mean.
"""

from __future__ import annotations

from collections.abc import Callable

from devices.adapter import NS
from devices.serial_line import SerialLine
from devices.sony9pin import AFTER_NAK_S, NAK_COMMAND, Block, BlockReader, is_answer
from onset.clock import Clock

_PATIENCE_MS = 400  # for one answer, at most
_NOISE_BYTES = 256  # a port that says so much instead of an answer speaks something else


class Talk:
    """The talk with one deck; of one thread.

    Attributes:
        faults: refusals and broken answers since the talk began.
        answered_in_ns: how long the newest answer took, from when it was first asked for.
    """

    def __init__(self, line: SerialLine, clock: Clock, wait_ms: int) -> None:
        """Take the open line; `wait_ms` is how long its `read` waits."""
        self._line = line
        self._clock = clock
        self._wait_ns = wait_ms * NS // 1000
        self._most = max(1, _PATIENCE_MS // wait_ms)
        self._patience = 1  # waits for one answer
        self._reader = BlockReader(is_answer)
        self._owed = 0  # answers that may still come
        self._asked_ns = 0  # when the oldest question was asked that nothing has answered
        self._noise = 0
        self._refused = 0
        self.answered_in_ns = 0

    @property
    def faults(self) -> int:
        return self._refused + self._reader.broken

    def ask(self, block: Block, fits: Callable[[Block], bool]) -> Block | None:
        """Send a block and wait for its answer; None when none came, the NAK when it was refused.

        Where an answer was late, and the question had been asked again, what is still owed is waited for first; and
        whoever answers late is given more time.

        Raises:
            DeviceError: the port went away or was closed.
        """
        self._let_come_what_is_owed()
        self._asked_ns = self._asked_ns or self._clock.monotonic_ns()
        self._line.write(block.coded())
        self._owed += 1
        waits, broken = 0, self._reader.broken
        while waits < self._patience and self._noise < _NOISE_BYTES:
            answers, silent = self._hear()
            waits += silent
            for answer in answers:
                self._owed = max(0, self._owed - 1)
                if _is_nak(answer) or fits(answer):
                    return self._take(answer)
        self._noise = 0
        if self._reader.broken != broken:
            self._owed, self._asked_ns = max(0, self._owed - 1), 0  # it came, and was spoilt on its way
        else:
            self._patience = min(self._patience * 2, self._most)
        return None

    def _take(self, answer: Block) -> Block:
        self.answered_in_ns = self._clock.monotonic_ns() - self._asked_ns
        self._asked_ns = 0
        late = self.answered_in_ns // self._wait_ns
        self._patience = min(late + 2 if late else 1, self._most)
        if _is_nak(answer):
            self._refused += 1
            self._clock.sleep(AFTER_NAK_S)
        return answer

    def _let_come_what_is_owed(self) -> None:
        if self._asked_ns:
            return  # nothing has been answered at all: it may as well have been lost
        waits = 0
        while self._owed > 0 and waits < self._patience:
            answers, silent = self._hear()
            waits += silent
            self._owed -= len(answers)
        self._owed = 0

    def _hear(self) -> tuple[list[Block], bool]:
        """What came within one wait, and whether nothing did."""
        came = self._line.read()
        blocks = self._reader.feed(came) if came else self._reader.silence()
        self._noise = 0 if blocks else self._noise + len(came)
        return blocks, not came


def _is_nak(block: Block) -> bool:
    return block.group == 1 and block.command == NAK_COMMAND
