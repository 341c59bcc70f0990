"""A target that fails when it is sealed: the next run seals it, and what is not durable is not called so."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from onset.mhl import asc
from tests.onset.mhl.samples import assert_valid
from tests.onset.offload.cards import contents, make_card, make_targets, manifests, offload


@pytest.mark.parametrize("call", ["write_manifest", "write_chain"])
def test_disk_that_was_full_when_it_was_sealed_never_is(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its history was begun, and has no chain: neither the next run nor the one of another card may trip over that."""
    card = make_card(tmp_path / "A001")
    (target,) = make_targets(tmp_path, 1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(asc, call, full)
        outcome = offload(card, [target], tmp_path / "state")
    assert (outcome.exit_code, outcome.targets[0].manifest) == (10, None)
    again = offload(card, [target], tmp_path / "state")
    assert (again.exit_code, again.problems) == (0, ())
    assert len(manifests(target / "A001")) == 1
    assert_valid(target / "A001")


def test_chain_that_somebody_took_away_costs_the_manifest_too(tmp_path: Path) -> None:
    card = make_card(tmp_path / "A001")
    (target,) = make_targets(tmp_path, 1)
    assert offload(card, [target], tmp_path / "state").exit_code == 0
    before = manifests(target / "A001")
    (target / "A001" / "ascmhl" / "ascmhl_chain.xml").unlink()
    outcome = offload(card, [target], tmp_path / "state")
    assert outcome.exit_code == 10
    assert "a history without its chain cannot be trusted" in outcome.problems[0].what
    assert manifests(target / "A001") == before


def test_names_that_are_not_durable_are_called_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk refuses to make a folder durable, which it says once: that target is given up, and done in the end."""
    card = make_card(tmp_path / "A001")
    targets = make_targets(tmp_path)
    real = os.fsync
    told: list[int] = []

    def fsync(fd: int) -> None:
        bad = os.path.samestat(os.fstat(fd), os.stat(targets[0] / "A001" / "CLIPS")) if not told else False
        if bad and stat.S_ISDIR(os.fstat(fd).st_mode):
            told.append(fd)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(fd)

    with monkeypatch.context() as meanwhile:
        (targets[0] / "A001" / "CLIPS").mkdir(parents=True)
        meanwhile.setattr(os, "fsync", fsync)
        outcome = offload(card, targets, tmp_path / "state")
    assert told
    assert outcome.exit_code == 10
    assert [target.lost is None for target in outcome.targets] == [False, True]
    again = offload(card, targets, tmp_path / "state")
    assert again.exit_code == 0
    for target in targets:
        assert contents(target / "A001") == contents(card)
