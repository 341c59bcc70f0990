"""A card whose copies were made in several runs: what earlier ones made is forgotten, or trusted though it is gone."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.mhl.check import verify_history
from onset.mhl.hashes import HashFormat, spell
from onset.offload.before import Before, copies_before
from onset.offload.card import scan_card
from onset.offload.journal import find_jobs
from tests.onset.mhl.samples import read_plainly
from tests.onset.offload.cards import contents, job_for, offload


@pytest.fixture
def copies(card: Path, targets: list[Path], state: Path) -> list[str]:
    """Both copies of a card, made by an earlier run and read back from a real disk, as its record says."""
    offload(card, targets, state)
    say(state, "read_back", "direct")
    return [str(target / "A001") for target in targets]


def say(state: Path, key: str, value: object) -> None:
    """Let the newest job's record say something else of its copies."""
    told = find_jobs(state)[0].folder / "result.json"
    result = json.loads(told.read_text())
    for target in result["targets"]:
        target[key] = value
    told.write_text(json.dumps(result))


def read(card: Path) -> dict[str, str]:
    """What a run reads from the card."""
    return {path: spell(HashFormat.XXH128, data) for path, data in contents(card).items()}


def before(card: Path, state: Path, *folders: str) -> Before:
    """A card in a reader of its own: another file system than that of its copies."""
    return copies_before(replace(scan_card(card), root=Path("/proc")), find_jobs(state), folders, read(card))


def paths(found: Before) -> list[str]:
    return [copy.path for copy, _ in found.there]


def test_earlier_copy_is_forgotten(card: Path, copies: list[str], state: Path) -> None:
    assert paths(before(card, state)) == copies
    assert paths(before(card, state, copies[0])) == copies[1:], "those of this run are proven anew"
    assert copies_before(scan_card(card), find_jobs(state), (), read(card)) == Before(), (
        "copies on the card's own disk are none"
    )


@pytest.mark.parametrize(
    ("key", "value"), [("failed", 1), ("lost", "full"), ("read_back", "cache"), ("manifest", None)]
)
def test_copy_that_was_not_whole_counts(key: str, value: object, card: Path, copies: list[str], state: Path) -> None:
    say(state, key, value)
    assert before(card, state) == Before()


def test_copy_that_lost_a_clip_since_counts(card: Path, copies: list[str], state: Path) -> None:
    (Path(copies[0]) / "CLIPS" / "A001C001.mov").write_bytes(b"")
    assert paths(before(card, state)) == copies[1:]


def test_disk_that_is_away_is_passed_over_in_silence(card: Path, copies: list[str], state: Path) -> None:
    disk = Path(copies[0]).parent
    shutil.rmtree(disk)
    disk.mkdir()
    found = before(card, state)
    assert (paths(found), found.away) == (copies[1:], (copies[0],)), "an empty mount point is a disk that is away"
    (disk / "B001").mkdir()
    assert before(card, state).away == (), "the disk is there, and the copy is gone from it"


def test_copy_of_another_read_of_the_card_counts(card: Path, copies: list[str], state: Path) -> None:
    """A reader that gave wrong bytes once made a copy that is equal to what was read then, and to nothing else."""
    clip = card / "CLIPS" / "A001C001.mov"
    found = clip.stat()
    data = bytearray(clip.read_bytes())
    data[1000] ^= 1
    clip.write_bytes(data)
    os.utime(clip, ns=(found.st_atime_ns, found.st_mtime_ns))
    told = before(card, state)
    assert (told.there, told.away) == ((), ())
    assert told.differ == tuple(
        f"{copy} does not count: CLIPS/A001C001.mov was read from the card otherwise then" for copy in copies
    )


def test_copy_counts_though_nothing_tells_what_was_read(card: Path, copies: list[str], state: Path) -> None:
    (find_jobs(state)[0].folder / "journal.sqlite").write_bytes(b"damaged")
    assert before(card, state).there == ()


def test_copy_that_a_verification_found_bad_counts(card: Path, copies: list[str], state: Path) -> None:
    clip = Path(copies[0]) / "CLIPS" / "A001C001.mov"
    good, found = clip.read_bytes(), clip.stat()
    for data, counts in ((bytes(len(good)), False), (good, True)):
        clip.write_bytes(data)
        os.utime(clip, ns=(found.st_atime_ns, found.st_mtime_ns))
        verify_history(Path(copies[0]), read_plainly, SystemClock(), append=True)
        told = before(card, state)
        assert paths(told) == (copies if counts else copies[1:])
        bad = f"{copies[0]} does not count: CLIPS/A001C001.mov was found with other bytes since"
        assert told.differ == (() if counts else (bad,))
    (Path(copies[0]) / "ascmhl" / "ascmhl_chain.xml").write_text("torn")
    assert before(card, state).differ == (f"{copies[0]} does not count: its history is not what it was",)


def test_copy_that_only_the_log_knows_to_be_bad_counts(card: Path, copies: list[str], state: Path) -> None:
    """Of a verification of a read-only disk nothing is in its history."""
    result = json.loads((find_jobs(state)[0].folder / "result.json").read_text())
    known = {result["targets"][0]["manifest"]: "1 file failed when it was verified"}
    told = copies_before(replace(scan_card(card), root=Path("/proc")), find_jobs(state), (), read(card), known)
    assert paths(told) == copies[1:]
    assert told.differ == (f"{copies[0]} does not count: 1 file failed when it was verified",)


def test_copy_that_the_log_learns_to_be_bad_while_the_card_is_copied_counts(
    card: Path, copies: list[str], tmp_path: Path, state: Path
) -> None:
    result = json.loads((find_jobs(state)[0].folder / "result.json").read_text())
    answers = iter(({}, {result["targets"][0]["manifest"]: "1 file failed when it was verified"}))
    (tmp_path / "T3").mkdir()
    job = job_for(card, [tmp_path / "T3"], state)
    job._request = replace(job._request, known_bad=lambda: next(answers))
    assert f"{copies[0]} does not count: 1 file failed when it was verified" in job.run().warnings
