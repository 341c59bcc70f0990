"""Whatever histories a card brings, nested, renamed, failed, of several formats: its copy's are valid and right."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import assume, example, given, settings

from onset.clock import ManualClock
from onset.mhl.check import verify_history
from tests.onset.mhl.days import ACTS, Act, Day
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import contents
from tests.onset.offload.days import offloaded


@settings(max_examples=25)
@given(ACTS)
@example([Act("write", 4, 0), Act("create", 0, 0), Act("damage", 0, 0)])
@example([Act("write", 1, 0), Act("create", 1, 0), Act("damage", 0, 0)])  # only a folder of the card has a history
def test_history_of_a_copy_is_invalid_or_says_something_else(acts: list[Act]) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        day = Day(Path(folder) / "Day & night", ManualClock(wall_ns=1_800_000_000_000_000_000))
        day.root.mkdir()
        for act in acts:
            day.do(act)
        assume(contents(day.root))  # nothing on it: it is no card
        copied = offloaded(day, Path(folder))
        assert_valid(copied.root)
        copied.judge(verify_history(copied.root, read_plainly, copied.clock, append=False))
        copied.judge_digests()
