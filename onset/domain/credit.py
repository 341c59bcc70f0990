"""What is credited of the script, what is planned and owed of it, and what was shot before this log began."""

from __future__ import annotations

from dataclasses import dataclass

from onset.domain.scene import Coverage, OwedKind, scene_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What a person says was shot of a scene on a day; frozen, whatever a revision makes of the scene afterwards.

    Attributes:
        scene_id: the scene; `episode` and `number` as they were when it was credited.
        eighths: of a page; None: not said. `seconds` of screen time likewise.
        author: who credited it, at `wall_ns`.
    """

    id: str
    scene_id: str
    episode: str | None
    number: str
    unit: str
    day: int
    state: Coverage
    eighths: int | None = None
    seconds: int | None = None
    note: str = ""
    author: str = ""
    wall_ns: int = 0

    @property
    def label(self) -> str:
        """`42`, or `101:42` of an episode."""
        return scene_label(self.number, self.episode)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditProposal:
    """What a scene could be credited with when it is complete; a person decides.

    Attributes:
        eighths: what is left of the scene's; None: nobody counted its pages.
        seconds: what is left of `run_s`; None: no circled take has a whole run.
        run_s: the longest whole run of its circled takes, seconds; `take` is that take's label.
        run_estimated: no action was stamped, so the run is the take from roll to cut.
    """

    eighths: int | None = None
    seconds: int | None = None
    run_s: int | None = None
    take: str = ""
    run_estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a unit had shot before this log began, for someone who joins on day 12.

    Attributes:
        scenes: that were complete; eighths of pages and seconds of screen time that were credited.
    """

    unit: str
    days: int = 0
    scenes: int = 0
    setups: int = 0
    takes: int = 0
    circled: int = 0
    eighths: int = 0
    seconds: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A scene on a day, as a schedule from outside has it.

    Attributes:
        eighths: how much of it; None: all of it.
    """

    day: int
    number: str
    episode: str | None = None
    eighths: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedScene:
    """A scene on the schedule of a day.

    Attributes:
        eighths: how much of it is planned; None: all of it.
    """

    id: str
    unit: str
    day: int
    episode: str | None
    number: str
    ordinal: int = 0
    eighths: int | None = None
    note: str = ""

    @property
    def label(self) -> str:
        """`42`, or `101:42` of an episode."""
        return scene_label(self.number, self.episode)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedTake:
    """A take that settled, or could settle, what is owed."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A shot that a scene is owed, carried until it is shot or somebody drops it.

    Attributes:
        slate: the setup it is owed in, empty where it has none yet.
        day: since when.
        shot: the take that settled it.
        proposed: takes since then that look like it; only a person settles.
    """

    id: str
    kind: OwedKind
    text: str
    unit: str
    episode: str | None
    scene: str
    slate: str = ""
    day: int | None = None
    author: str = ""
    wall_ns: int = 0
    shot: OwedTake | None = None
    dropped: bool = False
    proposed: tuple[OwedTake, ...] = ()

    @property
    def open(self) -> bool:
        """Neither shot nor dropped."""
        return self.shot is None and not self.dropped

    @property
    def label(self) -> str:
        """The slate where it has one, else the scene."""
        return self.slate or scene_label(self.scene, self.episode)
