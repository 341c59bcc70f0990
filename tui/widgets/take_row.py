"""A take as one row of the list: its columns, and what stands in each. Pure text, safe to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from onset.domain.camera import LinkState
from onset.domain.take import Kind, State, Status, Take
from onset.text import safe_text

STATUS_MARKS = {Status.NONE: "", Status.CIRCLED: "(C)", Status.HOLD: "HD", Status.NG: "NG"}
KIND_MARKS = {
    Kind.NORMAL: "",
    Kind.PICKUP: "PU",
    Kind.SERIES: "SER",
    Kind.FALSE_START: "FS",
    Kind.WILD_TRACK: "WT",
    Kind.PLATE: "PL",
    Kind.CHART: "CH",
}
_NOTES = 8  # cells that notes need to be worth a column
_WIDE = 130  # cells of a list that has room for more than what matters
_KEPT = ("slate", "take", "status", "duration", "roll", "notes", "media", "time", "lens", "tc", "kind")
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list. `key` says what it holds; a camera's own column carries its letter."""

    key: str
    title: str
    width: int
    camera: str = ""


def columns(cameras: Sequence[str], width: int) -> tuple[Column, ...]:
    """What a list of `width` cells shows: at 80 all that matters, with more room more (never bigger).

    Where a panel stands beside it those columns are left that matter most, each of them whole.
    """
    wide = 5 if width < _WIDE else 9  # with a magazine's or a card's own mark too
    rolls = tuple(Column("roll", camera, wide, camera) for camera in cameras[: 2 if width < 100 else 4])
    found = (
        Column("slate", "slate", 8 if width < 100 else 12),
        Column("take", "tk", 4),
        Column("status", "st", 4),
        Column("duration", "dur", 6),
        *rolls,
        Column("lens", "lens", 6 if width < 100 else 9, cameras[0] if cameras else "A"),
        Column("time", "time", 5),
        *((Column("tc", "timecode", 11),) if width >= 110 else ()),
        Column("media", "media", 8),
        *((Column("kind", "kind", 11),) if width >= _WIDE else ()),
    )
    notes, left = Column("notes", "notes", _NOTES), width - 2
    kept: set[Column] = set()
    for column in sorted((*found, notes), key=lambda each: _KEPT.index(each.key)):
        left -= column.width + 1
        if kept and left < 0:
            break
        kept.add(column)
    shown = tuple(column for column in found if column in kept)
    taken = 2 + sum(column.width + 1 for column in shown)
    return (*shown, replace(notes, width=width - taken)) if notes in kept else shown


def cell_text(take: Take, column: Column) -> str:
    """What stands in a cell."""
    match column.key:
        case "slate":
            return safe_text(take.slate)
        case "take":
            return safe_text(take.take)
        case "status":
            return status_text(take)
        case "duration":
            return duration_text(take)
        case "roll":
            return _roll(take, column.camera)
        case "lens":
            lens = safe_text(next((each.lens or "" for each in take.angles if each.camera == column.camera), ""))
            return lens if len(lens) <= column.width else lens.removesuffix(" mm")
        case "time":
            return clock_text(take.rolled_ns)[:5]
        case "tc":
            return safe_text(take.tc_in or "")
        case "media":
            return media_text(take)
        case "kind":
            return str(take.kind) if take.kind is not Kind.NORMAL else ""
        case _:
            return notes_text(take)


def status_text(take: Take) -> str:
    """Two or three letters: never a colour alone."""
    if take.state is State.ROLLING:
        return "FS" if take.kind is Kind.FALSE_START else "●"
    if take.kind is Kind.FALSE_START:
        return "FS"
    mark = STATUS_MARKS[take.status] or KIND_MARKS[take.kind]
    return mark or ("INT" if take.state is State.INTERRUPTED else "")


def duration_text(take: Take) -> str:
    """Minutes and seconds, action to cut; `~` before a timing that had to run from the roll."""
    if take.state is State.ROLLING:
        return ".."
    frames = take.timing_frames
    if frames is None:
        return "-"
    seconds = int(take.frame_rate.seconds_for(frames))
    return f"{'~' if take.timing_estimated else ''}{seconds // 60}:{seconds % 60:02d}"


def media_text(take: Take) -> str:
    """Whether picture and sound are there and belong to the take."""
    if take.state is State.ROLLING:
        return "rolling"
    wild = take.kind is Kind.WILD_TRACK
    links: list[LinkState | None] = []
    open_files = False
    for angle in () if wild else take.angles:
        links += [clip.link for clip in angle.clips] or [None]
        open_files |= any(clip.duration_frames is None for clip in angle.clips)
    for sound in () if take.mos else take.sound:
        links += [file.link for file in sound.files] or [None]
        open_files |= any(file.duration_frames is None for file in sound.files)
    wanted = [each for each in links if each is not LinkState.REFUSED]
    if not wanted or all(each is None for each in wanted):
        return "pending" if links else "-"
    if any(each is None for each in wanted) or open_files:
        return "partly"
    return "linked" if all(each is LinkState.CONFIRMED for each in wanted) else "proposed"


def notes_text(take: Take) -> str:
    """Slated-as, reason, flags and notes on one line."""
    parts = [f"slated as {take.slated_as}"] if take.slated_as else []
    if take.status_reason:
        parts.append(take.status_reason)
    if take.status is not Status.NONE and take.kind not in (Kind.NORMAL, Kind.FALSE_START):
        parts.append(KIND_MARKS[take.kind])
    if take.mos:
        parts.append("MOS")
    if take.tail_slate:
        parts.append("tail")
    parts += [f"{each.camera} late {each.start}" for each in take.angles if each.start]
    parts += [each.text for each in take.notes if each.text and not each.deleted]
    marks = sum(each.mark and not each.deleted for each in take.notes)
    if marks:
        parts.append(f"{marks} mark{'s' if marks > 1 else ''}")
    if take.description:
        parts.append(take.description)
    return safe_text(" · ".join(parts))


def clock_text(wall_ns: int) -> str:
    """`14:22:07` of this machine's zone."""
    return datetime.fromtimestamp(wall_ns / _NS, UTC).astimezone().strftime("%H:%M:%S")


def _roll(take: Take, camera: str) -> str:
    angle = next((each for each in take.angles if each.camera == camera), None)
    return "-" if angle is None else safe_text(angle.roll or "in")
