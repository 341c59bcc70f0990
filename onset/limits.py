"""What devices are watched for, and from when on it is an alarm: `[capture.watch]`, and `watch` of one `[[device]]`.

Read by config.py, handed to each worker with its setup. docs/watch.md says what each of them is for.
"""

from __future__ import annotations

from dataclasses import dataclass

from onset.toml import Table

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long trouble lasts before it is an alarm, in seconds; 0: it is not watched for.

    Attributes:
        black_s: a black picture while a take rolls; black is a mean of at most `black_level` of 255.
        frozen_s: the same picture again and again.
        no_signal_s: one flat colour, as capture cards show without a signal.
        silence_s: a track that had sound is below `silence_db` dBFS while a take rolls.
        missing_s: a track is digital zero while another has sound and a take rolls.
        clipped: samples at full scale within two seconds of a take; 0: not watched.
        timecode_s: no timecode on the track that carries it.
        disk_slow_s: more than half of what may wait for the disk waits.
        disk_low_s, disk_full_s: recording time left on the disk, all devices together.
    """

    black_s: float = 2.0
    black_level: int = 20
    frozen_s: float = 4.0
    no_signal_s: float = 2.0
    silence_s: float = 10.0
    silence_db: int = -70
    missing_s: float = 5.0
    clipped: int = 3
    timecode_s: float = 3.0
    disk_slow_s: float = 1.0
    disk_low_s: float = 20 * 60.0
    disk_full_s: float = 5 * 60.0


USUAL = Limits()
_OF_DEVICES = (
    *("black", "black_level", "frozen", "no_signal", "silence", "silence_db", "missing", "clipped", "timecode"),
    "disk_slow",
)
_OF_ALL = (*_OF_DEVICES, "disk_low", "disk_full")


def read_limits(table: Table, title: str, default: Limits, *, of_device: bool = False) -> Limits:
    """The limits that a table says, those of `default` where it says nothing.

    Args:
        table: `watch` of `[capture]` or of a device.
        title: how complaints name it.
        default: what stands otherwise.
        of_device: without the keys that concern the disk of all devices.

    Raises:
        ConfigError: a key or value that cannot be; one sentence.
    """
    table = table.renamed(title)
    table.only(_OF_DEVICES if of_device else _OF_ALL)
    limits = Limits(
        black_s=table.seconds("black", default.black_s, 0.0, _DAY_S),
        black_level=table.whole("black_level", default.black_level, 1, 254),
        frozen_s=table.seconds("frozen", default.frozen_s, 0.0, _DAY_S),
        no_signal_s=table.seconds("no_signal", default.no_signal_s, 0.0, _DAY_S),
        silence_s=table.seconds("silence", default.silence_s, 0.0, _DAY_S),
        silence_db=table.whole("silence_db", default.silence_db, -140, -6),
        missing_s=table.seconds("missing", default.missing_s, 0.0, _DAY_S),
        clipped=table.whole("clipped", default.clipped, 0, 1_000_000),
        timecode_s=table.seconds("timecode", default.timecode_s, 0.0, _DAY_S),
        disk_slow_s=table.seconds("disk_slow", default.disk_slow_s, 0.0, _DAY_S),
        disk_low_s=table.seconds("disk_low", default.disk_low_s, 0.0, _DAY_S),
        disk_full_s=table.seconds("disk_full", default.disk_full_s, 0.0, _DAY_S),
    )
    if limits.disk_low_s and limits.disk_full_s > limits.disk_low_s:
        table.wrong("disk_full", "must not be longer than disk_low")
    return limits
