"""The rehearsal day of `onset demo`: a script of attempts, and somebody who plays it into a log.

Only verbs of the log are used, as a script supervisor's hand would use them; what is recorded, the capture service
does by itself.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from onset.capture.bus import Watcher, run_folder
from onset.capture.signals import Health, TimecodeNow
from onset.cli.moment import Moments
from onset.clock import Clock
from onset.config import load_config
from onset.domain.camera import Clip
from onset.domain.note import Audience
from onset.domain.scene import Coverage, OwedKind
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, Stamp, Status, Take
from onset.errors import CaptureError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import UNSET, Next, TakeFilter, Value
from onset.text import safe_text

_DEVICES_S = 20
_GROUP_S = 2.0  # of a simulated camera, and a second for a machine that is busy
_CLIPS_S = 20
_LOOK_AGAIN_S = 0.05
_NS = 1_000_000_000

EDITOR, PRODUCTION, PRIVATE = Audience.EDITOR, Audience.PRODUCTION, Audience.PRIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A setup of the script, set up before its first attempt."""

    scene: str
    slate: str
    heading: str
    description: str
    size: str
    lenses: Mapping[str, str]
    vfx: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One take of the script.

    Attributes:
        seconds: from roll to cut; the action is called a third of the way in, `resets` more times after it.
        fields: set after the cut (status, slated_as …).
        cut: False leaves it rolling until the next moment, when it is found and closed as interrupted.
        out: cameras that are not in it.
        then: what else is done to it after the cut.
    """

    slate: str
    seconds: float = 1.4
    action: bool = True
    resets: int = 0
    kind: Kind = Kind.NORMAL
    mos: bool = False
    tail_slate: bool = False
    out: tuple[str, ...] = ()
    mark: str | None = None
    notes: tuple[tuple[Audience, str], ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)
    ratings: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    angles: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    cut: bool = True
    then: str = ""


CIRCLED: Mapping[str, Value] = {"status": str(Status.CIRCLED)}
HOLD: Mapping[str, Value] = {"status": str(Status.HOLD)}

PLACES = (
    Place(
        scene="42",
        slate="42",
        heading="INT. BOATHOUSE - NIGHT",
        description="Master, Edward comes in with the lamp",
        size="WS",
        lenses={"A": "25mm", "B": "50mm"},
    ),
    Place(
        scene="42",
        slate="42A",
        heading="INT. BOATHOUSE - NIGHT",
        description="Edward at the window",
        size="CU",
        lenses={"A": "85mm", "B": "100mm"},
    ),
    Place(
        scene="43",
        slate="43",
        heading="EXT. HARBOUR - NIGHT",
        description="The boat leaves",
        size="WS",
        lenses={"A": "35mm", "B": "135mm"},
    ),
    Place(
        scene="43",
        slate="43A",
        heading="EXT. HARBOUR - NIGHT",
        description="Harbour without the boat, plate for the sky",
        size="WS",
        lenses={"A": "35mm"},
        vfx=True,
    ),
)

DAY = (
    Attempt(slate="42", seconds=1.0, action=False, kind=Kind.FALSE_START, notes=((EDITOR, "Lamp went out"),)),
    Attempt(
        slate="42",
        fields={"status": str(Status.NG), "status_reason": "sound"},
        notes=((EDITOR, "Generator on the quay"), (PRODUCTION, "Ask the harbour master about the generator")),
    ),
    Attempt(
        slate="42",
        seconds=2.0,
        mark="looks to the door",
        fields=CIRCLED,
        notes=((EDITOR, "Best for the entrance; line 3 overlaps"), (PRIVATE, "Edward unsure of line 3")),
        ratings={"director": "circled", "script": "circled"},
        tags=("entrance",),
    ),
    Attempt(slate="42", fields=HOLD, then="circled by mistake"),
    Attempt(slate="42", kind=Kind.WILD_TRACK, action=False, notes=((EDITOR, "Lamp, door, steps on wood"),)),
    Attempt(slate="42A", seconds=2.2, resets=1, fields=HOLD, ratings={"director": "hold", "script": "circled"}),
    Attempt(slate="42A", tail_slate=True, fields=CIRCLED, angles={"B": {"rating": "NG: focus"}}, tags=("window",)),
    Attempt(slate="42A", kind=Kind.PICKUP, fields=CIRCLED, notes=((EDITOR, "From the turn only"),)),
    Attempt(slate="43", mos=True, fields=HOLD, notes=((EDITOR, "Wind machine, no sound"),)),
    Attempt(slate="43", cut=False, notes=((EDITOR, "Rain; everybody ran"),)),
    Attempt(slate="43", seconds=1.8, fields=CIRCLED, tags=("harbour", "rain"), mark="boat clears the pier"),
    Attempt(slate="43", fields={**HOLD, "slated_as": "43/5"}, then="entered twice"),
    Attempt(slate="43A", kind=Kind.PLATE, mos=True, out=("B",), seconds=1.2),
    Attempt(slate="43A", kind=Kind.PLATE, mos=True, out=("B",), seconds=1.2, fields=CIRCLED),
)

# The script's scenes of that day: eighths of a page, and seconds that they should run. The last is not reached.
SCENES = {"42": (12, 9), "43": (6, 5), "44": (3, 4)}

# Somebody forgot to log this one; it is entered afterwards, from the notes of the camera assistant.
MISSED = "43B"


class ScriptSupervisor:
    """Plays the script into a log."""

    def __init__(self, logbook: Logbook, stamp: Callable[[], Stamp], clock: Clock, seed: int) -> None:
        self._logbook = logbook
        self._stamp = stamp
        self._clock = clock
        self._dice = random.Random(seed)
        self._slate = ""

    def prepare(self, cameras: tuple[str, ...]) -> None:
        """Enter scenes, schedule and setups, and fill the board: what is done before the first roll."""
        for scene, (eighths, estimate_s) in SCENES.items():
            self._logbook.set_scene(scene, {"eighths": eighths, "estimate_s": estimate_s})
        self._logbook.plan(1, [(scene, None) for scene in SCENES])
        for place in PLACES:
            self._set_up(place)
        rolls = {camera: f"{camera}001" for camera in cameras}
        first = PLACES[0]
        self._slate = first.slate
        board = Next(scene=first.scene, slate=first.slate, cameras=dict.fromkeys(cameras, True), rolls=rolls)
        self._logbook.set_next(replace(board, sound_roll="S001"))

    def shoot(self, attempt: Attempt) -> Take:
        """Shoot one attempt, and say of it what is to be said."""
        change = self._board(attempt)
        take = self._logbook.roll(self._stamp(), change=change)
        seconds = attempt.seconds * self._dice.uniform(0.9, 1.1)
        beats = (1 if attempt.action else 0) + attempt.resets + 1
        for _ in range(beats - 1):
            self._clock.sleep(seconds / beats)
            self._logbook.action(take.id, self._stamp())
        self._clock.sleep(seconds / beats / 2)
        if attempt.mark is not None:
            self._logbook.mark(take.id, self._stamp(), attempt.mark)
        self._clock.sleep(seconds / beats / 2)
        if attempt.cut:
            take = self._logbook.cut(take.id, self._stamp())
        else:
            take = self._logbook.interrupt(take.id, self._stamp())
        return self._say(attempt, take)

    def enter_missed(self) -> Take:
        """Enter a take that nobody logged while it rolled."""
        fields: dict[str, Value] = {"description": "Entered at wrap, from the camera sheet"}
        return self._logbook.add_take(
            slate=MISSED, take="1", scene="43", stamp=self._stamp(), fields=fields, duration_frames=480
        )

    def credit_the_day(self) -> None:
        """Say what was shot of each scene, and what is still owed: what is done before the paper is printed."""
        log = self._logbook
        whole = log.propose_credit("42")
        log.credit("42", Coverage.COMPLETE, eighths=whole.eighths, seconds=whole.seconds)
        log.credit("43", Coverage.PART, eighths=4, seconds=2, note="without the boat's return")
        log.owe(OwedKind.INSERT, "the lamp on the quay", scene="43")

    def _board(self, attempt: Attempt) -> Next:
        place = next(place for place in PLACES if place.slate == attempt.slate)
        if attempt.slate != self._slate:
            self._slate = attempt.slate
            self._logbook.set_next(Next(scene=place.scene, slate=place.slate))
        wild = attempt.kind is Kind.WILD_TRACK
        late = attempt.kind is Kind.FALSE_START  # nobody knows before
        return Next(
            kind=UNSET if late else attempt.kind,
            mos=UNSET if wild else attempt.mos,
            tail_slate=UNSET if wild else attempt.tail_slate,
            cameras=UNSET if wild else {camera: camera not in attempt.out for camera in ("A", "B")},
        )

    def _set_up(self, place: Place) -> None:
        self._logbook.set_scene(place.scene, {"heading": place.heading})
        fields: dict[str, Value] = {"description": place.description, "size": place.size, "vfx": int(place.vfx)}
        self._logbook.set_setup(place.slate, fields, scene=place.scene)
        for camera, lens in place.lenses.items():
            self._logbook.set_camera_setup(place.slate, camera, {"lens": lens})

    def _say(self, attempt: Attempt, take: Take) -> Take:
        log = self._logbook
        if attempt.kind is Kind.FALSE_START:
            take = log.set_take(take.id, {"kind": str(Kind.FALSE_START)})
        if attempt.then == "circled by mistake":
            log.set_take(take.id, CIRCLED)
            log.undo(wall_ns=self._clock.wall_ns())
        if attempt.fields:
            take = log.set_take(take.id, attempt.fields)
        for audience, text in attempt.notes:
            log.note(take.id, text, audience=audience)
        for voter, value in attempt.ratings.items():
            log.rate_take(take.id, voter, value)
        for camera, fields in attempt.angles.items():
            log.set_angle(take.id, camera, fields)
        if attempt.tags:
            log.tag(take.id, add=attempt.tags)
        if attempt.then == "entered twice":
            log.delete(take.id)
            log.restore(take.id)
        return log.take(take.id) or take


def play_day(logbook: Logbook, folder: Path, clock: Clock, seed: int, tell: Callable[[Take], None]) -> list[str]:
    """Shoot the whole day on the devices that the capture service has opened.

    Args:
        logbook: of the rehearsal.
        folder: the production.
        clock: paces the takes.
        seed: varies their length.
        tell: told of each take.

    Returns:
        Ids of the takes that were rolled, which are all but the one entered afterwards.

    Raises:
        CaptureError: a device does not come, or a clip is not finished in time.
    """
    config = load_config(folder)
    bus = run_folder(logbook.production().id)
    with contextlib.closing(Watcher(bus)) as watcher, contextlib.closing(Moments(bus, config, clock)) as moments:
        _await_devices(watcher, [device.name for device in config.devices], config.capture.timecode[0], clock)
        supervisor = ScriptSupervisor(logbook, moments.now, clock, seed)
        supervisor.prepare(tuple(device.name for device in config.devices if device.kind == "sim-camera"))
        # Else the first clips would begin together, as no camera's do: each begins with a whole group of pictures.
        clock.sleep(config.capture.preroll_s + _GROUP_S)
        rolled = []
        for attempt in DAY:
            take = supervisor.shoot(attempt)
            rolled.append(take.id)
            tell(take)
        tell(supervisor.enter_missed())
        supervisor.credit_the_day()
        await_clips(logbook, clock)
    return rolled


def await_clips(logbook: Logbook, clock: Clock) -> None:
    """Wait until every file that was begun is finished.

    Raises:
        CaptureError: one is not, in time; names it.
    """
    deadline_ns = clock.monotonic_ns() + _CLIPS_S * _NS
    while True:
        takes = logbook.takes(TakeFilter(limit=None))
        open_files = [file.name for take in takes for file in files_of(take) if file.duration_frames is None]
        if not open_files:
            return
        if clock.monotonic_ns() > deadline_ns:
            raise CaptureError(f"{safe_text(open_files[0])} is not finished {_CLIPS_S} s after the last cut.")
        clock.sleep(_LOOK_AGAIN_S)


def files_of(take: Take) -> list[Clip | SoundFile]:
    """The picture and sound files linked to a take."""
    clips: list[Clip | SoundFile] = [clip for angle in take.angles for clip in angle.clips]
    return clips + [file for sound in take.sound for file in sound.files]


def _await_devices(watcher: Watcher, names: Sequence[str], master: str, clock: Clock) -> None:
    deadline_ns = clock.monotonic_ns() + _DEVICES_S * _NS
    while True:
        health = {name: watcher.newest(name, Health) for name in names}
        waiting = [name for name, each in health.items() if each is None or each.state != "live"]
        if not waiting and watcher.newest(master, TimecodeNow) is not None:
            return
        if clock.monotonic_ns() > deadline_ns:
            who = ", ".join(waiting) or f"the timecode {master}"
            raise CaptureError(f"Waited {_DEVICES_S} s in vain for {who}.")
        clock.sleep(_LOOK_AGAIN_S)
