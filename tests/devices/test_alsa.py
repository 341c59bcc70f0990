"""A mixer that is away all day: each look for it must not cost memory."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from devices import alsa
from devices.audio_pyaudio import PyAudioInput
from onset.errors import DeviceError
from tests.devices.sources import surroundings
from tests.needs import require

_LOOKS = 20


class _Heap(ctypes.Structure):
    """What `mallinfo2` of the C library tells, in its order."""

    _names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = tuple((name, ctypes.c_size_t) for name in _names)


def _in_use() -> int:
    """Bytes that libraries have asked for and not given back; Python's own objects are elsewhere."""
    tell = ctypes.CDLL(None).mallinfo2
    tell.restype = _Heap
    return int(tell().uordblks)


def test_a_missing_mixer_fills_the_memory() -> None:
    require(sys.platform == "linux", "ALSA is Linux's")
    require(find_spec("pyaudio") is not None, "PyAudio is not installed (make audio)")
    mixer = PyAudioInput("MIX", {"match": "no such mixer"}, surroundings())

    def look() -> None:
        with pytest.raises(DeviceError, match="no sound input"):
            mixer.open()

    look()
    look()  # the plug-ins are held from the second on
    before = _in_use()
    for _ in range(_LOOKS):
        look()
    assert _in_use() - before < _LOOKS * 2000, "12 kB each where the plug-ins are dropped and loaded again"


def test_plug_ins_are_looked_for_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    maps = tmp_path / "maps"
    maps.write_text("7f00-7f10 r-xp 0000 08:01 99   /usr/lib/aarch64-linux-gnu/libasound.so.2.0.0\n")
    monkeypatch.setattr(alsa, "_MAPS", maps)
    monkeypatch.delenv("ALSA_PLUGIN_DIR", raising=False)
    assert alsa.plug_in_folder() == Path("/usr/lib/aarch64-linux-gnu/alsa-lib")
    monkeypatch.setenv("ALSA_PLUGIN_DIR", "/opt/alsa")
    assert alsa.plug_in_folder() == Path("/opt/alsa")
    monkeypatch.delenv("ALSA_PLUGIN_DIR")
    monkeypatch.setattr(alsa, "_MAPS", tmp_path / "none")
    assert alsa.plug_in_folder() is None
