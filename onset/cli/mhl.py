"""`onset mhl`: make, look into and carry on ASC MHL histories, where no card is copied.

Run by people and by programs (`--json`). `onset offload` writes histories by itself, and `onset mhl verify` is
`onset verify`.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import MediumError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from onset.cli.main import CommandParser
    from onset.mhl.check import Verification
    from onset.mhl.hashes import HashFormat
    from onset.mhl.reading import Tally
    from onset.mhl.records import Author

_EXAMPLES = """\
examples:
  onset mhl create /media/RAID/A014                a history for what lies there, or its next generation
  onset mhl create /media/RAID/Day07               the day's own history, above those of its cards
  onset mhl create A014 --hash xxh128,md5 --author "Ada Okafor" --email ada@unit.example --location "Stage 4"
  onset mhl create A014 --file A014/Reports/camera.pdf
  onset mhl diff /media/RAID/A014                  what is missing and what is new; nothing is read
  onset mhl info /media/RAID/A014                  its generations: when, with what, by whom, intact or not
  onset mhl info A014 --file Clips/A014C003.mov    everything on record of one file
  onset mhl rename A014/Clips/a.mov A014/Clips/b.mov
  onset mhl flatten /media/RAID/Day07 /media/POST  one packing list of all, to travel apart from the media
  onset mhl verify /media/RAID/A014                the same as onset verify

Exit codes: those of onset verify, which are those of the ASC MHL reference tool. Of create: 0 a generation was written
and all that is on record agreed, 11 bytes differ, 20 files on record are missing, 10 something could not be read, 1 no
generation could be written.
"""
_CREATE_EXAMPLES = """\
examples:
  onset mhl create A014
  onset mhl create A014 --hash md5                    md5 is added to what is on record
  onset mhl create A014 --ignore "*.tmp" --ignore /Proxies/
  onset mhl create A014 --file A014/Reports/camera.pdf --file A014/Sound
  onset mhl create A014 --legacy xxhash64be,md5       a flat .mhl 1.1 list, for those who ask for one

Files on record are verified on the way, others are taken in. Histories in folders below get a generation first, and
this one refers to them. --ignore takes patterns as gitignore writes them, relative to DIR; they hold from then on.
--file records only these files, or what lies in these folders, and asks for nothing else.
"""
_RENAME_EXAMPLES = """\
examples:
  onset mhl rename A014/Clips/A014C003.mov A014/Clips/A014C003_ND6.mov
  onset mhl rename A014/Clips A014/Camera

Everything is read and compared first; where a byte differs nothing is renamed. If it was cut off after the name had
changed, the history calls the old name missing and the new one new: give the same command again.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    from onset.cli.verify import add_arguments
    from onset.cli.verify import run as verify

    parser = subparsers.add_parser(
        "mhl", help="ASC MHL histories: create, diff, info …", description=__doc__, epilog=_EXAMPLES
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)
    each = verbs.add_parser(
        "create", help="a history, or its next generation", description=create.__doc__, epilog=_CREATE_EXAMPLES
    )
    each.add_argument("folder", metavar="DIR", help="what the history is of")
    each.add_argument("--hash", metavar="FORMATS", default="", help="xxh128, xxh3, xxh64, md5, sha1, c4, with commas")
    each.add_argument("--legacy", metavar="FORMATS", help="a legacy .mhl instead: xxhash64be, md5, sha1, with commas")
    each.add_argument("--ignore", metavar="PATTERN", action="append", default=[], help="leave out from now on")
    each.add_argument("--file", metavar="PATH", action="append", help="record only this file or folder")
    _add_author(each)
    _set(each, create)
    each = verbs.add_parser("verify", help="the same as onset verify", description=verify.__doc__)
    add_arguments(each)
    each.set_defaults(run=verify)
    each = verbs.add_parser("diff", help="what is missing and what is new", description=diff.__doc__)
    each.add_argument("folder", metavar="DIR", help="a folder with a history")
    _set(each, diff)
    each = verbs.add_parser(
        "rename", help="rename what is on record", description=rename.__doc__, epilog=_RENAME_EXAMPLES
    )
    each.add_argument("old", metavar="OLD", help="a file or folder that a history lists")
    each.add_argument("new", metavar="NEW", help="what it is to be called; its folder has to be there")
    _add_author(each)
    _set(each, rename)
    each = verbs.add_parser("flatten", help="a packing list", description=flatten.__doc__)
    each.add_argument("folder", metavar="DIR", help="a folder with a history")
    each.add_argument("to", metavar="DEST", help="a collection to add it to, or a folder that gets one")
    _add_author(each)
    _set(each, flatten)
    each = verbs.add_parser("info", help="generations, or one file's", description=info.__doc__)
    each.add_argument("folder", metavar="DIR", help="a folder with a history")
    each.add_argument("--file", metavar="PATH", help="everything on record of this file")
    _set(each, info)


