"""A medium that fails once or twice and then answers: a card's reader may, a target may not."""

from __future__ import annotations

import errno
import os
from collections import Counter
from pathlib import Path

import pytest

from onset.errors import MediumError
from onset.offload.readback import CARD_TRIES, MIB, read_medium
from tests.onset.offload.cards import contents, offload

CLIP, SMALL = "CLIPS/A001C002.mov", "CLIPS/A001C002M01.xml"

pytestmark = pytest.mark.usefixtures("one_by_one")


@pytest.mark.parametrize("name", [CLIP, SMALL])
@pytest.mark.parametrize("passes", [True, False])
@pytest.mark.parametrize("read", [1, 2])
def test_reader_that_hiccups_costs_a_clip(
    read: int, passes: bool, name: str, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the first or the second read of the card: two failures in a row pass, three do not.

    A small file has failed once with others when its own three tries begin.
    """
    times = CARD_TRIES - passes + (name == SMALL)
    meant = (card / name).stat().st_ino
    answers: Counter[str] = Counter()
    real_preadv, real_readv = os.preadv, os.readv

    def fails(fd: int, offset: int) -> bool:
        if os.fstat(fd).st_ino != meant or offset:
            return False
        whole_read = 1 if answers["good"] == 0 else 2
        if whole_read == read and answers["bad"] < times:
            answers["bad"] += 1
            return True
        answers["good"] += 1
        return False

    def preadv(fd: int, buffers: list[memoryview], offset: int) -> int:
        if fails(fd, offset):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_preadv(fd, buffers, offset)

    def readv(fd: int, buffers: list[memoryview]) -> int:
        if fails(fd, os.lseek(fd, 0, os.SEEK_CUR)):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_readv(fd, buffers)

    monkeypatch.setattr(os, "preadv", preadv)
    monkeypatch.setattr(os, "readv", readv)
    outcome = offload(card, targets, state)
    assert answers["bad"] == times
    if passes:
        assert (outcome.exit_code, outcome.problems) == (0, ())
        assert contents(targets[0] / "A001") == contents(card)
    else:
        assert outcome.exit_code == 10
        assert [problem.path for problem in outcome.problems] == [name]
        assert not (targets[0] / "A001" / name).exists()


@pytest.mark.parametrize("name", [CLIP, SMALL])
def test_target_that_hiccups_once_at_the_read_back_is_asked_again(
    name: str, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up, with that file not under its final name; the other target has all."""
    (card / SMALL).write_bytes(bytes(8192))  # whole pages are written around the cache
    failed: list[str] = []
    real_preadv, real_readv = os.preadv, os.readv

    def fails(fd: int) -> bool:
        path = os.readlink(f"/proc/self/fd/{fd}")
        if failed or not path.startswith(str(targets[0])) or not path.endswith(f"{name}.onset-part"):
            return False
        failed.append(path)
        return True

    def preadv(fd: int, buffers: list[memoryview], offset: int) -> int:
        if fails(fd):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_preadv(fd, buffers, offset)

    def readv(fd: int, buffers: list[memoryview]) -> int:
        if fails(fd):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_readv(fd, buffers)

    monkeypatch.setattr(os, "preadv", preadv)
    monkeypatch.setattr(os, "readv", readv)
    outcome = offload(card, targets, state)
    assert len(failed) == 1
    assert outcome.exit_code == 10
    assert "while reading back" in (outcome.targets[0].lost or "")
    assert not (targets[0] / "A001" / name).exists()
    assert contents(targets[1] / "A001") == contents(card)


def test_target_that_hiccups_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "copy"
    path.write_bytes(bytes(MIB))
    real, failed = os.readv, [False]

    def once(fd: int, buffers: list[memoryview]) -> int:
        if not failed[0]:
            failed[0] = True
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(fd, buffers)

    monkeypatch.setattr(os, "readv", once)
    with pytest.raises(MediumError, match="at byte 0"):
        read_medium(path, lambda data: None)
