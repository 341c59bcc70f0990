"""What a recording is called: by a template, safe on every file system, never written over and never renamed.

Used by `loader.py`. `onset.config` knows the template's fields and refuses others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from devices.disk import claim
from onset.capture.signals import Slated
from onset.config import CLIP_NAMES

_UNSAFE = re.compile(r"[^\w.+-]+")  # exFAT and NTFS refuse : * ? " < > | and friends; + is part of slates
_FIELD = re.compile(r"\{([a-z]+)\}")
_REPEATED = re.compile(r"([_.-])[_.-]+")  # what a field that is not known leaves behind
_LONGEST = 60
_LONGEST_STEM = 200  # bytes: file systems take 255, and counter, track and ending follow


def file_safe(text: str) -> str:
    """`text` as a part of a file name.

    >>> file_safe("41+122A"), file_safe("../etc/passwd"), file_safe("")
    ('41+122A', 'etc_passwd', 'none')
    """
    return _UNSAFE.sub("_", text).strip("._")[:_LONGEST] or "none"


def clip_stem(names: str, slated: Slated, device: str) -> str:
    """The name that the template makes, without counter and ending. What is not known stays out of it.

    >>> slated = Slated(take_id="", production="Harbour: Lights", unit="Main", day=3, scene="42", slate="42C", take="3")
    >>> clip_stem("{slate}-{take}_{camera}", slated, "A")
    '42C-3_A'
    >>> clip_stem("{production}_D{day}_{roll}_{slate}-{take}_{camera}", slated, "A")
    'Harbour_Lights_D03_42C-3_A'
    """
    values = {
        "production": slated.production,
        "day": f"{slated.day:02d}",
        "unit": slated.unit,
        "episode": slated.episode or "",
        "scene": slated.scene,
        "slate": slated.slate or "none",
        "take": slated.take or "none",
        "camera": device,
        "roll": slated.roll or "",
    }
    safe = {name: file_safe(value) if value else "" for name, value in values.items()}
    stem = _REPEATED.sub(r"\1", _FIELD.sub(lambda match: safe.get(match[1], ""), names)).strip("._-")
    return stem.encode()[:_LONGEST_STEM].decode(errors="ignore") or "none"


def create_clip(
    media: Path, slated: Slated, device: str, suffix: str, *, names: str = CLIP_NAMES, tails: Sequence[str] = ("",)
) -> list[tuple[BinaryIO, str]]:
    """Create the files of a clip, `day03/42C-3_A.mov`, or `…_A_2.mov` where that exists or the log has it.

    The media folder itself is never made: where it is missing, its disk is.

    Args:
        media: folder of recordings.
        slated: what the template is filled from, and the names that the log has.
        device: its name, for `{camera}`.
        suffix: of the files, with its dot.
        names: the template.
        tails: what each file's name has beyond the clip's; all files of a clip get the same number.

    Returns:
        The empty files, open for writing and reading without a buffer, and their paths below `media`.

    Raises:
        OSError: the folder or a file cannot be made.
    """
    below = slated.folder or f"day{slated.day:02d}"
    folder = media / below
    folder.mkdir(exist_ok=True)
    stem = clip_stem(names, slated, device)
    number = 0
    while True:
        number += 1
        counted = stem if number == 1 else f"{stem}_{number}"
        found = [f"{counted}{tail}{suffix}" for tail in tails]
        if any(os.path.normpath(f"{below}/{name}") in slated.taken or os.path.lexists(folder / name) for name in found):
            continue
        made: list[tuple[BinaryIO, str]] = []
        try:
            for name in found:
                made.append((_create(folder / name), os.path.normpath(f"{below}/{name}")))
        except FileExistsError:  # somebody was quicker; the others of the set are ours, and empty
            _give_back(media, made)
            continue
        except OSError:
            _give_back(media, made)
            raise
        return made


def _create(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    file = os.fdopen(handle, "w+b", buffering=0)
    claim(file)  # nobody repairs it meanwhile
    return file


def _give_back(media: Path, made: Sequence[tuple[BinaryIO, str]]) -> None:
    for file, path in made:
        file.close()
        (media / path).unlink(missing_ok=True)
