"""`onset log load`, `pull`, `hand`, `rolls`, `move-roll`, and what an offload makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.cli.main import main
from tests.cli.at_the_desk import Run, document, new_production


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return new_production(tmp_path / "Harbour", capsys)


def states(log: Run, *words: str) -> list[tuple[str, str]]:
    return [(roll["label"], roll["state"]) for roll in document(log, "rolls", *words)["rolls"]]


def test_rolls_from_the_camera_to_the_cart(log: Run) -> None:
    assert log("rolls") == (0, "No rolls.\n", "")
    log("roll", "42C")
    log("cut")
    assert log("load", "A", "A014", "--serial", "R-77")[1] == "A014       camera A   day   1  loaded    R-77\n"
    log("load", "sound", "S001")
    made = document(log, "load", "A", "A015")["roll"]
    assert (made["label"], made["device"], made["day"], made["state"], made["card"]) == (
        *("A015", "A", 1),
        *("loaded", None),
    )
    assert document(log, "board")["board"]["cameras"][0]["roll"] == "A015"
    assert states(log) == [("A014", "pulled"), ("S001", "loaded"), ("A015", "loaded")]
    assert log("undo")[1] == "A014 is loaded again; A015 taken out again.\n"
    log("redo")
    assert log("hand", "A014", "Sam")[1] == "A014       camera A   day   1  waiting   R-77, with Sam\n"
    assert log("pull", "S001", "--to", "Sam")[1] == "S001       sound      day   1  waiting   with Sam\n"
    assert document(log, "rolls", "A014", "state=safe", "note=two copies")["roll"]["note"] == "two copies"
    assert states(log, "A014") == [("A014", "safe")]
    assert states(log, "--day", "2") == []
    assert max(map(len, log("rolls")[1].splitlines())) <= 80


def test_offload_moves_the_roll_it_names_and_a_refused_one_leaves_it_waiting(
    log: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "A014"
    card.mkdir()
    (card / "A014C001.txt").write_bytes(b"picture")
    log("load", "A", "A014")
    log("pull", "A014", "--to", "Sam")
    offload = ["-p", str(tmp_path / "Harbour"), "offload", str(card)]
    assert main([*offload, str(card / "inside")]) != 0  # a target on the card
    capsys.readouterr()
    assert states(log) == [("A014", "waiting")]
    (tmp_path / "RAID").mkdir()
    assert main([*offload, str(tmp_path / "RAID")]) == 0  # one copy alone is not safe
    capsys.readouterr()
    assert states(log) == [("A014", "waiting")]
    told = [line["new"] for line in document(log, "history")["changes"] if line["field"] == "state"]
    assert told == ["waiting", "copying", "waiting", "loaded"]  # a refused one never said "copying"
    assert document(log, "rolls")["rolls"][0]["card"] is not None


def test_rolls_move_to_another_day_and_takes_stay(log: Run) -> None:
    log("load", "A", "A014")
    log("roll", "42C")
    log("cut")
    log("stamp", "company wrap")
    code, out, err = log("move-roll", "A014", "--day", "1")
    assert (code, err) == (0, "")
    assert "Takes stay: onset log set TAKE day=1" in out
    assert max(map(len, out.splitlines())) <= 80
    assert document(log, "move-roll", "A014", "--day", "1")["rolls"][0]["day"] == 1


MISTAKES = (
    (("load", "A", ""), 1, "must not be empty"),
    (("load", "", "A015"), 1, "must not be empty"),
    (("load", "A", "A\x1b[2J"), 1, "cannot be shown"),
    (("load", "A", "A015", "--serial", "R-77"), 1, "Magazine R-77 holds A014, which is loaded and not cleared"),
    (("load", "A", "A015", "--serial", "a\udcff"), 1, "not text"),
    (("pull", "A099"), 1, "has no roll A099"),
    (("pull", "\udcff"), 1, "not text"),
    (("hand", "A014", "Sam"), 1, "still loaded"),
    (("rolls", "A014", "state=lost"), 1, "it is one of loaded"),
    (("rolls", "A014", "state=reused", "label=A9"), 1, 'no field "label"'),
    (("rolls", "A014", "state"), 2, "not FIELD=VALUE"),
    (("rolls", "state=safe"), 2, "Say which roll"),
    (("rolls", "--day", "x"), 2, "--day"),
    (("move-roll", "A014", "--day", "3"), 1, "has not opened day 3"),
    (("move-roll", "A014"), 2, "--day"),
    (("move-roll", "A014", "Z9", "--day", "1"), 1, "no roll and no card Z9"),
)


def test_mistake_is_one_sentence(log: Run) -> None:
    log("stamp", "call")
    log("load", "A", "A014", "--serial", "R-77")
    before = log("history")
    for words, code, said in MISTAKES:
        found, out, err = log(*words)
        assert (found, out) == (code, ""), words
        assert said in err
        assert err.count("\n") == 1, words
        assert log("history") == before, words


def test_card_of_the_second_unit_goes_into_its_folder_of_a_target(
    log: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log("roll", "1")
    log("unit", "Second")
    log("stamp", "call", "--unit", "Second")
    log("load", "A", "X001", "--unit", "Second")
    card, shuttle = tmp_path / "X001", tmp_path / "SHUTTLE"
    card.mkdir()
    shuttle.mkdir()
    (card / "X001C001.txt").write_bytes(b"picture")
    with (tmp_path / "Harbour" / "config.toml").open("a") as config:
        config.write(f'[[target]]\nname = "shuttle"\npath = "{shuttle}"\nfolder = "{{unit}}/{{day}}/{{roll}}"\n')
    assert main(["-p", str(tmp_path / "Harbour"), "offload", str(card), "--to", "shuttle"]) == 0
    capsys.readouterr()
    assert (shuttle / "Second" / "1" / "X001" / "X001C001.txt").read_bytes() == b"picture"
    assert states(log, "--unit", "Second") == [("X001", "waiting")]
    assert states(log) == []
