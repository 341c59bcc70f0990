"""A card that goes to a fast disk first: what is said, when, and how the same command goes on without the card."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from onset.cli import offload_end, offload_then
from onset.cli.main import main
from onset.cli.offload_targets import staged
from onset.errors import MediumError, OffloadError
from onset.offload import cascade, job
from onset.offload.journal import Journal, find_jobs, jobs_folder
from onset.offload.outcome import Gravity, Problem
from onset.offload.place import Target
from onset.offload.verdict import Verdict, judge_card
from tests.onset.offload.cards import contents, make_card, make_targets, manifests
from tests.onset.offload.test_cascade import CLIP, flip

Captured = pytest.CaptureFixture[str]

TARGET = '[[target]]\nname = "{name}"\npath = "{path}"\nfolder = "{{roll}}"\n'


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make_card(tmp_path / "A014")


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    return make_targets(tmp_path, 3)


def document(capsys: Captured) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def stopped_at_first_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filling that comes to nothing, as if its process had died."""

    def die(self: cascade.Filling, *_: object) -> frozenset[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(cascade.Filling, "_superseded", die)


def leave_after_first_copy(words: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card is on its first disk when the program dies."""
    with monkeypatch.context() as patch:
        stopped_at_first_byte(patch)
        assert main(words) == 130
    capsys.readouterr()


def test_card_must_wait_for_the_slow_disks(card: Path, targets: list[Path], capsys: Captured) -> None:
    assert main(["offload", str(card), str(targets[0]), "--then", ",".join(map(str, targets[1:]))]) == 0
    told = capsys.readouterr().out
    first = told.index(f"A014 is on {targets[0]}, verified; the card may leave the reader.")
    assert (
        f"{targets[1]}, {targets[2]} are being filled from {targets[0]}. Not safe to format yet: 1 of 2 copies." in told
    )
    assert first < told.index(f"{targets[1]}/A014: 8 verified")
    assert f"made from {targets[0]}/A014" in told
    assert re.search(
        r"^A014: 8 files, 4\.2 MB in (less than a second|\d+\.\d s \([^)]+/s\)), filled in \d+\.\d s$",
        told,
        re.MULTILINE,
    )
    assert [contents(target / "A014") == contents(card) for target in targets] == [True] * 3


def test_warning_of_the_first_copies_is_swallowed(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged(*about: Any, **more: Any) -> Verdict:
        found = judge_card(*about, **more)
        return replace(found, warnings=(*found.warnings, "/T1 lies on this computer's system disk"))

    monkeypatch.setattr(job, "judge_card", judged)
    monkeypatch.setattr(cascade, "judge_card", judged)
    assert main(["offload", str(card), str(targets[0]), "--then", str(targets[1])]) == 0
    assert capsys.readouterr().out.count("note: /T1 lies on this computer's system disk") == 1


def test_what_went_wrong_is_told_hours_later() -> None:
    full: Any = SimpleNamespace(path="/media/S/A014", lost="No space left on device while writing")
    outcome: Any = SimpleNamespace(targets=[full], problems=[])
    told = offload_then._went_wrong(outcome, [Target(Path("/media/S"), "A014", "shuttle")])
    assert told.startswith("shuttle was given up (No space left on device while writing); see to it")
    bad = [Problem(CLIP, None, "could not be read", Gravity.INCOMPLETE)] * 2
    outcome = SimpleNamespace(targets=[], problems=bad)
    assert offload_then._went_wrong(outcome, []) == f"{CLIP} could not be read and 1 more; keep the card"


def test_json_is_two_documents(card: Path, targets: list[Path], capsys: Captured) -> None:
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json", "--progress", "jsonl"]
    assert main(words) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert [(each["path"], each["source"]) for each in told["targets"]] == [
        (f"{targets[0]}/A014", None),
        (f"{targets[1]}/A014", f"{targets[0]}/A014"),
    ]
    lines = [json.loads(line) for line in shown.err.splitlines()]  # nothing but progress, of both
    seen = {target["path"] for line in lines for target in line["targets"]}
    assert seen == {f"{targets[0]}/A014", f"{targets[1]}/A014"}


def test_same_command_reads_the_card_again(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    leave_after_first_copy(words, capsys, monkeypatch)
    whole = contents(card)
    shutil.rmtree(card)
    card.mkdir()  # as an unmounted card leaves it
    assert main(words) == 0
    shown = capsys.readouterr()
    assert "the card is not needed. Going on with" in shown.err
    assert json.loads(shown.out)["contents"]["clips"] == 2
    assert contents(targets[1] / "A014") == whole
    assert [len(manifests(target / "A014")) for target in targets[:2]] == [1, 1]
    assert main(words) == 1
    assert "nothing is left to fill" in capsys.readouterr().err
    assert len(find_jobs(jobs_folder(os.environ))) == 2


def test_card_is_not_needed_though_its_copy_was_found_bad(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    leave_after_first_copy(words, capsys, monkeypatch)
    clip = targets[0] / "A014" / CLIP
    clip.write_bytes(bytes(clip.stat().st_size))
    assert main(["verify", str(targets[0] / "A014")]) == 11
    capsys.readouterr()
    assert main(words) != 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "Going on with" in line]
    assert line.startswith(f"What A014 has on {targets[0]} was found bad since ")
    assert "Keep the card." in line


def test_card_before_it_on_the_same_mount_point_is_forgotten(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cards without names of their own are mounted at one place, and take the folder that one of them was to have."""
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    with monkeypatch.context() as patch:
        stopped_at_first_byte(patch)
        assert main([*words, "--label", "A014"]) == 130
    whole = contents(card)
    shutil.rmtree(card)
    assert main([*words, "--label", "B001"]) == 1  # nobody knows that one
    make_card(card, seed=7)
    assert main([*words, "--label", "B001"]) == 0
    shutil.rmtree(card)
    capsys.readouterr()
    assert main(["jobs"]) == 0
    assert f"{targets[0]}/A014" in capsys.readouterr().out
    assert main(words) == 0
    assert document(capsys)["label"] == "A014"
    assert contents(targets[1] / "A014_2") == whole
    assert main(words) == 1
    assert "nothing is left to fill" in capsys.readouterr().err


def test_card_is_gone_before_its_first_copy_was_whole(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: Journal, *_: object) -> None:
        raise KeyboardInterrupt

    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1])]
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", die)
        assert main(words) == 130
    card.rename(card.with_name("away"))
    assert main(words) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"onset: There is no card at {card}, and the first copy of A014 ({targets[0]}/A014) is not finished; put the "
        "card in its reader and give the same command again."
    ]
    card.with_name("away").rename(card)
    assert main(words) == 0
    assert [len(manifests(target / "A014")) for target in targets[:2]] == [1, 1]


