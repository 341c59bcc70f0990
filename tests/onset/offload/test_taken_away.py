"""Whatever ends a copy early, nothing of unfinished files stays on a target, nor open in the process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onset.errors import OffloadError
from onset.mhl.hashes import HashFormat
from onset.offload import copy, job, prove
from onset.offload.journal import Journal
from onset.offload.outcome import State
from tests.onset.offload.cards import job_for, make_card, make_targets, offload


@pytest.mark.parametrize("raised", [prove.StoppedError, RuntimeError])
@pytest.mark.parametrize("where", ["proof of the one before", "digest", "writer"])
def test_clip_that_was_written_outlives_the_trouble_of_another(
    raised: type[Exception], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second clip is written whole while the first is proved; or one of two writers fails in an unforeseen way."""

    def fail(*_: object) -> None:
        raise raised

    def fail_at_second(path: str, target: int, _: State) -> None:
        if target == 1:
            raise raised

    card, targets = make_card(tmp_path / "A001"), make_targets(tmp_path)
    monkeypatch.setattr(job, "_apart", lambda *_: True)
    running = job_for(card, targets, tmp_path / "state", formats=(HashFormat.MD5, HashFormat.C4))
    if where == "proof of the one before":
        monkeypatch.setattr(prove.Prover, "_compare", fail)
    elif where == "digest":
        monkeypatch.setattr(copy, "_drain", fail)
    else:
        monkeypatch.setattr(Journal, "mark", lambda _, *args: fail_at_second(*args))
    with pytest.raises((OffloadError, RuntimeError)):
        running.run()
    assert not [path for target in targets for path in target.rglob("*.onset-part")]
    held = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    assert not [path for path in held if str(targets[0].parent) in path and ".mov" in path]


def test_unfinished_file_outlives_its_clip(tmp_path: Path) -> None:
    """A run was killed, and the clip it was at is not on the card any more; a card's own file may be called so."""
    card, (target, _) = make_card(tmp_path / "A001"), make_targets(tmp_path)
    (card / "CLIPS" / "own.onset-part").write_bytes(b"of the camera")
    assert offload(card, [target], tmp_path / "state").exit_code == 0
    left = target / "A001" / "CLIPS" / "A001C009.mov.onset-part"
    left.write_bytes(b"half of a clip")
    assert offload(card, [target], tmp_path / "state").exit_code == 0
    assert not left.exists()
    assert (target / "A001" / "CLIPS" / "own.onset-part").read_bytes() == b"of the camera"
