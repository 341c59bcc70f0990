"""Histories: what other tools wrote is known right, what we append follows the standard, what was altered is named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onset.clock import ManualClock
from onset.errors import ManifestError, MediumError
from onset.mhl import asc
from onset.mhl.append import append_generation, clear_cut_off
from onset.mhl.check import FOLDER_MISMATCH, INCOMPLETE, MISMATCH, MISSING, NEW, creator_now, verify_history
from onset.mhl.hashes import Block, HashFormat, spell
from onset.mhl.history import Checked, Found, has_history, iso, judge, load_history
from onset.mhl.ignore import DEFAULT_PATTERNS, IgnoreRules
from onset.mhl.records import Action, ChainLink, Process
from onset.mhl.tree import list_tree
from tests.onset.mhl.samples import REFERENCE, assert_valid, read_plainly

NOON = 1_800_000_000_000_000_000
SCENARIOS = ["scenario_01/travel_01", "scenario_02/travel_01", "scenario_02/file_server"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall_ns=NOON)


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    """The reference's roll with two generations, in a place where it may be written to."""
    return Path(shutil.copytree(REFERENCE / "scenario_02" / "file_server" / "A002R2EC", tmp_path / "A002R2EC"))


def make_roll(root: Path, clock: ManualClock, *formats: HashFormat) -> Path:
    """A folder with files, an empty folder and a first generation of ours."""
    (root / "Clips" / "empty").mkdir(parents=True)
    (root / "Clips" / "a.mov").write_bytes(b"aaaa")
    (root / "b.txt").write_bytes(b"")
    append(root, clock, *formats)
    return root


def append(root: Path, clock: ManualClock, *formats: HashFormat) -> None:
    append_generation(
        load_history(root, list_tree(root, IgnoreRules(DEFAULT_PATTERNS)).histories, may_be_new=True),
        read_all(root, clock, *formats),
        process=Process.IN_PLACE,
        creator=creator_now(clock),
        started_ns=clock.wall_ns(),
    )


def read_all(root: Path, clock: ManualClock, *formats: HashFormat) -> Found:
    tree = list_tree(root, IgnoreRules(DEFAULT_PATTERNS))
    files = {
        path: Checked(
            entry.size,
            entry.mtime_ns,
            {form: spell(form, (root / path).read_bytes()) for form in formats or (HashFormat.XXH128,)},
            iso(clock.wall_ns()),
        )
        for path, entry in tree.files.items()
    }
    return Found(files, tree.folders)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_history_of_the_reference_does_not_verify(scenario: str, clock: ManualClock) -> None:
    done = verify_history(REFERENCE / scenario / "A002R2EC", read_plainly, clock, append=False)
    assert (done.verified, done.exit_code, done.generation) == (3, 0, None)


def test_generation_appended_to_a_foreign_history_is_invalid(roll: Path, clock: ManualClock) -> None:
    done = verify_history(roll, read_plainly, clock, append=True)
    assert done.generation == 3
    assert_valid(roll)
    newest = asc.read_manifest(roll / "ascmhl" / "0003_A002R2EC_2027-01-15_080000Z.mhl")
    # The reference wrote xxh64: the same root hash must come out of our own reckoning.
    assert newest.root is not None
    assert newest.root.content == {HashFormat.XXH64: "8d02114c32e28cbe"}
    assert newest.root.structure == {HashFormat.XXH64: "f557f8ca8e5a88ef"}
    assert verify_history(roll, read_plainly, clock, append=False).exit_code == 0


@pytest.mark.parametrize("form", HashFormat)
def test_history_in_one_format_does_not_verify_itself(form: HashFormat, tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock, form)
    assert_valid(root)
    assert verify_history(root, read_plainly, clock, append=False).exit_code == 0


def test_flipped_byte_is_verified_away(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "Clips" / "a.mov").write_bytes(b"aaab")
    for generation in (2, 3):  # once wrong, always wrong: a bad digest is never what later ones are compared with
        clock.advance(1)
        done = verify_history(root, read_plainly, clock, append=True)
        assert (done.failed, done.verified, done.exit_code, done.generation) == (1, 1, MISMATCH, generation)
    assert_valid(root)
    (root / "Clips" / "a.mov").write_bytes(b"aaaa")
    assert verify_history(root, read_plainly, clock, append=False).exit_code == 0


