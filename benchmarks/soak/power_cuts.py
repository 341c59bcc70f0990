"""Fifty power cuts on ext4 and fifty on XFS with each SQLite library while takes are logged: what was lost.

Run by `make soak`, as root (`python -m benchmarks.soak.power_cuts CUTS` for another number). Beside the log's settings
stand others that are in wide use, with as many cuts. Ends with 1 when the log lost anything.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from logging_db import sqlite_library
from logging_db.logbook import LOG_NAME
from tests.faults.power import FILE_SYSTEMS, cut_while_logging, lost, volume
from tests.faults.writers import LIBRARIES
from tests.logging_db.support import unwell

_CUTS = 50
# SQLite's own default, and what tuning guides advise.
_IN_WIDE_USE = (("stdlib", ("delete", "FULL")), ("pysqlite3", ("wal", "NORMAL")))


def series(folder: Path, file_system: str, library: str, journal: tuple[str, str] | None, cuts: int) -> list[int]:
    """The acknowledged edits that each cut lost.

    Raises:
        SystemExit: a cut damaged the log.
    """
    losses = []
    with volume(folder, file_system) as disk:
        cut_while_logging(disk, library, after=5)  # what a careless setting loses of a young file is the file
        for cut in range(cuts):
            losses.append(lost(disk, cut_while_logging(disk, library, after=1 + cut * 3 % 40, journal=journal)))
            damage = unwell(disk.folder / LOG_NAME)
            if damage:
                raise SystemExit(f"The log was damaged by cut {cut + 1}: {damage}")
    return losses


def main() -> int:
    """Print a line a series."""
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else _CUTS
    ours = 0
    print(f"{'file system':<12} {'library':<10} {'settings':<26} {'cuts':>4} {'with a loss':>12} {'most lost':>10}")
    for file_system in FILE_SYSTEMS:
        for library, journal in (*((library, None) for library in LIBRARIES), *_IN_WIDE_USE):
            os.environ[sqlite_library.ENVIRONMENT] = library
            with TemporaryDirectory() as scratch:
                losses = series(Path(scratch), file_system, library, journal, cuts)
            settings = f"{'/'.join(journal or sqlite_library.journal())}{'' if journal else ' (the log)'}"
            lossy = sum(1 for loss in losses if loss)
            print(f"{file_system:<12} {library:<10} {settings:<26} {cuts:>4} {lossy:>12} {max(losses):>10}", flush=True)
            ours += 0 if journal else lossy
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
