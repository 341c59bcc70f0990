"""What the Review screen shows of a day: its rows in their order, and everything that is claimed of one of them.

Read on a thread (`read_page`), the rest is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from onset.domain.take import Kind, Status, Take
from onset.logbook.around import folded, said_around
from onset.logbook.level_words import level_words
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.reconcile.board import Board, Claimed, Difference, Standing
from onset.reconcile.sight import bare_name
from onset.text import safe_text
from tui.widgets.claims_row import (
    DIFFERS,
    ReviewRow,
    cell_text,
    circled_text,
    columns,
    differing_fields,
    length_text,
    link_text,
)
from tui.widgets.items import Item

if TYPE_CHECKING:
    from onset.match.solve import Matcher

_WIDE = 400  # cells; a row this wide names everything that it is searched for


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A day, compared.

    Attributes:
        takes: by id, as they are now.
        days: numbers of the unit's days.
        tags: in use, most used first.
        texts: what each row is searched for, by its name.
    """

    board: Board
    takes: Mapping[str, Take]
    days: tuple[int, ...]
    tags: tuple[str, ...]
    texts: Mapping[str, str] = field(default_factory=dict)


def read_page(log: Logbook, matcher: Callable[[int], Matcher], unit: str, day: int) -> Page:
    """Compare a day; takes a moment, so never on the event loop.

    Args:
        log: of this thread.
        matcher: of a day, kept between calls on this thread.
        unit: whose day.
        day: its number.

    Raises:
        RefusedError: no such day yet.
    """
    from onset.reconcile.compare import board_of

    takes = log.takes(TakeFilter(unit=unit, day=day, limit=None))
    page = Page(
        board=board_of(log, unit, day, matcher(day)),
        takes={take.id: take for take in takes},
        days=tuple(sorted(each.number for each in log.days(unit))),
        tags=tuple(log.tags()),
    )
    around = said_around(log, takes)
    return replace(page, texts={row.name: _text(row, around) for row in rows_of(page, fronted=(), voter="")})


def rows_of(page: Page, *, fronted: Collection[str], voter: str, only_open: bool = False) -> list[ReviewRow]:
    """The rows: takes in `fronted` (ids) first, the others after them, each in shot order; then strays, then rolls."""
    board = page.board
    takes = [
        ReviewRow(
            f"take:{each.take_id}",
            claims=each,
            take=page.takes.get(each.take_id),
            voter=voter,
        )
        for each in board.takes
    ]
    rows = [row for row in takes if row.name in fronted]
    strays = [ReviewRow(f"stray:{each.media_id}", stray=each) for each in board.strays]
    if only_open:
        rows += [row for row in strays if row.name in fronted]
    else:
        rows += [row for row in takes if row.name not in fronted]
        rows += sorted(strays, key=lambda row: row.name not in fronted)
        rows += [ReviewRow(f"roll:{roll}", roll=roll) for roll in board.rolls_pending]
    return rows


def open_names(page: Page) -> set[str]:
    """Rows about which something is open."""
    rows = rows_of(page, fronted=(), voter="")
    return {row.name for row in rows if row.open}


def _text(row: ReviewRow, around: Mapping[str, Sequence[str]]) -> str:
    parts = [cell_text(row, column) for column in columns(_WIDE)]
    if row.claims is not None:
        parts += [f"{each.what} {each.explanation}" for each in row.claims.differences]
        parts += [f"{each.clip or ''} {each.roll or ''}" for each in row.claims.claims]
    if row.take is not None:
        parts += [*row.take.tags, row.take.description, *(note.text for note in row.take.notes)]
        parts += [
            str(row.take.status).replace(Status.NONE, ""),
            *(f"{voter} {value}" for voter, value in row.take.ratings.items()),
        ]
        parts += around.get(row.take.id, ())
    return folded(" ".join(parts))


# -- one of them ----------------------------------------------------------------------------------------------------


def files_of(row: ReviewRow | None) -> list[Claimed]:
    """Files that are, or may be, of this take."""
    if row is None or row.claims is None:
        return []
    return [each for each in row.claims.claims if each.media_id is not None and each.link is not None]


def differences_of(row: ReviewRow | None) -> list[Difference]:
    """What differs, what is open first."""
    if row is None:
        return []
    if row.stray is not None:
        return [row.stray.difference]
    order = (Standing.OPEN, Standing.PENDING, Standing.EXPLAINED)
    return sorted(row.claims.differences if row.claims else (), key=lambda each: order.index(each.standing))


def summary_text(row: ReviewRow) -> str:
    """The take in a line: status, ratings, tags."""
    if row.stray is not None:
        stray = row.stray
        starts = stray.start or "no timecode"
        parts = [
            stray.name,
            f"{stray.device} on {stray.card}",
            starts,
            length_text(stray.length_s),
        ]
        return "  ".join(safe_text(each) for each in parts if each.strip())
    if row.claims is None:
        return f"{row.label}: a take names this roll; it is not offloaded or brought in yet."
    claims = row.claims
    parts = [row.label, str(claims.status) if claims.status is not Status.NONE else ""]
    parts.append(str(claims.kind) if claims.kind is not Kind.NORMAL else "")
    if row.take is not None:
        parts += [f"{voter}: {value}" for voter, value in row.take.ratings.items() if value]
        if row.take.tags:
            parts.append(f"tags: {', '.join(row.take.tags)}")
    return "  ".join(safe_text(each) for each in parts if each)


