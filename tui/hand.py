"""The hand that logs: takes intents in the order of their keys, writes them, and keeps the board that screens draw.

Used by the app (which owns it) and by every screen. All data comes in through the feed, one's own edits included, so
that there is one way in which a screen learns what is true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from onset.capture.signals import SERVICE, Standing
from onset.domain.take import Board, Stamp
from onset.errors import LogError, OnsetError, RefusedError, SlateError
from onset.logbook.protocol import Logbook
from tui.alarms import SEEN, Alarms, read_alarms
from tui.aside import Aside
from tui.colours import Colours
from tui.contested import Contested
from tui.deps import Deps
from tui.desk import Desk
from tui.drafts import DRAFTS, Drafts
from tui.keys import KeyMap
from tui.messages import Moved, Opened, Shows, read_moved, read_opened
from tui.seen import Seen, Verb

DAY_NS = 86_400_000_000_000
_GONE_NS = 5_000_000_000  # and of nothing else so long, unless it was killed or hangs
_FRESH_NS = 3_000_000_000  # the capture service says once a second what stands
DEAD_NS = 1_000_000_000  # screen rule 2: the roll key is dead so long after itself, on whatever screen
CONFIRM_NS = 3_000_000_000  # screen rule 2: so long the key confirms a roll that somebody else made


@dataclass(frozen=True, slots=True)
class Intent:
    """A key's meaning, waiting for its turn. `seen` is None when an earlier key was still being written."""

    verb: Verb
    look: Callable[[Stamp], Seen]
    say: Callable[[str, bool], None]
    stamp: Stamp
    seen: Seen | None
    place: str
    done: Callable[[], None]
    failed: Callable[[], None]


