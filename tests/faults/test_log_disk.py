"""The disk under the log fills up or dies while takes are logged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, reserve
from logging_db.backup import holds
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, open_log
from onset.cli.main import main
from onset.errors import LogDiskError, LogError
from onset.logbook.terms import Next, TakeFilter
from tests.faults.disks import fill, small_disk
from tests.faults.power import volume
from tests.logging_db.support import OnSet, a_clock, use_library
from tests.needs import require

pytestmark = pytest.mark.faults
LIBRARIES = ("pysqlite3", "stdlib")
_ALL = TakeFilter(limit=None)


def opened(folder: Path) -> SqliteLogbook:
    return open_log(folder / LOG_NAME, user="Maya", clock=a_clock(), keep_reserve=True)


@pytest.mark.parametrize("library", LIBRARIES)
def test_take_is_lost_though_there_is_a_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """What the sentence promises goes in, nothing earlier is lost, and the reserve is made again with room."""
    use_library(monkeypatch, library)
    monkeypatch.setenv(reserve.ENVIRONMENT, str(768 << 10))
    with small_disk(tmp_path / "disk", 24 << 10) as disk:
        create_log(disk, title="Full", rate="25", user="Maya", clock=a_clock())
        with closing(opened(disk)) as log:
            on_set = OnSet(log, a_clock())
            log.set_next(Next(slate="1"))
            made = [on_set.shoot().id]
            assert reserve.room(disk / LOG_NAME).reserve == 768 << 10
            filler = fill(disk)
            while log.warning is None:
                made.append(on_set.shoot().id)
            assert "is full; its reserve was released" in log.warning
            promised = int(log.warning.partition("for about ")[2].partition(" takes")[0])
            assert promised > 0
            made += [on_set.shoot().id for _ in range(promised)]
            assert [take.id for take in log.takes(_ALL)] == made[::-1]
            with pytest.raises(LogDiskError, match=r"disk is full.*free some space"):
                made.extend(iter(lambda: on_set.shoot().id, ""))
            assert {take.id for take in log.takes(_ALL)} >= set(made)
            filler.unlink()
            log.look_after()  # once a second
            assert reserve.room(disk / LOG_NAME).reserve == 768 << 10
            assert "reserve was released" not in str(log.warning)
        with closing(opened(disk)) as log:
            assert {take.id for take in log.takes(_ALL)} >= set(made)
        assert reserve.room(disk / LOG_NAME).reserve == 768 << 10
        assert all(check.ok for check in doctor.check(disk / LOG_NAME))


@pytest.mark.parametrize("library", LIBRARIES)
def test_command_meets_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str
) -> None:
    use_library(monkeypatch, library)
    monkeypatch.setenv(reserve.ENVIRONMENT, str(1 << 20))
    with small_disk(tmp_path / "disk", 16 << 10) as disk:
        create_log(disk, title="Full", rate="25")
        assert main(["-p", str(disk), "log", "roll", "42"]) == 0
        fill(disk)
        capsys.readouterr()
        assert main(["-p", str(disk), "log", "cut", "--json"]) == 0
        out, err = capsys.readouterr()
        assert json.loads(out)["take"]["state"] == "cut"
        assert "its reserve was released" in err
        assert err.count("\n") == 1
        assert main(["-p", str(disk), "log", "list", "--json"]) == 0
        assert [take["state"] for take in json.loads(capsys.readouterr().out)["takes"]] == ["cut"]


def opened_with_journal(folder: Path, shuttle: Path) -> SqliteLogbook:
    return open_log(folder / LOG_NAME, user="Maya", clock=a_clock(), second_to=shuttle)


@pytest.mark.parametrize("library", LIBRARIES)
def test_take_is_lost_when_the_disk_stays_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str
) -> None:
    """Every command is a program of its own: each finds the full disk again, and what the one before it wrote down."""
    use_library(monkeypatch, library)
    monkeypatch.setenv(reserve.ENVIRONMENT, "0")
    (tmp_path / "SHUTTLE").mkdir()
    with small_disk(tmp_path / "disk", 16 << 10) as disk:
        create_log(disk, title="Full", rate="25")
        config = f'[production]\ntitle = "Full"\nrate = "25"\n[log]\nbackup_to = "{tmp_path / "SHUTTLE"}"\n'
        (disk / "config.toml").write_text(config)

        def run(*words: str) -> tuple[int, str, str]:
            code = main(["-p", str(disk), "log", *words])
            return code, *capsys.readouterr()

        assert run("roll", "42")[0] == 0
        assert run("cut")[0] == 0
        filler = fill(disk)
        for number in ("2", "3"):
            for verb in ("roll", "cut"):
                code, out, err = run(verb, "--json")
                assert code == 1
                assert json.loads(out)["take"]["take"] == number
                assert "In the journal only" in err
                assert "the disk is full" in err
                assert err.count("\n") == 1
        code, out, err = run("list", "--json")
        assert (code, [take["take"] for take in json.loads(out)["takes"]]) == (0, ["3", "2", "1"])
        filler.unlink()
        code, out, err = run("roll", "--json")
        assert (code, json.loads(out)["take"]["take"]) == (0, "4")
        assert "edits of the second journal" in err
        assert "were taken in" in err
        assert run("cut")[0] == 0
        code, out, err = run("list", "--json")
        assert (code, err, [take["take"] for take in json.loads(out)["takes"]]) == (0, "", ["4", "3", "2", "1"])
        assert all(check.ok for check in doctor.check(disk / LOG_NAME))


@pytest.mark.parametrize("library", LIBRARIES)
def test_logging_ends_with_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """The plug of the disk under the log is pulled; the seat logs on, and the log has it all when the disk is back."""
    use_library(monkeypatch, library)
    (tmp_path / "SHUTTLE").mkdir()
    with volume(tmp_path, "ext4") as disk:
        create_log(disk.folder, title="Dead", rate="25", user="Maya", clock=a_clock())
        with closing(opened_with_journal(disk.folder, tmp_path / "SHUTTLE")) as log, closing(log.feed()) as feed:
            on_set = OnSet(log, a_clock())
            log.set_next(Next(slate="1"))
            made = [on_set.shoot().id for _ in range(3)]
            feed.poll()
            disk.pull_the_plug()
            made += [on_set.shoot().id for _ in range(3)]
            assert [take.id for take in log.takes(_ALL)] == made[::-1]
            assert {change.take_id for change in feed.poll()} >= set(made[3:])
            said = str(log.elsewhere)
            assert "the disk does not answer" in said
            assert "damaged" not in said
            with pytest.raises(LogError):
                log.look_after()
            disk.power_up()  # nothing of the log is open, or it would be busy
            log.look_after()
            assert log.elsewhere is None
            made.append(on_set.shoot().id)
            assert {change.take_id for change in feed.poll()} >= {made[-1]}
            assert [take.id for take in log.takes(_ALL)] == made[::-1]
            assert [take.take for take in log.takes(_ALL)] == ["7", "6", "5", "4", "3", "2", "1"]
        assert all(check.ok for check in doctor.check(disk.folder / LOG_NAME))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync,fsync"])
def test_command_on_a_failing_disk_loses_its_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str, call: str
) -> None:
    """EIO from the log and all that lies beside it: the person is told of the disk, and the note is in the journal."""
    require("strace", "strace is not installed")
    use_library(monkeypatch, library)
    for name in ("Harbour", "SHUTTLE"):
        (tmp_path / name).mkdir()
    create_log(tmp_path / "Harbour", title="Failing", rate="25")
    config = f'[production]\ntitle = "F"\nrate = "25"\n[log]\nbackup_to = "{tmp_path / "SHUTTLE"}"\n'
    (tmp_path / "Harbour" / "config.toml").write_text(config)
    onset = ["-p", str(tmp_path / "Harbour"), "log"]
    assert main([*onset, "roll", "42"]) == main([*onset, "cut"]) == 0
    capsys.readouterr()
    strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error=EIO:when=1+"]
    for ending in ("", "-wal", "-journal"):
        strace += ["-P", str(tmp_path / "Harbour" / LOG_NAME) + ending]
    program = [*strace, sys.executable, "-m", "onset", *onset, "note", "last", "boom in"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "In the journal only" in done.stderr
    assert "the disk does not answer" in done.stderr
    assert "Traceback" not in done.stderr
    assert main([*onset, "show", "last", "--json"]) == 0
    out, _ = capsys.readouterr()
    assert [note["text"] for note in json.loads(out)["take"]["notes"]] == ["boom in"]
    assert main([*onset, "show", "last", "--json"]) == 0
    assert capsys.readouterr().err == ""
    assert all(check.ok for check in doctor.check(tmp_path / "Harbour" / LOG_NAME))


def test_commands_end_with_the_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even the configuration can be read any more: this user's state remembers where the journal is."""
    (tmp_path / "SHUTTLE").mkdir()
    with volume(tmp_path, "ext4") as disk:
        create_log(disk.folder, title="Dead", rate="25")
        config = f'[production]\ntitle = "D"\nrate = "25"\n[log]\nbackup_to = "{tmp_path / "SHUTTLE"}"\n'
        (disk.folder / "config.toml").write_text(config)
        onset = ["-p", str(disk.folder), "log"]
        assert main([*onset, "roll", "1"]) == main([*onset, "cut"]) == 0
        os.sync()
        disk.pull_the_plug()
        for verb in ("roll", "cut"):
            assert main([*onset, verb]) == 1
            assert "In the journal only" in capsys.readouterr().err
        disk.power_up()
        assert main([*onset, "list", "--json"]) == 0
        out, err = capsys.readouterr()
        assert [(take["take"], take["state"]) for take in json.loads(out)["takes"]] == [("2", "cut"), ("1", "cut")]
        assert "2 edits of the second journal" in err


@pytest.mark.parametrize("call", ["write,pwrite64", "fsync,fdatasync", "link,linkat,rename,renameat2", "unlink"])
def test_killed_backup_leaves_half_a_backup_with_a_name(tmp_path: Path, call: str) -> None:
    require("strace", "strace is not installed")
    (tmp_path / "SHUTTLE").mkdir()
    (tmp_path / "Harbour").mkdir()
    create_log(tmp_path / "Harbour", title="Kills", rate="25", user="Maya", clock=a_clock())
    log = tmp_path / "Harbour" / LOG_NAME
    onset = [sys.executable, "-m", "onset", "-p", str(log.parent), "backup", str(tmp_path / "SHUTTLE"), "--json"]
    for n in (1, 2, 40):
        strace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={n}"]
        subprocess.run([*strace, *onset], capture_output=True, check=False)
        for name in os.listdir(tmp_path / "SHUTTLE"):
            if name.endswith(".onset"):
                assert holds(tmp_path / "SHUTTLE" / name).edits == 1
    done = subprocess.run(onset, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["backup"]["edits"] == 1
    assert [name for name in os.listdir(tmp_path / "SHUTTLE") if not name.endswith(".onset")] == []
    assert all(check.ok for check in doctor.check(log))
