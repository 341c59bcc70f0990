"""What `onset reconcile` shows a person, in 80 columns. Everything on the board has been made safe to show already."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from onset.domain.camera import LinkState
from onset.domain.take import State, Status
from onset.reconcile.board import Board, Claimed, Department, Difference, Standing, Stray, TakeClaims

_WIDTH = 80
_MARKS = {Status.NONE: "", Status.CIRCLED: "(c)", Status.HOLD: "hold", Status.NG: "ng"}
_LINKS = {LinkState.CONFIRMED: "linked", LinkState.PROPOSED: "proposed", LinkState.REFUSED: "refused"}
_STANDING = {Standing.OPEN: "", Standing.PENDING: "pending: ", Standing.EXPLAINED: "explained: "}


def board_lines(board: Board, *, only_open: bool = False) -> list[str]:
    """The board: a line a take and below it what differs; with `only_open`, only where something is open."""
    return list(_lines(board, only_open))


def _lines(board: Board, only_open: bool) -> Iterator[str]:
    numbers = {id(one): number for number, one in enumerate(board.differences, 1)}
    yield from _wrapped(f"{board.title}: day {board.day}, {board.date}, {board.unit} unit")
    yield _totals(board)
    for take in board.takes:
        if not only_open or _any_open(take.differences):
            yield from _take(take)
            settled = [one for one in take.differences if one.standing is not Standing.PENDING]
            yield from _differences(settled, numbers, only_open)
    if board.others and (not only_open or _any_open(board.others)):
        yield "of the whole day"
        yield from _differences(board.others, numbers, only_open)
    strays = [one for one in board.strays if not only_open or one.difference.standing is Standing.OPEN]
    if strays:
        yield "files without a take"
        for stray in strays:
            yield from _stray(stray, numbers)
    if not only_open:
        yield from _pending(board.takes, numbers)
    if board.rolls_pending and not only_open:
        yield from _wrapped(f"not here yet: {', '.join(board.rolls_pending)}")
    if not only_open:
        for line in board.clock_lines:
            yield from _wrapped(f"clock: {line}")


def _totals(board: Board) -> str:
    counts = ", ".join(f"{board.count(standing)} {standing}" for standing in Standing)
    takes = len(board.takes)
    return f"{takes} take{'' if takes == 1 else 's'}; {counts}"


def _any_open(differences: Sequence[Difference]) -> bool:
    return any(one.standing is Standing.OPEN for one in differences)


def _take(take: TakeClaims) -> list[str]:
    files = [claim for claim in take.claims if claim.department is Department.MEDIA]
    parts = ["rolls"] if take.state is State.ROLLING else []
    parts += [_file(claim) for claim in files]
    mark = _MARKS[take.status]
    return _wrapped(f"{take.label:<10} {mark:<4} {', '.join(parts) or 'no files yet'}", 16)


def _file(claim: Claimed) -> str:
    how = _LINKS[claim.link] if claim.link is not None else ""
    return " ".join(filter(None, (claim.device, claim.clip, how)))


def _differences(differences: Sequence[Difference], numbers: dict[int, int], only_open: bool) -> Iterator[str]:
    for one in differences:
        if only_open and one.standing is not Standing.OPEN:
            continue
        words = f"{_STANDING[one.standing]}{one.what}"
        if one.standing is Standing.EXPLAINED:
            words = f"{words} ({one.explanation}; {one.explained_by})"
        elif one.cause:
            words = f"{words} ({one.cause})"
        yield from _wrapped(f"  {numbers[id(one)]:>3}  {one.field}: {words} [{one.key}]", 7)


def _pending(takes: Sequence[TakeClaims], numbers: dict[int, int]) -> Iterator[str]:
    """What has not come yet, once, with the takes that wait for it and their numbers: at noon all of them do."""
    waiting: dict[str, list[str]] = {}
    for take in takes:
        for one in take.differences:
            if one.standing is Standing.PENDING:
                words = f"{one.what} ({one.cause})" if one.cause else one.what
                waiting.setdefault(words, []).append(f"{take.label} ({numbers[id(one)]})")
    if waiting:
        yield "pending"
    for words, labels in waiting.items():
        yield from _wrapped(f"  {words}: {', '.join(labels)}", 7)


def _stray(stray: Stray, numbers: dict[int, int]) -> list[str]:
    where = ", ".join(filter(None, (f"card {stray.card}" if stray.card else "", stray.start)))
    one = stray.difference
    reason = f" ({one.explanation}; {one.explained_by})" if one.standing is Standing.EXPLAINED else ""
    reason = reason or (f" ({one.cause})" if one.cause else "")
    words = f"{_STANDING[one.standing]}{one.what}{reason}, {where}" if where else f"{one.what}{reason}"
    return _wrapped(f"  {numbers[id(one)]:>3}  {words} [{one.key}]", 7)


def _wrapped(text: str, indent: int = 2) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False) or [""]
