"""Which seat this is: one log opened by one user on one machine at one path in one role.

The id lies in the user's state folder, not in the log, so that a copied log is opened as another seat and never counts
on from the numbers of the first. Beside it lies which edit the seat wrote last: a log that does not hold that one is a
restored backup or another copy, and is opened as a new seat too.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
from collections.abc import Callable
from pathlib import Path

from onset.changes import new_id
from onset.clock import Clock
from onset.domain.production import Seat
from onset.errors import LogError
from onset.text import safe_path, safe_text

ENVIRONMENT = "ONSET_SEAT"
_HASH = 32  # bytes


def user_name() -> str:
    """The login name, as it stands beside an edit."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return f"user {os.getuid()}"


def state_folder() -> Path:
    """`$XDG_STATE_HOME/onset`."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return Path(base) / "onset"


def machine() -> str:
    """This machine's own name for itself, the same until it is installed anew."""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            found = Path(path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if found:
            return found
    return platform.node()


def seat_for(
    log: Path,
    production: str,
    *,
    user: str,
    role: str,
    name: str | None,
    clock: Clock,
    needed: bool = True,
    goes_on: Callable[[str], bool] = lambda seat: True,
) -> Seat:
    """This seat; its id is made and kept at the first opening.

    Args:
        log: the log's real path.
        production: the production's id: another log at the same path is another seat.
        user: who works here.
        role: what they do here.
        name: a seat's own name (`--seat`), over `$ONSET_SEAT`: several seats of one user in one role.
        clock: for the id.
        needed: it will write; one that only reads need not be remembered.
        goes_on: whether the log is the one that the seat with this id wrote last; if not, this is a new seat.

    Raises:
        LogError: the state folder cannot be written.
    """
    name = name or os.environ.get(ENVIRONMENT) or None
    key = "\x00".join((os.path.realpath(log), production, machine(), user, role, name or ""))
    file = state_folder() / "seats" / hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    shown = name or (f"{user}, {role}" if role else user)
    return Seat(id=_kept_id(file, clock, goes_on, needed), name=safe_text(shown), role=safe_text(role))


def went_on(seat: str, held: Callable[[int], bytes]) -> bool:
    """Whether a log holds the edit that this seat wrote last; also where nobody remembers one.

    Args:
        seat: its id.
        held: the hash of the seat's edit of that number in the log, empty where it has none.
    """
    try:
        kept = (_newest_file(seat)).read_bytes()
    except OSError:
        return True
    seq, hash = int.from_bytes(kept[:8], "big"), kept[8:]
    return len(hash) != _HASH or held(seq) == hash


def wrote(seat: str, seq: int, hash: bytes) -> None:
    """Remember the seat's newest edit. Not made durable: after a power cut an older one is as good, and none too."""
    file = _newest_file(seat)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError:  # the log has the edit; that it is remembered here too is for a day when a backup is restored
        return
    try:
        os.pwrite(descriptor, seq.to_bytes(8, "big") + hash, 0)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _newest_file(seat: str) -> Path:
    return state_folder() / "seats" / f"{seat}.newest"


def _kept_id(file: Path, clock: Clock, goes_on: Callable[[str], bool], needed: bool) -> str:
    try:
        kept = _read(file)
        if kept is not None and goes_on(kept):
            return kept
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = new_id(clock.wall_ns()).hex()
        temporary = file.with_name(f"{file.name}.{fresh}")
        with open(temporary, "x", encoding="ascii") as handle:
            handle.write(fresh)
            handle.flush()
            os.fsync(handle.fileno())
        try:
            if kept is not None:
                os.replace(temporary, file)
            else:
                os.link(temporary, file)  # the first of two programs that start at once wins
        except FileExistsError:
            return _read(file) or fresh
        finally:
            temporary.unlink(missing_ok=True)
        return fresh
    except OSError as error:
        if not needed:
            return new_id(clock.wall_ns()).hex()
        raise LogError(
            f"This seat cannot be remembered in {safe_path(file.parent)} ({error.strerror}); make the folder writable, "
            "or set $XDG_STATE_HOME to one that is."
        ) from error


def _read(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    if len(text) == 32 and set(text) <= set("0123456789abcdef"):
        return text
    raise LogError(f"{safe_path(file)} holds no seat id; move it away, and a new seat is made.")
