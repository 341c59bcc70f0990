"""What is said of an event, in words that every format uses: status, kind, description, comments and marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from onset.domain.take import Kind, Status
from onset.editorial.event import EditorialDay, Event, Marker, Part


def status_words(event: Event) -> str:
    """`circled`, `NG (sound)`, or nothing; the reason is that of the take's own status."""
    status, why = event.status, event.take.status_reason
    word = "" if status is Status.NONE else "NG" if status is Status.NG else str(status)
    return f"{word} ({why})" if word and why and status is event.take.status else word


def kind_words(event: Event) -> str:
    """What sort of attempt it was; nothing for an ordinary one."""
    return "" if event.take.kind is Kind.NORMAL else str(event.take.kind)


def description(event: Event) -> str:
    """Size and description of the setup: `CU, Edward at the window`."""
    said = [event.setup.size, event.setup.description] if event.setup is not None else []
    return ", ".join(filter(None, said))


def about(event: Event) -> str:
    """What the take is of: `INT. KITCHEN - NIGHT; CU, Edward at the window`."""
    heading = event.scene.heading if event.scene is not None else ""
    return "; ".join(filter(None, (heading, description(event))))


def vfx_words(event: Event) -> str:
    """What the setup says of visual effects: its note, or `yes`; nothing where there are none."""
    return (event.setup.vfx_note or "yes") if event.setup is not None and event.setup.vfx else ""


def marks(event: Event) -> Iterable[str]:
    """Marks with the file's own timecode, or the master's where nobody can say where in the file they are."""
    for marker in event.markers:
        if marker.mark:
            label = event.label(marker.frame) if marker.frame is not None else marker.tc
            yield f"[{label or '?'}] {mark_words(marker)}"


def mark_words(marker: Marker) -> str:
    """What was said of a moment; a key that was pressed without a word, or with blanks only, is a mark."""
    return marker.text if marker.text.strip() else "mark"


def unplaced(event: Event, part: Part) -> tuple[str, ...]:
    """Marks that are not within a stretch of the file, so that none can stand there."""
    outside = (one for one in event.markers if one.frame is None or not part.first <= one.frame < part.last)
    return tuple(marks(replace(event, markers=tuple(outside))))


def headline(event: Event, more: tuple[str, ...] = ()) -> str:
    """All of a take in a line, of an episode block too: `101:42C/3 A circled, pickup: Best for the entrance`."""
    label = f"{event.take.episode}:{event.take.label}" if event.take.episode else event.take.label
    name = " ".join(filter(None, (label, event.camera)))
    words = ", ".join(filter(None, (status_words(event), kind_words(event))))
    said = "; ".join((*event.comments, *more))
    return " ".join(filter(None, (name, words))) + (f": {said}" if said else "")


def settings_words(event: Event) -> str:
    """What the camera was set to: `lens 35mm, stop T2.8`."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in event.data.said().items())


def sound_words(event: Event) -> str:
    """Where the sound of a picture's take is: `S003: T1.wav, T2.wav`."""
    if not event.camera:
        return ""
    files = ", ".join(file.name for file in event.sound)
    return ": ".join(filter(None, (", ".join(event.sound_rolls), files)))


def title(day: EditorialDay) -> str:
    """`Harbour Lights day 3`, with the unit where it is not the main one."""
    unit = day.unit if day.unit != "Main" else ""
    return " ".join(filter(None, (day.production.title, unit, f"day {day.day.number}")))


def comments(event: Event) -> str:
    """Notes for the editor, who rated it how, and marks, in one text."""
    return "; ".join((*event.comments, *marks(event)))


def keywords(event: Event) -> tuple[str, ...]:
    """Tags, and what a cutting room looks for, a word or two each."""
    take = event.take
    flags = (
        ("circled", event.circled),
        ("hold", event.status is Status.HOLD),
        ("NG", event.status is Status.NG),
        (str(take.kind), take.kind is not Kind.NORMAL),
        ("MOS", take.mos),
        ("tail slate", take.tail_slate),
        ("VFX", event.setup is not None and event.setup.vfx),
    )
    return tuple(dict.fromkeys((*take.tags, *(word for word, holds in flags if holds))))
