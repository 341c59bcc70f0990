"""`onset jobs` with several offloads in processes of their own: their order, what people ask of them, and what is told.

What a disk is called and how many jobs it takes is put into each process; a copy that is to be caught in the act waits
for a pipe to be opened.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from onset.cli.main import main
from onset.offload.journal import JobSummary, find_jobs, jobs_folder
from onset.offload.queue import standings
from tests.onset.offload.cards import MIB, contents, make_card

_RUN = """\
import os, sys
disks, pipe, *arguments = sys.argv[1:]
from onset.offload import queue
from onset.offload.copy import Copier
queue._disks = lambda whole, device: disks.split(",")
queue._at_once = lambda disk: 1
real = Copier.run
def run(self, entries):
    if pipe:
        with open(pipe, "rb") as held:  # until somebody lets it go
            held.read()
    real(self, entries)
Copier.run = run
from onset.__main__ import main
sys.exit(main(arguments))
"""
Captured = pytest.CaptureFixture[str]


class Cart:
    """Cards, two targets, and the offloads that run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.targets = [folder / "SHUTTLE", folder / "RAID"]
        for target in self.targets:
            target.mkdir()
        self.running: dict[str, subprocess.Popen[str]] = {}

    def card(self, label: str) -> Path:
        card = self.folder / label
        if not card.exists():
            make_card(card, clips=1, clip_bytes=MIB + 5, small=3, seed=len(label) + int(label[-1]))
        return card

    def offload(self, label: str, *, disks: str = "sda", held: bool = False) -> None:
        """Start it and wait until it stands in the queue; `held`: it goes no further than its first byte."""
        pipe = self.folder / f"{label}.pipe"
        if held:
            os.mkfifo(pipe)
        asked = ["offload", str(self.card(label)), *map(str, self.targets), "--json", "--progress", "jsonl"]
        command = [sys.executable, "-c", _RUN, disks, str(pipe) if held else "", *asked]
        with (self.folder / f"{label}.err").open("w") as said:
            self.running[label] = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, text=True)
        self.until(label, lambda: label in self.standing() or self.ended(label))

    def one_behind_another(self, first: str, second: str) -> None:
        """The first is held at its first byte; the second waits for it."""
        self.offload(first, held=True)
        self.stands(first, "runs")
        self.offload(second)
        self.stands(second, "waits")

    def let_go(self, label: str) -> None:
        with (self.folder / f"{label}.pipe").open("wb"):
            pass

    def standing(self) -> dict[str, str]:
        return {each.label: each.stands.value for each in standings(jobs_folder(os.environ))}

    def job(self, label: str) -> JobSummary:
        return next(job for job in find_jobs(jobs_folder(os.environ)) if job.sheet.label == label)

    def progress(self, label: str) -> dict[str, object]:
        return dict(self.job(label).progress or {})

    def ended(self, label: str) -> bool:
        return self.running[label].poll() is not None

    def until(self, label: str, true: Callable[[], bool]) -> None:
        while not true():
            assert not self.ended(label) or true(), self.said(label)
            with suppress(subprocess.TimeoutExpired):  # it is looked at again when the process ends, or soon
                self.running[label].wait(0.02)

    def stands(self, label: str, how: str) -> None:
        """Until it does."""
        self.until(label, lambda: self.standing().get(label) == how)

    def said(self, label: str) -> str:
        return (self.folder / f"{label}.err").read_text()

    def finish(self, label: str) -> dict[str, Any]:
        out, _ = self.running[label].communicate(timeout=60)
        assert self.running[label].returncode == 0, self.said(label)
        result = json.loads(out)
        for target in self.targets:
            assert contents(target / label) == contents(self.card(label))
        assert isinstance(result, dict)
        return result


@pytest.fixture
def cart(tmp_path: Path) -> Iterator[Cart]:
    cart = Cart(tmp_path)
    yield cart
    for process in cart.running.values():
        process.kill()
        process.communicate()


def listed(capsys: Captured) -> list[tuple[object, ...]]:
    capsys.readouterr()
    assert main(["jobs", "--json"]) == 0
    return [(job["label"], job["state"], job["waits_for"]) for job in json.loads(capsys.readouterr().out)["jobs"]]


