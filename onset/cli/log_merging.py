"""Verbs of `onset log` for logs that were brought together: conflicts, resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb
from onset.errors import RefusedError
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.cli.log_desk import Printed
    from onset.logbook.merging import Pick
    from onset.logbook.terms import Conflict

_EVERY_FIELD = "all"


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    verb("conflicts", "fields that seats changed without seeing each other", _conflicts)
    resolve = verb("resolve", "end a conflict: say what stands", _resolve, "TAKE", moves_links=True)
    resolve.add_argument("field", metavar="FIELD", help='as "onset log conflicts" names it, or all')
    resolve.add_argument("value", metavar="VALUE|N", help="what it shall be, or the number of one of its values")


def _conflicts(desk: Desk) -> Printed:
    from onset.cli.log_merging_lines import conflict_lines
    from onset.logbook.as_json import conflict_json

    found = desk.log.conflicts()
    return {"conflicts": [conflict_json(conflict) for conflict in found]}, conflict_lines(found)


def _resolve(desk: Desk) -> Printed:
    from onset.logbook.as_json import take_json
    from onset.logbook.conflict_words import conflict_name
    from onset.logbook.fields import value_words

    args = desk.args
    found = _meant(desk)
    if args.field == _EVERY_FIELD:
        picks = [_pick(conflict, args.value, place_only=True) for conflict in found]
        whose = found[0].take.label if found[0].take else found[0].about or args.take
        said = f"{len(found)} conflicts of {safe_text(whose)} are resolved."
    else:
        picks = [_pick(found[0], args.value)]
        said = f"{conflict_name(found[0])} is {value_words(found[0].entity, found[0].field, picks[0].value)}."
    take = desk.log.resolve(picks)
    return {"take": take_json(take) if take else None, "sentence": said}, [said]


def _meant(desk: Desk) -> Sequence[Conflict]:
    """The conflicts that the arguments name: several only of `all`."""
    from onset.logbook.fields import field_name

    wanted, field = desk.args.take, desk.args.field
    conflicts = desk.log.conflicts()
    of_thing = [one for one in conflicts if one.entity_id == wanted]
    if not of_thing:
        take = desk.take()
        of_thing = [one for one in conflicts if one.take is not None and one.take.id == take.id]
    if field == _EVERY_FIELD:
        found = of_thing
    else:
        named = [(one, field_name(one.entity, one.field)) for one in of_thing]
        found = [one for one, name in named if field in (name, one.field, f"{one.entity}.{one.field}")]
    if not found:
        there = ", ".join(dict.fromkeys(field_name(one.entity, one.field) for one in of_thing))
        hint = f"in conflict there: {there}" if there else '"onset log conflicts" lists all'
        raise RefusedError(f"{safe_text(wanted)} {safe_text(field)} is not in conflict; {safe_text(hint)}.")
    if len(found) > 1 and field != _EVERY_FIELD:
        ids = ", ".join(f"{one.entity} {one.entity_id}" for one in found)
        raise RefusedError(
            f"Several things of {safe_text(wanted)} have that in conflict; give an id: {safe_text(ids)}."
        )
    return found


def _pick(conflict: Conflict, text: str, *, place_only: bool = False) -> Pick:
    """The value that is meant: one of those there are, as it is shown or by its number, or another one."""
    from onset.logbook.fields import from_text
    from onset.logbook.merging import Pick

    said = {("" if value is None else str(value)): value for value in conflict.values}
    if text in said and not place_only:
        value = said[text]
    elif text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= len(conflict.values):
        value = conflict.values[int(text) - 1]
    elif place_only:
        raise RefusedError(f'"{safe_text(text)}" is not the number of a value that each of them has.')
    else:
        value = from_text(conflict.entity, conflict.field, text)
    return Pick(entity=conflict.entity, entity_id=conflict.entity_id, field=conflict.field, value=value)
