"""Renames on the medium and in the history: followed ever after, never over anything, repeated where cut off."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.errors import OnsetError, RefusedError
from onset.mhl import asc
from onset.mhl.check import MISMATCH, MISSING, Verification, verify_history
from onset.mhl.create import Order, create, diff
from onset.mhl.history import has_history, load_history
from onset.mhl.info import account_of, mentions
from onset.mhl.records import ChainLink, FileRecord, Manifest
from onset.mhl.rename import planned, rename_recorded
from tests.onset.mhl.days import move_plainly
from tests.onset.mhl.samples import assert_valid, read_plainly


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall_ns=1_800_000_000_000_000_000)


@pytest.fixture
def card(tmp_path: Path, clock: ManualClock) -> Path:
    root = tmp_path / "A001"
    (root / "Clips" / "sub" / "empty").mkdir(parents=True)
    for path in ("Clips/a.mov", "Clips/b.mov", "Clips/sub/c.mov", "d.txt"):
        (root / path).write_bytes(path.encode())
    create(root, Order(), read_plainly, clock)
    return root


def renamed(card: Path, old: str, new: str, clock: ManualClock) -> Verification:
    clock.advance(1)
    return rename_recorded(planned(card / old, card / new), read_plainly, clock, move_plainly)


def newest(root: Path) -> Manifest:
    return asc.read_manifest(max((root / "ascmhl").glob("*.mhl")))


def whole(card: Path, clock: ManualClock) -> tuple[int, int]:
    done = verify_history(card, read_plainly, clock, append=False)
    return done.verified, done.exit_code


def test_renamed_file_is_missing_and_new(card: Path, clock: ManualClock) -> None:
    done = renamed(card, "Clips/a.mov", "Clips/A.mov", clock)
    assert (done.verified, done.exit_code, done.generation) == (1, 0, 2)
    assert_valid(card)
    assert [(each.path, each.previous_path) for each in newest(card).files] == [("Clips/A.mov", "Clips/a.mov")]
    assert newest(card).folders == ()
    assert whole(card, clock) == (4, 0)
    renamed(card, "Clips/A.mov", "Clips/B.mov", clock)
    assert whole(card, clock) == (4, 0)
    create(card, Order(), read_plainly, clock)
    assert newest(card).files[0].previous_path is None  # not said again
    assert [(each.number, each.record.path) for each in mentions(account_of(card), "Clips/B.mov")] == [
        (4, "Clips/B.mov"),
        (3, "Clips/B.mov"),
        (2, "Clips/A.mov"),
        (1, "Clips/a.mov"),
    ]
    (card / "Clips" / "B.mov").write_bytes(b"x")
    assert whole(card, clock) == (3, MISMATCH)


def test_folder_leaves_its_files_behind(card: Path, clock: ManualClock) -> None:
    done = renamed(card, "Clips", "Camera", clock)
    assert (done.verified, done.generation) == (3, 2)
    assert_valid(card)
    folders = {each.path: each.previous_path for each in newest(card).folders}
    assert folders == {"Camera": "Clips", "Camera/sub": "Clips/sub", "Camera/sub/empty": "Clips/sub/empty"}
    assert all(each.content for each in newest(card).folders)
    assert newest(card).root is None
    assert whole(card, clock) == (4, 0)
    (card / "Camera" / "sub" / "empty").rmdir()
    assert diff(card).exit_code == MISSING


def test_only_the_folder_says_its_earlier_name(card: Path, clock: ManualClock) -> None:
    """As the standard has it; ours names the files too, since the reference tool asks for that."""
    renamed(card, "Clips", "Camera", clock)
    path = max((card / "ascmhl").glob("0002*"))
    text = path.read_text()
    start, end = text.index("<hash>"), text.rindex("</hash>") + len("</hash>")
    path.write_text(text[:start] + text[end:])
    links = asc.read_chain(card / "ascmhl" / "ascmhl_chain.xml")
    asc.write_chain(card / "ascmhl" / "ascmhl_chain.xml", [links[0], ChainLink(2, path.name, asc.manifest_c4(path))])
    assert whole(card, clock) == (4, 0)


def test_names_are_exchanged_in_one_generation(tmp_path: Path, clock: ManualClock) -> None:
    """Ours does not do that, another tool may."""
    root = tmp_path / "A001"
    root.mkdir()
    (root / "a").write_bytes(b"a")
    (root / "b").write_bytes(b"b")
    create(root, Order(), read_plainly, clock)
    manifest = newest(root)
    by_path = {each.path: each for each in manifest.files}
    swapped = tuple(
        FileRecord(new, by_path[old].size, None, by_path[old].entries, old) for new, old in (("a", "b"), ("b", "a"))
    )
    path = root / "ascmhl" / "0002_x.mhl"
    c4 = asc.write_manifest(path, Manifest(manifest.creator, manifest.process, files=swapped))
    chain = root / "ascmhl" / "ascmhl_chain.xml"
    asc.write_chain(chain, [*asc.read_chain(chain), ChainLink(2, path.name, c4)])
    (root / "a").write_bytes(b"b")
    (root / "b").write_bytes(b"a")
    assert whole(root, clock) == (2, 0)


def test_file_moves_into_another_folder(card: Path, clock: ManualClock) -> None:
    renamed(card, "d.txt", "Clips/sub/d.txt", clock)
    assert whole(card, clock) == (4, 0)


@pytest.mark.parametrize("old", ["Clips/a.mov", "Clips"])
def test_wrong_bytes_are_renamed(old: str, card: Path, clock: ManualClock) -> None:
    (card / "Clips" / "a.mov").write_bytes(b"clips/a.mov")
    done = renamed(card, old, "new", clock)
    assert (done.failed, done.exit_code, done.generation) == (1, MISMATCH, None)
    assert (card / old).exists()
    assert not (card / "new").exists()
    assert load_history(card).generation == 1


def test_folder_that_lacks_a_file_is_renamed(card: Path, clock: ManualClock) -> None:
    (card / "Clips" / "a.mov").unlink()
    done = renamed(card, "Clips", "Camera", clock)
    assert (done.missing, done.exit_code, done.generation) == (1, MISSING, None)
    assert (card / "Clips").exists()


@pytest.mark.parametrize(
    ("old", "new", "words", "code"),
    [
        ("d.txt", "Clips/a.mov", "is there already", 1),
        ("Clips", "d.txt", "is there already", 1),
        ("Clips", "Clips/sub/more", "lies in it", 1),
        ("d.txt", "d.txt", "is .*d.txt or lies in it", 1),
        ("d.txt", "nowhere/d.txt", "no folder", 1),
        ("d.txt", "../d.txt", "would not belong", 1),
        ("d.txt", ".DS_Store", "leaves out", 1),
        ("d.txt", "a\x1b.txt", "cannot carry", 1),
        ("new.txt", "e.txt", "is on no record", 1),
        ("nowhere", "e.txt", "on no record", MISSING),
        ("gone.txt", "e.txt", "and missing", MISSING),
        ("d.txt", "gone.txt", "on record as something else", 1),
        (".", "../B001", "No ASC MHL history", 30),
    ],
)
def test_rename_that_cannot_be_is_done(
    old: str, new: str, words: str, code: int, card: Path, clock: ManualClock
) -> None:
    (card / "gone.txt").write_bytes(b"g")
    create(card, Order(), read_plainly, clock)
    (card / "gone.txt").unlink()
    (card / "new.txt").write_bytes(b"n")
    before = sorted(card.parent.rglob("*"))
    with pytest.raises(OnsetError, match=words) as caught:
        rename_recorded(
            planned(Path(os.path.normpath(card / old)), Path(os.path.normpath(card / new))),
            read_plainly,
            clock,
            move_plainly,
        )
    assert caught.value.exit_code == code
    assert sorted(card.parent.rglob("*")) == before


@pytest.mark.parametrize(("old", "new"), [("Clips/a.mov", "Clips/n.mov"), ("Clips", "Camera")])
def test_rename_that_was_cut_off_stays_half_done(old: str, new: str, card: Path, clock: ManualClock) -> None:
    class Killed(BaseException):
        pass

    def killed(top: Path, old: str, new: str) -> None:
        move_plainly(top, old, new)
        raise Killed

    with pytest.raises(Killed):
        rename_recorded(planned(card / old, card / new), read_plainly, clock, killed)
    assert diff(card).exit_code == MISSING  # it can be seen
    done = renamed(card, old, new, clock)
    assert (done.exit_code, done.generation) == (0, 2)
    assert_valid(card)
    assert whole(card, clock) == (4, 0)
    with pytest.raises(OnsetError):
        renamed(card, old, new, clock)  # it is done
    assert load_history(card).generation == 2


def test_cut_off_rename_of_wrong_bytes_is_written_down(card: Path, clock: ManualClock) -> None:
    (card / "d.txt").rename(card / "e.txt")
    (card / "e.txt").write_bytes(b"D.TXT")
    done = renamed(card, "d.txt", "e.txt", clock)
    assert (done.exit_code, done.generation) == (MISMATCH, None)


def test_names_that_no_manifest_carries_stay_behind(card: Path, clock: ManualClock) -> None:
    odd = os.fsdecode(b"odd\xff.mov")
    (card / "Clips" / odd).write_bytes(b"odd")
    create(card, Order(), read_plainly, clock)
    done = renamed(card, "Clips", "Camera", clock)
    assert (done.verified, done.exit_code) == (4, 0)
    assert_valid(card)
    assert whole(card, clock) == (5, 0)


def test_folder_with_a_nested_history_cannot_be_renamed(card: Path, clock: ManualClock) -> None:
    day = card.parent
    create(day, Order(), read_plainly, clock)
    with pytest.raises(RefusedError, match="keep it in there"):
        planned(card / "d.txt", day / "d.txt")
    done = renamed(day, "A001", "A002", clock)
    assert done.generation == 2
    assert_valid(day)
    assert [each.previous_path for each in newest(day).folders] == ["A001"]
    assert newest(day).references[0].path.startswith("A002/ascmhl/0002_A001")
    assert load_history(day / "A002").generation == 2
    assert whole(day, clock) == (4, 0)
    create(day, Order(), read_plainly, clock)
    assert has_history(day / "A002")
    assert whole(day, clock) == (4, 0)


def test_nested_history_is_not_read(card: Path, clock: ManualClock) -> None:
    """A rename of a card in its day certifies the card, so that it has to read it as the day's other files."""
    day = card.parent
    create(day, Order(), read_plainly, clock)
    (card / "Clips" / "a.mov").write_bytes(b"Clips/A.mov")
    (card / "Clips" / "b.mov").unlink()
    done = renamed(day, "A001", "A002", clock)
    assert (done.verified, done.failed, done.missing, done.exit_code, done.generation) == (2, 1, 1, MISMATCH, None)
    assert {each.path for each in done.troubles} == {"A001/Clips/a.mov", "A001/Clips/b.mov"}
    assert card.is_dir()
    assert load_history(day, ["", "A001"]).generation == 1
    (card / "Clips" / "a.mov").write_bytes(b"Clips/a.mov")
    assert renamed(day, "A001", "A002", clock).exit_code == MISSING
    (card / "Clips" / "b.mov").write_bytes(b"Clips/b.mov")
    done = renamed(day, "A001", "A002", clock)
    assert (done.verified, done.exit_code, done.generation) == (4, 0, 2)
    assert whole(day, clock) == (4, 0)


