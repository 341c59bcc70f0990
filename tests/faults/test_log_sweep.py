"""Killed at every change of a file, refused at every one of them: the log is whole and has what was acknowledged."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, open_log
from onset.clock import SystemClock
from tests.faults.injected import Ended, sweep
from tests.faults.writers import LIBRARIES, Session, Writer, first_edits, now, one_roll, one_take, told
from tests.logging_db.support import unwell
from tests.needs import require

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
_CALLS_OF_SQLITE = "pwrite64,fsync,fdatasync,ftruncate"
_EXAMINED = 4  # one in so many is examined by the doctor too, which costs as much as the rest


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    require("strace", "strace is not installed")
    chosen = str(request.param)
    monkeypatch.setenv("ONSET_SQLITE", chosen)
    return chosen


class Sweep:
    """A session on copies of one log. What it says when nothing happens must be there when something does."""

    def __init__(self, folder: Path, library: str, session: Session) -> None:
        self._folder = folder
        self._session = session
        self._library = library
        self._ready = folder / "ready"
        self._ready.mkdir()
        self._states = self._undisturbed(first_edits, self._ready)
        self._before = max(self._states)
        self._states |= self._undisturbed(session, self._copy("undisturbed"))
        self.refusals: list[str] = []

    def run(self, fault: str, calls: str) -> int:
        return sweep(
            self._session, self._library, fault, calls=calls, prepared=lambda n: self._copy(f"{n}"), look=self._look
        )

    def _undisturbed(self, session: Session, folder: Path) -> dict[int, tuple[str, ...]]:
        """What the log says of its takes after each edit, by arrival."""
        writer = Writer(session, folder, self._library)
        writer.go()
        said, code = writer.gone()
        assert code == 0
        return {each.arrival: each.told for each in said}

    def _copy(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        shutil.copyfile(self._ready / LOG_NAME, folder / LOG_NAME)
        return folder

    def _look(self, ended: Ended) -> bool:
        refusals = [each.refusal for each in ended.acknowledged if each.refusal is not None]
        self.refusals += refusals
        newest = max(self._before, *(each.arrival for each in ended.acknowledged), 0)
        path = ended.folder / LOG_NAME
        with closing(open_log(path, user="Maya")) as log:
            assert newest <= log.arrival() <= newest + 1  # the edit that was on its way may be there
            assert told(log) == self._states[log.arrival()]
            takes = log.count_takes()
            for going in log.rolling():
                log.cut(going.id, now(SystemClock()))
            assert log.roll(now(SystemClock())).take == f"{takes + 1}"
        if ended.n % _EXAMINED == 0:
            assert unwell(path) == []
        shutil.rmtree(ended.folder)
        return ended.code != 0 or bool(refusals)


def test_killed_at_every_change_of_a_file_while_a_take_is_logged(scratch: Path, library: str) -> None:
    assert Sweep(scratch, library, one_take).run("signal=KILL:when={n}", f"write,unlink,{_CALLS_OF_SQLITE}") > 100


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("lasting", ["", "+"], ids=["once", "from-then-on"])
def test_refused_at_every_change_of_the_log(scratch: Path, library: str, error: str, lasting: str) -> None:
    swept = Sweep(scratch, library, one_roll)
    assert swept.run(f"error={error}:when={{n}}{lasting}", _CALLS_OF_SQLITE) > 50
    assert not any("damaged" in said or "cut short" in said or "\n" in said for said in swept.refusals)
    assert error == "ENOSPC" or not any("full" in said for said in swept.refusals)


def test_killed_at_every_change_of_a_file_while_a_log_is_made(scratch: Path, library: str) -> None:
    """Until it has its name it is not there, and from then on it is whole; what is not there can be made."""
    there: list[bool] = []

    def prepared(n: int) -> Path:
        folder = scratch / f"{n}"
        folder.mkdir()
        return folder

    def look(ended: Ended) -> bool:
        path = ended.folder / LOG_NAME
        there.append(path.exists())
        if not path.exists():
            assert ended.acknowledged == []
            if ended.n % _EXAMINED == 0:
                again = Writer(first_edits, ended.folder, library)
                again.go()
                assert [each.arrival for each in again.gone()[0]] == [1, 2]
        if path.exists():
            with closing(open_log(path, user="Maya")) as log:
                assert log.arrival() >= max([1, *(each.arrival for each in ended.acknowledged)])
                assert (log.production().title, told(log)) == ("Harbour Lights", ())
            assert unwell(path) == []
        shutil.rmtree(ended.folder)
        return ended.code != 0

    calls = f"write,rename,link,unlink,{_CALLS_OF_SQLITE}"
    assert sweep(first_edits, library, "signal=KILL:when={n}", calls=calls, prepared=prepared, look=look) > 200
    assert set(there) == {False, True}
