"""The Day screen: one page that says *ready*, or what is missing and the key that mends it.

Everything on it is read from the log on a thread; timecode sources are pulled from the live bus while it is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from onset.domain.production import Moment
from onset.errors import OnsetError
from onset.logbook.conflict_words import conflict_name
from onset.logbook.protocol import Logbook
from tui.clocks import Clocks
from tui.commands import run_onset
from tui.contested import in_conflict, marked
from tui.day_answers import BELOW, Told, checked, finished, met
from tui.day_morning import free_on, room_items
from tui.day_page import DayFacts, day_items, read_day
from tui.day_sheet import SECTIONS, DaySheet
from tui.disk_question import DiskQuestion
from tui.hand import Hand
from tui.intents import day as intents
from tui.messages import Moved
from tui.reread import Reread
from tui.screens.day_entry import DayEntry, owed_of, scene_of, stamp_of
from tui.screens.place import PlaceScreen
from tui.screens.review import ReviewScreen
from tui.seen import Seen, Verb
from tui.widgets.entry import EntryLine, SafeInput
from tui.widgets.items import Item, Items
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.rolling_line import RollingLine
from tui.widgets.take_row import clock_text

SETTLE_S = 0.5
AGAIN_S = 10.0  # disks come and go without a word in the log
SOURCES_S = 0.5
TWICE_NS = 5_000_000_000
WHOLE = 1_000  # pages; more than any day has
_UNREAD = "The day is being read; once more."


class DayScreen(PlaceScreen):
    """What is missing, what is in order, how the clocks run."""

    PLACE: ClassVar[str] = "day"

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        config = hand.deps.config
        self.facts: DayFacts | None = None
        self._clocks = Clocks(config.capture.timecode, config.production.rate)
        self._sources: list[Item] = []
        self._disk: DiskQuestion[int] = DiskQuestion()
        self._room: list[Item] = []
        self._wrap_ns: int | None = None
        self._beside = ""  # the command that runs beside this screen
        self._one_by_one = asyncio.Lock()
        self._end: Sequence[Item] = ()
        self._exchanged: Sequence[Item] = ()
        self._reread = Reread(self, self._read, SETTLE_S)

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        yield Items(id="day")
        yield DayEntry(self.hand.drafts, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        self.query_one("#heading", Line).show(f"onset  {self.hand.opened.production.title}  Day", self.hand.board.unit)
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self.page)
        self.page.show([], "reading …")
        self.set_interval(SOURCES_S, self._look_at_sources)
        self.set_interval(AGAIN_S, self._read_if_shown)
        self._look_at_sources()
        self._read_all()
        self.refresh_hints()

    def shown_again(self) -> None:
        if self.facts is not None:
            self._read_all()

    @property
    def page(self) -> Items:
        return self.query_one("#day", Items)

    # -- reading ----------------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        self._reread.moved()
        self.refresh_hints()

    def ring(self) -> None:
        super().ring()
        if self.alive:
            self._show()

    def contest(self) -> None:
        super().contest()
        self._show()

    def _read_if_shown(self) -> None:
        if self.is_current:
            self._read_all()

    def _read_all(self) -> None:
        self._reread.now()
        self.run_worker(self._look_for_room(), group="room")

    async def _look_for_room(self) -> None:
        folder = self.hand.deps.config.capture.media
        try:
            free = await self._disk.ask(partial(free_on, folder))
        except OSError:
            self._room = []
        else:
            self._room = list(room_items(folder, free))
        self._show()

    async def _read(self) -> None:
        deps = self.hand.deps
        try:
            question = partial(read_day, deps=deps, now_ns=deps.clock.wall_ns(), may_write=self.hand.aside.apart)
            self.facts = await self.hand.aside.ask(question)
        except OnsetError as error:
            self.say(str(error), True)
        self._show()

    def _show(self) -> None:
        if self.facts is None or not self.alive:
            return
        alarms = [Item(f"alarm: {each.detail or each.what}", alarm=True) for each in self.hand.alarms.ringing]
        contested = self.hand.contested.found
        if contested:
            words = f"{in_conflict(len(contested))} between seats: {', '.join(map(conflict_name, contested[:4]))}"
            alarms.append(Item(words, "conflicts:", alarm=True, waits=True))
        if self.facts.morning is not None:
            alarms += self._room
        _, source = self.hand.deps.label_at(self._now())
        beside = (self._exchange_items(), self._end_items())
        head, items = day_items(self.facts, self._sources, alarms, *beside, source=source)
        self.page.show(marked(items, self.facts.sheet.lines, contested), head)
        self.refresh_hints()

    def _look_at_sources(self) -> None:
        """Timecode sources as they are now; read again only for what changed."""
        deps = self.hand.deps
        if not self.is_current or deps.live is None or not (deps.live.sources() or self._sources):
            return  # once there were some, they are told as not heard any more
        now = self._now()
        label, source = deps.label_at(now)
        self._sources = [
            Item(row.text, alarm=row.alarm, faint=row.faint, whole=True)
            for row in self._clocks.rows(deps.live, now, str(label), source)
        ]
        self._show()

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "go": lambda _: self._go(),
            "wrap": lambda _: self._wrap(),
            "stamp": lambda _: self._stamp(),
            "drop": lambda _: self._drop(),
            "owe": lambda _: self._type_new("owe"),
            "person": lambda _: self._type_new("person"),
            "exchange": lambda _: self._meet(),
            "check": lambda _: self._check_end(),
            "section_before": lambda _: self._leap(-1),
            "section_after": lambda _: self._leap(1),
        }

    def log_it(self, verb: Verb) -> None:
        """An edit made on this screen."""
        self.hand.intend(verb, self.look, self.say, place=self.PLACE)

    def _leap(self, step: int) -> None:
        self.page.leap(step, lambda name: each if (each := name.partition(":")[0]) in SECTIONS else "check")
        self.refresh_hints()

    def other_key(self, key: str, event: events.Key) -> None:
        page = self.page
        moves: dict[str, Callable[[], None]] = {
            "up": lambda: page.move(-1),
            "down": lambda: page.move(1),
            "pageup": lambda: page.turn(-1),
            "pagedown": lambda: page.turn(1),
            "home": page.begin,
            "end": lambda: page.turn(WHOLE),
            "escape": lambda: self.say(""),
        }
        if key in moves:
            event.stop()
            moves[key]()
            self.refresh_hints()

    def on_items_picked(self, message: Items.Picked) -> None:
        if message.again:
            self._go()
        self.refresh_hints()

    @property
    def sheet(self) -> DaySheet | None:
        """The day's sheet as it was read last."""
        return self.facts.sheet if self.facts is not None else None

    def _go(self) -> None:
        place, _, about = self.page.name_under.partition(":")
        sheet = self.sheet
        if place in ("stamp", "scene", "owed", "person") and sheet is not None:
            self._type(self.query_one(DayEntry).open_for(self.page.name_under, sheet))
        elif place == "exchange":
            self._meet()
        elif place == "conflicts":
            self.open_conflicts()
        elif place == "service":
            self._start_service()
        elif place == "end":
            self._go_to_line(about)
        elif place == "wrap":
            self.say(f"{self.hand.keys.shown('day.wrap')} twice wraps the day.")
        elif sheet is None:
            self.say(_UNREAD)
        elif place:
            review = next((each for each in self.hand.shows if isinstance(each, ReviewScreen)), None)
            if place == "review" and review is not None:
                review.day = None
            self.go_to(place)
        else:
            self.say("Nothing here needs mending.")

    def _go_to_line(self, name: str) -> None:
        """From what is missing at the end of the day to the line that mends it."""
        if name == "check":
            self._check_end()
        elif self.page.stand_on(name):
            self.refresh_hints()

    def _type(self, refused: str) -> None:
        if refused:
            self.say(refused)
        elif self.query_one(DayEntry).half_typed:
            self.say("This was half typed before; Enter takes it, Esc drops it.")

    def _type_new(self, kind: str) -> None:
        if self.sheet is None:
            self.say(_UNREAD)
        else:
            self._type(self.query_one(DayEntry).open_new(kind, self.sheet))

    def _stamp(self) -> None:
        """Stamp the moment under the cursor; from elsewhere only go to the next one that is not stamped."""
        sheet, name = self.sheet, self.page.name_under
        if sheet is None:
            self.say(_UNREAD)
            return
        if name.startswith("stamp:"):
            what = Moment(name.split(":")[1])
            self.log_it(partial(intents.stamp_now, what=what, day=sheet.day))
            return
        reached = max((list(Moment).index(one.what) for one in sheet.stamps if not one.derived), default=-1)
        unstamped = [what for what in list(Moment)[reached + 1 :] if what is not Moment.COMPANY_MOVE]
        key, ended = self.hand.keys.shown("day.stamp"), sheet.day is not None and sheet.day.wrapped_ns is not None
        if unstamped and self.page.stand_on(f"stamp:{unstamped[0]}"):
            self.say(f"{key} again stamps {unstamped[0]} now; the arrows pick another.")
        elif ended and self.page.stand_on(f"stamp:{Moment.CALL}"):
            self.say(f"{key} again opens the next day with its call.")
        else:
            self.say("The last moment of the day is stamped; the arrows pick another.")

    def _drop(self) -> None:
        """Take off what is under the cursor; undo brings it back."""
        sheet, name = self.sheet, self.page.name_under
        section, _, about = name.partition(":")
        stamp = stamp_of(name, sheet) if sheet is not None and section == "stamp" else None
        owed = owed_of(name, sheet) if sheet is not None and section == "owed" else None
        if stamp is not None and not stamp.derived:
            self.log_it(partial(intents.unstamp, stamp=stamp))
        elif sheet is not None and section == "scene" and about in sheet.credits:
            self.log_it(partial(intents.uncredit, scene=scene_of(about, sheet), day=sheet.number))
        elif owed is not None:
            self.log_it(partial(intents.drop_owed, owed=owed))
        elif section == "person" and about:
            self.log_it(partial(intents.remove_person, name=about))
        else:
            self.say("There is nothing here to take off: a stamp, a credit, an owed shot, a person.")

    # -- commands beside the screen -----------------------------------------------------------------------------------

    def _run(self, what: str, work: Callable[[], Coroutine[None, None, None]], *, waits: bool = False) -> None:
        """Run a command, one at a time; with `waits` after the one that runs, else not beside it."""
        if self._beside and not waits:
            self.say(f"onset {self._beside} still runs.")
        else:
            self._beside = self._beside or what
            self._show()
            self.run_worker(self._await(what, work))

    async def _await(self, what: str, work: Callable[[], Coroutine[None, None, None]]) -> None:
        async with self._one_by_one:
            self._beside = what
            try:
                await work()
            except OnsetError as error:
                self.say(str(error), True)
            finally:
                self._beside = ""
                self._show()

    def _check_end(self) -> None:
        self.page.stand_on("end:check")  # what comes of it stands above that line
        self._run("wrap --check", self._check)

    async def _check(self) -> None:
        """What is missing before the day can end well."""
        answer = await run_onset(self.hand.deps.onset, "wrap", "--check", "--unit", self.hand.deps.unit)
        self._end = self._tell(checked(answer, self._clock()))

    async def _finish(self, number: int) -> None:
        """What follows the end of a day: the backup, its manifest, and the folder for each recipient."""
        answer = await run_onset(self.hand.deps.onset, "wrap", "--day", str(number), "--unit", self.hand.deps.unit)
        self._end = self._tell(finished(answer, number))

    def _tell(self, told: Told) -> Sequence[Item]:
        if told.sentence:
            self.say(told.sentence, told.alarm)
        return told.items

    def _clock(self) -> str:
        return clock_text(self.hand.deps.clock.wall_ns())[:5]

    def _start_service(self) -> None:
        start = self.hand.deps.start_service
        if start is None:
            self.say("`onset capture` starts the capture service, in a shell.")
        else:
            self.say("The capture service is being started …")
            self._run("capture", partial(self._started, start))

    async def _started(self, start: Callable[[], object]) -> None:
        await asyncio.to_thread(start)
        self.say("The capture service runs: what rolls is recorded.")
        self._reread.now()

    def _meet(self) -> None:
        if self.hand.deps.config.log.exchange is None:
            self.say("No folder is named to meet other logs in: [log] exchange in config.toml.")
        else:
            self._run("exchange", self._exchange)

    async def _exchange(self) -> None:
        """Meet the logs of other laptops in the folder of the configuration."""
        answer = await run_onset(self.hand.deps.onset, "exchange")
        items = self._tell(met(answer, self._clock()))
        if answer.document:
            self._exchanged = items

    def _exchange_items(self) -> list[Item]:
        folder = self.hand.deps.config.log.exchange
        if folder is None:
            return [Item("no folder: [log] exchange in config.toml", "exchange:", lead=BELOW, faint=True)]
        every = round(self.hand.deps.config.log.exchange_every_s)
        runs = "; meets now …" if self._beside == "exchange" else ""
        return [Item(f"{folder}, by itself every {every} s{runs}", "exchange:", lead=BELOW), *self._exchanged]

    def _end_items(self) -> list[Item]:
        check = self.hand.keys.shown("day.check")
        asks = f"{self._beside} runs …" if self._beside.startswith("wrap") else f"{check} checks it all"
        return [*self._end, Item(asks, "end:check", lead=BELOW, faint=True)]

    def _wrap(self) -> None:
        facts = self.facts
        if facts is None or facts.day is None or facts.day.wrapped_ns is not None:
            self.say("No shooting day is open.")
            return
        number, unit, now = facts.day.number, self.hand.deps.unit, self._now()
        if self._wrap_ns is None or now - self._wrap_ns > TWICE_NS:
            self._wrap_ns = now
            self.say(
                f"{self.hand.keys.shown('day.wrap')} again wraps day {number}; the next roll opens a new day.", True
            )
            return
        self._wrap_ns = None

        def wrap(log: Logbook, seen: Seen) -> str:
            return f"Day {log.wrap_day(unit, seen.stamp).number} is wrapped."

        def done() -> None:
            if self.hand.deps.onset:
                self._run("wrap", partial(self._finish, number), waits=True)

        self.hand.intend(wrap, self.look, self.say, place=self.PLACE, done=done)

    # -- typing -----------------------------------------------------------------------------------------------------

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self._back_to_page()
        purpose, entry = message.purpose, self.query_one(DayEntry)
        if purpose.kind == "action":
            self.run_named(message.text)
            return
        verb = entry.verb(purpose, message.text)
        if verb is None:
            entry.drafts.forget(purpose.spot)
            self.say("Nothing was typed.")
            return
        entry.keep(purpose, message.text)
        self.hand.intend(
            verb,
            self.look,
            self.say,
            place=self.PLACE,
            done=lambda: entry.drafts.forget(purpose.spot),
            failed=lambda: entry.again(purpose),
        )

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self._back_to_page()
        self.hand.drafts.forget(message.purpose.spot)

    def _back_to_page(self) -> None:
        if not (isinstance(self.focused, SafeInput) and self.focused.reading):  # a later key opened another field
            self.set_focus(self.page)

    def hints(self) -> Sequence[Hint]:
        section, _, about = self.page.name_under.partition(":")
        day = self.facts.day if self.facts is not None else None
        here = {
            "stamp": [self.hint("day.stamp", "stamp now"), self.hint("day.go", "type the time")],
            "scene": [self.hint("day.go", f"credit {about}")],
            "owed": [self.hint("day.go", "settle")] if about else [],
            "person": [self.hint("day.go", "change")] if about else [],
            "exchange": [self.hint("day.exchange", "meet now")],
            "end": [self.hint("day.check", "check") if about == "check" else self.hint("day.go", "mend")],
            "wrap": [],
            "conflicts": [self.hint("day.go", "who said what")],
            "service": [self.hint("day.go", "start it")],
            "": [],
        }.get(section)
        keys = [self.hint("day.go", f"go to {section.capitalize()}")] if here is None else here
        credited = self.sheet is not None and about in self.sheet.credits
        if about and (section in ("owed", "person") or (section == "scene" and credited)):
            keys.append(self.hint("day.drop", "take off"))
        keys += [] if section == "stamp" else [self.hint("day.stamp", "stamp")]
        wrap = [self.hint("day.wrap", f"wrap day {day.number} (twice)")] if day and day.wrapped_ns is None else []
        return [
            *keys,
            self.hint("day.section_after", "sections"),
            *wrap,
            self.hint("day.owe", "owe a shot"),
            self.hint("day.person", "person"),
            *([] if section == "end" else [self.hint("day.check", "check the end")]),
            self.hint("all.undo", "undo"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
        ]
