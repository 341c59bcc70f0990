"""What was read is remembered until somebody commits: whoever it was, and through whichever connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from logging_db import remembered
from logging_db.logbook import SqliteLogbook, open_log
from logging_db.sqlite_library import connect
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, file_log, memory_log


@pytest.fixture(params=[file_log, memory_log])
def on_set(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OnSet]:
    with request.param(tmp_path) as made:
        made.log.set_next(Next(scene="42", slate="42C"))
        yield made


def path_of(on_set: OnSet) -> Path:
    assert isinstance(on_set.log, SqliteLogbook)
    assert on_set.log._path is not None
    return on_set.log._path


def counted(on_set: OnSet) -> Callable[[], int]:
    """How many statements were asked since the last time."""
    log = on_set.log
    assert isinstance(log, SqliteLogbook)
    asked: list[str] = []
    log._reader.set_trace_callback(asked.append)  # type: ignore[attr-defined]  # sqlite3 has it, our protocol does not

    def since() -> int:
        found = len(asked)
        asked.clear()
        return found

    return since


def test_takes_that_nobody_touched_are_not_read_again(on_set: OnSet) -> None:
    on_set.shoot()
    since = counted(on_set)
    first = on_set.log.takes()
    cost = since()
    again = on_set.log.takes(TakeFilter(day=1))
    assert again[0] is first[0]
    assert since() <= cost - 9  # the queries of what belongs to takes


def test_long_list_is_whole_and_not_kept(on_set: OnSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_MOST", 2)
    ids = [on_set.shoot().id for _ in range(3)]
    assert isinstance(on_set.log, SqliteLogbook)
    for limit, kept in ((None, 0), (1, 1), (2, 2), (3, 1), (None, 2)):
        assert [one.id for one in on_set.log.takes(TakeFilter(limit=limit))] == ids[::-1][:limit]
        assert len(on_set.log._remembered.takes) == kept


def test_edit_is_seen_at_once(on_set: OnSet) -> None:
    take = on_set.shoot()
    for number in range(3):
        on_set.log.note(take.id, f"boom {number}")
        for wanted in (TakeFilter(), TakeFilter(text="boom"), TakeFilter(day=1)):
            assert len(on_set.log.takes(wanted)[0].notes) == number + 1
    on_set.undo()
    assert len(on_set.log.takes()[0].notes) == 2
    on_set.log.delete(take.id)
    assert not on_set.log.takes()


def test_word_that_is_new_is_found_though_its_beginning_was_looked_for(on_set: OnSet) -> None:
    take = on_set.shoot()
    assert not on_set.log.takes(TakeFilter(text="gaff"))
    on_set.log.note(take.id, "gaffer")
    assert on_set.log.takes(TakeFilter(text="gaff"))
    other = on_set.shoot()
    on_set.log.note(other.id, "gaffers")
    assert len(on_set.log.takes(TakeFilter(text="gaff"))) == 2


def test_edit_of_another_program_is_seen_at_once(tmp_path: Path) -> None:
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(scene="42", slate="42C"))
        take = on_set.shoot()
        assert on_set.log.takes()[0].notes == ()
        ben = open_log(path_of(on_set), user="Ben", clock=on_set.clock)
        ben.note(take.id, "boom")
        assert [note.text for note in on_set.log.takes()[0].notes] == ["boom"]
        ben.close()


def test_rows_that_were_mended_without_an_edit_are_read_again(tmp_path: Path) -> None:
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(scene="42", slate="42C"))
        on_set.shoot()
        on_set.log.takes()
        other = connect(path_of(on_set))
        for text in ("damaged", ""):
            other.execute("UPDATE take SET description = nullif(?, '')", (text,))
            assert on_set.log.takes()[0].description == text
        other.close()
