"""Half-typed texts while the log cannot be written: a small file beside the second journal, until the log has them.

The stand-in goes with its program, and what somebody was typing must not. Used by keeping.py and stand_in.py, with the
journal held.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from logging_db.sqlite_library import Connection
from onset.errors import LogError
from onset.text import safe_path

_VERSION = 1
_MOST = 16 << 20  # bytes of a file that is read; notes are some hundred

_Drafts = dict[tuple[str, str], str | None]  # of a seat's id in hexadecimal digits and a key; None: it was thrown away


def drafts_of(journal: Path) -> Path:
    """The file beside a journal."""
    return journal.with_name(f"{journal.name}.drafts")


def keep(journal: Path, seat: bytes, key: str, text: str | None) -> None:
    """Keep one durably, or that it was thrown away.

    Raises:
        LogError: the second disk does not take it.
    """
    path = drafts_of(journal)
    kept = {**_read(path), (seat.hex(), key): text}
    told = {"onset drafts": _VERSION, "drafts": [[*name, each] for name, each in kept.items()]}
    temporary = path.with_name(f".{path.name}.part")
    try:
        with open(temporary, "w", encoding="ascii") as file:
            json.dump(told, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise LogError(f"What was typed cannot be kept in {safe_path(path)} ({error.strerror}).") from error


def put_back(journal: Path, connection: Connection) -> None:
    """Write all that is kept into a log, or into a stand-in.

    Args:
        journal: beside which the file is.
        connection: writing, with no transaction open.
    """
    for (seat, key), text in _read(drafts_of(journal)).items():
        connection.execute("DELETE FROM draft WHERE seat = ? AND key = ?", (bytes.fromhex(seat), key))
        if text is not None:
            sql = "INSERT INTO draft (seat, key, text) VALUES (?, ?, ?)"
            connection.execute(sql, (bytes.fromhex(seat), key, text))


def forget(journal: Path) -> None:
    """The log has them."""
    with suppress(OSError):
        drafts_of(journal).unlink(missing_ok=True)


def _read(path: Path) -> _Drafts:
    """What is kept; nothing, where the file is not there or not ours."""
    try:
        with open(path, "rb") as file:
            told = json.loads(file.read(_MOST).decode())
    except (OSError, ValueError, RecursionError):
        return {}
    drafts = told.get("drafts") if isinstance(told, dict) and told.get("onset drafts") == _VERSION else None
    return dict(_drafts(drafts)) if isinstance(drafts, list) else {}


def _drafts(told: list[object]) -> Iterator[tuple[tuple[str, str], str | None]]:
    for each in told:
        match each:
            case [str(seat), str(key), None | str() as text] if _can_be_kept(seat, key, text or ""):
                yield (seat, key), text


def _can_be_kept(seat: str, key: str, text: str) -> bool:
    try:
        (key + text).encode()
        return len(bytes.fromhex(seat)) == 16
    except ValueError:  # a lone surrogate is one too
        return False
