"""What a person says on the Review screen: whose file it is, why departments differ, ratings, tags, filters."""

from __future__ import annotations

from collections.abc import Sequence

from onset.domain.camera import LinkState
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from tui.seen import Seen

_SAID = {"circled": "circles", "hold": "holds", "ng": "calls no good:"}


def confirm(log: Logbook, seen: Seen, *, take_id: str, media_id: str, name: str) -> str:
    """This file is of this take."""
    take = log.decide_link(take_id, media_id, LinkState.CONFIRMED)
    return f"{name} is {take.label}: linked."


def confirm_all(log: Logbook, seen: Seen, *, take_id: str, files: Sequence[tuple[str, str]]) -> str:
    """These files (id, name) are of this take."""
    label = ""
    for media_id, _ in files:
        label = log.decide_link(take_id, media_id, LinkState.CONFIRMED).label
    names = ", ".join(name for _, name in files)
    return f"{names} are {label}: linked. Undo takes back one after the other."


def refuse(log: Logbook, seen: Seen, *, take_id: str, media_id: str, name: str) -> str:
    """This file is not of this take."""
    take = log.decide_link(take_id, media_id, LinkState.REFUSED)
    return f"{name} is not {take.label}: refused."


def instead(log: Logbook, seen: Seen, *, take_id: str, media_id: str, name: str, old: tuple[str, str] | None) -> str:
    """This file is of this take, and the one that was asked about (id, name) is not."""
    if old is None or old[0] == media_id:
        return confirm(log, seen, take_id=take_id, media_id=media_id, name=name)
    log.decide_link(take_id, old[0], LinkState.REFUSED)
    take = log.decide_link(take_id, media_id, LinkState.CONFIRMED)
    return f"{name} is {take.label}, {old[1]} is not. Undo takes back one after the other."


def of_take(log: Logbook, seen: Seen, text: str, *, media_id: str, name: str, unit: str) -> str:
    """A file without a take is of the take that was typed."""
    take = log.find_take(text.strip(), unit=unit)
    return confirm(log, seen, take_id=take.id, media_id=media_id, name=name)


def explain(log: Logbook, seen: Seen, text: str, *, key: str, unit: str, day: int) -> str:
    """Why departments differ; an empty text takes the reason back."""
    log.explain(key, text.strip(), unit=unit, day=day)
    return f"Explained: {text.strip()}" if text.strip() else "No longer explained: it is open again."


def rate(log: Logbook, seen: Seen, *, take_ids: Sequence[str], voter: str, value: str) -> str:
    """What a voter says of takes; the same again takes it back, of several where all of them have it."""
    before = [log.take(take_id) for take_id in take_ids]
    again = all(take is not None and take.ratings.get(voter) == value for take in before)
    takes = log.rate_takes(take_ids, voter, None if again else value)
    if again:
        return f"{voter} says nothing of {_called(takes)} any more."
    return f"{voter} {_SAID[value]} {_called(takes)}."


def _called(takes: Sequence[Take]) -> str:
    return takes[0].label if len(takes) == 1 else f"{len(takes)} takes"


def tag(log: Logbook, seen: Seen, text: str, *, take_ids: Sequence[str]) -> str:
    """Words with commas between; `-word` takes one off, of several takes off those that have it."""
    words = [each.strip() for each in text.split(",") if each.strip()]
    add = [each for each in words if not each.startswith("-")]
    remove = [each[1:].strip() for each in words if each.startswith("-")]
    if not words or not all(remove):
        raise RefusedError('No tag was typed; write "eyeline, push" or "-push" to take one off.')
    if len(take_ids) == 1:
        take = log.tag(take_ids[0], add=add, remove=remove)
        return f"{take.label}: {', '.join(take.tags) or 'no tags'}."
    takes = log.tag_takes(take_ids, add=add, remove=remove)
    said = ([f"tagged {', '.join(add)}"] if add else []) + ([f"no longer {', '.join(remove)}"] if remove else [])
    return f"{_called(takes)} {'; '.join(said)}."


def keep_filter(log: Logbook, seen: Seen, text: str, *, query: str) -> str:
    """What the list is narrowed to, under the name that was typed."""
    before = {each.name.casefold(): each.query for each in log.filters()}.get(text.strip().casefold())
    kept = log.save_filter(text, query)
    was = f" (it was {before})" if before is not None and before != kept.query else ""
    return f'"{kept.name}" is a filter of every seat now: {kept.query}{was}'


def delete_filter(log: Logbook, seen: Seen, *, name: str) -> str:
    """A filter that somebody saved."""
    return f'Filter "{log.delete_filter(name).name}" is deleted for every seat; undo brings it back.'
