"""The production, its people, units, episodes, days and rolls as JSON; absent is null, never left out."""

from __future__ import annotations

from onset.domain.card import Roll
from onset.domain.production import Day, DayStamp, Episode, Jam, Person, Production, Unit
from onset.logbook.as_json import Json, iso


def production_json(production: Production) -> dict[str, Json]:
    """What is said of the production; `rate` as the configuration spells it."""
    return {
        "id": production.id,
        "title": production.title,
        "rate": production.rate.name,
        "slating": production.slating,
        "skip_letters": production.skip_letters,
        "overflow": str(production.overflow),
        "false_start_counts": production.false_start_counts,
        "code": production.code or None,
        "company": production.company or None,
        "director": production.director or None,
        "dp": production.dp or None,
        "mixer": production.mixer or None,
        "script_supervisor": production.script_supervisor or None,
        "editor": production.editor or None,
        "focus_units": production.focus_units or None,
        "paper": production.paper or None,
    }


def person_json(person: Person) -> dict[str, Json]:
    """Somebody who works on the production."""
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role or None,
        "department": person.department or None,
        "unit": person.unit or None,
        "phone": person.phone or None,
        "email": person.email or None,
        "note": person.note or None,
    }


def unit_json(unit: Unit) -> dict[str, Json]:
    """A crew with its own days, board and rolls."""
    return {"id": unit.id, "name": unit.name, "slate_prefix": unit.slate_prefix or None}


def episode_json(episode: Episode) -> dict[str, Json]:
    """An episode of a series."""
    return {"number": episode.number, "title": episode.title or None, "note": episode.note or None}


def day_json(day: Day) -> dict[str, Json]:
    """A shooting day; `ended_at` is null while it is open."""
    return {
        "id": day.id,
        "unit": day.unit,
        "day": day.number,
        "date": day.date,
        "ended_at": iso(day.wrapped_ns) if day.wrapped_ns is not None else None,
        "location": day.location or None,
        "weather": day.weather or None,
        "timezone": day.timezone or None,
        "note": day.note or None,
    }


def day_stamp_json(stamp: DayStamp) -> dict[str, Json]:
    """A moment of a day; `derived` where the takes propose it and nobody stamped it."""
    return {
        "id": stamp.id or None,
        "unit": stamp.unit,
        "day": stamp.day,
        "what": str(stamp.what),
        "at": iso(stamp.wall_ns),
        "derived": stamp.derived,
        "note": stamp.note or None,
    }


def jam_json(jam: Jam) -> dict[str, Json]:
    """A device's clock set to the master's."""
    return {
        "id": jam.id,
        "unit": jam.unit,
        "day": jam.day,
        "device": jam.device,
        "at": iso(jam.wall_ns),
        "tc": jam.tc,
        "note": jam.note or None,
    }


def roll_json(roll: Roll) -> dict[str, Json]:
    """A camera or sound roll in its life."""
    return {
        "id": roll.id,
        "unit": roll.unit,
        "label": roll.label,
        "device": roll.device or None,
        "day": roll.day,
        "state": str(roll.state),
        "serial": roll.serial or None,
        "holder": roll.holder or None,
        "note": roll.note or None,
        "loaded_at": iso(roll.loaded_ns) if roll.loaded_ns is not None else None,
        "pulled_at": iso(roll.pulled_ns) if roll.pulled_ns is not None else None,
        "changed_at": iso(roll.changed_ns) if roll.changed_ns is not None else None,
        "card": roll.card,
    }
