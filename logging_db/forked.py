"""Two programs of one seat that gave one number to two edits, one into the log and one into the second journal alone.

That happens when the log's disk fails for one of them and not for the other, within the same moments. The log's edit
keeps the number; the journal's, and all that builds on it, comes in as another seat's, as from a copied log. Used by
keeping.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

from logging_db.elsewhere import Line
from logging_db.other_log import Moved
from logging_db.sqlite_library import Connection
from logging_db.taking_in import follows, hash_at, seat_name, vector
from onset.changes import Change, Edit
from onset.text import safe_text


class Branch:
    """Edits of one seat in the place of which the log holds others.

    Attributes:
        line: the first, as the journal has it.
        seat: the seat whose edits they become.
    """

    def __init__(self, line: Line, name: str) -> None:
        """Begin with its first line, and what people call its seat."""
        self.line = line
        self.seat = Moved(line.edit, line.hash, name)
        self._name = name
        self._count = 0
        self._touched: set[tuple[int, bytes, str]] = set()

    def add(self, edit: Edit) -> None:
        """Count it, and what it is about."""
        self._count += 1
        self._touched.update((edit.seq, each.entity_id, each.field) for each in edit.changes)

    def is_base_of(self, change: Change) -> bool:
        """Whether the change was made on one of these edits, and not on the log's edit of that number."""
        if change.base is None or change.base[0] != self.line.edit.seat:
            return False
        return (change.base[1], change.entity_id, change.field) in self._touched

    @property
    def whose(self) -> tuple[str, str]:
        """What people call the seat, and the seat whose edits they become."""
        return self._name, self.seat.name

    @property
    def count(self) -> int:
        """How many edits."""
        return self._count


def _kept(name: str, becomes: str, count: int) -> str:
    """`2 edits of Maya, script are kept as those of "Maya, script (copy)"`."""
    edits, are = ("edit", "is") if count == 1 else ("edits", "are")
    return f'{count} {edits} of {name} {are} kept as those of "{becomes}"'


class Parting:
    """Finds where a journal parts from its log.

    A line begins a branch only where it waited for the log, follows an edit that both hold, and the log holds another
    one in its place: what was altered afterwards follows nothing, or stands before the mark, and is left as it is.
    After a part was taken in, doing it again gives the same.

    Attributes:
        branches: those found so far.
    """

    def __init__(self, log: Connection) -> None:
        """Begin.

        Args:
            log: a connection to the log, which may take the lines in while they are looked at.
        """
        self.branches: list[Branch] = []
        self._log = log
        self._heads = vector(log)
        self._placed: dict[tuple[bytes, int], list[tuple[bytes, Branch | None]]] = {}

    def rejoined(self, lines: Iterable[Line]) -> Iterator[Line]:
        """What the log lacks, as it can be taken in: branches as other seats'. What follows nothing is to be refused.

        Args:
            lines: of the journal, in order.
        """
        for line, branch in self._parted(lines):
            if branch is None:
                yield line
            else:
                edit, hash = branch.seat.again(line.edit, partial(self._base, branch))
                yield line._replace(edit=edit, hash=hash)

    def straight(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The same without the branches."""
        for line, branch in self._parted(lines):
            if branch is None:
                yield line

    @property
    def sentence(self) -> str:
        """What came in, as whom, and what to look for."""
        counts: Counter[tuple[str, str]] = Counter()  # a seat that parted twice is told once
        for branch in self.branches:
            counts[branch.whose] += branch.count
        return (
            "While a disk failed, two programs of one seat wrote in the same moment, and both are in the log: "
            f"{', '.join(_kept(*whose, count) for whose, count in counts.items())}. Look for two takes of one number."
        )

    def _parted(self, lines: Iterable[Line]) -> Iterator[tuple[Line, Branch | None]]:
        for line in lines:
            edit, hash = line.edit, line.hash
            there = self._placed.setdefault((edit.seat, edit.seq), [])
            if hash_at(self._log, edit.seat, edit.seq) == hash or any(hash == each for each, _ in there):
                continue
            follows_something, branch = self._place(line)
            if follows_something:
                there.append((hash, branch))
            if branch is not None:
                branch.add(edit)
            yield line, branch

    def _place(self, line: Line) -> tuple[bool, Branch | None]:
        """Whether it follows anything, and the branch that it belongs to."""
        edit, hash = line.edit, line.hash
        beside = [branch for _, branch in self._placed[edit.seat, edit.seq]]
        builds = any(one.is_base_of(change) for change in edit.changes for one in self.branches)
        for before, branch in self._placed.get((edit.seat, edit.seq - 1), []):
            if follows(before, edit, hash):
                parts = branch in beside or (branch is None and builds)
                return self._begun(line) if parts else (True, branch)
        before = hash_at(self._log, edit.seat, edit.seq - 1)
        if not before or not follows(before, edit, hash):
            return False, None
        parts = self._heads.get(edit.seat, 0) >= edit.seq or None in beside or builds
        return self._begun(line) if parts else (True, None)

    def _begun(self, line: Line) -> tuple[bool, Branch | None]:
        if not line.waits:
            return False, None
        branch = Branch(line, self._name(line.edit))
        self.branches.append(branch)
        return True, branch

    def _base(self, own: Branch, change: Change) -> Moved | None:
        found = next((one for one in (own, *self.branches) if one.is_base_of(change)), None)
        return found.seat if found is not None else None

    def _name(self, edit: Edit) -> str:
        """What people call the seat: its first edit says it, so that it is the same when a part was taken in."""
        for change in edit.changes:
            if (change.entity, change.entity_id, change.field) == ("seat", edit.seat, "name"):
                return safe_text(str(change.value))
        return seat_name(self._log, edit.seat)
