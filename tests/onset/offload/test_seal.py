"""Targets are sealed together, and each manifest still says what was verified on that very target."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from onset.mhl.asc import read_chain, read_manifest
from onset.mhl.records import Action, Manifest
from onset.offload.sink import Sink
from tests.onset.mhl.samples import assert_valid
from tests.onset.offload.cards import make_targets, offload

CLIP = "CLIPS/A001C001.mov"


def newest(copy: Path) -> Manifest:
    assert_valid(copy)
    folder = copy / "ascmhl"
    return read_manifest(folder / read_chain(folder / "ascmhl_chain.xml")[-1].name)


def test_one_disk_is_waited_for_after_the_other(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, both = Sink.date_and_sync_folders, threading.Barrier(2)

    def waiting(self: Sink, folders: Mapping[str, int]) -> None:
        both.wait(timeout=20)
        real(self, folders)

    monkeypatch.setattr(Sink, "date_and_sync_folders", waiting)
    assert offload(card, targets, state).exit_code == 0


def test_manifest_lists_a_clip_that_only_other_targets_have(card: Path, tmp_path: Path, state: Path) -> None:
    folder = tmp_path / "disks"
    folder.mkdir()
    targets = make_targets(folder, 3)
    (targets[1] / "A001" / CLIP / "in the way").mkdir(parents=True)
    assert offload(card, targets, state).exit_code == 10
    first, second, third = (newest(target / "A001") for target in targets)
    assert first.files == third.files
    assert first.folders == third.folders
    assert {each.path for each in first.files} - {each.path for each in second.files} == {CLIP}
    assert {each.path for each in first.folders} - {each.path for each in second.folders} == {"CLIPS"}
    assert (first.root is None, second.root is None) == (False, True)


def test_target_with_a_history_is_sealed_as_the_new_ones_are(card: Path, tmp_path: Path, state: Path) -> None:
    folder = tmp_path / "disks"
    folder.mkdir()
    targets = make_targets(folder, 3)
    offload(card, targets[:1], state)
    assert offload(card, targets, state).exit_code == 0
    actions = [{entry.action for each in newest(t / "A001").files for entry in each.entries} for t in targets]
    assert actions == [{Action.VERIFIED}, {Action.ORIGINAL}, {Action.ORIGINAL}]
