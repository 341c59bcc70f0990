"""`onset media proxy`: join picture and sound of takes by hand, as the capture service does after the cut."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, load_config, open_logbook
from onset.clock import SystemClock
from onset.errors import RefusedError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.capture.proxies import ProxyJob
    from onset.cli.main import CommandParser
    from onset.domain.take import Take
    from onset.logbook.protocol import Logbook

_LOOK_S = 0.05
_PAGE = 200

_EXAMPLES = """\
examples:
  onset media proxy                 every take of our own recorders that has none
  onset media proxy 42C/3,42C/4     these takes
  onset media proxy --again 42C/3   also where there is one

The capture service makes them by itself after each cut; this is for takes whose service was stopped before, or that
were recorded with proxies = false. It waits for no take: while one rolls nothing is begun. --json prints
{"proxies": [{"take", "picture", "path", "detail"}]}; "path" is null where none could be made, or no sound lies beside
it.
"""


def add_verb(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the verb."""
    parser = verbs.add_parser(
        "proxy",
        help="join picture and sound of takes",
        description="Join each clip with the sound of its take, by timecode and without encoding.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("takes", nargs="*", metavar="TAKE", help="42C/3, 42C/3-5, an id; all that have none by default")
    parser.add_argument("--again", action="store_true", help="also where there is a proxy already")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(act=make_proxies)


def make_proxies(args: argparse.Namespace) -> int:
    """Make them, one after the other; 1 when one could not be made."""
    from onset.capture.proxies import proxy_jobs

    production = find_production(args)
    media = load_config(production).capture.media
    log = open_logbook(production)
    rows: list[dict[str, object]] = []
    failed = False
    try:
        for take in _takes(log, args.takes):
            for clip_id, job in proxy_jobs(take, log.folder.absolute(), media, again=args.again):
                if log.rolling():
                    raise RefusedError("A take rolls; proxies are made between takes.")
                code, said = _make(_apart(job))
                made = code == 0 and said == "joined"
                failed = failed or code != 0
                if made:
                    log.clip_proxy(clip_id, os.path.relpath(job.out, log.folder.absolute()))
                path = job.out if made else None
                rows.append({"take": take.label, "picture": job.picture, "path": path, "detail": "" if made else said})
                if not args.json:
                    words = safe_path(Path(job.out)) if made else f"none: {safe_text(said)}"
                    print(f"{safe_text(take.label):<10} {safe_path(Path(job.picture))}  {words}", flush=True)
    finally:
        log.close()
    if args.json:
        json.dump({"proxies": rows}, sys.stdout, ensure_ascii=False)
        print()
    elif not rows:
        print("No take is without its proxy.")
    return 1 if failed else 0


def _takes(log: Logbook, named: list[str]) -> Iterator[Take]:
    from onset.logbook.terms import TakeFilter

    if named:
        for each in named:
            yield from log.find_takes(each)
        return
    before = None
    while page := log.takes(TakeFilter(before=before, limit=_PAGE)):
        yield from page
        before = page[-1].id


def _apart(job: ProxyJob) -> ProxyJob:
    """The same under a name of this command's until it is whole: the service may be making it, too."""
    import msgspec

    return msgspec.structs.replace(job, part=f"{job.part.removesuffix('.part')}.{os.getpid()}.part")


def _make(job: ProxyJob) -> tuple[int, str]:
    """Have one made; its exit code and last words."""
    from onset.capture.proxies import ProxyProcess

    maker = ProxyProcess([sys.executable, "-P", "-m", "devices.proxy"], job)
    clock = SystemClock()
    try:
        while (code := maker.ended) is None:
            clock.sleep(_LOOK_S)
    except BaseException:
        maker.end()
        maker.cleared()
        raise
    return code, maker.said() or f"it ended with code {code}."