def test_slow_disk_is_away_when_its_turn_comes(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = offload_then.tell_first

    def pulled(*args: Any) -> None:
        real(*args)
        targets[1].rmdir()

    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1])]
    with monkeypatch.context() as patch:
        patch.setattr(offload_then, "tell_first", pulled)
        assert main(words) == 1
    said = capsys.readouterr().err
    assert (
        f"A014 is whole on {targets[0]}/A014, but not on {targets[1]}: The target {targets[1]} does not exist" in said
    )
    targets[1].mkdir()
    assert main(words) == 0
    assert contents(targets[1] / "A014") == contents(card)
    assert len(manifests(targets[0] / "A014")) == 1


def test_clip_that_the_card_did_not_give_is_filled_in_from_nowhere(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = (card / CLIP).stat()
    real = os.preadv

    def dying(fd: int, buffers: list[memoryview], offset: int) -> int:
        if os.path.samestat(os.fstat(fd), bad):
            raise OSError(5, os.strerror(5))
        return real(fd, buffers, offset)

    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    with monkeypatch.context() as patch:
        patch.setattr(os, "preadv", dying)
        assert main(words) == 10
    told = document(capsys)
    assert {"path": None, "target": f"{targets[1]}/A014", "what": offload_then.UNFILLED} in told["problems"]
    assert not (targets[1] / "A014").exists()
    assert main(words) == 0  # the card is read again, not only what is left done
    assert [each["verified"] for each in document(capsys)["targets"]] == [8, 8]


def test_story_of_a_day_in_a_production(card: Path, targets: list[Path], tmp_path: Path, capsys: Captured) -> None:
    """By `after` in the configuration; a bit flips on the fast disk before the slow one is filled."""
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour Lights", "--rate", "24", "--slating", "us"]) == 0
    with (production / "config.toml").open("a") as config:
        for name, path, after in zip(("raid", "shuttle", "lto"), targets, ("", "raid", "shuttle"), strict=True):
            config.write(TARGET.format(name=name, path=path) + (f'after = "{after}"\n' if after else ""))
        config.write('[offload.preset.day]\ntargets = ["raid"]\nthen = ["lto"]\n')
    onset = ["-p", str(production)]
    assert main([*onset, "log", "roll", "12"]) == 0  # which opens the day
    capsys.readouterr()
    assert main([*onset, "offload", str(card), "--to", "lto,shuttle,raid"]) == 0
    told = capsys.readouterr().out
    assert "A014 is on raid, verified; the card may leave the reader." in told
    assert "shuttle is being filled from raid. lto is being filled from shuttle." in told
    assert main([*onset, "card", "A014", "--json"]) == 0
    assert [each["verified"] for each in document(capsys)["copies"]["copies"]] == [8, 8, 8]
    paper = tmp_path / "cards.txt"
    assert main([*onset, "report", "offload", "--no-stills", "-o", str(paper)]) == 0
    assert "made from raid/A014" in " ".join(paper.read_text().split())
    capsys.readouterr()
    other = make_card(tmp_path / "A015", seed=2)
    whole = contents(other)
    words = [*onset, "offload", str(other), "--preset", "day", "--json"]

    def flipped(*_: object) -> None:
        flip(targets[0] / "A015" / CLIP)
        shutil.rmtree(other)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offload_then, "tell_first", flipped)
        assert main(words) == 11
    result = document(capsys)
    assert result["verdict"] == "not safe"
    assert result["problems"][0]["target"] == f"{targets[0]}/A015"
    assert not (targets[2] / "A015" / CLIP).exists()
    assert main([*onset, "card", "A015"]) == 0
    assert f"the copy {targets[0]}/A015 is not what the card had any more: {CLIP}" in capsys.readouterr().out
    assert main(words) == 1
    assert "no copy of it is whole" in capsys.readouterr().err
    assert contents(targets[2] / "A015").items() <= whole.items()


