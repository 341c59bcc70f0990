"""The capture service's work: it follows the log, keeps every device at the takes that roll, writes back the clips.

Built by `onset capture`, everything handed in. Its one loop hears the log's feed (100 times a second), the workers and
the asks; the log is written on the scribe's thread, so a slow disk never delays a roll. What rolls is always read from
the log and never guessed from single changes: a service that starts in the middle of a take finds it the same way.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec
import zmq

from onset.capture.aside import Aside, Begin, on_a_thread
from onset.capture.asks import ATTACHED_FOR_S, AskBox, Asked, Status
from onset.capture.clocks import Clocks
from onset.capture.from_set import FromSet
from onset.capture.leftovers import Leftovers
from onset.capture.line import Launch
from onset.capture.on_view import OnView
from onset.capture.place import Place
from onset.capture.placing import Look
from onset.capture.proxies import Proxies
from onset.capture.rack import Rack
from onset.capture.recorded import Recorded, files_on_disk
from onset.capture.scribe import Scribe
from onset.capture.signals import SERVICE, ClipClosed, ClipOpened, Health, Mark, Setup, Slated, Slot, StillTaken, Unmark
from onset.capture.slated import said_of, slated_of
from onset.capture.station import Station
from onset.capture.stills import still_of
from onset.capture.within import Marked, cameras_changed, marks_in
from onset.clock import Clock
from onset.domain.production import Production
from onset.domain.take import Kind, State, Take
from onset.errors import OnsetError
from onset.limits import USUAL
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Feed
from onset.text import safe_text

IDLE_S = 600.0
_TURN_MS = 10  # the feed is asked this often: a roll is seen within 20 ms (docs/benchmarks.md, "capture")
_DISK_S = 2.0  # how long a start waits for the media folder; what it answers later is not waited for
_SELDOM = 10  # turns between two looks at what nobody announces
_PULSE_EVERY = 100  # turns between two looks whether a worker hangs
_CLOCKS_EVERY = 50  # turns between two looks at the clocks
_FINISH_S = 30.0
_EVENTS = 100_000  # all there are
_NS = 1_000_000_000


class End(StrEnum):
    """Why a service ends."""

    ASKED = "it was asked to stop"
    WRAPPED = "the day is wrapped"
    GONE = "its production is gone"
    IDLE = "nothing rolled and no seat was there for ten minutes"


class Session:
    """One capture service at work. One thread only, but for `stop`."""

    def __init__(
        self,
        *,
        logbook: Logbook,
        media: Path,
        setups: Sequence[Setup],
        launch: Launch,
        clock: Clock,
        box: AskBox,
        scribe: Scribe,
        tell: Callable[[str], None],
        health: Callable[[str], Health | None],
        boot: str | None,
        in_place: Callable[[], bool],
        publish: Callable[[Slot], None],
        clocks: Clocks,
        from_set: FromSet,
        proxies: Proxies | None = None,
        begin: Begin = on_a_thread,
    ) -> None:
        """Nothing happens before `run`.

        Args:
            logbook: the service's own seat; here only asked, the scribe writes.
            media: absolute folder of recordings; made here where nothing was recorded yet.
            setups: one a device.
            launch: starts a worker.
            clock: all times.
            box: what others ask.
            scribe: takes the facts.
            tell: shows a sentence to the person who runs the service.
            health: a device's newest on the live bus; None before the first.
            boot: names this boot of the machine; None when unknown.
            in_place: whether the production's folder is still the one that the service was started for.
            publish: puts a slot on the live bus.
            clocks: watches over the timecode sources.
            proxies: joins picture and sound after the cut.
            from_set: what the set itself says of rolling.
            begin: where the media folder's disk is asked, which may not answer.
        """
        self._proxies = proxies
        self._begin_aside = begin
        self._from_set = from_set
        self._boot = boot
        self._media = media
        self._recorded: Recorded | None = None
        self._logbook = logbook
        self._clock = clock
        self._box = box
        self._scribe = scribe
        self._tell = tell
        self._preroll_ns = round(max((setup.preroll_s for setup in setups), default=0.0) * _NS)
        self._known: dict[str, Take] = {}
        self._recent: dict[str, Take] = {}  # cut, and perhaps uncut in a moment
        self._rolled: set[str] = set()  # takes that the feed saw roll since the devices were brought in line
        self._cut_elsewhere: set[str] = set()
        self._marked: list[Marked | Unmark] = []
        self._seats: dict[str, int] = {}
        self._production: Production | None = None
        self._feed: Feed | None = None
        self._leftovers: Leftovers | None = None
        self._poller = zmq.Poller()
        self._rack = Rack(
            stations=[Station(setup, launch, clock) for setup in setups],
            poller=self._poller,
            clock=clock,
            scribe=scribe,
            tell=tell,
            health=health,
            take_now=self._take_now,
            filed=self._filed,
            signed=from_set.heard,
            went=from_set.went,
            still=self._still,
            limits=setups[0].watch if setups else USUAL,
        )
        self._place = Place(media, in_place, clock, self._rack.alarms, tell, begin)
        self._view = OnView(publish, self._rack.alarms, clocks, clock, self._rack.away)
        from_set.lead(self._rack.stations, self._rack.alarms)
        self._started_ns = clock.wall_ns()
        self._busy_ns = self._looked_ns = clock.monotonic_ns()  # looked: the log was read up to then
        self._unseen = False  # something was logged that the devices have not been brought in line with
        self._wrapping = False
        self._log_troubled = False
        self._stop = False
        self._turns = 0

    # -- its life -----------------------------------------------------------------------------------------------------

    def run(self, ready: Callable[[], None]) -> End:
        """Work until there is a reason to end; on return every worker has finished its files and is gone.

        Args:
            ready: called once asks are answered and every worker was started.
        """
        try:
            self.open()
            ready()
            while True:
                end = self.turn(_TURN_MS)
                if end is not None:
                    return end
        finally:
            self.close()

    def stop(self) -> None:
        """Ask for the end; may be called from a signal handler."""
        self._stop = True

    def open(self) -> None:
        """Start every worker and find what rolls already."""
        self._poller.register(self._box.socket, zmq.POLLIN)
        self._feed = self._logbook.feed()
        self._production = self._logbook.production()
        listing: Aside[list[str]] = Aside(self._begin_aside)
        listing.ask(lambda: files_on_disk(self._media))
        on_disk = listing.answer(_DISK_S) or []  # before the workers can add to it
        seat = self._logbook.seat.id
        self._rack.alarms.take_over([alarm for alarm in self._logbook.alarms() if alarm.seat == seat])
        self._rack.start()
        # Reading the whole log takes a moment, in which the workers come up; none of them records before `_reconcile`.
        self._recorded = Recorded(self._logbook, self._media)
        self._leftovers = Leftovers(self._recorded.left_open, self._clock, self._begin_aside)
        without = self._recorded.without_entry(on_disk)
        self._place.tell_of_orphans(without, lambda: self._logbook.events(limit=_EVENTS))
        self._look_around(_DISK_S)
        self._reconcile()

    def turn(self, wait_ms: int) -> End | None:
        """Wait for something to happen, at most `wait_ms`, and see to it; why to end, or None."""
        spoken = {each for each, _ in self._poller.poll(wait_ms)}
        end = self._follow()
        self._from_set.tick()
        self._turns += 1
        self._rack.turn(spoken, every_one=self._turns % _SELDOM == 0)
        if self._turns % _PULSE_EVERY == 0:
            self._rack.check_pulses()
            self._look_around()
            self._rack.tick()
        self._view.show_alarms(again=self._turns % _PULSE_EVERY == 0)
        if self._turns % _CLOCKS_EVERY == 0:
            self._view.show_clocks(self._take_now())
        if self._box.socket in spoken:
            for asked in self._box.asked():
                self._answer(asked)
        for leftover in self._leftovers.quiet() if self._leftovers is not None else []:
            if self._recorded is None or not self._recorded.ours(leftover.path):  # else it is not what was left open
                self._scribe.write(leftover)
        if self._proxies is not None:
            self._proxies.turn(recording=bool(self._known) or self._rack.recording)
        return end or self._why_end()

    def close(self) -> None:
        """Let every worker finish its files, and end those that do not; then write down the rest."""
        for take in self._known.values():
            self._tell(f"{safe_text(take.label)} still rolls; its recording ends here.")
        if self._proxies is not None:
            self._proxies.close()
        self._rack.leave()
        deadline_ns = self._clock.monotonic_ns() + round(_FINISH_S * _NS)
        while not self._rack.ended:
            self._poller.poll(_TURN_MS)
            if self._clock.monotonic_ns() > deadline_ns:
                self._rack.kill()
            self._rack.turn((), every_one=True)
            for asked in self._box.asked():
                self._answer(asked)
        self._rack.alarms.close()
        self._view.show_alarms(again=True, last=True)
        if self._feed is not None:
            self._feed.close()
            self._feed = None
        self._scribe.close()

    def _look_around(self, wait_s: float = 0.0) -> None:
        self._place.look(self._recorded, [take.label for take in self._known.values()], wait_s)

    def _why_end(self) -> End | None:
        now_ns = self._clock.monotonic_ns()
        gone_ns = now_ns - round(ATTACHED_FOR_S * _NS)
        self._seats = {seat: seen_ns for seat, seen_ns in self._seats.items() if seen_ns >= gone_ns}
        if self._stop:
            return End.ASKED
        # Nobody may be left who could cut what rolls in a log that was deleted: that is waited for, but not for ever.
        if self._place.gone_ns is not None and (not self._known or now_ns - self._place.gone_ns >= IDLE_S * _NS):
            return End.GONE
        if self._known or self._seats:
            self._busy_ns = now_ns
        return End.IDLE if now_ns - self._busy_ns >= IDLE_S * _NS else None

    # -- the log ------------------------------------------------------------------------------------------------------

    def _follow(self) -> End | None:
        """See what was logged; a log that cannot be read for a moment stops no recording."""
        if self._feed is None:
            return None
        try:
            began_ns = self._clock.monotonic_ns()
            changes = self._feed.poll()
            self._unseen = self._unseen or bool(changes)
            self._rolled |= {
                each.entity_id
                for each in changes
                if each.entity == "take" and each.field == "state" and each.new == State.ROLLING and not each.merged
            }
            self._cut_elsewhere |= {
                each.entity_id
                for each in changes
                if each.entity == "take" and each.field == "state" and each.new != State.ROLLING and each.merged
            }
            self._marked += marks_in(changes)
            self._wrapping = self._wrapping or any(each.entity == "day" for each in changes)
            if self._unseen:
                self._reconcile()
                self._unseen = False
                self._rolled.clear()
            self._order_marks()
            self._looked_ns = began_ns
            if self._wrapping and not self._known and not (self._proxies is not None and self._proxies.busy):
                self._wrapping = False
                if self._all_wrapped():
                    return End.WRAPPED
            self._log_troubled = False
        except OnsetError as error:  # also a take whose rate or label this program cannot read
            if not self._log_troubled:
                self._tell(f"The log cannot be followed: {error} Recording goes on; it is tried again.")
            self._log_troubled = True
        return None

    def _all_wrapped(self) -> bool:
        """Whether no unit shoots any more."""
        days = [self._logbook.days(unit.name) for unit in self._logbook.units()]
        newest = [max(each, key=lambda day: day.number) for each in days if each]
        return bool(newest) and all(day.wrapped_ns is not None for day in newest)

    def _reconcile(self) -> None:
        """Bring what the devices do in line with what rolls in the log."""
        rolling = {take.id: take for take in self._logbook.rolling()}
        look = Look.now(self._clock, self._looked_ns, self._boot)
        still = self._cut_elsewhere_only(rolling)
        for take_id in [take_id for take_id in self._known if take_id not in rolling and take_id not in still]:
            cut_ns = look.cut_at(self._logbook.take(take_id))
            for station in self._rack.stations.values():
                station.cut(take_id, cut_ns)
            self._recent[take_id] = self._known.pop(take_id)
            self._is_cut(take_id)
            self._tell(f"{safe_text(self._recent[take_id].label)} cut.")
        for take_id in sorted(self._rolled - rolling.keys() - self._recent.keys()):
            self._missed(take_id, look)
        for take in rolling.values():
            if take.id not in self._known:
                self._begin(take, look.rolled_at(take), look.mono_ns)
            else:
                self._go_on(self._known[take.id], take, look.mono_ns)
        self._known = still | rolling
        self._remark()
        self._from_set.rolls(self._known.values())
        self._cut_elsewhere &= still.keys()

    def _go_on(self, before: Take, take: Take, now_ns: int) -> None:
        """A camera starts or cuts while the take rolls."""
        for camera, rolls in cameras_changed(before, take):
            station = self._rack.stations.get(camera)
            if station is None or station.now.medium == "deck" or station.records(take.id) == rolls:
                continue
            if take.kind is Kind.WILD_TRACK:
                continue
            if rolls:
                station.uncut(self._slated(take, camera), now_ns, for_picture=True, for_sound=not take.mos)
            else:
                station.cut(take.id, now_ns)
            self._tell(f"{camera} {'rolls' if rolls else 'cut'} within {safe_text(take.label)}.")

    def _remark(self) -> None:
        """Tell the devices what is said by now of the takes whose files are open: those that roll, or were just cut."""
        stations = self._rack.stations.values()
        in_files = {take_id for station in stations for take_id in station.takes_in_files}
        cut = [self._logbook.take(take_id) for take_id in sorted(in_files - self._known.keys())]
        for take in (*self._known.values(), *(each for each in cut if each is not None)):
            for station in stations:
                station.remark(take.id, said_of(take))

    def _order_marks(self) -> None:
        """Tell the devices of the marks that were logged in takes that roll here, and of those that were taken back."""
        marked, self._marked = self._marked, []
        look = Look.now(self._clock, self._looked_ns, self._boot)
        for each in marked:
            if isinstance(each, Unmark):
                for station in self._rack.stations.values():
                    station.unmark(each)
            elif (take := self._known.get(each.take_id)) is not None:
                mono_ns = look.rolled_at(take) + each.offset_ns
                order = Mark(id=each.id, take_id=take.id, mono_ns=mono_ns, text=each.text)
                for station in self._rack.stations.values():
                    station.mark(order)

    def _cut_elsewhere_only(self, rolling: Mapping[str, Take]) -> dict[str, Take]:
        """Takes that roll on here although another laptop says that they are cut, perhaps hours ago.

        They end with the next roll of their unit, or with the day.
        """
        busy = {take.unit for take in rolling.values()}
        found = {
            take_id: take
            for take_id, take in self._known.items()
            if take_id in self._cut_elsewhere and take_id not in rolling and take.unit not in busy
        }
        return {} if found and self._wrapping and self._all_wrapped() else found

    def _missed(self, take_id: str, look: Look) -> None:
        """A take was rolled and cut since the last look: what the pre-roll still holds of it is recorded."""
        take = self._logbook.take(take_id)
        if take is None or take.deleted or look.rolled_at(take) < look.last_ns - _NS:
            return  # an older one, that came with the log of another machine
        cut_ns = look.cut_at(take)
        if look.mono_ns - cut_ns < self._preroll_ns:
            self._begin(take, look.rolled_at(take), look.mono_ns)
            for station in self._rack.stations.values():
                station.cut(take_id, cut_ns)
            del self._known[take_id]
        self._recent[take_id] = take
        self._is_cut(take_id)
        if not any(station.told_of(take_id) for station in self._rack.stations.values()):
            detail = f"{safe_text(take.label)} was rolled and cut before the capture service saw it: not recorded."
            self._rack.alarms.happened(SERVICE, "not recorded", detail, look.mono_ns, take_id, rings=True)
        else:
            self._tell(f"{safe_text(take.label)} cut.")

    def _is_cut(self, take_id: str) -> None:
        if self._proxies is not None:
            self._proxies.cut(take_id)

    def _begin(self, take: Take, rolled_ns: int, now_ns: int) -> None:
        on_board = {each.camera for each in self._logbook.board(take.unit).cameras}  # may fail, and is tried again
        undone = self._recent.pop(take.id, None) is not None
        self._known[take.id] = take
        self._tell(f"{safe_text(take.label)} {'still rolls: its cut was undone' if undone else 'rolls'}.")
        in_take = {angle.camera for angle in take.angles}
        ended = {angle.camera for angle in take.angles if angle.end is not None}  # early, by a person's word
        for name, station in self._rack.stations.items():
            # Only a camera that the board knows can have been left out; a device it does not know records every take.
            left_out = name in on_board and name not in in_take and bool(in_take)
            for_picture = take.kind is not Kind.WILD_TRACK and not left_out and name not in ended
            wanted = {"for_picture": for_picture, "for_sound": not take.mos}
            if undone and name in ended:
                continue
            if undone:
                station.uncut(self._slated(take, name), now_ns, **wanted)
            else:
                station.roll(self._slated(take, name), rolled_ns, **wanted)

    def _slated(self, take: Take, device: str) -> Slated:
        taken = [] if self._recorded is None else self._recorded.taken(device, take.day)
        peaks = {} if self._recorded is None else self._recorded.peaks(device, take.day)
        return slated_of(take, device, "" if self._production is None else self._production.title, taken, peaks)

    def _take_now(self) -> str | None:
        """The take that a device's trouble concerns: the one that rolls, when just one does."""
        return next(iter(self._known)) if len(self._known) == 1 else None

    def _filed(self, clip: ClipOpened | ClipClosed) -> None:
        if isinstance(clip, ClipOpened):
            self._unseen = True  # something may have been said of its take since the roll was ordered
        if self._recorded is not None:
            self._recorded.opened(clip) if isinstance(clip, ClipOpened) else self._recorded.closed(clip)

    def _still(self, report: StillTaken) -> None:
        wall_ns = self._clock.wall_ns() - (self._clock.monotonic_ns() - report.mono_ns)
        last_cut = next(reversed(self._recent.values()), None)
        with contextlib.suppress(OnsetError):  # a log that cannot be read now: the still is there, without its take
            last_cut = last_cut or self._logbook.board(self._logbook.units()[0].name).last_cut
        folder = self._logbook.folder.absolute()
        self._scribe.write(still_of(report, wall_ns, list(self._known.values()), last_cut, self._media, folder))

    # -- the asks -----------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> None:
        request = asked.request

        def reply(ok: bool, value: str) -> None:
            self._box.answer(asked.address, ok=ok, value=value)

        if request.device is not None:
            station = self._rack.stations.get(request.device)
            if station is None:
                reply(False, f"There is no device {safe_text(request.device)} in config.toml.")
            else:
                station.ask(request.what, request.args, reply)
            return
        seat = request.args.get("seat", "")
        match request.what:
            case "status":
                reply(True, msgspec.json.encode(self.status()).decode())
            case "attach":
                self._seats[seat] = self._clock.monotonic_ns()
                reply(True, "Attached.")
            case "detach":
                self._seats.pop(seat, None)
                reply(True, "Detached.")
            case "stop":
                self._stop = True
                reply(True, "The capture service finishes its files and ends.")
            case _:
                reply(False, f"The capture service does not know the ask {safe_text(request.what)}.")

    def status(self) -> Status:
        """What the service says of itself."""
        return Status(
            pid=os.getpid(),
            started_ns=self._started_ns,
            devices=[station.now for station in self._rack.stations.values()],
            rolling=[take.label for take in self._known.values()],
            seats=sorted(self._seats),
            alarms=self._rack.alarms.now,
            clocks=self._view.clocks,
            proposals=self._from_set.proposals,
        )
