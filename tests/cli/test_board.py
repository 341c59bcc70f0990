"""`onset board --once` and `--json`: what the board shows, for those who have no terminal to spare."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from onset.cli.main import main
from onset.domain.take import Status
from tests.tui.support import Set


def test_note_is_said_to_everybody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = Set(tmp_path)
    with closing(place.open()) as log:
        take = log.roll(place.stamp())
        log.note(take.id, "the producer is asleep")
        place.clock.advance(61)
        log.cut(take.id, place.stamp())
        log.set_take(take.id, {"status": Status.CIRCLED, "status_reason": "asleep", "description": "asleep"})
        log.roll(place.stamp())
    assert main(["-p", str(tmp_path), "board", "--json"]) == 0
    said = capsys.readouterr().out
    board = json.loads(said)
    assert board["rolling"]["slate"] == "42A"
    assert board["rolling"]["take"] == "2"
    assert board["takes"] == [
        {
            "scene": "42",
            "slate": "42A",
            "take": "1",
            "state": "cut",
            "status": "circled",
            "kind": "normal",
            "mos": False,
            "length_s": 61,
        }
    ]
    assert main(["-p", str(tmp_path), "board", "--once"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Rolling: 42A/2, ~")
    assert "42A/1          ~1:01  CIRCLED" in text
    assert "asleep" not in said + text


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--unit", "Nope", "--once"], 'There is no unit "Nope"'), ([], "onset board --once")]
)
def test_refusal_is_more_than_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Set(tmp_path).open().close()
    assert main(["-p", str(tmp_path), "board", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
