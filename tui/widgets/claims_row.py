"""A take of the reconciliation board as one row: what each department says of it, side by side. Pure, safe text.

Used by the Review list and its detail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from onset.domain.camera import LinkState
from onset.domain.take import Kind, State, Take
from onset.reconcile.board import Claimed, Department, Standing, Stray, TakeClaims
from onset.reconcile.sight import bare_name
from onset.text import safe_text
from tui.widgets.lines import fitted
from tui.widgets.take_row import KIND_MARKS, STATUS_MARKS

LINKED = {LinkState.CONFIRMED: "linked", LinkState.PROPOSED: "proposed", LinkState.REFUSED: "refused"}
MARKS = 3  # cells at the left: the cursor, selected, open
DIFFERS = "≠"  # before a value that departments do not agree on
ROOMY = 16  # cells of a column from which it has room for that
RATED = {"circled": "(C)", "hold": "HD", "ng": "NG"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list; `key` says what it holds."""

    key: str
    title: str
    width: int


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row: a take, a file without a take, or a roll that has not come. One of the three is there.

    Attributes:
        name: what it is, so that the cursor finds it again.
        take: as it is now, None while it was not read.
        voter: whose rating is shown.
    """

    name: str
    claims: TakeClaims | None = None
    take: Take | None = None
    stray: Stray | None = None
    roll: str = ""
    voter: str = ""

    @property
    def label(self) -> str:
        """What a person calls it."""
        if self.claims is not None:
            return safe_text(self.claims.label)
        return safe_text(bare_name(self.stray.name) if self.stray is not None else self.roll)

    @property
    def open(self) -> bool:
        """Something about it is open."""
        if self.stray is not None:
            return self.stray.difference.standing is Standing.OPEN
        return self.claims is not None and any(each.standing is Standing.OPEN for each in self.claims.differences)


def columns(width: int) -> tuple[Column, ...]:
    """What a list of `width` cells shows: folded at 80, more beside it with more room."""
    if width < 119:  # 120 with a scrollbar
        found = [("label", "take", 8), ("rated", "st", 3), ("script", "script", 14), ("camera", "camera", 13),
                 ("sound", "sound", 9), ("media", "media", 12)]  # fmt: skip
    elif width < 199:
        found = [("label", "take", 10), ("rated", "st", 4), ("script", "script", 20), ("camera", "camera report", 18),
                 ("sound", "sound", 16), ("media", "media", 18)]  # fmt: skip
    else:
        found = [("label", "take", 12), ("rated", "st", 4), ("script", "script", 22), ("camera", "camera report", 30),
                 ("sound", "sound", 24), ("media", "media", 40), ("length", "runs", 14)]  # fmt: skip
    taken = MARKS + sum(size + 1 for _, _, size in found)
    return (*(Column(*each) for each in found), Column("state", "state", max(8, width - taken)))


def cell_text(row: ReviewRow, column: Column) -> str:
    """What stands in a cell."""
    if row.claims is None:
        return _other(row, column)
    claims = row.claims
    match column.key:
        case "label":
            return row.label
        case "rated":
            return rated_text(row)
        case "script" | "camera" | "sound":
            return said_text(claims, Department(column.key), column.width)
        case "media":
            return media_text(claims, column.width)
        case "length":
            return _lengths(claims)
        case _:
            return state_text(claims)


def row_text(row: ReviewRow, shown: Sequence[Column]) -> str:
    """A row's cells with a blank after each; a text that is too long goes on over empty cells, then it has a `…`.

    >>> row_text(ReviewRow("roll:S003", roll="sound roll S003"), columns(80)).split("  ")[0]
    'sound roll S003'
    """
    texts = [cell_text(row, column) for column in shown]
    parts, number = [], 0
    while number < len(shown):
        text, width = texts[number], shown[number].width
        number += 1
        while cell_len(text) > width and number < len(shown) and not texts[number]:
            width += 1 + shown[number].width
            number += 1
        parts.append(fitted(text, width))
    return " ".join(parts)


def rated_text(row: ReviewRow) -> str:
    """The chosen voter's rating, else what the take is: never a colour alone."""
    rating = row.take.ratings.get(row.voter) if row.take is not None else None
    if rating:
        return RATED.get(rating, safe_text(rating))
    claims = row.claims
    if claims is None:
        return ""
    if claims.state is State.ROLLING:
        return "●"
    return KIND_MARKS[claims.kind] if claims.kind is not Kind.NORMAL else ""


