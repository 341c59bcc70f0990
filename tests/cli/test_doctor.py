"""What the doctor must not call healthy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from onset.cli import doctor
from onset.cli.main import main
from onset.cli.new import config_text, make_production

Capsys = pytest.CaptureFixture[str]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def production(tmp_path: Path) -> Path:
    make_production(tmp_path / "Harbour", config_text("Harbour", "25", "us"))
    return tmp_path / "Harbour"


def examined(production: Path, capsys: Capsys) -> tuple[int, dict[str, tuple[bool, str]]]:
    """Exit code, and name to (ok, detail)."""
    code = main(["-p", str(production), "doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"ok", "checks"}
    assert all(set(check) == {"name", "ok", "detail"} for check in told["checks"])
    assert told["ok"] == (code == 0) == all(check["ok"] for check in told["checks"])
    return code, {check["name"]: (check["ok"], check["detail"]) for check in told["checks"]}


def add(production: Path, toml: str) -> None:
    with (production / "config.toml").open("a") as file:
        file.write(toml)


def replace(production: Path, old: str, new: str) -> None:
    path = production / "config.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_healthy_production_is_called_ill(production: Path, capsys: Capsys) -> None:
    code, checks = examined(production, capsys)
    assert code == 0, checks
    assert {"python", "sqlite", "opencv", "terminal", "log integrity", "log chain", "config", "media"} <= set(checks)
    assert list(production.glob("media/*")) == []


def test_set_up_is_not_checked_without_a_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    told = capsys.readouterr()
    assert "python" in told.out
    assert "no production was checked" in told.err


@pytest.mark.parametrize(
    "content", [b"", b"garbage", b"SQLite format 3\x00", os.urandom(8192)], ids=["empty", "text", "stump", "noise"]
)
def test_log_is_no_log(production: Path, content: bytes, capsys: Capsys) -> None:
    (production / "log.onset").write_bytes(content)
    code, checks = examined(production, capsys)
    assert code == 1
    assert not checks["log"][0]
    assert (production / "log.onset").read_bytes() == content


def test_database_of_another_program(production: Path, capsys: Capsys) -> None:
    (production / "log.onset").unlink()
    code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('create table x (y)'); c.commit()"
    subprocess.run([sys.executable, "-c", code, str(production / "log.onset")], check=True)
    exit_code, checks = examined(production, capsys)
    assert exit_code == 1
    assert "another program" in checks["log"][1]


def test_bit_flipped_in_the_log(production: Path, capsys: Capsys) -> None:
    """A title changed on the disk passes SQLite's own check; the chain must find it."""
    path = production / "log.onset"
    content = path.read_bytes()
    assert b"Harbour" in content
    path.write_bytes(content.replace(b"Harbour", b"Arbours"))
    code, checks = examined(production, capsys)
    assert code == 1
    assert not all(ok for name, (ok, _) in checks.items() if name.startswith("log"))


def test_configuration_is_wrong(production: Path, capsys: Capsys) -> None:
    replace(production, "preroll", "prerol")
    code, checks = examined(production, capsys)
    assert code == 1
    assert 'did you mean "preroll"?' in checks["config"][1]


def test_device_of_an_unknown_kind(production: Path, capsys: Capsys) -> None:
    add(production, '[[device]]\nname = "A"\nkind = "hologram"\n')
    code, checks = examined(production, capsys)
    assert code == 1
    assert "hologram" in checks["devices"][1]
    assert "opencv" in checks["devices"][1]


def test_sound_interface_without_its_library(production: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    add(production, '[[device]]\nname = "MIX"\nkind = "pyaudio"\n')
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    code, checks = examined(production, capsys)
    assert code == 1
    assert "make audio" in checks["devices"][1]


def test_timecode_source_that_no_device_has(production: Path, capsys: Capsys) -> None:
    replace(production, '["clock"]', '["MIX.ltc", "clock"]')
    code, checks = examined(production, capsys)
    assert code == 1
    assert "MIX.ltc" in checks["timecode"][1]


def test_two_opencv_packages_overwrite_each_other(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "5.0" if name.startswith("opencv-python") else real(name))
    code, checks = examined(production, capsys)
    assert code == 1
    assert "opencv-python and opencv-python-headless" in checks["opencv"][1]


def test_media_folder_cannot_be_written(production: Path, capsys: Capsys) -> None:
    replace(production, 'media = "media"', 'media = "/proc/media"')
    code, checks = examined(production, capsys)
    assert code == 1
    assert "/proc" in checks["media"][1]


def test_disk_is_almost_full(production: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 2 << 30))
    code, checks = examined(production, capsys)
    assert code == 1
    assert "2.0 GiB free" in checks["media"][1]


