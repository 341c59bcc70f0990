"""A day that hypothesis made up, histories and all, is a card: its copy is a day as well.

Used by test_days.py, where the schemas and our own reader judge, and by tests/real, where the reference tool does.
"""

from __future__ import annotations

from pathlib import Path

from onset.mhl.check import INCOMPLETE, MISMATCH
from tests.onset.mhl.days import Day
from tests.onset.offload.cards import contents, make_targets, offload


def offloaded(day: Day, folder: Path) -> Day:
    """Offload a day to a target in a folder; what is wrong with it by its own histories is told, and all is copied."""
    on_record = {path for scope in day.scopes() for path in day.on_record(scope)}
    (target,) = make_targets(folder, 1)
    outcome = offload(day.root, [target], folder / "state")
    expected = MISMATCH if day.damaged & on_record else INCOMPLETE if day.gone & on_record else 0
    assert outcome.exit_code == expected, outcome.problems
    copied = Day(
        target / day.root.name, day.clock, dict(day.contents), set(day.contents), set(day.damaged), set(day.gone)
    )
    copied.renames = list(day.renames)
    assert contents(copied.root) == contents(day.root)
    return copied
