"""Copies made from a copy: what the card had is what counts, whatever the first copy has meanwhile."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.mhl.check import verify_history
from onset.mhl.hashes import HashFormat
from onset.offload import job, queue
from onset.offload.card import Card
from onset.offload.cascade import Filling, Rest, find_rest, rest_of, target_for
from onset.offload.job import OffloadJob, Request
from onset.offload.journal import Journal, find_jobs
from onset.offload.outcome import Outcome
from onset.offload.place import Later, Target
from onset.offload.queue import Use
from onset.offload.sink import Sink
from onset.offload.verdict import still_to_fill
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import contents, make_targets, manifests
from tests.onset.offload.test_job import brought

CLIP = "CLIPS/A001C001.mov"


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    """The fast disk, then the slow ones."""
    return make_targets(tmp_path, 3)


def first_of(card: Path, targets: list[Path], state: Path) -> Outcome:
    """The card onto the first target, the others left for later, each after the one before it."""
    asked = [Target(path, card.name) for path in targets]
    then = tuple(Later(target, number) for number, target in enumerate(asked[1:]))
    return OffloadJob(Request(card, (asked[0],), then=then), SystemClock(), state).run()


def the_rest(state: Path, first: Outcome) -> Rest:
    rest = rest_of(find_jobs(state), first.job)
    assert rest is not None
    return rest


def fill(state: Path, first: Outcome) -> Outcome:
    """The next filling."""
    rest = the_rest(state, first)
    following = rest.next(())
    assert following is not None
    source, folders = following
    asked = tuple(target_for(folder, ()) for folder in folders)
    return Filling(Request(Path(source), asked), rest, SystemClock(), state).run()


def flip(path: Path) -> None:
    """Change one bit in the middle, and nothing that a folder would tell."""
    found = path.stat()
    with path.open("r+b") as file:
        file.seek(found.st_size // 2)
        (byte,) = file.read(1)
        file.seek(found.st_size // 2)
        file.write(bytes((byte ^ 1,)))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def test_filling_needs_the_card(card: Path, targets: list[Path], state: Path) -> None:
    whole = contents(card)
    first = first_of(card, targets, state)
    assert f"{targets[1]}/A001 is still to be filled from {targets[0]}/A001" in first.reasons
    shutil.rmtree(card)
    second, third = fill(state, first), fill(state, first)
    assert (first.exit_code, second.exit_code, third.exit_code) == (0, 0, 0)
    assert the_rest(state, first).open == ()
    assert [(each.path, each.source) for each in third.targets] == [
        (f"{targets[0]}/A001", None),
        (f"{targets[1]}/A001", f"{targets[0]}/A001"),
        (f"{targets[2]}/A001", f"{targets[1]}/A001"),
    ]
    assert {each.fingerprint for each in (first, second, third)} == {first.fingerprint}
    assert (third.label, third.card, third.files, third.source_check) == ("A001", str(card), 8, "reread")
    assert any("still to be filled" in each for each in (*second.reasons, *second.warnings))
    assert not any("second time" in each or "to be filled" in each for each in (*third.reasons, *third.warnings))
    for target in targets:
        assert contents(target / "A001") == whole
        assert len(manifests(target / "A001")) == 1
        assert_valid(target / "A001")
        assert verify_history(target / "A001", read_plainly, SystemClock(), append=False).exit_code == 0
        (manifest,) = (target / "A001" / "ascmhl").glob("*.mhl")
        assert f"card A001, fingerprint {first.fingerprint}" in manifest.read_text()
    for path in (CLIP, "CLIPS", "EMPTY"):
        assert (targets[2] / "A001" / path).stat().st_mtime_ns == (targets[0] / "A001" / path).stat().st_mtime_ns
    assert len({each.path for each in third.contents}) == 8
    assert all(sorted(each.verified) == [0, 1, 2] for each in third.contents)


def test_filling_stands_in_the_queue_for_the_disk_of_the_card(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, str | None]] = []
    real = queue.uses_of

    def uses_of(card: Card, card_fd: int, sinks: Sequence[Sink], source: Target | None = None) -> tuple[Use, ...]:
        asked.append((card.root, source.name if source is not None else None))
        return real(card, card_fd, sinks, source)

    monkeypatch.setattr(job, "uses_of", uses_of)
    first = first_of(card, targets[:2], state)
    rest = the_rest(state, first)
    folder = targets[0] / "A001"
    request = Request(folder, (Target(targets[1], "A001"),))
    Filling(request, rest, SystemClock(), state, reads=Target(targets[0], "A001", "raid")).run()
    assert asked == [(card, None), (folder, "raid")]


def test_what_is_done_is_still_said_to_be_done(card: Path, targets: list[Path], state: Path) -> None:
    """Of a card that was safe before, as a warning; one that was told for another reason stays."""
    first = first_of(card, targets[:2], state)
    rest = the_rest(state, first)
    ((folder, source),) = rest.open
    told = replace(rest.proven, warnings=(still_to_fill(folder, source), "look at the reader"))
    request = Request(Path(source), (target_for(folder, ()),))
    outcome = Filling(request, replace(rest, proven=told), SystemClock(), state).run()
    assert "look at the reader" in outcome.warnings
    assert not any("still to be filled" in each for each in (*outcome.reasons, *outcome.warnings))


def test_card_brought_a_history(card: Path, targets: list[Path], state: Path) -> None:
    brought(card)
    first = first_of(card, targets[:2], state)
    second = fill(state, first)
    assert (first.exit_code, second.exit_code, second.problems) == (0, 0, ())
    names = [[name.partition("_2")[0] for name in manifests(target / "A001")] for target in targets[:2]]
    assert names[0] == names[1]
    assert len(names[0]) == 2
    assert_valid(targets[1] / "A001")
    assert verify_history(targets[1] / "A001", read_plainly, SystemClock(), append=False).exit_code == 0


@pytest.mark.parametrize("path", [CLIP, "CLIPS/A001C001M01.xml"])
def test_bit_that_flipped_in_the_first_copy_goes_on(path: str, card: Path, targets: list[Path], state: Path) -> None:
    first = first_of(card, targets, state)
    flip(targets[0] / "A001" / path)
    second = fill(state, first)
    assert (second.exit_code, second.verdict) == (11, "not safe")
    assert not (targets[1] / "A001" / path).exists()
    assert not list((targets[1] / "A001").rglob("*.onset-part"))
    (problem,) = second.problems
    assert (problem.path, problem.target) == (path, f"{targets[0]}/A001")
    assert "has other bytes now than the card had; this copy is bad now" in problem.what
    assert second.reasons[0] == f"the copy {targets[0]}/A001 is not what the card had any more: {path}"
    assert [(each.verified, each.failed) for each in second.targets] == [(7, 1), (7, 1)]
    told = next(each.result for each in find_jobs(state) if each.sheet.id == first.job)
    assert told is not None
    assert (told["verdict"], told["reasons"][0]) == ("not safe", second.reasons[0])  # type: ignore[index]
    assert the_rest(state, first).next(()) is None  # nothing whole is left to fill from: the card is needed


def test_cable_that_changes_bytes_is_taken_for_a_bad_copy(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = first_of(card, targets[:2], state)
    flip(targets[0] / "A001" / CLIP)
    real = Filling._read_spoilt_again

    def steady(self: Filling, card: Card, sinks: Sequence[Sink]) -> None:
        flip(targets[0] / "A001" / CLIP)  # back to what the card had
        real(self, card, sinks)

    with monkeypatch.context() as patch:
        patch.setattr(Filling, "_read_spoilt_again", steady)
        second = fill(state, first)
    (problem,) = second.problems
    assert (problem.path, problem.target, second.exit_code) == (CLIP, f"{targets[1]}/A001", 10)
    assert f"was not copied: {targets[0]}/A001 gave other bytes on one read" in problem.what
    assert [(each.verified, each.failed) for each in second.targets] == [(8, 0), (7, 1)]
    assert not (targets[1] / "A001" / CLIP).exists()
    assert fill(state, first).exit_code == 0  # the copy is whole, so it goes on from there
    assert contents(targets[1] / "A001") == contents(card)


def test_bit_flipped_although_the_target_had_the_file(card: Path, targets: list[Path], state: Path) -> None:
    """What lies on the target already is held against the card, not against the first copy."""
    first = first_of(card, targets[:2], state)
    shutil.copytree(targets[0] / "A001", targets[1] / "A001", ignore=shutil.ignore_patterns("ascmhl"))
    flip(targets[1] / "A001" / CLIP)
    second = fill(state, first)
    (problem,) = second.problems
    assert (problem.path, problem.target, second.exit_code) == (CLIP, f"{targets[1]}/A001", 11)
    assert [(each.verified, each.failed, each.recognised) for each in second.targets] == [(8, 0, 0), (7, 1, 8)]


def test_copy_that_was_found_bad_counts_when_another_is_filled(card: Path, targets: list[Path], state: Path) -> None:
    first = first_of(card, targets, state)
    assert fill(state, first).exit_code == 0
    flip(targets[0] / "A001" / CLIP)
    verify_history(targets[0] / "A001", read_plainly, SystemClock(), append=True)
    third = fill(state, first)
    bad = f"{targets[0]}/A001 does not count: {CLIP} was found with other bytes since"
    assert bad in third.warnings
    assert [each.verified for each in third.targets] == [8, 8, 8], "what its own job proved stays on record"
    assert not any(f"{targets[0]}/A001 lies" in each for each in third.reasons)


def test_filling_that_was_cut_off_writes_a_second_manifest(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(self: Journal, result: object) -> None:
        raise KeyboardInterrupt

    first = first_of(card, targets[:2], state)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "finish", cut)
        with pytest.raises(KeyboardInterrupt):
            fill(state, first)
    assert the_rest(state, first).open  # only what has a result is done
    shutil.rmtree(card)
    assert fill(state, first).exit_code == 0
    assert [len(manifests(target / "A001")) for target in targets[:2]] == [1, 1]
    assert [len(each.sheet.folders) for each in find_jobs(state)] == [1, 1]


def test_full_target_is_tried_again_together_with_those_that_are_done(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [Target(path, card.name) for path in targets]
    request = Request(card, (asked[0],), then=(Later(asked[1], 0), Later(asked[2], 0)))
    first = OffloadJob(request, SystemClock(), state).run()
    real = Filling._superseded

    def full(self: Filling, card: Card, sink: Sink) -> frozenset[str]:
        if sink.index == 0:
            sink.give_up("No space left on device while writing")
        return real(self, card, sink)

    with monkeypatch.context() as patch:
        patch.setattr(Filling, "_superseded", full)
        second = fill(state, first)
    assert (second.exit_code, second.targets[1].lost is not None, second.targets[2].failed) == (10, True, 0)
    assert the_rest(state, first).open == ((f"{targets[1]}/A001", f"{targets[0]}/A001"),)
    third = fill(state, first)
    assert (third.exit_code, third.problems) == (0, ())
    assert {each.path: each.verified for each in third.targets} == {f"{path}/A001": 8 for path in targets}
    assert [len(manifests(target / "A001")) for target in targets] == [1, 1, 1]


def test_first_copy_is_gone(card: Path, targets: list[Path], state: Path) -> None:
    first = first_of(card, targets[:2], state)
    (targets[0] / "A001").rename(targets[0] / "away")
    with pytest.raises(Exception, match=r"connect its disk and give the same command again") as refused:
        fill(state, first)
    assert str(targets[0] / "A001") in str(refused.value)
    assert not list(targets[1].iterdir())
    (targets[0] / "away").rename(targets[0] / "A001")
    assert fill(state, first).exit_code == 0


def test_first_copy_is_pulled_meanwhile(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said against a copy that is not there, and no manifest is written of the half of it."""
    first = first_of(card, targets[:2], state)
    held, away = targets[0] / "A001", targets[0] / "away"
    real = Filling._superseded

    def pull(self: Filling, card: object, sink: object) -> frozenset[str]:
        for name in ("CLIPS", "ascmhl"):
            (held / name).rename(targets[0] / name)
        return real(self, card, sink)  # type: ignore[arg-type]  # passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr(Filling, "_superseded", pull)
        with pytest.raises(Exception, match="went away while A001 was filled from it"):
            fill(state, first)
    assert manifests(targets[1] / "A001") == []
    for name in ("CLIPS", "ascmhl"):
        (targets[0] / name).rename(held / name)
    assert not away.exists()
    assert fill(state, first).exit_code == 0
    assert len(manifests(targets[1] / "A001")) == 1


