"""`onset verify`: read files back from the medium and compare them with their manifest.

Run by people and by programs (`--json`). Finds an ASC MHL history at the path or below it, or a legacy `.mhl`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import ManifestError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from onset.mhl.check import Tally, Verification
    from onset.mhl.hashes import Block

_EXAMPLES = """\
examples:
  onset verify /media/SHUTTLE/A014
  onset verify /media/SHUTTLE --json
  onset verify --no-append /media/RAID/A014
  onset verify old_drive/A001_2016-04-18_144722.mhl

A history gets a new generation with the results, as the standard asks, unless --no-append is given or the medium is
read-only. Exit codes: 0 all is well, 10 something could not be read, 11 bytes differ, 12 a folder differs, 20 files
are missing, 21 files are new, 30 no history, 31 a manifest was altered, 32 no chain, 33 a manifest is missing.
"""
_GRAVEST_FIRST = (11, 31, 32, 33, 30, 10, 20, 21, 12)


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "verify",
        help="check copies against their manifest",
        description="Read files back from the medium and compare them with their ASC MHL history or legacy MHL.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a folder with a history, or a legacy .mhl file")
    parser.add_argument("--no-append", action="store_true", help="only look: write no new generation")
    parser.add_argument("--json", action="store_true", help="the result as one JSON document on stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Verify.

    Raises:
        OnsetError: nothing to verify, or a history that cannot be trusted.
    """
    found: list[Verification] = []
    for given in args.paths:
        path = Path(os.path.abspath(given))
        if not path.exists():
            raise UsageError(f"There is nothing at {safe_path(path)}; is the disk mounted?")
        found += _verify(path, append=not args.no_append)
    if args.json:
        print(json.dumps(_as_json(found, args.paths), indent=2))
    else:
        for verification in found:
            _tell(verification)
    codes = {verification.exit_code for verification in found}
    return next((code for code in _GRAVEST_FIRST if code in codes), 0)


def _verify(path: Path, *, append: bool) -> list[Verification]:
    from onset.mhl.asc import is_asc_manifest
    from onset.mhl.check import verify_history, verify_legacy, verify_manifest

    clock = SystemClock()
    if path.is_file() and path.parent.name == "ascmhl" and path.suffix == ".mhl":
        path = path.parent.parent  # a manifest of a history is only to be trusted with its chain
    if path.is_file():
        if is_asc_manifest(path):
            return [_shown(lambda tally: verify_manifest(path, _read, clock, tally=tally))]
        return [_shown(lambda tally: verify_legacy(path, _read, tally=tally))]
    tops = _tops(path)
    if tops:
        return [
            _shown(lambda tally, top=top: verify_history(top, _read, clock, append=append, tally=tally))  # type: ignore[misc]
            for top in tops
        ]
    lists = sorted(
        child for child in path.iterdir() if child.suffix.lower() == ".mhl" and not child.name.startswith("._")
    )
    if not lists:
        raise ManifestError(f"{safe_path(path)} holds no ASC MHL history and no legacy .mhl file.", 30)
    return [_shown(lambda tally, each=each: verify_legacy(each, _read, tally=tally)) for each in lists]  # type: ignore[misc]


def _tops(path: Path) -> list[Path]:
    """The outermost histories at or below a folder, without following links."""
    from onset.mhl.history import has_history

    if has_history(path):
        return [path]
    found: list[Path] = []
    try:
        children = sorted(child for child in path.iterdir() if child.is_dir() and not child.is_symlink())
    except OSError:
        return []
    for child in children:
        found += _tops(child)
    return found


def _read(path: Path, take: Callable[[Block], None], /) -> int:
    from onset.offload.readback import BLOCK, MIB, read_medium

    try:
        block = BLOCK if path.stat().st_size >= MIB else MIB
    except OSError:
        block = MIB
    return read_medium(path, take, block=block)[0]


def _shown(work: Callable[[Tally], Verification]) -> Verification:
    """Run a verification in a thread and show how far it is on a terminal."""
    from onset.mhl.check import Tally

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
        sys.stderr.write(f"\r\x1b[Kverifying {share:4.0%}  {tally.done_files}/{tally.files}")
        sys.stderr.flush()
    sys.stderr.write("\r\x1b[K")
    if failed:
        raise failed[0]
    return done[0]


def _as_json(found: Sequence[Verification], paths: Sequence[str]) -> dict[str, object]:
    """One history: its own object. Several: their sums, and each under "histories"."""
    each: list[dict[str, object]] = [
        {
            "path": str(verification.path),
            "verified": verification.verified,
            "failed": verification.failed,
            "missing": verification.missing,
            "new": verification.new,
            "problems": [{"path": t.path, "what": t.what, "code": t.code} for t in verification.troubles],
            "generation": verification.generation,
            "warnings": list(verification.warnings),
            "hashes": list(verification.formats),
            "bytes": verification.bytes,
        }
        for verification in found
    ]
    if len(found) == 1:
        return each[0]
    return {
        "path": paths[0] if len(paths) == 1 else None,
        "verified": sum(verification.verified for verification in found),
        "failed": sum(verification.failed for verification in found),
        "missing": sum(verification.missing for verification in found),
        "new": sum(verification.new for verification in found),
        "problems": [
            {"path": str(verification.path / t.path), "what": t.what, "code": t.code}
            for verification in found
            for t in verification.troubles
        ],
        "generation": None,
        "histories": each,
    }


def _tell(verification: Verification) -> None:
    parts = [f"{verification.verified} verified"]
    for count, word in ((verification.failed, "failed"), (verification.missing, "missing"), (verification.new, "new")):
        if count:
            parts.append(f"{count} {word}")
    print(f"{safe_path(verification.path)}: {', '.join(parts)}")
    for trouble in verification.troubles[:50]:
        print(f"  ! {safe_text(trouble.path)}: {safe_text(trouble.what)}")
    if len(verification.troubles) > 50:
        print(f"  ! and {len(verification.troubles) - 50} more; --json lists them all")
    for warning in verification.warnings:
        print(f"  note: {warning}")
    if verification.generation is not None:
        print(f"  generation {verification.generation} written")
