"""`onset log events`: when an alarm began and ended, and how often it came."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import create_log
from onset.cli import log_events
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.logbook.terms import Event
from tests.logging_db.support import NOON, a_clock

NS = 1_000_000_000


@pytest.fixture
def production(tmp_path: Path) -> Path:
    create_log(tmp_path, title="Harbour", rate="25", clock=a_clock())
    with closing(open_logbook(tmp_path, role="capture")) as log:
        for what, cleared_ns, count in (("black", NOON + 12 * NS, 3), ("silence", None, 1)):
            alarm = Event(
                wall_ns=NOON, device="B", what=what, detail=f"B: {what}\x1b[2J.", alarm=True, last_ns=NOON, count=count,
                cleared_ns=cleared_ns,
            )  # fmt: skip
            log.alarm_raised(alarm)
        log.event(Event(wall_ns=NOON, device="A", what="dropped", detail="A: 3 frames were lost."))
    return tmp_path


def said(production: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["-p", str(production), "log", "events", *words]) == 0
    return capsys.readouterr().out


def test_line_says_from_when_to_when_how_often_and_what_stands(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dropped, silence, black = said(production, capsys).splitlines()
    assert dropped.startswith("  ")
    assert dropped.endswith("dropped      A: 3 frames were lost.")
    assert silence.startswith("! since ")
    assert ":12 x3 " in black
    assert "\\x1b[2J" in black
    assert all(len(line) <= 80 for line in (dropped, silence, black))
    assert said(production, capsys, "--standing").splitlines() == [silence]


def test_json_has_both_times(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dropped, silence, black = json.loads(said(production, capsys, "--json"))["events"]
    assert (black["from"], black["to"], black["count"]) == ("2026-05-29T12:00:00.000Z", "2026-05-29T12:00:12.000Z", 3)
    assert (silence["standing"], silence["to"]) == (True, None)
    assert (dropped["standing"], dropped["last"], dropped["alarm"]) == (False, None, False)


def test_an_alarm_of_a_service_that_is_no_more_stands_for_ever(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "silence" in said(production, capsys, "--standing")
    assert main(["-p", str(production), "log", "over", "B", "--what", "black"]) == 1
    assert 'No alarm "black" of B stands' in capsys.readouterr().err
    assert main(["-p", str(production), "log", "over", "B"]) == 0
    assert "Ended by a person." in capsys.readouterr().out
    assert said(production, capsys, "--standing") == "No alarm stands.\n"


def test_a_person_ends_what_the_service_still_watches(
    production: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_events, "_watched", lambda _: {("B", "silence")})
    assert main(["-p", str(production), "log", "over", "B"]) == 1
    assert "The capture service that runs says" in capsys.readouterr().err
    assert "silence" in said(production, capsys, "--standing")


def test_what_is_to_be_done_is_cut_off_at_the_end_of_the_line(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    detail = "DECK did not record: its medium is full, and nothing more fits; put a fresh one in and press record."
    with closing(open_logbook(production, role="capture")) as log:
        log.event(Event(wall_ns=NOON, device="DECK", what="does not record", detail=detail))
    shown = said(production, capsys)
    assert detail in " ".join(shown.split())
    assert all(len(line) <= 80 for line in shown.splitlines())
