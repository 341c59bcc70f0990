"""What a merge and its conflicts look like to a person, in 80 columns. Whoever prints makes every line safe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from textwrap import wrap

from onset.domain.take import Take
from onset.logbook.conflict_words import conflict_name, said
from onset.logbook.merging import Exchanged, Fault, Merged, TakenIn, WrongClock
from onset.logbook.terms import Conflict
from onset.text import safe_text

_NS = 1_000_000_000
_WIDTH = 80
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def conflict_lines(conflicts: Sequence[Conflict]) -> list[str]:
    """A line a value, numbered as "onset log resolve" takes it; the one that stands meanwhile first."""
    if not conflicts:
        return ["No conflicts."]
    lines = []
    for conflict in conflicts:
        lines.append(conflict_name(conflict) if conflict.take and conflict.entity == "take" else _with_id(conflict))
        lines += [_fitted(f"  {n} {words}") for n, words in enumerate(_said(conflict), start=1)]
    return lines


def _with_id(conflict: Conflict) -> str:
    return f"{conflict_name(conflict)}  [{conflict.entity_id}]"


def _said(conflict: Conflict) -> Iterator[str]:
    by = conflict.by if len(set(conflict.by)) == len(conflict.by) else conflict.seats  # one person at two seats
    for n in range(len(conflict.values)):
        shown = said(conflict, n)
        if n < len(by):
            time = datetime.fromtimestamp(conflict.wall_ns[n] // _NS).astimezone()
            shown = f"{shown} ({safe_text(by[n])}, {time:%m-%d %H:%M})"
        yield shown


def _fitted(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def merged_lines(merged: Merged, what: str) -> list[str]:
    """What came, and what a person has to look at.

    Args:
        merged: the outcome.
        what: that was taken in, as a person names it.
    """
    return [line for sentence in _sentences(merged, what) for line in _wrapped(sentence)]


def _wrapped(sentence: str) -> list[str]:
    return wrap(sentence, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _sentences(merged: Merged, what: str) -> Iterator[str]:
    yield came(merged.taken, what)
    for group in merged.duplicates:
        yield _twice(group)
    if merged.conflicts:
        count = len(merged.conflicts)
        yield (
            f"{count} field{' was' if count == 1 else 's were'} set by several seats that had not seen each other; "
            '"onset log conflicts" shows them, "onset log resolve" decides:'
        )
        yield from (f"  {conflict_name(one)}: {' | '.join(_said(one))}" for one in merged.conflicts)
    for take in merged.odd:
        yield f'The stamps of {take.label} do not fit each other any more; look at "onset log show {take.id}".'
    yield from _warnings(merged.taken)


def _warnings(taken: TakenIn) -> Iterator[str]:
    yield from (clock_sentence(clock) for clock in taken.clocks)
    for refused in taken.refused:
        yield f"Not taken in, from edit {refused.seq} of {refused.name}: {refused.sentence}."
    if any(refused.fault is Fault.FORKED for refused in taken.refused):
        yield "To save what the copy has, do it again with --as-new-seat: nothing of this log changes by it."


def exchanged_lines(done: Exchanged, conflicts: int, duplicates: int) -> list[str]:
    """What came from each file, and what a person has to look at; the numbers are those of the whole log."""
    return [line for sentence in _exchanged(done, conflicts, duplicates) for line in _wrapped(sentence)]


def _exchanged(done: Exchanged, conflicts: int, duplicates: int) -> Iterator[str]:
    for file in done.came:
        name = f"{safe_text(file.by)} ({safe_text(file.name)})" if file.by else safe_text(file.name)
        if file.taken.edits or not file.problem:
            yield came(file.taken, name)
        if file.problem:
            yield f"{name}: {file.problem}."
        yield from _warnings(file.taken)
    yield f"Left in {safe_text(done.file)}: {done.sent} edit{'' if done.sent == 1 else 's'}."
    if conflicts:
        yield f'{conflicts} field{" is" if conflicts == 1 else "s are"} in conflict; "onset log conflicts" shows them.'
    if duplicates:
        count = f"{duplicates} number{' is' if duplicates == 1 else 's are'}"
        yield f'{count} given twice; "onset log list --duplicates" shows the takes.'


def came(taken: TakenIn, what: str) -> str:
    """`From kim.onset: 12 takes, 4 notes, 31 other changes, of Kim (script).`"""
    if not taken.edits:
        return f"{what}: nothing new."
    takes, notes = taken.things.get("take", 0), taken.things.get("note", 0)
    parts = [
        f"{count} {name}{'' if count == 1 else 's'}" for count, name in ((takes, "take"), (notes, "note")) if count
    ]
    parts.append(f"{taken.edits} edit{'' if taken.edits == 1 else 's'} in all" if parts else f"{taken.edits} edits")
    seats = f"; seats that are new here: {', '.join(taken.seats)}" if taken.seats else ""
    return f"{what}: {', '.join(parts)}{seats}."


def _twice(group: Sequence[Take]) -> str:
    ids = ", ".join(f"{take.id} (day {take.day})" for take in group)
    return (
        f"{group[0].label} is there {len(group)} times: {ids}. Both stay; "
        f'"onset log set {group[-1].id} take=N" gives one another number.'
    )


def clock_sentence(clock: WrongClock) -> str:
    """`The clock of Ben is 23 h 59 min ahead of this machine's.`"""
    of = f"that of {clock.ahead_of}" if clock.ahead_of else "this machine's"
    return f"The clock of {clock.name} is {span(clock.ahead_s)} ahead of {of}; set the wrong one."


def span(seconds: int) -> str:
    """The two largest units, `23 h 59 min`."""
    parts = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
