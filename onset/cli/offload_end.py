"""Around a copy: the machine stays awake, its end is heard and seen, the card is ejected; a part of `onset offload`.

All of it is done by programs of the desktop, where they are: none of them can spoil a copy, and one that is missing,
refuses or hangs costs nothing but what it was for.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.offload.outcome import Outcome

_BELL = "\a"
_NOTIFY_S = 5.0
_MOST_USERS = 5  # that a sentence names
_EJECT_S = 60.0  # a card with a cache of its own takes its time
_NO_DISKS = ("/", "/home", "/boot", "/usr", "/var", "/tmp")


@contextmanager
def kept_awake(label: str) -> Iterator[None]:
    """Keep the machine from going to sleep by itself while the block runs, where the desktop lets us.

    The program that holds it awake waits for the end of a pipe of ours, so it ends when we do, however that is.
    """
    holder = _started(_awake_command(safe_text(label)))
    try:
        yield
    finally:
        if holder is not None and holder.stdin is not None:
            with suppress(OSError):
                holder.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                holder.wait(_NOTIFY_S)


def _awake_command(label: str) -> list[str] | None:
    if (inhibit := shutil.which("systemd-inhibit")) is not None:
        return [inhibit, "--what=sleep:idle", "--mode=block", "--who=onset", f"--why=offload of {label}", "cat"]
    if (caffeinate := shutil.which("caffeinate")) is not None:  # macOS
        return [caffeinate, "-ims", "cat"]
    return None


def _started(command: Sequence[str] | None) -> subprocess.Popen[bytes] | None:
    if command is None:
        return None
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the copy alone
        )
    except OSError:
        return None


def tell_room(outcome: Outcome) -> None:
    """Ring at a terminal and put a line on the desktop: whoever started the copy is at the other end of the truck."""
    done = outcome.exit_code == 0
    what = "is copied and read back" if done else "is NOT done"
    head, body = f"{safe_text(outcome.label)} {what}", f"The copies are {outcome.verdict} to format the card."
    if sys.stderr.isatty():
        with suppress(OSError):
            sys.stderr.write(_BELL if done else _BELL * 3)
            sys.stderr.flush()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"):
        return
    if (send := shutil.which("notify-send")) is not None:
        urgency = "normal" if done else "critical"
        _run([send, f"--urgency={urgency}", "--app-name=onset", "--", head, body], _NOTIFY_S)
    elif (script := shutil.which("osascript")) is not None:
        told = "on run {head, body}\ndisplay notification body with title head\nend run"
        _run([script, "-e", told, head, body], _NOTIFY_S)


def eject(card: Path, outcome: Outcome) -> str:
    """Unmount a card whose copies are good; what became of it, in a sentence.

    Nothing is forced: a card that another program still reads stays mounted.
    """
    from onset.offload.disks import mount_of

    label = safe_text(outcome.label)
    if outcome.exit_code != 0 or outcome.verdict != "safe":
        return f"{label} stays mounted: its copies are not safe."
    mount = mount_of(card)
    if mount is None or mount.point in _NO_DISKS or os.path.realpath(card) != os.path.realpath(mount.point):
        return f"{label} was not ejected: {safe_path(card)} is a folder on a disk that holds more than the card."
    commands: list[list[str]] = []
    if (diskutil := shutil.which("diskutil")) is not None:
        commands.append([diskutil, "eject", mount.point])
    if (udisks := shutil.which("udisksctl")) is not None and mount.source.startswith("/dev/"):
        commands.append([udisks, "unmount", "--no-user-interaction", "-b", mount.source])
    if (umount := shutil.which("umount")) is not None:
        commands.append([umount, "--", mount.point])
    why = "there is no program here that unmounts it"
    for command in commands:
        failed = _run(command, _EJECT_S)
        if failed is None:
            return f"{label} is unmounted; it may be pulled."
        why = failed
    users = _users(mount.point)
    if users:
        why = f"{', '.join(users)} still {'uses' if len(users) == 1 else 'use'} it"
    return f"{label} could not be unmounted ({why}); unmount {safe_path(mount.point)} yourself before you pull it."


def _users(point: str) -> list[str]:
    """Programs that have a file or their folder on a mount, as far as the system tells us; Linux only."""
    found = []
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda each: int(each.name)):
        with suppress(OSError):
            places = [process / "cwd", process / "root", *(process / "fd").iterdir()]
            if any(_lies_on(place, point) for place in places):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                found.append(f"{safe_text(name)} (pid {process.name})")
    return found[:_MOST_USERS]


def _lies_on(link: Path, point: str) -> bool:
    try:
        there = os.readlink(link)
    except OSError:
        return False
    return there == point or there.startswith(f"{point}/")


def _run(command: Sequence[str], longest_s: float) -> str | None:
    """None where it went well, else the last line of what the program said."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=longest_s, stdin=subprocess.DEVNULL, check=False)
    except OSError as error:
        return error.strerror or "it could not be started"
    except subprocess.TimeoutExpired:
        return "it did not answer"
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return safe_text(said[-1]) if said else f"exit code {done.returncode}"
