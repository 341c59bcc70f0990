"""What is said of a take, in the words of a report: its status, what sort it is, and what there is to know of it.

Used by `editor.py` and `facing_pages.py`. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from onset.domain.camera import Angle
from onset.domain.note import Audience, Note
from onset.domain.take import Kind, State, Status, Take
from onset.text import safe_text

_KIND_FLAGS = {
    Kind.PICKUP: "PICKUP",
    Kind.SERIES: "SERIES",
    Kind.FALSE_START: "FALSE START",
    Kind.WILD_TRACK: "WILD TRACK",
    Kind.PLATE: "PLATE",
    Kind.CHART: "CHART",
}
_STATUS_WORDS = {Status.NONE: "", Status.CIRCLED: "circled", Status.HOLD: "hold", Status.NG: "NG"}


def status_words(take: Take) -> str:
    """`circled`, `hold`, `NG (sound)` or nothing."""
    reason = f" ({safe_text(take.status_reason)})" if take.status_reason else ""
    status = _STATUS_WORDS[take.status]
    return status and status + reason


def flags(take: Take) -> Iterable[str]:
    """What sort of take it is, in the words of a board: `PICKUP`, `MOS`, `TAIL SLATE` …"""
    if take.kind in _KIND_FLAGS:
        yield _KIND_FLAGS[take.kind]
    elif len(take.runs) > 1:
        yield _KIND_FLAGS[Kind.SERIES]
    if take.mos:
        yield "MOS"
    if take.tail_slate:
        yield "TAIL SLATE"
    if take.state is State.INTERRUPTED:
        yield "INTERRUPTED"


def comments(take: Take, readers: Collection[Audience] = (Audience.EDITOR,)) -> Iterable[str]:
    """Notes for these readers, marks, ratings and what happened, one a line."""
    if take.slated_as:
        yield f"Slated as {safe_text(take.slated_as)}"
    if take.description:
        yield safe_text(take.description, lines=True)
    for note in sorted(take.notes, key=lambda each: each.wall_ns):
        if note.audience in readers and not note.deleted:
            yield note_words(note)
    for voter, rating in take.ratings.items():
        why = take.rating_reasons.get(voter)
        yield safe_text(f"{voter}: {rating}{f' ({why})' if why else ''}")
    for angle in take.angles:
        yield from _angle_comments(angle)


def note_words(note: Note) -> str:
    """A note or a mark as it is printed; one to production says so."""
    text = safe_text(note.text, lines=True)
    if note.audience is Audience.PRODUCTION:
        text = f"Production: {text}"
    if note.mark:
        return f"▸ {safe_text(note.tc or '')} {text or 'mark'}".replace("  ", " ")
    return text


def _angle_comments(angle: Angle) -> Iterable[str]:
    camera = safe_text(angle.camera)
    if angle.rating:
        yield f"{camera}: {safe_text(angle.rating)}"
    if angle.lens:
        yield f"{camera} on {safe_text(angle.lens)}"
    if angle.start:
        yield f"{camera} late, from {safe_text(angle.start)}"
    if angle.end:
        yield f"{camera} cut early, at {safe_text(angle.end)}"
    for clip in angle.clips:
        if clip.interrupted:
            yield f"{safe_text(clip.name)} was interrupted"
        if clip.dropped:
            yield f"{safe_text(clip.name)} lost {clip.dropped} frame{'s' if clip.dropped > 1 else ''}"


def sound_roll_words(take: Take) -> tuple[str, ...]:
    """The sound rolls of a take: of a recorder of which nobody said its roll, the board's; else its name."""
    rolls = [each.roll or take.sound_roll or each.device for each in take.sound]
    if not rolls and take.sound_roll and not take.mos:
        rolls = [take.sound_roll]
    return tuple(dict.fromkeys(map(safe_text, rolls)))
