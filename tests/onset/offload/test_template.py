"""Folders made of templates: legal everywhere, counted, and the same again for the same card."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.offload.card import Card, scan_card
from onset.offload.names import clean_name, name_trouble
from onset.offload.place import Target, numbered
from onset.offload.template import counted, fill
from tests.onset.offload.cards import job_for, make_card

DAY = {"day": "3", "unit": "Main", "date": "2026-03-05"}


@given(st.text())
def test_made_name_is_not_legal_on_some_file_system(text: str) -> None:
    name = clean_name(text)
    assert "/" not in name
    assert name not in (".", "..")
    if name:
        assert [name_trouble(name, kind) for kind in ("exfat", "ntfs3", "vfat", "ext4", "apfs")] == [None] * 5
    assert clean_name(name) == name


@given(st.text(), st.text(max_size=9))
def test_value_leads_out_of_its_target(production: str, label: str) -> None:
    where = fill("{production}/{camera}/{counter}_{roll}/{unit}", production, label, 0, {"unit": production})
    assert not where.startswith("/")
    assert not {"..", "."} & set(where.split("/"))
    assert where.count("{counter}") == 1


def test_reserved_names_of_windows_are_made() -> None:
    assert fill("{roll}/{production}", "AUX", "CON.1", 0) == "CON_.1/AUX_"
    assert fill("{production}", "Ends with dots...", "x", 0) == "Ends with dots"


def target(template: str, folder: Path, label: str) -> Target:
    filling = (template, "Harbour", label, 0, DAY)
    return Target(folder, fill(*filling), counted=counted(*filling))


def card_of(folder: Path, seed: int = 1) -> Card:
    return scan_card(folder if folder.exists() else make_card(folder, seed=seed))


@pytest.mark.parametrize(
    ("template", "there", "wanted"),
    [
        ("{counter}_{roll}", [], "001_A001"),
        ("{counter}_{roll}", ["001_A014", "007_B002", "x_A001", "008", "12_notes.txt/"], "013_A001"),
        ("{day}/{counter}_{roll}", ["3/001_A014", "2/009_A013"], "3/002_A001"),
        ("day{day}_{counter}/{roll}", ["day3_001", "day2_009"], "day3_002/A001"),
        ("{date} {counter}", ["2026-03-05 999", "2026-03-04 1"], "2026-03-05 1000"),
    ],
)
def test_number_is_given_twice(template: str, there: list[str], wanted: str, tmp_path: Path) -> None:
    card = card_of(tmp_path / "A001")
    disk = tmp_path / "T"
    disk.mkdir()
    for name in there:
        (disk / name).mkdir(parents=True)
    assert numbered(target(template, disk, "A001"), card).folder == wanted


def test_number_changes_when_the_same_card_is_copied_again(tmp_path: Path) -> None:
    """Cut off and gone on with, whole and copied again, come back with more: each time under the number it has."""
    cards = [make_card(tmp_path / name, seed=seed) for seed, name in enumerate(("A001", "B002"), 1)]
    disk, state = tmp_path / "T", tmp_path / "state"
    disk.mkdir()

    def copy(card: Path) -> str:
        job = job_for(card, [], state)
        object.__setattr__(job._request, "targets", (target("day{day}/{counter}_{roll}", disk, card.name),))
        done = job.run()
        assert done.exit_code == 0, done.problems
        return Path(done.targets[0].path).name

    assert [copy(card) for card in cards] == ["001_A001", "002_B002"]
    assert [copy(card) for card in cards] == ["001_A001", "002_B002"]
    for path in (disk / "day3" / "001_A001").iterdir():  # cut off right after it began
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for result in state.glob("*-A001-*/result.json"):
        result.unlink()
    assert copy(cards[0]) == "001_A001"
    shutil.rmtree(state)  # another laptop, which knows nothing of the first copies
    assert copy(cards[1]) == "002_B002"
    (cards[0] / "CLIPS" / "A001C009.mov").write_bytes(b"one more clip")
    assert copy(cards[0]) == "001_A001"
    (disk / "day3" / "002_B002" / "INDEX").write_bytes(b"not of this card")
    (disk / "day3" / "003_C001").mkdir()
    shutil.rmtree(state)
    assert copy(cards[1]) == "004_B002"
