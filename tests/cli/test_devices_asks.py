"""`onset devices VERB NAME` and `--watch`: one device is asked, and what changes is told once."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.capture.signals import DeckNow, Delivers, Levels
from onset.cli.capture import start_service
from onset.cli.devices_seen import Seen, row_of
from onset.cli.devices_watch import bar
from tests.onset.capture.service import (
    CAMERA,
    MIXER,
    ONSET,
    all_live,
    end_service,
    make_production,
    onset,
    said,
    wait_for,
)


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A production whose service runs, for tests that leave it as it is."""
    production = make_production(tmp_path_factory.mktemp("asks") / "P", CAMERA + MIXER)
    start_service(production)
    try:
        wait_for(lambda: all_live(production), "never live")
        yield production
    finally:
        end_service(production)


def test_a_list_says_too_little_to_find_what_is_wrong(captured: Path) -> None:
    found = json.loads(said(captured, "devices", "--json").stdout)["devices"]
    camera, mixer = found
    assert (camera["width"], camera["height"], camera["rate"], camera["copied"]) == (160, 96, 25.0, False)
    assert (mixer["sample_rate"], mixer["tracks"]) == (48_000, ["boom", "lav", "ltc"])
    for device in found:
        assert (device["state"], device["recording"], device["dropped"], device["restarts"]) == ("live", [], 0, 0)
        assert device["pid"] > 0
        assert "free_minutes" in device
    assert "160 x 96 at 25" in said(captured, "devices").stdout


def test_a_device_cannot_be_asked_from_a_shell(captured: Path) -> None:
    assert onset(captured, "devices", "identify", "a").stdout == "Simulated camera A, 160 x 96 at 25.\n"
    assert onset(captured, "devices", "fault", "MIX", "silence", "seconds=0.1").stdout == "MIX: silence, 0.1 s.\n"
    taken = json.loads(onset(captured, "devices", "still", "A", "--json").stdout)
    assert (taken["device"], taken["ok"]) == ("A", True)
    assert (captured / "media" / taken["answer"]).exists()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("fault", "A", "explode"), 1, "use one of"),
        (("fault", "A", "black", "long"), 2, '"long" must be KEY=VALUE'),
        (("record", "A"), 1, 'A cannot be asked to "record".'),
        (("still", "MIX"), 1, "MIX is no camera."),
        (("identify", "B"), 2, 'There is no device "B"; there are A, MIX.'),
        (("reconect", "A"), 2, 'did you mean "reconnect"'),
        (("--watch", "--check"), 2, "use one of them"),
    ],
)
def test_a_refusal_is_no_sentence(captured: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    done = said(captured, "devices", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)
    assert sentence in done.stderr


def test_a_refusal_in_json_is_no_document(captured: Path) -> None:
    done = said(captured, "devices", "record", "A", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False


def test_a_change_is_told_never_or_for_ever(captured: Path) -> None:
    command = [*ONSET, "-p", str(captured), "devices", "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        first = [json.loads(watching.stdout.readline())["device"] for _ in range(2)]
        assert [(each["name"], each["state"]) for each in first] == [("A", "live"), ("MIX", "live")]
        assert onset(captured, "devices", "fault", "A", "disconnect", "seconds=1").returncode == 0
        states: list[str] = []
        while not states or states[-1] != "live":
            line = json.loads(watching.stdout.readline())
            if "alarm" in line:
                continue
            told = line["device"]
            assert told["name"] == "A", "the mixer did not change"
            states.append(told["state"])
        assert set(states[:-1]) <= {"lost", "back-off", "connecting"}
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0


def test_identify_without_a_service_opens_the_device_shortly(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    assert onset(production, "devices", "identify", "A").stdout == "Simulated camera A, 160 x 96 at 25.\n"
    done = onset(production, "devices", "reconnect", "A")
    assert (done.returncode, done.stdout) == (1, "")
    assert "start it with `onset capture`" in done.stderr


def test_a_row_hides_what_a_person_has_to_know() -> None:
    deck = DeckNow(
        device="D", model="M", transport="record", recording=True, clip="C\x1b7", tc=None, slots=[], remote=None,
        dropped=None, mono_ns=0,
    )  # fmt: skip
    seen = Seen(
        "D", "hyperdeck", "stalled", "D: nothing\x1b has come.", "deck", Delivers(model="M"), ("day01/a.mov",), 3,
        130.0, 2, 1, None, None, deck,
    )  # fmt: skip
    row = row_of(seen)
    for part in ("record", "lamp is on", "REC a.mov", "3 frames lost", "2 h 10 min free", "restarted 2x", "nothing"):
        assert part in row
    assert "\x1b" not in row


def test_a_silent_track_has_a_bar_as_long_as_a_loud_one() -> None:
    levels = Levels(
        device="M", tracks=["a", "b"], peak_db=[-200.0, 0.0], rms_db=[-200.0, 0.0], clipped=[0, 1], mono_ns=0
    )
    silent, loud = bar(levels)
    assert ("#" in silent, "silent" in silent) == (False, True)
    assert ("." in loud.split()[1], "1 clipped" in loud) == (False, True)
