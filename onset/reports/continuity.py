"""The continuity report: how each character looks from scene to scene, with stills, as words ready to print.

`continuity_pages.py` makes one frozen `ContinuityReport` from the log; `html.py`, `pdf.py` and `text.py` only lay out
its sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from onset.reports.section import Column, Section, SectionPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class StillLine:
    """A still.

    Attributes:
        key: its id.
        of: the take or setup that it shows, a proposed one with a question mark; empty on a character's own row.
        taken: on the clock of the room; empty where nothing tells.
        picture: JPEG; None where pictures were not asked for, or it is `gone` or cannot be read.
    """

    key: str
    name: str
    of: str
    taken: str
    caption: str
    picture: bytes | None
    gone: bool = False

    @property
    def words(self) -> str:
        """What stands beside it."""
        said = " · ".join(filter(None, (self.caption, self.taken, self.name)))
        return f"{said} (the file is gone or cannot be read)" if self.gone else said


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLine:
    """How a character looks in a scene; `key` is the entry's id."""

    key: str
    character: str
    wardrobe: str
    hair_makeup: str
    props: str
    action: str
    note: str
    stills: tuple[StillLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneLooks:
    """A scene on a story day.

    Attributes:
        heading: `D1 · Scene 42 · INT. KITCHEN - NIGHT`.
        not_written: characters of the script of whom nothing is written.
        stills: of takes and setups of the scene.
    """

    heading: str
    scene: str
    not_written: tuple[str, ...]
    looks: tuple[LookLine, ...]
    stills: tuple[StillLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityReport(SectionPaper):
    """The whole report.

    Attributes:
        scope: what it is about, for its head; `place` the same for its file's name.
    """

    kind: ClassVar[str] = "Continuity report"
    mark: ClassVar[str] = "onset continuity report"
    name: ClassVar[str] = "continuity"
    legend: ClassVar[str] = "42C/3?: proposed for that take, nobody has confirmed it"
    wide: ClassVar[bool] = True

    scope: tuple[str, ...]
    place: tuple[str, ...]
    script_supervisor: str
    scenes: tuple[SceneLooks, ...]

    @property
    def covers(self) -> tuple[str, ...]:
        """Which scenes, and whose."""
        return self.scope

    @property
    def filed(self) -> tuple[str, ...]:
        """The same for the name of its file."""
        return self.place

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Company, director and script supervisor."""
        known = (("Company", self.company), ("Director", self.director), ("Script supervisor", self.script_supervisor))
        return tuple((what, name) for what, name in known if name)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in the order they are printed."""
        looks = [look for scene in self.scenes for look in scene.looks]
        return (
            ("Scenes", str(len({scene.scene for scene in self.scenes}))),
            ("Characters", str(len({look.character.casefold() for look in looks}))),
            ("Looks", str(len(looks))),
            ("Stills", str(self._stills)),
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        return {
            "scenes": len({scene.scene for scene in self.scenes}),
            "looks": sum(len(scene.looks) for scene in self.scenes),
            "stills": self._stills,
        }

    @property
    def _stills(self) -> int:
        own = {still.key for scene in self.scenes for look in scene.looks for still in look.stills}
        return len(own | {still.key for scene in self.scenes for still in scene.stills})

    @property
    def sections(self) -> tuple[Section, ...]:
        """Each scene: its characters, then the stills of its takes."""
        if not self.scenes:
            return (Section(heading="Continuity", columns=_LOOKS, rows=(), empty="Nothing was written."),)
        return tuple(section for scene in self.scenes for section in _scene_sections(scene))


_ROOM = (168.0, 118.0)  # points: three takes of a standing figure on a sheet
_LOOKS = (
    Column("", 0.23),
    Column("Character", 0.11),
    Column("Wardrobe", 0.16, long=True, lead="wardrobe: "),
    Column("Hair, make-up", 0.12, long=True, lead="hair, make-up: "),
    Column("Props", 0.11, long=True, lead="props: "),
    Column("Action", 0.12, long=True, lead="action: "),
    Column("Note", 0.15, long=True, lead="note: "),
)
_PLAIN = tuple(replace(column, share=column.share / (1 - _LOOKS[0].share)) for column in _LOOKS[1:])
_STILLS = (
    Column("", 0.23),
    Column("Take", 0.2),
    Column("Still", 0.57, long=True),
)


def _scene_sections(scene: SceneLooks) -> Iterator[Section]:
    rows = [row for look in scene.looks for row in _look_rows(look)]
    plain = not any(look.stills for look in scene.looks)  # no column for pictures that there are not
    yield Section(
        heading=scene.heading,
        columns=_PLAIN if plain else _LOOKS,
        rows=tuple(cells[1:] if plain else cells for _, cells, _ in rows),
        empty="Nothing was written of anybody in this scene.",
        bold=(0,) if plain else (1,),
        things=len(scene.looks),
        pictures=() if plain else tuple(picture for _, _, picture in rows),
        keys=tuple(key for key, _, _ in rows),
        about=((("Not written", ", ".join(scene.not_written)),),) if scene.not_written else (),
        room=_ROOM,
    )
    if scene.stills:
        yield Section(
            heading=f"{scene.scene}: stills of takes",
            columns=_STILLS,
            rows=tuple(((), (still.of,), (still.words,)) for still in scene.stills),
            empty="",
            bold=(1,),
            pictures=tuple(still.picture for still in scene.stills),
            keys=tuple(still.key for still in scene.stills),
            room=_ROOM,
        )


_Row = tuple[str, tuple[tuple[str, ...], ...], bytes | None]


def _look_rows(look: LookLine) -> Iterator[_Row]:
    """One, and one more for each further still."""
    first, *more = look.stills or (None,)
    said = (look.wardrobe, look.hair_makeup, look.props, look.action)
    notes = tuple(filter(None, (look.note, first.words if first else "")))
    yield (
        look.key,
        ((), (look.character,), *((text,) if text else () for text in said), notes),
        first.picture if first else None,
    )
    for still in more:
        if still is not None:
            yield (
                f"{look.key} {still.key}",
                ((), (look.character,), (), (), (), (), (still.words,)),
                still.picture,
            )