def ask(capsys: Captured, *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["jobs", *words])
    said = capsys.readouterr()
    return code, (said.out + said.err).strip()


def ends(result: dict[str, object]) -> tuple[int, int]:
    began, ended = result["started_ns"], result["as_of_ns"]
    assert isinstance(began, int)
    assert isinstance(ended, int)
    return began, ended


def test_three_cards_thrash_one_disk(cart: Cart, capsys: Captured) -> None:
    cart.offload("A014", held=True)
    cart.stands("A014", "runs")
    cart.offload("A015")
    cart.offload("A016")
    cart.offload("B001", disks="sdb")
    cart.finish("B001")  # on disks of its own it goes at once
    cart.until("A016", lambda: bool(cart.progress("A016").get("waits_for")))
    assert listed(capsys)[:3] == [
        ("A014", "runs", None),
        ("A015", "waits", "A014 on SHUTTLE"),
        ("A016", "waits", "A014 and 1 more on SHUTTLE"),
    ]
    assert cart.progress("A015")["phase"] == "waits"
    code, said = ask(capsys, "first", "A016")
    assert (code, said) == (0, "A016 goes before the others. A014 runs and is not stopped.")
    cart.let_go("A014")
    first, second, third = (ends(cart.finish(label))[1] for label in ("A014", "A016", "A015"))
    assert first < second < third
    assert [state for _, state, _ in listed(capsys)] == ["finished"] * 4
    assert "A014          finished   copies not safe" in ask(capsys)[1], "not the card: of that the log says more"
    waits = [json.loads(line)["waits_for"] for line in cart.said("A015").splitlines() if line.startswith("{")]
    assert "A014 on SHUTTLE" in waits


def test_killed_job_keeps_its_turn(cart: Cart) -> None:
    cart.one_behind_another("A014", "A015")
    cart.running["A014"].kill()
    cart.finish("A015")


def test_job_that_is_killed_while_it_waits_is_lost(cart: Cart) -> None:
    cart.one_behind_another("A014", "A015")
    cart.running["A015"].kill()
    cart.running["A015"].communicate()
    cart.let_go("A014")
    cart.finish("A014")
    cart.offload("A015")
    cart.finish("A015")
    assert len([job for job in find_jobs(jobs_folder(os.environ)) if job.sheet.label == "A015"]) == 1


def test_pause_lets_nobody_by_and_loses_the_job(cart: Cart, capsys: Captured) -> None:
    cart.offload("A014", held=True)
    cart.stands("A014", "runs")
    cart.offload("A015", held=True)
    assert ask(capsys, "pause", "A014")[0] == 0
    cart.stands("A014", "paused")
    cart.stands("A015", "runs")
    cart.let_go("A014")  # the gate behind the pipe is shut
    cart.until("A014", lambda: cart.progress("A014")["paused"] is True)
    assert cart.progress("A014")["bytes_read"] == 0
    code, said = ask(capsys, "resume", "A014")
    assert code == 0, said
    cart.until("A014", lambda: cart.progress("A014")["waits_for"] == "A015 on SHUTTLE")
    assert cart.progress("A014")["files_done"] == 0
    cart.let_go("A015")
    cart.finish("A015")
    result = cart.finish("A014")
    assert [each["verified"] for each in result["targets"]] == [5, 5]


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_suspended_job_holds_others_up_in_silence(verb: str, cart: Cart, capsys: Captured) -> None:
    """Ctrl-Z at the wrong terminal: it can say nothing itself, so who waits for it does, and an order wakes it."""
    cart.one_behind_another("A014", "A015")
    cart.running["A014"].send_signal(signal.SIGSTOP)
    brought_back = 'A014 is suspended: fg there or "onset jobs resume A014" brings it back'
    cart.until("A015", lambda: cart.progress("A015")["waits_for"] == f"A014 on SHUTTLE; {brought_back}")
    assert listed(capsys)[0][:2] == ("A014", "suspended")
    code, said = ask(capsys, verb, "A014")
    assert code == 0, said
    assert said.startswith("It was suspended and is woken: A014 ")
    if verb == "pause":
        cart.stands("A014", "paused")
    else:
        cart.let_go("A014")
    cart.finish("A015")
    if verb == "cancel":
        cart.running["A014"].communicate(timeout=60)
        assert cart.running["A014"].returncode == 1
        assert "Stopped" in cart.said("A014")


