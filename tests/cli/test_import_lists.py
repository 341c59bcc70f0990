"""`onset import schedule` and `onset import shots` with the lists that productions have, and what is no list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onset.cli.main import main
from tests.cli.at_the_desk import new_production
from tests.onset.stills.pictures import jpeg

Run = Callable[..., tuple[int, str, str]]

SCRIPT = "".join(f"INT. ROOM {n} - DAY #{n}#\n\nWhat happens in room {n}.\n\n" for n in ("1", "2", "3", "3A", "4"))
SCHEDULE = """Harbour Lights - one liner,,,,
Shoot Day,Scene,Pages,Unit,Notes
Day 2,3,1/8,,fog machine
,1,2/8,,
,"2, 3A",,,
3 of 30,4,1 4/8,,
"""
SHOTS = """Scene,Shot,Description,Size,Lens,Cam,Day,Storyboard
2,over Tom,over Tom's shoulder,OTS,50mm,A,2,boards/over tom.jpg
,Mara,close on Mara,CU,85mm,"A,B",2,12
4,,the lamp from below,WS,,,3,
"""


@pytest.fixture
def onset(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    new_production(tmp_path / "Harbour", capsys)
    monkeypatch.chdir(tmp_path)
    for name, text in (("s.fountain", SCRIPT), ("days.csv", SCHEDULE), ("shots.csv", SHOTS)):
        (tmp_path / name).write_text(text)
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards/over tom.jpg").write_bytes(jpeg("2026:05:29 09:00:00"))

    def run(*words: str | Path) -> tuple[int, str, str]:
        code = main(["-p", "Harbour", *map(str, words)])
        return code, *capsys.readouterr()

    assert run("import", "script", "s.fountain")[0] == 0
    return run


def document(run: Run, *words: str | Path) -> dict[str, Any]:
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def plan(run: Run, day: int) -> list[tuple[str, int | None, str | None]]:
    return [(one["scene"], one["eighths"], one["note"]) for one in document(run, "log", "plan", str(day))["plan"]]


def test_schedule_comes_in_by_days_in_its_own_order(onset: Run) -> None:
    found = document(onset, "import", "schedule", "days.csv")
    assert (found["doubts"], found["passed_over"]) == ([], [])
    assert found["columns"] == {
        "scene": "Scene",
        "day": "Shoot Day",
        "eighths": "Pages",
        "unit": "Unit",
        "note": "Notes",
    }
    assert plan(onset, 2) == [("3", 1, "fog machine"), ("1", 2, None), ("2", None, None), ("3A", None, None)]
    assert plan(onset, 3) == [("4", 12, None)]
    assert document(onset, "log", "totals")["totals"]["planned"] == []  # of day 1


def test_corrected_schedule_takes_the_place_of_the_days_it_names(onset: Run, tmp_path: Path) -> None:
    document(onset, "import", "schedule", "days.csv")
    (tmp_path / "new.csv").write_text("Day,Order,Scene\n2,2,1\n2,1,4\n")
    previewed = document(onset, "import", "schedule", "new.csv", "--dry-run")
    assert len(plan(onset, 2)) == 4
    found = document(onset, "import", "schedule", "new.csv")
    assert found["diff"] == previewed["diff"]
    assert found["diff"]["added"] == [{"unit": "Main", "day": 2, "scene": "4"}]
    assert [one["scene"] for one in found["diff"]["removed"]] == ["3", "2", "3A"]
    assert plan(onset, 2) == [("4", None, None), ("1", None, None)]
    assert plan(onset, 3) == [("4", 12, None)]
    assert onset("log", "undo")[1] == "schedule of day 2 as it was before.\n"
    assert len(plan(onset, 2)) == 4


def test_same_schedule_again_changes_nothing(onset: Run) -> None:
    document(onset, "import", "schedule", "days.csv")
    history = document(onset, "log", "history")
    assert document(onset, "import", "schedule", "days.csv")["diff"] == {"added": [], "removed": []}
    assert document(onset, "log", "history") == history


def test_rows_between_ends_of_days_are_of_that_day(onset: Run, tmp_path: Path) -> None:
    text = (
        'Sheet,Scene,Pages\n1,4,1/8\n"END OF DAY 1 - Monday, 5/8 pgs",,\n2,1,1/8\n3,2,\n,End of Shooting Day #2,\n4,3,'
    )
    (tmp_path / "strips.csv").write_text(text)
    found = document(onset, "import", "schedule", "strips.csv")
    assert [(one["day"], one["scene"]) for one in found["planned"]] == [(1, "4"), (2, "1"), (2, "2")]
    assert found["passed_over"] == [6]


def test_rows_that_name_no_scene_of_the_log_are_told_and_the_others_come_in(onset: Run, tmp_path: Path) -> None:
    text = "Day,Scene,Unit\n2,1,\n2,99,\n2,2,Second\nsometime,3,\n2001-01-01,3,\n"
    (tmp_path / "some.csv").write_text(text)
    found = document(onset, "import", "schedule", "some.csv")
    assert [one["scene"] for one in found["planned"]] == ["1"]
    assert [doubt.partition(":")[0] for doubt in found["doubts"]] == ["row 4", "row 5", "row 2", "row 3"]
    assert found["passed_over"] == [4, 5]
    assert 'there is no unit "Second"' in found["doubts"][3]


def test_part_of_a_scene_is_a_note_and_no_number(onset: Run, tmp_path: Path) -> None:
    (tmp_path / "part.csv").write_text("Day,Scene,Notes\n2,1pt,\n2,3A PT.,at dusk\n2,2,\n")
    document(onset, "import", "schedule", "part.csv")
    assert plan(onset, 2) == [("1", None, "part"), ("3A", None, "part; at dusk"), ("2", None, None)]


def test_date_of_a_day_that_the_log_has_is_that_day(onset: Run, tmp_path: Path) -> None:
    assert onset("log", "roll", "1")[0] == 0
    today = document(onset, "log", "days")["days"][0]["date"]
    (tmp_path / "dated.csv").write_text(f"Date,Scene\n{today},2\n")
    assert [one["day"] for one in document(onset, "import", "schedule", "dated.csv")["planned"]] == [1]


@pytest.mark.parametrize(
    ("kind", "text", "complaint"),
    [
        ("schedule", "Scene,Day\n99,1\n", "None of its scenes is in the log"),
        ("schedule", "Scene,Pages\n1,1/8\n", "has no row with a scene and a day"),
        ("schedule", "Scene,Day\n1,Tuesday\n", "has no row with a scene and a day"),
        ("schedule", "Prop,Day\nlamp,1\n", "has no row of headings with scene"),
        ("schedule", "Scene,Day\n", "not one row"),
        ("schedule", "", "is empty"),
        ("shots", "Scene,Lens\n1,35\n", "has no row of headings with scene; shot or description"),
        ("shots", "Scene,Shot\n,a\n", "has no row with a scene and a setup"),
        ("shots", "\x01\x02\x03\x04\x05\x06,Scene\n", "is no table of text"),
    ],
)
def test_list_that_yields_nothing_is_refused(onset: Run, tmp_path: Path, kind: str, text: str, complaint: str) -> None:
    (tmp_path / "bad.csv").write_text(text)
    before = document(onset, "log", "history")
    code, out, err = onset("import", kind, "bad.csv")
    assert (code, out) == (1, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert document(onset, "log", "history") == before


def test_shot_list_becomes_planned_setups_with_their_storyboards(onset: Run, tmp_path: Path) -> None:
    found = document(onset, "import", "shots", "shots.csv")
    assert (found["new"], found["doubts"]) == (3, [])
    setups = {one["name"]: one for one in document(onset, "log", "setups", "--planned")["setups"]}
    over = setups["over Tom"]
    assert (over["scene"], over["size"], over["planned_day"], over["planned"], over["shot"]) == (
        "2",
        "OTS",
        2,
        True,
        False,
    )
    assert [(one["camera"], one["lens"]) for one in over["cameras"]] == [("A", "50mm")]
    assert over["storyboard"] == "media/storyboards/over tom.jpg"
    copied = tmp_path / "Harbour/media/storyboards/over tom.jpg"
    assert copied.read_bytes() == (tmp_path / "boards/over tom.jpg").read_bytes()
    assert (setups["Mara"]["scene"], setups["Mara"]["storyboard"]) == ("2", "12")
    assert [one["camera"] for one in setups["Mara"]["cameras"]] == ["A", "B"]
    assert setups["the lamp from below"]["description"] == "the lamp from below"


def test_shot_list_again_changes_nothing_and_what_has_a_slate_is_left_alone(onset: Run, tmp_path: Path) -> None:
    document(onset, "import", "shots", "shots.csv")
    history = document(onset, "log", "history")
    assert document(onset, "import", "shots", "shots.csv")["same"] == 3
    assert document(onset, "log", "history") == history
    assert onset("log", "setup", "2A", "--plan", "over Tom")[0] == 0
    assert onset("log", "setup", "2A", "size=MS")[0] == 0
    (tmp_path / "shots.csv").write_text(SHOTS.replace("close on Mara,CU", "close on Mara,ECU"))
    previewed = document(onset, "import", "shots", "shots.csv", "--dry-run")
    found = document(onset, "import", "shots", "shots.csv")
    states = {one["name"]: one["state"] for one in found["setups"]}
    assert states == {"over Tom": "slated", "Mara": "changed", "the lamp from below": "same"}
    assert states == {one["name"]: one["state"] for one in previewed["setups"]}
    assert document(onset, "log", "setup", "2A")["setup"]["size"] == "MS"
    assert len(document(onset, "log", "setups", "--planned")["setups"]) == 3
    assert onset("log", "undo")[0] == 0
    sizes = {one["name"]: one["size"] for one in document(onset, "log", "setups", "--planned")["setups"]}
    assert sizes["Mara"] == "CU"


def test_row_that_no_board_can_show_is_told_and_the_others_come_in(onset: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(f"Scene,Shot\n1,wide\n{'9' * 40},wide\n1,{'x' * 90}\n1,a\x1b[2J\n")
    found = document(onset, "import", "shots", "odd.csv")
    assert [one["name"] for one in found["setups"]] == ["wide"]
    assert [doubt[:6] for doubt in found["doubts"]] == ["row 2:", "row 3:", "row 4:"]


def test_undo_takes_a_whole_shot_list_back(onset: Run) -> None:
    document(onset, "import", "shots", "shots.csv")
    assert onset("log", "undo")[1] == "3 setups no longer planned.\n"
    assert document(onset, "log", "setups", "--planned")["setups"] == []
    assert onset("log", "redo")[1] == "3 setups are again planned.\n"


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("../secret.jpg", "it does not lie beside the list"),
        ("/etc/passwd.png", "it does not lie beside the list"),
        ("boards/none.jpg", "No such file"),
        ("boards/text.jpg", "it is no JPEG"),
        ("link.jpg", "it does not lie beside the list"),
    ],
)
def test_storyboard_that_cannot_be_copied_is_told_and_its_setup_is_planned(
    onset: Run, tmp_path: Path, image: str, why: str
) -> None:
    (tmp_path / "boards/text.jpg").write_text("no picture")
    (tmp_path / "list").mkdir()
    (tmp_path / "secret.jpg").write_bytes(jpeg("2026:05:29 09:00:00"))
    (tmp_path / "list/boards").symlink_to(tmp_path / "list")
    (tmp_path / "list/link.jpg").symlink_to(tmp_path / "secret.jpg")
    where = tmp_path if image.startswith("boards/") else tmp_path / "list"
    (where / "one.csv").write_text(f"Scene,Shot,Storyboard\n1,wide,{image}\n")
    found = document(onset, "import", "shots", where / "one.csv")
    assert f"row 1: storyboard {image} was not copied" in found["doubts"][0]
    assert why in found["doubts"][0]
    assert found["setups"][0]["storyboard"] == image
    assert not list((tmp_path / "Harbour/media").glob("storyboards/*.jpg"))


def test_preview_of_a_shot_list_writes_nothing(onset: Run, tmp_path: Path) -> None:
    code, out, _ = onset("import", "shots", "shots.csv", "--dry-run")
    assert code == 0
    assert "  new      2       over Tom         OTS; over Tom's shoulder\n" in out
    assert out.endswith("3 setups: 3 new. Nothing was written.\n")
    assert document(onset, "log", "setups", "--planned")["setups"] == []
    assert not (tmp_path / "Harbour/media/storyboards").exists()
