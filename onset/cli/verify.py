"""`onset verify`: read files back from the medium and compare them with their manifest.

Run by people and by programs (`--json`). Finds ASC MHL histories at a path or below it, and lists that stand alone.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import ManifestError, OnsetError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onset.mhl.check import Verification
    from onset.mhl.hashes import Block
    from onset.mhl.reading import Tally

# Records of a hundred thousand files hold no circles; Python looks for them so often that it takes a sixth of the time.
_SELDOM = (50_000, 20, 100)
_EXAMPLES = """\
examples:
  onset verify /media/SHUTTLE/A014
  onset verify /media/SHUTTLE --json
  onset verify --no-append /media/RAID/A014
  onset verify old_drive/A001_2016-04-18_144722.mhl
  onset verify packinglist_A014_2026-11-25_220051Z.mhl --root /media/RAID/A014

A history gets a new generation with the results, as the standard asks, unless --no-append is given or the medium is
read-only. That holds for a card too: give --no-append when it must stay as it is.

Exit codes: 0 all is well, 1 a manifest cannot be read, 2 nothing at a path, 10 something could not be read or compared,
11 bytes differ, 12 a folder differs, 20 files are missing, 21 files are new or on no record, 30 no history, 31 a
manifest was altered, 32 no chain, 33 a manifest is missing. Of several the gravest: 11 31 32 33 30 1 10 20 21 12.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "verify",
        help="check copies against their manifest",
        description="Read files back from the medium and compare them with their ASC MHL history or legacy MHL.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_arguments(parser)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to verify and how; `onset mhl verify` is the same."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a folder with a history, or a legacy .mhl file")
    parser.add_argument("--root", metavar="DIR", help="where the files of a list lie that lies somewhere else")
    parser.add_argument("--no-append", action="store_true", help="only look: write no new generation")
    parser.add_argument("--json", action="store_true", help="the result as one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Verify.

    Raises:
        UsageError: a path that is not there; nothing was verified then.
    """
    from onset.cli.verify_log import into_log
    from onset.mhl.check import GRAVEST_FIRST

    gc.set_threshold(*_SELDOM)
    paths = [place(given) for given in args.paths]
    root = None if args.root is None else place(args.root)
    if root is not None and not (root.is_dir() and all(path.is_file() for path in paths)):
        raise UsageError("--root is the folder of the files on a list: give .mhl files and one folder.")
    found: list[Verification] = []
    for path in paths:
        found += _verify(path, append=not args.no_append, root=root)
    for verification in [] if args.json else found:
        tell(verification)
    in_log = into_log(args, [(root or _base(verification), verification) for verification in found])
    if args.json:
        print(json.dumps(_as_json(found, args.paths) | {"log": in_log}, indent=2))
    for sentence in [] if args.json else in_log:
        print(sentence)

    codes = {verification.exit_code for verification in found}
    return next((code for code in GRAVEST_FIRST if code in codes), 0)


def place(given: str) -> Path:
    """A folder or file that is there.

    Raises:
        UsageError: nothing is there, or something else.
    """
    path = Path(os.path.abspath(given))
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is nothing at {safe_path(path)}; is the disk mounted?") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{safe_path(path)} cannot be looked at ({_why(error)}); give a path you may read.") from None
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise UsageError(f"{safe_path(path)} is neither a folder nor a file; give a copy's folder or its .mhl file.")
    return path


def _why(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _verify(path: Path, *, append: bool, root: Path | None) -> list[Verification]:
    """Verify everything at a path; what goes wrong with one history is told with it and does not stop the others."""
    from onset.mhl.check import verify_history
    from onset.mhl.survey import survey
    from onset.offload.card import is_litter
    from onset.offload.names import JOB_LOG

    if root is None and path.is_file() and path.parent.name == "ascmhl" and path.suffix == ".mhl":
        path = path.parent.parent  # a manifest of a history is only to be trusted with its chain
    if path.is_file():
        return [_attempted(path, lambda tally: _verify_list(path, tally, root=root))]
    try:
        there = survey(path, lambda name, is_folder: is_litter(name, is_folder) or name.endswith(JOB_LOG))
        if not there.histories and not there.lists:
            raise ManifestError(f"{safe_path(path)} holds no ASC MHL history and no .mhl file.", 30)
    except ManifestError as error:
        return [_refused(path, str(error), error.exit_code)]
    clock = SystemClock()
    found = []
    for top in there.histories:

        def whole(tally: Tally, top: Path = top) -> Verification:
            return verify_history(top, read_around_cache, clock, append=append, tally=tally)

        found.append(_attempted(top, whole))
    wholes: list[Path] = []
    looked_at: set[Path] = set()
    for each in there.lists:

        def one(tally: Tally, each: Path = each) -> Verification:
            return _verify_list(each, tally, found=True, histories=bool(there.histories))

        listed = _attempted(each, one)
        found.append(listed)
        looked_at |= listed.looked_at
        if listed.whole:
            wholes.append(each.parent)
    strays = there.strays(looked_at, wholes)
    return [*found, strays] if strays.troubles else found


def _verify_list(
    path: Path, tally: Tally, *, root: Path | None = None, found: bool = False, histories: bool = False
) -> Verification:
    """A manifest that stands alone, of ASC MHL v2.0 or legacy.

    Args:
        path: the list.
        tally: kept up to date.
        root: where its files lie, if not beside it.
        found: it was found on a disk, not given by name.
        histories: beside histories.
    """
    from onset.mhl.asc import is_asc_manifest, read_manifest
    from onset.mhl.check import Verification, verify_manifest
    from onset.mhl.check_legacy import verify_legacy
    from onset.mhl.flatten import COLLECTION, require_in_collection
    from onset.mhl.records import Process
    from onset.mhl.tree import FOLDER

    if is_asc_manifest(path):
        if path.parent.name != FOLDER and path.parent.name.lower() == FOLDER:
            raise ManifestError(
                f"{safe_path(path.parent)} is the folder of a history, which ASC MHL calls {FOLDER}: rename it and "
                "verify again.",
                30,
            )
        collection = require_in_collection(path)
        if root is None and (found or collection) and read_manifest(path).process is Process.FLATTEN:
            if collection and not found:
                raise ManifestError(
                    f"{safe_path(path)} travels apart from its files; say with --root DIR where they lie.", 10
                )
            if histories or collection:
                # It travels apart from its files, and the histories here answer for theirs.
                why = "is a packing list, which does not say where its files lie; give it by name, with --root DIR."
                looked_at = {path.with_name(COLLECTION)} if collection else set()
                return Verification(path, warnings=[f"not compared: it {why}"], looked_at=looked_at)
        return verify_manifest(path, read_around_cache, SystemClock(), root=root, tally=tally)
    return verify_legacy(path, read_around_cache, root=root, tally=tally)


def _attempted(path: Path, work: Callable[[Tally], Verification]) -> Verification:
    try:
        return shown(work)
    except OnsetError as error:
        return _refused(path, str(error), error.exit_code)
    except OSError as error:
        return _refused(path, f"{safe_path(path)} cannot be read ({_why(error)}).", 10)


def _refused(path: Path, sentence: str, code: int) -> Verification:
    from onset.mhl.check import Trouble, Verification

    return Verification(path, made=False, troubles=[Trouble("", sentence, code)])


def read_around_cache(path: Path, take: Callable[[Block], None], /) -> int:
    """The reader that a verification is given."""
    from onset.offload.readback import BLOCK, MIB, read_medium

    try:
        size = os.stat(path).st_size  # a third of what Path.stat takes
    except OSError:
        size = 0
    return read_medium(path, take, block=BLOCK if size >= MIB else MIB, expected=size)[0]


def shown(work: Callable[[Tally], Verification], doing: str = "verifying") -> Verification:
    """Run a verification in a thread and show how far it is on a terminal."""
    from onset.mhl.reading import Tally

    tally = Tally()
    if not sys.stderr.isatty():
        return work(tally)
    done: list[Verification] = []
    failed: list[BaseException] = []

    def run_it() -> None:
        try:
            done.append(work(tally))
        except BaseException as error:  # handed to the caller's thread, whatever it is
            failed.append(error)

    thread = threading.Thread(target=run_it, name="verify", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
        share = tally.done_bytes / tally.bytes if tally.bytes else 0.0
        sys.stderr.write(f"\r\x1b[K{doing} {share:4.0%}  {tally.done_files}/{tally.files}")
        sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")
    if failed:
        raise failed[0]
    return done[0]


def _as_json(found: Sequence[Verification], paths: Sequence[str]) -> dict[str, object]:
    """One history: its own object. Several: their sums, and each under "histories"."""
    each = [one_as_json(verification) for verification in found]
    if len(found) == 1:
        return each[0]
    return {
        "path": paths[0] if len(paths) == 1 else None,
        "verified": sum(verification.verified for verification in found),
        "failed": sum(verification.failed for verification in found),
        "missing": sum(verification.missing for verification in found),
        "new": sum(verification.new for verification in found),
        "size_only": sum(verification.size_only for verification in found),
        "problems": [
            {"path": str(_base(verification) / t.path), "what": t.what, "code": t.code}
            for verification in found
            for t in verification.troubles
        ],
        "generation": None,
        "histories": each,
    }


def one_as_json(verification: Verification) -> dict[str, object]:
    """What was found at one history, as other programs read it."""
    return {
        "path": str(verification.path),
        "verified": verification.verified,
        "failed": verification.failed,
        "missing": verification.missing,
        "new": verification.new,
        "problems": [{"path": t.path, "what": t.what, "code": t.code} for t in verification.troubles],
        "generation": verification.generation,
        "size_only": verification.size_only,
        "warnings": list(verification.warnings),
        "hashes": list(verification.formats),
        "bytes": verification.bytes,
    }


def _base(verification: Verification) -> Path:
    """What the paths of its troubles are relative to: a list speaks of the folder it lies in."""
    path = verification.path
    return path.parent if verification.made and path.is_file() else path


def tell(verification: Verification, *, looked_only: bool = False) -> None:
    """Say what was found, for people; `looked_only` if nothing was read."""
    if not verification.made:
        print(f"{safe_path(verification.path)}: not verified", flush=True)
        for trouble in verification.troubles:
            print(f"onset: {safe_text(trouble.what)}", file=sys.stderr)
        return
    parts = [] if looked_only else [f"{verification.verified} verified"]
    for count, word in (
        (verification.added, "taken in"),
        (verification.size_only, "by size only"),
        (verification.failed, "failed"),
        (verification.missing, "missing"),
        (verification.new, "new"),
    ):
        if count:
            parts.append(f"{count} {word}")
    print(f"{safe_path(verification.path)}: {', '.join(parts) or 'nothing missing, nothing new'}")
    for trouble in verification.troubles[:50]:
        print(f"  ! {safe_text(trouble.path)}: {safe_text(trouble.what)}")
    if len(verification.troubles) > 50:
        print(f"  ! and {len(verification.troubles) - 50} more; --json lists them all")
    for warning in verification.warnings:
        print(f"  note: {safe_text(warning)}")
    if verification.generation is not None:
        print(f"  generation {verification.generation} written")
