"""ALSA's plug-ins, held in memory between two looks for a sound interface.

Used by audio_pyaudio.py. Each time PortAudio starts it opens all that ALSA's configuration names, and each plug-in is
loaded and dropped again with all libraries below it.
"""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

_MAPS = Path("/proc/self/maps")


@cache
def hold_plug_ins() -> tuple[ctypes.CDLL, ...]:
    """Load the plug-ins for good; none where there is no ALSA, or it has not been loaded yet.

    One of them (a52) brings FFmpeg along. Loading it was 15 of the 19 ms of CPU of a look, and a library below it loses
    12 kB each time it is loaded; held, all of them take 10 MB once (docs/decisions/0090).
    """
    folder = plug_in_folder()
    held: list[ctypes.CDLL] = []
    for path in [] if folder is None else sorted(folder.glob("libasound_module_pcm_*.so")):
        with suppress(OSError):  # one of its own libraries is not installed: then PortAudio cannot load it either
            held.append(ctypes.CDLL(str(path)))
    return tuple(held)


def plug_in_folder() -> Path | None:
    """Where the ALSA that this process has loaded finds them: by its environment, else beside the library."""
    told = os.environ.get("ALSA_PLUGIN_DIR")
    if told:
        return Path(told)
    with suppress(OSError):
        for line in _MAPS.read_text().splitlines():
            path = Path(line.partition("/")[2])
            if path.name.startswith("libasound.so"):
                return Path("/") / path.parent / "alsa-lib"
    return None
