"""Every adapter that needs no server passes the suite; those that do are in tests/real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from devices.adapter import Surroundings
from devices.camera_av import AVFeed
from devices.camera_opencv import OpenCVCamera
from devices.conformance import CHECKS, Case, ConformanceError, delivers_what_it_says
from devices.simulated.camera import SimulatedCamera
from devices.simulated.hyperdeck import SimulatedHyperDeck
from devices.simulated.mixer import SimulatedMixer
from onset.clock import SystemClock
from tests.devices.sources import film_source, surroundings

Check = Callable[[Case], None]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_source(tmp_path_factory.mktemp("film") / "film.mov", 4)


def _case(kind: str, film: Path, around: Surroundings) -> Case:
    gone = str(film.with_name("gone.mov"))
    small = {"width": 320, "height": 180}
    out = {"script": [{"at": 0.0, "kind": "disconnect", "seconds": 60.0}]}
    match kind:
        case "sim-camera":
            return Case(SimulatedCamera, small, around, missing={**small, **out})
        case "sim-mixer":
            return Case(SimulatedMixer, {}, around, missing=out)
        case "sim-hyperdeck":
            return Case(SimulatedHyperDeck, {}, around, missing=out)
        case "av-file":
            return Case(AVFeed, {"url": str(film)}, around, missing={"url": gone})
        case "av-file-encoded":
            return Case(AVFeed, {"url": str(film), "encode": True}, around, missing={"url": gone})
        case _:
            return Case(OpenCVCamera, {"source": str(film)}, around, missing={"source": gone})


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
