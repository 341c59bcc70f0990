"""What a recording is called: day, slate, take and device, safe on every file system, never written over.

Used by `recorder.py`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

from onset.capture.signals import Slated

_UNSAFE = re.compile(r"[^\w.+-]+")  # exFAT and NTFS refuse : * ? " < > | and friends; + is part of slates
_LONGEST = 60


def file_safe(text: str) -> str:
    """`text` as a part of a file name.

    >>> file_safe("41+122A"), file_safe("../etc/passwd"), file_safe("")
    ('41+122A', 'etc_passwd', 'none')
    """
    return _UNSAFE.sub("_", text).strip("._")[:_LONGEST] or "none"


def create_clip(media: Path, slated: Slated, device: str, suffix: str) -> tuple[BinaryIO, str]:
    """Create the file of a clip, `day03/42C-3_A.mov`, or `…_A_2.mov` where that exists or the log has it.

    The media folder itself is never made: where it is missing, its disk is.

    Returns:
        The empty file, open for writing and reading without a buffer, and its path below `media`.

    Raises:
        OSError: the folder or the file cannot be made.
    """
    folder = media / f"day{slated.day:02d}"
    folder.mkdir(exist_ok=True)
    stem = f"{file_safe(slated.slate)}-{file_safe(slated.take)}_{file_safe(device)}"
    number = 0
    while True:
        number += 1
        name = f"{stem}{suffix}" if number == 1 else f"{stem}_{number}{suffix}"
        if f"{folder.name}/{name}" in slated.taken:
            continue
        try:
            handle = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            continue
        return os.fdopen(handle, "w+b", buffering=0), f"{folder.name}/{name}"
