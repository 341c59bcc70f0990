"""A ten-hour day of takes through the workers' own code, in minutes: two cameras, a mixer and a deck.

Run by `make soak` (`python -m benchmarks.soak.day HOURS` for another length). Each device has a process and a clock of
its own, as on set; the clock moves as it is waited for, so everything goes as fast as the machine can. Looks for what
hours of real time would show: frames or samples lost, lengths that creep, alarms about nothing, memory and descriptors
that grow.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import av
import numpy as np

from devices.adapter import NS, DeckFormat, Surroundings, Told
from devices.desk import Desk
from devices.desk_deck import DeckDesk
from devices.desk_picture import PictureDesk
from devices.desk_sound import SoundDesk
from devices.disk import DiskLane
from devices.hyperdeck_lines import Command
from devices.hyperdeck_state import RECORD, DeckState
from devices.simulated.camera import SimulatedCamera
from devices.simulated.hyperdeck_deck import SimulatedDeck
from devices.simulated.mixer import SimulatedMixer
from devices.simulated.script import Script
from devices.simulated.strip import read_strip
from onset.capture.master import time_of_day
from onset.capture.signals import Alarm, ClipClosed, Cut, Fault, Report, Roll, Setup, Sign, Slated, Slot
from onset.clock import ManualClock
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate

HOURS = 10.0
RATE = rate("25")
HERTZ = 8_000
PREROLL_S, POSTROLL_S = 3.0, 2.0
EIGHT_O_CLOCK_NS = 8 * 3600 * NS
GROUP = 25  # frames: a picture begins at the key frame before its pre-roll
LOOKED_AT = 20  # of so many takes one is decoded
DEVICES = ("A", "B", "MIX", "DECK")
GROWN_MIB = 24.0


@dataclass
class Result:
    """What became of a device's day."""

    device: str
    seconds: float = 0.0
    takes: int = 0
    files: int = 0
    pieces: int = 0
    decoded: int = 0
    wrong: list[str] = field(default_factory=list)
    times: list[tuple[float, float]] = field(default_factory=list)
    mib_at_first: float = 0.0
    mib_at_last: float = 0.0
    descriptors: tuple[int, int] = (0, 0)


class _Set:
    """A bus that nobody watches, and the time of day as the master."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock

    def publish(self, slot: Slot) -> None:
        pass

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        wall_ns = self._clock.wall_ns() - (self._clock.monotonic_ns() - mono_ns)
        return time_of_day(wall_ns, RATE, 0), "clock"

    def user_bits(self, source: str) -> str:
        """None."""
        return ""


class _Deck:
    """A HyperDeck without its wire: the simulated machine, and the adapter's own idea of it."""

    medium: Literal["deck"] = "deck"

    def __init__(self, around: Surroundings) -> None:
        self._clock = around.clock
        script = Script("DECK", ("drop", "full", "button", "deny", "ignore"), 0.04)
        self._machine = SimulatedDeck(around, script, prefix="A001", minutes=100_000)
        self._state = DeckState(RATE)

    def open(self) -> DeckFormat:
        for question in ("device info", "transport info", "slot info"):
            self._say(question)
        return DeckFormat(self._state.model, self._state.rate)

    def _say(self, name: str, /, **values: str) -> None:
        answer, more = self._machine.obey(Command(name, values))
        for message in (answer, *(message for _, message in more)):
            self._state.take(message, self._clock.monotonic_ns())

    def read(self) -> Told:
        self._clock.sleep(0.2)
        self._say("transport info")
        now_ns, state = self._clock.monotonic_ns(), self._state
        label = state.label_at(now_ns)
        return Told(
            mono_ns=now_ns if label is None else label[1],
            transport=state.transport,
            recording=state.transport == RECORD,
            clip=state.clip,
            label=None if label is None else label[0],
            slots=state.slots,
            remarks=state.remarks(),
        )

    def record(self, clip: str) -> str:
        self._state.ordered(clip)
        self._say("record", name=clip)
        return "It records."

    def stop(self) -> str:
        self._say("stop")
        return "It has stopped."

    def close(self) -> None:
        pass

    def identify(self) -> str:
        return "A deck without its wire."


def schedule(hours: float) -> Iterator[tuple[float, float]]:
    """Rolls and cuts of the day, in seconds: takes of 5 s to 4 min, pauses of 20 s to 6."""
    dice = random.Random(1)
    at = 20.0
    while True:
        cut = at + dice.uniform(5, 240)
        if cut + 10 > hours * 3600:
            return
        yield at, cut
        at = cut + dice.uniform(20, 360)


def work(device: str, hours: float, folder: Path) -> Result:
    """A device's whole day."""
    clock = ManualClock(wall_ns=EIGHT_O_CLOCK_NS)
    around = Surroundings("Harbour Lights", RATE, clock)
    setup = Setup(
        device=device, kind="sim", options={}, production="Harbour Lights", media=str(folder), bus=str(folder),
        rate=RATE.name, timecode=["clock"], preroll_s=PREROLL_S, postroll_s=POSTROLL_S,
    )  # fmt: skip
    result, said = Result(device, times=list(schedule(hours))), list[Report]()
    with ExitStack() as stack:
        lane = DiskLane(f"{device} disk")
        stack.callback(lane.close)
        a_set = _Set(clock)
        source: SimulatedCamera | SimulatedMixer | _Deck
        desk: Desk
        if device == "MIX":
            source = SimulatedMixer(device, {"sample_rate": HERTZ}, around)
            desk = SoundDesk(setup, source, around, a_set, a_set, lane, said.append)
        elif device == "DECK":
            source = _Deck(around)
            desk = DeckDesk(setup, source, around, a_set, lane, said.append)
        else:
            source = SimulatedCamera(device, {"width": 160, "height": 96}, around)
            desk = PictureDesk(setup, source, around, a_set, a_set, lane, said.append)
        desk.opened(source.open())
        _day(source, desk, lane, clock, said, hours, folder, result)
        desk.finish()
        source.close()
    _judge(said, result, folder)
    return result


