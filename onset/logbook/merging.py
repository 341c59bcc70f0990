"""What came of taking in another log's edits: how much, from whom, what was refused and whose clock is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from onset.domain.take import Take
from onset.logbook.terms import Conflict, Value


class Fault(StrEnum):
    """Why the edits of a seat were not taken in."""

    GAP = "gap"  # edits before them are missing
    ALTERED = "altered"  # they are not what was written
    FORKED = "forked"  # this log holds other edits with the same numbers: two copies of one log went on as one seat
    WAITS = "waits"  # they build on edits that were not taken in
    UNFIT = "unfit"  # no log could hold them


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedSeat:
    """The edits of one seat, from `seq` on, were left out.

    Attributes:
        seat: its id, 32 hex digits; `name` what people call it.
        seq: of the first edit that is missing here, or is another one here.
        sentence: why, and what to do.
    """

    seat: str
    name: str
    seq: int
    fault: Fault
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongClock:
    """Two clocks disagree by more than five minutes.

    Attributes:
        name: whose clock is ahead.
        ahead_of: whose it is ahead of; empty: of this machine's.
        ahead_s: by how much, at least, in seconds.
    """

    name: str
    ahead_of: str
    ahead_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What came. Everything is counted as new to this log.

    Attributes:
        edits: and `changes`, the fields that they set.
        things: kind of thing to how many came into being (`take`, `note` …).
        seats: names of seats of which this log had nothing before.
        takes: ids of those that came or were changed.
    """

    edits: int = 0
    changes: int = 0
    things: dict[str, int] = field(default_factory=dict)
    seats: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    refused: tuple[RefusedSeat, ...] = ()
    clocks: tuple[WrongClock, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What a person wants a field in conflict to be."""

    entity: str
    entity_id: str
    field: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge did.

    Attributes:
        conflicts: those that were not there before.
        duplicates: takes of one number, of which at least one came.
        odd: takes whose stamps do not fit each other any more, because each log changed another of them.
    """

    taken: TakenIn
    conflicts: tuple[Conflict, ...] = ()
    duplicates: tuple[tuple[Take, ...], ...] = ()
    odd: tuple[Take, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FromFile:
    """What came from one file of an exchange.

    Attributes:
        by: who wrote it.
        problem: why it was not read to its end (half a sentence); empty: it was.
    """

    name: str
    by: str = ""
    taken: TakenIn = TakenIn()
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """What an exchange did.

    Attributes:
        file: name of the own file.
        sent: edits that were added to it.
        came: the others' files, in order of their names.
    """

    file: str
    sent: int
    came: tuple[FromFile, ...] = ()
