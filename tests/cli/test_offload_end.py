"""What happens around a copy: a desktop that hangs, a card pulled from under a program, a machine that falls asleep."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from onset.cli import offload_end
from onset.cli.main import main
from onset.cli.offload_end import eject, kept_awake, tell_room
from onset.offload.disks import Mount
from onset.offload.outcome import Outcome

CARD = Path("/media/A014")


class Programs:
    """Stands in for the desktop's programs, alone on the PATH; what each was called with lies in `calls`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._calls = folder / "calls"

    def add(self, name: str, *, says: str = "", code: int = 0) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self._calls}"\necho "{says}" >&2\nexit {code}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines() if self._calls.exists() else []


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    monkeypatch.setenv("PATH", str(tmp_path))
    mount = Mount(point="/media/A014", kind="exfat", source="/dev/sdz1", read_only=True, device=1, root="/")
    monkeypatch.setattr("onset.offload.disks.mount_of", lambda path: mount)
    return Programs(tmp_path)


def outcome(verdict: str = "safe", exit_code: int = 0) -> Outcome:
    return cast(Outcome, SimpleNamespace(label="A014", verdict=verdict, exit_code=exit_code))  # all that is asked of it


def test_card_with_good_copies_is_unmounted(programs: Programs) -> None:
    programs.add("udisksctl")
    programs.add("umount")
    assert eject(CARD, outcome()) == "A014 is unmounted; it may be pulled."
    assert programs.calls == ["udisksctl unmount --no-user-interaction -b /dev/sdz1"]


def test_card_that_is_still_read_stays_and_the_reason_is_told(programs: Programs) -> None:
    programs.add("udisksctl", says="not authorised", code=1)
    programs.add("umount", says="umount: /media/A014: target is busy.", code=32)
    said = eject(CARD, outcome())
    assert said.startswith("A014 could not be unmounted (umount: /media/A014: target is busy.)")
    assert [call.split()[0] for call in programs.calls] == ["udisksctl", "umount"]


def test_program_that_still_uses_the_card_is_named(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    programs.add("umount", says="umount: target is busy.", code=32)
    mount = Mount(point=str(tmp_path), kind="exfat", source="tmpfs", read_only=True, device=1, root="/")
    monkeypatch.setattr("onset.offload.disks.mount_of", lambda path: mount)
    (tmp_path / "clip").touch()
    with (tmp_path / "clip").open("rb"):
        said = eject(tmp_path, outcome())
    assert f"(pid {os.getpid()}) still uses it" in said


@pytest.mark.parametrize(("verdict", "code"), [("not safe", 0), ("safe", 10), ("not safe", 11)])
def test_card_whose_copies_are_not_good_is_never_unmounted(programs: Programs, verdict: str, code: int) -> None:
    programs.add("umount")
    assert eject(CARD, outcome(verdict, code)) == "A014 stays mounted: its copies are not safe."
    assert programs.calls == []


def test_folder_that_is_no_card_by_itself_is_never_unmounted(programs: Programs) -> None:
    programs.add("umount")
    assert "holds more than the card" in eject(CARD / "CLIPS", outcome())
    assert programs.calls == []


def test_machine_without_a_program_that_unmounts_says_so(programs: Programs) -> None:
    assert "there is no program here that unmounts it" in eject(CARD, outcome())


def test_machine_is_held_awake_exactly_as_long_as_the_copy(programs: Programs) -> None:
    path = programs.folder / "systemd-inhibit"
    path.write_text(
        f'#!/bin/sh\necho "$*" > "{programs.folder}/held"\n/bin/cat\necho ended > "{programs.folder}/held"\n'
    )
    path.chmod(0o755)
    held = programs.folder / "held"
    with kept_awake("A014\x1b[2J"):
        while not held.exists() or not held.read_text().endswith("\n"):
            time.sleep(0.01)
        words = held.read_text()
        assert "--what=sleep:idle" in words
        assert "\x1b" not in words
    assert held.read_text() == "ended\n"


def test_copy_goes_on_where_nothing_holds_the_machine_awake(programs: Programs) -> None:
    with kept_awake("A014"):
        pass
    programs.add("systemd-inhibit", code=1)  # no bus to ask, as in a container
    with kept_awake("A014"):
        pass


def test_end_of_a_copy_is_on_the_desktop(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    programs.add("notify-send")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    tell_room(outcome())
    assert programs.calls == []  # nobody sees it
    monkeypatch.setenv("DISPLAY", ":0")
    tell_room(outcome())
    tell_room(outcome("not safe", 10))
    assert [("critical" in call, "NOT done" in call) for call in programs.calls] == [(False, False), (True, True)]


def test_desktop_that_hangs_costs_five_seconds_and_no_copy(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    path = programs.folder / "notify-send"
    path.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    path.chmod(0o755)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(offload_end, "_NOTIFY_S", 0.05)
    tell_room(outcome())


def test_bell_rings_at_a_terminal_only(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    tell_room(outcome())
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    tell_room(outcome())
    assert capsys.readouterr().err == "\a"


def test_eject_of_a_folder_says_why_not_and_the_copy_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    card, target = tmp_path / "A014", tmp_path / "SHUTTLE"
    card.mkdir()
    target.mkdir()
    (card / "A014C001.mov").write_bytes(b"picture")
    monkeypatch.chdir(tmp_path)
    assert main(["offload", str(card), str(target), "--eject", "--progress", "none"]) == 0
    assert "A014 stays mounted: its copies are not safe." in capsys.readouterr().out  # one disk for both
    assert (target / "A014" / "A014C001.mov").read_bytes() == b"picture"