def _add_author(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--author", metavar="NAME", help="who makes it")
    parser.add_argument("--email", metavar="ADDRESS", help="of the author")
    parser.add_argument("--phone", metavar="NUMBER", help="of the author")
    parser.add_argument("--role", metavar="ROLE", help="of the author: DIT, assistant …")
    parser.add_argument("--location", metavar="TEXT", help="where it is made")
    parser.add_argument("--comment", metavar="TEXT", help="anything")


def _set(parser: argparse.ArgumentParser, act: Callable[[argparse.Namespace], int]) -> None:
    parser.add_argument("--json", action="store_true", help="the result as one JSON document on stdout")
    parser.set_defaults(run=run, act=act)


def run(args: argparse.Namespace) -> int:
    """Do one verb."""
    act: Callable[[argparse.Namespace], int] = args.act
    try:
        return act(args)
    except OSError as error:
        if error.filename is None:  # not of a disk: standard output, for one
            raise
        why = f"cannot be read or written ({error.strerror}); look at that disk and give the command again."
        raise MediumError(f"{safe_path(error.filename)} {why}") from error


def create(args: argparse.Namespace) -> int:
    """Make a history of what lies in a folder, or its next generation.

    Raises:
        UsageError: no such folder, a format nobody knows, text no manifest can carry.
        OnsetError: nothing could be written.
    """
    from onset.cli.verify import one_as_json, read_around_cache, shown, tell
    from onset.cli.verify_log import into_log
    from onset.mhl.create import Order
    from onset.mhl.create import create as make
    from onset.offload.card import LITTER_PATTERNS

    top = folder_of(args.folder)
    if args.legacy is not None:
        return _create_legacy(args, top)
    order = Order(
        _formats(args.hash),
        (*LITTER_PATTERNS, *_patterns(args.ignore)),
        None if args.file is None else tuple(Path(os.path.abspath(given)) for given in args.file),
        authors_of(args),
        manifest_text("--location", args.location),
        manifest_text("--comment", args.comment),
    )
    made = shown(lambda tally: make(top, order, read_around_cache, SystemClock(), tally), "hashing")
    in_log = into_log(args, [(top, made)])
    if args.json:
        manifests = [str(path) for path in made.manifests]
        added = {"added": made.added, "manifests": manifests, "log": in_log}
        print(json.dumps({**one_as_json(made), **added}, indent=2))
    else:
        tell(made)
        print(*in_log, sep="\n", end="\n" * bool(in_log))
    return made.exit_code


def _create_legacy(args: argparse.Namespace, top: Path) -> int:
    from onset.cli.verify import one_as_json, read_around_cache, shown, tell
    from onset.mhl.create_legacy import WRITTEN, create_legacy
    from onset.offload.card import LITTER_PATTERNS

    for option in ("hash", "file", "email", "phone", "role", "location"):
        if getattr(args, option):
            raise UsageError(f"A legacy list has no place for --{option}; leave it out, or leave out --legacy.")
    known = {form.value: form for form in WRITTEN}
    names = [name.strip().lower() for name in args.legacy.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise UsageError(f"--legacy: {safe_text(name)} is not written; give {', '.join(known)}.")
    if not names:
        raise UsageError(f"--legacy: give {', '.join(known)}, or several with commas.")
    ignore = (*LITTER_PATTERNS, *_patterns(args.ignore))
    name, comment = manifest_text("--author", args.author), manifest_text("--comment", args.comment)

    def work(tally: Tally) -> Verification:
        return create_legacy(
            top,
            tuple(form for each, form in known.items() if each in names),
            read_around_cache,
            SystemClock(),
            ignore=ignore,
            name=name,
            comment=comment,
            tally=tally,
        )

    made = shown(work, "hashing")
    if args.json:
        manifests = [str(path) for path in made.manifests]
        print(json.dumps({**one_as_json(made), "added": made.added, "manifests": manifests}, indent=2))
    else:
        tell(made)
        for path in made.manifests:
            print(f"  {safe_path(path.name)} written")
    return made.exit_code


def diff(args: argparse.Namespace) -> int:
    """Name what is missing from a folder and what is new in it; no file is opened.

    Raises:
        UsageError: no such folder.
        ManifestError: no history there, or one that cannot be trusted.
    """
    from onset.cli.verify import one_as_json, tell
    from onset.mhl.create import diff as compare_names

    found = compare_names(folder_of(args.folder))
    if args.json:
        print(json.dumps(one_as_json(found), indent=2))
    else:
        tell(found, looked_only=True)
    return found.exit_code


def info(args: argparse.Namespace) -> int:
    """Tell the generations of a history, or all that is on record of one file.

    Raises:
        UsageError: no such folder.
        ManifestError: no history there, or the file is on no record.
    """
    from onset.cli.mhl_info import tell_file, tell_history

    top = folder_of(args.folder)
    if args.file is None:
        return tell_history(top, as_json=args.json)
    return tell_file(top, args.file, as_json=args.json)


def rename(args: argparse.Namespace) -> int:
    """Rename a file or folder that a history lists, and write a generation that says so.

    Raises:
        UsageError: text no manifest can carry.
        OnsetError: it cannot be renamed.
    """
    from onset.cli.verify import one_as_json, read_around_cache, shown, tell
    from onset.cli.verify_log import into_log
    from onset.mhl.rename import planned, rename_recorded
    from onset.offload.files import give_final_name

    def move(top: Path, old: str, new: str) -> None:
        descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
        try:
            give_final_name(descriptor, old, new)
        finally:
            os.close(descriptor)

    old, new = (Path(os.path.abspath(given)) for given in (args.old, args.new))
    plan = planned(old, new)
    authors, location = authors_of(args), manifest_text("--location", args.location)
    comment = manifest_text("--comment", args.comment)

    def work(tally: Tally) -> Verification:
        return rename_recorded(
            plan,
            read_around_cache,
            SystemClock(),
            move,
            authors=authors,
            location=location,
            comment=comment,
            tally=tally,
        )

    done = shown(work)
    in_log = into_log(args, [(done.path, done)])
    if args.json:
        manifests = [str(path) for path in done.manifests]
        renamed = {"from": plan.old, "to": plan.new} if done.generation is not None else None
        print(json.dumps({**one_as_json(done), "renamed": renamed, "manifests": manifests, "log": in_log}, indent=2))
    else:
        tell(done)
        print(*in_log, sep="\n", end="\n" * bool(in_log))
        if done.generation is None:
            print(f"  {safe_path(old)} was not renamed: it is not as it is on record")
        else:
            print(f"  {safe_path(plan.old)} is called {safe_path(plan.new)} now")
    return done.exit_code


def flatten(args: argparse.Namespace) -> int:
    """Write one packing list of all that a history and those nested in it know; no media is read.

    Raises:
        UsageError: no such folder, text no manifest can carry.
        OnsetError: nothing could be written.
    """
    from onset.mhl.flatten import flatten as write

    to = Path(os.path.abspath(args.to))
    made = write(
        folder_of(args.folder),
        to,
        SystemClock(),
        authors=authors_of(args),
        location=manifest_text("--location", args.location),
        comment=manifest_text("--comment", args.comment),
    )
    if args.json:
        document = {
            "path": args.folder,
            "manifest": str(made.manifest),
            "files": made.files,
            "left_out": made.left_out,
            "warnings": made.warnings,
        }
        print(json.dumps(document, indent=2))
        return 0
    print(f"{safe_path(made.manifest)}: {made.files} file{'s' * (made.files != 1)}")
    for path in made.left_out:
        print(f"  ! {safe_path(path)} has no digest that could be used, and is not on the list")
    for warning in made.warnings:
        print(f"  note: {safe_text(warning)}")
    return 0


def folder_of(given: str) -> Path:
    """A folder that is there.

    Raises:
        UsageError: it is not, or it is the manifest folder itself.
    """
    from onset.cli.verify import place

    path = place(given)
    if not path.is_dir():
        raise UsageError(f"{safe_path(path)} is a file; give the folder whose history is meant.")
    if path.name == "ascmhl":
        raise UsageError(f"{safe_path(path)} holds the manifests themselves; give the folder above it.")
    return path


def _formats(given: str) -> tuple[HashFormat, ...]:
    from onset.mhl.hashes import HashFormat

    names = [name.strip().lower() for name in given.split(",") if name.strip()]
    known = {form.value: form for form in HashFormat}
    for name in names:
        if name not in known:
            raise UsageError(f"--hash: ASC MHL has no {safe_text(name)}; it has {', '.join(sorted(known))}.")
    return tuple(dict.fromkeys(known[name] for name in names))


def _patterns(given: list[str]) -> tuple[str, ...]:
    from onset.mhl.ignore import usable

    for pattern in given:
        if not (manifest_text("--ignore", pattern) or "").strip() or not usable(pattern):
            raise UsageError(f'--ignore: "{safe_text(pattern)}" is no pattern; write it as in a .gitignore file.')
    return tuple(given)


def authors_of(args: argparse.Namespace) -> tuple[Author, ...]:
    """Who is named on the command line.

    Raises:
        UsageError: an address that the schema refuses, or something about an author without a name.
    """
    from onset.mhl.records import Author
    from onset.targets import EMAIL

    name = manifest_text("--author", args.author)
    rest = [manifest_text(f"--{each}", getattr(args, each)) for each in ("email", "phone", "role")]
    if name is None:
        if any(rest):
            raise UsageError("--email, --phone and --role belong to --author; give the name too.")
        return ()
    if rest[0] is not None and not EMAIL.fullmatch(rest[0]):
        raise UsageError(f'--email: "{safe_text(rest[0])}" is no address (name@place.tld).')
    return (Author(name, *rest),)


def manifest_text(option: str, text: str | None) -> str | None:
    """What was typed for a manifest; None for nothing.

    Raises:
        UsageError: it has characters that XML cannot carry.
    """
    from onset.mhl.paths import in_xml

    if text is not None and not in_xml(text):
        raise UsageError(f"{option}: a manifest cannot carry control characters; type it without them.")
    return text or None