@pytest.mark.parametrize("how", ["cancel", "SIGTERM", "SIGINT"])
def test_job_that_waits_is_not_stopped_cleanly(how: str, cart: Cart, capsys: Captured) -> None:
    cart.offload("A014", held=True)
    cart.stands("A014", "runs")
    cart.offload("A015")
    if how == "cancel":
        assert ask(capsys, "pause", "A015")[0] == 0
        cart.stands("A015", "paused")
        assert ask(capsys, "cancel", "A015")[0] == 0
    else:
        cart.running["A015"].send_signal(signal.Signals[how])
    cart.running["A015"].communicate(timeout=60)
    assert cart.running["A015"].returncode == 1
    assert "onset: Stopped before its turn" in cart.said("A015")
    assert not any(list(target.glob("A015*")) for target in cart.targets), "nor its log"
    assert "Stopped before its turn" in (cart.job("A015").folder / "log.jsonl").read_text()
    assert ("A015", "stopped", None) in listed(capsys)
    assert main(["jobs"]) == 0
    assert "A015          stopped    same onset offload goes on" in capsys.readouterr().out, "what to do about it"
    code, said = ask(capsys, "pause", "A015")
    assert (code, said) == (
        1,
        "onset: A015 does not run: it was stopped; onset offload of the same card goes on with it.",
    )
    cart.let_go("A014")
    cart.finish("A014")
    cart.offload("A015")
    cart.finish("A015")
    assert len([job for job in find_jobs(jobs_folder(os.environ)) if job.sheet.label == "A015"]) == 1


def test_target_goes_away_while_a_job_waits(cart: Cart) -> None:
    cart.offload("A014", held=True)
    cart.stands("A014", "runs")
    cart.offload("A015")
    cart.stands("A015", "waits")
    (cart.targets[1] / "A015").rename(cart.folder / "elsewhere")
    cart.let_go("A014")
    cart.running["A015"].communicate(timeout=60)
    assert "RAID went away while A015 waited; connect it and copy it again." in cart.said("A015").replace(
        str(cart.folder) + "/", ""
    )


def test_what_cannot_be_done_is_not_said(cart: Cart, capsys: Captured) -> None:
    cart.one_behind_another("A014", "A015")
    for words, sentence in (
        (("pause", "B002"), 'There is no job "B002"; "onset jobs" lists them.'),
        (("pause", "A0"), '"A0" may be '),
        (("cancel", ""), 'There is no job ""; "onset jobs" lists them.'),
        (("resume", "A014"), "A014 is not paused."),
        (("first", "A014"), "A014 runs already; nothing has to be put first."),
        (("last", "A014"), "A014 runs already; pause it, and others go ahead."),
        (("flip", "A014"), 'There is no verb "flip"'),
    ):
        code, said = ask(capsys, *words)
        assert code in (1, 2), words
        assert said.startswith(f"onset: {sentence}"), words
        assert len(said.splitlines()) == 1, words


def test_list_for_people_is_empty_or_wrong(cart: Cart, capsys: Captured) -> None:
    assert ask(capsys) == (0, "No card was copied on this machine yet.")
    cart.offload("A014", held=True)
    cart.stands("A014", "runs")
    cart.offload("A015")
    cart.until("A015", lambda: bool(cart.progress("A015").get("waits_for")))
    _, said = ask(capsys)
    runs, waits = said.splitlines()
    assert runs.split()[:2] == ["A014", "runs"]
    assert waits.split()[:6] == ["A015", "waits", "for", "A014", "on", "SHUTTLE"]
    assert ask(capsys, "pause", "A015")[0] == 0
    cart.stands("A015", "paused")
    assert ("A015", "paused", None) in listed(capsys), "it waits for nobody"
    _, said = ask(capsys, "last", "A015")
    assert said == "A015 goes after the others."
