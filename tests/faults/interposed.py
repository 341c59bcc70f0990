"""Ends a program, cuts the power, or fails a call: the n-th of the whole process that changes a file in given folders.

Used by the kill sweeps of the offload, here and in benchmarks/soak. The work is done by interposed.c, which is compiled
once a test run and loaded before the C library.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tests.needs import require

_SOURCE = Path(__file__).with_suffix(".c")


@cache
def _library() -> str:
    require("gcc", "gcc is not installed: it compiles what counts system calls")
    library = Path(tempfile.mkdtemp(prefix="onset-interposed-")) / "interposed.so"
    build = ["gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library), str(_SOURCE)]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    require(built.returncode == 0, f"{_SOURCE.name} does not compile here: {built.stderr}")
    return str(library)


def interposed(
    under: Sequence[Path],
    *,
    at: int = 0,
    torn: bool = False,
    cut: Path | None = None,
    error: int = 0,
    stays: bool = False,
    log: Path | None = None,
) -> dict[str, str]:
    """The environment of a program that ends so.

    Args:
        under: folders whose files count.
        at: the number of the call that is not made any more, from 1; 0: none is disturbed.
        torn: if it is a write, the first half is written.
        cut: a folder on ext4 or XFS that loses what is not durable.
        error: the program goes on, and that call fails with this error number.
        stays: so do all after it.
        log: a file that gets a line "call path" for each call.
    """
    told = {"FAULT_UNDER": ":".join(map(str, under)), "FAULT_AT": str(at), "LD_PRELOAD": _library()}
    if torn:
        told["FAULT_TORN"] = "1"
    if cut is not None:
        told["FAULT_CUT"] = str(cut)
    if error:
        told["FAULT_ERROR"] = str(error)
    if stays:
        told["FAULT_STAYS"] = "1"
    if log is not None:
        told["FAULT_LOG"] = str(log)
    return {**os.environ, **told}
