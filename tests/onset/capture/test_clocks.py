"""The clocks of a set against each other: ten hours of drift in a second, jumps, midnight, stand-ins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest

from onset.capture.alarms import AlarmList
from onset.capture.clock_words import running_label
from onset.capture.clocks import Clocks
from onset.capture.signals import ClockNow, ClocksNow, TimecodeNow
from onset.clock import ManualClock
from onset.timecode import Timecode, rate

NS = 1_000_000_000


@dataclass
class Told:
    """What went to the list of alarms."""

    standing: dict[tuple[str, str], str] = field(default_factory=dict)
    all: list[tuple[str, str, str]] = field(default_factory=list)
    rang: list[str] = field(default_factory=list)

    def stands(
        self, device: str, what: str, detail: str, mono_ns: int, take_id: str | None, *, rings: bool = True
    ) -> None:
        if (device, what) not in self.standing:
            self.standing[device, what] = detail
            self.all.append((device, what, detail))
            if rings:
                self.rang.append(what)

    def clear(self, device: str, what: Collection[str], mono_ns: int, words: str = "") -> bool:
        found = [self.standing.pop((device, each), None) for each in what]
        return any(each is not None for each in found)

    def happened(
        self, device: str, what: str, detail: str, mono_ns: int, take_id: str | None, *, rings: bool = False
    ) -> None:
        self.all.append((device, what, detail))
        if rings:
            self.rang.append(what)


@dataclass
class Box:
    """A timecode generator with a crystal of its own.

    Attributes:
        label: what it shows at the monotonic moment 0.
        ppm: how much too fast it is.
        polled: it is asked now and then, so that what it says is up to a frame old.
    """

    name: str
    label: str
    rate: str = "25"
    ppm: float = 0.0
    runs: bool = True
    polled: bool = False
    user: str = ""

    def slot(self, mono_ns: int) -> TimecodeNow:
        own = rate(self.rate)
        first = Timecode.parse(self.label, own)
        elapsed = mono_ns * (1 + self.ppm / 1e6) * own.fps.numerator / own.fps.denominator / NS
        frames = int(elapsed)
        late = 0.0 if self.polled else (elapsed - frames) / (float(own.fps) * (1 + self.ppm / 1e6)) * NS
        return TimecodeNow(
            source=self.name,
            frames=first.later(frames).frames,
            rate=self.rate,
            mono_ns=mono_ns - round(late),
            user=self.user,
            polled=self.polled,
        )


@dataclass
class Set:
    """Boxes and the service that watches them, half a second at a time."""

    boxes: list[Box]
    order: tuple[str, ...] = ("MIX.ltc", "DECK", "clock")
    project: str = "25"
    wall_s: int = 36_000
    told: Told = field(default_factory=Told)
    take: str | None = None
    away: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = ManualClock(wall_ns=self.wall_s * NS)
        self._slots: dict[str, TimecodeNow] = {}
        self.clocks = Clocks(
            self.order, rate(self.project), self.clock, self._slots.get, lambda: [*self._slots], utc_offset_s=0
        )

    def watch(self, seconds: float, every: float = 0.5, alarms: AlarmList | None = None) -> ClocksNow:
        for _ in range(max(1, round(seconds / every))):
            self.clock.advance(every)
            now_ns = self.clock.monotonic_ns()
            self._slots.update({box.name: box.slot(now_ns) for box in self.boxes if box.runs})
            found = self.clocks.turn(alarms or self.told, self.take, self.away.__contains__)
        return found


def of(found: ClocksNow, source: str) -> ClockNow:
    return next(each for each in found.clocks if each.source == source)


def test_a_clock_that_agrees_is_called_free() -> None:
    found = Set([Box("MIX.ltc", "10:00:00:00", user="26112601"), Box("DECK", "10:00:00:00", polled=True)]).watch(60)
    assert found.master == "MIX.ltc"
    states = [(each.source, each.state) for each in found.clocks]
    assert states == [("MIX.ltc", "master"), ("DECK", "jammed"), ("clock", "jammed")]
    deck = of(found, "DECK")
    assert (deck.tc, deck.rate) == ("10:01:00:00", "25")
    assert deck.apart_frames is not None
    assert abs(deck.apart_frames) < 0.3
    assert deck.jammed_ns is not None
    assert deck.jammed_ns < (36_000 + 5) * NS
    assert of(found, "MIX.ltc").user == "26112601"


def test_a_clock_of_another_time_is_called_jammed() -> None:
    apart = of(Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "09:59:59:23")]).watch(10), "DECK")
    assert (apart.state, apart.apart_frames, apart.jammed_ns) == ("free", -2.0, None)


@pytest.mark.parametrize(("first", "second"), [(0.0, 11.5), (-4.0, 3.0), (12.0, -12.0)])
def test_ten_hours_of_drift_go_unnoticed(first: float, second: float) -> None:
    place = Set([Box("MIX.ltc", "08:00:00:00", ppm=first), Box("DECK", "08:00:00:00", ppm=second)])
    found = place.watch(36_000, every=20.013)
    deck = of(found, "DECK")
    assert deck.drift_ppm == pytest.approx(second - first, abs=0.05)
    assert of(found, "MIX.ltc").ppm == pytest.approx(first, abs=0.05)
    assert deck.apart_frames == pytest.approx((second - first) * 0.036 * 25, abs=0.05)
    assert deck.state == "free"
    assert [what for _, what, _ in place.told.all] == ["timecode drift"], "told once, and no jump in ten hours"
    (detail,) = place.told.standing.values()
    assert detail.startswith("DECK has drifted ")
    hours = float(detail.split(" in ")[1].split(" h")[0])
    assert hours == pytest.approx(0.02 / abs(second - first) * 1e6 / 3600, abs=0.06)


def test_a_polled_clock_flutters_or_drifts_unseen() -> None:
    """What it says is up to a frame old, at every look by another part of one."""
    place = Set([Box("MIX.ltc", "08:00:00:00"), Box("DECK", "08:00:00:00", ppm=-9.0, polled=True)])
    found = place.watch(3 * 3600, every=1.617)
    deck = of(found, "DECK")
    assert deck.drift_ppm == pytest.approx(-9.0, abs=1.0)
    assert deck.apart_frames == pytest.approx(-9e-6 * 3 * 3600 * 25, abs=0.4)
    assert [what for _, what, _ in place.told.all] == ["timecode drift"]


@pytest.mark.parametrize("polled", [True, False])
def test_a_clock_that_keeps_time_is_reported(polled: bool) -> None:
    place = Set([Box("MIX.ltc", "08:00:00:00", ppm=0.2), Box("DECK", "08:00:00:00", ppm=-0.2, polled=polled)])
    assert of(place.watch(36_000, every=60.013), "DECK").state == "jammed"
    assert place.told.all == []


def test_a_clock_that_was_jammed_again_goes_on_drifting() -> None:
    place = Set([Box("MIX.ltc", "08:00:00:00"), Box("DECK", "08:00:00:00", ppm=30.0)])
    place.watch(1000)
    assert ("DECK", "timecode drift") in place.told.standing
    place.boxes[1] = Box("DECK", "08:00:00:00", ppm=0.0)
    found = place.watch(120)
    assert place.told.standing == {}
    assert of(found, "DECK").state == "jammed"
    assert of(found, "DECK").drift_ppm == pytest.approx(0, abs=1)


@pytest.mark.parametrize(
    ("project", "label"), [("25", "23:59:30:00"), ("29.97df", "23:59:30;00"), ("23.976", "23:59:30:00")]
)
def test_midnight_is_a_jump(project: str, label: str) -> None:
    boxes = [Box("MIX.ltc", label, project), Box("DECK", label, project, polled=True)]
    place = Set(boxes, project=project, wall_s=86_370)
    found = place.watch(50)
    assert place.told.all == []
    deck = of(found, "DECK")
    assert deck.tc is not None
    assert deck.tc.startswith("00:00:")
    assert deck.state == "jammed"


def test_pulled_down_timecode_is_taken_for_drift() -> None:
    """23.976 counts 24 labels in 1.001 s; against a wall clock that is 1000 ppm, against real time none."""
    boxes = [Box("MIX.ltc", "10:00:00:00", "23.976"), Box("DECK", "10:00:00:00", "23.976", ppm=5.0)]
    found = Set(boxes, project="23.976").watch(600)
    assert of(found, "MIX.ltc").ppm == pytest.approx(0, abs=0.3)
    assert of(found, "DECK").drift_ppm == pytest.approx(5, abs=0.3)
    own = of(found, "clock")
    assert own.apart_frames is not None
    assert own.apart_frames == pytest.approx(-36 * 24 / 1.001, abs=1)  # label 10:00 is 36 s late


def test_half_the_projects_rate_is_called_another_clock() -> None:
    boxes = [Box("MIX.ltc", "10:00:00:00", "25"), Box("DECK", "10:00:00:00", "50")]
    found = Set(boxes, project="50").watch(30)
    assert (found.master, of(found, "DECK").state) == ("MIX.ltc", "jammed")


def test_a_jump_is_not_told() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")], take="t")
    place.watch(20)
    place.boxes[1] = Box("DECK", "11:00:00:00")
    found = place.watch(5)
    ((device, what, detail),) = place.told.all
    assert (device, what) == ("DECK", "timecode jump")
    assert "+90,000 frames" in detail
    assert "11:00:20:12 where 10:00:20:12 was due" in detail
    assert place.told.rang == ["timecode jump"]
    assert of(found, "DECK").state == "free"


def test_the_second_jump_of_a_camera_is_not_told() -> None:
    """After the first it runs free: that it agreed with nobody is no reason to be silent about it."""
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("A", "10:00:00:00")], take="t")
    place.watch(20)
    for label in ("10:00:02:00", "10:00:05:00"):
        place.boxes[1] = Box("A", label)
        place.watch(12)
    assert [what for _, what, _ in place.told.all] == ["timecode jump"] * 2


def test_a_tape_that_is_searched_rings_at_each_stop() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("TAPE", "01:00:00:00")])
    for second in range(20):
        place.boxes[1] = Box("TAPE", f"01:{second:02d}:00:00")
        place.watch(4)
    assert place.told.all == []


def test_a_jump_of_the_master_is_told_of_everybody() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")])
    place.watch(20)
    place.boxes[0] = Box("MIX.ltc", "10:00:02:00")
    found = place.watch(5)
    assert [(device, what) for device, what, _ in place.told.all] == [("MIX.ltc", "timecode jump")]
    assert of(found, "DECK").state == "free"
    assert place.told.rang == [], "nothing rolls"


def test_the_master_stops_and_nobody_hears_of_it() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")])
    place.watch(20)
    place.boxes[0].runs = False
    found = place.watch(4)
    assert (found.master, of(found, "MIX.ltc").state, of(found, "MIX.ltc").tc) == ("DECK", "stopped", None)
    assert place.told.standing[("MIX.ltc", "no timecode")] == "The timecode of MIX.ltc stopped; DECK stands in."
    place.boxes[1].runs = False
    assert place.watch(4).master == "clock"
    assert place.told.all[-1] == (
        "clock",
        "timecode source",
        "Timecode comes from clock now, no longer from DECK.",
    )
    place.boxes[0].runs = True
    assert place.watch(4).master == "MIX.ltc"
    assert place.told.standing == {}
    assert not any(what == "timecode jump" for _, what, _ in place.told.all), "it ran on while it was not heard"


def test_a_master_that_comes_back_elsewhere_is_believed() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")])
    place.watch(20)
    place.boxes[0].runs = False
    place.watch(60)
    place.boxes[0] = Box("MIX.ltc", "10:00:05:00")
    place.watch(3)
    assert not any(what == "timecode jump" for _, what, _ in place.told.all), "it was no clock any more"
    assert of(place.watch(3), "DECK").state == "free"


def test_a_clock_that_agreed_and_stopped_is_forgotten() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")])
    place.watch(20)
    place.boxes[1].runs = False
    place.watch(4)
    detail = "The timecode of DECK stopped; MIX.ltc, with which it agreed, runs on."
    assert place.told.standing == {("DECK", "timecode stopped"): detail}
    place.boxes[1].runs = True
    place.watch(2)
    assert place.told.standing == {}


def test_a_device_that_went_away_is_told_twice() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")])
    place.watch(20)
    place.boxes[1].runs = False
    place.away.add("DECK")
    place.watch(60)
    assert place.told.all == [], "that the deck is lost is an alarm of its own"
    place.away.clear()
    place.boxes[1].runs = True
    place.watch(5)
    assert place.told.all == []


def test_a_deck_that_came_back_without_its_timecode_is_not_told() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")])
    place.watch(20)
    place.boxes[1].runs = False
    place.away.add("DECK")
    place.watch(60)
    place.away.clear()
    place.watch(2)
    assert place.told.all == [], "its first label may still come"
    place.watch(1)
    detail = "The timecode of DECK stopped; MIX.ltc, with which it agreed, runs on."
    assert place.told.standing == {("DECK", "timecode stopped"): detail}
    assert place.told.rang == []


def test_a_clock_is_said_to_run_on_that_stopped_as_well() -> None:
    mixer, deck = Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00")
    place = Set([mixer, deck])
    place.watch(20)
    mixer.runs = deck.runs = False
    place.watch(10)
    assert [what for _, what, _ in place.told.all] == ["no timecode"]
    mixer.runs = True
    place.watch(4)
    assert [*place.told.standing] == [("DECK", "timecode stopped")]


def test_a_deck_whose_timecode_runs_only_while_it_records_rings_all_day() -> None:
    deck = Box("DECK", "01:00:00:00")
    place = Set([Box("MIX.ltc", "10:00:00:00"), deck])
    for take in range(20):
        deck.label = f"01:{take:02d}:07:11"
        deck.runs = True
        place.watch(30)
        deck.runs = False
        place.watch(60)
    assert place.told.all == []


def test_a_deck_that_plays_or_shows_a_still_label_rings() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00")], order=("MIX.ltc", "PLAYER"))
    place.watch(5)
    for half in range(60):  # one label for five seconds, then another one
        now_ns = place.clock.monotonic_ns()
        frames = 90_000 + 500 * (half // 10)
        place._slots["PLAYER"] = TimecodeNow(source="PLAYER", frames=frames, rate="25", mono_ns=now_ns)
        found = place.watch(0.5)
        assert half % 10 < 6 or of(found, "PLAYER").state == "stopped"
    assert place.told.all == []


def test_a_master_at_another_rate_is_used() -> None:
    place = Set([Box("MIX.ltc", "10:00:00:00", "24")])
    found = place.watch(20)
    assert (found.master, of(found, "MIX.ltc").state, of(found, "MIX.ltc").tc) == ("clock", "other rate", "10:00:20:00")
    detail = "MIX.ltc runs at 24, the production at 25; clock stands in."
    assert place.told.standing == {("MIX.ltc", "timecode rate"): detail}


def test_a_master_that_was_never_there_rings() -> None:
    place = Set([])
    place.watch(5)
    assert place.told.standing == {}
    place.watch(20)
    assert [*place.told.standing] == [("MIX.ltc", "no timecode")]
    assert place.told.rang == []


def test_a_production_without_timecode_is_told_to_have_some() -> None:
    place = Set([], order=("clock",))
    found = place.watch(60)
    assert place.told.all == []
    assert [(each.source, each.state) for each in found.clocks] == [("clock", "master")]


def test_a_source_of_an_unknown_rate_ends_the_watch() -> None:
    place = Set([])
    place._slots["DECK"] = TimecodeNow(source="DECK", frames=1, rate="nonsense", mono_ns=0)
    assert of(place.watch(1), "DECK").state == "other rate"


def test_the_alarm_list_takes_what_clocks_say() -> None:
    written: list[object] = []
    place = Set([Box("MIX.ltc", "10:00:00:00"), Box("DECK", "10:00:00:00", ppm=100.0)])
    alarms = AlarmList(place.clock, written.append, lambda sentence: None)
    place.watch(300, alarms=alarms)
    assert [(each.device, each.what) for each in alarms.now] == [("DECK", "timecode drift")]
    assert len(written) == 1


def test_a_label_of_the_machine_stands_between_two_words_of_the_service() -> None:
    own = ClockNow(source="clock", state="free", tc="23:59:59:20", rate="25")
    assert running_label(own, None, rate("25"), 400_000_000, 0) == "00:00:00:05"
    assert running_label(own, None, rate("25"), 400_000_000) == "23:59:59:20"