def _day(
    source: SimulatedCamera | SimulatedMixer | _Deck, desk: Desk, lane: DiskLane, clock: ManualClock,
    said: list[Report], hours: float, folder: Path, result: Result,
) -> None:  # fmt: skip
    beat_ns = 0

    def until(at_s: float) -> None:
        nonlocal beat_ns
        while clock.monotonic_ns() < at_s * NS:
            desk.take_in(source.read())
            result.pieces += 1
            if clock.monotonic_ns() - beat_ns >= NS // 10:
                beat_ns = clock.monotonic_ns()
                desk.beat(beat_ns)
                while lane.fullness > 0.05:
                    time.sleep(0.001)  # we are faster than any set: let the disk catch up

    for number, (rolled_s, cut_s) in enumerate(result.times, 1):
        until(rolled_s)
        slated = Slated(
            take_id=f"{number:032x}", production="Harbour Lights", unit="Main", day=1, scene="42", slate="42C",
            take=str(number),
        )  # fmt: skip
        desk.roll(Roll(slated=slated, mono_ns=clock.monotonic_ns()))
        if isinstance(source, _Deck):
            source.record(f"42C-{number}")
        until(cut_s)
        desk.cut(Cut(take_id=slated.take_id, mono_ns=clock.monotonic_ns()))
        if isinstance(source, _Deck):
            source.stop()
        until(cut_s + POSTROLL_S + 4)
        result.takes = number
        _judge(said, result, folder)
        if number == 10 or not result.mib_at_first:
            result.mib_at_first, result.descriptors = _resident_mib(), (_descriptors(), 0)
    until(hours * 3600)
    result.seconds = clock.monotonic_ns() / NS
    result.mib_at_last = _resident_mib()
    result.descriptors = result.descriptors[0], _descriptors()


def _judge(said: list[Report], result: Result, folder: Path) -> None:
    """Look at what was reported since the last time, and at some of the files; they are removed then."""
    for report in said:
        if isinstance(report, Fault | Alarm):
            result.wrong.append(f"{report.what}: {report.detail}")
        elif isinstance(report, Sign) and result.device == "DECK":
            result.files += report.what == "stop" and not report.at_first
        elif isinstance(report, ClipClosed):
            result.files += 1
            rolled_s, cut_s = result.times[int(report.take_id, 16) - 1]
            least = (cut_s - rolled_s + PREROLL_S + POSTROLL_S) * float(RATE.fps) - 4
            more = report.duration_frames - least
            if report.dropped or report.interrupted or not 0 <= more <= 8 + (report.medium == "picture") * GROUP:
                result.wrong.append(
                    f"{report.path}: {report.duration_frames} frames of {least:.0f}, {report.dropped} lost"
                )
            path = folder / report.path
            if result.files % LOOKED_AT == 1:
                result.decoded += _looked_at(path, report, result)
            path.unlink()
    said.clear()


def _looked_at(path: Path, report: ClipClosed, result: Result) -> int:
    """Decode a file; a gap is wrong."""
    if report.medium == "sound":
        head = read_wave(path)
        if head.samples != report.samples:
            result.wrong.append(f"{report.path}: {head.samples} samples, the report says {report.samples}")
        return head.samples
    numbers = []
    with av.open(str(path)) as box:
        for frame in box.decode(video=0):
            strip = read_strip(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            numbers.append(None if strip is None else strip.number)
    whole = list(range(numbers[0] or 0, (numbers[0] or 0) + len(numbers)))
    if numbers != whole or len(numbers) != report.duration_frames:
        result.wrong.append(f"{report.path}: frames are missing in the picture")
    return len(numbers)


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def judged(result: Result) -> list[str]:
    """All that is not as it must be."""
    wrong = list(result.wrong)
    if result.files != result.takes:
        wrong.append(f"{result.takes} takes and {result.files} files")
    if result.mib_at_last - result.mib_at_first > GROWN_MIB:
        wrong.append(f"memory grew from {result.mib_at_first:.0f} to {result.mib_at_last:.0f} MiB")
    if result.descriptors[1] > result.descriptors[0]:
        wrong.append(f"descriptors grew from {result.descriptors[0]} to {result.descriptors[1]}")
    return wrong


def main() -> int:
    hours = float(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] != "--device" else HOURS
    if "--device" in sys.argv:
        with TemporaryDirectory(prefix="day-") as made:
            print(json.dumps(asdict(work(sys.argv[2], float(sys.argv[3]), Path(made)))))
        return 0
    began = time.monotonic()
    running = {
        device: subprocess.Popen(
            [sys.executable, "-m", "benchmarks.soak.day", "--device", device, str(hours)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for device in DEVICES
    }
    print("| device | hours | takes | files | pieces | decoded | MiB early, late | what is wrong |")
    print("|---|---|---|---|---|---|---|---|")
    bad = 0
    for device, process in running.items():
        said = process.communicate()[0]
        result = Result(**json.loads(said)) if process.returncode == 0 else Result(device, wrong=["it died"])
        wrong = judged(result)
        bad += bool(wrong)
        memory = f"{result.mib_at_first:.0f}, {result.mib_at_last:.0f}"
        counted = f"{result.takes} | {result.files} | {result.pieces} | {result.decoded}"
        print(
            f"| {device} | {result.seconds / 3600:.2f} | {counted} | {memory} | {'; '.join(wrong[:5]) or 'nothing'} |"
        )
    print(f"\n{hours:g} hours in {(time.monotonic() - began) / 60:.1f} minutes.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
