"""Verbs of `onset log` that look back: list, search, show, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb
from onset.cli.log_filters import add_options, filter_asked
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.cli.log_desk import Printed
    from onset.domain.take import Take
    from onset.logbook.as_json import Json
    from onset.logbook.terms import TakeFilter, Undone


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    listed = verb("list", "takes, newest first", _list)
    listed.add_argument("query", nargs="*", metavar="QUERY", help="status:circled camera:B lacks:sound door")
    add_options(listed)
    verb("show", "one take with everything that belongs to it", _show, "TAKE")
    search = verb("search", "takes with these words in notes, labels, tags, rolls, clips, scene or setup", _search)
    search.add_argument("text", nargs="+", metavar="WORDS", help="every one, by its beginning; nothing is an operator")
    add_options(search)
    verb("undo", "take back this seat's newest edit", _undo, moves_links=True)
    verb("redo", "do again what undo took back", _redo, moves_links=True)


def _takes(desk: Desk, wanted: TakeFilter) -> Printed:
    from onset.cli.log_lines import take_lines
    from onset.logbook.as_json import take_json

    if wanted.text and wanted.text.strip() and not any(map(str.isalnum, wanted.text)):
        nothing = f'No takes: "{safe_text(wanted.text.strip())}" has no letter and no digit to look for.'
        return {"takes": [], "broken_off": [], "more": 0}, [nothing]
    found = desk.log.takes(wanted)
    left = desk.broken_off()
    why = _why(desk, found, wanted.text) if wanted.text and not desk.args.json else {}
    more = desk.log.count_takes(wanted) - len(found) if wanted.limit is not None and len(found) >= wanted.limit else 0
    document: dict[str, Json] = {"takes": [take_json(take) for take in found], "broken_off": [take.id for take in left]}
    document["more"] = more
    return document, [*take_lines(found, left, why), *([f"{more} more; --limit 0 shows all."] if more else [])]


def _why(desk: Desk, found: Sequence[Take], typed: str) -> dict[str, list[str]]:
    """What a take was found by and its line would not show, by its id."""
    from onset.cli.log_lines import take_lines
    from onset.logbook.around import folded, said_around, words_typed

    words = words_typed(typed)
    lines = [folded(line) for line in take_lines(found)[1:]]
    hidden = {take.id: [word for word in words if word not in line] for take, line in zip(found, lines, strict=True)}
    around = said_around(desk.log, [take for take in found if hidden[take.id]])
    return {
        take_id: [text for text in texts if any(word in folded(text) for word in hidden[take_id])]
        for take_id, texts in around.items()
    }


def _list(desk: Desk) -> Printed:
    from onset.logbook.query import terms

    return _takes(desk, filter_asked(desk, terms(" ".join(desk.args.query))))


def _search(desk: Desk) -> Printed:
    from onset.logbook.query import Term

    return _takes(desk, filter_asked(desk, [Term(None, tuple(desk.args.text))]))


def _show(desk: Desk) -> Printed:
    from onset.cli.log_lines import whole_take
    from onset.logbook.as_json import take_json
    from onset.media import thumbnails_there

    take = desk.take()
    clips = [clip for angle in take.angles for clip in angle.clips]
    small = {clip.path: thumbnails_there(desk.log.folder, clip) for clip in clips}
    thumbnails: dict[str, Json] = {clip.id: [*small[clip.path]] for clip in clips}
    return {"take": take_json(take), "thumbnails": thumbnails}, whole_take(take, small)


def _undo(desk: Desk) -> Printed:
    done = desk.log.undo(wall_ns=desk.clock.wall_ns())
    return _turned(done)


def _redo(desk: Desk) -> Printed:
    done = desk.log.redo(wall_ns=desk.clock.wall_ns())
    return _turned(done)


def _turned(done: Undone) -> Printed:
    from onset.logbook.as_json import take_json

    return {"take": take_json(done.take) if done.take else None, "sentence": done.sentence}, [f"{done.sentence}."]
