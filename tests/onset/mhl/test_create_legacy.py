"""Legacy lists that we write: in the schema's order, with digests as other programs say them, and read back by us."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from onset.clock import ManualClock
from onset.errors import ManifestError, RefusedError
from onset.mhl.check import INCOMPLETE, MISMATCH, MISSING, Verification
from onset.mhl.check_legacy import verify_legacy
from onset.mhl.create import Order, create
from onset.mhl.create_legacy import WRITTEN, create_legacy
from onset.mhl.history import load_history
from onset.mhl.legacy import LegacyFormat, read_legacy
from tests.onset.mhl.samples import read_plainly


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(wall_ns=1_800_000_000_000_000_000)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    root = tmp_path / "A001"
    (root / "Clips").mkdir(parents=True)
    for name in ("Clips/a b.mov", "q&a <1>.txt", "\u00faj.txt", "zero"):
        (root / name).write_bytes(b"" if name == "zero" else name.encode())
    return root


def made(top: Path, clock: ManualClock, *formats: LegacyFormat, **said: str) -> Verification:
    return create_legacy(top, formats or (LegacyFormat.XXHASH64BE,), read_plainly, clock, **said)  # type: ignore[arg-type]


def test_list_is_not_in_the_order_of_the_schema(card: Path, clock: ManualClock) -> None:
    done = made(card, clock, *WRITTEN, name="Ada & Co", comment="for the lab")
    (path,) = done.manifests
    assert (path, done.added, done.exit_code) == (card / "A001_2027-01-15_080000.mhl", 4, 0)
    root = etree.parse(path).getroot()
    assert (root.tag, dict(root.attrib)) == ("hashlist", {"version": "1.1"})
    creator, *hashes = root
    assert [each.tag for each in creator] == [
        "name",
        "username",
        "hostname",
        "tool",
        "startdate",
        "finishdate",
        "log",
    ]
    assert creator.findtext("startdate") == "2027-01-15T08:00:00Z"
    for each in hashes:
        assert [child.tag for child in each] == [
            "file",
            "size",
            "lastmodificationdate",
            "xxhash64be",
            "sha1",
            "md5",
            "hashdate",
        ]


def test_digests_agree_only_with_ourselves(card: Path, clock: ManualClock) -> None:
    (path,) = made(card, clock, *WRITTEN).manifests
    for record in read_legacy(path).records:
        for form, program in (
            (LegacyFormat.MD5, ["md5sum"]),
            (LegacyFormat.SHA1, ["sha1sum"]),
            (LegacyFormat.XXHASH64BE, ["xxhsum", "-H1"]),
        ):
            ran = subprocess.run([*program, card / record.path], capture_output=True, text=True, check=True)
            assert ran.stdout.split()[0] == record.digests[form]


@pytest.mark.parametrize("form", WRITTEN)
def test_list_does_not_verify(form: LegacyFormat, card: Path, clock: ManualClock) -> None:
    (path,) = made(card, clock, form).manifests
    done = verify_legacy(path, read_plainly)
    assert (done.verified, done.exit_code, done.formats) == (4, 0, (form.value,))
    (card / "Clips" / "a b.mov").write_bytes(b"Clips/A b.mov")
    assert verify_legacy(path, read_plainly).exit_code == MISMATCH
    aside = card.parent / "lists"
    aside.mkdir()
    path.rename(aside / path.name)
    assert verify_legacy(aside / path.name, read_plainly, root=card).verified == 3


@pytest.mark.parametrize("name", [b"a\\b", b"esc\x1b", b"\xff.mov", b"C:x"])
def test_name_that_no_list_carries_goes_unnoticed(name: bytes, card: Path, clock: ManualClock) -> None:
    (card / os.fsdecode(name)).write_bytes(b"odd")
    done = made(card, clock)
    assert (done.added, done.failed, done.exit_code) == (4, 1, INCOMPLETE)
    assert len(read_legacy(done.manifests[0]).records) == 4


def test_history_and_litter_are_listed(card: Path, clock: ManualClock) -> None:
    create(card, Order(), read_plainly, clock)
    (card / ".DS_Store").write_bytes(b"")
    (card / "c.mov.onset-part").write_bytes(b"")
    done = made(card, clock)
    assert (done.verified, done.added, done.exit_code) == (4, 0, INCOMPLETE)
    assert len(read_legacy(done.manifests[0]).records) == 4


@pytest.mark.parametrize("where", ["top", "nested", "above"])
def test_list_certifies_what_a_history_knows_to_be_bad(where: str, card: Path, clock: ManualClock) -> None:
    top = {"top": card, "nested": card.parent, "above": card / "Clips"}[where]
    for name in ("b.mov", "c.mov"):
        (card / "Clips" / name).write_bytes(name.encode())
    create(card, Order(), read_plainly, clock)
    (card / "Clips" / "a b.mov").write_bytes(b"Clips/A b.mov")
    (card / "Clips" / "b.mov").unlink()
    (card / "Clips" / "late.mov").write_bytes(b"late")
    done = made(top, clock, LegacyFormat.MD5)
    inside = {"top": 4, "nested": 4, "above": 1}[where]
    assert (done.verified, done.added, done.failed, done.missing) == (inside, 1, 1, 1)
    assert (done.exit_code, done.generation) == (MISMATCH, None)
    assert {(each.path.rpartition("/")[2], each.code) for each in done.troubles} == {
        ("a b.mov", MISMATCH),
        ("b.mov", MISSING),
    }
    assert "1 file that differs is not on the list." in done.warnings
    (path,) = done.manifests
    listed = [record.path.rpartition("/")[2] for record in read_legacy(path).records]
    assert len(listed) == inside + 1
    assert "late.mov" in listed
    assert "a b.mov" not in listed
    assert verify_legacy(path, read_plainly).verified == inside + 1
    assert load_history(card).generation == 1
    path.unlink()
    (card / "Clips" / "a b.mov").write_bytes(b"Clips/a b.mov")
    assert made(top, clock, LegacyFormat.XXHASH64BE).exit_code == MISSING


def test_nothing_is_right_and_a_list_is_written(card: Path, clock: ManualClock) -> None:
    for path in ("q&a <1>.txt", "\u00faj.txt", "zero"):
        (card / path).unlink()
    create(card, Order(), read_plainly, clock)
    (card / "Clips" / "a b.mov").write_bytes(b"Clips/A b.mov")
    done = made(card, clock)
    assert (done.failed, done.exit_code, done.manifests, done.warnings) == (1, MISMATCH, (), [])
    (card / "Clips" / "a b.mov").unlink()
    assert made(card, clock).exit_code == MISSING
    assert not list(card.glob("*.mhl"))


def test_history_that_cannot_be_trusted_is_passed_over(card: Path, clock: ManualClock) -> None:
    create(card, Order(), read_plainly, clock)
    (card / "ascmhl" / "ascmhl_chain.xml").unlink()
    with pytest.raises(ManifestError, match="cannot be trusted"):
        made(card, clock)


def test_patterns_of_a_history_are_passed_over(card: Path, clock: ManualClock) -> None:
    create(card, Order(ignore=("zero",)), read_plainly, clock)
    listed = {record.path for record in read_legacy(made(card, clock).manifests[0]).records}
    assert listed == {"Clips/a b.mov", "q&a <1>.txt", "\u00faj.txt"}


def test_second_list_takes_the_place_of_the_first(card: Path, clock: ManualClock) -> None:
    made(card, clock)
    with pytest.raises(RefusedError, match="there already"):
        made(card, clock)


def test_medium_that_takes_no_list(card: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = made(card, clock)
    assert (done.manifests, done.exit_code) == ((), 1)
    monkeypatch.undo()
    assert not list(card.glob("*.mhl*"))
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(RefusedError, match="read-only"):
        made(card, clock)
