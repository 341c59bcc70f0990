"""Packing lists: everything that histories know in one manifest, in a collection, and files verified against it."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.errors import ManifestError, RefusedError
from onset.mhl import asc
from onset.mhl.check import MISMATCH, MISSING, NEW, verify_manifest
from onset.mhl.create import Order, create
from onset.mhl.flatten import COLLECTION, flatten, require_in_collection
from onset.mhl.hashes import HashFormat
from onset.mhl.history import load_history
from onset.mhl.records import Action, Author, ChainLink, FileRecord, Process
from onset.mhl.rename import planned, rename_recorded
from tests.onset.mhl.days import move_plainly
from tests.onset.mhl.samples import assert_valid_collection, read_plainly


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall_ns=1_800_000_000_000_000_000)


@pytest.fixture
def day(tmp_path: Path, clock: ManualClock) -> Path:
    root = tmp_path / "Day07"
    for path in ("A001/Clips/a.mov", "A001/b.txt", "B001/c.mov", "notes.txt"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())
    create(root / "A001", Order((HashFormat.MD5,), ignore=("*.tmp",)), read_plainly, clock)
    clock.advance(60)
    create(root, Order((HashFormat.XXH128,)), read_plainly, clock)
    clock.advance(60)
    return root


def listed(manifest: Path) -> dict[str, FileRecord]:
    return {record.path: record for record in asc.read_manifest(manifest).files}


def test_packing_list_lacks_what_histories_know(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    made = flatten(day, tmp_path / "post", clock, authors=(Author("Ada"),), location="Stage 4", comment="to the lab")
    assert made.manifest == tmp_path / "post" / "collection_2027-01-15" / "packinglist_Day07_2027-01-15_080200Z.mhl"
    assert (made.files, made.left_out, made.warnings) == (4, [], [])
    assert_valid_collection(made.manifest.parent)
    manifest = asc.read_manifest(made.manifest)
    assert (manifest.process, manifest.folders, manifest.references) == (Process.FLATTEN, (), ())
    assert "/A001/**/*.tmp" in manifest.ignore
    record = listed(made.manifest)["A001/Clips/a.mov"]
    assert [(entry.format, entry.action) for entry in record.entries] == [
        (HashFormat.MD5, Action.ORIGINAL),
        (HashFormat.XXH128, Action.VERIFIED),
    ]
    (link,) = asc.read_chain(made.manifest.parent / COLLECTION)
    assert (link.name, link.c4) == (made.manifest.name, asc.manifest_c4(made.manifest))


def test_second_list_takes_the_place_of_the_first(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    first = flatten(day / "A001", tmp_path / "post", clock).manifest
    with pytest.raises(RefusedError, match="there already"):
        flatten(day / "A001", first.parent, clock)
    clock.advance(1)
    second = flatten(day, first.parent, clock).manifest
    assert second.parent == first.parent
    assert [link.name for link in asc.read_chain(first.parent / COLLECTION)] == [first.name, second.name]
    assert_valid_collection(first.parent)


def test_failed_digest_comes_onto_the_list(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    good = listed(flatten(day, tmp_path / "before", clock).manifest)
    (day / "notes.txt").write_bytes(b"other")
    create(day, Order((HashFormat.XXH128, HashFormat.SHA1)), read_plainly, clock)
    now = listed(flatten(day, tmp_path / "after", clock).manifest)
    assert now["notes.txt"] == good["notes.txt"]
    assert HashFormat.SHA1 in {entry.format for entry in now["B001/c.mov"].entries}


def test_what_differed_goes_without_a_word(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    (day / "A001" / "b.txt").write_bytes(b"A001/B.txt")
    create(day / "A001", Order(), read_plainly, clock)
    clock.advance(1)
    rename_recorded(planned(day / "A001" / "Clips", day / "A001" / "Camera"), read_plainly, clock, move_plainly)
    made = flatten(day, tmp_path / "bad", clock)
    assert made.warnings == ["A001/b.txt differed when last read; the list says what was on record before."]
    assert verify_manifest(made.manifest, read_plainly, clock, root=day).exit_code == MISMATCH
    (day / "A001" / "b.txt").write_bytes(b"A001/b.txt")
    clock.advance(1)
    create(day / "A001", Order(), read_plainly, clock)
    assert flatten(day, tmp_path / "good", clock).warnings == []


def test_digest_of_the_wrong_bytes_is_listed(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    """Another tool wrote a new format beside the one that failed: both are of the same wrong bytes."""
    card = day / "A001"
    (card / "b.txt").write_bytes(b"A001/B.txt")
    create(card, Order((HashFormat.MD5,)), read_plainly, clock)
    path = max((card / "ascmhl").glob("0003*.mhl"))
    wrong = hashlib.sha1(b"A001/B.txt", usedforsecurity=False).hexdigest()
    path.write_text(
        re.sub(r'(<md5 action="failed".*?</md5>)', rf'\1<sha1 action="verified">{wrong}</sha1>', path.read_text())
    )
    assert wrong in path.read_text()
    chain = card / "ascmhl" / "ascmhl_chain.xml"
    links = asc.read_chain(chain)
    asc.write_chain(chain, [*links[:-1], ChainLink(3, path.name, asc.manifest_c4(path))])
    made = flatten(day, tmp_path / "post", clock)
    assert HashFormat.SHA1 not in {entry.format for entry in listed(made.manifest)["A001/b.txt"].entries}
    assert HashFormat.SHA1 not in load_history(card).known["b.txt"].digests


def test_renamed_file_is_listed_under_its_earlier_name(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    for old, new in (("A001/b.txt", "A001/b2.txt"), ("A001/Clips", "A001/Camera")):
        rename_recorded(planned(day / old, day / new), read_plainly, clock, move_plainly)
        clock.advance(1)
    made = flatten(day, tmp_path / "post", clock)
    records = listed(made.manifest)
    assert records["A001/b2.txt"].previous_path == "A001/b.txt"
    assert records["A001/Camera/a.mov"].previous_path == "A001/Clips/a.mov"
    assert made.files == 4
    assert verify_manifest(made.manifest, read_plainly, clock, root=day).exit_code == 0


def test_files_are_not_held_against_the_list(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    made = flatten(day, tmp_path / "post", clock).manifest
    done = verify_manifest(made, read_plainly, clock, root=day)
    assert (done.verified, done.exit_code, done.generation) == (4, 0, None)
    (day / "A001" / "new.tmp").write_bytes(b"ignored")
    assert verify_manifest(made, read_plainly, clock, root=day).exit_code == 0
    (day / "new.tmp").write_bytes(b"not ignored")
    assert verify_manifest(made, read_plainly, clock, root=day).exit_code == NEW
    (day / "notes.txt").unlink()
    assert verify_manifest(made, read_plainly, clock, root=day).exit_code == MISSING
    (day / "B001" / "c.mov").write_bytes(b"B001/C.mov")
    assert verify_manifest(made, read_plainly, clock, root=day).exit_code == MISMATCH


def test_altered_list_is_believed(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    made = flatten(day, tmp_path / "post", clock).manifest
    require_in_collection(made)
    made.write_bytes(made.read_bytes().replace(b"notes.txt", b"nodes.txt"))
    with pytest.raises(ManifestError, match="was altered") as caught:
        require_in_collection(made)
    assert caught.value.exit_code == 31


def test_list_lies_among_the_media(day: Path, clock: ManualClock) -> None:
    with pytest.raises(RefusedError, match="apart from"):
        flatten(day, day / "lists", clock)


def test_folder_without_a_history_is_flattened(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(ManifestError) as caught:
        flatten(tmp_path, tmp_path.parent / "post", clock)
    assert caught.value.exit_code == 30


def test_name_that_no_manifest_carries_goes_without_a_word(day: Path, tmp_path: Path, clock: ManualClock) -> None:
    (day / os.fsdecode(b"odd\xff")).write_bytes(b"odd")
    create(day, Order(), read_plainly, clock)
    made = flatten(day, tmp_path / "post", clock)
    assert [warning for warning in made.warnings if "names" in warning]
