"""The newest edit of a long log is found from its end; every report of a day asks for it."""

from __future__ import annotations

import pytest

from logging_db import history
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet, memory_log


@pytest.fixture
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """How far SQLite goes for the newest edit: of 3 takes, and of 60."""
    with memory_log(tmp_path_factory.mktemp("log")) as on_set:
        return [_steps(on_set, takes) for takes in (3, 57)]


def _steps(on_set: OnSet, takes: int) -> int:
    on_set.log.set_next(Next(slate="42"))
    for _ in range(takes):
        on_set.shoot()
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection = on_set.log._writer
    connection.set_progress_handler(count, 100)  # type: ignore[attr-defined]  # of both SQLite libraries
    try:
        (newest, *_) = history.changes(connection, None, field=None, since_ns=None, before=None, limit=1)
    finally:
        connection.set_progress_handler(None, 0)  # type: ignore[attr-defined]  # as above
    assert newest.arrival == on_set.log.arrival()
    return counted


def test_newest_edit_costs_more_in_a_longer_log(steps: list[int]) -> None:
    assert steps[1] <= steps[0] + 2