def one_generation(root: Path, *records: str) -> Path:
    """A history as some other tool might have written it, its records given as XML."""
    (root / "ascmhl").mkdir(parents=True)
    manifest = root / "ascmhl" / "0001_A001_2026-01-01_120000Z.mhl"
    manifest.write_text(
        '<?xml version="1.0"?><hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0"><processinfo><process>in-place</process>'
        f"</processinfo><hashes>{''.join(records)}</hashes></hashlist>"
    )
    asc.write_chain(root / "ascmhl" / "ascmhl_chain.xml", [ChainLink(1, manifest.name, asc.manifest_c4(manifest))])
    return root


ONLY_FAILED = f'<xxh64 action="failed">{"0" * 16}</xxh64>'


@pytest.mark.parametrize("digests", ['<sha512 action="original">00</sha512>', "", "<xxh64/>", ONLY_FAILED])
def test_file_that_was_compared_with_nothing_is_certified(digests: str, tmp_path: Path, clock: ManualClock) -> None:
    root = one_generation(tmp_path / "A001", f"<hash><path>a.mov</path>{digests}</hash>")
    (root / "a.mov").write_bytes(b"anything")
    for _ in range(2):
        clock.advance(1)
        done = verify_history(root, read_plainly, clock, append=True)
        assert (done.verified, done.failed, done.exit_code) == (0, 1, INCOMPLETE)
        assert done.generation is None  # the standard has no manifest that lists nothing
        assert [trouble.path for trouble in done.troubles] == ["a.mov"]
    assert load_history(root).known["a.mov"].digests == {}


# xxh64 of b"abc", as `xxhsum -H1` prints it.
ABC_XXH64 = "44bc2cf5ad770999"


@pytest.mark.parametrize("digests", ['<sha512 action="original">00</sha512>', f"<xxh64>{ABC_XXH64}</xxh64>"])
def test_size_on_record_is_not_compared(digests: str, tmp_path: Path, clock: ManualClock) -> None:
    root = one_generation(tmp_path / "A001", f'<hash><path size="4">a.mov</path>{digests}</hash>')
    (root / "a.mov").write_bytes(b"abc")
    done = verify_history(root, read_plainly, clock, append=True)
    assert (done.verified, done.failed, done.exit_code) == (0, 1, MISMATCH)
    assert done.troubles[0].what == "has 3 bytes, on record are 4"
    assert done.generation is None


def test_size_of_a_failed_copy_is_taken_for_the_files_own(tmp_path: Path, clock: ManualClock) -> None:
    root = one_generation(tmp_path / "A001", f"<hash><path>a.mov</path><xxh64>{ABC_XXH64}</xxh64></hash>")
    (root / "a.mov").write_bytes(b"abcd")
    assert verify_history(root, read_plainly, clock, append=True).exit_code == MISMATCH
    (root / "a.mov").write_bytes(b"abc")
    assert verify_history(root, read_plainly, clock, append=False).exit_code == 0


@pytest.mark.parametrize("written", ["../../etc/passwd", "/etc/passwd", "", "b.mov"])
def test_path_that_was_refused_passes(written: str, tmp_path: Path, clock: ManualClock) -> None:
    listed = [f"<hash><path>{path}</path><xxh64>{ABC_XXH64}</xxh64></hash>" for path in ("b.mov", written)]
    root = one_generation(tmp_path / "A001", *listed)
    (root / "b.mov").write_bytes(b"abc")
    done = verify_history(root, read_plainly, clock, append=False)
    assert (done.verified, done.failed, done.exit_code) == (1, 1, INCOMPLETE)
    assert [trouble.path for trouble in done.troubles] == [written]


def test_link_and_pipe_in_a_copy_go_unnoticed(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "Clips" / "b.mov").symlink_to("a.mov")
    os.mkfifo(root / "pipe")
    done = verify_history(root, read_plainly, clock, append=False)
    assert (done.verified, done.new, done.exit_code) == (2, 2, NEW)
    assert {trouble.path for trouble in done.troubles} == {"Clips/b.mov", "pipe"}


