"""Words that begin as was typed are looked for one by one: what is found must be what SQLite finds by the beginning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from logging_db import filters, search, vocabulary
from logging_db.logbook import SqliteLogbook, create_log, open_log
from logging_db.sqlite_library import Connection, connect, library
from onset.clock import ManualClock
from onset.domain.take import Stamp
from onset.logbook.terms import Next, TakeFilter

NOTES = (
    *("boom", "Boom in frame", "boomer", "Boomtown, twice", "bo", "boo", "böömer", "boom42", "boom-42", "boomß"),
    *("kitchen", "kitchenette", "the boom's shadow", "eyeline", "喝咖啡", "zzzz", "don't", "dont stop"),
)
TYPED = (
    *("boom", "BOOM", "boome", "booming", "boom,", "(boomer)", "boom boomt", "kitch", "kitchen boom", "many", "many1"),
    *("don't", "dont", "zzzz", "zzzzz", "eyel", "喝咖", "boo", "b", "1/1 boom", "boom 4", "boom42", "shadow bo"),
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteLogbook]:
    folder = tmp_path_factory.mktemp("set")
    clock = ManualClock(wall_ns=1_780_000_000_000_000_000)
    made = open_log(create_log(folder, title="T", rate="24", clock=clock), clock=clock)
    made.set_next(Next(scene="1", slate="1"))
    for text in (*NOTES, *(f"many{number}" for number in range(40))):
        stamp = Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b")
        take = made.roll(stamp)
        clock.advance(10)
        made.cut(take.id, Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot="b"))
        made.note(take.id, text)
    yield made
    made.close()


def found(connection: Connection, query: str) -> list[object]:
    asked = "SELECT rowid FROM words_index WHERE words_index MATCH ? ORDER BY rowid"
    return [row[0] for row in connection.execute(asked, (query,)).fetchall()]


@pytest.mark.parametrize("typed", TYPED)
def test_words_find_what_their_beginning_finds(log: SqliteLogbook, typed: str) -> None:
    with log._reading() as connection:
        bare = filters.bare(connection)
        by_words = search.query(typed, lambda word: vocabulary.beginning(bare, word))
        by_beginning = search.query(typed)
        assert by_words is not None
        assert by_beginning is not None
        assert found(bare, by_words) == found(bare, by_beginning)


def test_words_are_those_that_begin_so_and_are_in_plain_letters(log: SqliteLogbook) -> None:
    words = {
        typed: vocabulary.beginning(log._reader, typed)
        for typed in ("kitch", "Kitchen,", "eyeline", "boo", "boom", "boomt", "many", "many1", "zzzzz", "don't", "küch")
    }
    assert words == {
        "kitch": ["kitchen", "kitchenette"],
        "Kitchen,": ["kitchen", "kitchenette"],
        "eyeline": ["eyeline"],
        "boo": [],  # the index keeps a list of those
        "boom": ["boom", "boom42", "boomer", "boomss", "boomtown"],
        "boomt": ["boomtown"],
        "many": [],  # too many
        "many1": ["many1", *(f"many1{digit}" for digit in range(10))],
        "zzzzz": [],
        "don't": [],
        "küch": [],
    }


def test_new_word_is_found_at_once(log: SqliteLogbook) -> None:
    assert not log.takes(TakeFilter(text="gaffer"))
    take = log.find_take("last")
    log.note(take.id, "gaffers in frame")
    assert [one.id for one in log.takes(TakeFilter(text="gaffer"))] == [take.id]


def test_connection_only_reads_all_the_same(log: SqliteLogbook) -> None:
    with pytest.raises(library().OperationalError, match="readonly"):
        log._reader.execute("DELETE FROM words")
    assert log._path is not None
    other = connect(log._path)
    assert other.execute("SELECT name FROM sqlite_master WHERE name = 'vocabulary'").fetchone() is None
    vocabulary.make(other)
    vocabulary.make(other)  # a logbook in memory reads and writes through one
    assert other.execute("PRAGMA query_only").fetchone() == (0,)
    other.close()
