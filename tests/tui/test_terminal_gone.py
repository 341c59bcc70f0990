"""The app ends by itself when its terminal goes away without a hang-up signal, and nothing is lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

from logging_db.logbook import open_log
from onset.domain.take import State
from tests.tui.terminal import Terminal, onset
from tui.app import EXIT_GONE
from tui.drafts import DRAFTS, read_drafts

SOON_S = 20  # it takes well under a second on an idle machine


def _production(folder: Path) -> tuple[Path, list[str]]:
    production = folder / "day"
    subprocess.run(onset("new", str(production), "--title", "Gone", "--rate", "25", "--slating", "us"), check=True)
    return production, onset("-p", str(production), "tui")


def _left_behind(production: Path) -> tuple[list[str], list[State]]:
    log = open_log(production / "log.onset")
    try:
        return [each.text for each in read_drafts(log.draft(DRAFTS)).values()], [take.state for take in log.takes()]
    finally:
        log.close()


def test_the_app_ends_when_its_terminal_is_gone(tmp_path: Path) -> None:
    production, command = _production(tmp_path)
    with Terminal(command) as terminal:
        terminal.wait_for("S types the first slate")
        terminal.send(b"s7b\r")
        terminal.wait_for("Next is 7B/1")
        terminal.send(b" ")
        terminal.wait_for("7B/1 rolls.")
        terminal.send(b"tsoft at the ")
        terminal.wait_for("soft at the")
        terminal.go_away()
        assert terminal.process.wait(timeout=SOON_S) == EXIT_GONE
    assert _left_behind(production) == (["soft at the "], [State.ROLLING])


def test_what_was_half_typed_is_there_after_kill_9(tmp_path: Path) -> None:
    production, command = _production(tmp_path)
    with Terminal(command) as terminal:
        terminal.wait_for("S types the first slate")
        terminal.send(b"s7b/4")
        terminal.wait_for("7b/4")
        for _ in range(100):
            if _left_behind(production)[0]:
                break
            terminal.drain(0.1)
        terminal.kill()
    assert _left_behind(production) == (["7b/4"], [])
    with Terminal(command) as terminal:
        terminal.wait_for("Half typed")
        terminal.send(b"s\r")
        terminal.wait_for("Next is 7B/4")
        terminal.send(b"\x11")
        assert terminal.ended() == 0
    assert _left_behind(production) == ([], [])