def said_text(claims: TakeClaims, department: Department, width: int) -> str:
    """What a department says: its mark, then its rolls or clips; where there is room `≠` before what others deny."""
    said = [each for each in claims.claims if each.department is department]
    if not said:
        return "-"
    others = {each: differing_fields(claims, each) if width >= ROOMY else frozenset() for each in said}
    mark = STATUS_MARKS[claims.status] if department is Department.SCRIPT else circled_text(said)
    if any("circled" in fields for fields in others.values()):
        mark = f"{DIFFERS}{mark or 'not (C)'}"
    marks = [mark]
    if any(each.mos for each in said):
        marks.append(f"{DIFFERS if any('mos' in fields for fields in others.values()) else ''}MOS")
    said.sort(key=lambda each: not each.device)  # the sound roll, which is of no camera, last
    names = []
    for each in said:
        name = safe_text(bare_name(each.clip or each.roll or ""))
        names.append(f"{DIFFERS}{name}" if name and others[each] & {"clip" if each.clip else "roll"} else name)
    names = list(dict.fromkeys(each for each in names if each))
    if width >= 28 and department is not Department.SCRIPT:
        marks += [safe_text(each.start) for each in said[:1] if each.start]
    return " ".join([*(mark for mark in marks if mark), *names]) or "-"


def differing_fields(claims: TakeClaims, one: Claimed) -> frozenset[str]:
    """Fields (`Difference.field`) of what is claimed that others claim otherwise, while that is open."""
    said = {
        "clip": one.clip, "roll": one.roll, "circled": one.circled, "start": one.start, "duration": one.length_s,
        "mos": one.mos,
    }  # fmt: skip
    return frozenset(
        each.field
        for each in claims.differences
        if each.standing is Standing.OPEN
        and said.get(each.field) is not None
        and (each.device in ("", one.device) or (not one.device and each.field in ("start", "duration")))
    )


def circled_text(said: Sequence[Claimed]) -> str:
    """`(C)`, `not (C)` where a department says that it is not circled, nothing where it says nothing."""
    marks = {each.circled for each in said}
    return "(C)" if True in marks else "not (C)" if False in marks else ""


def media_text(claims: TakeClaims, width: int) -> str:
    """The files, each with the word for its link; only counted where they do not fit."""
    files = [each for each in claims.claims if each.department is Department.MEDIA and each.link is not None]
    if not files:
        waiting = any(each.standing is Standing.PENDING for each in claims.differences)
        return "pending" if waiting else "-"
    named = ", ".join(f"{safe_text(bare_name(each.clip or each.device))} {link_text(each)}" for each in files)
    if len(named) <= width:
        return named
    words = [link_text(each) for each in files]
    if len(set(words)) == 1:
        return words[0] if len(files) == 1 else f"{len(files)} {words[0]}"
    proposed = words.count(LINKED[LinkState.PROPOSED])
    return f"{proposed}/{len(words)} {LINKED[LinkState.PROPOSED]}"


def link_text(claimed: Claimed) -> str:
    """How sure it is that this file is of this take, in a word."""
    return LINKED[claimed.link] if claimed.link is not None else ""


def state_text(claims: TakeClaims) -> str:
    """How many differences are open, and the first of them in words."""
    by = {standing: [each for each in claims.differences if each.standing is standing] for standing in Standing}
    if by[Standing.OPEN]:
        return f"{len(by[Standing.OPEN])} open: {safe_text(by[Standing.OPEN][0].what)}"
    if by[Standing.PENDING]:
        return f"pending: {safe_text(by[Standing.PENDING][0].what)}"
    if by[Standing.EXPLAINED]:
        return "explained"
    return "rolling" if claims.state is State.ROLLING else ""


def length_text(seconds: float | None) -> str:
    """`1:04`, empty when it is not known.

    >>> length_text(64.2), length_text(None)
    ('1:04', '')
    """
    return "" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _lengths(claims: TakeClaims) -> str:
    found = [length_text(each.length_s) for each in claims.claims if each.length_s is not None]
    return " ".join(dict.fromkeys(found))


def _other(row: ReviewRow, column: Column) -> str:
    stray = row.stray
    if stray is None:
        return {"label": row.label, "media": "pending", "state": "not offloaded or brought in yet"}.get(column.key, "")
    match column.key:
        case "label":
            return row.label
        case "script":
            return "no take"
        case "media":
            length = length_text(stray.length_s) if column.width > 20 else ""
            return f"{safe_text(stray.start or '')} {length}".strip() or "stray"
        case "state":
            standing = stray.difference.standing
            return "explained" if standing is Standing.EXPLAINED else f"{standing}: {safe_text(stray.difference.what)}"
    return ""
