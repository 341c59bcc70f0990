"""`onset capture` with real processes: one service, that records what the log says and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.capture.bus import Watcher, run_folder
from onset.capture.lock import lock_holder
from onset.capture.signals import TimecodeNow
from onset.cli.capture import start_service
from onset.errors import CaptureError
from onset.logbook.terms import Next
from tests.onset.capture.service import (
    CAMERA,
    ONSET,
    all_live,
    end_service,
    gone,
    lengths,
    make_production,
    now,
    onset,
    pid_of_worker,
    seat,
    service_status,
    wait_for,
)


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Path]:
    made = make_production(tmp_path / "Harbour")
    yield made
    end_service(made)


def master_runs(production: Path) -> bool:
    held = lock_holder(production)
    assert held is not None
    watcher = Watcher(Path(held.folder))
    slot = watcher.wait("MIX.ltc", TimecodeNow, 5)
    watcher.close()
    return slot is not None


def sockets_of(production: Path) -> list[str]:
    with_log = seat(production)
    folder = run_folder(with_log.production().id)
    with_log.close()
    return sorted(path.name for path in folder.iterdir() if path.is_socket())


def test_the_service_does_not_say_how_the_clocks_run(production: Path) -> None:
    start_service(production)
    wait_for(lambda: master_runs(production), "the mixer's timecode never came")

    def states() -> dict[str, str]:
        found = service_status(production)
        return {} if found is None else {clock.source: clock.state for clock in found.clocks}

    wait_for(lambda: states().get("MIX.ltc") == "master", "the mixer never was the master")
    wait_for(lambda: states().get("A") == "jammed", "the camera's own timecode never agreed with it")
    assert [*states()] == ["MIX.ltc", "A", "clock"]


def test_a_take_from_roll_to_clips_in_the_log_and_nothing_left_behind(production: Path) -> None:
    pid = start_service(production)
    assert start_service(production) == pid, "a running service is kept"
    wait_for(lambda: all_live(production), "the devices never came live")
    wait_for(lambda: master_runs(production), "the mixer's timecode never came")
    workers = [pid_of_worker(production, name) for name in ("A", "MIX")]
    log = seat(production)
    take = log.roll(now(), change=Next(slate="42C"))
    wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
    take = log.cut(take.id, now())
    wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clips were never closed")
    found = log.take(take.id)
    log.close()
    assert found is not None
    clip, sound = found.angles[0].clips[0], found.sound[0].files[0]
    assert (production / clip.path).stat().st_size > 0
    assert (production / sound.path).stat().st_size > 0
    # From the pre-roll (1 s at most) to the post-roll (0.4 s): the file is longer than the take, by no more than that.
    assert take.duration_frames is not None
    assert clip.duration_frames is not None
    assert take.duration_frames + 10 <= clip.duration_frames <= take.duration_frames + 25 + 10 + 14  # GOP: 0.5 s
    assert sound.tc_source == "MIX.ltc"
    stopped = onset(production, "capture", "--stop")
    assert (stopped.returncode, stopped.stderr) == (0, f"The capture service has ended ({production}).\n")
    assert lock_holder(production) is None
    assert [worker for worker in workers if not gone(worker)] == []
    wait_for(lambda: gone(pid), "the service's process stays", timeout_s=2)
    assert sockets_of(production) == []


def test_second_service_and_a_second_stop(production: Path) -> None:
    pid = start_service(production)
    second = onset(production, "capture")
    sentence = f"A capture service runs already for {production} (process {pid}); stop it with `onset capture --stop`."
    assert (second.returncode, second.stderr) == (1, f"onset: {sentence}\n")
    assert onset(production, "capture", "--stop").returncode == 0
    again = onset(production, "capture", "--stop")
    assert (again.returncode, again.stderr) == (0, f"No capture service runs ({production}).\n")


def test_a_copy_of_the_production_does_not_take_over_the_sockets(production: Path, tmp_path: Path) -> None:
    start_service(production)
    copy = tmp_path / "Copy"
    copy.mkdir()
    for name in ("config.toml", "log.onset"):
        (copy / name).write_bytes((production / name).read_bytes())
    with pytest.raises(CaptureError, match="A capture service runs already for"):
        start_service(copy)
    assert service_status(production) is not None


def test_missing_camera_and_unknown_kind_leave_the_rest_recording(tmp_path: Path) -> None:
    broken = '\n[[device]]\nname = "B"\nkind = "sim-camera"\nwidht = 320\n\n[[device]]\nname = "C"\nkind = "nokia"\n'
    production = make_production(tmp_path / "Harbour", CAMERA + broken)
    try:
        start_service(production)

        def settled() -> bool:
            found = service_status(production)
            return found is not None and [each.state for each in found.devices] == ["live", "missing", "missing"]

        wait_for(settled, "the devices did not settle")
        log = seat(production)
        take = log.roll(now(), change=Next(slate="1"))
        wait_for(lambda: list(lengths(log.take(take.id))) == ["1-1_A.mov"], "camera A did not record")
        log.cut(take.id, now())
        wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clip was never closed")
        events = {event.device: event.detail for event in log.events()}
        log.close()
        assert "widht" in events["B"]
        assert "nokia" in events["C"]
    finally:
        end_service(production)


def test_production_that_cannot_be_captured_is_refused_in_one_sentence(tmp_path: Path) -> None:
    production = make_production(tmp_path / "Harbour")
    (production / "capture.lock").mkdir()
    refused = onset(production, "capture")
    assert refused.returncode == 1
    assert refused.stderr == f"onset: {production}/capture.lock cannot be written: Is a directory; capture needs it.\n"
    with pytest.raises(CaptureError, match=r"capture\.lock cannot be written: Is a directory"):
        start_service(production)


def test_wrong_configuration_is_said_to_whoever_starts_the_service(tmp_path: Path) -> None:
    production = make_production(tmp_path / "Harbour")
    (production / "config.toml").write_text("[production]\ntitel = 'x'\n")
    with pytest.raises(CaptureError, match='no key "titel"; did you mean "title"'):
        start_service(production)
    assert lock_holder(production) is None


def test_ctrl_c_in_the_foreground_finishes_the_files(production: Path) -> None:
    command = [*ONSET, "-p", str(production), "capture"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as service:
        wait_for(lambda: all_live(production), "the devices never came live")
        log = seat(production)
        take = log.roll(now(), change=Next(slate="42C"))
        wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
        os.killpg(service.pid, signal.SIGHUP)  # the terminal is closed: that alone ends nothing
        os.killpg(service.pid, signal.SIGINT)
        _, said = service.communicate(timeout=40)
        assert service.returncode == 0
    assert "42C/1 still rolls; its recording ends here." in said
    assert "Capture ends: it was asked to stop." in said
    found = lengths(log.take(take.id))
    log.close()
    assert len(found) == 2
    assert None not in found.values()
    assert sockets_of(production) == []


def test_a_closed_terminal_does_not_end_a_recording(production: Path) -> None:
    command = [*ONSET, "-p", str(production), "capture"]
    reader, writer = socket.socketpair()
    with subprocess.Popen(command, stderr=writer.fileno(), start_new_session=True) as service:
        wait_for(lambda: all_live(production), "the devices never came live")
        writer.close()
        reader.close()  # nothing that it says can be written any more
        os.killpg(service.pid, signal.SIGHUP)
        log = seat(production)
        take = log.roll(now(), change=Next(slate="42C"))
        wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
        log.close()
        assert onset(production, "capture", "--stop").returncode == 0
        assert service.wait(20) == 0


def test_a_deleted_production_leaves_no_service_behind(production: Path) -> None:
    pid = start_service(production)
    wait_for(lambda: all_live(production), "the devices never came live")
    shutil.rmtree(production)
    wait_for(lambda: gone(pid), "the service does not notice that its production is gone")
    assert not production.exists()
