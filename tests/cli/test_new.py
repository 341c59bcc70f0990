"""A production folder that is not ready, or that overwrites what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.new import config_text, make_production
from onset.config import load_config
from onset.domain.take import Stamp
from onset.errors import ConfigError, LogError, RefusedError
from onset.logbook.terms import Next


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in sorted(folder.rglob("*"))}


def test_new_production_cannot_be_logged_into(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "deep" / "Harbour"
    assert main(["new", str(folder), "--title", 'The "Blue" \\ Ñ', "--rate", "29.97df", "--slating", "eu"]) == 0
    assert "ready to log" in capsys.readouterr().out
    config = load_config(folder)
    assert (config.production.title, config.production.rate.name) == ('The "Blue" \\ Ñ', "29.97df")
    assert config.capture.media.is_dir()
    logbook = open_logbook(folder)
    try:
        made = logbook.production()
        assert (made.title, made.rate.name, made.slating) == ('The "Blue" \\ Ñ', "29.97df", "eu")
        assert [unit.name for unit in logbook.units()] == ["Main"]
        take = logbook.roll(Stamp(wall_ns=1_700_000_000_000_000_000, mono_ns=1), change=Next(slate="1"))
        assert (take.day, take.slate, take.take) == (1, "1", "1")
    finally:
        logbook.close()


@pytest.mark.parametrize(
    ("words", "overflow", "counts"),
    [((), "AA AB", True), (("--overflow", "AA BB", "--no-false-start-counts"), "AA BB", False)],
)
def test_custom_of_the_show_is_not_in_the_log(
    tmp_path: Path, words: tuple[str, ...], overflow: str, counts: bool
) -> None:
    folder = tmp_path / "Harbour"
    assert main(["new", str(folder), "--rate", "25", *words]) == 0
    config = load_config(folder).production
    assert (config.slating.overflow, config.false_start_counts) == (overflow, counts)
    logbook = open_logbook(folder)
    try:
        made = logbook.production()
        assert (made.overflow, made.false_start_counts) == (overflow, counts)
    finally:
        logbook.close()


def test_json_of_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "Fjord"), "--rate", "25", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "production": str(tmp_path / "Fjord"),
        "title": "Fjord",
        "rate": "25",
        "slating": "us",
    }


@pytest.mark.parametrize("present", ["log.onset", "config.toml", "dangling"])
def test_production_that_is_there_is_overwritten(tmp_path: Path, present: str) -> None:
    if present == "dangling":
        (tmp_path / "log.onset").symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / present).write_bytes(b"precious")
    before = tree(tmp_path)
    with pytest.raises(RefusedError, match="already"):
        make_production(tmp_path, config_text("T", "25", "us"))
    assert tree(tmp_path) == before
    assert main(["new", str(tmp_path), "--rate", "25"]) == 1


def test_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "callsheet.pdf").write_bytes(b"x")
    make_production(tmp_path, config_text("T", "25", "us"))
    assert (tmp_path / "callsheet.pdf").read_bytes() == b"x"


def test_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LogError, match="cannot be made"):
        make_production(tmp_path / "file" / "Harbour", config_text("T", "25", "us"))
    with pytest.raises(LogError, match="cannot be made"):
        make_production(Path("/proc/Harbour"), config_text("T", "25", "us"))


def test_failed_log_leaves_half_a_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LogError("The disk is full.")

    monkeypatch.setattr("logging_db.logbook.create_log", fail)
    with pytest.raises(LogError, match="disk is full"):
        make_production(tmp_path, config_text("T", "25", "us"))
    assert not (tmp_path / "config.toml").exists()
    monkeypatch.undo()
    make_production(tmp_path, config_text("T", "25", "us"))


@pytest.mark.parametrize(
    ("title", "rate", "slating", "skip"),
    [
        ("", "25", "us", "IO"),
        ("x" * 121, "25", "us", "IO"),
        ("a\x1bb", "25", "us", "IO"),
        ("T", "26", "us", "IO"),
        ("T", "96", "us", "IO"),
        ("T", "120", "us", "IO"),
        ("T", '25"\n[log]\nx=1', "us", "IO"),
        ("T", "25", "uk", "IO"),
        ("T", "25", "us", "1"),
    ],
)
def test_wrong_value_makes_something(tmp_path: Path, title: str, rate: str, slating: str, skip: str) -> None:
    with pytest.raises(ConfigError):
        config_text(title, rate, slating, skip_letters=skip)
    arguments = ["new", str(tmp_path / "X"), "--title", title, "--rate", rate, "--skip-letters", skip]
    assert main([*arguments, "--slating", slating]) == 2
    assert list(tmp_path.iterdir()) == []


def test_title_that_looks_like_a_template() -> None:
    assert 'title = "{rate} {{x}}"' in config_text("{rate} {{x}}", "25", "us")
