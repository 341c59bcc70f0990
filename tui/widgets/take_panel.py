"""All that is logged of a take, beside the list: of itself, of each camera, of each sound recorder; with its files.

Used by the Log screen. Which fields there are stands in the log's own table (`onset.logbook.entities`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from onset.changes import Value
from onset.domain.camera import Clip
from onset.domain.sound import SoundFile
from onset.domain.take import State, Take
from onset.logbook.entities import ENTITIES, Field
from onset.logbook.fields import from_text, written
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Conflict
from onset.text import safe_text
from tui.drafts import Drafts
from tui.hand import Hand
from tui.seen import Seen, Verb
from tui.widgets.field_panel import FieldPanel, PanelField
from tui.widgets.take_row import clock_text, duration_text

# What is changed most comes first; the rest as the log has it.
_FIRST = ("description", "status", "status_reason", "kind", "slated_as", "mos", "tail_slate")
_TITLES = {"status_reason": "reason", "duration_frames": "frames", "white_balance": "white bal."}


class TakeField(PanelField):
    """A field of the take (`whose` empty), of a camera's angle, or of a recorder's sound."""

    def __init__(self, entity: str, whose: str, field: Field, before: str, drafts: Drafts, take_id: str) -> None:
        shown = _TITLES.get(field.name, field.name.replace("_", " "))
        title = f"{whose} {shown}" if whose else shown
        spot = ("fields", take_id, entity, whose, field.name)
        super().__init__(title, before, drafts, spot, ", ".join(field.choices))
        self.entity = entity
        self.whose = whose
        self.name_in_log = field.name


class TakePanel(FieldPanel):
    """Every field of one take."""

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(drafts, id=id)
        self._take_id = ""
        self._tags: tuple[str, ...] = ()

    async def open(self, hand: Hand, take_id: str) -> None:
        """Show a take as the log has it now."""
        take = await hand.desk.read(lambda log: log.take(take_id))
        if take is not None:
            self._take_id, self._tags = take.id, take.tags
            parts, contested = list(self._parts_of(take)), contested_fields(hand.contested.found, take.id)
            for part in parts:
                if isinstance(part, TakeField):
                    part.contested = (part.entity, part.whose, part.name_in_log) in contested
            self.fill(f"TAKE {take.label}  Ctrl+S logs, Esc closes", parts)

    def _parts_of(self, take: Take) -> Iterator[str | PanelField]:
        yield from facts_of(take)
        own = [field for field in ENTITIES["take"] if field.open]
        first = [field for name in _FIRST for field in own if field.name == name]
        yield from self._fields(take, "take", "", [*first, *(field for field in own if field not in first)])
        tags = Field("tags", open=True)
        yield TakeField("tag", "", tags, ", ".join(take.tags), self.drafts, take.id)
        for angle in take.angles:
            if angle.logged:
                yield f"camera {angle.camera}"
                yield from self._fields(take, "angle", angle.camera, [each for each in ENTITIES["angle"] if each.open])
            yield from (f"  {_file_words(clip)}" for clip in angle.clips)
        for sound in take.sound:
            yield f"sound {sound.device}"
            fields = [each for each in ENTITIES["sound_take"] if each.open]
            yield from self._fields(take, "sound_take", sound.device, fields)
            yield from (f"  {_file_words(file)}" for file in sound.files)

    def _fields(self, take: Take, entity: str, whose: str, fields: list[Field]) -> Iterator[PanelField]:
        for field in fields:
            yield TakeField(entity, whose, field, said_of(take, entity, whose, field), self.drafts, take.id)

    def verb(self) -> Verb | None:
        """Log the changed fields, as one edit; tags are another."""
        changed = {
            (each.entity, each.whose, each.name_in_log): each.value.strip()
            for each in self.changed
            if isinstance(each, TakeField)
        }
        if not changed:
            return None
        return partial(log_fields, take_id=self._take_id, tags=self._tags, typed=changed)


def contested_fields(found: Sequence[Conflict], take_id: str) -> frozenset[tuple[str, str, str]]:
    """Entity, camera or recorder, and name of each field of a take of which seats said different things."""
    return frozenset(
        (each.entity, "" if each.entity == "take" else each.about.partition(" ")[0], each.field)
        for each in found
        if each.take is not None and each.take.id == take_id
    )


def log_fields(
    log: Logbook, seen: Seen, *, take_id: str, tags: tuple[str, ...], typed: Mapping[tuple[str, str, str], str]
) -> str:
    """What was typed into fields (entity, camera or recorder, name) of a take; `tags`: as they were shown."""
    parsed: dict[str, dict[str, dict[str, Value]]] = {"take": {}, "angle": {}, "sound_take": {}}
    for (entity, whose, name), text in typed.items():
        if entity != "tag":
            parsed[entity].setdefault(whose, {})[name] = from_text(entity, name, text)
    label = ""
    if any(parsed.values()):
        own = parsed["take"].get("", {})
        (take,) = log.set_takes([take_id], own, angles=parsed["angle"], sound=parsed["sound_take"])
        label = take.label
    words = typed.get(("tag", "", "tags"))
    if words is not None:
        wanted = list(dict.fromkeys(each.strip() for each in words.split(",") if each.strip()))
        add, remove = [each for each in wanted if each not in tags], [each for each in tags if each not in wanted]
        label = log.tag(take_id, add=add, remove=remove).label
    return f"{label}: {', '.join(f'{whose} {name}'.strip() for _, whose, name in typed)}."


def said_of(take: Take, entity: str, whose: str, field: Field) -> str:
    """What the log has in a field, as people write it; empty where nothing was said."""
    value: object = None
    if entity == "take":
        value = getattr(take, field.name)
    elif entity == "angle":
        angle = next(each for each in take.angles if each.camera == whose)
        value = getattr(angle if hasattr(angle, field.name) and field.name != "lens" else angle.data, field.name)
    else:
        sound = next(each for each in take.sound if each.device == whose)
        value = getattr(sound, field.name)
    if value is None or value == "" or value == ():
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return written(field, int(value) if isinstance(value, bool) else value if isinstance(value, int) else str(value))


def facts_of(take: Take) -> Iterator[str]:
    """What is stamped and measured, not typed."""
    cut = f", cut {clock_text(take.cut_ns)}" if take.cut_ns is not None else ""
    how = "added" if take.added else "rolled"
    by = f" by {take.rolled_by}" if take.rolled_by else ""
    state = "" if take.state is State.CUT else f"  {take.state}"
    yield f"{how} {clock_text(take.rolled_ns)}{by}{cut}  {duration_text(take)}{state}"
    if take.tc_source:
        yield f"timecode from {take.tc_source}"
    for number, run in enumerate(take.runs, 1):
        yield f"run {number} {run.action or '?'} to {run.cut or take.tc_out or '?'}"
    for voter, value in take.ratings.items():
        reason = take.rating_reasons.get(voter)
        yield f"{voter}: {value}{f', {reason}' if reason else ''}"
    for note in take.notes:
        if not note.deleted:
            what = "mark" if note.mark else str(note.audience)
            yield " ".join(part for part in (f"{what}:", note.tc or "", note.text) if part)


def _file_words(file: Clip | SoundFile) -> str:
    return safe_text(f"{file.name}  {file.link}")