def test_backup_on_the_disk_of_the_log_or_nowhere(production: Path, capsys: Capsys) -> None:
    add(production, "")
    replace(production, '# backup_to = "/media/SHUTTLE/backup"', 'backup_to = "backup"')
    assert "is not there" in examined(production, capsys)[1]["backup"][1]
    (production / "backup").mkdir()
    code, checks = examined(production, capsys)
    assert code == 1
    assert "own disk" in checks["backup"][1]


def test_recipient_who_is_mistyped_is_found_out_at_wrap(production: Path, capsys: Capsys) -> None:
    add(production, '[[recipient]]\nname = "cutting room"\nreports = ["edtor"]')
    code, checks = examined(production, capsys)
    assert (code, checks["recipients"][0]) == (1, False)
    assert 'did you mean "editor"?' in checks["recipients"][1]


def test_check_that_breaks_ends_the_examination(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    def fail() -> None:
        raise RuntimeError("\x1bboom")

    monkeypatch.setattr(doctor, "_terminal", fail)
    code, checks = examined(production, capsys)
    assert code == 1
    assert "\\x1bboom" in checks["terminal"][1]
    assert "config" in checks


@pytest.mark.parametrize(
    ("term", "size", "ok"),
    [
        ("xterm-256color", (120, 40), True),
        ("dumb", (120, 40), False),
        ("", (120, 40), False),
        ("xterm", (60, 20), False),
    ],
)
def test_terminal_too_small_for_the_app(
    term: str, size: tuple[int, int], ok: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size(size))
    assert doctor._terminal().ok is ok


def shot(production: Path, target: Path) -> None:
    """A take in the log, its journal and a backup in `target`."""
    target.mkdir()
    replace(production, '# backup_to = "/media/SHUTTLE/backup"', f'backup_to = "{target}"')
    for words in (("log", "roll", "42"), ("log", "cut"), ("backup",)):
        assert main(["-p", str(production), *words]) == 0


def test_damaged_log_is_replaced_without_a_yes(production: Path, tmp_path: Path, capsys: Capsys) -> None:
    shot(production, tmp_path / "SHUTTLE")
    log = production / "log.onset"
    log.write_bytes(left := log.read_bytes()[:20_000])
    capsys.readouterr()
    assert main(["-p", str(production), "log", "list"]) == 1
    assert "cut short" in capsys.readouterr().err
    code, checks = examined(production, capsys)
    assert code == 1
    assert "--recover" in checks["log"][1]
    assert main(["-p", str(production), "doctor", "--recover"]) == 1
    out = capsys.readouterr().out
    assert "recovered log: 1 takes" in out
    assert "Nothing was changed" in out
    assert log.read_bytes() == left
    assert main(["-p", str(production), "doctor", "--recover", "--yes", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["after"]["takes"], told["in_place"]) == (1, True)
    assert Path(told["damaged"]).read_bytes() == left
    assert main(["-p", str(production), "log", "list", "--json"]) == 0
    assert [take["take"] for take in json.loads(capsys.readouterr().out)["takes"]] == ["1"]


def test_log_is_recovered_under_a_program_that_has_it_open(production: Path, tmp_path: Path, capsys: Capsys) -> None:
    shot(production, tmp_path / "SHUTTLE")
    program = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", program, production / "log.onset"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        capsys.readouterr()
        assert main(["-p", str(production), "doctor", "--recover", "--yes"]) == 1
        assert f"pid {holder.pid}" in capsys.readouterr().err
    finally:
        holder.communicate()


def test_rebuild_says_nothing_of_its_backup(production: Path, tmp_path: Path, capsys: Capsys) -> None:
    shot(production, tmp_path / "SHUTTLE")
    capsys.readouterr()
    assert main(["-p", str(production), "doctor", "--rebuild", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["backup"]).parent == tmp_path / "SHUTTLE"
    assert told["differed"] == {}


def test_folder_of_backups_that_is_none(production: Path, capsys: Capsys) -> None:
    capsys.readouterr()
    assert main(["-p", str(production), "doctor", "--recover", "--from", "/nowhere"]) == 2
    assert "/nowhere is no folder" in capsys.readouterr().err
