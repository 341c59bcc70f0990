"""`onset log cut --wait`: return when the files of a take are complete in the log."""

from __future__ import annotations

import sys
from pathlib import Path

from onset.cli.find import load_config
from onset.clock import Clock
from onset.domain.take import Take
from onset.errors import CaptureError, OnsetError
from onset.logbook.protocol import Logbook

_LOOK_AGAIN_S = 0.02
_QUIET_S = 2.0  # a device that has not begun a file by now is not going to
_FINISH_S = 30.0  # beyond the post-roll: closing and syncing a long file on a slow disk
_NS = 1_000_000_000


def wait_for_files(log: Logbook, take: Take, production: Path, clock: Clock) -> Take:
    """The take with all its recorded files closed.

    Raises:
        CaptureError: they were not in time; the cut itself is in the log.
    """
    from onset.capture.lock import service_running

    try:
        config = load_config(production)
    except OnsetError as error:
        raise CaptureError(f"{take.label} is cut, but its files cannot be waited for: {error}") from error
    start_ns = quiet_ns = clock.monotonic_ns()
    deadline_ns = start_ns + int((config.capture.postroll_s + _FINISH_S) * _NS)
    known = -1
    feed = log.feed()
    try:
        while True:
            files = [clip for angle in take.angles for clip in angle.clips]
            lengths = [clip.duration_frames for clip in files]
            lengths += [file.duration_frames for sound in take.sound for file in sound.files]
            now_ns = clock.monotonic_ns()
            if len(lengths) != known:
                known, quiet_ns = len(lengths), now_ns
            complete = None not in lengths
            if complete and known >= len(config.devices):
                return take
            if complete and now_ns - quiet_ns >= _QUIET_S * _NS:
                if not known:
                    print("Nothing was recorded for this take.", file=sys.stderr)
                return take
            if not service_running(production):
                if complete:
                    return take
                raise CaptureError(f"The capture service ended before the files of {take.label} were complete.")
            if now_ns >= deadline_ns:
                raise CaptureError(f"{take.label} is cut, but its files are not complete yet; see onset devices.")
            if feed.poll():
                take = log.find_take(take.id)
            else:
                clock.sleep(_LOOK_AGAIN_S)
    finally:
        feed.close()
