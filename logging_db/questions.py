"""Questions to the log: whole takes and what belongs to them, in SQLAlchemy Core on the reading connection."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, column, func, select, table, text
from sqlalchemy.engine import RowMapping

from logging_db import search
from logging_db.schema import projections, take
from onset.domain.camera import Angle, Clip, LinkState
from onset.domain.note import Audience, Note
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Kind, Run, State, Status, Take
from onset.logbook.protocol import TakeFilter

_INDEX = table("words_index", column("rowid"))
_TAG = projections["tag"]
_LINK = projections["link"]


def _children(kind: str) -> Select[Any]:
    child = projections[kind]
    owners = child.c.owner.in_(bindparam("owners", expanding=True))
    return select(child).where(owners, child.c.deleted.is_not(1)).order_by(child.c.id)


def _linked(kind: str) -> Select[Any]:
    """Files by their links: a file may hold several takes, and a take may have files recorded during another."""
    media = projections[kind]
    return (
        select(media, _LINK.c.owner.label("holder"), _LINK.c.state.label("link"), _LINK.c.method)
        .join(_LINK, _LINK.c.media == media.c.uid)
        .where(
            _LINK.c.owner.in_(bindparam("owners", expanding=True)),
            _LINK.c.state != str(LinkState.REFUSED),
            _LINK.c.deleted.is_not(1),
            media.c.deleted.is_not(1),
        )
        .order_by(media.c.id)
    )


_CHILDREN = {kind: _children(kind) for kind in ("run", "note", "tag", "rating", "angle", "sound_take")}
_LINKED = {kind: _linked(kind) for kind in ("clip", "sound")}


def takes(connection: Connection, wanted: TakeFilter) -> list[Take]:
    """Whole takes that pass the filter, in its order."""
    chosen = _narrowed(select(take), wanted)
    if wanted.before is not None:
        chosen = chosen.where(take.c.id < wanted.before)
    if wanted.oldest_first:
        chosen = chosen.order_by(take.c.day, take.c.id)
    elif wanted.text and search.query(wanted.text):
        chosen = chosen.order_by(_INDEX.c.rowid.desc())  # the index walks its rows backwards; sorting takes would not
    else:
        chosen = chosen.order_by(take.c.id.desc())
    if wanted.limit is not None:
        chosen = chosen.limit(wanted.limit)
    return whole(connection, connection.execute(chosen).mappings().all())


def count(connection: Connection, wanted: TakeFilter) -> int:
    """How many there are."""
    return int(connection.execute(_narrowed(select(func.count(take.c.id)), wanted)).scalar_one())


def _narrowed(chosen: Select[Any], wanted: TakeFilter) -> Select[Any]:
    exact = (
        (take.c.unit, wanted.unit),
        (take.c.day, wanted.day),
        (take.c.scene, wanted.scene),
        (take.c.slate, wanted.slate),
    )
    chosen = chosen.where(*(name == value for name, value in exact if value is not None))
    if wanted.states is not None:
        chosen = chosen.where(take.c.state.in_([str(state) for state in wanted.states]))
    if wanted.statuses is not None:
        chosen = chosen.where(take.c.status.in_([str(status) for status in wanted.statuses]))
    if wanted.tag is not None:
        tagged = select(_TAG.c.owner).where(_TAG.c.tag == wanted.tag, _TAG.c.deleted.is_not(1))
        chosen = chosen.where(take.c.id.in_(tagged))
    if not wanted.deleted:
        chosen = chosen.where(take.c.deleted.is_not(1))
    words = search.query(wanted.text) if wanted.text else None
    if words is not None:
        chosen = chosen.join_from(_INDEX, take, take.c.id == _INDEX.c.rowid)
        chosen = chosen.where(text("words_index MATCH :words").bindparams(words=words))
    return chosen


def whole(connection: Connection, rows: Sequence[RowMapping]) -> list[Take]:
    """Takes with everything that belongs to them: one query a kind, whatever the number of takes."""
    owners = {"owners": [row["id"] for row in rows]}
    if not rows:
        return []
    found = {kind: _by(connection, chosen, owners, "owner") for kind, chosen in _CHILDREN.items()}
    found |= {kind: _by(connection, chosen, owners, "holder") for kind, chosen in _LINKED.items()}
    none: list[RowMapping] = []
    return [_take(row, {kind: by_take.get(row["id"], none) for kind, by_take in found.items()}) for row in rows]


def _by(
    connection: Connection, chosen: Select[Any], owners: Mapping[str, list[int]], key: str
) -> dict[int, list[RowMapping]]:
    grouped: dict[int, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(chosen, owners).mappings():
        grouped[row[key]].append(row)
    return grouped


def _take(row: RowMapping, belonging: Mapping[str, Sequence[RowMapping]]) -> Take:
    return Take(
        id=row["uid"].hex(),
        unit=row["unit"] or "",
        day=row["day"] or 0,
        episode=row["episode"],
        scene=row["scene"] or "",
        slate=row["slate"] or "",
        take=row["take"] or "",
        ordinal=row["ordinal"] or 0,
        arrival=row["id"],
        state=State(row["state"] or State.CUT),
        rate=row["rate"] or "24",
        rolled_ns=row["rolled_ns"] or 0,
        cut_ns=row["cut_ns"],
        status=Status(row["status"] or Status.NONE),
        status_reason=row["status_reason"],
        kind=Kind(row["kind"] or Kind.NORMAL),
        mos=row["mos"] == 1,
        tail_slate=row["tail_slate"] == 1,
        slated_as=row["slated_as"],
        tc_in=row["tc_in"],
        tc_out=row["tc_out"],
        tc_source=row["tc_source"],
        duration_frames=row["duration_frames"],
        description=row["description"] or "",
        runs=tuple(_run(one) for one in belonging["run"]),
        notes=tuple(note(one, row["uid"].hex()) for one in belonging["note"]),
        tags=tuple(sorted({one["tag"] for one in belonging["tag"] if one["tag"]})),
        ratings={one["voter"]: one["value"] for one in belonging["rating"] if one["value"]},
        angles=tuple(_angles(belonging["angle"], belonging["clip"])),
        sound=tuple(_sound(belonging["sound_take"], belonging["sound"])),
        deleted=row["deleted"] == 1,
    )


def _run(row: RowMapping) -> Run:
    return Run(
        id=row["uid"].hex(),
        action=row["action"],
        cut=row["cut"],
        action_ns=row["action_ns"] or 0,
        cut_ns=row["cut_ns"],
    )


def note(row: RowMapping, take_id: str | None) -> Note:
    """A note's row as its value."""
    return Note(
        id=row["uid"].hex(),
        take_id=take_id,
        text=row["text"] or "",
        author=row["author"] or "",
        audience=Audience(row["audience"] or Audience.EDITOR),
        wall_ns=row["wall_ns"] or 0,
        tc=row["tc"],
        offset_ns=row["offset_ns"],
        mark=row["mark"] == 1,
        deleted=row["deleted"] == 1,
    )


