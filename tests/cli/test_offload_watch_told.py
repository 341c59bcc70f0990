"""What `onset offload --watch` says and asks while cards are copied, and which copies it waits for."""

from __future__ import annotations

import argparse
import json
import os
import sys
import termios
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from onset.cli import asking, offload_watch_told
from onset.cli.offload_watch_copies import Copies
from onset.cli.offload_watch_told import Told
from onset.offload.disks import Mount
from onset.offload.journal import jobs_folder
from onset.offload.progress import Phase
from onset.offload.queue import Standing, Stands

Captured = pytest.CaptureFixture[str]


def test_copy_is_forgotten_for_the_next_card_of_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """While slower targets of a card are filled the next may be mounted alike."""
    ends = threading.Event()
    told = Told(argparse.Namespace(json=False, progress="none"), threading.Event())
    copies: Any = Copies(None, told, threading.Event(), lambda mount, job, error: None)
    first = SimpleNamespace(progress=lambda: SimpleNamespace(phase=Phase.COPY))
    second = SimpleNamespace(progress=lambda: SimpleNamespace(phase=Phase.SCAN))
    monkeypatch.setattr(Copies, "_copy", lambda self, *args: ends.wait(20) if first in args else None)
    mount = Mount("/media/A014", "exfat", "/dev/sdb1", True, 70)
    try:
        copies.begin(mount, argparse.Namespace(), None, first, None, None)
        copies.begin(mount, argparse.Namespace(), None, second, None, None)
        assert copies.has(mount), "the first one still is"
    finally:
        ends.set()
    copies.join()
    assert not copies.has(mount)


def test_result_of_one_card_hides_the_question_about_the_next(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(argparse.Namespace(json=False, progress="bar"), stop := threading.Event())

    def asks(question: str, stop: threading.Event, matters: Callable[[], bool]) -> bool:
        asking.put(question)
        with told.aloud():
            told.say({}, "A014 is copied and read back.")
        return True

    monkeypatch.setattr(asking, "ask", asks)
    monkeypatch.setattr(offload_watch_told, "_copies", lambda: "A014 2 of 7 files")
    told.running()
    assert told.ask("Offload B007?", lambda: True)
    told.say({}, "B007 was not copied.")
    shown = capsys.readouterr()
    assert shown.out == "A014 is copied and read back.\nB007 was not copied.\n"
    line = "\r\x1b[K"
    assert shown.err == f"{line}A014 2 of 7 files{line}Offload B007? [y/N] \nOffload B007? [y/N] "
    told.running()
    told.clear()
    assert capsys.readouterr().err == f"{line}A014 2 of 7 files{line}", "what Ctrl-C says has a line of its own"
    assert not stop.is_set()


def test_question_reads_the_terminal_of_somebody_else(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is in the background and does is stopped, with all that it copies; brought back it asks again."""
    read, write = os.pipe()
    os.write(write, b"y\n")
    os.close(write)
    flushed: list[object] = []
    in_front = iter([False, False, False, True])
    monkeypatch.setattr(asking, "_in_front", lambda: next(in_front))
    monkeypatch.setattr(asking, "_LOOK_S", 0.001)
    monkeypatch.setattr(termios, "tcflush", lambda *which: flushed.append(which))
    with open(read) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert asking.ask("Offload B007?", threading.Event())
    assert capsys.readouterr().err == "Offload B007? [y/N] Offload B007? [y/N] "
    assert not flushed


def test_nobody_sees_what_is_copied_while_the_watch_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of this watch's copies, not of those of other programs."""
    mine = Standing("a", "A014", Stands.RUNS, 1, (), pid=os.getpid())
    waits = Standing("b", "A015", Stands.WAITS, 2, (), pid=os.getpid())
    monkeypatch.setattr(offload_watch_told, "standings", lambda folder: [mine, waits, replace(mine, pid=1)])
    for name, reading in (
        ("a", {"files_done": 2, "files": 7, "eta_s": 65}),
        ("b", {"waits_for": "A014 on RAID"}),
    ):
        folder = jobs_folder(os.environ) / name
        folder.mkdir(parents=True)
        (folder / "progress.json").write_text(json.dumps(reading))
    assert offload_watch_told._copies() == "A014 2 of 7 files, 1:05 to go  |  A015 waits for A014 on RAID"
