"""What the sound department adds to a take."""

from __future__ import annotations

from dataclasses import dataclass

from onset.domain.camera import LinkState


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFile:
    """A sound file: poly, or one of a mono set. `path` as in `Clip`.

    Attributes:
        tc_in: label of the first sample; `samples` and `sample_rate` give the exact length.
        tracks: names in channel order.
    """

    id: str
    name: str
    path: str
    device: str
    tc_in: str | None
    tc_source: str | None
    rate: str
    duration_frames: int | None
    samples: int | None = None
    sample_rate: int | None = None
    tracks: tuple[str, ...] = ()
    interrupted: bool = False
    link: LinkState = LinkState.PROPOSED
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTake:
    """The sound of a take on one recorder: a roll and its files."""

    device: str
    roll: str | None = None
    files: tuple[SoundFile, ...] = ()
