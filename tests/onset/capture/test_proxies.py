"""Proxies in the background: one at a time, never while anything is recorded, and nothing left behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from onset.capture.leftovers import METHOD
from onset.capture.proxies import Proxies, ProxyJob, ProxyMade
from onset.cli.capture import start_service
from onset.cli.media_proxy import _apart
from onset.clock import ManualClock
from onset.domain.camera import Angle, Clip
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import State, Take
from onset.errors import CaptureError
from onset.logbook.terms import Next
from tests.devices.sources import decode_all
from tests.onset.capture.pretend import PretendLog
from tests.onset.capture.service import (
    all_live,
    end_service,
    lengths,
    make_production,
    now,
    onset,
    seat,
    wait_for,
)


class PretendMaker:
    """A process that ends when the test says so."""

    def __init__(self, job: ProxyJob) -> None:
        self.job = job
        self.ended: int | None = None
        self.words = "joined"
        self.was_ended = self.hangs = False

    def said(self) -> str:
        return self.words

    def end(self) -> None:
        self.was_ended = True
        self.ended = None if self.hangs else -9

    def cleared(self) -> bool:
        return True


class Bench:
    """Proxies with a log and makers of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.log = PretendLog(folder, self.clock)
        self.makers: list[PretendMaker] = []
        self.made: list[ProxyMade] = []
        self.told: list[str] = []
        self.refuses: CaptureError | None = None
        self.unanswered: list[Callable[[], None]] | None = None
        (folder / "media" / "day03").mkdir(parents=True)
        self.proxies = Proxies(
            logbook=self.log,
            media=folder / "media",
            clock=self.clock,
            launch=self._launch,
            made=self.made.append,
            tell=self.told.append,
            begin=self.aside,
        )

    def aside(self, job: Callable[[], None]) -> None:
        """Asks the disk at once, or leaves it to the test when."""
        if self.unanswered is None:
            job()
        else:
            self.unanswered.append(job)

    def _launch(self, job: ProxyJob) -> PretendMaker:
        if self.refuses is not None:
            raise self.refuses
        self.makers.append(PretendMaker(job))
        return self.makers[-1]

    def take(self, *cameras: str, sound: bool = True, open_: bool = False, proxy: str | None = None) -> Take:
        """A take whose files are on the disk."""
        frames = None if open_ else 100
        clips = [
            Clip(
                id=f"clip {name}", name=f"42C-3_{name}.mov", path=f"media/day03/42C-3_{name}.mov", camera=name,
                tc_in="10:00:00:00", tc_source="clock", rate="25", duration_frames=frames, method=METHOD, proxy=proxy,
            )
            for name in cameras
        ]  # fmt: skip
        file = SoundFile(
            id="s", name="42C-3_MIX.wav", path="media/day03/42C-3_MIX.wav", device="MIX", tc_in="10:00:00:00",
            tc_source="clock", rate="25", duration_frames=frames, method=METHOD,
        )  # fmt: skip
        for path in (*(clip.path for clip in clips), file.path):
            (self.log.folder / path).write_bytes(b"x")
        made = self.log.rolls(
            fields={
                "state": State.CUT,
                "angles": tuple(Angle(camera=clip.camera, clips=(clip,)) for clip in clips),
                "sound": (SoundTake(device="MIX", files=(file,)),) if sound else (),
            }
        )
        self.proxies.cut(made.id)
        return made

    def turn(self, *, recording: bool = False, passed_s: float = 1.0) -> None:
        self.clock.advance(passed_s)
        self.proxies.turn(recording=recording)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_two_are_made_at_once(bench: Bench) -> None:
    bench.take("A", "B")
    bench.turn()
    bench.turn()
    (first,) = bench.makers
    assert first.job.sounds == [("MIX", str(bench.log.folder / "media/day03/42C-3_MIX.wav"))]
    assert first.job.out == str(bench.log.folder / "media/proxies/day03/42C-3_A_proxy.mov")
    first.ended = 0
    bench.turn()
    bench.turn()
    assert [Path(maker.job.picture).name for maker in bench.makers] == ["42C-3_A.mov", "42C-3_B.mov"]
    bench.makers[1].ended = 0
    bench.turn()
    assert [(made.clip_id, made.path.name) for made in bench.made] == [
        ("clip A", "42C-3_A_proxy.mov"), ("clip B", "42C-3_B_proxy.mov"),
    ]  # fmt: skip
    assert not bench.proxies.busy


