"""The disk of the jobs' records is full while jobs wait and run: what is asked of one must reach it all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from onset.errors import OffloadError
from onset.offload.wishes import Wish, put_document, read_wish, write_wish
from tests.faults.disks import fill, small_disk

pytestmark = pytest.mark.faults


def test_job_cannot_be_paused_or_cancelled_where_the_disk_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "state", 64) as state:
        write_wish(state, Wish(rank=1))
        fill(state)
        for wish in (Wish(paused=True, rank=1), Wish(rank=-12), Wish(cancelled=True, rank=12)):
            write_wish(state, wish)
            assert read_wish(state) == wish
        with pytest.raises(OffloadError, match="make room there"):
            put_document(state / "new.json", {"pid": 7})
        assert sorted(os.listdir(state)) == ["footage.mov", "wishes.json"], "no half of a document is left"