def test_another_command_goes_on(card: Path, targets: list[Path], state: Path) -> None:
    first_of(card, targets, state)
    one, two, three = (Target(path, "whatever") for path in targets)

    def goes_on(asked: list[Target], then: list[Target], label: str = "A001") -> bool:
        return find_rest(find_jobs(state), lambda sheet: sheet.label == label, asked, then) is not None

    assert goes_on([one], [two, three])
    assert goes_on([two, three], [])
    assert not goes_on([one], [two, three], "A002")
    assert not goes_on([one], [two])
    assert not goes_on([one], [])
    assert not goes_on([two], [one, three])


def test_other_digests_are_asked_for_than_the_first_copy_has(card: Path, targets: list[Path], state: Path) -> None:
    """The chain that the card brought has grown on the first copy, which is not bad for that."""
    brought(card)
    first = first_of(card, targets[:2], state)
    rest = the_rest(state, first)
    ((folder, source),) = rest.open
    request = Request(Path(source), (target_for(folder, ()),), (HashFormat.SHA1,))
    second = Filling(request, rest, SystemClock(), state).run()
    assert (second.exit_code, second.problems) == (0, ())
    assert [(each.verified, each.failed) for each in second.targets] == [(first.files, 0)] * 2
    assert_valid(targets[1] / "A001")
    assert verify_history(targets[1] / "A001", read_plainly, SystemClock(), append=False).exit_code == 0