def test_folder_that_cannot_be_read_goes_unnoticed(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_roll(tmp_path / "A001", clock)
    real = os.scandir

    def scandir(path: Path) -> Iterator[os.DirEntry[str]]:
        if path == root / "Clips":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    done = verify_history(root, read_plainly, clock, append=True)
    assert (done.verified, done.failed, done.missing, done.exit_code) == (1, 1, 0, INCOMPLETE)
    assert {trouble.path for trouble in done.troubles} == {"Clips", "Clips/a.mov"}
    newest = asc.read_manifest(next((root / "ascmhl").glob("0002_*")))
    assert (newest.root, newest.folders) == (None, ())


def test_leftover_of_an_offload_is_a_new_file(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "c.mov.onset-part").write_bytes(b"c")
    assert verify_history(root, read_plainly, clock, append=False).exit_code == INCOMPLETE


def test_missing_and_new_files_go_unnoticed(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "b.txt").unlink()
    (root / "c.txt").write_bytes(b"c")
    done = verify_history(root, read_plainly, clock, append=True)
    assert (done.missing, done.new, done.exit_code) == (1, 1, MISSING)
    assert_valid(root)
    (root / "b.txt").write_bytes(b"")
    clock.advance(1)
    assert verify_history(root, read_plainly, clock, append=True).exit_code == NEW  # a look does not take files in


def test_missing_empty_folder_goes_unnoticed(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "Clips" / "empty").rmdir()
    assert verify_history(root, read_plainly, clock, append=False).exit_code == MISSING


def test_new_empty_folder_goes_unnoticed(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "Clips" / "more").mkdir()
    assert verify_history(root, read_plainly, clock, append=False).exit_code == FOLDER_MISMATCH


def test_manifest_was_altered(roll: Path, clock: ManualClock) -> None:
    manifest = roll / "ascmhl" / "0001_A002R2EC_2020-01-16_091500Z.mhl"
    manifest.write_bytes(manifest.read_bytes().replace(b"0ea03b369a463d9d", b"0ea03b369a463d9e"))
    with pytest.raises(ManifestError, match="altered") as caught:
        verify_history(roll, read_plainly, clock, append=True)
    assert caught.value.exit_code == 31


@pytest.mark.parametrize(
    ("gone", "code"),
    [("ascmhl_chain.xml", 32), ("0001_A002R2EC_2020-01-16_091500Z.mhl", 33)],
)
def test_part_of_a_history_is_gone(gone: str, code: int, roll: Path, clock: ManualClock) -> None:
    (roll / "ascmhl" / gone).unlink()
    with pytest.raises(ManifestError) as caught:
        verify_history(roll, read_plainly, clock, append=True)
    assert caught.value.exit_code == code


def test_pipe_in_place_of_a_manifest_is_waited_on(roll: Path, clock: ManualClock) -> None:
    manifest = roll / "ascmhl" / "0001_A002R2EC_2020-01-16_091500Z.mhl"
    manifest.unlink()
    os.mkfifo(manifest)
    with pytest.raises(ManifestError, match="is not a plain file") as caught:
        verify_history(roll, read_plainly, clock, append=True)
    assert caught.value.exit_code == 33


def test_folder_without_a_history(tmp_path: Path, clock: ManualClock) -> None:
    with pytest.raises(ManifestError, match="no ASC MHL history") as caught:
        verify_history(tmp_path, read_plainly, clock, append=True)
    assert caught.value.exit_code == 30


def test_manifest_slipped_in_beside_the_chain_is_believed(roll: Path, clock: ManualClock) -> None:
    evil = roll / "ascmhl" / "0003_A002R2EC_2030-01-01_000000Z.mhl"
    shutil.copy(roll / "ascmhl" / "0001_A002R2EC_2020-01-16_091500Z.mhl", evil)
    (roll / "ascmhl" / "._0001_A002R2EC_2020-01-16_091500Z.mhl").write_bytes(b"resource fork")
    done = verify_history(roll, read_plainly, clock, append=False)
    assert done.verified == 3
    assert [warning for warning in done.warnings if "not in the chain" in warning]
    assert len(done.warnings) == 1


def test_name_is_decomposed_on_this_medium(tmp_path: Path, clock: ManualClock) -> None:
    root = tmp_path / "A001"
    root.mkdir()
    (root / "Caf\u00e9.mov").write_bytes(b"x")
    append(root, clock)
    os.rename(root / "Caf\u00e9.mov", root / "Cafe\u0301.mov")
    done = verify_history(root, read_plainly, clock, append=False)
    assert (done.verified, done.missing, done.new) == (1, 0, 0)


def test_new_format_is_trusted_without_an_old_one() -> None:
    known = load_history(REFERENCE / "scenario_01" / "travel_01" / "A002R2EC").known["Sidecar.txt"]
    good, other = "3ab5a4166b9bde44", "00" * 16
    both = judge(known, {HashFormat.XXH64: good, HashFormat.XXH128: other}, "now")
    assert {entry.format: entry.action for entry in both} == dict.fromkeys(
        (HashFormat.XXH64, HashFormat.XXH128), Action.VERIFIED
    )
    bad = judge(known, {HashFormat.XXH64: good[::-1], HashFormat.XXH128: other}, "now")
    assert [(entry.format, entry.action) for entry in bad] == [(HashFormat.XXH64, Action.FAILED)]
    assert judge(known, {HashFormat.XXH128: other}, "now") == ()


def test_nested_history_is_left_out(tmp_path: Path, clock: ManualClock) -> None:
    day = tmp_path / "Day01"
    make_roll(day / "Cards" / "A001", clock)
    (day / "notes.txt").write_bytes(b"n")
    clock.advance(1)
    append(day, clock)
    assert_valid(day)
    child = load_history(day / "Cards" / "A001")
    assert child.generation == 2  # working on the parent writes the child's next generation first
    parent = asc.read_manifest(next((day / "ascmhl").glob("0001_*.mhl")))
    assert [record.path for record in parent.files] == ["notes.txt"]
    assert [record.path for record in parent.folders] == ["Cards", "Cards/A001"]
    (reference,) = parent.references
    assert reference.path == f"Cards/A001/ascmhl/{child.chain[-1].name}"
    assert reference.c4 == child.chain[-1].c4
    clock.advance(1)
    done = verify_history(day, read_plainly, clock, append=True)
    assert (done.verified, done.exit_code, done.generation) == (3, 0, 2)
    (day / "Cards" / "A001" / "Clips" / "a.mov").write_bytes(b"bbbb")
    clock.advance(1)
    assert verify_history(day, read_plainly, clock, append=True).exit_code == MISMATCH


def test_ignored_files_count_as_new(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / ".DS_Store").write_bytes(b"x")
    assert verify_history(root, read_plainly, clock, append=False).exit_code == 0


def test_cut_off_operation_writes_two_generations(tmp_path: Path, clock: ManualClock) -> None:
    """The same operation again, told by its time: what is in the chain stays, what is not is taken away."""
    root = make_roll(tmp_path / "A001", clock)
    (root / "ascmhl" / "0002_A001_2027-01-15_080000Z.mhl").write_bytes(b"no chain knows me")
    (root / "ascmhl" / "ascmhl_chain.xml.onset-part").write_bytes(b"half")
    clear_cut_off(root, [], clock.wall_ns())
    again = append_generation(
        load_history(root),
        read_all(root, clock),
        process=Process.TRANSFER,
        creator=creator_now(clock),
        started_ns=clock.wall_ns(),
        resumed=True,
    )
    assert again.number == 1
    assert len(list((root / "ascmhl").iterdir())) == 2
    assert load_history(root).generation == 1


def test_read_only_medium_fails_the_verification(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_roll(tmp_path / "A001", clock)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    done = verify_history(root, read_plainly, clock, append=True)
    assert (done.exit_code, done.generation) == (0, None)
    assert "read-only" in done.warnings[0]
    assert has_history(root)


def test_first_generation_was_cut_off_before_its_chain(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)
    (root / "ascmhl" / "ascmhl_chain.xml").unlink()
    clear_cut_off(root, [], clock.wall_ns() + 5_000_000_000)
    assert has_history(root)  # another operation's: not ours to take away
    clear_cut_off(root, [], clock.wall_ns())
    assert not has_history(root)


@pytest.mark.parametrize("pattern", ["!", "a\\", "", "**", "[", "(((((((((a+)+)+)+)+$"])
def test_pattern_of_another_tool_ends_in_a_traceback(pattern: str, tmp_path: Path, clock: ManualClock) -> None:
    """What git would refuse matches nothing; everything else means what it says."""
    root = one_generation(tmp_path / "A001", f"<hash><path>a.mov</path><xxh64>{ABC_XXH64}</xxh64></hash>")
    manifest = next((root / "ascmhl").glob("*.mhl"))
    said = f"<ignore><pattern>{pattern}</pattern></ignore></processinfo>"
    manifest.write_text(manifest.read_text().replace("</processinfo>", said))
    asc.write_chain(root / "ascmhl" / "ascmhl_chain.xml", [ChainLink(1, manifest.name, asc.manifest_c4(manifest))])
    (root / "a.mov").write_bytes(b"abc")
    done = verify_history(root, read_plainly, clock, append=False)
    assert (done.verified, done.exit_code) == ((0, INCOMPLETE) if pattern == "**" else (1, 0))


def test_folder_that_vanishes_ends_in_a_traceback(tmp_path: Path, clock: ManualClock) -> None:
    root = make_roll(tmp_path / "A001", clock)

    def read(path: Path, take: Callable[[Block], None], /) -> int:
        if root.exists():
            shutil.move(root, root.with_name("gone"))
        raise MediumError(f"{path} cannot be read (No such file or directory).")

    done = verify_history(root, read, clock, append=True)
    assert (done.verified, done.failed, done.exit_code, done.generation) == (0, 2, INCOMPLETE, None)
    assert [warning for warning in done.warnings if "no generation" in warning or "read-only" in warning]
    assert not root.exists()
