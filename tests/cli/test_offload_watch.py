"""`onset offload --watch` with mounts that a test makes appear: what is asked, what is copied, what is left alone."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from onset.cli import asking, offload_watch, offload_watch_copies
from onset.cli.main import main
from onset.cli.offload import carry_out
from onset.clock import Clock
from onset.errors import OffloadError
from onset.mhl.tree import FileEntry
from onset.offload import inserted, mounted, queue, turn
from onset.offload.cascade import Filling
from onset.offload.copy import Copier
from onset.offload.disks import Mount
from onset.offload.job import OffloadJob
from onset.offload.journal import find_jobs, jobs_folder
from onset.offload.outcome import Outcome
from onset.offload.wishes import Wish
from tests.onset.offload.cards import contents, make_card, make_targets

Captured = pytest.CaptureFixture[str]
Step = Sequence[Path]


def mount_at(folder: Path) -> Mount:
    return Mount(str(folder), "exfat", f"/dev/{folder.name}", True, 70)


def until_copied() -> None:
    for thread in threading.enumerate():
        if thread.name == "copy":
            thread.join()


class Play:
    """Mounts as they come and go: each wait goes one step on when all is copied, and after the last comes Ctrl-C."""

    def __init__(self, steps: Sequence[Step], before: Callable[[int], None] = lambda step: None) -> None:
        self.steps, self.at, self.before = steps, 0, before
        self.waits_for_copies, self.closed = True, False

    def __call__(self, clock: Clock) -> Play:
        return self

    def now(self) -> list[Mount]:
        return [mount_at(folder) for folder in self.steps[self.at]]

    def wait(self, seconds: float) -> None:
        assert 0 < seconds < 1  # so soon is Ctrl-C seen
        if self.waits_for_copies:
            until_copied()
        if self.at + 1 == len(self.steps):
            os.kill(os.getpid(), signal.SIGINT)
            return
        self.at += 1
        self.before(self.at)

    def close(self) -> None:
        self.closed = True


class Answers:
    """A person at the terminal."""

    def __init__(self, *answers: bool) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def __call__(self, question: str, stop: threading.Event, matters: Callable[[], bool]) -> bool:
        assert matters()
        self.questions.append(question)
        return self.answers.pop(0)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Play]:
    monkeypatch.setattr(inserted, "whole_disks", lambda path: frozenset({str(path)}))

    def start(*steps: Step, before: Callable[[int], None] = lambda step: None) -> Play:
        played = Play(steps, before)
        monkeypatch.setattr(offload_watch, "KernelMounts", played)
        return played

    return start


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answers]:
    def sits_there(*answers: bool) -> Answers:
        found = Answers(*answers)
        monkeypatch.setattr(asking, "is_terminal", lambda: True)
        monkeypatch.setattr(asking, "ask", found)
        return found

    return sits_there


@pytest.fixture
def cards(tmp_path: Path) -> list[Path]:
    return [make_card(tmp_path / name, clips=1, seed=seed) for seed, name in enumerate(("A014", "B007", "C002"), 1)]


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    return make_targets(tmp_path)


def events(shown: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown.splitlines()]


def test_card_is_copied_unasked(
    play: Callable[..., Play],
    person: Callable[..., Answers],
    cards: list[Path],
    targets: list[Path],
    capsys: Captured,
) -> None:
    """One card that was there before, one that is declined, one that is wanted; Ctrl-C ends it."""
    played = play([cards[0]], [cards[0], cards[1]], [cards[0], cards[1], cards[2]])
    asked = person(False, True)
    assert main(["offload", "--watch", *map(str, targets)]) == 0
    both = ", ".join(map(str, targets))
    assert asked.questions == [f"Offload B007 to {both}?", f"Offload C002 to {both}?"]
    said = capsys.readouterr().out
    assert said.startswith(f"Watching for cards to copy to {both}; Ctrl-C ends it.\nB007: 7 files, ")
    assert "B007 was not copied." in said
    assert said.endswith(f"C002 is copied and read back; {cards[2]} may be unmounted.\n")
    assert said.index("C002: 7 files") < said.index("verdict on the copies")
    assert sorted(path.name for path in targets[0].iterdir() if path.is_dir()) == ["C002"]
    assert contents(targets[1] / "C002") == contents(cards[2])
    assert played.closed


def test_card_waits_in_its_reader_for_the_slow_disk(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured
) -> None:
    """It may be unmounted when it is on the fast one, and the watch goes on while the slow one is filled."""

    def filled(step: int) -> None:
        while step == 2 and not any(job.sheet.source and job.finished for job in find_jobs(jobs_folder(os.environ))):
            time.sleep(0.01)

    play([], [cards[0]], [cards[0]], before=filled)
    fast, slow = map(str, targets)
    assert main(["offload", "--watch", fast, "--then", slow, "--yes", "--json"]) == 0
    told = events(capsys.readouterr().out)
    assert [each["event"] for each in told] == ["watching", "card", "done", "unmount", "done"]
    assert told[0]["targets"] == [fast, slow]
    assert [len(each["targets"]) for each in told if each["event"] == "done"] == [1, 2]
    assert contents(targets[1] / "A014") == contents(cards[0])


def test_yes_asks(play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured) -> None:
    """With --yes and without a terminal, as JSON lines; a card put in again that has all its copies is left."""
    play([], [cards[0]], [], [cards[0]], [cards[0], cards[1]])
    assert main(["offload", "--watch", *map(str, targets), "--yes", "--json"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    told = events(shown.out)
    assert [each["event"] for each in told] == [
        "watching", "card", "done", "unmount", "card", "skipped", "card", "done", "unmount",
    ]  # fmt: skip
    assert told[0]["targets"] == [str(target) for target in targets]
    assert (told[1]["label"], told[1]["files"], told[1]["fingerprint"]) == ("A014", 7, told[2]["fingerprint"])
    assert [room["path"] for room in told[1]["forecast"]["targets"]] == [str(target / "A014") for target in targets]
    assert told[2]["card"] == told[3]["card"] == str(cards[0])
    assert "every copy of A014 is there already" in told[5]["because"]
    assert told[7]["label"] == "B007"


def test_what_is_mounted_already_is_left_out(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured
) -> None:
    play([cards[0]])
    assert main(["offload", "--watch", "--mounted", *map(str, targets), "--yes", "--json", "--require-safe"]) == 1
    assert [each["event"] for each in events(capsys.readouterr().out)] == ["watching", "card", "done", "unmount"]


def test_other_card_of_a_name_is_copied_by_yes(
    tmp_path: Path, play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured
) -> None:
    other = make_card(tmp_path / "second" / "A014", clips=1, seed=9)
    for path in other.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    play([], [cards[0]], [other])
    assert main(["offload", "--watch", *map(str, targets), "--yes"]) == 0
    said = capsys.readouterr().out
    assert "A014 was not copied: A014 is the name of another card there" in said
    assert "give it a --label" in said
    assert [path.name for path in targets[0].iterdir() if path.is_dir()] == ["A014"]


def test_renamed_card_is_copied_again_by_yes(
    play: Callable[..., Play],
    cards: list[Path],
    targets: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    assert main(["offload", str(cards[0]), str(targets[0]), "--progress", "none"]) == 0
    renamed = cards[0].rename(cards[0].with_name("A099"))
    play([], [renamed])
    capsys.readouterr()
    assert main(["offload", "--watch", str(targets[0]), "--yes"]) == 0
    assert "A099 was not copied: This card was offloaded as A014, 20" in capsys.readouterr().out
    person = Answers(True)
    monkeypatch.setattr(asking, "is_terminal", lambda: True)
    monkeypatch.setattr(asking, "ask", person)
    play([], [renamed])
    assert main(["offload", "--watch", str(targets[0])]) == 0
    assert "now it is called A099. Offload A099 to " in person.questions[0]
    assert contents(targets[0] / "A099") == contents(renamed)


def test_card_that_came_before_its_disk_is_forgotten(
    tmp_path: Path,
    play: Callable[..., Play],
    cards: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """The shuttle is not connected yet: the sentence names it, and once it is there the card is offered again."""
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour", "--rate", "25"]) == 0
    shuttle = tmp_path / "media" / "SHUTTLE"
    monkeypatch.setattr(mounted, "_PLUGGED", (tmp_path / "media",))
    with (production / "config.toml").open("a") as config:
        config.write(f'[[target]]\nname = "shuttle"\npath = "{shuttle}"\nfolder = "{{roll}}"\n')

    def connect(step: int) -> None:
        if step == 2:
            shuttle.mkdir(parents=True)
            monkeypatch.setattr(mounted, "_PLUGGED", ())

    play([], [cards[0]], [cards[0], shuttle], [cards[0], shuttle, cards[1]], before=connect)
    capsys.readouterr()
    assert main(["-p", str(production), "offload", "--watch", "--to", "shuttle", "--yes", "--json"]) == 0
    told = events(capsys.readouterr().out)
    assert [each["event"] for each in told] == [
        "watching", "away", "refused", "card", "done", "unmount", "card", "done", "unmount",
    ]  # fmt: skip
    assert told[1]["target"] == "shuttle"
    assert 'connect "shuttle"' in told[1]["because"]
    assert 'connect "shuttle"' in told[2]["error"]
    assert "start again" not in told[1]["because"] + told[2]["error"], "it goes on by itself"
    assert told[4]["clips"] is not None
    assert contents(shuttle / "A014") == contents(cards[0])


def test_watch_begins_without_a_word_on_a_disk_that_is_away(
    tmp_path: Path, play: Callable[..., Play], targets: list[Path], capsys: Captured
) -> None:
    play([])
    assert main(["offload", "--watch", str(targets[0]), str(tmp_path / "T9"), "--yes"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert said[1].startswith(f"WARNING: {tmp_path / 'T9'} is not there yet, and no card is copied without it. ")


def test_ctrl_c_in_a_copy_goes_on_watching(
    play: Callable[..., Play],
    cards: list[Path],
    targets: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    def interrupted(args: object, where: object, job: OffloadJob, look: object, stop: threading.Event) -> Outcome:
        stop.set()  # as the signal does
        job.stop()
        return job.run()

    monkeypatch.setattr(offload_watch_copies, "carry_out", interrupted)
    play([], [cards[0]], [cards[0], cards[1]])
    assert main(["offload", "--watch", *map(str, targets), "--yes"]) == 1
    assert "Stopped" in capsys.readouterr().err
    assert not (targets[0] / "B007").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch", "{T1}"], "there is no terminal here; give --yes"),
        (["--watch", "--yes"], "No target was given"),
        (["--watch", "--yes", "{T1}", "--label", "A1"], "--label names one card"),
        (["--watch", "--yes", "--to", "shuttle"], "production"),
        (["--yes", "{T1}", "{T2}"], "belong to --watch"),
        (["--to", "shuttle"], "No card was given"),
    ],
)
def test_wrong_call_watches(
    words: list[str], said: str, play: Callable[..., Play], targets: list[Path], capsys: Captured
) -> None:
    play([])
    filled = [word.format(T1=targets[0], T2=targets[1]) for word in words]
    assert main(["offload", *filled]) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
    assert shown.out == ""


def test_slow_disk_is_not_filled_and_nobody_hears_why(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: it happens in a thread of its own."""

    def broken(self: Filling) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(Filling, "_scan", broken)
    play([], [cards[0]])
    assert main(["offload", "--watch", str(targets[0]), "--then", str(targets[1]), "--yes", "--json"]) == 1
    told = events(capsys.readouterr().out)
    assert [each["event"] for each in told] == ["watching", "card", "done", "unmount", "refused"]
    assert told[-1]["error"] == "RuntimeError: unforeseen"


