"""Append devices to a production's `config.toml`: all of them or nothing, and never over somebody's edit.

Used by devices_probe.py. What stands in the file stays as it is, comments and all (docs/decisions/0135).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from onset.config import parse_config
from onset.errors import ConfigError
from onset.text import safe_path
from onset.toml import CONFIG_NAME, read_toml


def append_devices(production: Path, tables: Sequence[str]) -> None:
    """Write the tables behind what the file has.

    Raises:
        ConfigError: the file would not be right afterwards, was changed meanwhile, or cannot be written; it is then as
            it was.
    """
    if not tables:
        return
    path = Path(os.path.realpath(production / CONFIG_NAME))  # where a link leads to, so that the link stays
    before = read_toml(path)
    text = before.rstrip("\n") + "\n\n" + "\n".join(tables)
    parse_config(text, production)
    try:
        _replace(path, before, text)
    except OSError as error:
        raise ConfigError(f"{safe_path(path)} cannot be written: {error.strerror}; nothing was changed.") from error


def _replace(path: Path, before: str, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            os.fchmod(file.fileno(), path.stat().st_mode & 0o7777)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if read_toml(path) != before:
            raise ConfigError(f"{safe_path(path)} was changed meanwhile; nothing was written, do it again.")
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
