"""`onset log` as a person or a program meets it: what is printed, the JSON, the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import create_log
from onset.capture.lock import LOCK_NAME, CaptureLock
from onset.cli.main import main
from onset.clock import SystemClock
from tests.logging_db.conformance import TAKE_KEYS

Run = Callable[..., tuple[int, str, str]]


def fresh(folder: Path, capsys: pytest.CaptureFixture[str], rate: str = "25") -> Run:
    """`run("roll", "42C")` types it in a production that is made in the folder: exit code, output, complaint."""
    create_log(folder, title="Harbour Lights", rate=rate)
    (folder / "config.toml").write_text(f'[production]\ntitle = "Harbour Lights"\nrate = "{rate}"\n')

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(folder), "log", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`log("roll", "42C")` in a fresh production."""
    return fresh(tmp_path, capsys, "23.976")


def document(run: Run, *words: str) -> dict[str, Any]:
    """The JSON a command prints; nothing but one document."""
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_camera_that_is_late_has_no_roll(log: Run) -> None:
    log("next", "42C", "--camera", "A=on", "--camera", "B=off", "--roll", "A=A014", "--roll", "B=B003")
    log("roll")
    on_a, on_b = document(log, "camera", "B", "late")["take"]["angles"]
    assert (on_a["roll"], on_a["start"]) == ("A014", None)
    assert on_b["roll"] == "B003"
    assert on_b["start"] is not None
    cut = document(log, "camera", "A", "cut")["take"]["angles"][0]
    assert (cut["start"], cut["end"] is not None) == (None, True)
    log("cut")
    code, _, complaint = log("camera", "B", "late")
    assert (code, "Nothing rolls" in complaint) == (1, True)


def test_day_through_the_command_line(log: Run) -> None:
    take = document(log, "roll", "42C")["take"]
    assert take.keys() >= TAKE_KEYS
    assert (take["scene"], take["slate"], take["take"], take["state"]) == ("42", "42C", "1", "rolling")
    assert take["tc_source"] == "clock"
    assert take["duration_frames"] is None
    assert document(log, "action")["take"]["runs"][0]["cut"] is None
    assert document(log, "mark", "eyeline")["take"]["marks"][0]["text"] == "eyeline"
    cut = document(log, "cut")["take"]
    assert cut["state"] == "cut"
    assert cut["duration_frames"] >= cut["timing_frames"] >= 0
    assert document(log, "set", "last", "status=circled", "mos=yes")["take"]["mos"] is True
    noted = document(log, "note", "42C/1", "boom in", "--audience", "private", "--author", "Zoë")["take"]
    (note,) = noted["notes"]
    assert note.items() >= {"text": "boom in", "author": "Zoë", "tc": None, "audience": "private"}.items()
    assert document(log, "tag", "last", "stunt")["take"]["tags"] == ["stunt"]
    added = document(log, "add", "42C/7", "--at", "00:00:10", "--for", "1:30", "--set", "status=hold")["take"]
    assert (added["status"], added["duration_frames"], added["state"]) == ("hold", 2158, "cut")  # 90 s are 2157.84
    assert added["tc_in"] == "00:00:09:23"  # 10 s of real time at 24000/1001
    assert [one["take"] for one in document(log, "list")["takes"]] == ["1", "7"]
    assert [one["take"] for one in document(log, "list", "--status", "circled")["takes"]] == ["1"]
    assert [one["take"] for one in document(log, "search", "boom", "i")["takes"]] == ["1"]
    assert document(log, "show", added["id"])["take"] == added


def test_roll_while_rolling_and_cut_with_none_exit_1(log: Run) -> None:
    assert log("cut")[0] == 1
    assert log("action")[0] == 1
    assert log("mark")[0] == 1
    assert log("roll", "1")[0] == 0
    code, out, err = log("roll", "2")
    assert (code, out) == (1, "")
    assert err == "onset: 1/1 rolls already; cut it first.\n"
    assert log("cut")[0] == 0
    assert log("cut")[0] == 1
    assert log("cut", "1/1")[0] == 1


