"""A production in which nobody logs: what is brought in opens its days and becomes takes, by import and by offload."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from logging_db.logbook import create_log
from onset.cli.main import main
from tests.cli.test_import import Run, document
from tests.stories.originals import film


@pytest.fixture
def documentary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A production without slates, in which nobody has logged anything."""
    folder = tmp_path / "Nomads"
    folder.mkdir()
    create_log(folder, title="Nomads", rate="25", slating="none")
    (folder / "config.toml").write_text('[production]\ntitle = "Nomads"\nrate = "25"\nslating = "none"\n')

    def run(*words: object) -> tuple[int, str, str]:
        code = main(["-p", str(folder), *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_footage_that_nobody_logged_has_its_days_and_becomes_takes(documentary: Run, tmp_path: Path) -> None:
    for roll, date in (("A002", "260530"), ("A001", "260529")):
        for n in range(3):
            name = f"{roll}C{n + 1:03d}_{date}_R1AB.mov"
            film(tmp_path / "CARDS" / roll / name, (36_000 + 300 * n) * 24, 24 * 40)
    preview = document(documentary, "import", "clips", tmp_path / "CARDS", "--dry-run")
    assert preview["days"][0]["day"] == 1
    assert documentary("reconcile")[0] == 1, "the preview has opened no day"
    answer = document(documentary, "import", "clips", tmp_path / "CARDS")
    assert [(day["day"], day["because"]) for day in answer["days"]] == [
        (1, "the first footage of 2026-05-29"),
        (2, "the first footage of 2026-05-30"),
    ]
    assert answer["linked"] == 6
    again = document(documentary, "import", "clips", tmp_path / "CARDS")
    assert (again["new"], {day["day"] for day in again["days"]}) == (0, {1, 2})
    for number, roll in ((1, "A001"), (2, "A002")):
        takes = document(documentary, "log", "list", "--day", str(number))["takes"]
        assert sorted(take["slate"][:8] for take in takes) == [f"{roll}C00{n + 1}" for n in range(3)]


def test_a_camera_clock_that_is_years_ahead_opens_no_day(documentary: Run, tmp_path: Path) -> None:
    film(tmp_path / "A" / "A001C001_260529_R1AB.mov", 36_000 * 24, 48)
    film(tmp_path / "B" / "B001C001_890101_R1AB.mov", 36_000 * 24, 48)  # 2089
    assert document(documentary, "import", "clips", tmp_path / "A")["day"] == 1
    found = document(documentary, "import", "clips", tmp_path / "B")["days"][0]
    assert found["because"] != "the first footage of 2089-01-01"


def test_an_offloaded_card_of_footage_opens_its_day(documentary: Run, tmp_path: Path) -> None:
    film(tmp_path / "A001" / "A001C001_260529_R1AB.mov", 36_000 * 24, 24 * 20)
    for name in ("SHUTTLE", "RAID"):
        (tmp_path / name).mkdir()
    code, out, _ = documentary("offload", tmp_path / "A001", tmp_path / "SHUTTLE", tmp_path / "RAID", "--json")
    assert code == 0
    assert json.loads(out)["clips"]["day"] == 1
    takes = document(documentary, "log", "list")["takes"]
    assert [(take["slate"][:8], take["day"]) for take in takes] == [("A001C001", 1)]
