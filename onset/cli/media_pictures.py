"""`onset media pictures`: small pictures of clips that have none, as our own recorders make them while a take rolls.

The Review screen starts it for the take that is looked at, in a process of its own: a decoder that stumbles over a
stranger's file takes no screen with it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook
from onset.errors import MediumError, RefusedError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.camera import Clip
    from onset.domain.take import Take

_EXAMPLES = """\
examples:
  onset media pictures 42C/3,42C/4     of the clips of these takes that have none

Start, middle and end, as JPEG files: beside a recording of ours, else in media/thumbs of the production, never on a
card or its copy. The Review screen makes them by itself of a take that is looked at. While a take rolls nothing is
begun. --json prints {"pictures": [{"take", "clip", "made", "detail"}]}.
"""


def add_verb(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "pictures",
        help="small pictures of clips that have none",
        description="Take the first, the middle and the last picture out of clips that have no small pictures.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("takes", nargs="+", metavar="TAKE", help="42C/3, 42C/3-5, an id")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(act=make_pictures)


def make_pictures(args: argparse.Namespace) -> int:
    """Make them, one clip after the other; 1 when a clip could not be read."""
    production = find_production(args)
    rows: list[dict[str, object]] = []
    log = open_logbook(production)
    try:
        folder = log.folder.absolute()
        for take, clip, path in _lacking([take for named in args.takes for take in log.find_takes(named)], folder):
            if log.rolling():
                raise RefusedError("A take rolls; pictures are made between takes.")
            made, why = _make(clip, path, folder)
            rows.append({"take": take.label, "clip": str(path), "made": made, "detail": why})
            if not args.json:
                words = f"{made} pictures" if made else f"none: {safe_text(why)}"
                print(f"{safe_text(take.label):<10} {safe_path(path)}  {words}", flush=True)
    finally:
        log.close()
    if args.json:
        json.dump({"pictures": rows}, sys.stdout, ensure_ascii=False)
        print()
    elif not rows:
        print("No clip that is here is without its pictures.")
    return 1 if any(row["detail"] for row in rows) else 0


def _lacking(takes: list[Take], folder: Path) -> Iterator[tuple[Take, Clip, Path]]:
    """Clips without small pictures whose file, or proxy, is here."""
    from onset.domain.camera import LinkState, Source
    from onset.media import small_pictures

    for take in takes:
        for clip in (clip for angle in take.angles for clip in angle.clips):
            places = [folder / each for each in (clip.path, clip.proxy) if each]
            path = next(filter(os.path.isfile, places), None)
            open_now = clip.source is Source.RECORDER and clip.duration_frames is None  # it is being written
            if path is None or open_now or clip.link is LinkState.REFUSED:
                continue
            if not all(os.path.lexists(folder / small) for small in small_pictures(clip)):  # it may have been stopped
                yield take, clip, path


def _make(clip: Clip, path: Path, folder: Path) -> tuple[int, str]:
    from devices.stills import small_of_whole
    from onset.media import small_pictures

    try:
        return small_of_whole(path, [folder / small for small in small_pictures(clip)]), ""
    except (MediumError, OSError) as error:
        return 0, str(error)
