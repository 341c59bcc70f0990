"""`onset log still` and `stills`: a person decides which take a still belongs to, and whom it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.cli.main import main
from tests.logging_db.conformance_stills import a_still

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("still", "IMG_0001", "42C/2")`; takes 42C/1 and 42C/2, a still proposed for the first, one for none."""
    create_log(tmp_path, title="Harbour Lights", rate="25")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(tmp_path), "log", *words])
        return code, *capsys.readouterr()

    for take in ("42C/1", "42C/2"):
        assert run("add", take, "--for", "30")[0] == 0
    book = open_log(tmp_path / LOG_NAME)
    first = book.find_take("42C/1")
    nothing = a_still(2, evidence="")
    book.bring_in_stills([a_still(1, take_id=first.id, evidence="taken during 42C/1"), nothing])
    book.close()
    return run


def document(run: Run, *words: str) -> dict[str, Any]:
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_take_shows_its_stills(log: Run) -> None:
    (still,) = document(log, "show", "42C/1")["take"]["stills"]
    assert (still["path"], still["state"], still["caption"]) == ("media/stills/IMG_0001.jpg", "proposed", None)
    assert still["taken_at"] == "2026-05-29T12:00:00.000Z"
    assert "  still media/stills/IMG_0001.jpg  proposed\n" in log("show", "42C/1")[1]
    assert document(log, "show", "42C/2")["take"]["stills"] == []


def test_still_is_put_to_another_take_and_back_by_undo(log: Run) -> None:
    said = document(log, "still", "IMG_0001", "42C/2")["still"]
    assert (said["take"], said["state"]) == ("42C/2", "confirmed")
    assert document(log, "show", "42C/1")["take"]["stills"] == []
    assert log("undo")[1] == "IMG_0001.jpg is only proposed for 42C/1.\n"
    assert document(log, "still", "IMG_0001")["still"]["take"] == "42C/1"


def test_proposal_is_confirmed_or_refused(log: Run) -> None:
    assert document(log, "still", "IMG_0001", "--confirm")["still"]["state"] == "confirmed"
    refused = document(log, "still", "IMG_0001", "--refuse")["still"]
    assert (refused["state"], refused["take"]) == ("refused", "42C/1")
    assert document(log, "show", "42C/1")["take"]["stills"] == []
    code, _, err = log("still", "IMG_0002", "--confirm")
    assert code == 1
    assert "IMG_0002.jpg is proposed for no take" in err


def test_still_of_a_setup_of_continuity_and_with_words(log: Run) -> None:
    assert log("continuity", "MARA", "--scene", "41", "wardrobe=coat")[0] == 0
    said = document(log, "still", "IMG_0002", "--slate", "42C", "--continuity", "mara/41", "--caption", "collar")[
        "still"
    ]
    assert (said["take"], said["slate"], said["continuity"], said["caption"]) == (None, "42C", "MARA/41", "collar")
    assert "  still          media/stills/IMG_0002.jpg, collar\n" in log("continuity", "MARA", "--scene", "41")[1]
    cleared = document(log, "still", "IMG_0002", "--continuity", "", "--caption", "")["still"]
    assert (cleared["slate"], cleared["continuity"], cleared["caption"]) == ("42C", None, None)


def test_list_says_what_is_still_to_decide(log: Run) -> None:
    assert [one["take"] for one in document(log, "stills")["stills"]] == ["42C/1", None]
    log("still", "IMG_0001", "--confirm")
    assert [one["path"] for one in document(log, "stills", "--state", "proposed")["stills"]] == [
        "media/stills/IMG_0002.jpg"
    ]
    assert document(log, "stills", "--day", "7") == {"stills": []}
    assert log("stills")[1].splitlines() == [
        "IMG_0001.jpg  confirmed for 42C/1",
        "  taken during 42C/1",
        "IMG_0002.jpg  no take",
    ]


def test_all_that_is_proposed_is_confirmed_at_once_and_taken_back_at_once(log: Run, tmp_path: Path) -> None:
    book = open_log(tmp_path / LOG_NAME)
    second = book.find_take("42C/2")
    book.bring_in_stills([a_still(number, take_id=second.id) for number in (3, 4)])
    book.close()
    assert log("still", "IMG_0003", "--refuse")[0] == 0
    found = document(log, "stills", "--confirm")["stills"]
    assert [one["state"] for one in found] == ["confirmed", "proposed", "refused", "confirmed"]  # 2 has no take
    assert log("undo")[1] == "IMG_0001.jpg is only proposed for 42C/1, and 1 more likewise.\n"
    assert [one["state"] for one in document(log, "stills")["stills"]] == [
        "proposed",
        "proposed",
        "refused",
        "proposed",
    ]
    assert document(log, "stills", "--day", "9", "--confirm") == {"stills": []}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["IMG_0001", "42C/2", "--refuse"], 2),
        (["IMG_0001", "--confirm", "--refuse"], 2),
        (["IMG_0001", "--slate", "9Z"], 2),
        (["IMG_0001", "--continuity", "MARA"], 2),
        (["IMG_0001", "--continuity", "/41"], 2),
        (["IMG_0001", "--continuity", "MARA/41"], 1),
        (["IMG_0001", "42C/9"], 1),
        (["IMG_9999"], 1),
        (["\x1b[2J"], 1),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(log: Run, words: list[str], code: int) -> None:
    before = document(log, "stills")
    got, out, err = log("still", *words)
    assert (got, out, err.count("\n")) == (code, "", 1)
    assert "\x1b" not in err
    assert document(log, "stills") == before
