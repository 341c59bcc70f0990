"""What the matcher found: links with their evidence, the clocks behind them, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onset.domain.camera import LinkState
from onset.match.observed import Side


class Evidence(StrEnum):
    """A kind of evidence for a link; two different kinds that agree confirm it."""

    TIME = "time"  # starts agree after the clocks' offset and rate were found
    ORDER = "order"  # order and durations only, where no timecode helps (rec run)
    NAME = "name"  # the file itself says scene and take (iXML, metadata)
    REPORT = "report"  # a camera or sound report names the file beside the slate and take
    CLAIM = "person"  # a person said so


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """A take and a medium that belong together.

    Attributes:
        camera: the angle of the take it belongs to (a camera letter), or the recorder's name.
        method: the strongest kind of evidence, as the log keeps it.
        kinds: all kinds that agree.
        evidence: in words, for people ("offset +37.2 s found on 61 of 64 pairs; the file says 42C take 3").
        question: why a person has to look before this is taken for true; None when nothing speaks against it. A link
            with a question is never confirmed.
    """

    take_id: str
    medium_id: str
    camera: str
    state: LinkState
    method: Evidence
    kinds: frozenset[Evidence]
    evidence: str
    question: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundClock:
    """A device's clock against the log's, from the matches themselves; one for each stretch in which it held.

    Attributes:
        device, side, card: whose it is; card empty when it held over all cards of the device.
        offset_s: what has to be added to the log's time to get the device's, at the first pair.
        ratio_name: "1", "1000/1001" or "1001/1000": how fast the device's seconds run against the log's.
        drift_ppm: fitted on the pairs beyond that ratio, None with fewer than eight pairs or under an hour.
        pairs, of: pairs that agree with it, of those that could.
        spread_s: middle of the absolute misfits (median), a person's reaction time included.
        from_s, to_s: the stretch on the log's clock.
        rec_run: no offset holds; matched by order and duration alone (then offset_s is 0).
    """

    device: str
    side: Side
    card: str
    offset_s: float
    ratio_name: str
    drift_ppm: float | None
    pairs: int
    of: int
    spread_s: float
    from_s: float
    to_s: float
    rec_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A take that a device should have and of which nothing was found (`medium_id` None), or a medium without a take.

    Attributes:
        device: camera letter or recorder.
        why: in words ("no clip of B without a take starts within 12 s of it").
    """

    take_id: str | None
    medium_id: str | None
    device: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The whole answer, in one canonical order (by take, then device, then medium)."""

    links: tuple[FoundLink, ...] = ()
    clocks: tuple[FoundClock, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
