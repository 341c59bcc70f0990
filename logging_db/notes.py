"""Questions about notes of all sorts: on takes, setups, scenes and moments of a day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.engine import RowMapping

from logging_db import questions
from logging_db.schema import entity, projections, take
from onset.domain.note import Anchor, AnchoredNote, Audience, Note
from onset.domain.scene import scene_label
from onset.logbook.terms import NoteFilter

_NOTE, _SETUP, _SCENE = projections["note"], projections["setup"], projections["scene"]
_SETUP_ENTITY, _SCENE_ENTITY = entity.alias(), entity.alias()
_SELECT: Select[Any] = (
    select(
        _NOTE,
        take.c.slate.label("take_slate"),
        take.c.take.label("take_number"),
        func.coalesce(take.c.unit, _NOTE.c.unit).label("its_unit"),
        func.coalesce(take.c.day, _NOTE.c.day).label("its_day"),
        _SETUP.c.slate.label("setup_slate"),
        _SETUP.c.name.label("setup_name"),
        _SCENE.c.number.label("scene_number"),
        _SCENE.c.episode.label("scene_episode"),
    )
    .outerjoin(take, take.c.id == _NOTE.c.owner)
    .outerjoin(_SETUP_ENTITY, _SETUP_ENTITY.c.uid == _NOTE.c.setup)
    .outerjoin(_SETUP, _SETUP.c.id == _SETUP_ENTITY.c.id)
    .outerjoin(_SCENE_ENTITY, _SCENE_ENTITY.c.uid == _NOTE.c.scene)
    .outerjoin(_SCENE, _SCENE.c.id == _SCENE_ENTITY.c.id)
    .where(_NOTE.c.deleted.is_not(1), take.c.deleted.is_not(1))
)
_ANCHORED = {
    Anchor.TAKE: _NOTE.c.owner.is_not(None),
    Anchor.SETUP: _NOTE.c.setup.is_not(None),
    Anchor.SCENE: _NOTE.c.scene.is_not(None),
    Anchor.MOMENT: _NOTE.c.owner.is_(None) & _NOTE.c.setup.is_(None) & _NOTE.c.scene.is_(None),
}


def notes(connection: Connection, wanted: NoteFilter) -> list[AnchoredNote]:
    """The newest that pass the filter, the oldest of them first."""
    chosen = _SELECT.order_by(_NOTE.c.id.desc())
    if wanted.unit is not None:
        chosen = chosen.where(func.coalesce(take.c.unit, _NOTE.c.unit) == wanted.unit)
    if wanted.day is not None:
        chosen = chosen.where(func.coalesce(take.c.day, _NOTE.c.day) == wanted.day)
    if wanted.audience is not None:
        chosen = chosen.where(_NOTE.c.audience == str(wanted.audience))
    if wanted.anchor is not None:
        chosen = chosen.where(_ANCHORED[wanted.anchor])
    if wanted.about_id is not None:
        uid = bytes.fromhex(wanted.about_id)
        chosen = chosen.where((_NOTE.c.take == uid) | (_NOTE.c.setup == uid) | (_NOTE.c.scene == uid))
    words = wanted.text.casefold().split() if wanted.text else []
    found = []
    # SQLite folds the case of ASCII only, so words are compared here.
    for row in connection.execute(chosen).mappings():
        if all(word in (row["text"] or "").casefold() for word in words):
            found.append(_anchored(row))
            if len(found) == wanted.limit:
                break
    return found[::-1]


def note(connection: Connection, note_id: str) -> AnchoredNote:
    """The note of that id."""
    number = questions.numbered(bytes.fromhex(note_id))
    return _anchored(connection.execute(_SELECT.where(_NOTE.c.id == number)).mappings().one())


def _anchored(row: RowMapping) -> AnchoredNote:
    if row["take"]:
        anchor, about, uid = Anchor.TAKE, f"{row['take_slate'] or '?'}/{row['take_number'] or '?'}", row["take"]
    elif row["setup"]:
        anchor, about, uid = Anchor.SETUP, row["setup_slate"] or f'"{row["setup_name"] or "?"}"', row["setup"]
    elif row["scene"]:
        anchor, about, uid = Anchor.SCENE, scene_label(row["scene_number"] or "", row["scene_episode"]), row["scene"]
    else:
        anchor, about, uid = Anchor.MOMENT, row["tc"] or "", None
    return AnchoredNote(
        note=Note(
            id=row["uid"].hex(),
            take_id=row["take"].hex() if row["take"] else None,
            text=row["text"] or "",
            author=row["author"] or "",
            audience=Audience(row["audience"] or Audience.EDITOR),
            wall_ns=row["wall_ns"] or 0,
            tc=row["tc"],
            offset_ns=row["offset_ns"],
            mark=row["mark"] == 1,
            tc_source=row["tc_source"],
        ),
        anchor=anchor,
        about=about,
        about_id=uid.hex() if uid else None,
        unit=row["its_unit"] or "",
        day=row["its_day"],
    )
