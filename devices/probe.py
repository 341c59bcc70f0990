"""What is connected to this machine, as JSON: `python -m devices.probe sound` or `serial [PORT…]`, `serial --all`.

Run by `onset devices probe`, each in a process of its own, because PortAudio has ended processes while it looked
around. Cameras, feeds and decks need nothing here: their workers open them.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass

from devices.audio_pyaudio import be_quiet
from devices.probe_serial import probe_serial


@dataclass(frozen=True, slots=True)
class SoundFound:
    """A sound input.

    Attributes:
        api: the host API that knows it (ALSA, JACK, Core Audio …).
        sample_rate: its own, in Hz.
        default: it is the system's default input.
    """

    name: str
    api: str
    channels: int
    sample_rate: int
    default: bool


def sound_inputs() -> list[SoundFound]:
    """Every input that PortAudio knows; may take the process with it.

    Raises:
        ImportError: PyAudio is not installed.
    """
    be_quiet()
    import pyaudio

    portaudio = pyaudio.PyAudio()
    try:
        try:
            default = int(portaudio.get_default_input_device_info()["index"])
        except OSError:
            default = -1  # there is no input
        found = []
        for index in range(portaudio.get_device_count()):
            told = portaudio.get_device_info_by_index(index)
            api = str(portaudio.get_host_api_info_by_index(int(told["hostApi"]))["name"])
            channels, rate = int(told["maxInputChannels"]), int(told["defaultSampleRate"])
            if channels > 0:
                found.append(SoundFound(str(told["name"]), api, channels, rate, index == default))
        return found
    finally:
        portaudio.terminate()


def main() -> int:
    """Answer one question on standard output, to which no library can write."""
    answer = os.dup(1)
    os.dup2(2, 1)
    what, ports = sys.argv[1], sys.argv[2:]
    try:
        if what == "sound":
            found = [asdict(each) for each in sound_inputs()]
        else:
            found = [asdict(each) for each in probe_serial(True if ports == ["--all"] else ports)]
    except ImportError:
        return 3
    os.write(answer, json.dumps(found).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