def test_undo_and_redo_in_words(log: Run) -> None:
    log("roll", "42C")
    log("cut")
    log("set", "42C/1", "status=circled")
    assert log("undo") == (0, "42C/1 no longer circled.\n", "")
    done = document(log, "redo")
    assert (done["sentence"], done["take"]["status"]) == ("42C/1 circled", "circled")
    assert log("redo") == (1, "", "onset: There is nothing to redo.\n")


def test_board_is_set_and_goes_on(log: Run) -> None:
    board = document(log, "next", "43A", "--camera", "A=on", "--camera", "B=off", "--roll", "A=A014")["board"]
    assert (board["scene"], board["slate"], board["take"]) == ("43", "43A", "1")
    assert board["cameras"][0] == {"camera": "A", "roll": "A014", "in_next": True}
    board = document(log, "next", "--no-sound", "--sound-roll", "S001")["board"]
    assert (board["slate"], board["sound_roll"], board["sound_in_next"]) == ("43A", "S001", False)
    assert "  sound out, roll S001" in log("board")[1].splitlines()
    assert document(log, "next")["board"]["slate"] == "43B"
    take = document(log, "roll", "--kind", "pickup", "--take", "4")["take"]
    assert (take["kind"], take["take"], [angle["camera"] for angle in take["angles"]]) == ("pickup", "4", ["A"])
    log("cut")
    assert document(log, "set", "last", "A.rating=ng", "A.roll=A015")["take"]["angles"][0]["roll"] == "A015"


def test_history_and_deletion(log: Run) -> None:
    log("roll", "1")
    log("cut")
    log("set", "last", "status=ng")
    newest = document(log, "history", "1/1")["changes"][0]
    assert (newest["entity"], newest["field"], newest["old"], newest["new"]) == ("take", "status", "none", "ng")
    assert document(log, "delete", "1/1")["take"]["deleted"] is True
    assert document(log, "list")["takes"] == []
    assert document(log, "restore", "1/1")["take"]["deleted"] is False
    assert log("restore", "1/1")[0] == 1
    assert document(log, "conflicts") == {"conflicts": []}


def test_a_take_that_was_typed_in_can_never_be_told_its_camera(log: Run) -> None:
    assert log("add", "9/1", "--at", "10:00:10:00", "--for", "14")[0] == 0
    angles = document(log, "set", "9/1", "A.roll=A014", "B.roll=B007")["take"]["angles"]
    assert [(angle["camera"], angle["roll"]) for angle in angles] == [("A", "A014"), ("B", "B007")]


MISTAKES = (
    (("set", "last", "colour=red"), 1, 'no field "colour"'),
    (("set", "last", "status=great"), 1, 'cannot be "great"'),
    (("set", "last", "status"), 2, "not FIELD=VALUE"),
    (("set", "last", "Q.roll=1"), 1, 'no camera "Q"'),
    (("set", "last", "day=" + "9" * 5000), 1, "whole number"),
    (("set", "last", "day=--5"), 1, "whole number"),
    (("set", "last", "duration_frames=99999999999999999"), 1, "a day has"),
    (("add", "1/9", "--for", "9" * 20), 1, "a day has"),
    (("show", "99/1"), 1, "no take 99/1"),
    (("show", "99"), 1, "write SLATE/TAKE"),
    (("note", "last", "  "), 1, "needs some words"),
    (("add", "42C"), 2, "write SLATE/TAKE"),
    (("add", "1/9", "--at", "25:00"), 2, "not a time of day"),
    (("add", "1/9", "--at", "noon"), 2, "HH:MM"),
    (("add", "1/9", "--for", "long"), 2, "not a length"),
    (("next", "--camera", "B=maybe"), 2, "on or off"),
    (("next", "x" * 40), 1, "longer than 32"),
    (("tag", "last"), 2, "which tag"),
    (("list", "--unit", "Second"), 2, 'no unit "Second"'),
    (("roll", "1\x1b[2J"), 1, "cannot be shown"),
    (("note", "last", "half \udce9 a letter"), 1, "not text"),
    (("sing",), 2, 'onset: There is no verb "sing"; "onset log --help" lists them.'),
    (("serach",), 2, 'onset: There is no verb "serach"; did you mean "search"? "onset log --help" lists them.'),
    (("list", "--limit", "9" * 20), 2, "onset: log list: argument --limit"),
    (("list", "--day", "9" * 5000), 2, "as in day:3 or day:3-5"),
    (("list", "--day", "0"), 2, "day:"),
    (("history", "--limit", "9" * 20), 2, "not a whole number from 0"),
    (("list", "--tag", "\udcff"), 1, "not text"),
    (("list", "--scene", "\udcff"), 1, "not text"),
    (("list", "--slate", "\udcff"), 1, "not text"),
    (("show", "\udcff/1"), 1, "not text"),
    (("restore", "\udcff/1"), 1, "not text"),
    (("cut", "\udcff/1"), 1, "not text"),
    (("list", "--unit", "\udcff"), 2, "no unit"),
)