def test_next_card_in_the_reader_is_ejected(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said about the card's copies by what lies in the reader when the last of them is made."""
    real, ejected = offload_then.tell_first, list[Path]()

    def swap(*args: Any) -> None:
        real(*args)
        (card / "CLIPS" / "A015C001.mov").write_bytes(b"the next card")

    def eject(path: Path, _: object) -> str:
        ejected.append(path)
        return ""

    monkeypatch.setattr(offload_then, "tell_first", swap)
    monkeypatch.setattr(offload_end, "eject", eject)
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--eject"]
    assert main(words) == 0
    assert ejected == []
    assert "A014 is not in the reader any more, so nothing is unmounted." in capsys.readouterr().out
    monkeypatch.setattr(offload_then, "tell_first", real)
    assert main([*words[:-1], "--label", "A015", "--eject"]) == 0
    assert ejected == [card]


def test_card_that_was_ejected_is_looked_for_in_its_reader(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def eject(path: Path, _: object) -> str:
        shutil.rmtree(path)
        return "A014 is unmounted; it may be pulled."

    for module in (job, cascade):
        monkeypatch.setattr(module, "judge_card", lambda *_, **__: Verdict("safe", (), ()))
    monkeypatch.setattr(offload_end, "eject", eject)
    assert main(["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--eject"]) == 0
    told = capsys.readouterr().out
    assert told.count("unmounted") == 1
    assert f"made from {targets[0]}/A014" in told


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--then", "shuttle"], 2, "names a target of a config.toml; go into a production"),
        (["--then", "/nowhere/at/all"], 1, "The target /nowhere/at/all does not exist"),
    ],
)
def test_then_that_leads_nowhere_copies_first(
    words: list[str], code: int, said: str, card: Path, targets: list[Path], capsys: Captured
) -> None:
    assert main(["offload", str(card), str(targets[0]), *words]) == code
    assert said in capsys.readouterr().err
    assert not list(targets[0].iterdir())


def test_first_copy_and_what_is_filled_from_it_are_one_folder(
    card: Path, targets: list[Path], capsys: Captured
) -> None:
    assert main(["offload", str(card), str(targets[0]), "--then", str(targets[0])]) == 1
    assert "one and the same folder" in capsys.readouterr().err


def test_targets_are_filled_before_their_source_is() -> None:
    raid, shuttle, lto, other = (Target(Path("/", name), "A014", name) for name in ("raid", "shuttle", "lto", "other"))
    after = {"lto": "shuttle", "shuttle": "raid", "raid": None, "other": None}
    first, later = staged([lto, shuttle, raid, other], [], after)
    assert first == [raid, other]
    assert [(each.target, each.after) for each in later] == [(shuttle, 0), (lto, 2)]
    first, later = staged([raid, lto], [other], after)  # nobody asked for the shuttle between them
    assert first == [raid]
    assert [(each.target.name, each.after) for each in later] == [("lto", 0), ("other", 0)]
    assert staged([lto], [], after)[0] == [lto]  # alone it comes from the card