class Hand:
    """One seat at work. Everything here runs on the event loop; only the desk's threads touch the log."""

    opened: Opened
    board: Board
    colours: Colours  # of the terminal that this seat sits at
    broken_off: set[str]  # takes that were left rolling by a program or a machine that went down

    def __init__(self, deps: Deps, desk: Desk, keys: KeyMap) -> None:
        """Nothing is read before `begin`."""
        self.deps = deps
        self.desk = desk
        self.keys = keys
        self.shows: list[Shows] = []
        self.alarm: Callable[[str], None] = lambda _: None
        self.saved_ns: int | None = None
        self.drafts = Drafts(self.keep)
        self.aside = Aside(desk, deps.open_aside)
        self.contested = Contested(desk)
        self.alarms = Alarms(self.keep)
        self.rings: Callable[[], None] = lambda: None
        self._queue: asyncio.Queue[Intent | Callable[[], None]] = asyncio.Queue()
        self._waiting = 0
        self._catching = asyncio.Lock()
        self._foreign_roll: tuple[str, int] | None = None
        self._roll_key_ns: int | None = None
        self._edited_on = "log"
        self._named_undo: str | None = None
        self._complained: str | None = None
        self._lost = False  # the newest edit is nowhere
        self.unsaved = ""  # why the newest edit is not called saved, in a few words

    async def begin(self) -> None:
        """Read what stays, the drafts and the first board."""
        self.opened = await self.desk.read(read_opened)
        self.drafts.load(await self.desk.read(lambda log: log.draft(DRAFTS)))
        self.board = await self.desk.read(lambda log: log.board(self.deps.unit))
        self.broken_off = {take.id for take in await self.desk.read(self.deps.broken_off)}
        self.alarms.load(await self.desk.read(lambda log: log.draft(SEEN)))
        await self._read_alarms()

    def intend(
        self,
        verb: Verb,
        look: Callable[[Stamp], Seen],
        say: Callable[[str, bool], None],
        *,
        place: str = "log",
        done: Callable[[], None] = lambda: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """A key was pressed: stamp it now, write it when its turn comes.

        Args:
            verb: what it means.
            look: what the screen shows, asked now, or after the keys before this one were written.
            say: gets the sentence, and whether it is an alarm.
            place: where the edit is made.
            done: called when the log has it.
            failed: called when it has not.
        """
        now = self.deps.stamp()
        seen = look(now) if self._waiting == 0 else None
        self._waiting += 1
        self._queue.put_nowait(Intent(verb, look, say, now, seen, place, done, failed))

    @property
    def idle(self) -> bool:
        """No key waits for the log."""
        return self._waiting == 0

    def when_written(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the log has the keys that were pressed so far, and the board is as they leave it."""
        if self.idle:
            tell()
        else:
            self._waiting += 1
            self._queue.put_nowait(tell)

    async def all_written(self, longest_s: float) -> bool:
        """Wait until the log has the keys that were pressed so far, but not longer; whether it has."""
        written = asyncio.Event()
        self.when_written(written.set)
        try:
            async with asyncio.timeout(longest_s):
                await written.wait()
        except TimeoutError:
            return False
        return True

    async def work(self) -> None:
        """Write intents one after the other, for as long as the app runs."""
        while True:
            intent = await self._queue.get()
            try:
                if isinstance(intent, Intent):
                    await self._write(intent)
                else:
                    intent()
            finally:
                self._waiting -= 1

    async def _write(self, intent: Intent) -> None:
        try:
            seen = intent.seen or intent.look(intent.stamp)
            sentence = await self.desk.write(lambda log: intent.verb(log, seen))
        except RefusedError as error:
            await self.catch_up()  # somebody else was first: show what is true
            intent.say(str(error), False)
            intent.failed()
        except OnsetError as error:
            self._lost = isinstance(error, LogError)
            self._doubt(None)
            intent.say(str(error), not isinstance(error, SlateError))
            intent.failed()
        else:
            self.saved_ns = self.deps.clock.wall_ns()
            self._lost = False
            self._edited_on = intent.place
            self._named_undo = None
            intent.done()
            await self.catch_up()  # before a word is said: what the next key acts on is what the words are about
            intent.say(sentence, False)

    async def catch_up(self) -> None:
        """Deliver what was committed since the last time, by anybody."""
        async with self._catching:
            try:
                changes = await self.desk.poll()
                self._hear_live()
                if self.alarms.hear_of_disk(self.desk.trouble, self.deps.clock.wall_ns()):
                    self.rings()
                self._doubt(None)
                if not changes:
                    return
                moved = await self.desk.read(partial(read_moved, unit=self.deps.unit, changes=changes))
            except OnsetError as error:
                self._doubt(error)
                self._complain(str(error))
                return
            self._complained = None
            self._watch_roll(moved)
            self.board = moved.board
            for each in self.shows:
                each.log_moved(moved)
            if any(each.entity in ("event", "day") for each in changes):
                await self._read_alarms()

    def _hear_live(self) -> None:
        """What stands by the live bus, which goes on where the log cannot be written."""
        live = self.deps.live
        slot = None if live is None else live.newest(SERVICE, Standing)
        fresh = slot is not None and self.deps.clock.monotonic_ns() - slot.mono_ns < _FRESH_NS
        news = self.alarms.hear_live(slot.alarms if slot is not None and fresh else None)
        if self.alarms.hear_of_service(slot is not None and self._is_gone(slot), self.deps.clock.wall_ns()) or news:
            self.rings()

    def _is_gone(self, slot: Standing) -> bool:
        """Whether the service that said this is not there any more, although something needs it."""
        silent_ns = self.deps.clock.monotonic_ns() - slot.mono_ns
        needed = bool(self.deps.config.devices) and (not slot.last or self.board.rolling is not None)
        return needed and silent_ns >= _GONE_NS

    async def _read_alarms(self) -> None:
        today_ns = self.deps.clock.wall_ns() - DAY_NS
        try:
            self.alarms.hear(await self.desk.read(lambda log: read_alarms(log, self.deps.unit, today_ns)))
        except OnsetError as error:
            self._complain(str(error))
        self.rings()

    def acknowledge(self) -> str:
        """The newest alarm was seen here; says what, and how many are left."""
        seen = self.alarms.acknowledge()
        self.rings()
        if seen is None:
            return "No alarm stands."
        left = len(self.alarms.ringing)
        words = (seen.detail or f"{seen.device}: {seen.what}").rstrip(".")
        return f"Seen: {words}.{f' {left} more.' if left else ''}"

    def _doubt(self, unread: OnsetError | None) -> None:
        """Whether what was logged last may be called saved, after a look at the log; `unread`: it could not be read."""
        lost = "NOT saved" if self._lost else "the log cannot be read" if unread is not None else ""
        unsaved = lost or ("in the journal only" if self.desk.journal_only else "")
        if unsaved != self.unsaved:
            self.unsaved = unsaved
            self.rings()

    def _complain(self, sentence: str) -> None:
        if sentence != self._complained:  # once, not 25 times a second
            self._complained = sentence
            self.alarm(sentence)

    def _watch_roll(self, moved: Moved) -> None:
        rolling = moved.board.rolling
        if rolling is None or (self.board.rolling is not None and rolling.id == self.board.rolling.id):
            return
        mine = self.opened.seat.id
        rolls = [each for each in moved.changes if (each.entity_id, each.field) == (rolling.id, "state")]
        if any(each.seat != mine for each in rolls):  # what a recorder writes on it at once makes it nobody else's
            self._foreign_roll = (rolling.id, self.deps.clock.monotonic_ns())

    def roll_key(self) -> bool:
        """The roll key was pressed; whether it means something, and is not the second half of a double press."""
        now = self.deps.clock.monotonic_ns()
        if self._roll_key_ns is not None and now - self._roll_key_ns < DEAD_NS:
            return False
        self._roll_key_ns = now
        return True

    def confirms(self) -> bool:
        """Whether the roll key would only confirm a roll that somebody else made less than 3 s ago."""
        if self._foreign_roll is None or self.board.rolling is None:
            return False
        take_id, since_ns = self._foreign_roll
        return self.board.rolling.id == take_id and self.deps.clock.monotonic_ns() - since_ns < CONFIRM_NS

    # -- undo -----------------------------------------------------------------------------------------------------

    def undo(self, place: str, look: Callable[[Stamp], Seen], say: Callable[[str, bool], None]) -> None:
        """Undo the newest edit; off the screen where it was made, the first press only names it."""

        def verb(log: Logbook, seen: Seen) -> str:
            if place != self._edited_on:
                preview = log.undo_preview()
                if preview is None:
                    raise RefusedError("There is nothing to undo.")
                if preview != self._named_undo:
                    self._named_undo = preview
                    raise RefusedError(f"Undo would mean: {preview.rstrip('.')}. Once more does it.")
            return log.undo(wall_ns=seen.stamp.wall_ns).sentence

        self.intend(verb, look, say, place=self._edited_on)

    def redo(self, look: Callable[[Stamp], Seen], say: Callable[[str, bool], None]) -> None:
        """Do again what the newest undo took back."""
        self.intend(lambda log, seen: log.redo(wall_ns=seen.stamp.wall_ns).sentence, look, say, place=self._edited_on)

    # -- drafts ---------------------------------------------------------------------------------------------------

    def keep(self, key: str, text: str | None) -> None:
        """Keep a text of this seat's: no edit, nobody waits for it, but a person must know when it cannot be kept."""
        kept = asyncio.wrap_future(self.desk.write_later(lambda log: log.keep_draft(key, text)))
        kept.add_done_callback(self._draft_kept)

    def _draft_kept(self, kept: asyncio.Future[object]) -> None:
        error = None if kept.cancelled() else kept.exception()
        if isinstance(error, OnsetError):
            self._complain(str(error))