def test_nested_history_is_not_read_again_after_a_cut(card: Path, clock: ManualClock) -> None:
    day = card.parent
    create(day, Order(), read_plainly, clock)
    card.rename(day / "A002")
    kept = (day / "A002" / "ascmhl").rename(day.with_name(f"{day.name}-kept"))
    clock.advance(1)
    create(day / "A002", Order(), read_plainly, clock)  # a card of its own
    with pytest.raises(RefusedError, match="something else"):
        renamed(day, "A001", "A002", clock)
    shutil.rmtree(day / "A002" / "ascmhl")
    kept.rename(day / "A002" / "ascmhl")
    (day / "A002" / "d.txt").write_bytes(b"D.txt")
    assert renamed(day, "A001", "A002", clock).generation is None
    (day / "A002" / "d.txt").write_bytes(b"d.txt")
    done = renamed(day, "A001", "A002", clock)
    assert (done.verified, done.generation) == (4, 2)
    assert_valid(day)
    assert whole(day, clock) == (4, 0)


def test_nested_history_that_is_gone_is_not_missed(card: Path, clock: ManualClock) -> None:
    day = card.parent
    create(day, Order(), read_plainly, clock)
    kept = (card / "ascmhl").rename(day.with_name(f"{day.name}-kept"))
    done = renamed(day, "A001", "A002", clock)
    assert (done.missing, done.exit_code, done.generation) == (1, MISSING, None)
    assert card.is_dir()
    kept.rename(card / "ascmhl")
    assert renamed(day, "A001", "A002", clock).generation == 2
    assert renamed(day, "A002", "A003", clock).generation == 3


def test_pattern_of_a_nested_history_holds_a_rename_up(card: Path, clock: ManualClock) -> None:
    """What is left out by now is not compared, as `verify` does not compare it."""
    day = card.parent
    create(day, Order(), read_plainly, clock)
    create(card, Order(ignore=("d.txt",)), read_plainly, clock)
    assert (renamed(day, "A001", "A002", clock).verified, whole(day, clock)) == (3, (3, 0))


def test_read_only_medium_is_written_to(card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(RefusedError, match="read-only"):
        renamed(card, "d.txt", "e.txt", clock)
    assert (card / "d.txt").exists()
