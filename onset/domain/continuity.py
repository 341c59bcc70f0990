"""How a character looks in a scene: one entry a scene; those of one story day, in script order, make a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onset.domain.still import Still

LOOKS = ("wardrobe", "hair_makeup", "props", "action", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuity:
    """What a character wears, carries and does in a scene.

    Attributes:
        id: None while nobody has written it: then it is only proposed.
        story_day: `D1`, `N2` …; empty where neither the scene nor a person says.
        carried: field to the scene that it was carried over from; a person who writes the entry takes it on.
    """

    id: str | None
    episode: str | None
    scene: str
    character: str
    story_day: str = ""
    wardrobe: str = ""
    hair_makeup: str = ""
    props: str = ""
    action: str = ""
    note: str = ""
    stills: tuple[Still, ...] = ()
    carried: Mapping[str, str] = field(default_factory=dict)

    @property
    def looks(self) -> dict[str, str]:
        """The five fields that a person fills in."""
        return {
            "wardrobe": self.wardrobe,
            "hair_makeup": self.hair_makeup,
            "props": self.props,
            "action": self.action,
            "note": self.note,
        }

    @property
    def carried_from(self) -> str | None:
        """The scene whose look this is, where it was carried over."""
        return next(iter(self.carried.values()), None)
