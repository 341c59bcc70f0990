"""Every adapter that needs no server passes the suite; those that do are in tests/real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from devices.adapter import NS, Block, Device, PictureFormat, Rehearsing, Shot, Surroundings, Told
from devices.camera_av import AVFeed
from devices.camera_opencv import OpenCVCamera
from devices.conformance import (
    CHECKS,
    Case,
    ConformanceError,
    comes_back_after_it_was_unplugged,
    delivers_what_it_says,
    keeps_nothing_of_what_was_read,
    tells_what_it_lost,
)
from devices.hyperdeck_lines import Command
from devices.simulated.camera import SimulatedCamera
from devices.simulated.hyperdeck import SimulatedHyperDeck
from devices.simulated.mixer import SimulatedMixer
from devices.simulated.trigger import SimulatedTrigger
from onset.clock import SystemClock
from tests.devices.sources import film_source, surroundings

Check = Callable[[Case], None]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_source(tmp_path_factory.mktemp("film") / "film.mov", 4)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deck says what is still so twenty times a second, so that no check waits long for it."""
    monkeypatch.setattr("devices.hyperdeck._TELL_EVERY_NS", NS // 20)


def _case(kind: str, film: Path, around: Surroundings) -> Case:
    gone = str(film.with_name("gone.mov"))
    small = {"width": 320, "height": 180}
    out = {"script": [{"at": 0.0, "kind": "disconnect", "seconds": 60.0}]}
    match kind:
        case "sim-camera":
            return Case(
                SimulatedCamera, small, around, missing={**small, **out}, lose=lambda it: _lose(it, 5), unplug=_unplug
            )
        case "sim-mixer":
            lost = 5 * 48_000 // 25
            return Case(SimulatedMixer, {}, around, missing=out, lose=lambda it: _lose(it, lost), unplug=_unplug)
        case "sim-hyperdeck":
            return Case(SimulatedHyperDeck, {}, around, missing=out, lose=_lose_while_recording, unplug=_unplug)
        case "av-file":
            return Case(AVFeed, {"url": str(film)}, around, missing={"url": gone})
        case "av-file-encoded":
            return Case(AVFeed, {"url": str(film), "encode": True}, around, missing={"url": gone})
        case _:
            return Case(OpenCVCamera, {"source": str(film)}, around, missing={"source": gone})


def _lose(device: Device, lost: int) -> int:
    assert isinstance(device, Rehearsing)
    device.fault("drop", {"frames": "5"})
    return lost


def _lose_while_recording(device: Device) -> int:
    assert isinstance(device, SimulatedHyperDeck)
    device.deck.obey(Command("record"))
    return _lose(device, 5)


def _unplug(device: Device) -> None:
    assert isinstance(device, Rehearsing)
    device.fault("disconnect", {"seconds": "0.4"})


KINDS = ("sim-camera", "sim-mixer", "sim-hyperdeck", "av-file", "av-file-encoded", "opencv-file")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_adapter_conforms(kind: str, check: Check, film: Path) -> None:
    check(_case(kind, film, surroundings(clock=SystemClock())))


def test_the_suite_notices_an_adapter_that_lies(film: Path) -> None:
    class Stuck(SimulatedCamera):
        def _due_ns(self, number: int) -> int:
            return super()._due_ns(1000 - number)

    with pytest.raises(ConformanceError, match="stamps go back"):
        delivers_what_it_says(Case(Stuck, {"width": 320, "height": 180}, surroundings()))


def test_the_suite_notices_a_loss_that_is_not_told(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.conformance._LOOKED_FOR", 20)

    class Secretive(SimulatedMixer):
        def read(self) -> Block:
            return replace(super().read(), lost=0)

    case = replace(_case("sim-mixer", film, surroundings(clock=SystemClock())), kind=Secretive)
    with pytest.raises(ConformanceError, match="9600 were lost and 0 told"):
        tells_what_it_lost(case)


def test_the_suite_notices_an_adapter_that_keeps_what_it_read(film: Path) -> None:
    class Hoarder(SimulatedCamera):
        hoard: ClassVar[list[Shot]] = []

        def read(self) -> Shot:
            self.hoard.append(super().read())
            return self.hoard[-1]

    case = Case(Hoarder, {"width": 320, "height": 180}, surroundings())
    with pytest.raises(ConformanceError, match="are still in memory"):
        keeps_nothing_of_what_was_read(case)


def test_the_suite_cannot_notice_a_deck_that_keeps_its_few_words() -> None:
    class Hoarder(SimulatedTrigger):
        hoard: ClassVar[list[Told]] = []

        def read(self) -> Told:
            self.hoard.append(super().read())
            return self.hoard[-1]

    with pytest.raises(ConformanceError, match="are still in memory"):
        keeps_nothing_of_what_was_read(Case(Hoarder, {}, surroundings(clock=SystemClock())))


def test_the_suite_notices_an_adapter_that_goes_away_twice(film: Path) -> None:
    class Flapping(SimulatedCamera):
        opened = 0

        def open(self) -> PictureFormat:
            form = super().open()
            self.opened += 1
            return form

        def read(self) -> Shot:
            if self.opened == 2:
                self.opened += 1
                self.close()
                super().open()
                shot = super().read()
                self.close()
                return shot
            return super().read()

    case = replace(_case("sim-camera", film, surroundings(clock=SystemClock())), kind=Flapping)
    with pytest.raises(ConformanceError, match="lost 2 times"):
        comes_back_after_it_was_unplugged(case)
