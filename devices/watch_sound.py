"""Watches a mixer's tracks while a take rolls: silence, a track that is missing, clipping. Between takes nobody talks.

Used by `desk_sound.py`, which gives it the levels of each tenth of a second. The track that carries timecode is left
out: it is a square wave at any level.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from devices.adapter import NS
from devices.watch import Say, Trouble
from onset.capture.signals import Levels
from onset.limits import Limits
from onset.text import safe_text

_NOTHING_DB = -180.0  # no bit is set; the quietest converter is 40 dB above
_WITHIN_NS = 2 * NS
_TELL_S = 0.001  # as soon as there is enough of it
_OVER_S = 3.0  # a track that clips does so again and again


class SoundWatch:
    """The tracks of one mixer."""

    def __init__(self, device: str, tracks: tuple[str, ...], timecode: int | None, limits: Limits, say: Say) -> None:
        """Nothing was heard yet; `timecode` is the channel that carries it, from 0."""
        self._tracks = {
            channel: _Track(device, name, limits, say) for channel, name in enumerate(tracks) if channel != timecode
        }
        self._heard_db = float(limits.silence_db)

    def hear(self, levels: Levels, *, rolling: bool) -> None:
        """Judge the levels of the last tenth of a second.

        Args:
            levels: of all tracks.
            rolling: a take rolls.
        """
        loud = {channel for channel in self._tracks if levels.peak_db[channel] > self._heard_db}
        for channel, track in self._tracks.items():
            others = bool(loud - {channel})
            track.hear(levels.peak_db[channel], levels.clipped[channel], levels.mono_ns, rolling, others)

    def remember(self, peaks: Mapping[str, float]) -> None:
        """What tracks of these names have had in files of the day, in dBFS: another worker, or connection, heard it."""
        for track in self._tracks.values():
            track.remember(peaks)

    def gone(self, now_ns: int) -> None:
        """The mixer is away; that is an alarm of its own."""
        for track in self._tracks.values():
            track.end(now_ns, "The device went away.")


class _Track:
    def __init__(self, device: str, name: str, limits: Limits, say: Say) -> None:
        start, shown = f"{safe_text(device)}: ", safe_text(name)
        self._name = name
        self._limits = limits
        self._had_sound = False
        self._clips: deque[tuple[int, int]] = deque()
        quiet = f"{start}{shown} is silent, below {limits.silence_db} dBFS; it had sound before."
        self._silent = Trouble(device, f"silence {name}", quiet, limits.silence_s, say)
        nothing = f"{start}{shown} is missing: nothing at all comes, while other tracks have sound."
        self._missing = Trouble(device, f"missing {name}", nothing, limits.missing_s, say)
        hot = f"{start}{shown} clips."
        self._clipping = Trouble(device, f"clipping {name}", hot, _TELL_S if limits.clipped else 0, say, over_s=_OVER_S)

    def remember(self, peaks: Mapping[str, float]) -> None:
        self._had_sound = self._had_sound or peaks.get(self._name, _NOTHING_DB) > self._limits.silence_db

    def hear(self, peak_db: float, clipped: int, now_ns: int, rolling: bool, others: bool) -> None:
        sounds = peak_db > self._limits.silence_db
        self._had_sound = self._had_sound or sounds
        nothing = peak_db <= _NOTHING_DB and others and bool(self._limits.missing_s)
        self._missing.judge_take(nothing, now_ns, rolling=rolling)
        self._silent.judge_take(self._had_sound and not sounds and not nothing, now_ns, rolling=rolling)
        self._clips.append((now_ns, clipped if rolling else 0))
        while now_ns - self._clips[0][0] > _WITHIN_NS:
            self._clips.popleft()
        hot = bool(self._limits.clipped) and sum(count for _, count in self._clips) >= self._limits.clipped
        if hot and not self._clipping.told:
            self._clipping.judge(True, now_ns - NS // 10)  # the tenth of a second that was heard is over
        self._clipping.judge(hot, now_ns)

    def end(self, now_ns: int, words: str) -> None:
        for trouble in (self._silent, self._missing, self._clipping):
            trouble.end(now_ns, words)
        self._clips.clear()
