"""The disk under the log fills up or dies while takes are logged."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor, reserve
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, open_log
from onset.cli.main import main
from onset.errors import LogDiskError
from onset.logbook.terms import Next, TakeFilter
from tests.faults.disks import fill, small_disk
from tests.logging_db.support import OnSet, a_clock, use_library

pytestmark = pytest.mark.faults
LIBRARIES = ("pysqlite3", "stdlib")
_ALL = TakeFilter(limit=None)


def opened(folder: Path) -> SqliteLogbook:
    return open_log(folder / LOG_NAME, user="Maya", clock=a_clock(), keep_reserve=True)


@pytest.mark.parametrize("library", LIBRARIES)
def test_take_is_lost_though_there_is_a_reserve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """What the sentence promises goes in, nothing earlier is lost, and the reserve is made again with room."""
    use_library(monkeypatch, library)
    monkeypatch.setenv(reserve.ENVIRONMENT, str(768 << 10))
    with small_disk(tmp_path / "disk", 24 << 10) as disk:
        create_log(disk, title="Full", rate="25", user="Maya", clock=a_clock())
        with closing(opened(disk)) as log:
            on_set = OnSet(log, a_clock())
            log.set_next(Next(slate="1"))
            made = [on_set.shoot().id]
            assert reserve.room(disk / LOG_NAME).reserve == 768 << 10
            filler = fill(disk)
            while log.warning is None:
                made.append(on_set.shoot().id)
            assert "is full; its reserve was released" in log.warning
            promised = int(log.warning.partition("for about ")[2].partition(" takes")[0])
            assert promised > 0
            made += [on_set.shoot().id for _ in range(promised)]
            assert [take.id for take in log.takes(_ALL)] == made[::-1]
            with pytest.raises(LogDiskError, match=r"disk is full.*free some space"):
                made.extend(iter(lambda: on_set.shoot().id, ""))
            assert {take.id for take in log.takes(_ALL)} >= set(made)
            filler.unlink()
        with closing(opened(disk)) as log:
            assert {take.id for take in log.takes(_ALL)} >= set(made)
        assert reserve.room(disk / LOG_NAME).reserve == 768 << 10
        assert all(check.ok for check in doctor.check(disk / LOG_NAME))


@pytest.mark.parametrize("library", LIBRARIES)
def test_command_meets_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str
) -> None:
    use_library(monkeypatch, library)
    monkeypatch.setenv(reserve.ENVIRONMENT, str(1 << 20))
    with small_disk(tmp_path / "disk", 16 << 10) as disk:
        create_log(disk, title="Full", rate="25")
        assert main(["-p", str(disk), "log", "roll", "42"]) == 0
        fill(disk)
        capsys.readouterr()
        assert main(["-p", str(disk), "log", "cut", "--json"]) == 0
        out, err = capsys.readouterr()
        assert json.loads(out)["take"]["state"] == "cut"
        assert "its reserve was released" in err
        assert err.count("\n") == 1
        assert main(["-p", str(disk), "log", "list", "--json"]) == 0
        assert [take["state"] for take in json.loads(capsys.readouterr().out)["takes"]] == ["cut"]
