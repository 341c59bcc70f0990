"""What the sound department adds to a take."""

from __future__ import annotations

from dataclasses import dataclass

from onset.domain.camera import LinkState, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundFile:
    """A sound file: poly, or one of a mono set. `path` as in `Clip`.

    Attributes:
        tc_in: label of the first sample; `samples` and `sample_rate` give the exact length.
        tracks: names in channel order.
        link, method, evidence, decided_by, source, card, unit, day, created_ns, size, digest, unreadable, named_scene,
            named_take: as in `Clip`.
        roll: the sound roll as the file names it (iXML TAPE).
        family: the iXML FAMILY_UID, one for all files of a mono set; empty for a file that stands alone.
        pre_record: samples before the record key that the file declares.
        circled, wild: what the file says, None when it says nothing.
        note: the mixer's note in the file.
        peak_db, rms_db: levels of each track between roll and cut in dBFS, -200.0 for silence; empty: nobody measured.
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
    evidence: str = ""
    decided_by: str = ""
    source: Source = Source.RECORDER
    card: str | None = None
    unit: str = "Main"
    day: int | None = None
    roll: str = ""
    family: str = ""
    pre_record: int | None = None
    circled: bool | None = None
    wild: bool | None = None
    note: str = ""
    created_ns: int | None = None
    size: int | None = None
    digest: str | None = None
    unreadable: str = ""
    named_scene: str = ""
    named_take: str = ""
    peak_db: tuple[float, ...] = ()
    rms_db: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTake:
    """The sound of a take on one recorder: a roll and its files.

    Attributes:
        tracks: what the mixer says is on them, in channel order; a file has its own names.
        circled: what the mixer says, None when nothing.
    """

    device: str
    roll: str | None = None
    files: tuple[SoundFile, ...] = ()
    tracks: tuple[str, ...] = ()
    circled: bool | None = None
    note: str | None = None
