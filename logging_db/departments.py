"""Questions about what other departments brought: files, their links, rows of reports, explained differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.engine import RowMapping

from logging_db import files
from logging_db.schema import projections, take
from onset.domain.camera import Clip, Link, LinkState, Source
from onset.domain.claim import Claim, ClaimSource, Explanation
from onset.domain.sound import SoundFile

_CLIP, _SOUND, _LINK = projections["clip"], projections["sound"], projections["link"]


def media(connection: Connection, unit: str, day: int | None) -> list[Clip | SoundFile]:
    """Files that are not our recorders', in order of name."""
    found: list[Clip | SoundFile] = []
    found += [_clip(row) for row in _of_day(connection, "clip", unit, day, not_empty="source")]
    found += [_sound(row) for row in _of_day(connection, "sound", unit, day, not_empty="source")]
    return sorted(found, key=lambda one: (one.name, one.path))


def links(connection: Connection, unit: str, day: int | None) -> list[Link]:
    """Links of the takes that are not deleted, refused ones too, in order of take and of their own arrival."""
    names = ("uid", "media", "state", "method", "evidence", "question", "decided_by", "reason")
    chosen: Select[Any] = (
        select(take.c.uid, *(_LINK.c[name] for name in names))
        .join(_LINK, _LINK.c.owner == take.c.id)
        .where(take.c.unit == unit, take.c.deleted.is_not(1), _LINK.c.deleted.is_not(1), _LINK.c.media.is_not(None))
        .order_by(take.c.id, _LINK.c.id)
    )
    if day is not None:
        chosen = chosen.where(take.c.day == day)
    return [
        Link(
            id=uid.hex(),
            take_id=take_uid.hex(),
            media_id=of.hex(),
            state=files.LINKS.get(state, LinkState.PROPOSED),
            method=method or "",
            evidence=evidence or "",
            question=question or "",
            decided_by=decided_by or "",
            reason=reason or "",
        )
        for take_uid, uid, of, state, method, evidence, question, decided_by, reason in connection.execute(chosen)
    ]


def claims(connection: Connection, unit: str, day: int | None) -> list[Claim]:
    """Rows of reports, in order of report and row."""
    found = [
        Claim(
            id=row["uid"].hex(),
            source=ClaimSource(row["source"] or ClaimSource.CAMERA),
            report=row["report"] or "",
            row=row["row"] or 0,
            unit=row["unit"] or "",
            day=row["day"] or 0,
            device=row["device"] or "",
            slate=row["slate"] or "",
            take=row["take"] or "",
            clip=row["clip"] or "",
            roll=row["roll"] or "",
            circled=flag(row["circled"]),
            mos=flag(row["mos"]),
            wild=flag(row["wild"]),
            tc_in=row["tc_in"],
            duration_frames=row["duration_frames"],
            rate=row["rate"] or "",
            note=row["note"] or "",
        )
        for row in _of_day(connection, "claim", unit, day)
    ]
    return sorted(found, key=lambda one: (one.day, one.report, one.source, one.row))


def explanations(connection: Connection, unit: str, day: int | None) -> list[Explanation]:
    """Differences that a person has explained, the oldest first."""
    return [
        Explanation(
            id=row["uid"].hex(),
            key=row["key"] or "",
            unit=row["unit"] or "",
            day=row["day"] or 0,
            text=row["text"] or "",
            author=row["author"] or "",
            wall_ns=row["wall_ns"] or 0,
        )
        for row in _of_day(connection, "explanation", unit, day)
    ]


def flag(value: int | None) -> bool | None:
    """None where nothing was said."""
    return None if value is None else value == 1


def _of_day(
    connection: Connection, kind: str, unit: str, day: int | None, *, not_empty: str | None = None
) -> Sequence[RowMapping]:
    table = projections[kind]
    chosen = select(table).where(table.c.unit == unit, table.c.deleted.is_not(1)).order_by(table.c.id)
    if day is not None:
        chosen = chosen.where(table.c.day == day)
    if not_empty is not None:
        chosen = chosen.where(table.c[not_empty].is_not(None))
    return connection.execute(chosen).mappings().all()


def _clip(row: RowMapping) -> Clip:
    return Clip(
        camera=row["camera"] or "",
        dropped=row["dropped"] or 0,
        fps=row["fps"],
        reel=row["reel"] or "",
        number=row["number"],
        **_common(row),
    )


def _sound(row: RowMapping) -> SoundFile:
    return SoundFile(
        device=row["device"] or "",
        samples=row["samples"],
        sample_rate=row["sample_rate"],
        tracks=files.texts(row["tracks"]),
        roll=row["roll"] or "",
        family=row["family"] or "",
        pre_record=row["pre_record"],
        circled=flag(row["circled"]),
        wild=flag(row["wild"]),
        note=row["note"] or "",
        **_common(row),
    )


def _common(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["uid"].hex(),
        "name": row["name"] or "",
        "path": row["path"] or "",
        "tc_in": row["tc_in"],
        "tc_source": row["tc_source"],
        "rate": row["rate"] or "24",
        "duration_frames": row["duration_frames"],
        "interrupted": row["interrupted"] == 1,
        "source": files.SOURCES.get(row["source"], Source.RECORDER),
        "card": row["card"].hex() if row["card"] else None,
        "unit": row["unit"] or "",
        "day": row["day"],
        "created_ns": row["created_ns"],
        "size": row["size"],
        "digest": row["digest"],
        "unreadable": row["unreadable"] or "",
        "named_scene": row["named_scene"] or "",
        "named_take": row["named_take"] or "",
    }
