"""Five programs at one log for a minute: a seat at the app, one at a shell, an offload, a matcher and another seat.

Each edits some twenty times a second, which no set does, and none knows of the others but through the log.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

from logging_db.logbook import LOG_NAME, SqliteLogbook, open_log
from onset.cli.main import main
from onset.clock import SystemClock
from onset.domain.camera import Clip, LinkState
from onset.logbook.terms import Next, TakeFilter, WantedLink
from tests.faults.writers import Acknowledged, Say, now
from tests.logging_db.originals import a_clip

SLATE = "42C"
_PAUSE_S = 0.05
_SCREENFUL = TakeFilter(limit=50)
_CLIPS = 200


def _times(seconds: float) -> Iterator[int]:
    clock = SystemClock()
    end_ns = clock.monotonic_ns() + int(seconds * 1e9)
    for number in itertools.count():
        if clock.monotonic_ns() >= end_ns:
            return
        yield number
        clock.sleep(_PAUSE_S)


def _ran_and_waited_ns() -> tuple[int, int]:
    """How long this process ran, and how long it could have and had no core: the machine's doing, not the log's."""
    ran, waited, _ = Path("/proc/self/schedstat").read_text(encoding="ascii").split()
    return int(ran), int(waited)


def app(folder: Path, say: Say, seconds: float) -> None:
    """Rolls and cuts; draws the board and a screenful of takes whenever the feed has something.

    Tells how many times slower than alone it ran, and then of each drawing how long it took in ms, and how long of that
    it did not just wait for a core.
    """
    clock = SystemClock()
    log = open_log(folder / LOG_NAME, user="Maya")
    feed = log.feed()
    held: list[str] = []
    for _ in _times(seconds):
        going = log.board().rolling
        if going is None:
            log.roll(now(clock))
        else:
            log.cut(going.id, now(clock))
        if feed.poll():
            begun_ns, (_, waited_ns) = clock.monotonic_ns(), _ran_and_waited_ns()
            log.board()
            log.takes(_SCREENFUL)
            took_ns = clock.monotonic_ns() - begun_ns
            held.append(f"{took_ns / 1e6:.3f} {(took_ns - _ran_and_waited_ns()[1] + waited_ns) / 1e6:.3f}")
    ran_ns, waited_ns = _ran_and_waited_ns()
    say(Acknowledged(log.arrival(), (f"{1 + waited_ns / ran_ns:.2f}", *held)))
    feed.close()
    log.close()


def shell(folder: Path, say: Say, seconds: float) -> None:
    """Notes, each by a command of its own, which opens the log and closes it."""
    notes = 0
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        for number in _times(seconds):
            assert main(["-p", str(folder), "log", "note", "last", f"note {number}"]) == 0
            notes += 1
    say(Acknowledged(notes))


def offload(folder: Path, say: Say, seconds: float) -> None:
    """Clips of a card come into the log one by one."""
    with contextlib.closing(open_log(folder / LOG_NAME, user="Kim", role="dit")) as log:
        for number in _times(seconds):
            log.bring_in([a_clip(1 + number % _CLIPS, digest=f"xxh128:{number:032x}", path=f"/media/A/{number}.mov")])
        say(Acknowledged(log.arrival()))


def matcher(folder: Path, say: Say, seconds: float) -> None:
    """Every take wants the clip of its number, whoever has written what meanwhile."""
    with contextlib.closing(open_log(folder / LOG_NAME, user="Maya", role="matching")) as log:
        for _ in _times(seconds):
            _match(log)
        say(Acknowledged(log.arrival()))


def _match(log: SqliteLogbook) -> None:
    seen = log.arrival()
    clips = {clip.number: clip.id for clip in log.media(day=1) if isinstance(clip, Clip)}
    wanted = [
        WantedLink(take_id=take.id, media_id=clips[number], state=LinkState.PROPOSED, method="time", evidence="e")
        for take in log.takes(_SCREENFUL)
        if (number := int(take.take)) in clips
    ]
    log.write_links("Main", 1, wanted, seen=seen)


def other_seat(folder: Path, say: Say, seconds: float) -> None:
    """Takes that were missed, of the slate that the app rolls: the log gives the numbers."""
    clock = SystemClock()
    with contextlib.closing(open_log(folder / LOG_NAME, user="Ben", role="assistant")) as log:
        for _ in _times(seconds):
            log.add_take(slate=SLATE, take=None, stamp=now(clock))
        say(Acknowledged(log.arrival()))


def first_slate(log: SqliteLogbook) -> None:
    """The board, and a first take that the shell can note on."""
    log.set_next(Next(slate=SLATE))
    log.add_take(slate=SLATE, take=None, stamp=now(SystemClock()))


def one_of_fifty(folder: Path, say: Say, name: str, seats: int) -> None:
    """A seat that logs one take when all are ready, and tells after how many seconds it saw the takes of all."""
    clock = SystemClock()
    begin = folder / "begin"
    with contextlib.closing(open_log(folder / LOG_NAME, user=name)) as log, contextlib.closing(log.feed()) as feed:
        say(Acknowledged(log.arrival()))
        while not begin.exists():
            clock.sleep(0.01)
        log.add_take(slate=SLATE, take=None, stamp=now(clock))
        while log.count_takes() < seats:
            while not feed.poll():
                clock.sleep(0.04)
        saw_s = clock.monotonic_ns() / 1e9 - float(begin.read_text(encoding="ascii"))
        ran_ns, waited_ns = _ran_and_waited_ns()
        say(Acknowledged(log.arrival(), (f"{saw_s:.3f}", f"{1 + waited_ns / ran_ns:.2f}")))
