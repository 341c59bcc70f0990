"""Legacy lists that we write: in the schema's order, with digests as other programs say them, and read back by us."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from onset.clock import ManualClock
from onset.errors import RefusedError
from onset.mhl.check import INCOMPLETE, MISMATCH, Verification
from onset.mhl.check_legacy import verify_legacy
from onset.mhl.create_legacy import WRITTEN, create_legacy
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
    (card / "ascmhl").mkdir()
    (card / "ascmhl" / "x.mhl").write_bytes(b"")
    (card / ".DS_Store").write_bytes(b"")
    (card / "c.mov.onset-part").write_bytes(b"")
    done = made(card, clock)
    assert (done.added, done.exit_code) == (4, INCOMPLETE)


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
