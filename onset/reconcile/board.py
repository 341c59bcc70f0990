"""The reconciliation board of a shooting day: for each take what each department claims, and the differences.

Frozen values only; `compare.py` makes them from a log, the command line, the Review screen and the wrap summary show
them. All words have passed `safe_text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from onset.domain.camera import LinkState
from onset.domain.take import Kind, State, Status
from onset.match.found import FoundClock


class Department(StrEnum):
    """Who claims something."""

    SCRIPT = "script"  # the log itself
    CAMERA = "camera"  # a camera report
    SOUND = "sound"  # a sound report, or what the recorder wrote into its files
    MEDIA = "media"  # the files themselves


class Standing(StrEnum):
    """How a difference stands."""

    OPEN = "open"
    PENDING = "pending"  # nothing is wrong yet: the card or the report has not come
    EXPLAINED = "explained"  # a person typed why


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What one department claims about a take on one device; None where it says nothing about that.

    Attributes:
        device: camera letter or recorder; empty for what is claimed of the take as a whole.
        clip: name of the clip or sound file; `media_id` where it is in the log.
        start: a label; `length_s` seconds.
        link, evidence: of `clip` to the take, where this is a file.
    """

    department: Department
    device: str
    clip: str | None = None
    media_id: str | None = None
    roll: str | None = None
    circled: bool | None = None
    start: str | None = None
    length_s: float | None = None
    mos: bool | None = None
    link: LinkState | None = None
    evidence: str = ""
    decided_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Departments disagree, or something is not there (yet).

    Attributes:
        key: stays the same while the difference is the same; what an explanation is bound to.
        field: `clip`, `roll`, `circled`, `start`, `duration`, `mos`, `link` or `file`.
        what: one sentence ("script circled 42C/3, sound did not").
        cause: the likely cause, in words, empty where none can be told; for a question about a link its evidence.
        take_id, media_id: what it is about, None where it is not about one.
        choices: media that a person can choose from, for a question about a link.
    """

    key: str
    standing: Standing
    field: str
    what: str
    cause: str
    take_id: str | None
    media_id: str | None
    device: str
    explanation: str = ""
    explained_by: str = ""
    choices: tuple[str, ...] = ()

    @property
    def cause_is(self) -> str:
        """What `cause` is: a link is asked about with the evidence for it, which is no cause of anything."""
        return "evidence" if self.field == "link" else "likely cause"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeClaims:
    """A take with everything that is claimed about it."""

    take_id: str
    label: str
    scene: str
    state: State
    status: Status
    kind: Kind
    claims: tuple[Claimed, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A file that belongs to no take of the day."""

    media_id: str
    name: str
    device: str
    card: str
    start: str | None
    length_s: float | None
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A day of a unit, reconciled.

    Attributes:
        takes: in shot order.
        clocks: each device's clock against the log's, from the matches; `clock_lines` the same in words.
        rolls_pending: camera and sound rolls that takes name and that have not been offloaded or brought in.
        others: differences that are not about one take or one file: a roll typed wrong for many takes, a row of a
            report whose take the log does not have.
    """

    title: str
    unit: str
    day: int
    date: str
    takes: tuple[TakeClaims, ...]
    strays: tuple[Stray, ...]
    clocks: tuple[FoundClock, ...]
    clock_lines: tuple[str, ...]
    rolls_pending: tuple[str, ...]
    others: tuple[Difference, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All of them, in the order of the board."""
        return (
            *(each for take in self.takes for each in take.differences),
            *self.others,
            *(stray.difference for stray in self.strays),
        )

    def count(self, standing: Standing) -> int:
        """How many differences stand so."""
        return sum(each.standing is standing for each in self.differences)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLog:
    """What the log says about a card: the LOG sentence.

    Attributes:
        ok: nothing that the log expects on it is missing, and nothing on it is unknown, or each has a reason.
        expected: takes and angles that name this roll or are linked to its clips; `linked` those with a clip.
        without_clip: takes (`42C/3 A`) whose clip was not found on it; `without_take` clips that belong to no take.
        unreadable: clips that could not be read.
        pending: what cannot be said yet, and why.
        explained: how many of the above a person explained.
        sentence: all that in one sentence.
    """

    ok: bool
    expected: int
    linked: int
    without_clip: tuple[str, ...]
    without_take: tuple[str, ...]
    unreadable: tuple[str, ...]
    pending: tuple[str, ...]
    explained: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCopies:
    """What the copies say about a card: the COPIES sentence.

    Attributes:
        ok: enough verified copies on distinct media, as the offload's verdict says, and none was found bad since.
        whole: how many are complete.
        mounted: paths of copies that can be seen now; `away` those that cannot.
        bad: what verifications found since, by the path of the copy; empty where all was well, or nobody looked.
        proved: the sentence without that: as true on another machine, and tomorrow.
    """

    ok: bool
    verdict: str
    whole: int
    reasons: tuple[str, ...]
    as_of_ns: int
    mounted: tuple[str, ...]
    away: tuple[str, ...]
    sentence: str
    proved: str
    bad: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVerdict:
    """May this card be formatted: the answer in one sentence, with both halves of its evidence.

    Attributes:
        verdict: `safe` (both halves are good), `cleared` (and a named person said so), or `not safe`.
        reasons: why not safe, or what the answer rests on.
        superseded: the card came back with other contents since; this state of it is history.
    """

    card_id: str
    card: str
    fingerprint: str
    unit: str
    day: int | None
    verdict: str
    sentence: str
    reasons: tuple[str, ...]
    copies: CardCopies
    log: CardLog
    cleared_by: str
    cleared_ns: int | None
    cleared_note: str
    as_of_ns: int
    superseded: bool = False