def test_mistake_is_one_sentence(log: Run) -> None:
    log("roll", "1")
    log("cut")
    before = log("history")
    for words, code, said in MISTAKES:
        found, out, err = log(*words)
        assert (found, out) == (code, ""), words
        assert said in err
        assert err.count("\n") == 1, words
        assert err.startswith("onset: "), words
        assert log("history") == before, words


def test_terminal_escapes_in_a_note_are_shown_not_obeyed(log: Run) -> None:
    log("roll", "1")
    log("note", "last", "a\x1b]0;PWNED\x07b\u202egpj")
    for words in (("list",), ("show", "last"), ("history",), ("search", "a")):
        _, out, _ = log(*words)
        assert "PWNED" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_list_fits_80_columns(log: Run) -> None:
    log("roll", "41+122A", "--take", "2PK")
    log("cut")
    log("note", "last", "a very long note about the eyeline that goes on and on " * 3)
    _, out, _ = log("list")
    assert max(map(len, out.splitlines())) <= 80
    assert "41+122A/2PK" in out


def test_broken_configuration_costs_no_take(log: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[production\n")
    assert log("roll", "1")[0] == 0
    assert log("cut")[0] == 0


@pytest.mark.parametrize("breaks", ["key", "lock", "bus"])
def test_service_that_cannot_be_asked_costs_no_take(
    log: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    log("roll", "1")
    runtime = tmp_path / "runtime"
    (runtime / "onset").mkdir(mode=0o755, parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with ExitStack() as held:
        if breaks == "lock":
            (tmp_path / LOCK_NAME).symlink_to("nowhere")
        else:
            held.enter_context(CaptureLock(tmp_path, SystemClock()))
        if breaks == "key":
            (runtime / "onset").chmod(0o700)
            (tmp_path / "config.toml").write_text('bogus = 1\n[production]\nrate = "23.976"\n')
        code, out, err = log("cut", "--json")
    assert code == 0
    cut = json.loads(out)["take"]
    assert (cut["state"], cut["tc_source"]) == ("cut", "clock")
    assert {"key": "bogus", "lock": "cannot be read", "bus": "only you may enter"}[breaks] in err
    assert err.count("\n") == 1
    assert err.startswith("onset: ")


def test_wait_without_a_service_returns_at_once(log: Run) -> None:
    log("roll", "1")
    assert document_after_wait(log)["state"] == "cut"


def document_after_wait(log: Run) -> dict[str, Any]:
    code, out, _ = log("cut", "--wait", "--json")
    assert code == 0
    found = json.loads(out)["take"]
    assert isinstance(found, dict)
    return found


def test_reading_commands_load_no_screen_no_picture_and_no_bus(tmp_path: Path) -> None:
    create_log(tmp_path, title="H", rate="25")
    code = (
        "import sys; from onset.cli.main import main; main(sys.argv[1:])\n"
        "print([m for m in ('textual', 'av', 'cv2', 'pyaudio', 'zmq', 'numpy', 'lxml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "-p", str(tmp_path), "log", "list"],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
    )
    assert done.stdout == "No takes.\n[]\n"
