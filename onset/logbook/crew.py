"""The production as it may change while it is shot: what is said of it, its people, its further units, its episodes."""

from __future__ import annotations

from collections.abc import Mapping

from onset.changes import Value, checked, derived_id, new_id
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields
from onset.slate import check_label, check_prefix
from onset.text import safe_text

_LONGEST_NAME = 200  # characters
# Every take of the log is numbered and timed by them.
_FIXED = {"rate": "The rate is", "slating": "The slating is", "skip_letters": "The skipped letters are"}


def set_production(tx: Transaction, fields: Mapping[str, Value]) -> None:
    """Change what is said of the production."""
    for name, what in _FIXED.items():
        if name in fields:
            raise RefusedError(f'{what} fixed when a production is made; "onset new" makes one with others.')
    row = tx.newest("production", {})
    if row is None:
        raise RefusedError('This log names no production; it is damaged: run "onset doctor".')
    values = checked_fields("production", fields)
    if isinstance(values.get("title"), str) and not str(values["title"]).strip():
        raise RefusedError("The title of a production cannot be empty.")
    tx.set("production", row.id, values)


def add_unit(tx: Transaction, name: str, fields: Mapping[str, Value]) -> None:
    """A further unit. Two seats apart that add one of the same name meet in one row."""
    name = check_label(name, "unit")
    for row in tx.find("unit", {}):
        if row.text("name").casefold() == name.casefold():
            raise RefusedError(f'There is a unit "{safe_text(row.text("name"))}" already.')
    values = _of_unit(fields)
    tx.add("unit", {"name": name, "deleted": 0, **values}, derived_id("unit", name).hex())


def set_unit(tx: Transaction, name: str, fields: Mapping[str, Value]) -> None:
    """Change a unit."""
    named = tx.find("unit", {"name": name})
    if not named:
        known = ", ".join(row.text("name") for row in tx.find("unit", {}))
        raise RefusedError(f'There is no unit "{safe_text(name)}"; there is {safe_text(known)}.')
    tx.set("unit", named[0].id, _of_unit(fields))


def _of_unit(fields: Mapping[str, Value]) -> dict[str, Value]:
    values = checked_fields("unit", fields)
    prefix = values.get("slate_prefix")
    if isinstance(prefix, str):
        values["slate_prefix"] = check_prefix(prefix) or None
    return values


def has_shot(tx: Transaction, unit: str) -> bool:
    """Whether a unit has opened a day."""
    return tx.newest("day", {"unit": unit}) is not None


def set_person(tx: Transaction, name: str, fields: Mapping[str, Value]) -> str:
    """Change what is said of a person, added where nobody has that name; returns the person's id."""
    name = _person_name(name)
    values = checked_fields("person", fields)
    if isinstance(values.get("name"), str):
        values["name"] = _person_name(str(values["name"]))
    known = _person(tx, name)
    called = _person(tx, str(values.get("name", name)))
    if called is not None and (known is None or called.id != known.id):
        raise RefusedError(f'There is somebody called "{safe_text(called.text("name"))}" already.')
    if known is not None:
        tx.set("person", known.id, values)
        return known.id
    person_id = derived_id("person", name.casefold()).hex()
    there = tx.get("person", person_id)
    if there is not None and not there.flag("deleted"):  # somebody who was renamed since
        person_id = new_id(tx.wall_ns).hex()
    tx.add("person", {"name": name, "deleted": 0, **values}, person_id)
    return person_id


def remove_person(tx: Transaction, name: str) -> None:
    """Take somebody off the list."""
    known = _person(tx, _person_name(name))
    if known is None:
        raise RefusedError(f'Nobody called "{safe_text(name.strip())}" is on the list; see "onset log people".')
    tx.set("person", known.id, {"deleted": 1})


def _person(tx: Transaction, name: str) -> Row | None:
    return next((row for row in tx.find("person", {}) if row.text("name").casefold() == name.casefold()), None)


def _person_name(name: str) -> str:
    name = str(checked(name.strip(), "The name of a person"))
    if not name:
        raise RefusedError("Say the person's name.")
    if len(name) > _LONGEST_NAME:
        raise RefusedError(f"A name has at most {_LONGEST_NAME} characters.")
    return name


def set_episode(tx: Transaction, number: str, fields: Mapping[str, Value]) -> str:
    """Change what is said of an episode, made where there is none; returns its number."""
    number = check_label(number, "episode")
    episode_id = derived_id("episode", number).hex()
    tx.add("episode", {"number": number, "deleted": 0}, episode_id)
    tx.set("episode", episode_id, checked_fields("episode", fields))
    return number
