"""A day at whose wrap a disk got no history of its own, or one of more than the day."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onset.cli.main import main
from onset.cli.new import config_text, make_production
from onset.mhl import create
from onset.mhl.history import load_history
from tests.independent import reference_accepts
from tests.onset.offload.cards import make_card

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("wrap")` in a production with a take, two cards of it copied to RAID (by the template) and to SHUTTLE."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour", "25", "us"))
    for disk in ("RAID", "SHUTTLE"):
        (tmp_path / disk).mkdir()
    config = folder / "config.toml"
    template = 'folder = "Harbour/{date}_day{day}/{camera}/{roll}"'
    config.write_text(f'{config.read_text()}\n[[target]]\nname = "raid"\npath = "{tmp_path / "RAID"}"\n{template}\n')

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(folder), *words])
        return code, *capsys.readouterr()

    run("log", "roll", "42")
    run("log", "cut")
    for number, label in enumerate(("A001", "A002")):
        card = make_card(tmp_path / label, clips=1, clip_bytes=1000, small=1, seed=number)
        assert run("offload", str(card), str(tmp_path / "SHUTTLE"), "--to", "raid", "--day", "1")[0] == 0
    return run


def day_on_raid(tmp_path: Path) -> Path:
    (day,) = (tmp_path / "RAID" / "Harbour").iterdir()
    return day


def open_folders(run: Run) -> list[str]:
    told: list[str] = json.loads(run("wrap", "--json")[1])["open"]["histories"]
    return told


def test_wrap_is_silent_about_a_disk_without_the_days_history(run: Run, tmp_path: Path) -> None:
    told = open_folders(run)
    assert [sentence.split(" (2 cards)")[0] for sentence in told] == [str(day_on_raid(tmp_path)), f"{tmp_path}/SHUTTLE"]
    assert "open folder: " in run("wrap")[1]


def test_history_of_the_day_that_others_refuse(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("wrap", "--histories")
    assert (code, "open folder" in out) == (0, False)
    assert f"History of the whole day: {day_on_raid(tmp_path)} (2 cards)" in out
    assert open_folders(run) == []
    day = day_on_raid(tmp_path)
    assert set(load_history(day).references) == {"A/A001", "A/A002"}
    reference_accepts(day)
    assert run("verify", str(day))[0] == 0
    assert open_folders(run) == [], "a verification goes on with the whole day at once"
    run("verify", str(day / "A" / "A001"))
    assert len(open_folders(run)) == 1, "now the day's history names an older generation"


def test_another_days_card_is_taken_into_the_day(run: Run, tmp_path: Path) -> None:
    make_card(tmp_path / "SHUTTLE" / "A000", clips=0, small=1)
    assert len(open_folders(run)) == 1
    assert run("wrap", "--histories")[0] == 0
    assert not (tmp_path / "SHUTTLE" / "ascmhl").exists()


def test_damaged_copy_gets_a_good_day(run: Run, tmp_path: Path) -> None:
    clip = day_on_raid(tmp_path) / "A" / "A001" / "CLIPS" / "A001C001.mov"
    clip.write_bytes(bytes(1000))
    code, out, err = run("wrap", "--histories")
    assert code == 11
    assert str(clip) in err
    assert f"open folder: {day_on_raid(tmp_path)}" in out


def test_disk_that_goes_away_ends_the_wrap_of_all(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = create.create

    def pulled(top: Path, *more: Any) -> Any:
        if top == tmp_path / "SHUTTLE":
            raise OSError(5, os.strerror(5))
        return real(top, *more)

    monkeypatch.setattr(create, "create", pulled)
    code, out, err = run("wrap", "--histories", "--json")
    assert code == 10
    assert f"{tmp_path}/SHUTTLE cannot be read (Input/output error)." in err
    assert [each.partition(" (")[0] for each in json.loads(out)["open"]["histories"]] == [f"{tmp_path}/SHUTTLE"]


def test_chain_of_a_card_that_was_emptied_stops_the_wrap(run: Run, tmp_path: Path) -> None:
    assert run("wrap", "--histories")[0] == 0
    chain = day_on_raid(tmp_path) / "A" / "A001" / "ascmhl" / "ascmhl_chain.xml"
    chain.write_text('<?xml version="1.0"?><ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0"/>')
    assert [each.partition(" (")[0] for each in open_folders(run)] == [str(day_on_raid(tmp_path))]
