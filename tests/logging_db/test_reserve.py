"""A reserve that is not there when it is needed, or that takes the room it should keep."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from logging_db import reserve

MB = 1 << 20


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """`disk(total, free)`: how large the disk is said to be."""
    monkeypatch.delenv(reserve.ENVIRONMENT)

    def is_of(total: int, free: int) -> None:
        monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(total, total - free, free))

    return is_of


def allocated(log: Path) -> int:
    return os.stat(reserve.reserve_of(log)).st_blocks * 512


@pytest.mark.parametrize(("free", "size"), [(500 << 30, 64 * MB), (640 * MB, 64 * MB), (100 * MB, 10 * MB)])
def test_reserve_is_a_hole_or_takes_more_than_a_tenth(
    tmp_path: Path, disk: Callable[[int, int], None], free: int, size: int
) -> None:
    log = tmp_path / "log.onset"
    disk(free * 2, free)
    assert reserve.make(log)
    assert reserve.reserve_of(log).stat().st_size == size
    assert allocated(log) >= size
    assert reserve.release(log) == size
    assert allocated(log) == 0


def test_last_bytes_of_a_tiny_disk_go_into_a_reserve(tmp_path: Path, disk: Callable[[int, int], None]) -> None:
    disk(4 * MB, 400_000)
    assert not reserve.make(tmp_path / "log.onset")
    assert os.listdir(tmp_path) == []


def test_released_reserve_is_taken_back_at_once(tmp_path: Path, disk: Callable[[int, int], None]) -> None:
    log = tmp_path / "log.onset"
    disk(500 << 30, 300 << 30)
    reserve.make(log)
    reserve.release(log)
    disk(500 << 30, 64 * MB)
    assert not reserve.make(log)
    assert reserve.room(log).emptied
    disk(500 << 30, 2 << 30)
    assert reserve.make(log)
    assert not reserve.room(log).emptied


def test_reserve_that_is_a_link_empties_another_file(tmp_path: Path) -> None:
    (tmp_path / "film.mov").write_bytes(b"the only copy")
    reserve.reserve_of(tmp_path / "log.onset").symlink_to("film.mov")
    assert reserve.release(tmp_path / "log.onset") == 0
    assert (tmp_path / "film.mov").read_bytes() == b"the only copy"


def test_no_reserve_at_all_is_wished_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(reserve.ENVIRONMENT, "0")
    assert not reserve.make(tmp_path / "log.onset")
    assert os.listdir(tmp_path) == []