def test_card_that_was_cancelled_is_copied_when_the_next_disk_is_connected(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "read_wish", lambda job: Wish(cancelled=True))
    play([], [cards[0]], [cards[0], targets[0]], [cards[0], targets[0]])
    assert main(["offload", "--watch", *map(str, targets), "--yes", "--json"]) == 0
    told = events(capsys.readouterr().out)
    assert [each["event"] for each in told] == ["watching", "card", "refused"]
    assert "Stopped before its turn" in told[-1]["error"]


class Held:
    """Copies that go no further than their first byte until all that are meant to run at once have begun."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
        self.barrier = threading.Barrier(together)
        real = Copier.run

        def run(copier: Copier, entries: Sequence[FileEntry]) -> None:
            self.barrier.wait(20)
            real(copier, entries)

        monkeypatch.setattr(Copier, "run", run)
        monkeypatch.setattr(queue, "_at_once", lambda disk: together)


def test_second_card_waits_for_its_question_until_the_first_is_copied(
    play: Callable[..., Play],
    person: Callable[..., Answers],
    cards: list[Path],
    targets: list[Path],
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two readers: the second is asked about while the first is copied, which is not begun before both are wanted."""
    Held(monkeypatch, together=2)
    played = play([], [cards[0]], [cards[0], cards[1]])
    played.waits_for_copies = False
    asked = person(True, True)

    def wait(seconds: float) -> None:
        if played.at + 1 == len(played.steps):
            until_copied()
        Play.wait(played, seconds)

    monkeypatch.setattr(played, "wait", wait)
    assert main(["offload", "--watch", *map(str, targets)]) == 0
    assert [question.split("?")[0].split()[1] for question in asked.questions] == ["A014", "B007"]
    said = capsys.readouterr().out
    for card in cards[:2]:
        assert f"{card.name} is copied and read back; {card} may be unmounted." in said
        assert contents(targets[1] / card.name) == contents(card)


