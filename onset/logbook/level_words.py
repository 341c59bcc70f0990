"""How loud the tracks of a sound file were, in words; the command line and the Review screen say it alike."""

from __future__ import annotations

from onset.domain.sound import SoundFile

_NOTHING_DB = -180.0


def level_words(file: SoundFile) -> list[str]:
    """`boom peak -3.1 rms -24.0 dBFS`, one a track that was measured between roll and cut."""
    names = [*file.tracks, *(f"track {number}" for number in range(len(file.tracks) + 1, len(file.peak_db) + 1))]
    return [
        f"{name} peak {peak:.1f} rms {rms:.1f} dBFS" if peak > _NOTHING_DB else f"{name} nothing at all"
        for name, peak, rms in zip(names, file.peak_db, file.rms_db, strict=False)
    ]
