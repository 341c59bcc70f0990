"""The wrap manifest: a small JSON file beside the backup of a day's end that says how far the log went then.

Who keeps one (a printed hash is enough) can show later that nothing of that day was taken out or written anew. Used by
`onset wrap`, which writes it, and by doctor.py, which compares the log with it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from logging_db import opening
from logging_db.backup import Made
from onset.errors import LogError
from onset.logbook.as_json import Json
from onset.text import safe_path

_VERSION = 1
_LARGEST = 64 << 20
_ENDING = ".wrap.json"
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wrapped:
    """How far a log went at the end of a day: of every seat (32 hex digits) the newest (number, hash in hex)."""

    path: Path
    heads: Mapping[str, tuple[int, str]]


def write(made: Made, facts: Mapping[str, Json], seats: Mapping[str, str], made_ns: int) -> Path:
    """Write the manifest of a backup beside it, never over another file; durable when it returns.

    Args:
        made: the backup, read back.
        facts: what the caller knows of the day; becomes part of the document.
        seats: names of the seats, by id.
        made_ns: the time.

    Raises:
        LogError: the disk does not let it be written.
    """
    document: dict[str, Json] = {
        "onset wrap": _VERSION,
        **facts,
        "made_ns": made_ns,
        "seats": [
            {"id": seat, "name": seats.get(seat, ""), "seq": seq, "hash": hash}
            for seat, (seq, hash) in sorted(made.heads.items())
        ],
        "backup": {
            "file": made.backup.path.name,
            "bytes": made.size,
            "sha256": made.sha256,
            "edits": made.backup.edits,
        },
    }
    folder = made.backup.path.parent
    title = made.backup.path.name.partition(".")[0]
    time = f"{datetime.fromtimestamp(made_ns // _NS, UTC):%Y%m%dT%H%M%SZ}"
    unit = re.sub(r"[^a-z0-9]+", "-", str(facts.get("unit", "")).lower()).strip("-") or "unit"
    name = f"{title}.{made.backup.production}.{made.backup.log}.day{facts.get('day')}-{unit}.{time}"
    part = folder / f".{name}.{os.getpid()}.onset-part"
    try:
        with open(part, "x", encoding="utf-8") as file:
            json.dump(document, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        number = 1
        while os.path.lexists(path := folder / f"{name}{'' if number == 1 else f'-{number}'}{_ENDING}"):
            number += 1
        opening.publish(part, path)
    except OSError as error:
        raise LogError(f"The wrap manifest cannot be written in {safe_path(folder)} ({error.strerror}).") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def manifests(folder: Path, production: str) -> list[Path]:
    """The manifests of a production in a folder."""
    return sorted(folder.glob(f"*.{production}.*{_ENDING}"))


def read(path: Path) -> Wrapped:
    """What a manifest says.

    Raises:
        LogError: it cannot be read, or is none.
    """
    try:
        with open(path, "rb") as file:
            document = json.loads(file.read(_LARGEST))
        if document["onset wrap"] != _VERSION:
            raise ValueError
        heads = {str(seat["id"]): (int(seat["seq"]), str(seat["hash"])) for seat in document["seats"]}
        if not all(
            len(bytes.fromhex(seat)) == 16 and len(bytes.fromhex(hash)) == 32 for seat, (_, hash) in heads.items()
        ):
            raise ValueError
    except OSError as error:
        raise LogError(f"{safe_path(path)} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        raise LogError(f"{safe_path(path)} is not a wrap manifest, or was altered.") from None
    return Wrapped(path, heads)
