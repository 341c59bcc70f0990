"""`onset log selects` and `onset log order`: the takes of a tag as they are to be watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.at_the_desk import Run, document, new_production


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """A production with 1/1 to 1/3 of ten seconds each, the first and last of them selects."""
    run = new_production(tmp_path / "set", capsys)
    for number, minute in ((1, "10:00"), (2, "10:05"), (3, "10:10")):
        assert run("add", f"1/{number}", "--at", minute, "--for", "10")[0] == 0
    assert run("tag", "1/1,3", "selects")[0] == 0
    return run


def test_selects_are_listed_as_they_were_shot_when_they_were_ordered(log: Run) -> None:
    code, out, err = log("order", "1/3", "--before", "1/1")
    lines = out.splitlines()
    assert (code, err, [line.split()[1] for line in lines[1:3]]) == (0, "", ["1/3", "1/1"])
    assert lines[-1] == "2 takes, 0:20 from roll to cut"
    found = document(log, "selects")
    assert [take["take"] for take in found["takes"]] == ["3", "1"]
    assert (found["tag"], found["day"], found["duration_frames"]) == ("selects", 1, 500)
    assert "selects on 1/3 place = moved" in log("history")[1]
    assert log("undo") == (0, '1/3 where it was among "selects".\n', "")
    assert [take["take"] for take in document(log, "selects", "--all-days")["takes"]] == ["1", "3"]


def test_take_that_is_no_select_is_ordered(log: Run) -> None:
    code, out, err = log("order", "1/2", "--last")
    assert (code, out) == (1, "")
    assert err == 'onset: 1/2 is not tagged "selects".\n'
    assert (
        log("selects", "--tag", "rain")[1] == 'No take of day 1 is tagged "rain"; "onset log tag TAKE rain" tags one.\n'
    )
    assert log("order", "1/1")[0] == 2
