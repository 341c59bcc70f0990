"""Five programs write to one log for a minute: nobody is refused, no number is given twice, and reading is not held up.

With both SQLite libraries at once, each on a log of its own.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from logging_db import sqlite_library
from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.logbook.terms import TakeFilter
from tests.faults import busy
from tests.faults.writers import LIBRARIES, Acknowledged, Writer
from tests.logging_db.support import unwell

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
_SECONDS = 60.0
_PROGRAMS = (busy.app, busy.shell, busy.offload, busy.matcher, busy.other_seat)
_HELD_MS = {"pysqlite3": 20.0, "stdlib": 100.0}  # the older library's journal shuts readers out while an edit is synced


Minute = dict[str, tuple[Path, list[tuple[list[Acknowledged], int]]]]


@pytest.fixture(scope="module")
def minute(tmp_path_factory: pytest.TempPathFactory) -> Minute:
    """What each program said, by library; the app is the first."""
    folders: dict[str, Path] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        writers: dict[str, list[Writer]] = {}
        for library in LIBRARIES:
            patch.setenv(sqlite_library.ENVIRONMENT, library)
            folders[library] = tmp_path_factory.mktemp(library)
            create_log(folders[library], title="Harbour Lights", rate="25", user="Maya")
            (folders[library] / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "25"\n')
            with closing(open_log(folders[library] / LOG_NAME, user="Maya")) as log:
                busy.first_slate(log)
            writers[library] = [
                Writer(partial(program, seconds=_SECONDS), folders[library], library) for program in _PROGRAMS
            ]
        for each in (writer for group in writers.values() for writer in group):
            each.go()
        return {library: (folders[library], [writer.gone() for writer in group]) for library, group in writers.items()}


@pytest.mark.parametrize("library", LIBRARIES)
def test_nobody_finds_the_log_locked(minute: Minute, library: str) -> None:
    said = minute[library][1]
    assert [code for _, code in said] == [0] * len(_PROGRAMS)
    assert [each.refusal for each, *_ in (acknowledged for acknowledged, _ in said)] == [None] * len(_PROGRAMS)


@pytest.mark.parametrize("library", LIBRARIES)
def test_no_take_number_is_missing_or_given_twice(
    minute: Minute, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(sqlite_library.ENVIRONMENT, library)
    path = minute[library][0] / LOG_NAME
    with closing(open_log(path, user="Maya")) as log:
        numbers = sorted(int(take.take) for take in log.takes(TakeFilter(limit=None)))
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) > 50
    assert unwell(path) == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_screen_is_not_held_up_by_the_writers(minute: Minute, library: str) -> None:
    """The 95th of a hundred drawings, without the time in which it only waited for a core of a busy machine.

    A writer that holds the log waits for a core too, so the limit is of a machine that has one for everybody.
    """
    (app,), _ = minute[library][1][0]
    slower = float(app.told[0])
    reads = [tuple(map(float, one.split())) for one in app.told[1:]]
    took, held = sorted(wall for wall, _ in reads), sorted(own for _, own in reads)
    at = len(reads) * 95 // 100
    figures = f"p95 of {len(reads)}: {held[at]} ms, {took[at]} by the wall, {slower} times slower than alone"
    assert len(reads) > 30, figures
    assert held[at] < _HELD_MS[library] * slower, figures
