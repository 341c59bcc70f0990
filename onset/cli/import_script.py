"""`onset import script`: a version of the script, from Final Draft, Fountain, or a list of scenes.

What it changes is shown first: scenes that are added, omitted, renumbered and changed, and which of them were credited.
What was shot and credited stays. One edit; `onset log undo` takes it back.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook, told
from onset.errors import UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.import_script_lines import Shown
    from onset.cli.main import CommandParser
    from onset.domain.script import ScriptVersion
    from onset.logbook.protocol import Logbook
    from onset.script.identity import KnownScene
    from onset.script.screenplay import Screenplay
    from onset.script.take_in import Incoming
    from onset.sheet import Sheet


def add_kind(kinds: argparse._SubParsersAction[CommandParser], examples: str) -> None:
    """Describe `onset import script`."""
    kind = kinds.add_parser("script", help="a version of the script", description=__doc__, epilog=examples)
    kind.add_argument("path", metavar="FILE", help="Final Draft (.fdx), Fountain, or a list of scenes (.csv)")
    kind.add_argument("--name", metavar="N", help="what the version is called (default: its colour, else the file)")
    kind.add_argument("--colour", metavar="C", help="of its pages (default: as the file says)")
    kind.add_argument("--date", metavar="D", help="as on its title page (default: as the file says)")
    kind.add_argument("--episode", metavar="E", help="whose script it is")
    kind.add_argument(
        "--demote",
        action="append",
        default=[],
        metavar="HEADING|LINE|#N",
        help="a heading that begins no scene, by its words, line or scene number; stays so in later versions",
    )
    kind.add_argument("--promote", action="append", default=[], metavar="HEADING", help="it does begin a scene again")
    kind.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=HEADING",
        help="which column of a list is which: scene, heading, int_ext, set, time, eighths, characters, …",
    )
    kind.add_argument("--dry-run", action="store_true", help="show what it would change, and write nothing")
    kind.add_argument("--yes", action="store_true", help="take it in without asking")
    kind.add_argument("--json", action="store_true", help="one JSON document; nothing is asked")
    kind.add_argument("--by", metavar="NAME", help="who brings it in, when it is not you")
    kind.add_argument("--role", metavar="R", default="script", help=argparse.SUPPRESS)
    kind.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")
    kind.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show what the version changes, and take it in.

    Raises:
        OnsetError: the file is no script, or the log does not take it; nothing was changed.
    """
    from onset.cli.asking import is_terminal
    from onset.cli.import_script_lines import document, end, lines

    production = find_production(args)
    path = Path(os.path.abspath(os.path.expanduser(args.path)))
    if not path.exists():
        raise UsageError(f"There is nothing at {safe_path(path)}; is the disk mounted?")
    read = _read(args, path)
    logbook = open_logbook(production, role=args.role, seat=args.seat, author=args.by)
    try:
        _check_episode(logbook, args.episode)
        asks = not (args.dry_run or args.yes or args.json) and is_terminal()
        shown = _look(args, logbook, path, read, write=not (asks or args.dry_run))
        asks = asks and not (shown.again and shown.empty)
        if asks and _agreed(args, logbook, path, read, shown):
            shown = _look(args, logbook, path, read, write=True)
    finally:
        logbook.close()
    if args.json:
        print(json.dumps(document(shown), indent=2))
    else:
        for line in [] if asks else lines(shown):
            print(line)
        print(end(shown))
    return told(logbook, 0 if shown.taken or args.dry_run else 1)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file, as far as it can be read without the log: a script, else a list of scenes with its table."""

    screenplay: Screenplay | None
    listed: Incoming
    sheet: Sheet | None
    digest: str


def _read(args: argparse.Namespace, path: Path) -> _Read:
    from onset.cli.import_ import columns_of
    from onset.script.files import LARGEST_TEXT, LISTS, digest_of, read_script, read_whole
    from onset.script.take_in import Incoming

    if path.suffix.lower() not in LISTS:
        if args.map:
            raise UsageError("--map is for a list of scenes, a CSV; a script says itself what is what.")
        found = read_script(path)
        return _Read(found.screenplay, Incoming(scenes=()), None, found.digest)
    if args.demote or args.promote:
        raise UsageError("--demote and --promote are for scripts; leave the row out of the list instead.")
    from onset.script.scene_list import COLUMNS, read_scene_list

    columns = columns_of(args.map, COLUMNS, 'scene="Sc. No"')
    digest = digest_of(read_whole(path, LARGEST_TEXT))
    listed = read_scene_list(path, columns)
    doubts = [*listed.doubts]
    if listed.passed_over:
        doubts.append(f"Rows without a scene were passed over: {', '.join(map(str, listed.passed_over[:20]))}")
    return _Read(None, Incoming(scenes=listed.scenes, doubts=tuple(doubts)), listed.sheet, digest)


def _check_episode(logbook: Logbook, episode: str | None) -> None:
    """A script of an episode must not take the place of the film's, nor the film's that of all episodes."""
    named = [one.number for one in logbook.episodes()]
    if episode is None and named:
        raise UsageError(
            f"This production has episodes ({safe_text(', '.join(named))}); say whose script with --episode."
        )


def _known(logbook: Logbook, episode: str | None) -> list[KnownScene]:
    from onset.script.identity import KnownScene

    return [
        KnownScene(
            number=scene.number,
            heading=scene.heading,
            omitted=scene.omitted,
            from_script=scene.version is not None,
            elements=tuple(logbook.script_elements(scene.number, episode=episode)),
        )
        for scene in logbook.scenes()
        if scene.episode == episode
    ]


def _look(args: argparse.Namespace, logbook: Logbook, path: Path, read: _Read, *, write: bool = False) -> Shown:
    """What the version changes in the log as it is now; `write` does it."""
    from onset.cli.import_files import as_text
    from onset.cli.import_script_lines import Shown
    from onset.script.take_in import prepare

    incoming = read.listed
    if read.screenplay is not None:
        known = _known(logbook, args.episode)
        incoming = prepare(read.screenplay, known, safe_path(path.name), demoted=args.demote, promoted=args.promote)
    version = _version(args, logbook, read, as_text(path.name))
    before = [scene for scene in logbook.scenes() if scene.episode == args.episode]
    credited = {one.scene_id for one in logbook.credits()}
    again = _newest_digest(logbook, args.episode) == read.digest
    diff = logbook.take_script(version, incoming.scenes, incoming.elements, preview=not write)
    return Shown(
        incoming,
        diff,
        known={scene.number: scene.heading for scene in before},
        credited=frozenset(scene.number for scene in before if scene.id in credited),
        shot=frozenset(setup.scene for setup in logbook.setups() if setup.shot and setup.episode == args.episode),
        sheet=read.sheet,
        again=again,
        taken=write,
        dry_run=args.dry_run,
    )


def _version(args: argparse.Namespace, logbook: Logbook, read: _Read, file: str) -> ScriptVersion:
    """Its name: as it was said, as the log has this very file, as its colour, as the file."""
    from onset.domain.script import ScriptVersion

    same = (one for one in logbook.versions() if one.digest == read.digest and one.episode == args.episode)
    before = next(same, None)
    of_file = read.screenplay
    colour = args.colour or (before.colour if before else "") or (of_file.colour if of_file else "")
    date = args.date or (before.date if before else "") or (of_file.date if of_file else "")
    name = args.name or (before.name if before else "") or colour.capitalize() or Path(file).stem
    return ScriptVersion(name=name, episode=args.episode, colour=colour, date=date[:100], file=file, digest=read.digest)


def _newest_digest(logbook: Logbook, episode: str | None) -> str:
    """Of the file that the log has as the last version."""
    return next((one.digest for one in reversed(logbook.versions()) if one.episode == episode), "")


def _agreed(args: argparse.Namespace, logbook: Logbook, path: Path, read: _Read, shown: Shown) -> bool:
    """A person has seen what it changes and said yes.

    Where another seat changed the script while the question stood, it is shown and asked anew.
    """
    from onset.cli.asking import ask
    from onset.cli.import_script_lines import lines

    while True:
        for line in lines(shown):
            print(line)
        if not ask("Take it in?", threading.Event()):
            return False
        now = _look(args, logbook, path, read)
        if (now.incoming, replace(now.diff, version=shown.diff.version)) == (shown.incoming, shown.diff):
            return True
        shown = now
