"""Generations made where the files lie: first ones and further ones, single files, patterns, nested histories, diff."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.errors import ManifestError, RefusedError
from onset.mhl import asc
from onset.mhl.check import INCOMPLETE, MISMATCH, MISSING, NEW, Verification, verify_history
from onset.mhl.create import Order, create, diff
from onset.mhl.hashes import Block, HashFormat
from onset.mhl.history import load_history
from onset.mhl.records import Action, Author, ChainLink, Manifest
from onset.mhl.xml import UNREADABLE
from tests.independent import digests_of
from tests.onset.mhl.samples import assert_valid, read_plainly

NOON = 1_800_000_000_000_000_000
MD5, XXH64, XXH128 = HashFormat.MD5, HashFormat.XXH64, HashFormat.XXH128


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall_ns=NOON)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    root = tmp_path / "A001"
    (root / "Clips" / "empty").mkdir(parents=True)
    (root / "Clips" / "a.mov").write_bytes(b"aaaa")
    (root / "b.txt").write_bytes(b"")
    return root


def made(top: Path, clock: ManualClock, *formats: HashFormat, **order: object) -> Verification:
    clock.advance(1)
    return create(top, Order(formats, **order), read_plainly, clock)  # type: ignore[arg-type]


def newest(root: Path) -> Manifest:
    return asc.read_manifest(max((root / "ascmhl").glob("*.mhl")))


def actions(root: Path) -> dict[str, dict[str, str | None]]:
    return {
        record.path: {entry.format.value: entry.action for entry in record.entries} for record in newest(root).files
    }


def test_first_generation_is_not_what_was_asked_for(card: Path, clock: ManualClock) -> None:
    author = Author("Ada & Co", "ada@unit.example", None, "DIT")
    done = made(card, clock, XXH128, MD5, authors=(author,), location="Stage 4", comment="<second> disk")
    assert (done.added, done.verified, done.generation, done.exit_code) == (2, 0, 1, 0)
    assert_valid(card)
    manifest = newest(card)
    assert manifest.creator is not None
    assert (manifest.creator.authors, manifest.creator.location) == ((author,), "Stage 4")
    assert manifest.creator.comment == "<second> disk"
    assert manifest.process == "in-place"
    assert actions(card)["b.txt"] == {"md5": "original", "xxh128": "original"}
    assert [folder.path for folder in manifest.folders] == ["Clips", "Clips/empty"]


def test_digests_agree_only_with_ourselves(card: Path, clock: ManualClock) -> None:
    made(card, clock, *HashFormat)
    (record,) = [record for record in newest(card).files if record.path == "Clips/a.mov"]
    digests = {entry.format: entry.digest for entry in record.entries}
    assert digests == digests_of(card / "Clips" / "a.mov")


def test_new_format_comes_without_the_old_one(card: Path, clock: ManualClock) -> None:
    made(card, clock, MD5)
    done = made(card, clock, XXH64)
    assert (done.verified, done.added, done.exit_code) == (2, 0, 0)
    assert actions(card)["Clips/a.mov"] == {"md5": "verified", "xxh64": "verified"}
    assert_valid(card)


def test_new_format_of_a_wrong_file_is_recorded(card: Path, clock: ManualClock) -> None:
    made(card, clock, MD5)
    (card / "Clips" / "a.mov").write_bytes(b"aaab")
    done = made(card, clock, XXH64)
    assert (done.verified, done.failed, done.exit_code, done.generation) == (1, 1, MISMATCH, 2)
    assert actions(card)["Clips/a.mov"] == {"md5": Action.FAILED}
    assert_valid(card)
    made(card, clock, XXH64)
    assert load_history(card).known["Clips/a.mov"].digests.keys() == {MD5}
    (card / "Clips" / "a.mov").write_bytes(b"aaaa")
    assert verify_history(card, read_plainly, clock, append=False).exit_code == 0


def test_without_formats_another_than_the_historys_is_used(card: Path, clock: ManualClock) -> None:
    made(card, clock, MD5)
    (card / "new.txt").write_bytes(b"n")
    done = made(card, clock)
    assert (done.verified, done.added) == (2, 1)
    assert actions(card) == {
        "Clips/a.mov": {"md5": "verified"},
        "b.txt": {"md5": "verified"},
        "new.txt": {"md5": "original"},
    }
    assert newest(card).root is not None


def test_files_of_several_formats_have_no_folder_hash(card: Path, clock: ManualClock) -> None:
    made(card, clock, MD5)
    (card / "new.txt").write_bytes(b"n")
    made(card, clock, XXH128)
    verify_history(card, read_plainly, clock, append=True)
    root = newest(card).root
    assert root is not None
    assert root.content.keys() == {XXH128}
    assert verify_history(card, read_plainly, clock, append=False).exit_code == 0


def test_what_is_gone_is_not_told(card: Path, clock: ManualClock) -> None:
    made(card, clock)
    (card / "b.txt").unlink()
    done = made(card, clock)
    assert (done.missing, done.exit_code, done.generation) == (1, MISSING, 2)
    assert diff(card).exit_code == MISSING
    assert_valid(card)


def test_single_file_asks_for_the_whole_folder(card: Path, clock: ManualClock) -> None:
    made(card, clock)
    (card / "b.txt").unlink()
    (card / "Clips" / "late.mov").write_bytes(b"l")
    (card / "Clips" / "other.mov").write_bytes(b"o")
    done = made(card, clock, only=(card / "Clips" / "late.mov",))
    assert (done.added, done.verified, done.missing, done.exit_code) == (1, 0, 0, 0)
    manifest = newest(card)
    assert [record.path for record in manifest.files] == ["Clips/late.mov"]
    assert (manifest.root, manifest.folders) == (None, ())
    assert_valid(card)
    assert [trouble.path for trouble in diff(card).troubles] == ["b.txt", "Clips/other.mov"]


def test_folder_of_single_files_is_not_looked_into(card: Path, clock: ManualClock) -> None:
    made(card, clock, only=(card / "Clips",))
    assert [record.path for record in newest(card).files] == ["Clips/a.mov"]


@pytest.mark.parametrize("name", ["nowhere.mov", "../outside.mov", "link", "Clips/empty", ".DS_Store"])
def test_single_file_that_cannot_be_recorded_leaves_a_generation(name: str, card: Path, clock: ManualClock) -> None:
    (card.parent / "outside.mov").write_bytes(b"o")
    (card / "link").symlink_to("b.txt")
    (card / ".DS_Store").write_bytes(b"litter")
    path = Path(os.path.normpath(card / name))
    with pytest.raises((ManifestError, RefusedError)) as caught:
        made(card, clock, only=(path,))
    assert caught.value.exit_code == (MISSING if name == "nowhere.mov" else 1)
    assert not (card / "ascmhl").exists()


def test_pattern_calls_what_it_leaves_out_missing(card: Path, clock: ManualClock) -> None:
    (card / "x.tmp").write_bytes(b"x")
    (card / "Proxies").mkdir()
    (card / "Proxies" / "p.mov").write_bytes(b"p")
    made(card, clock)
    done = made(card, clock, ignore=("*.tmp", "/Proxies/"))
    assert (done.verified, done.missing, done.exit_code) == (2, 0, 0)
    assert done.warnings == ["2 files on record left out by patterns now, and not compared."]
    assert [record.path for record in newest(card).files] == ["Clips/a.mov", "b.txt"]
    done = verify_history(card, read_plainly, clock, append=True)
    assert (done.verified, done.missing, done.exit_code) == (2, 0, 0)
    (card / "x.tmp").unlink()
    made(card, clock)
    assert {"*.tmp", "/Proxies/"} <= set(newest(card).ignore)  # they only grow
    assert diff(card).exit_code == 0


def make_day(tmp_path: Path, clock: ManualClock) -> Path:
    day = tmp_path / "Day07"
    for name, form in (("A001", XXH128), ("B001", MD5)):
        (day / "Cards" / name / "Clips").mkdir(parents=True)
        (day / "Cards" / name / "Clips" / "c.mov").write_bytes(name.encode())
        made(day / "Cards" / name, clock, form)
    (day / "notes.txt").write_bytes(b"n")
    return day


def test_day_has_no_history_above_its_cards(tmp_path: Path, clock: ManualClock) -> None:
    day = make_day(tmp_path, clock)
    done = made(day, clock)
    assert (done.verified, done.added, done.exit_code) == (2, 1, 0)
    assert_valid(day)
    manifest = newest(day)
    assert [record.path for record in manifest.files] == ["notes.txt"]
    for reference in manifest.references:
        assert asc.manifest_c4(day / reference.path) == reference.c4
        assert "/ascmhl/0002_" in reference.path
    assert len(manifest.references) == 2
    assert len({path.name[-22:] for path in done.manifests}) == 1  # one time for the whole operation
    assert verify_history(day, read_plainly, clock, append=False).verified == 3


def test_single_file_of_a_card_touches_the_other_card(tmp_path: Path, clock: ManualClock) -> None:
    day = make_day(tmp_path, clock)
    made(day, clock)
    late = day / "Cards" / "A001" / "late.mov"
    late.write_bytes(b"l")
    done = made(day, clock, only=(late,))
    assert [path.parent.parent.name for path in done.manifests] == ["Day07", "A001"]
    assert_valid(day)
    assert [Path(reference.path).name[:4] for reference in newest(day).references] == ["0003", "0002"]


def test_pattern_of_the_day_is_unknown_to_the_card(tmp_path: Path, clock: ManualClock) -> None:
    day = make_day(tmp_path, clock)
    card = day / "Cards" / "A001"
    for path in (card / "x.tmp", card / "Clips" / "y.bin", day / "y.bin"):
        path.write_bytes(b"x")
    made(day, clock, ignore=("*.tmp", "/Cards/A001/Clips/y.bin", "/y.bin"))
    assert {"*.tmp", "/Clips/y.bin"} <= set(newest(card).ignore)
    assert "/y.bin" not in newest(card).ignore
    for top in (day, card):
        assert verify_history(top, read_plainly, clock, append=False).exit_code == 0
        assert diff(top).exit_code == 0


def test_diff_opens_files(card: Path, clock: ManualClock) -> None:
    made(card, clock)
    (card / "Clips" / "a.mov").write_bytes(b"other bytes")
    assert diff(card).exit_code == 0
    (card / "new").write_bytes(b"")
    (card / "Clips" / "empty").rmdir()
    found = diff(card)
    assert (found.missing, found.new, found.exit_code) == (1, 1, MISSING)
    assert len(list((card / "ascmhl").glob("*.mhl"))) == 1


def test_diff_of_no_history(card: Path) -> None:
    with pytest.raises(ManifestError, match="no ASC MHL history") as caught:
        diff(card)
    assert caught.value.exit_code == 30


def test_odd_names_end_in_an_invalid_manifest(tmp_path: Path, clock: ManualClock) -> None:
    root = tmp_path / "A&1"
    root.mkdir()
    for name in (b"a\xff.mov", b"esc\x1b.mov", b"C:x", "e\u0301.mov".encode(), b"two\nlines", b" lead", b"q&a <1>"):
        (root / os.fsdecode(name)).write_bytes(name)
    (root / os.fsdecode(b"f\xff")).mkdir()
    done = made(root, clock)
    assert (done.added, done.exit_code) == (7, 0)
    assert_valid(root)
    assert len(newest(root).unlisted) == 3
    assert newest(root).root is None
    done = made(root, clock)
    assert (done.verified, done.added, done.exit_code) == (7, 0, 0)
    (root / os.fsdecode(b"a\xff.mov")).write_bytes(b"other")
    assert made(root, clock).exit_code == MISMATCH


def test_link_keeps_a_generation_from_being_made(card: Path, clock: ManualClock) -> None:
    (card / "link").symlink_to("b.txt")
    done = made(card, clock)
    assert (done.added, done.exit_code) == (2, 0)
    assert [warning for warning in done.warnings if "symbolic link" in warning]


def test_leftover_of_an_offload_is_taken_in(card: Path, clock: ManualClock) -> None:
    (card / "c.mov.onset-part").write_bytes(b"c")
    done = made(card, clock)
    assert (done.added, done.exit_code) == (2, INCOMPLETE)
    assert "c.mov.onset-part" not in actions(card)


def read_only(path: object, mode: int, **rest: object) -> bool:
    return mode != os.W_OK


def test_read_only_medium_is_not_verified(card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    made(card, clock)
    monkeypatch.setattr(os, "access", read_only)
    done = made(card, clock)
    assert (done.verified, done.generation, done.exit_code) == (2, None, UNREADABLE)
    assert "is read-only" in done.troubles[0].what


def test_read_only_medium_without_a_history_is_read(
    card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", read_only)
    with pytest.raises(RefusedError, match="read-only"):
        made(card, clock)


def test_medium_that_refuses_the_manifest_loses_the_result(
    card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(card, clock)

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = made(card, clock)
    assert (done.verified, done.generation, done.exit_code) == (2, None, UNREADABLE)
    assert "No space left" in done.troubles[0].what
    monkeypatch.undo()
    assert sorted(path.name[:4] for path in (card / "ascmhl").iterdir()) == ["0001", "ascm"]


def test_empty_folder_gets_a_history(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(RefusedError, match="no file to record"):
        made(tmp_path, clock)


def test_disk_is_pulled_and_its_mount_point_written_to(card: Path, clock: ManualClock) -> None:
    """A mount point stays behind as an empty folder of the system disk."""

    def pulled(path: Path, take: Callable[[Block], None], /) -> int:
        size = read_plainly(path, take)
        card.rename(card.with_name("pulled"))
        card.mkdir()
        return size

    (card / "b.txt").unlink()
    done = create(card, Order(), pulled, clock)
    assert (done.generation, done.exit_code) == (None, UNREADABLE)
    assert "not there any more" in done.troubles[0].what
    assert list(card.iterdir()) == []


def test_generation_of_another_program_is_written_over(card: Path, clock: ManualClock) -> None:
    made(card, clock)
    folder = card / "ascmhl"

    def meanwhile(path: Path, take: Callable[[Block], None], /) -> int:
        if path.name == "b.txt":
            c4 = asc.write_manifest(folder / "0002_other.mhl", newest(card))
            links = [*load_history(card).chain, ChainLink(2, "0002_other.mhl", c4)]
            asc.write_chain(folder / "ascmhl_chain.xml", links)
        return read_plainly(path, take)

    clock.advance(1)
    done = create(card, Order(), meanwhile, clock)
    assert (done.generation, done.exit_code) == (None, UNREADABLE)
    assert "another generation meanwhile" in done.troubles[0].what
    assert [link.name for link in load_history(card).chain][1:] == ["0002_other.mhl"]


def test_two_programs_write_one_history(card: Path, clock: ManualClock) -> None:
    descriptor = os.open(card, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(RefusedError, match="Another onset is writing"):
        made(card, clock)
    os.close(descriptor)
    assert made(card, clock).generation == 1
    descriptor = os.open(card, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    done = verify_history(card, read_plainly, clock, append=True)
    os.close(descriptor)
    assert (done.verified, done.generation) == (2, None)
    assert [warning for warning in done.warnings if "Another onset" in warning]


def test_new_files_are_taken_in_by_a_look(card: Path, clock: ManualClock) -> None:
    made(card, clock)
    (card / "new").write_bytes(b"n")
    assert verify_history(card, read_plainly, clock, append=True).exit_code == NEW
    assert made(card, clock).added == 1
    assert verify_history(card, read_plainly, clock, append=True).exit_code == 0


def cut_before_the_chain(act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """As if killed between manifest and chain."""

    def killed(path: Path, links: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(asc, "write_chain", killed)
        with pytest.raises(KeyboardInterrupt):
            act()


def outside(top: Path, clock: ManualClock) -> list[str]:
    """What a load names as not in the chain."""
    done = verify_history(top, read_plainly, clock, append=False)
    return [warning for warning in done.warnings if "not in the chain" in warning]


@pytest.mark.parametrize("scope", ["", "A001"])
def test_manifest_of_a_cut_off_generation_stays_for_ever(
    scope: str, card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = card.parent if scope else card
    made(card, clock)
    made(top, clock)
    for _ in range(2):
        cut_before_the_chain(lambda: made(top, clock), monkeypatch)
    assert len(outside(top, clock)) == 2
    clock.advance(1)
    assert verify_history(top, read_plainly, clock, append=True).generation is not None
    assert outside(top, clock) == []
    assert len(list((card / "ascmhl").glob("*.mhl"))) == load_history(card).generation == 3
    assert_valid(top)


@pytest.mark.parametrize("why", ["later", "other tool", "unreadable", "referred to"])
def test_manifest_that_was_never_cut_off_is_taken_away(
    why: str, card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(card, clock)
    cut_before_the_chain(lambda: made(card, clock), monkeypatch)
    path = max((card / "ascmhl").glob("0002_*"))
    if why == "later":  # the chain was cut back: two generations were whole once
        (card / "ascmhl" / path.name.replace("0002_", "0003_", 1)).write_bytes(path.read_bytes())
    elif why == "other tool":
        path.write_text(path.read_text().replace(">onset</tool>", ">silver</tool>"))
        creator = asc.read_manifest(path).creator
        assert creator is not None
        assert creator.tool == "silver"
    elif why == "unreadable":
        path.write_bytes(b"half")
    else:
        chain = card / "ascmhl" / "ascmhl_chain.xml"
        links = asc.read_chain(chain)
        asc.write_chain(chain, [*links, ChainLink(2, path.name, asc.manifest_c4(path))])
        (card.parent / "notes.txt").write_bytes(b"x")
        made(card.parent, clock, only=(card.parent / "notes.txt",))
        asc.write_chain(chain, links)
    made(card.parent if why == "referred to" else card, clock)
    assert path.exists()
