"""`onset devices`: honest about what nobody has opened, and never the second to open a device."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from onset.cli.capture import start_service
from tests.onset.capture.service import CAMERA, MIXER, all_live, end_service, make_production, onset, said, wait_for

BROKEN = '\n[[device]]\nname = "B"\nkind = "sim-camera"\nwidht = 320\n'
ABSENT = '\n[[device]]\nname = "V"\nkind = "opencv"\nsource = "/none/such.mov"\n'


def answer(production: Path, *words: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    done = said(production, "devices", "--json", *words)
    assert done.stderr == ""
    found = json.loads(done.stdout)["devices"]
    return done.returncode, {each["name"]: (each["kind"], each["state"], each["detail"]) for each in found}


def test_devices_that_nobody_has_opened_are_not_called_missing(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA + MIXER)
    code, found = answer(production)
    detail = "No capture service runs; `onset devices --check` opens it."
    assert (code, found) == (0, {"A": ("sim-camera", "unchecked", detail), "MIX": ("sim-mixer", "unchecked", detail)})


def test_check_opens_each_device_and_names_what_is_wrong(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA + MIXER + BROKEN + ABSENT)
    before = sorted(path.name for path in production.iterdir())
    code, found = answer(production, "--check")
    assert code == 1
    assert {name: state for name, (_, state, _) in found.items()} == {
        "A": "live",
        "MIX": "live",
        "B": "missing",
        "V": "missing",
    }
    assert "widht" in found["B"][2]
    assert "width" in found["B"][2]
    assert "/none/such.mov" in found["V"][2]
    assert sorted(path.name for path in production.iterdir()) == before, "a check leaves nothing in the production"


def test_check_of_healthy_devices_is_zero_and_readable(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    done = onset(production, "devices", "--check")
    assert (done.returncode, done.stdout.split()[:3]) == (0, ["A", "sim-camera", "live"])


def test_while_the_service_runs_it_is_asked_and_no_device_is_opened_twice(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA + BROKEN)
    start_service(production)
    try:
        wait_for(lambda: answer(production)[1]["A"][1] == "live", "never live")
        code, found = answer(production, "--check")
        assert code == 1
        assert (found["A"][1], found["B"][1]) == ("live", "missing")
        assert "widht" in found["B"][2]
        clocks = json.loads(onset(production, "devices", "--json").stdout)["clocks"]
        assert [(clock["source"], clock["rate"]) for clock in clocks][-1] == ("clock", "25")
        assert {"state", "tc", "apart_frames", "drift_ppm", "ppm", "jammed_at", "user_bits"} <= clocks[0].keys()
        assert "clock      timecode" in said(production, "devices").stdout
    finally:
        end_service(production)


def test_production_without_devices(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", "")
    done = said(production, "devices", "--check")
    assert (done.returncode, done.stdout) == (0, "No devices are configured; add a [[device]] to config.toml.\n")
    assert answer(production) == (0, {})


LOADED = """
import sys
from onset.cli.main import main
assert main(sys.argv[1:]) == 0
print(*sorted({"av", "cv2", "textual", "sqlalchemy", "pysqlite3", "sqlite3", "numpy", "devices"} & set(sys.modules)))
"""


@pytest.mark.parametrize("words", [["devices"], ["devices", "--check"], ["devices", "--json"], ["capture", "--stop"]])
def test_neither_database_nor_decoder_is_loaded_to_look_at_devices(tmp_path: Path, words: list[str]) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    command = [sys.executable, "-c", LOADED, "-p", str(production), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize("words", [["devices", "--chek"], ["capture", "--stopp"]])
def test_a_mistyped_option_is_one_sentence(tmp_path: Path, words: list[str]) -> None:
    done = said(make_production(tmp_path / "P", ""), *words)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_all_live_is_not_fooled_by_a_device_that_is_missing(tmp_path: Path) -> None:
    assert not all_live(make_production(tmp_path / "P", BROKEN))
