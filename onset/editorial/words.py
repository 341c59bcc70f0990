"""What is said of an event, in words that every format uses: status, kind, description, comments and marks."""

from __future__ import annotations

from collections.abc import Iterable

from onset.domain.take import Kind, Status
from onset.editorial.event import Event


def status_words(event: Event) -> str:
    """`circled`, `NG (sound)`, or nothing."""
    take = event.take
    word = "" if take.status is Status.NONE else "NG" if take.status is Status.NG else str(take.status)
    return f"{word} ({take.status_reason})" if word and take.status_reason else word


def kind_words(event: Event) -> str:
    """What sort of attempt it was; nothing for an ordinary one."""
    return "" if event.take.kind is Kind.NORMAL else str(event.take.kind)


def description(event: Event) -> str:
    """Size and description of the setup: `CU, Edward at the window`."""
    said = [event.setup.size, event.setup.description] if event.setup is not None else []
    return ", ".join(filter(None, said))


def vfx_words(event: Event) -> str:
    """What the setup says of visual effects: its note, or `yes`; nothing where there are none."""
    return (event.setup.vfx_note or "yes") if event.setup is not None and event.setup.vfx else ""


def marks(event: Event) -> Iterable[str]:
    """Marks with the file's own timecode, or the master's where nobody can say where in the file they are."""
    for marker in event.markers:
        if marker.mark:
            label = event.label(marker.frame) if marker.frame is not None else marker.tc
            yield f"[{label or '?'}] {marker.text or 'mark'}"


def comments(event: Event) -> str:
    """Notes for the editor, who rated it how, and marks, in one text."""
    return "; ".join((*event.comments, *marks(event)))


def keywords(event: Event) -> tuple[str, ...]:
    """Tags, and what a cutting room looks for, a word or two each."""
    take = event.take
    flags = (
        ("circled", event.circled),
        ("hold", take.status is Status.HOLD),
        ("NG", take.status is Status.NG),
        (str(take.kind), take.kind is not Kind.NORMAL),
        ("MOS", take.mos),
        ("tail slate", take.tail_slate),
        ("VFX", event.setup is not None and event.setup.vfx),
    )
    return tuple(dict.fromkeys((*take.tags, *(word for word, holds in flags if holds))))