def _angles(angles: Sequence[RowMapping], clips: Sequence[RowMapping]) -> Iterator[Angle]:
    by_camera: dict[str, list[Clip]] = defaultdict(list)
    for one in clips:
        by_camera[one["camera"] or ""].append(_clip(one))
    for row in sorted(angles, key=lambda one: str(one["camera"])):
        yield Angle(
            camera=row["camera"] or "",
            roll=row["roll"],
            start=row["start"],
            end=row["end"],
            rating=row["rating"],
            lens=row["lens"],
            clips=tuple(by_camera.pop(row["camera"] or "", ())),
        )
    for camera, rest in sorted(by_camera.items()):
        yield Angle(camera=camera, clips=tuple(rest))


def _clip(row: RowMapping) -> Clip:
    return Clip(
        id=row["uid"].hex(),
        name=row["name"] or "",
        path=row["path"] or "",
        camera=row["camera"] or "",
        tc_in=row["tc_in"],
        tc_source=row["tc_source"],
        rate=row["rate"] or "24",
        duration_frames=row["duration_frames"],
        dropped=row["dropped"] or 0,
        interrupted=row["interrupted"] == 1,
        link=LinkState(row["link"]),
        method=row["method"] or "",
    )


def _sound(sound_takes: Sequence[RowMapping], files: Sequence[RowMapping]) -> Iterator[SoundTake]:
    by_device: dict[str, list[SoundFile]] = defaultdict(list)
    for one in files:
        by_device[one["device"] or ""].append(_sound_file(one))
    for row in sound_takes:
        device = row["device"] or ""
        yield SoundTake(device=device, roll=row["roll"], files=tuple(by_device.pop(device, ())))
    for device, rest in sorted(by_device.items()):
        yield SoundTake(device=device, files=tuple(rest))


def _sound_file(row: RowMapping) -> SoundFile:
    return SoundFile(
        id=row["uid"].hex(),
        name=row["name"] or "",
        path=row["path"] or "",
        device=row["device"] or "",
        tc_in=row["tc_in"],
        tc_source=row["tc_source"],
        rate=row["rate"] or "24",
        duration_frames=row["duration_frames"],
        samples=row["samples"],
        sample_rate=row["sample_rate"],
        tracks=texts(row["tracks"]),
        interrupted=row["interrupted"] == 1,
        link=LinkState(row["link"]),
        method=row["method"] or "",
    )


def texts(encoded: str | None) -> tuple[str, ...]:
    """A list that was kept as JSON."""
    found = json.loads(encoded) if encoded else []
    return tuple(str(one) for one in found) if isinstance(found, list) else ()
