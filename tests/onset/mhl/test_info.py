"""What a history says of itself, and what is on record of one file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from onset.errors import ManifestError
from onset.mhl import asc
from onset.mhl.info import Seal, account_of, failures, mentions, nearest_history
from onset.mhl.records import ChainLink
from tests.onset.mhl.samples import REFERENCE

FIRST, SECOND = "0001_A002R2EC_2020-01-16_091500Z.mhl", "0002_A002R2EC_2020-01-17_143000Z.mhl"


@pytest.fixture
def roll(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REFERENCE / "scenario_02" / "file_server" / "A002R2EC", tmp_path / "A002R2EC"))


def test_generations_of_the_reference_are_told_wrongly(roll: Path) -> None:
    account = account_of(roll)
    assert [(each.number, each.name, each.seal) for each in account.generations] == [
        (1, FIRST, Seal.INTACT),
        (2, SECOND, Seal.INTACT),
    ]
    assert account.exit_code == 0
    manifest = account.generations[0].manifest
    assert manifest is not None
    assert failures(manifest) == 0


def test_altered_manifest_ends_the_telling(roll: Path) -> None:
    manifest = roll / "ascmhl" / FIRST
    manifest.write_bytes(manifest.read_bytes().replace(b"0ea03b369a463d9d", b"0ea03b369a463d9e"))
    (roll / "ascmhl" / SECOND).unlink()
    shutil.copy(manifest, roll / "ascmhl" / "0003_slipped_in.mhl")
    account = account_of(roll)
    assert [each.seal for each in account.generations] == [Seal.ALTERED, Seal.MISSING]
    assert (account.exit_code, account.strangers) == (31, ("0003_slipped_in.mhl",))


def test_manifest_that_is_no_xml_ends_the_telling(roll: Path) -> None:
    (roll / "ascmhl" / SECOND).write_bytes(b"<hashlist")
    assert [each.seal for each in account_of(roll).generations] == [Seal.INTACT, Seal.UNREADABLE]
    assert account_of(roll).exit_code == 1


def test_chain_without_c4_counts_as_sealed(roll: Path) -> None:
    asc.write_chain(roll / "ascmhl" / "ascmhl_chain.xml", [ChainLink(1, FIRST, None)])
    assert [each.seal for each in account_of(roll).generations] == [Seal.UNSEALED]


def test_file_is_told_from_one_generation_only(roll: Path) -> None:
    found = mentions(account_of(roll), "Sidecar.txt")
    assert [(each.number, each.record.entries[0].action) for each in found] == [(2, "verified"), (1, "original")]
    with pytest.raises(ManifestError, match=r"nowhere\.mov is on no record") as caught:
        mentions(account_of(roll), "nowhere.mov")
    assert caught.value.exit_code == 20


def test_record_is_looked_for_in_the_outer_history(roll: Path) -> None:
    assert nearest_history(roll.parent, "A002R2EC/Clips/x.mov") == "A002R2EC"
    assert nearest_history(roll.parent, "A002R2EC") == ""
    assert nearest_history(roll.parent, "notes.txt") == ""