def test_one_goes_on_while_a_take_rolls(bench: Bench) -> None:
    bench.take("A")
    bench.turn()
    bench.turn(recording=True)
    assert bench.makers[0].was_ended
    bench.turn(recording=True)
    assert len(bench.makers) == 1
    bench.turn()
    assert [maker.job for maker in bench.makers[1:]] == [bench.makers[0].job], "begun again"
    assert bench.made == []


def test_a_process_that_its_disk_holds_holds_up_a_roll(bench: Bench) -> None:
    bench.take("A")
    bench.turn()
    bench.makers[0].hangs = True
    bench.turn(recording=True)
    assert bench.makers[0].was_ended
    bench.turn()
    assert len(bench.makers) == 1, "both would write the same file"
    bench.makers[0].ended = -9
    bench.turn()
    bench.turn()
    assert len(bench.makers) == 2


def test_a_disk_that_does_not_say_how_full_it_is_holds_up_a_roll(bench: Bench) -> None:
    bench.unanswered = []
    bench.take("A")
    bench.turn()
    bench.turn(recording=True)
    bench.turn()
    assert (len(bench.unanswered), bench.makers) == (1, []), "asked once, and not waited for"
    bench.unanswered[0]()
    bench.turn()
    assert len(bench.makers) == 1


def test_one_is_made_of_files_that_are_still_written(bench: Bench) -> None:
    take = bench.take("A", open_=True)
    for _ in range(5):
        bench.turn()
    assert bench.makers == []
    done = bench.take("A")
    bench.log.on_paper[take.id] = replace(done, id=take.id)
    bench.turn()
    assert len(bench.makers) == 1


@pytest.mark.parametrize("what", ["no sound", "has one", "never closed"])
def test_a_take_that_needs_none_is_looked_at_for_ever(what: str, bench: Bench) -> None:
    bench.take(
        "A", sound=what != "no sound", proxy="media/proxies/x.mov" if what == "has one" else None,
        open_=what == "never closed",
    )  # fmt: skip
    for _ in range(70):
        bench.turn()
    assert bench.makers == []
    assert not bench.proxies.busy


def test_a_failure_is_silent_or_ends_the_others(bench: Bench) -> None:
    bench.take("A", "B")
    bench.turn()
    bench.makers[0].ended, bench.makers[0].words = 1, "The disk is full."
    bench.turn()
    assert "42C-3_A.mov: The disk is full." in bench.told[0]
    bench.refuses = CaptureError("A proxy cannot be made: no memory.")
    bench.turn()
    assert bench.told[1:] == ["A proxy cannot be made: no memory."]
    assert (bench.made, bench.proxies.busy) == ([], False)


def test_what_was_begun_outlives_the_service(bench: Bench) -> None:
    bench.take("A")
    bench.turn()
    bench.proxies.close()
    assert bench.makers[0].was_ended
    assert not bench.proxies.busy


def test_a_log_that_cannot_be_read_loses_a_proxy(bench: Bench) -> None:
    bench.take("A")
    bench.log.locked = bench.log.unreadable = True
    bench.turn()
    bench.log.locked = bench.log.unreadable = False
    bench.turn()
    assert len(bench.makers) == 1


