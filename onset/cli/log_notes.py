"""Notes of `onset log` that are not about one take, and the verb that finds notes of all sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb, count

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.domain.note import AnchoredNote

_ANCHORS = ("take", "setup", "scene", "moment")


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    notes = verb("notes", "notes and marks on takes, setups, scenes and moments, oldest first", _notes)
    notes.add_argument("--day", type=count, metavar="N")
    notes.add_argument("--audience", choices=("editor", "production", "private"))
    notes.add_argument("--anchor", choices=_ANCHORS, help="what they are about")
    notes.add_argument("--text", metavar="WORDS", help="with all these words")
    notes.add_argument("--all-units", action="store_true", help="not of one unit only")
    notes.add_argument("--limit", type=count, default=200, metavar="N", help="at most so many (default: 200; 0: all)")


def note_elsewhere(desk: Desk) -> Printed | None:
    """A note on `setup:42C`, `scene:101:42` or `at:10:20:00:00`; None where it is on a take."""
    from onset.domain.note import Audience
    from onset.logbook.as_json_script import note_json

    kind, colon, name = desk.args.take.partition(":")
    if not colon or kind not in ("setup", "scene", "at"):
        return None
    text, author, audience = desk.args.text, desk.args.author, Audience(desk.args.audience)
    made: AnchoredNote
    if kind == "at":
        made = desk.log.note_moment(name, text, unit=desk.unit, audience=audience, author=author)
    elif kind == "setup":
        *before, slate = name.split(":", 1)
        episode = (before[0] or None) if before else desk.episode
        made = desk.log.note_setup(slate, text, episode=episode, unit=desk.unit, audience=audience, author=author)
    else:
        number, episode = desk.scene(name)
        made = desk.log.note_scene(number, text, episode=episode, unit=desk.unit, audience=audience, author=author)
    where = "at" if kind == "at" else f"on {kind}"
    return {"note": note_json(made)}, [f"Noted {where} {made.about}."]


def _notes(desk: Desk) -> Printed:
    from onset.cli.log_script_lines import note_lines
    from onset.domain.note import Anchor, Audience
    from onset.logbook.as_json_script import note_json
    from onset.logbook.terms import NoteFilter

    args = desk.args
    found = desk.log.notes(
        NoteFilter(
            unit=None if args.all_units else desk.unit,
            day=args.day,
            audience=Audience(args.audience) if args.audience else None,
            anchor=Anchor(args.anchor) if args.anchor else None,
            text=args.text,
            limit=args.limit if args.limit > 0 else None,
        )
    )
    return {"notes": [note_json(one) for one in found]}, note_lines(found)
