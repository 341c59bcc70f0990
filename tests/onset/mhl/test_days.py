"""Whatever people do to a day's folder, its histories are valid and say what was done."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import example, given, settings

from onset.clock import ManualClock
from onset.mhl.check import verify_history, verify_manifest
from onset.mhl.flatten import flatten
from onset.mhl.history import has_history
from tests.onset.mhl.days import ACTS, Act, Day
from tests.onset.mhl.samples import assert_valid, assert_valid_collection, read_plainly


@settings(max_examples=40)
@given(ACTS)
@example([Act("write", 4, 0), Act("create", 0, 0), Act("damage", 0, 0), Act("create", 1, 3), Act("verify", 0, 0)])
def test_history_is_invalid_or_says_something_else(acts: list[Act]) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        day = Day(Path(folder) / "Day & night", ManualClock(wall_ns=1_800_000_000_000_000_000))
        day.root.mkdir()
        for act in acts:
            day.do(act)
        if list(day.root.rglob("ascmhl")):
            assert_valid(day.root)
        if has_history(day.root):
            day.judge(verify_history(day.root, read_plainly, day.clock, append=False))
            day.judge_digests()
            if day.recorded:
                listed = flatten(day.root, Path(folder) / "post", day.clock)
                assert_valid_collection(listed.manifest.parent)
                done = verify_manifest(listed.manifest, read_plainly, day.clock, root=day.root)
                day.judge(done)
