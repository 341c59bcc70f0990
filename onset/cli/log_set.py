"""Verbs of `onset log` on the production: its settings, people, units and episodes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from onset.cli.find import load_config
from onset.cli.log_desk import Desk, Verb
from onset.errors import ConfigError, UsageError
from onset.slate import check_label
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.domain.production import Episode, Person, Production, Unit

_OF_CONFIG = ("title", "company", "director")


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    production = verb("production", "what is said of the production: title, director, paper …", _production)
    production.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="change it")
    person = verb("person", "somebody who works on the production", _person, "NAME")
    person.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="role, department, unit, phone, email, note")
    person.add_argument("--remove", action="store_true", help="take the person off the list")
    verb("people", "who works on the production", _people)
    unit = verb("unit", "add a unit with its own days, board and rolls, or change one", _unit, "NAME")
    unit.add_argument("--prefix", metavar="X", help="before the slates it proposes; empty: none")
    verb("units", "the units", _units)
    episode = verb("episode", "the episodes; with E one of them, with fields to change it", _episode)
    episode.add_argument("episode", nargs="?", metavar="E")
    episode.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="title, note")


def _production(desk: Desk) -> Printed:
    from onset.cli.log_lines import folded
    from onset.cli.log_typed import values_of
    from onset.logbook.as_json_set import production_json

    fields = values_of("production", desk.args.fields)
    production = desk.log.set_production(fields) if fields else desk.log.production()
    _warn_of_config(desk, production)
    shown = production_json(production)
    del shown["id"]
    said = {name.replace("_", " "): _shown(value) for name, value in shown.items() if value is not None}
    lines = [line for name, value in said.items() for line in folded(f"{name:<18}", value)]
    return {"production": production_json(production)}, lines


def _shown(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def _warn_of_config(desk: Desk, production: Production) -> None:
    """The log is what counts; a configuration that says otherwise misleads whoever reads it."""
    try:
        said = load_config(desk.production).production
    except ConfigError:
        return
    for name in _OF_CONFIG:
        ours, theirs = getattr(production, name), getattr(said, name)
        if theirs and ours and theirs != ours:
            sentence = f'config.toml says {name} = "{theirs}"; what the log says counts: "{ours}".'
            print(f"onset: {safe_text(sentence)}", file=sys.stderr)


def _person(desk: Desk) -> Printed:
    from onset.cli.log_typed import values_of
    from onset.logbook.as_json_set import person_json

    if desk.args.remove:
        if desk.args.fields:
            raise UsageError("Somebody is either taken off the list or changed, not both.")
        desk.log.remove_person(desk.args.name)
        return {"person": None}, [f"{desk.args.name.strip()} is off the list."]
    person = desk.log.set_person(desk.args.name, values_of("person", desk.args.fields))
    return {"person": person_json(person)}, _person_lines(person)


def _people(desk: Desk) -> Printed:
    from onset.logbook.as_json_set import person_json

    found = desk.log.people()
    lines = [line for one in found for line in _person_lines(one)]
    return {"people": [person_json(one) for one in found]}, lines or ["Nobody yet."]


def _person_lines(person: Person) -> list[str]:
    from onset.cli.log_lines import folded

    also = (person.role, person.department, person.unit, person.phone, person.email, person.note)
    return folded(f"{person.name:<24}", ", ".join(each for each in also if each))


def _unit(desk: Desk) -> Printed:
    from onset.logbook.as_json_set import unit_json

    wanted = desk.args.name.strip().casefold()
    known = next((unit for unit in desk.log.units() if unit.name.casefold() == wanted), None)
    fields = {} if desk.args.prefix is None else {"slate_prefix": desk.args.prefix or None}
    unit = desk.log.add_unit(desk.args.name, fields) if known is None else desk.log.set_unit(known.name, fields)
    return {"unit": unit_json(unit)}, [_unit_line(unit)]


def _units(desk: Desk) -> Printed:
    from onset.logbook.as_json_set import unit_json

    found = desk.log.units()
    return {"units": [unit_json(unit) for unit in found]}, [_unit_line(unit) for unit in found]


def _unit_line(unit: Unit) -> str:
    return f"{unit.name:<24} slates begin with {unit.slate_prefix}" if unit.slate_prefix else unit.name


def _episode(desk: Desk) -> Printed:
    from onset.cli.log_typed import values_of
    from onset.errors import RefusedError
    from onset.logbook.as_json_set import episode_json

    wanted, words = desk.args.episode, desk.args.fields
    if wanted is not None:
        wanted = check_label(wanted, "episode")
    if words:
        episode = desk.log.set_episode(wanted, values_of("episode", words))
        return {"episode": episode_json(episode)}, _episode_lines(episode)
    found = desk.log.episodes()
    if wanted is None:
        none = ['No episodes; "onset log next --episode 101" puts one on the board.']
        return {"episodes": [episode_json(one) for one in found]}, [
            line for one in found for line in _episode_lines(one)
        ] or none
    for episode in found:
        if episode.number == wanted:
            return {"episode": episode_json(episode)}, _episode_lines(episode)
    raise RefusedError(f'There is no episode {safe_text(wanted)} yet; "onset log episode {safe_text(wanted)} title=…".')


def _episode_lines(episode: Episode) -> list[str]:
    from onset.cli.log_lines import folded

    note = f"  ({episode.note})" if episode.note else ""
    return folded(f"{episode.number:<8}", f"{episode.title}{note}")
