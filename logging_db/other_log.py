"""Another log file of the same production, opened to read its edits: nothing is ever written into it.

Used by a merge. The file may be of an earlier or a newer version (the truth has one form in all), on a read-only stick,
in use by somebody, cut short, or no log at all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from logging_db import opening
from logging_db.sqlite_library import Connection, errors_of, visit
from logging_db.taking_in import Vector, edits_after, follows, hash_at, seat_name, vector
from onset.changes import GENESIS, Change, Edit, chained, derived_id
from onset.errors import LogDiskError, LogError, RefusedError
from onset.text import safe_path, safe_text


@contextmanager
def reading(path: Path, production: bytes) -> Iterator[Connection]:
    """A connection to the log at `path`, if it is one of this production.

    Args:
        path: of the other log.
        production: the id of ours.

    Raises:
        LogError: it cannot be read as a log.
        RefusedError: it is another production's.
    """
    try:
        found = opening.look(path, as_it_is=True)
    except LogDiskError:
        raise
    except LogError as error:  # to recover it would be to recover the log here
        raise LogError(str(error).replace(opening.RECOVER, ", and nothing was taken in.")) from error
    try:
        connection = visit(found.path)
        try:
            with errors_of(path):
                row = connection.execute(
                    "SELECT uid FROM entity WHERE kind = 'production' ORDER BY id LIMIT 1"
                ).fetchone()
                if row is None:
                    raise LogError(f'{safe_path(path)} names no production; it is damaged: run "onset doctor" on it.')
                if row[0] != production:
                    title = connection.execute("SELECT title FROM production ORDER BY id LIMIT 1").fetchone()
                    whose = safe_text(str(title[0])) if title and title[0] else "no title"
                    raise RefusedError(
                        f'{safe_path(path)} is the log of another production ("{whose}"); nothing was taken in.'
                    )
                yield connection
        finally:
            connection.close()
    finally:
        found.forget()


def check(other: Connection, ours: Connection, held: Vector, shown: str) -> None:
    """Follow the chain of every edit that would be taken in, before anything is written.

    Raises:
        LogError: the other log was altered, or lacks edits; names the first.
    """
    chains = {seat: (seq, hash_at(ours, seat, seq)) for seat, seq in held.items()}
    for edit, kept in edits_after(other, held):
        seq, previous = chains.get(edit.seat, (0, GENESIS))
        if edit.seq != seq + 1 or not follows(previous, edit, kept):
            what = "was altered after it was written" if edit.seq == seq + 1 else f"follows edit {seq}"
            raise LogError(
                f"{shown} is damaged: edit {edit.seq} of {seat_name(other, edit.seat)} {what}; nothing was taken in: "
                'run "onset doctor" on it, and merge a backup of it instead.'
            )
        chains[edit.seat] = edit.seq, kept


def forks(other: Connection, ours: Connection) -> dict[bytes, int]:
    """Seats of which the two logs hold different edits of one number, with the first such number.

    A chain that is equal at one edit is equal before it, so that halving finds the place.
    """
    theirs = vector(other)
    found: dict[bytes, int] = {}
    for seat, newest in vector(ours).items():
        common = min(newest, theirs.get(seat, 0))
        if common and hash_at(other, seat, common) != hash_at(ours, seat, common):
            same, different = 0, common
            while different - same > 1:
                middle = (same + different) // 2
                equal = hash_at(other, seat, middle) == hash_at(ours, seat, middle)
                same, different = (middle, different) if equal else (same, middle)
            found[seat] = different
    return found


def seat_again(seat: bytes, first: bytes) -> bytes:
    """The id under which the edits of a copied log go on: the same on every log that takes them in so.

    Args:
        seat: whose copy it was.
        first: hash of the first edit of the copy.
    """
    return derived_id("seat again", seat.hex(), first.hex())


def reseated(
    edits: Iterator[tuple[Edit, bytes]], starts: Callable[[Edit, bytes], bool], names: Mapping[bytes, str]
) -> Iterator[tuple[Edit, bytes]]:
    """The edits of copied logs as those of new seats, everything else as it is.

    Seats that built on such edits go on as new seats too, from there on: what they saw has another name now.

    Args:
        edits: in the order of their arrival.
        starts: whether an edit (with its hash) is the first of its seat that becomes another seat's.
        names: what people call the seats.
    """
    moved: dict[bytes, Moved] = {}
    for edit, hash in edits:
        place = moved.get(edit.seat)
        builds = any(
            one.base and one.base[0] in moved and moved[one.base[0]].holds(one.base[1]) for one in edit.changes
        )
        if place is None and (builds or starts(edit, hash)):
            place = moved[edit.seat] = Moved(edit, hash, names.get(edit.seat, "a seat"))
        if place is None:
            yield edit, hash
            continue
        yield place.again(edit, lambda one: _of_base(one, moved))


def _of_base(change: Change, moved: Mapping[bytes, Moved]) -> Moved | None:
    place = moved.get(change.base[0]) if change.base is not None else None
    return place if place is not None and change.base is not None and place.holds(change.base[1]) else None


class Moved:
    """Where the edits of a seat go on as another seat's.

    Attributes:
        seat: the id of that one.
        first: number of the first such edit at its own seat.
        name: what people will call it.
    """

    def __init__(self, edit: Edit, hash: bytes, name: str) -> None:
        """Begin with the first edit, its hash, and what people call its own seat."""
        self.seat = seat_again(edit.seat, hash)
        self.first = edit.seq
        self.name = f"{name} (copy)"
        self._hash = GENESIS

    def holds(self, seq: int) -> bool:
        """Whether the edit with that number at its own seat is one of these."""
        return seq >= self.first

    def again(self, edit: Edit, of_base: Callable[[Change], Moved | None]) -> tuple[Edit, bytes]:
        """The edit as one of the other seat, with its hash.

        Args:
            edit: the one after that which was given before.
            of_base: where the base of a change has gone; None: it is what it was.
        """
        changes = [_based(one, of_base(one)) for one in edit.changes]
        if edit.seq == self.first:
            changes.append(Change("seat", self.seat, "name", self.name))
        again = Edit(
            seat=self.seat,
            seq=edit.seq - self.first + 1,
            hlc=edit.hlc,
            author=edit.author,
            wall_ns=edit.wall_ns,
            verb=edit.verb,
            of=edit.of - self.first + 1 if edit.of is not None and edit.of >= self.first else None,
            changes=tuple(changes),
            schema=edit.schema,
        )
        self._hash = chained(self._hash, again)
        return again, self._hash


def _based(change: Change, place: Moved | None) -> Change:
    if place is None or change.base is None:
        return change
    base = (place.seat, change.base[1] - place.first + 1)
    return Change(change.entity, change.entity_id, change.field, change.value, base)


def same_file(one: Path, other: Path) -> bool:
    """Whether both names are of one file."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
