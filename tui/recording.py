"""Which devices of the board write a file now, as the live bus says."""

from __future__ import annotations

from onset.capture.signals import Health
from onset.domain.take import Board
from tui.deps import Live

FRESH_NS = 3_000_000_000  # health comes twice a second; an older word is nobody's


def recording_devices(live: Live, board: Board, now_ns: int) -> frozenset[str]:
    """Cameras of the board whose device records."""
    found = set()
    for camera in board.cameras:
        health = live.newest(camera.camera, Health)
        if health is not None and health.recording and now_ns - health.mono_ns < FRESH_NS:
            found.add(camera.camera)
    return frozenset(found)
