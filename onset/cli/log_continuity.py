"""Verbs of `onset log` on continuity: what a character wore, and what was written of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb
from onset.errors import UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.logbook.terms import Value


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    made = verb("continuity", "how a character looks in a scene: ask, or write", _continuity)
    made.add_argument("character", nargs="?", metavar="CHARACTER", help="whose (default: everybody's)")
    made.add_argument(
        "fields",
        nargs="*",
        metavar="FIELD=VALUE",
        help="wardrobe, hair_makeup, props, action, note: what is not said is as in the scene before",
    )
    made.add_argument("--scene", metavar="N", help="the scene asked about, or written of")
    made.add_argument("--episode", metavar="E", help="its episode (default: the board's)")
    made.add_argument("--story-day", metavar="D1", help="of a page; or of the scene, where the script does not say it")
    made.add_argument("--search", metavar="WORDS", help="entries with these words")
    made.add_argument("--as-before", action="store_true", help="write it as it was in the scene before")
    made.add_argument("--delete", action="store_true", help="hide the entry; nothing is erased")


def _continuity(desk: Desk) -> Printed:
    from onset.cli.log_continuity_lines import page_lines
    from onset.logbook.as_json_continuity import continuity_json

    args = desk.args
    if args.character is not None and "=" in args.character:
        raise UsageError(f'Say whose it is before "{safe_text(args.character)}", as in MARA wardrobe="navy coat".')
    writes = bool(args.fields) or args.as_before
    if (writes or args.delete) and (args.character is None or args.scene is None):
        raise UsageError("Say whose continuity of which scene it is, as in MARA --scene 41.")
    if (writes + args.delete + (args.search is not None)) > 1:
        raise UsageError("Write an entry, delete it, or search: one at a time.")
    if args.delete:
        return _delete(desk)
    if writes:
        return _write(desk)
    if args.character is not None and args.scene is not None and args.search is None:
        return _look(desk)
    entries = desk.log.continuity(
        character=args.character,
        scene=args.scene,
        episode=args.episode,
        story_day=args.story_day,
        text=args.search,
    )
    return {"entries": [continuity_json(entry) for entry in entries]}, page_lines(entries)


def _episode(desk: Desk) -> str | None:
    """As on the board, where nobody says another."""
    said: str | None = desk.args.episode
    return desk.log.board(desk.unit).episode if said is None else said or None


def _write(desk: Desk) -> Printed:
    from onset.cli.log_continuity_lines import carried_line, look_lines
    from onset.logbook.as_json_continuity import continuity_json
    from onset.logbook.fields import from_text

    args = desk.args
    fields: dict[str, Value] = {}
    for word in args.fields:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f'"{safe_text(word)}" is not FIELD=VALUE, as in wardrobe="navy coat".')
        fields[name] = from_text("continuity", name, value)
    if args.story_day is not None:
        fields["story_day"] = from_text("continuity", "story_day", args.story_day)
    entry = desk.log.write_continuity(args.character, args.scene, fields, episode=_episode(desk))
    lines = look_lines(entry)
    if entry.carried:
        lines.append(carried_line(entry))
    return {"entry": continuity_json(entry)}, lines


def _delete(desk: Desk) -> Printed:
    args = desk.args
    desk.log.delete_continuity(args.character, args.scene, episode=_episode(desk))
    return {"entry": None}, [
        f'Continuity of {args.character} in scene {args.scene} deleted; "onset log undo" undoes it.'
    ]


def _look(desk: Desk) -> Printed:
    from onset.cli.log_continuity_lines import look_lines
    from onset.logbook.as_json_continuity import continuity_json

    args = desk.args
    entry = desk.log.look(args.character, args.scene, episode=_episode(desk), story_day=args.story_day)
    if entry is not None:
        return {"entry": continuity_json(entry)}, look_lines(entry)
    return {"entry": None}, _nothing(desk)


def _nothing(desk: Desk) -> list[str]:
    """What is not known, and what would help."""
    args = desk.args
    if not desk.log.continuity(character=args.character):
        return [f"Nothing is written of {args.character}."]
    on = f" on {args.story_day}" if args.story_day else " on its story day"
    lines = [f"Nothing is written of {args.character} in scene {args.scene}, nor before it{on}."]
    return lines if args.story_day else [*lines, "Where the script does not say the story day, --story-day D1 does."]