@pytest.mark.parametrize(
    "trouble",
    [OffloadError("Stopped; 3 of 8 files are on all targets, verified."), MediumError("is gone"), OSError(5, "")],
)
def test_filling_that_is_refused_or_stopped_leaves_no_document(
    trouble: Exception, card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What became of the first copy is told all the same, with what was not made and why."""

    def stopped(self: cascade.Filling) -> None:
        raise trouble

    monkeypatch.setattr(cascade.Filling, "_scan", stopped)
    words = ["offload", str(card), str(targets[0]), "--then", ",".join(map(str, targets[1:])), "--json"]
    assert main(words) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert [(each["path"], each["verified"]) for each in told["targets"]] == [(f"{targets[0]}/A014", 8)]
    assert (told["verdict"], told["contents"]["clips"]) == ("not safe", 2)
    assert [each["target"] for each in told["problems"]] == [f"{target}/A014" for target in targets[1:]]
    assert all(each["what"].startswith("was not filled: ") for each in told["problems"])
    assert str(trouble).rpartition("] ")[2] in told["problems"][0]["what"]
    assert shown.err.splitlines()[-1].startswith("onset: ")
    monkeypatch.undo()


def test_second_filling_that_is_refused_hides_the_first(
    card: Path, targets: list[Path], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour Lights", "--rate", "24", "--slating", "us"]) == 0
    with (production / "config.toml").open("a") as config:
        for name, path, after in zip(("raid", "shuttle", "lto"), targets, ("", "raid", "shuttle"), strict=True):
            config.write(TARGET.format(name=name, path=path) + (f'after = "{after}"\n' if after else ""))
    real = cascade.Filling._scan

    def refused(self: cascade.Filling) -> Any:
        if self._source == f"{targets[1]}/A014":
            raise OffloadError("its disk is away.")
        return real(self)

    monkeypatch.setattr(cascade.Filling, "_scan", refused)
    capsys.readouterr()
    assert main(["-p", str(production), "offload", str(card), "--to", "lto,shuttle,raid", "--json"]) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert [each["verified"] for each in told["targets"]] == [8, 8]
    assert [(each["target"], each["what"]) for each in told["problems"]] == [
        (f"{targets[2]}/A014", "was not filled: its disk is away.")
    ]
    assert f"A014 is whole on {targets[1]}/A014, but not on lto: its disk is away." in shown.err


def test_copies_that_were_asked_for_are_forgotten_with_the_record(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    for place, name in ((job, "keep_proven"), (Journal, "finish")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, full)
            assert main(words) == 10
        told = document(capsys)
        assert {"path": None, "target": f"{targets[1]}/A014", "what": offload_then.UNRECORDED} in told["problems"]
        assert not (targets[1] / "A014").exists()
    assert main(words) == 0
    assert contents(targets[1] / "A014") == contents(card)


def test_record_of_the_first_copy_is_damaged_meanwhile(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the card had cannot be told any more: the card is needed again, and no copy is called bad."""
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    leave_after_first_copy(words, capsys, monkeypatch)
    (first,) = [each for each in find_jobs(jobs_folder(os.environ)) if each.sheet.then]
    (first.folder / "journal.sqlite").write_bytes(b"damaged")
    card.rename(card.with_name("away"))
    assert main(words) == 1
    assert "put the card in its reader and give the same command again" in capsys.readouterr().err
    card.with_name("away").rename(card)
    assert main(words) == 0
    assert [each["verified"] for each in document(capsys)["targets"]] == [8, 8]


def test_card_in_its_reader_does_not_help_when_the_first_copy_is_lost(
    card: Path, targets: list[Path], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["offload", str(card), str(targets[0]), "--then", str(targets[1]), "--json"]
    with monkeypatch.context() as patch:
        stopped_at_first_byte(patch)
        assert main(words) == 130
    shutil.rmtree(targets[0])
    capsys.readouterr()
    assert main(["offload", str(card), str(targets[1]), "--json"]) == 0
    assert [(each["verified"], each["source"]) for each in document(capsys)["targets"]] == [(8, None)]
    assert contents(targets[1] / "A014") == contents(card)
