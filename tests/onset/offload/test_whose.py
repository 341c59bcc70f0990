"""Two cards of the same names, sizes and dates never share a folder, and a card finds its own again."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.errors import OffloadError
from onset.offload.job import OffloadJob, Request
from onset.offload.outcome import Outcome
from onset.offload.place import Target
from tests.onset.offload.cards import contents, manifests

_SHOT = 1_700_000_000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    (tmp_path / "M4").mkdir()
    return tmp_path / "M4"


def make(root: Path, seed: int, *, index: bytes | None = None) -> Path:
    """A card whose clips have the names, sizes and dates of every card that is made here."""
    chance = random.Random(seed)  # content, not a secret
    root.mkdir(parents=True)
    for number in range(3):
        clip = root / f"A001C{number + 1:03}.mov"
        clip.write_bytes(chance.randbytes(5000))
        os.utime(clip, (_SHOT, _SHOT))
    if index is not None:
        (root / "index.xml").write_bytes(index)
    return root


def offload(card: Path, target: Path, state: Path, label: str | None = None) -> Outcome:
    request = Request(card, (Target(target, card.name),), label=label)
    return OffloadJob(request, SystemClock(), state).run()


@pytest.mark.parametrize("label", ["B77", None])
@pytest.mark.parametrize("laptop", ["one", "other"])
def test_card_is_mixed_into_the_folder_of_one_that_looks_alike(
    label: str | None, laptop: str, tmp_path: Path, target: Path
) -> None:
    first = make(tmp_path / "c1" / "A001", 1, index=b"<clips/>")
    second = make(tmp_path / "c2" / "A001", 2)
    offload(first, target, tmp_path / "one")
    theirs = offload(second, target, tmp_path / "one", label)
    assert theirs.targets[0].path == str(target / "A001_2")
    (first / "index.xml").write_bytes(b"<clips><clip/></clips>")
    mine = offload(first, target, tmp_path / laptop)
    assert (mine.exit_code, mine.targets[0].path) == (0, str(target / "A001_3"))
    assert contents(target / "A001_3") == contents(first)
    assert contents(target / "A001_2") == contents(second)
    assert len(manifests(target / "A001_2")) == 1


def test_card_is_mixed_with_one_whose_job_was_cut_off(tmp_path: Path, target: Path) -> None:
    second = make(tmp_path / "c2" / "A001", 2)
    offload(second, target, tmp_path / "one", "B77")
    shutil.rmtree(target / "A001" / "ascmhl")
    (record,) = (tmp_path / "one").iterdir()
    (record / "result.json").unlink()
    first = make(tmp_path / "c1" / "A001", 2, index=b"<clips/>")  # same bytes: only the record says whose they are
    assert offload(first, target, tmp_path / "one").targets[0].path == str(target / "A001_2")
    assert contents(target / "A001") == contents(second)


def test_folder_that_was_wiped_and_holds_another_card_is_taken_for_the_first(tmp_path: Path, target: Path) -> None:
    first = make(tmp_path / "c1" / "A001", 1, index=b"<clips/>")
    second = make(tmp_path / "c2" / "A001", 2)
    offload(first, target, tmp_path / "one")
    shutil.rmtree(target / "A001")
    offload(second, target, tmp_path / "one", "B77")
    assert offload(first, target, tmp_path / "one").targets[0].path == str(target / "A001_2")
    assert contents(target / "A001") == contents(second)


def test_card_does_not_find_its_folder_again(tmp_path: Path, target: Path) -> None:
    card = make(tmp_path / "c1" / "A001", 1)
    offload(card, target, tmp_path / "one")
    assert offload(card, target, tmp_path / "other", "B77").targets[0].recognised == 3  # by its fingerprint
    (card / "A001C004.mov").write_bytes(b"new clip")
    again = offload(card, target, tmp_path / "third")
    assert (again.targets[0].path, again.targets[0].generation) == (str(target / "A001"), 3)
    assert contents(target / "A001") == contents(card)


def test_one_damaged_copy_sends_a_card_elsewhere(tmp_path: Path, target: Path) -> None:
    card = make(tmp_path / "c1" / "A001", 1)
    offload(card, target, tmp_path / "one")
    damaged = target / "A001" / "A001C002.mov"
    damaged.write_bytes(bytes(5000))
    os.utime(damaged, (_SHOT, _SHOT))
    (card / "A001C004.mov").write_bytes(b"new clip")
    again = offload(card, target, tmp_path / "one")
    assert (again.exit_code, again.targets[0].path) == (11, str(target / "A001"))
    assert [each.what for each in again.problems] == [
        "the target holds a different file of that name, which was left as it is; move it away and copy again"
    ]


@pytest.mark.parametrize("laptop", ["one", "other"])
def test_card_goes_into_the_sealed_copy_of_another(laptop: str, tmp_path: Path, target: Path) -> None:
    offload(make(tmp_path / "c1" / "A001", 1), target, tmp_path / "one")
    sealed = target / "A001"
    before = contents(sealed)
    (sealed / "empty").mkdir()
    for asked in (sealed, sealed / "empty"):
        with pytest.raises(OffloadError, match="A001 is the sealed copy of a card; name another disk or folder"):
            offload(make(tmp_path / asked.name / "B001", 2), asked, tmp_path / laptop)
    assert contents(sealed) == before
