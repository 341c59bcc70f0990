"""Fifty seats log at once, and each sees the takes of all within two seconds."""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from logging_db import sqlite_library
from logging_db.logbook import create_log, open_log
from onset.logbook.terms import TakeFilter
from tests.faults.busy import one_of_fifty
from tests.faults.writers import LIBRARIES, Writer

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
_SEATS = 50
_WITHIN_S = 2.0


@pytest.mark.parametrize("library", LIBRARIES)
def test_seat_is_told_late_of_what_the_others_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv(sqlite_library.ENVIRONMENT, library)
    path = create_log(tmp_path, title="Harbour Lights", rate="25", user="Maya")
    seats = [
        Writer(partial(one_of_fifty, name=f"seat {number}", seats=_SEATS), tmp_path, library)
        for number in range(_SEATS)
    ]
    for seat in seats:
        seat.go()
    assert all(seat.next() is not None for seat in seats)
    begin = tmp_path / "begin.new"
    begin.write_text(f"{time.monotonic()}", encoding="ascii")
    begin.rename(tmp_path / "begin")
    ended = [seat.gone() for seat in seats]
    assert [code for _, code in ended] == [0] * _SEATS
    saw = sorted((float(said[0].told[0]), float(said[0].told[1])) for said, _ in ended)
    slower = max(1.0, sorted(each for _, each in saw)[_SEATS // 2])  # the machine has not a core for each
    assert saw[-1][0] < _WITHIN_S * slower, f"the last saw all after {saw[-1][0]} s, {slower} times slower than alone"
    with closing(open_log(path, user="Maya")) as log:
        takes = log.takes(TakeFilter(limit=None))
        assert sorted(int(take.take) for take in takes) == list(range(1, _SEATS + 1))
        assert len({change.seat for change in log.history(limit=100_000) if change.field == "take"}) == _SEATS
