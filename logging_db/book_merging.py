"""Logs brought together: the verbs and questions of `onset.logbook.book_merging` on SQLite."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from logging_db import other_log
from logging_db.feed import ABOUT
from logging_db.projections import STANDING_FIRST
from logging_db.sqlite_library import errors_of
from logging_db.taking_in import edits_after, hash_at, seat_name, take_in, vector
from logging_db.writing import Verbs
from onset.changes import Edit, Value
from onset.domain.take import Take
from onset.errors import LogError, RefusedError
from onset.logbook import conflicts, timing
from onset.logbook.engine import Row
from onset.logbook.merging import Merged, Pick, TakenIn
from onset.logbook.terms import Conflict, TakeFilter
from onset.slate import sort_key
from onset.text import safe_path

_CONFLICTS = (
    "WITH several AS (SELECT entity, field FROM head GROUP BY entity, field HAVING count(*) > 1) "
    "SELECT n.kind, n.uid, CASE WHEN n.kind = 'take' THEN n.uid ELSE o.uid END, f.name, c.value, e.author, e.wall_ns, "
    "coalesce(st.name, e.author), "
    f"{ABOUT} "
    "FROM several v JOIN head h ON h.entity = v.entity AND h.field = v.field "
    "JOIN change c ON c.seat = h.seat AND c.seq = h.seq AND c.n = h.n JOIN edit e ON e.seat = h.seat AND e.seq = h.seq "
    "JOIN seat_id s ON s.id = h.seat LEFT JOIN seat st ON st.uid = s.uid "
    "JOIN field_name f ON f.id = h.field JOIN entity n ON n.id = h.entity "
    "LEFT JOIN entity o ON o.id = n.owner "
    f"WHERE n.kind NOT IN ({', '.join(repr(kind) for kind in sorted(conflicts.NEVER_ASKED))}) "
    f"ORDER BY n.id, f.id, {STANDING_FIRST}"
)
_NUMBER = "SELECT id FROM entity WHERE uid = ?"
_AT_ONCE = 500  # takes that are asked for in one query
_AMONG = "(SELECT value FROM json_each(?))"
_STAMPS = f"SELECT uid, id, rolled_ns, cut_ns, duration_frames, state, rate FROM take WHERE id IN {_AMONG}"
_RUNS = f"SELECT uid, id, action_ns, cut_ns, owner FROM run WHERE deleted IS NOT 1 AND owner IN {_AMONG}"


class MergingVerbs(Verbs):
    """See `onset.logbook.book_merging.MergingDepartment`."""

    def merge(self, other: Path, *, wall_ns: int, as_new_seat: bool = False) -> Merged:
        if self._read_only is not None:
            raise LogError(self._read_only)
        if self._path is not None and other_log.same_file(self._path, other):
            raise RefusedError(f"{safe_path(other)} is this log itself; there is nothing to take in.")
        before = {(one.entity_id, one.field) for one in self.conflicts()}
        production = bytes.fromhex(self.production().id)
        with other_log.reading(other, production) as theirs, self._write_lock, self._taking_in(), errors_of(self._path):
            ours = vector(self._writer)
            with errors_of(other):
                forked = other_log.forks(theirs, self._writer)
                held = ours | {seat: seq - 1 for seat, seq in forked.items()}
                other_log.check(theirs, self._writer, held, safe_path(other))
                again = {seat: other_log.seat_again(seat, hash_at(theirs, seat, seq)) for seat, seq in forked.items()}
                names = {seat: seat_name(theirs, seat) for seat in vector(theirs)}
            tails = {seat: seq for seat, seq in forked.items() if as_new_seat or again[seat] in ours}
            edits = other_log.reseated(
                edits_after(theirs, held), lambda edit, _: edit.seq >= tails.get(edit.seat, edit.seq + 1), names
            )
            taken = take_in(self._writer, _read(edits, other), wall_ns, from_elsewhere=True)
        return self._merged(taken, before)

    def _merged(self, taken: TakenIn, before: Collection[tuple[str, str]]) -> Merged:
        came = set(taken.takes)
        odd = [self.take(take_id) for take_id in self._odd(taken.takes)]
        return Merged(
            taken=taken,
            conflicts=tuple(one for one in self.conflicts() if (one.entity_id, one.field) not in before)
            if taken.edits
            else (),
            duplicates=tuple(group for group in self.duplicates() if came & {take.id for take in group})
            if came
            else (),
            odd=tuple(take for take in odd if take is not None and not take.deleted),
        )

    def _odd(self, takes: Sequence[str]) -> Iterator[str]:
        """Those of the takes whose stamps do not agree."""
        for start in range(0, len(takes), _AT_ONCE):
            yield from self._odd_of(takes[start : start + _AT_ONCE])

    def _odd_of(self, takes: Sequence[str]) -> Iterator[str]:
        with self._read_lock, errors_of(self._path):
            rows = [self._reader.execute(_NUMBER, (bytes.fromhex(take),)).fetchone() for take in takes]
            asked = (json.dumps([row[0] for row in rows if row is not None]),)
            runs = self._reader.execute(_RUNS, asked).fetchall()
            found = self._reader.execute(_STAMPS, asked).fetchall()
        of_take: dict[Value, list[Row]] = {}
        for uid, number, action_ns, cut_ns, owner in runs:
            of_take.setdefault(owner, []).append(_row(uid, number, action_ns=action_ns, cut_ns=cut_ns))
        for uid, number, rolled_ns, cut_ns, frames, state, rate in found:
            take = _row(
                uid, number, rolled_ns=rolled_ns, cut_ns=cut_ns, duration_frames=frames, state=state, rate=rate or "24"
            )
            if not timing.agree(take, of_take.get(number, [])):
                yield take.id

    def conflicts(self) -> Sequence[Conflict]:
        with self._read_lock, errors_of(self._path):
            rows = self._reader.execute(_CONFLICTS).fetchall()
        found = []
        for (kind, uid, take_uid, field), heads in groupby(rows, key=lambda row: row[:4]):
            said: dict[Value, tuple[str, int, str]] = {}
            about = ""
            for *_, value, author, wall_ns, seat, thing in heads:
                said.setdefault(value, (str(author), int(str(wall_ns)), str(seat)))
                about = str(thing or "")
            if len(said) > 1 and conflicts.is_asked(str(kind), str(field)):
                found.append(
                    Conflict(
                        take=self.take(take_uid.hex()) if isinstance(take_uid, bytes) else None,
                        entity=str(kind),
                        entity_id=uid.hex() if isinstance(uid, bytes) else "",
                        field=str(field),
                        values=tuple(value.hex() if isinstance(value, bytes) else value for value in said),
                        by=tuple(author for author, _, _ in said.values()),
                        wall_ns=tuple(wall_ns for _, wall_ns, _ in said.values()),
                        seats=tuple(seat for _, _, seat in said.values()),
                        about=about,
                    )
                )
        return found

    def resolve(self, picks: Sequence[Pick]) -> Take | None:
        with self._edit("resolve") as edit:
            conflicts.resolve(edit, picks)
            first = edit.get(picks[0].entity, picks[0].entity_id)
        take_id = picks[0].entity_id if picks[0].entity == "take" else first.maybe_text("take") if first else None
        return self.take(take_id) if take_id else None

    def duplicates(self) -> Sequence[tuple[Take, ...]]:
        groups: dict[tuple[object, ...], list[Take]] = {}
        for take in self.takes(TakeFilter(duplicates=True, limit=None, oldest_first=True)):
            groups.setdefault((take.episode, sort_key(take.slate), sort_key(take.take)), []).append(take)
        return [tuple(group) for group in groups.values()]


def _row(uid: Value, number: Value, **fields: Value) -> Row:
    return Row(uid.hex() if isinstance(uid, bytes) else "", int(str(number)), fields)


def _read(edits: Iterator[tuple[Edit, bytes]], other: Path) -> Iterator[tuple[Edit, bytes]]:
    """What goes wrong in reading the other log is said of that one."""
    with errors_of(other):
        yield from edits
