"""The Devices screen: a small picture, levels, every clock with its source, each device's state, alarms with times.

Pictures and levels are pulled from the live bus on this screen's own timers, and only while it is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from onset.capture.signals import DeckNow, Health, Levels, Picture
from onset.errors import OnsetError
from onset.logbook.alarm_words import when_words
from onset.logbook.terms import Event
from tui.clocks import Clocks
from tui.from_set import deck_words, minutes_left
from tui.hand import Hand
from tui.intents.jamming import note_jam
from tui.messages import Moved
from tui.screens.place import PlaceScreen, loaded
from tui.widgets.entry import EntryLine, Purpose
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.meters import Holding, MetersView
from tui.widgets.picture import PictureView
from tui.widgets.rolling_line import RollingLine
from tui.widgets.rows import Row, Rows
from tui.widgets.take_row import clock_text

PICTURE_S = 1 / 8
METERS_S = 1 / 10
STATES_S = 0.5
SERVICE_S = 2.0
KEY_PAUSE_NS = 300_000_000
FRESH_NS = 3_000_000_000
TOP_ROWS, TOP_ROWS_LOW, TOP_ROWS_LEAST = 18, 12, 7
ALARM_ROWS = 2  # the head, and what stands
_TWICE_NS = 5_000_000_000
_NO_DEVICE = "There is no device here; [[device]] in config.toml names those of the set."
_BAD = frozenset({"stalled", "lost", "back-off", "missing"})


class DevicesScreen(PlaceScreen):
    """Whether everything that should run does run."""

    PLACE: ClassVar[str] = "devices"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-high")]  # noqa: RUF012  # Textual declares it so

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        config = hand.deps.config
        self._clocks = Clocks(config.capture.timecode, config.production.rate)
        self._levels: dict[str, Holding] = {}
        self._names: list[str] = []
        self._kinds = {device.name: device.kind for device in config.devices}
        self._service: bool | None = None
        self._looking = self._starting = False
        self._key_ns = 0
        self._stopping = ("", 0)  # the deck whose stop was named, and when

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        with Vertical(id="page"):
            with Horizontal(id="top"):
                yield PictureView(id="picture")
                with Vertical(id="beside"):
                    yield Rows("clocks", id="clocks")
                    yield MetersView(id="meters")
            yield Rows("device", picks=True, id="devices")
            yield Rows("alarms", id="alarms")
        yield EntryLine(self.hand.drafts, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    async def on_mount(self) -> None:
        await loaded("numpy")  # for pictures
        self.hand.shows.append(self)
        self.query_one("#heading", Line).show(f"onset  {self.hand.opened.production.title}  Devices", "")
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self.query_one("#devices", Rows))
        for seconds, draw in ((PICTURE_S, self._picture), (METERS_S, self._meters), (STATES_S, self._states)):
            self.set_interval(seconds, draw)
        self.set_interval(SERVICE_S, self._look_for_service)
        self._look_for_service()
        self._states()
        self.run_worker(self._read_alarms())
        self.refresh_hints()

    def shown_again(self) -> None:
        self._states()
        self._look_for_service()

    # -- what is only now -------------------------------------------------------------------------------------------

    @property
    def device(self) -> str | None:
        """The device under the cursor."""
        cursor = self.query_one("#devices", Rows).cursor
        return self._names[cursor] if cursor < len(self._names) else None

    def on_key(self, event: events.Key) -> None:
        """Textual itself calls that of `PlaceScreen` after this one."""
        self._key_ns = self._now()

    def _picture(self) -> None:
        if not self.is_current or self._now() - self._key_ns < KEY_PAUSE_NS:
            return  # a key's answer comes before a picture
        live, device, view = self.hand.deps.live, self.device, self.query_one(PictureView)
        picture = live.newest(device, Picture) if live is not None and device is not None else None
        if picture is None:
            view.clear("no picture")
        elif self._now() - picture.mono_ns > FRESH_NS:
            view.clear(f"no picture for {(self._now() - picture.mono_ns) // 1_000_000_000} s")
        else:
            view.show(picture)

    def _meters(self) -> None:
        live = self.hand.deps.live
        if not self.is_current or live is None:
            return
        now = self._now()
        for name in self._names:
            levels = live.newest(name, Levels)
            if levels is not None:
                self._levels.setdefault(name, Holding()).hear(levels, now)
        clocks = self.query_one("#clocks", Rows)
        self.query_one(MetersView).show(self._levels, self._fit_top() - clocks.size.height)
        label, source = self.hand.deps.label_at(now)
        clocks.show(self._clocks.rows(live, now, str(label), source))

    def _fit_top(self) -> int:
        """How many rows picture, clocks and levels have: an alarm and a long sentence never push the devices off."""
        most = TOP_ROWS_LOW if self.has_class("-low") else TOP_ROWS
        below = self.query_one("#devices").size.height + ALARM_ROWS
        rows = max(TOP_ROWS_LEAST, min(most, self.query_one("#page").size.height - below))
        self.query_one("#top").styles.max_height = rows
        return rows

    def _states(self) -> None:
        if not self.is_current:
            return
        live, now = self.hand.deps.live, self._now()
        self._names = list(dict.fromkeys([*self._kinds, *(live.devices() if live else [])]))
        rows = [self._state(name, live.newest(name, Health) if live else None, now) for name in self._names]
        head = f"{'device':<11} {'kind':<13} {'state':<10} {'rec':<4} {'drop':<5} {'free':<6} "
        nothing = [Row("no device in config.toml; takes are logged on this machine's clock", faint=True)]
        self.query_one("#devices", Rows).show(rows or nothing, head)

    def _state(self, name: str, health: Health | None, now: int) -> Row:
        if health is None:
            return Row(f"{name:<11} {self._kinds.get(name, ''):<13} not heard", faint=True)
        old_s = (now - health.mono_ns) // 1_000_000_000
        state = health.state if old_s < 3 else f"silent {old_s} s"
        live = self.hand.deps.live
        deck = live.newest(name, DeckNow) if live is not None and health.state == "live" and old_s < 3 else None
        free, dropped, words = _free(health.free_minutes), health.dropped, _detail(health)
        recording = bool(health.recording)
        if deck is not None:
            free, dropped, words = _free(minutes_left(deck)), deck.dropped or 0, deck_words(deck)
            recording = bool(deck.recording)
        lamp = "REC" if recording and old_s < 3 else ""
        text = f"{name:<11} {health.kind:<13} {state:<10} {lamp:<4} {_many(dropped):<5} {free:<6} "
        return Row(text, alarm=health.state in _BAD or old_s >= 3, more=words)

    def _look_for_service(self) -> None:
        if self.is_current and not self._looking:
            self._looking = True
            self.run_worker(self._ask_for_service())

    async def _ask_for_service(self) -> None:
        try:
            running = await asyncio.to_thread(self.hand.deps.service_running)
        except OnsetError as error:
            self.say(str(error), True)
            return
        finally:
            self._looking = False
        if running != self._service and self.alive:
            before, self._service = self._service, running
            words = "capture service runs" if running else "no capture service"
            self.query_one("#heading", Line).show(f"onset  {self.hand.opened.production.title}  Devices", words)
            if not running:
                self.say(f"No capture service: nothing is recorded. {self._start_key} starts it.")
            elif before is False:
                self.say("The capture service runs.")

    @property
    def _start_key(self) -> str:
        return self.hand.keys.shown("devices.capture")

    def _start_service(self) -> None:
        """Somebody killed it, or it ended with the wrap; nobody has to leave the app for another one."""
        start = self.hand.deps.start_service
        if self._service or self._starting:
            self.say("The capture service runs." if self._service else "It is being started.")
        elif start is None:
            self.say("`onset capture` starts the capture service, in a shell.")
        else:
            self._starting = True
            self.say("The capture service is being started …")
            self.run_worker(self._started(start))

    async def _started(self, start: Callable[[], object]) -> None:
        try:
            await asyncio.to_thread(start)
        except OnsetError as error:
            self.say(f"Nothing is recorded: {error}", True)
        else:
            self._look_for_service()
        finally:
            self._starting = False

    # -- what happened ----------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        if moved.anew or any(change.entity == "event" for change in moved.changes):
            self.run_worker(self._read_alarms())
        self.refresh_hints()

    async def _read_alarms(self) -> None:
        standing, found = await self.hand.desk.read(lambda log: (log.alarms(), log.events(limit=40)))
        if self.alive:
            rest = [event for event in found if not event.stands]
            rows = [_alarm(event) for event in (*reversed(standing), *rest)]
            self.query_one("#alarms", Rows).show(rows or [Row("none", faint=True)])

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "reconnect": lambda _: self.ask("reconnect"),
            "identify": lambda _: self.ask("identify"),
            "still": lambda _: self.ask("still"),
            "fault": lambda _: self._fault(),
            "capture": lambda _: self._start_service(),
            "jam": lambda _: self._jam(self.device or ""),
            "record": lambda _: self.ask("record"),
            "stop": lambda _: self._stop_deck(),
            "picture": lambda _: self._enlarge(),
        }

    def other_key(self, key: str, event: events.Key) -> None:
        alarms = self.query_one("#alarms", Rows)
        if key in ("up", "down"):
            self.query_one("#devices", Rows).move(-1 if key == "up" else 1)
            self.refresh_hints()
        elif key in ("pageup", "pagedown"):
            alarms.scroll_by(alarms.page_rows() * (-1 if key == "pageup" else 1))
        elif key == "escape":
            self.remove_class("large")
        else:
            return
        event.stop()

    def _enlarge(self) -> None:
        """On a small screen the picture takes the room of the clocks, or gives it back."""
        self.toggle_class("large")
        self.refresh_hints()

    def on_rows_picked(self) -> None:
        self.refresh_hints()

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self.set_focus(self.query_one("#devices", Rows))
        if message.purpose.kind == "jam":
            self._note_jam(message.purpose, message.text)
        elif message.purpose.kind == "fault" and not message.text.strip():
            self.say("Nothing was typed; no fault is rehearsed.")
        elif message.purpose.kind == "fault":
            kind, *more = message.text.split()
            pairs = dict(word.partition("=")[::2] for word in more)  # seconds=5, as on the command line
            self.ask("fault", {"kind": kind, **pairs}, of=message.purpose.key)
        else:
            self.run_named(message.text)

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self.set_focus(self.query_one("#devices", Rows))
        self.hand.drafts.forget(message.purpose.spot)

    def hints(self) -> Sequence[Hint]:
        name = self.device
        of_one = [("reconnect", f"reconnect {name}"), ("identify", "identify")] if name is not None else []
        return [
            *([self.hint("devices.capture", "start capture")] if self._service is False else []),
            *(self.hint(f"devices.{action}", words) for action, words in of_one),
            *([self.hint("devices.picture", "picture")] if self.has_class("-low") else []),
            *self._deck_hints(),
            self.hint("devices.jam", "jam"),
            *([self.hint("devices.fault", "fault")] if self._simulated() else []),
            self.hint("all.undo", "undo"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
        ]

    def _deck_hints(self) -> list[Hint]:
        """A deck takes orders, a camera stills."""
        if self._is_deck():
            return [self.hint("devices.record", "record"), self.hint("devices.stop", "stop")]
        live, device = self.hand.deps.live, self.device
        sound = live is not None and device is not None and live.newest(device, Levels) is not None
        return [] if sound or device is None else [self.hint("devices.still", "still")]

    def _is_deck(self) -> bool:
        live, device = self.hand.deps.live, self.device
        return live is not None and device is not None and live.newest(device, DeckNow) is not None

    def _stop_deck(self) -> None:
        """A stop loses what would have been recorded: the first press only names it."""
        device, now = self.device, self._now()
        if device is None:
            self.say(_NO_DEVICE)
            return
        if not self._is_deck() and self._service:
            self.say(f"{device} is no deck; only decks are told to stop.")
            return
        named, since = self._stopping
        if named == device and now - since < _TWICE_NS:
            self._stopping = ("", 0)
            self.ask("stop")
            return
        self._stopping = (device, now)
        self.say(f"{self.hand.keys.shown('devices.stop')} once more stops {device}.")

    def _jam(self, device: str) -> None:
        """Most clocks of a set hang on no cable of this machine, so any name may be typed."""
        entry = self.query_one(EntryLine)
        entry.open(Purpose("jam", key=device), text=device, placeholder="A, slate, or MIX 07:45:00:00")
        entry.frame("jammed to the master")

    def _note_jam(self, purpose: Purpose, text: str) -> None:
        entry = self.query_one(EntryLine)

        def again() -> None:
            if entry.purpose is None:
                self._jam(purpose.key or "")

        entry.keep(purpose, text)
        self.hand.intend(
            partial(note_jam, text=text),
            self.look,
            self.say,
            place=self.PLACE,
            done=lambda: entry.drafts.forget(purpose.spot),
            failed=again,
        )

    def _simulated(self) -> bool:
        return self._kinds.get(self.device or "", "").startswith("sim")

    def _fault(self) -> None:
        device = self.device
        if device is None:
            self.say(_NO_DEVICE)
        elif not self._simulated():
            self.say(f"{device} is a real device; only simulated ones fail on request.")
        else:
            entry = self.query_one(EntryLine)
            entry.open(
                Purpose("fault", key=device), text="disconnect", placeholder="black seconds=5, drop frames=3, freeze …"
            )
            entry.frame(f"rehearse a fault of {device}")

    def ask(self, what: str, args: Mapping[str, str] | None = None, *, of: str | None = None) -> None:
        """Ask a device, else the one under the cursor, without waiting for it here."""
        device, ask = of or self.device, self.hand.deps.ask
        if device is None:
            self.say(_NO_DEVICE)
            return
        if ask is None or not self._service:
            self.say(f"No capture service to ask; {self._start_key} starts it.")
            return
        self.say(f"Asking {device}: {what} …")

        async def answered() -> None:
            try:
                answer = await asyncio.to_thread(ask, what, device, args or {})
            except OnsetError as error:
                self.say(str(error), True)
            else:
                said = answer.removeprefix(f"{device}: ") or what
                self.say(said if said.startswith(f"{device} ") else f"{device}: {said}")

        self.run_worker(answered())


def _many(lost: int) -> str:
    """Frames, or samples: of those a stall of two seconds loses a hundred thousand."""
    return f"{lost or ''}" if lost < 100_000 else f"{lost // 1000}k"


def _free(minutes: float | None) -> str:
    if minutes is None:
        return ""
    return f"{minutes:.0f} min" if minutes < 600 else f"{minutes / 60:.0f} h"


def _detail(health: Health) -> str:
    """What the device says, without its name and without the state that stands beside it."""
    words = health.detail.removeprefix(f"{health.device}: ").rstrip(".")
    return "" if words == health.state else words


def _alarm(event: Event) -> Row:
    """Those that stand come first and are marked; of the others, from when to when."""
    when = when_words(event, clock_text)
    return Row(f"{when:<20}  {event.device:<7} ", alarm=event.stands, more=_of(event))


def _of(event: Event) -> str:
    words = event.detail.removeprefix(f"{event.device}: ")
    return words.removeprefix(f"{event.device} ") or event.what
