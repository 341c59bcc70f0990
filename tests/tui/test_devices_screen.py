"""The Devices screen: what runs, what does not, and that it says so without colour; with and without a service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from onset.capture.signals import ClockNow, ClocksNow, Levels, Picture, TimecodeNow
from onset.errors import CaptureError
from onset.logbook.terms import Event
from tests.tui.support import CONFIG, MONO, At, Bus, Set, at_work
from tui.screens.devices import DevicesScreen
from tui.widgets.entry import EntryLine
from tui.widgets.lines import StatusLine
from tui.widgets.meters import CLIP_HOLD_NS, HOLD_NS, Holding, laid_out
from tui.widgets.picture import PictureView, half_blocks

DEVICES = CONFIG + (
    '[capture]\ntimecode = ["MIX.ltc", "clock"]\n'
    '[[device]]\nname = "A"\nkind = "sim-camera"\n[[device]]\nname = "MIX"\nkind = "pyaudio"\n'
)


def _clocks(mono_ns: int) -> ClocksNow:
    deck = ClockNow(source="DECK", state="free", tc="00:00:41:14", rate="24", apart_frames=-2.0, drift_ppm=11.53)
    stopped = ClockNow(source="B.ltc", state="stopped", rate="24", heard_ns=0)
    master = ClockNow(source="MIX.ltc", state="master", tc="00:00:41:16", rate="24", ppm=-0.4, user="26112601")
    own = ClockNow(source="clock", state="free", tc="12:00:00:00", rate="24", apart_frames=100_000.0)
    return ClocksNow(device="clock", master="MIX.ltc", clocks=[master, deck, stopped, own], mono_ns=mono_ns)


async def _open(at: At) -> None:
    await at.press("g", "4")
    await at.until(lambda: isinstance(at.app.screen, DevicesScreen) and at.app.screen.is_mounted)
    await at.settled()


async def test_without_a_service_it_says_so_and_starts_it(tmp_path: Path) -> None:
    place = Set(tmp_path, live=Bus(), config=DEVICES)
    troubles = ["/dev/video0 is taken."]

    def start() -> None:
        if troubles:
            raise CaptureError(troubles.pop())
        place.running = True

    place.start = start
    async with at_work(place) as at:
        await _open(at)
        await at.until(lambda: at.status == "No capture service: nothing is recorded. C starts it.")
        await at.press("r")
        assert at.status == "No capture service to ask; C starts it."
        assert "not heard" in at.drawn()
        await at.press("c")
        await at.until(lambda: "Nothing is recorded: /dev/video0 is taken." in at.status)
        await at.press("c")
        await at.until(lambda: at.status == "The capture service runs.")
        assert "start capture" not in at.footer


async def test_states_levels_clocks_and_alarms_are_written_out(tmp_path: Path) -> None:
    bus = Bus()
    bus.health("A", "320x180", recording="day01/A.mov", free_minutes=90.0)
    bus.health("MIX", "unplugged", state="lost")
    bus.put("MIX", Levels(device="MIX", tracks=["boom"], peak_db=[-3.0], rms_db=[-20.0], clipped=[1], mono_ns=MONO))
    bus.put("MIX.ltc", TimecodeNow(source="MIX.ltc", frames=1000, rate="24", mono_ns=MONO))
    bus.put("clock", _clocks(MONO))
    place = Set(tmp_path, live=bus, running=True, config=DEVICES)
    async with at_work(place) as at:
        other = place.open(role="capture")
        try:
            now_ns = place.clock.wall_ns()
            black = Event(wall_ns=now_ns, device="B", what="black", detail="B: black.", alarm=True, last_ns=now_ns)
            other.alarm_raised(black)
            other.event(Event(wall_ns=now_ns, device="MIX", what="lost", detail="the cable came out"))
            gap = Event(wall_ns=now_ns, device="B", what="gap", detail="B: away.", alarm=True, last_ns=now_ns, count=3)
            other.alarm_cleared(other.alarm_raised(gap), cleared_ns=now_ns + 12_000_000_000)
        finally:
            other.close()
        await _open(at)
        await at.until(lambda: "CLIP" in at.drawn())
        drawn = at.drawn()
        for words in ("REC", "90 min", "!MIX", "lost", "00:00:41:16 master  -0.4 ppm", "1 boom", "the cable came out"):
            assert words in drawn, words
        told = [line.strip() for line in drawn.split("alarms", 1)[1].splitlines()[1:4]]
        assert [line.split()[0] for line in told] == ["!since", "12:00:00-12:00:12", "12:00:00"], (
            "what stands comes first"
        )
        assert "12:00:00-12:00:12 x3" in drawn
        words = "the cable of camera A came out of its socket when the dolly went over it, and nobody saw it"
        bus.health("A", words, state="lost")
        await at.until(
            lambda: words in " ".join(at.drawn().replace("!", " ").split()), "below the row it does not fit on"
        )
        eight = [f"trk{n}" for n in range(1, 9)]
        loud = Levels(device="MIX", tracks=eight, peak_db=[-3.0] * 8, rms_db=[-20.0] * 8, clipped=[0] * 8, mono_ns=MONO)
        bus.put("MIX", loud)
        await at.until(lambda: all(f"{n} trk{n}" in at.drawn() for n in range(1, 9)), "eight tracks on 80 x 24")
        (row,) = (line for line in at.drawn().splitlines() if "1 trk1" in line)
        assert "5 trk5" in row
        assert row.rstrip().endswith("-3")
        await at.press("enter")
        assert at.app.screen.query_one(PictureView).size.width == 48
        await at.press("escape")
        assert at.app.screen.query_one(PictureView).size.width < 48


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_clocks_that_drift_or_stopped_look_like_the_master(tmp_path: Path, size: tuple[int, int]) -> None:
    bus = Bus()
    bus.put("MIX.ltc", TimecodeNow(source="MIX.ltc", frames=1000, rate="24", mono_ns=MONO))
    bus.put("clock", _clocks(MONO))
    async with at_work(Set(tmp_path, live=bus, running=True, config=DEVICES), size=size) as at:
        await _open(at)
        # The last row has its place once the rows above it have been laid out.
        await at.until(lambda: "free  -2.0 fr  +11.5 ppm" in at.drawn() and "clock   12:00:00:00" in at.drawn())
        drawn = at.drawn()
        assert "DECK    00:00:41:14" in drawn
        assert "stopped " in drawn
        assert "user 26112601" in drawn
        at.later(30)
        await at.until(lambda: "-2.0 fr" not in at.drawn())  # the service is gone, and what it said is old
        assert "not heard" in at.drawn()


async def test_a_device_that_fell_silent_is_an_alarm(tmp_path: Path) -> None:
    bus = Bus()
    bus.health("A", "320x180")
    async with at_work(Set(tmp_path, live=bus, running=True, config=DEVICES)) as at:
        await _open(at)
        at.later(30)
        await at.until(lambda: "silent 30 s" in at.drawn())


async def test_asks_go_to_the_device_under_the_cursor_and_real_ones_never_fail_on_request(tmp_path: Path) -> None:
    asked: list[tuple[str, str | None]] = []

    def ask(what: str, device: str | None, args: Mapping[str, str]) -> str:
        asked.append((what, device))
        if what == "still":
            raise CaptureError("A still needs a picture.")
        return f"{what} done"

    def drawn_of(screen: DevicesScreen, number: int) -> int:
        """The picture that is drawn when the camera has sent this one."""
        now_ns = place.clock.monotonic_ns()
        bus.put("A", Picture(device="A", width=2, height=2, rgb=bytes(12), frame=number, mono_ns=now_ns))
        screen._picture()
        return (screen.query_one(PictureView)._frame or ("", 0))[1]

    bus = Bus()
    bus.health("A", "")
    place = Set(tmp_path, live=bus, running=True, config=DEVICES, ask=ask)
    async with at_work(place) as at:
        await _open(at)
        screen = at.app.screen
        assert isinstance(screen, DevicesScreen)
        await at.until(lambda: bool(screen._service))
        assert drawn_of(screen, 1) == 1
        await at.press("i")
        await at.until(lambda: "A: identify done" in at.status)
        assert drawn_of(screen, 2) == 1, "a key's answer comes before a picture"
        at.later(0.4)
        assert drawn_of(screen, 3) == 3
        await at.press("s")
        await at.until(lambda: "A still needs a picture." in at.status)
        await at.press("ctrl+t", "enter")
        await at.until(lambda: ("fault", "A") in asked)
        await at.press("j")
        entry = at.app.screen.query_one(EntryLine)
        assert entry.field.value == "A", "who is under the cursor was jammed, most likely"
        await at.press("backspace", *"slate", "space", *"07:45:00:30", "enter")
        await at.until(lambda: "07:45:00:30" in at.status and "jammed" not in at.status, "no such frame at 24")
        await at.until(lambda: entry.field.reading)
        assert entry.field.value == "slate 07:45:00:30", "what was refused is there to be mended"
        await at.press("backspace", "backspace", *"20", "enter")
        await at.until(lambda: at.status.endswith(" to 07:45:00:20."))
        await at.press("z")
        await at.until(lambda: at.status.startswith("jam of slate on day 1 taken out again"))
        await at.press("j", "ctrl+u", *"07:45:00:20", "enter")
        await at.until(lambda: at.status.startswith("Nobody was named") and entry.field.reading)
        await at.press("ctrl+u", "A", "enter")
        await at.until(lambda: at.status.startswith("Day 1: A jammed at "))
        jams = await at.app.hand.desk.read(lambda log: log.jams(1))
        assert [(jam.device, jam.tc) for jam in jams] == [("A", None)], "this machine's clock is no master's label"
        await at.press("down", "ctrl+t")
        assert "MIX is a real device" in at.status
        assert "Ctrl+T" not in at.drawn()
        await at.press("r")
        await at.until(lambda: ("reconnect", "MIX") in asked)


async def test_the_fifth_device_of_a_small_screen_is_nowhere_and_nothing_says_so(tmp_path: Path) -> None:
    names = ("A", "B", "MIX", "DECK", "TAPE", "CART", "LAPTOP")
    kinds = "".join(f'[[device]]\nname = "{name}"\nkind = "sim-hyperdeck"\n' for name in names)
    bus = Bus()
    for name in names:
        bus.health(name, "", state="connecting")
    many = [f"trk{n}" for n in range(16)]
    bus.put("MIX", Levels(device="MIX", tracks=many, peak_db=[0] * 16, rms_db=[0] * 16, clipped=[0] * 16, mono_ns=MONO))
    bus.put("clock", _clocks(MONO))
    async with at_work(Set(tmp_path, live=bus, running=True, config=CONFIG + kinds), size=(80, 24)) as at:
        await _open(at)
        await at.until(lambda: "TAPE" in at.drawn())
        head, first = at.drawn().split("device  ", 1)[1].splitlines()[:2]
        assert head.rstrip().endswith("2 more")
        at_column = first.index("connecting")
        assert (">device  " + head)[1:].index("state") in range(at_column - 1, at_column + 1)
        at.app.screen.query_one(StatusLine).say("word " * 40)  # three rows, as what a fault may be called needs
        await at.press("down")
        await at.until(lambda: ">B " in at.drawn(), "one step a key")
        await at.press(*["down"] * 5)
        await at.until(lambda: ">LAPTOP" in at.drawn())
        assert " more" not in at.drawn().split("device  ", 1)[1].splitlines()[0]


async def test_a_mixer_is_asked_twice_before_it_says_that_it_is_no_deck(tmp_path: Path) -> None:
    bus = Bus()
    bus.health("A", "")
    async with at_work(Set(tmp_path, live=bus, running=True, config=DEVICES)) as at:
        await _open(at)
        await at.until(lambda: isinstance(at.app.screen, DevicesScreen) and bool(at.app.screen._service))
        await at.press("ctrl+x")
        await at.until(lambda: "A is no deck; only decks are told to stop." in at.status)


async def test_a_fault_is_rehearsed_at_its_usual_length_only_and_the_answer_names_the_device_twice(
    tmp_path: Path,
) -> None:
    asked: list[dict[str, str]] = []

    def ask(what: str, device: str | None, args: Mapping[str, str]) -> str:
        asked.append(dict(args))
        return f"{device}: black, 4 s."

    bus = Bus()
    bus.health("A", "")
    async with at_work(Set(tmp_path, live=bus, running=True, config=DEVICES, ask=ask)) as at:
        await _open(at)
        await at.until(lambda: isinstance(at.app.screen, DevicesScreen) and bool(at.app.screen._service))
        assert "Ctrl+T fault" in at.drawn()
        await at.press("ctrl+t", "ctrl+u", *"black", "space", *"seconds=4", "enter")
        await at.until(lambda: at.status == "A: black, 4 s.")
        assert asked == [{"kind": "black", "seconds": "4"}]


async def test_a_service_that_came_back_is_still_said_to_be_missing(tmp_path: Path) -> None:
    place = Set(tmp_path, live=Bus(), running=False, config=DEVICES)
    async with at_work(place) as at:
        await _open(at)
        await at.until(lambda: "No capture service" in at.status)
        place.running = True
        await at.until(lambda: at.status == "The capture service runs.")


async def test_what_rolls_is_seen_from_here_and_quitting_still_needs_two_steps(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path, live=Bus(), config=DEVICES)) as at:
        await at.press("space")
        await _open(at)
        assert "● ROLLING 42A/1" in at.line("#rolling")
        await at.press("ctrl+q")
        assert at.app.is_running


async def test_undo_from_here_first_names_what_it_would_undo(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path, live=Bus(), config=DEVICES)) as at:
        await at.press("space")
        at.later(10)
        await at.press("space", "c")
        await _open(at)
        await at.press("z")
        assert "no longer circled" in at.status
        assert "Once more does it" in at.status
        assert at.board().last_cut is not None
        assert at.board().last_cut.status == "circled"  # type: ignore[union-attr]
        await at.press("z")
        last = at.board().last_cut
        assert last is not None
        assert last.status == "none"


def test_a_picture_keeps_its_shape_and_a_broken_one_is_not_drawn() -> None:
    left_red = b"".join(bytes((248, 0, 0)) * 32 + bytes((0, 0, 248)) * 32 for _ in range(36))
    rows = half_blocks(Picture(device="A", width=64, height=36, rgb=left_red, frame=1, mono_ns=0), 48, 27)
    assert len(rows) == 13
    assert rows[0] == [((248, 0, 0), (248, 0, 0), 24), ((0, 0, 248), (0, 0, 248), 24)]
    assert half_blocks(Picture(device="A", width=64, height=36, rgb=b"short", frame=1, mono_ns=0), 48, 27) == []


def test_peaks_are_held_and_a_clip_is_seen_for_a_while() -> None:
    def levels(peak: float, clipped: int, at_ns: int) -> Levels:
        return Levels(device="M", tracks=["x"], peak_db=[peak], rms_db=[peak], clipped=[clipped], mono_ns=at_ns)

    holding = Holding()
    holding.hear(levels(-1.0, 1, 0), 0)
    holding.hear(levels(-40.0, 0, HOLD_NS // 2), HOLD_NS // 2)
    (track,) = holding.tracks
    assert (track.held_db, track.clipped_at_ns) == (-1.0, 0)
    holding.hear(levels(-40.0, 0, HOLD_NS * 2), HOLD_NS * 2)
    assert track.held_db == -40.0
    holding.hear(levels(-40.0, 0, CLIP_HOLD_NS + 1), CLIP_HOLD_NS + 1)
    assert track.clipped_at_ns is None


def test_tracks_of_a_large_mixer_are_not_seen_on_a_small_terminal() -> None:
    clipped = [0] * 31 + [1]
    names = [f"trk{n}" for n in range(1, 33)]
    levels = Levels(device="M", tracks=names, peak_db=[-9.0] * 32, rms_db=[-20.0] * 32, clipped=clipped, mono_ns=0)
    holding = Holding()
    holding.hear(levels, 0)
    for width, room in ((55, 8), (71, 14), (160, 30)):
        rows = laid_out({"M": holding}, width, room)
        assert len(rows) <= room
        meters = [meter for row in rows[1:] for meter in row]
        assert {meter.name.split()[0] for meter in meters} == {str(n) for n in range(1, 33)}
        assert [meter.number for meter in meters if meter.clips] == ["CLIP"]
        for row in rows[1:]:
            assert sum(meter.cells for meter in row) <= width
            assert all(len(f"{each.name}{each.bar} {each.number}") < each.cells for each in row if width < 71)
    (told,) = laid_out({"M": holding}, 55, 5)[-1]
    assert told.name == "17 more tracks, one of them CLIPS"
    three = Holding()
    three.hear(Levels(device="M", tracks=names[:3], peak_db=[0] * 3, rms_db=[0] * 3, clipped=[0] * 3, mono_ns=0), 0)
    assert [len(row) for row in laid_out({"M": three}, 55, 4)] == [1, 1, 1, 1]
    assert [len(row) for row in laid_out({"M": three}, 55, 3)] == [1, 2, 1], "an alarm took a row"
