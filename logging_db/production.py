"""Questions about what a take stands in: production, days, board, cards, events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.engine import RowMapping

from logging_db import files, questions, script
from logging_db.rows import things
from logging_db.schema import projections, take
from onset.domain.camera import CameraOnBoard
from onset.domain.card import Card, Copy, FoundBad
from onset.domain.production import Day, Production, SlatingSystem
from onset.domain.take import Board, Kind
from onset.errors import LogError
from onset.logbook.board import board_id
from onset.logbook.terms import Event
from onset.slate import Overflow, next_take
from onset.timecode import rate

_SAID_OF_PRODUCTION = (
    *("title", "code", "company", "director", "dp", "mixer", "script_supervisor", "editor", "focus_units", "paper"),
)
_EMPTY_BOARD: dict[str, Any] = dict.fromkeys(column.name for column in projections["board"].columns)
# Numbers of a slate's takes; `kind`: those of this kind do not count.
_NUMBERS = select(take.c.take).where(
    take.c.slate == bindparam("slate"),
    take.c.deleted.is_not(1),
    take.c.episode.is_not_distinct_from(bindparam("episode")),
    func.coalesce(take.c.kind, str(Kind.NORMAL)) != bindparam("kind"),
)
_RAISED_BY = (
    "SELECT s.uid FROM entity n JOIN change c ON c.entity = n.id JOIN field_name f ON f.id = c.field "
    "JOIN seat_id s ON s.id = c.seat WHERE n.uid = ? AND f.name = 'wall_ns' AND c.base_seat IS NULL"
)


def production(connection: Connection) -> Production:
    """What the log is the log of."""
    rows = things(connection, "production")
    if not rows:
        raise LogError('This log names no production; it is damaged: run "onset doctor".')
    row = rows[0]
    systems: dict[str, SlatingSystem] = {"us": "us", "eu": "eu", "none": "none"}
    return Production(
        id=row["uid"].hex(),
        rate=rate(row["rate"] or "24"),
        slating=systems.get(row["slating"] or "", "us"),
        skip_letters=row["skip_letters"] or "",
        overflow=next((one for one in Overflow if one == row["overflow"]), Overflow.AA_AB),
        false_start_counts=row["false_start_counts"] != 0,
        **{name: row[name] or "" for name in _SAID_OF_PRODUCTION},
    )


def days(connection: Connection, unit: str) -> list[Day]:
    """In order of their numbers."""
    rows = sorted(things(connection, "day", unit=unit), key=lambda row: int(row["number"] or 0))
    return [
        Day(
            id=row["uid"].hex(),
            unit=unit,
            number=row["number"] or 0,
            date=row["date"] or "",
            wrapped_ns=row["wrapped_ns"],
            location=row["location"] or "",
            weather=row["weather"] or "",
            timezone=row["timezone"] or "",
            note=row["note"] or "",
        )
        for row in rows
    ]


def board(connection: Connection, unit: str) -> Board:
    """What the unit's board shows."""
    rows = things(connection, "board", uid=bytes.fromhex(board_id(unit)))
    row: dict[str, Any] = {str(name): value for name, value in rows[0].items()} if rows else _EMPTY_BOARD
    episode, scene_number, slate = row["episode"], row["scene"] or "", row["slate"] or ""
    left_out = "" if production(connection).false_start_counts else str(Kind.FALSE_START)
    labels = [
        str(label) for (label,) in connection.execute(_NUMBERS, {"slate": slate, "episode": episode, "kind": left_out})
    ]
    known = days(connection, unit)
    open_day = next((day.number for day in known if day.wrapped_ns is None), None)
    found_scene = script.scene(connection, scene_number, episode)
    shot = [one for one in things(connection, "setup", slate=slate) if one["episode"] == episode] if slate else []
    cameras = sorted(things(connection, "board_camera", unit=unit), key=lambda one: str(one["camera"]))
    kind = Kind(row["kind"] or Kind.NORMAL)
    return Board(
        unit=unit,
        day=open_day or max((day.number for day in known), default=0) + 1,
        episode=episode,
        scene=scene_number,
        slate=slate,
        take=row["take"] or (next_take(labels) if slate else ""),
        kind=kind,
        mos=row["mos"] == 1 and kind is not Kind.WILD_TRACK,
        tail_slate=row["tail_slate"] == 1,
        heading=found_scene.heading if found_scene else "",
        cameras=tuple(
            CameraOnBoard(camera=one["camera"], roll=one["roll"], in_next=one["in_next"] == 1) for one in cameras
        ),
        sound_roll=row["sound_roll"],
        sound_in_next=row["sound_in_next"] != 0,
        rolling=next(iter(questions.rolling_here(connection, unit)), None),
        last_cut=questions.newest_here(connection, unit, cut=True),
        rehearsal_ns=shot[0]["rehearsal_ns"] if shot else None,
    )


