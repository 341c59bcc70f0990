"""`onset record`: files without a log, ended by a time or by Ctrl-C, and plain words where nothing can be recorded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from devices.disk import claim
from devices.repair import repair
from onset.capture.record_run import begin_run
from onset.cli.capture import start_service
from onset.cli.record import tell_of_left
from onset.sound.wave import read_wave
from tests.devices.sources import decode_all
from tests.devices.test_repair import killed  # noqa: F401  # a fixture
from tests.onset.capture.service import CAMERA, MIXER, ONSET, end_service, make_production, onset, wait_for

SMALL = ["--option", "width=160", "--option", "height=96"]


def record(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*ONSET, "record", *words]
    env = {key: value for key, value in os.environ.items() if key != "ONSET_PRODUCTION"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=50, check=False, env=env)


def test_devices_of_a_production_are_recorded_into_its_log_or_not_at_all(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA + MIXER)
    out = tmp_path / "ssd" / "tests"
    done = onset(production, "record", "--for", "500ms", "-o", str(out), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["trouble"] == []
    files = {each["device"]: each for each in said["files"]}
    assert sorted(files) == ["A", "MIX"]
    assert sorted(str(path) for path in out.iterdir()) == sorted(each["path"] for each in said["files"])
    filmed = decode_all(Path(files["A"]["path"]))
    assert (filmed.gaps, len(filmed.strips)) == ([], files["A"]["duration_frames"])
    assert 12 <= files["A"]["duration_frames"] <= 26, (
        "half a second, and no further than to the next frame that can end it"
    )
    assert filmed.timecode == files["A"]["tc_in"]
    head = read_wave(Path(files["MIX"]["path"]))
    assert (str(head.start), head.samples) == (files["MIX"]["tc_in"], files["MIX"]["samples"])
    assert not (production / "media").exists()


def test_ctrl_c_leaves_a_file_that_was_cut_off(tmp_path: Path) -> None:
    command = [*ONSET, "record", "C", "--kind", "sim-camera", *SMALL, "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        wait_for(lambda: any(path.stat().st_size > 20_000 for path in tmp_path.glob("*.mov")), "nothing was recorded")
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=40)
    assert running.returncode == 0, stderr
    (file,) = json.loads(stdout)["files"]
    assert not file["interrupted"]
    filmed = decode_all(Path(file["path"]))
    assert (filmed.gaps, len(filmed.strips)) == ([], file["duration_frames"])


def test_ctrl_c_before_a_device_came_says_nothing(tmp_path: Path) -> None:
    command = [*ONSET, "record", "--kind", "av", "--option", f"url={tmp_path}/none.mov", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "cannot be opened" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        stdout, _ = running.communicate(timeout=40)
    assert running.returncode == 1
    (sentence,) = json.loads(stdout)["trouble"]
    assert sentence.startswith("A recorded nothing: ")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--kind", "sim-camer"], 'did you mean "sim-camera"?'),
        (["--kind", "sim-camera", "--option", "widht=3"], 'did you mean "width"?'),
        (["--kind", "sim-camera", "--option", "width"], "--option takes KEY=VALUE"),
        (["--kind", "sim-camera", "--for", "soon"], '--for takes a time such as "10s"'),
        (["--kind", "sim-camera", "--rate", "26"], "rate"),
        (["A", "B", "--kind", "sim-camera"], "--kind describes one device"),
        (["A"], "There is no production here"),
    ],
)
def test_what_cannot_work_is_found_out_after_a_quarter_of_a_minute(
    words: list[str], expected: str, tmp_path: Path
) -> None:
    done = record(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_the_service_has_is_opened_a_second_time(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    start_service(production)
    try:
        done = onset(production, "record", "--for", "1s")
    finally:
        end_service(production)
    assert (done.returncode, done.stdout) == (1, "")
    assert "onset log roll" in done.stderr


def test_a_name_that_config_does_not_have_records_all(tmp_path: Path) -> None:
    production = make_production(tmp_path / "P", CAMERA + MIXER)
    done = onset(production, "record", "MIY", "--for", "1s")
    assert done.returncode == 2
    assert 'no device "MIY"; it has A, MIX.' in done.stderr


def test_a_killed_recording_is_forgotten(
    tmp_path: Path,
    killed: bytes,  # noqa: F811  # pytest's fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Named at every start until it is finished; then its run folder goes."""
    runs = tmp_path / "run"
    runs.mkdir()
    film, cut = tmp_path / "a film.mov", tmp_path / "b.mov"
    film.write_bytes(killed)
    cut.write_bytes(killed[:30])
    run, _ = begin_run(runs)
    for each in (film, cut, tmp_path / "gone.mov"):
        run.records(each)
    run._listed.close()  # killed

    def started() -> str:
        again, left = begin_run(runs)
        for each in left:
            tell_of_left(each)
        again.end()
        return capsys.readouterr().err

    with film.open("rb") as worker:
        assert claim(worker)
        assert film.name not in started(), "its worker finishes it"
    said = started()
    assert f"a film.mov was never finished: its onset record was killed. Finish it: onset media repair '{film}'" in said
    assert "b.mov was left by an onset record that was killed, and cannot be finished: it ends before" in said
    assert repair(film).frames
    assert film.name not in started()
    assert [path.name for path in runs.iterdir()] == ["record.lock"]