def difference_text(difference: Difference) -> str:
    """A difference in a sentence: how it stands, what it is, why, and what somebody said to it."""
    words = f"{difference.standing}: {difference.what.rstrip('.')}"
    if difference.cause:
        words += f" · {difference.cause_is}: {difference.cause.rstrip('.')}"
    if difference.explanation:
        words += f' · "{difference.explanation}"'
        words += f" ({difference.explained_by})" if difference.explained_by else ""
    return words


def detail_items(row: ReviewRow, width: int) -> tuple[str, list[Item]]:
    """Head and items of the detail: the differences first, then what each department says, with its evidence.

    `≠` stands before each value that is part of an open difference.
    """
    items = [
        Item(difference_text(each), f"difference:{each.key}", alarm=each.standing is Standing.OPEN,
             faint=each.standing is Standing.PENDING)
        for each in differences_of(row)
    ]  # fmt: skip
    if row.claims is None:
        return summary_text(row), items
    clip = 13 if width < 120 else 24
    head = _table("says", "on", "clip", "roll", "circled", "starts", "runs", "", "link", clip=clip)
    items.append(Item(head, faint=True, whole=True))
    for each in row.claims.claims:
        others = differing_fields(row.claims, each)
        shown = {
            "clip": each.clip or "-", "roll": each.roll or "-", "circled": circled_text([each]) or "-",
            "start": each.start or "-", "duration": length_text(each.length_s) or "-", "mos": "MOS" if each.mos else "",
        }  # fmt: skip
        cells = ((DIFFERS if field in others else "") + text for field, text in shown.items())
        line = _table(str(each.department), each.device, *cells, link_text(each), clip=clip)
        name = f"file:{each.media_id}" if each.media_id is not None and each.link is not None else ""
        items.append(Item(line, name, whole=True))
        why = "; ".join(
            part
            for part in (each.evidence.rstrip("."), f"said by {each.decided_by}" if each.decided_by else "")
            if part
        )
        if why:
            items.append(Item(f"       {why}", faint=True))
    items += _noted(row.take) if row.take is not None else []
    items += _measured(row.take) if row.take is not None else []
    return summary_text(row), items


def _noted(take: Take) -> list[Item]:
    """Marks and notes, each with the timecode of its moment where it has one."""
    noted = [each for each in take.notes if not each.deleted]
    return [Item("marks and notes", faint=True)] * bool(noted) + [
        Item(f"{each.text}  ({each.author})" if each.author else each.text, f"note:{each.id}",
             lead=f"{each.tc or '-':<11} {'mark' if each.mark else 'note'}  ")
        for each in noted
    ]  # fmt: skip


def _measured(take: Take) -> list[Item]:
    """What was measured while it was recorded here: levels between roll and cut."""
    return [
        Item(f"       {file.device} recorded: {', '.join(level_words(file))}", faint=True)
        for sound in take.sound
        for file in sound.files
        if file.peak_db
    ]


def _table(*cells: str, clip: int) -> str:
    """A line of what is claimed; `clip` is how wide the names of clips are."""
    sizes = (6, 5, clip, 6, 8, 12, 6, 4, 8)
    return " ".join(_cut(safe_text(text), size) for text, size in zip(cells, sizes, strict=True)).rstrip()


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"


def choices_for(page: Page, row: ReviewRow, difference: Difference | None) -> list[Item]:
    """Files that a person can choose from for a take: those of the question, else all that no take has, else all."""
    known: dict[str, str] = {}
    for stray in page.board.strays:
        known[stray.media_id] = (
            f"{stray.name}  {stray.device}  {stray.start or ''}  {length_text(stray.length_s)}  no take"
        )
    for take in page.board.takes:
        for each in take.claims:
            if each.media_id is not None and each.link is not None:
                words = f"{each.clip}  {each.device}  {each.start or ''}  {length_text(each.length_s)}"
                known.setdefault(each.media_id, f"{words}  {link_text(each)} {take.label}")
    asked = [each for each in difference.choices if each in known] if difference is not None else []
    mine = {each.media_id for each in files_of(row)}
    wanted = asked or [each for each in known if each not in mine]
    return [Item(safe_text(known[each]), f"choice:{each}") for each in wanted]


def name_of(page: Page, media_id: str) -> str:
    """A file's name as the board has it."""
    return _known(page, media_id)[0]


def device_of(page: Page, media_id: str) -> str:
    """The camera or recorder that a file is from."""
    return _known(page, media_id)[1]


def _known(page: Page, media_id: str) -> tuple[str, str]:
    for stray in page.board.strays:
        if stray.media_id == media_id:
            return safe_text(bare_name(stray.name)), stray.device
    for take in page.board.takes:
        for each in take.claims:
            if each.media_id == media_id and each.clip:
                return safe_text(bare_name(each.clip)), each.device
    return "this file", ""


def totals_text(board: Board) -> str:
    """The day in a line."""
    counts = [f"{board.count(each)} {each}" for each in Standing]
    parts = [f"takes {len(board.takes)}", *counts, f"strays {len(board.strays)}"]
    if board.rolls_pending:
        parts.append(f"rolls to come {len(board.rolls_pending)}")
    return "  ".join(parts)