def tags(connection: Connection) -> list[str]:
    """Most used first."""
    tag = projections["tag"]
    chosen = (
        select(tag.c.tag)
        .where(tag.c.deleted.is_not(1), tag.c.tag.is_not(None))
        .group_by(tag.c.tag)
        .order_by(func.count().desc(), tag.c.tag)
    )
    return [str(row[0]) for row in connection.execute(chosen)]


def cards(connection: Connection) -> list[Card]:
    """Newest offload first."""
    copies: dict[bytes, list[Copy]] = {}
    for one in things(connection, "card_copy"):
        copies.setdefault(one["card"], []).append(
            Copy(
                path=one["path"] or "",
                verified=one["verified"] or 0,
                failed=one["failed"] or 0,
                read_back=one["read_back"] or "",
                manifest=one["manifest"],
                disk=one["disk"],
                bad=_found_bad(one),
            )
        )
    found = [
        Card(
            id=row["uid"].hex(),
            label=row["label"] or "",
            fingerprint=row["fingerprint"] or "",
            files=row["files"] or 0,
            size=row["size"] or 0,
            verdict=row["verdict"] or "",
            reasons=files.texts(row["reasons"]),
            wall_ns=row["wall_ns"] or 0,
            copies=tuple(copies.get(row["uid"], ())),
            unit=row["unit"] or "Main",
            day=row["day"],
            camera=row["camera"] or "",
            reel=row["reel"] or "",
            cleared_by=row["cleared_by"] or "",
            cleared_ns=row["cleared_ns"],
            cleared_note=row["cleared_note"] or "",
            clips=row["clips"],
            supersedes=row["supersedes"].hex() if row["supersedes"] else None,
        )
        for row in things(connection, "card")
    ]
    return sorted(found, key=lambda card: card.wall_ns, reverse=True)


def _found_bad(row: RowMapping) -> FoundBad | None:
    if not row["bad"] or row["bad_of"] != row["manifest"]:
        return None
    return FoundBad(what=row["bad"], names=row["bad_names"] or "", at_ns=row["bad_ns"] or 0)


def events(connection: Connection, take_id: str | None, limit: int) -> list[Event]:
    """Newest first."""
    event = projections["event"]
    chosen = select(event).where(event.c.deleted.is_not(1)).order_by(event.c.id.desc()).limit(limit)
    if take_id is not None:
        chosen = chosen.where(event.c.owner == questions.numbered(bytes.fromhex(take_id)))
    return _events(connection, chosen)


def alarms(connection: Connection) -> list[Event]:
    """Alarms that last and are not over, oldest first."""
    event = projections["event"]
    lasts = event.c.last_ns.is_not(None) & event.c.cleared_ns.is_(None)
    found = _events(connection, select(event).where(event.c.deleted.is_not(1), lasts).order_by(event.c.id))
    return [replace(one, seat=_raised_by(connection, bytes.fromhex(one.id))) for one in found]


def _raised_by(connection: Connection, uid: bytes) -> str:
    found = connection.exec_driver_sql(_RAISED_BY, (uid,)).scalar()
    return found.hex() if isinstance(found, bytes) else ""


def _events(connection: Connection, chosen: Select[Any]) -> list[Event]:
    return [
        Event(
            wall_ns=row["wall_ns"] or 0,
            device=row["device"] or "",
            what=row["what"] or "",
            detail=row["detail"] or "",
            take_id=row["take"].hex() if row["take"] else None,
            alarm=row["alarm"] == 1,
            last_ns=row["last_ns"],
            cleared_ns=row["cleared_ns"],
            count=row["count"] or 1,
            id=row["uid"].hex(),
        )
        for row in connection.execute(chosen).mappings()
    ]