def test_two_cards_of_one_name_go_into_one_folder(
    tmp_path: Path,
    play: Callable[..., Play],
    person: Callable[..., Answers],
    cards: list[Path],
    targets: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both are put in at once and called alike: the second is looked at when the folder of the first is there."""
    Held(monkeypatch, together=2)
    other = make_card(tmp_path / "second" / "A014", clips=1, seed=9)
    for path in other.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    play([], [cards[0], other])
    asked = person(True, True)
    assert main(["offload", "--watch", *map(str, targets)]) == 0
    assert "A014 is the name of another card there" in asked.questions[1]
    assert contents(targets[0] / "A014") == contents(cards[0])
    assert contents(targets[0] / "A014_2") == contents(other)


def test_clips_that_come_on_a_card_after_it_was_looked_at_are_left(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offered again when nothing more comes; not where only its free room changed, nor while it changes."""
    room = [100]

    def comes(step: int) -> None:
        if step == 2:
            (cards[0] / "CLIPS" / "A001C009.mov").write_bytes(b"new")
            room[0] = 99
        elif step == 3:
            (cards[0] / "CLIPS" / "A001C010.mov").write_bytes(b"newer")
            room[0] = 98
        elif step == 12:
            room[0] = 97

    monkeypatch.setattr(offload_watch, "room_on", lambda mount: (room[0], 9))
    play([], *[[cards[0]]] * 20, before=comes)
    assert main(["offload", "--watch", *map(str, targets), "--yes", "--json"]) == 0
    told = events(capsys.readouterr().out)
    assert [each["event"] for each in told] == ["watching", "card", "done", "unmount", "card", "done", "unmount"]
    assert [each["files"] for each in told if each["event"] == "card"] == [7, 9]
    assert contents(targets[1] / "A014") == contents(cards[0])


def test_clips_that_come_while_the_question_is_open_are_left(
    play: Callable[..., Play],
    person: Callable[..., Answers],
    cards: list[Path],
    targets: list[Path],
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = person(True, True, True)

    def room_on(mount: Mount) -> tuple[int, int]:
        if mount == mount_at(cards[0]) and len(asked.questions) == 1:
            (cards[0] / "CLIPS" / "A001C009.mov").write_bytes(b"new")
        return 100 - len(asked.questions), 9  # beside the other card only an index came

    monkeypatch.setattr(offload_watch, "room_on", room_on)
    play([], *[[cards[0]]] * 8, *[[cards[1]]] * 8)
    assert main(["offload", "--watch", *map(str, targets)]) == 0
    assert "A014 was written to meanwhile and is not copied yet" in (said := capsys.readouterr().out)
    assert "B007 was written to" not in said
    assert [question.split("?")[0].split()[1] for question in asked.questions] == ["A014", "A014", "B007"]
    for card in cards[:2]:
        assert contents(targets[1] / card.name) == contents(card)


def test_card_that_goes_and_comes_while_another_question_is_open_is_overlooked(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next card of a reader may be mounted just where the last one was."""
    questions: list[str] = []
    gone = [cards[1]]
    played = play([], [cards[0]], [cards[0], cards[1]], [cards[0], cards[1]])

    def asks(question: str, stop: threading.Event, matters: Callable[[], bool]) -> bool:
        questions.append(question.split("?")[0].split()[1])
        if questions == ["A014", "B007"]:
            there, played.steps = played.steps, [gone] * 4
            assert matters()
            played.steps = there
        return False

    monkeypatch.setattr(asking, "is_terminal", lambda: True)
    monkeypatch.setattr(asking, "ask", asks)
    assert main(["offload", "--watch", *map(str, targets)]) == 0
    assert questions == ["A014", "B007", "A014"]


def test_card_that_was_refused_is_left_for_an_index_that_a_system_wrote(
    play: Callable[..., Play], cards: list[Path], targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [100]

    def refused(*args: Any) -> Outcome:
        if room[0] == 100:
            room[0] = 99
            raise OffloadError("The disk is away.")
        return carry_out(*args)

    monkeypatch.setattr(offload_watch, "room_on", lambda mount: (room[0], 9))
    monkeypatch.setattr(offload_watch_copies, "carry_out", refused)
    play([], [cards[0]], [cards[0], targets[0]])
    assert main(["offload", "--watch", *map(str, targets), "--yes", "--json"]) == 0
    told = events(capsys.readouterr().out)
    assert [each["event"] for each in told] == ["watching", "card", "refused", "card", "done", "unmount"]