def test_a_proxy_by_hand_is_written_into_the_services_own(bench: Bench) -> None:
    bench.take("A")
    bench.turn()
    job = bench.makers[0].job
    by_hand = _apart(job)
    assert msgspec.structs.replace(by_hand, part=job.part) == job
    assert by_hand.part != job.part
    Path(by_hand.part).parent.mkdir(parents=True)
    Path(by_hand.part).write_bytes(b"x")
    bench.proxies.clear_away()
    assert not Path(by_hand.part).exists(), "one that was killed is cleared away like the others"


def test_a_killed_makers_half_proxy_stays_for_ever(bench: Bench) -> None:
    day = bench.log.folder / "media/proxies/day03"
    day.mkdir(parents=True)
    for name in (".42C-3_A_proxy.mov.part", "42C-2_A_proxy.mov"):
        (day / name).write_bytes(b"x")
    bench.proxies.clear_away()
    assert [path.name for path in day.iterdir()] == ["42C-2_A_proxy.mov"]


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Path]:
    made = make_production(tmp_path / "Harbour")
    yield made
    end_service(made)


def test_a_take_has_no_proxy_after_its_cut(production: Path) -> None:
    """The whole way: cut, joined by a process of its own, in the log, and playable."""
    start_service(production)
    wait_for(lambda: all_live(production), "the devices never came live")
    log = seat(production)
    take = log.roll(now(), change=Next(slate="42C"))
    wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
    log.cut(take.id, now())

    def proxy() -> str | None:
        found = log.take(take.id)
        return None if found is None else found.angles[0].clips[0].proxy

    wait_for(lambda: proxy() is not None, "no proxy was made")
    assert proxy() == "media/proxies/day01/42C-1_A_proxy.mov"
    filmed = decode_all(production / str(proxy()))
    clip = decode_all(production / "media/day01/42C-1_A.mov")
    assert (filmed.strips, filmed.timecode) == (clip.strips, clip.timecode)
    assert [path.name for path in (production / "media/proxies/day01").iterdir()] == ["42C-1_A_proxy.mov"]
    assert (
        '"proxy": "media/proxies/day01/42C-1_A_proxy.mov"' in onset(production, "log", "show", "42C/1", "--json").stdout
    )
    assert "with its sound media/proxies/day01/42C-1_A_proxy.mov" in onset(production, "log", "show", "last").stdout
    log.close()
    end_service(production)
    said = onset(production, "media", "proxy")
    assert (said.returncode, said.stdout) == (0, "No take is without its proxy.\n")
    (production / "media/proxies/day01/42C-1_A_proxy.mov").unlink()
    again = onset(production, "media", "proxy", "--again", "--json", "42C/1")
    assert again.returncode == 0, again.stderr
    (made,) = json.loads(again.stdout)["proxies"]
    assert (made["take"], made["path"]) == ("42C/1", str(production / "media/proxies/day01/42C-1_A_proxy.mov"))
    assert decode_all(Path(made["path"])).strips == clip.strips


def test_a_proxy_by_hand_is_made_while_a_take_rolls(production: Path) -> None:
    log = seat(production)
    take = log.roll(now(), change=Next(slate="42C"))
    clip = Clip(
        id="", name="a.mov", path="media/a.mov", camera="A", tc_in=None, tc_source=None, rate="25",
        duration_frames=10, method=METHOD,
    )  # fmt: skip
    file = SoundFile(
        id="", name="a.wav", path="media/a.wav", device="MIX", tc_in=None, tc_source=None, rate="25",
        duration_frames=10, method=METHOD,
    )  # fmt: skip
    log.clip_opened(take.id, clip)
    log.sound_opened(take.id, file)
    done = onset(production, "media", "proxy")
    assert (done.returncode, "between takes" in done.stderr) == (1, True)
    log.cut(take.id, now())
    log.close()
    done = onset(production, "media", "proxy")
    assert (done.returncode, "a.mov" in done.stdout, "is not there" in done.stdout) == (1, True, True)
